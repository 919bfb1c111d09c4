"""Stage *base* of a recommender: the pretrained encoder, its vocabulary trimmed to the items; nothing without one."""

import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path

from argosy.compress.encoders import longest
from argosy.compress.trim import trim
from argosy.config.schema import Project
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.models.source import resolve
from argosy.stages import origin
from argosy.stages.recommend import events
from argosy.stages.site import Site

_HELD_OUT = 5  # one item in so many says how much of other items' words the trimmed vocabulary misses


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The base's name and digest, both empty where the project names none; ``cache`` holds converted bases."""

    model: str
    digest: str
    languages: tuple[str, ...]
    trim: bool
    folder: Path = field(metadata=UNKEYED)
    cache: Path = field(metadata=UNKEYED)


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
    return Stage(name="base", params=params, run=run, inputs=("events",), packages=("tokenizers",))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Trim the base to the words of the items, and store where it came from."""
    if not params.model:
        return
    base = resolve(params.model, params.folder, params.cache)
    report = None
    if params.trim:
        words = [item.words for item in events.items(inputs["events"])]
        held_out = words[::_HELD_OUT]
        report = trim(base.path, out / origin.MODEL, texts=words, languages=params.languages, held_out=held_out)
    else:
        shutil.copytree(base.path, out / origin.MODEL)
    origin.write_record(
        out, {**asdict(base), "trim": asdict(report) if report else None, "longest": longest(base.path)}
    )
