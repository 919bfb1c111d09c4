"""Stage *calibrate*: what a probability is worth, and from where on an answer is certain, fitted on validation."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.doubts.calibration import fit_temperature
from argosy.evaluate.doubts.selective import threshold
from argosy.infer.answers import softmax
from argosy.infer.engines.linear import LinearClassifier
from argosy.infer.load import LINEAR
from argosy.stages.classify import baselines, quantise, select
from argosy.stages.data import rows, split
from argosy.stages.site import Site
from argosy.stages.smaller import pick
from argosy.stages.smaller.students import TUNED

FACTS = "calibration.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The share of wrong answers that is accepted among the certain ones."""

    error: float


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    inputs = ("split", "baselines", "quantise", "pick", "select")
    params = Params(error=project.gate.error)
    return Stage(name="calibrate", params=params, run=run, inputs=inputs, packages=("numpy", "scipy"), machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """A temperature for each model, and the threshold of the one that serves."""
    labels = split.labels(inputs["split"])
    texts, columns = rows.as_arrays(split.load(inputs["split"])["validation"], labels)
    truth = np.array(columns)
    linear = LinearClassifier(inputs["baselines"] / baselines.GRAPH, text_steps=())
    scores = {
        LINEAR: linear.logits(texts),
        select.TRANSFORMER: np.load(inputs["pick"] / pick.VALIDATION),
        TUNED: np.load(inputs["quantise"] / quantise.VALIDATION),
    }
    fitted = {name: fit_temperature(logits, truth) for name, logits in scores.items()}
    served = select.served(inputs["select"])
    shares = softmax(scores[served], fitted[served].temperature)
    facts = {
        "temperatures": {name: asdict(one) for name, one in fitted.items()},
        "selective": asdict(threshold(shares, truth, params.error)),
    }
    (out / FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """``temperatures`` by model (``transformer`` is the one that is picked), and the threshold as ``selective``."""
    return dict(json.loads((folder / FACTS).read_text(encoding="utf-8")))


def temperature(folder: Path, engine: str) -> float:
    """The temperature of an engine, or of the tuned model: the engines of a Transformer agree, so they share one."""
    model = engine if engine in (LINEAR, TUNED) else select.TRANSFORMER
    return float(read(folder)["temperatures"][model]["temperature"])
