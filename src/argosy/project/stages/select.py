"""Stage *select*: which model to serve, decided on the validation rows by the non-inferiority rule."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.core.stage import Inputs, Stage, Tell
from argosy.data.clean import DEFAULT_STEPS
from argosy.evaluate.ladder import best_rung, measure
from argosy.evaluate.selection import choose
from argosy.infer.linear import LinearClassifier
from argosy.infer.load import LINEAR
from argosy.project import rows
from argosy.project.file import Project
from argosy.project.stages import baselines, quantise, split

CHOICE = "choice.json"
MAJORITY = "majority"
TRANSFORMER = "transformer"
BASELINES = (MAJORITY, LINEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The metric that decides, the loss of it that would not matter, and the seed of the bootstrap."""

    metric: str
    margin: float
    seed: int


def stage(project: Project) -> Stage[Params]:
    """The stage."""
    params = Params(metric=project.metric, margin=project.gate.margin, seed=project.seed)
    return Stage(
        name="select", params=params, run=run, inputs=("split", "baselines", "quantise"), packages=("scipy", "numpy")
    )


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Compare the best baseline with the engine that would serve the Transformer, on the same rows."""
    labels = split.labels(inputs["split"])
    texts, columns = rows.as_arrays(split.load(inputs["split"])["validation"], labels)
    linear = LinearClassifier(inputs["baselines"] / baselines.GRAPH, text_steps=DEFAULT_STEPS)
    truth, classes = np.array(columns), len(labels)
    commonest = labels.index(baselines.majority_label(inputs["baselines"]))
    candidates = {
        LINEAR: linear.logits(texts).argmax(axis=1),
        TRANSFORMER: np.load(inputs["quantise"] / quantise.VALIDATION).argmax(axis=1),
    }
    said = {MAJORITY: np.full(len(texts), commonest), LINEAR: candidates[LINEAR]}
    figures = {rung: measure(truth, predicted, classes, seed=params.seed) for rung, predicted in said.items()}
    choice = choose(candidates, truth, classes, metric=params.metric, margin=params.margin, seed=params.seed)
    facts = {**asdict(choice), "metric": params.metric, "best_baseline": best_rung(figures, params.metric)}
    (out / CHOICE).write_text(json.dumps(facts, indent=1), encoding="utf-8")


def served(folder: Path) -> str:
    """``linear`` or ``transformer``."""
    return str(_read(folder)["name"])


def best_baseline(folder: Path) -> str:
    """The baseline with the best figure on the validation rows."""
    return str(_read(folder)["best_baseline"])


def _read(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / CHOICE).read_text(encoding="utf-8")))
