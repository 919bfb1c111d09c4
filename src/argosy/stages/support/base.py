"""Stage *base* of an assistant: the pretrained encoder, its vocabulary trimmed to the texts; nothing without one."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from argosy.compress.encoders import Origin, longest
from argosy.compress.trim import trim
from argosy.config.schema import Project
from argosy.core.knowledge import Entry
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.models.source import Base, Step, resolve
from argosy.stages import origin
from argosy.stages.site import Site
from argosy.stages.support import split
from argosy.stages.support.pairs import Prefixes, Question

TRAIN, VALIDATION = "train", "validation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The base's name and digest, both empty where the project names none; ``cache`` holds converted bases."""

    model: str
    digest: str
    languages: tuple[str, ...]
    trim: bool
    folder: Path = field(metadata=UNKEYED)
    cache: Path = field(metadata=UNKEYED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The base as later stages take it: its ``folder``, whence it is, and the tokens it was made to read."""

    folder: Path
    origin: Origin
    longest: int

    @property
    def prefixes(self) -> Prefixes:
        """What stands before texts."""
        return Prefixes(**{"query": "", "passage": "", **self.origin.prefixes})


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage; a base is resolved (and converted, once) here; one from scratch knows no language, so it is none."""
    wish = None if project.from_scratch else project.base
    params = Params(
        model=wish.model if wish else "",
        digest=resolve(wish.model, site.folder, site.cache).digest if wish else "",
        languages=tuple(project.languages),
        trim=bool(wish and wish.trim),
        folder=site.folder,
        cache=site.cache,
    )
    return Stage(name="base", params=params, run=run, inputs=("split",), packages=("tokenizers",))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Trim the base to what is learnt from (never to the other parts) and store where it came from."""
    if not params.model:
        return
    base = resolve(params.model, params.folder, params.cache)
    report = None
    if params.trim:
        learnt = [row.question for row in split.rows(inputs["split"], "train")]
        texts = [*learnt, *(text for entry in split.entries(inputs["split"]) for text in (*entry.keys, entry.text))]
        held_out = [row.question for row in split.rows(inputs["split"], "validation")]
        report = trim(base.path, out / origin.MODEL, texts=texts, languages=params.languages, held_out=held_out)
    else:
        shutil.copytree(base.path, out / origin.MODEL)
    origin.write_record(
        out, {**asdict(base), "trim": asdict(report) if report else None, "longest": longest(base.path)}
    )


def started(folder: Path) -> Started | None:
    """The base in the stage's folder; None where the project has none."""
    told = origin.read(folder)
    if told is None:
        return None
    steps = tuple(Step(**step) for step in told["origin"])
    kept = {name: told[name] for name in ("name", "licence", "non_commercial", "digest")}
    found = Base(**kept, path=folder / origin.MODEL, origin=steps)
    return Started(folder=found.path, origin=Origin.of(found), longest=int(told["longest"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What encoder and reranker learn from: ``parts`` are questions with the ids of their entries, by part.

    ``place`` keeps what a training that was stopped goes on from.
    """

    begun: Started
    entries: Sequence[Entry]
    parts: Mapping[str, Sequence[Question]]
    place: Path


def material(inputs: Inputs, place: Path) -> Material | None:
    """Of the artifacts *base* and *split*; None where the project has no base."""
    begun = started(inputs["base"])
    if begun is None:
        return None
    parts = {
        part: [(row.question, row.answer) for row in split.rows(inputs["split"], part)] for part in (TRAIN, VALIDATION)
    }
    return Material(begun=begun, entries=split.entries(inputs["split"]), parts=parts, place=place)


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """Inside, torch computes with so many threads; None leaves their number as it is."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
