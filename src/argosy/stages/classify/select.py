"""Stage *select*: which model to serve, decided on the validation rows by the non-inferiority rule."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.selection import choose
from argosy.evaluate.tasks.measure import best_rung, measure, plain
from argosy.infer.engines.linear import LinearClassifier
from argosy.infer.load import LINEAR
from argosy.stages.classify import baselines, frozen
from argosy.stages.data import rows, split
from argosy.stages.site import Site
from argosy.stages.smaller import pick

CHOICE = "choice.json"
MAJORITY = "majority"
FROZEN = "frozen"
TRANSFORMER = "transformer"
TARGET = "target"  # the reason where [target] decides
BASELINES = (MAJORITY, LINEAR, FROZEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The metric that decides, the loss of it that would not matter, and the seed of the bootstrap."""

    metric: str
    margin: float
    seed: int


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(metric=project.metric, margin=project.gate.margin, seed=project.seed)
    inputs = ("split", "baselines", "frozen", "pick")
    return Stage(name="select", params=params, run=run, inputs=inputs, packages=("scipy", "numpy"))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Compare the small model with the engine that would serve the Transformer, on the same rows."""
    labels = split.labels(inputs["split"])
    texts, columns = rows.as_arrays(split.load(inputs["split"])["validation"], labels)
    truth = np.array(columns)
    linear = LinearClassifier(inputs["baselines"] / baselines.GRAPH, text_steps=())
    scores = {
        MAJORITY: baselines.majority_scores(inputs["baselines"], len(texts)),
        LINEAR: linear.logits(texts),
        FROZEN: np.load(inputs["frozen"] / frozen.VALIDATION),
        TRANSFORMER: np.load(inputs["pick"] / pick.VALIDATION),
    }
    said = {name: scores[name].argmax(axis=1) for name in (LINEAR, TRANSFORMER)}
    choice = choose(said, truth, len(labels), metric=params.metric, margin=params.margin, seed=params.seed)
    best = best_rung("classify", params.metric, truth, {name: scores[name] for name in BASELINES})
    sheets = measure("classify", truth, scores, best=best, seed=params.seed, more=[params.metric])
    facts = {
        **asdict(choice),
        **_asked(pick.chosen(inputs["pick"]).linear, choice.name),
        "metric": params.metric,
        "best_baseline": best,
        "validation": {name: plain(sheet) for name, sheet in sheets.items()},
    }
    (out / CHOICE).write_text(json.dumps(facts, indent=1), encoding="utf-8")


def _asked(linear: str, name: str) -> dict[str, str]:
    """What the target decides instead of the rule: it picked the linear model, or that one misses it."""
    if linear == "picked":
        return {"name": LINEAR, "reason": TARGET}
    return {"name": TRANSFORMER, "reason": TARGET} if linear == "out" and name == LINEAR else {}


def served(folder: Path) -> str:
    """``linear`` or ``transformer``."""
    return str(_read(folder)["name"])


def best_baseline(folder: Path) -> str:
    """The baseline with the best figure on the validation rows."""
    return str(_read(folder)["best_baseline"])


def _read(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / CHOICE).read_text(encoding="utf-8")))
