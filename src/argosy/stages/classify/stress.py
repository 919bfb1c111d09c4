"""Stage *stress*: what typos, other scripts, an adversary and other people's names do to the served model's answers."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.data.perturb import PERTURBATIONS
from argosy.evaluate.doubts import bias, robustness
from argosy.evaluate.doubts.adversarial import attack
from argosy.infer.folder import describe
from argosy.infer.load import load
from argosy.stages.data import rows, split
from argosy.stages.site import Site

FACTS = "stress.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The metric, and the seed of what is altered."""

    metric: str
    seed: int


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage; it comes after *evaluate*, since it asks about test rows."""
    params = Params(metric=project.metric, seed=project.seed)
    packages = ("numpy", "scipy", "pypinyin", "opencc")
    inputs = ("split", "pack", "evaluate")
    return Stage(name="stress", params=params, run=run, inputs=inputs, packages=packages, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Alter test rows, swap who they speak of, and search for small changes that turn an answer."""
    labels = split.labels(inputs["split"])
    examples = split.load_test(inputs["split"])
    texts, columns = rows.as_arrays(examples, labels)
    truth = np.array(columns)
    engine = load(inputs["pack"])
    warmth = describe(inputs["pack"]).calibrations[engine.name].temperature
    languages = [str(example.meta["language"]) for example in examples]
    asked = robustness.Rows(texts=texts, truth=truth, languages=languages, labels=labels)
    trial = robustness.Trial(metric=params.metric, seed=params.seed)
    spoilt = robustness.measure(engine.logits, asked, PERTURBATIONS, trial)
    tell(0.5, "adversarial")
    attacked = attack(engine.logits, texts, truth, labels, seed=params.seed)
    tell(0.8, "bias")
    groups = bias.measure(engine.logits, texts, labels, temperature=warmth, seed=params.seed)
    facts = {
        "robustness": spoilt.to_json(),
        "adversarial": attacked.to_json(),
        "bias": [group.to_json() for group in groups],
    }
    (out / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """``robustness``, ``adversarial`` and ``bias``."""
    return dict(json.loads((folder / FACTS).read_text(encoding="utf-8")))
