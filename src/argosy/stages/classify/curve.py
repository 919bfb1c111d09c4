"""Stage *curve*: what more rows would buy, told by the small linear model on the validation rows."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.curve import learning_curve
from argosy.evaluate.rivals.baselines import fit_linear
from argosy.stages.classify import suspects
from argosy.stages.data import rows, split
from argosy.stages.site import Site

FACTS = "curve.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The metric and the seed of the draws."""

    metric: str
    seed: int


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(metric=project.metric, seed=project.seed)
    packages = ("numpy", "scikit-learn", "scipy")
    return Stage(name="curve", params=params, run=run, inputs=("split", "suspects"), packages=packages)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Fit on growing draws of the training rows."""
    labels = split.labels(inputs["split"])
    texts, columns = rows.as_arrays(suspects.training(inputs["suspects"]), labels)
    held, truth = rows.as_arrays(split.load(inputs["split"])["validation"], labels)
    model = fit_linear(texts, np.array(columns), labels, seed=params.seed)
    train, validation = (texts, np.array(columns)), (held, np.array(truth))
    found = learning_curve(train, validation, labels, model, metric=params.metric, seed=params.seed)
    (out / FACTS).write_text(json.dumps(found.to_json(), indent=1), encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """The curve and what it promises."""
    return dict(json.loads((folder / FACTS).read_text(encoding="utf-8")))
