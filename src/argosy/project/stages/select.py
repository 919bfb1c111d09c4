"""Stage *select*: which model to serve, decided on the validation rows by the non-inferiority rule."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from argosy.core.stage import Inputs, Stage, Tell
from argosy.data.clean import DEFAULT_STEPS
from argosy.evaluate.selection import choose
from argosy.infer.linear import LinearClassifier
from argosy.project import rows
from argosy.project.file import Project
from argosy.project.stages import baselines, quantise, split

CHOICE = "choice.json"
LINEAR = "linear"
TRANSFORMER = "transformer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The metric that decides, the loss of it that would not matter, and the seed of the bootstrap."""

    metric: str
    margin: float
    seed: int


def stage(project: Project) -> Stage[Params]:
    """The stage."""
    params = Params(metric=project.gate.metric, margin=project.gate.margin, seed=project.seed)
    return Stage(name="select", params=params, run=run, inputs=("split", "baselines", "quantise"), packages=("scipy", "numpy"))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Compare the linear model with the engine that would serve the Transformer, on the same rows."""
    labels = split.labels(inputs["split"])
    texts, columns = rows.as_arrays(split.load(inputs["split"])["validation"], labels)
    linear = LinearClassifier(inputs["baselines"] / baselines.LINEAR, text_steps=DEFAULT_STEPS)
    candidates = {
        LINEAR: linear.logits(texts).argmax(axis=1),
        TRANSFORMER: np.load(inputs["quantise"] / quantise.VALIDATION),
    }
    choice = choose(
        candidates, np.array(columns), len(labels), metric=params.metric, margin=params.margin, seed=params.seed
    )
    (out / CHOICE).write_text(json.dumps({**asdict(choice), "metric": params.metric}, indent=1), encoding="utf-8")


def served(folder: Path) -> str:
    """``linear`` or ``transformer``."""
    return str(json.loads((folder / CHOICE).read_text(encoding="utf-8"))["name"])
