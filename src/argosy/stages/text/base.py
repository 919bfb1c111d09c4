"""Stage *base* of a language model: a tokenizer learnt from the training texts, or a pretrained model as it is."""

import json
import shutil
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argosy.config.schema import Project
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.models.source import resolve
from argosy.stages import origin
from argosy.stages.data import split
from argosy.stages.site import Site

if TYPE_CHECKING:
    from argosy.models.scratch import Shape

SHAPE = "shape.json"  # only there when the model starts from nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The dial."""

    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pretrained:
    """The base's name and digest; ``cache`` is where converted bases are kept."""

    model: str
    digest: str
    folder: Path = field(metadata=UNKEYED)
    cache: Path = field(metadata=UNKEYED)


def stage(project: Project, site: Site) -> Stage[Any]:
    """The stage; a pretrained model is resolved (and converted, once) here, since its digest is a part of the key."""
    if project.from_scratch:
        packages = ("tokenizers",)
        return Stage(name="base", params=Params(size=project.size), run=run, inputs=("split",), packages=packages)
    model = project.base_model.model
    found = Pretrained(
        model=model, digest=resolve(model, site.folder, site.cache).digest, folder=site.folder, cache=site.cache
    )
    return Stage(name="base", params=found, run=run_pretrained)


def run_pretrained(params: Pretrained, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Copy the model as it is, since whatever it can write may be wanted, and store where it came from."""
    found = resolve(params.model, params.folder, params.cache)
    shutil.copytree(found.path, out / origin.MODEL)
    origin.write(out, found)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Learn the tokenizer from the training texts alone, and fix the shape that the dial and their size come to."""
    from argosy.models import scratch
    from argosy.models.byte_pairs import BytePairs

    texts = [example.text for example in split.load(inputs["split"])["train"]]
    corpus = sum(len(text.encode()) for text in texts)
    shape = scratch.fitted(params.size, corpus)
    tokenizer = BytePairs.train(texts, size=shape.vocabulary)
    tokenizer.save(out / origin.MODEL, context=shape.context)
    tokens = sum(map(len, tokenizer.encode(texts)))
    facts = {
        **asdict(shape),
        "pieces": tokenizer.size,
        "parameters": shape.parameters(tokenizer.size),
        "corpus_bytes": corpus,
        "tokens": tokens,
    }
    (out / SHAPE).write_text(json.dumps(facts, indent=1), encoding="utf-8")


def shape(folder: Path) -> "Shape | None":
    """The shape of a model that starts from nothing; None where it is pretrained."""
    from argosy.models.scratch import Shape

    known = facts(folder)
    return None if known is None else Shape(**{one.name: known[one.name] for one in fields(Shape)})


def facts(folder: Path) -> dict[str, Any] | None:
    """What ``run`` fixed, with the tokenizer's ``pieces`` and the corpus in bytes and tokens; None where pretrained."""
    path = folder / SHAPE
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None
