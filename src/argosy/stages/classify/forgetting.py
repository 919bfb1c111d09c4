"""Stage *forgetting*: of a model that learnt on, what it still knows of what it knew, on old rows kept apart."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.config.schema import Project, resolve
from argosy.core.records import Example
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.doubts.forgetting import Learnt, forgetting
from argosy.evaluate.metrics import Floats
from argosy.infer.answers import softmax
from argosy.infer.engines.onnx import open_onnx
from argosy.infer.load import FP32
from argosy.infer.tokens import Tokenizer
from argosy.stages import origin
from argosy.stages.classify import beside
from argosy.stages.data import rows, split
from argosy.stages.site import Site
from argosy.stages.smaller import pick

FACTS = "forgetting.json"
Side = tuple[Path, Path | None]  # a checkpoint, and its graph where torch cannot load it


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Whether the base is a model that learnt on, the metric, the tokens read of a text, the seed of the bootstrap."""

    wanted: bool
    metric: str
    max_length: int
    seed: int


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage; it waits for the test of the new rows, since these are looked at here too."""
    params = Params(
        wanted=project.continual is not None,
        metric=project.metric,
        max_length=resolve(project).max_length,
        seed=project.seed,
    )
    inputs = ("split", "base", "beside", "pick", "evaluate")
    packages = ("torch", "transformers", "numpy", "scipy")
    return Stage(name="forgetting", params=params, run=run, inputs=inputs, packages=packages, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Ask the base and the served model about the old rows that were held out, and about the new test rows."""
    facts: dict[str, Any] | None = None
    if params.wanted:
        labels = split.labels(inputs["split"])
        chosen = pick.chosen(inputs["pick"])
        graph = None if chosen.torch else inputs["pick"] / pick.GRAPH  # what torch does not know is asked by its graph
        sides = ((inputs["base"] / origin.MODEL, None), (inputs["pick"] / pick.CHECKPOINT, graph))
        held = (beside.load(inputs["beside"], beside.OLD_TEST), split.load_test(inputs["split"]))
        old, new = (_learnt(part, sides, labels, params.max_length) for part in held)
        facts = forgetting({"old": old}, new, metric=params.metric, seed=params.seed).to_json()
    (out / FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")


def read(folder: Path) -> dict[str, Any] | None:
    """What was forgotten and gained; None where nothing was learnt on."""
    found = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    return None if found is None else dict(found)


def _learnt(held: Sequence[Example], sides: Sequence[Side], labels: Sequence[str], max_length: int) -> Learnt:
    texts, columns = rows.as_arrays(held, labels)
    answers = [_answers(side, texts, labels, max_length) for side in sides]
    return Learnt(task="classify", truth=np.array(columns), stages=answers)


def _answers(side: Side, texts: Sequence[str], labels: Sequence[str], max_length: int) -> Floats:
    """Probabilities [texts, labels]; a label that the model does not know has none."""
    from argosy.infer.engines.torch_engine import open_torch

    folder, graph = side
    named = json.loads((folder / "config.json").read_text(encoding="utf-8"))["id2label"]
    own = [named[number] for number in sorted(named, key=int)]
    tokenizer = Tokenizer.load(folder, max_length=max_length)
    engine = (
        open_torch(folder, tokenizer=tokenizer, labels=own, text_steps=())
        if graph is None
        else open_onnx(graph, name=FP32, tokenizer=tokenizer, labels=own, text_steps=())
    )
    shares = softmax(engine.logits(texts))
    found = np.zeros((len(texts), len(labels)))
    for column, label in enumerate(own):
        if label in labels:
            found[:, labels.index(label)] = shares[:, column]
    return found
