"""Stage *baselines*: the models that the large one has to beat, fitted on the training rows alone."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.baselines import export_linear, fit_linear, majority
from argosy.project import rows
from argosy.project.file import Project
from argosy.project.stages import split

GRAPH = "linear.onnx"
FACTS = "baselines.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The seed of the cross-validation's folds."""

    seed: int


def stage(project: Project) -> Stage[Params]:
    """The stage."""
    packages = ("numpy", "scikit-learn", "skl2onnx", "onnx")
    return Stage(name="baselines", params=Params(seed=project.seed), run=run, inputs=("split",), packages=packages)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """The most frequent label, and TF-IDF of character n-grams with logistic regression, exported to ONNX."""
    labels = split.labels(inputs["split"])
    texts, columns = rows.as_arrays(split.load(inputs["split"])["train"], labels)
    truth = np.array(columns)
    linear = fit_linear(texts, truth, labels, seed=params.seed)
    export_linear(linear, out / GRAPH)
    facts = {
        "majority": labels[majority(truth, len(labels))],
        "linear": {
            "longest": linear.longest,
            "strength": linear.strength,
            "trials": [asdict(trial) for trial in linear.trials],
        },
    }
    (out / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def majority_label(folder: Path) -> str:
    """The most frequent label of the training rows."""
    return str(json.loads((folder / FACTS).read_text(encoding="utf-8"))["majority"])
