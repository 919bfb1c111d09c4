"""Stage *adapt*: the base learns to fill gaps in the project's own texts, labelled or not, before it is tuned.

Domain-adaptive pre-training (Gururangan et al. 2020); whether it is kept is decided where models are trained.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.config.schema import Project, resolve
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.intervals import around
from argosy.evaluate.metrics import Form, Ratios
from argosy.evaluate.paired import difference
from argosy.infer.processor import multiplies_bf16
from argosy.stages import origin
from argosy.stages.classify import beside, suspects
from argosy.stages.data import split
from argosy.stages.site import Site
from argosy.train.recipe import Recipe

MODEL = "model"
FACTS = "adapted.json"
_LEARNING_RATE = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """How to learn, and whether to."""

    wanted: bool
    recipe: Recipe


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage; where nobody asks for it, it leaves no model."""
    settings = resolve(project)
    recipe = Recipe(
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        learning_rate=_LEARNING_RATE,
        max_length=settings.max_length,
        seed=project.seed,
        bf16=multiplies_bf16(),
        device=project.train.device,
        frozen_embeddings=True,
    )
    params = Params(wanted=project.train.adapt, recipe=recipe)
    packages = ("torch", "transformers", "tokenizers", "numpy")
    inputs = ("split", "suspects", "base", "beside")
    return Stage(name="adapt", params=params, run=run, inputs=inputs, packages=packages, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Learn from the training and the unlabelled texts; the validation texts say which evaluation is kept."""
    facts: dict[str, Any] = {}
    if params.wanted:
        from argosy.train.methods.adapt import adapt  # torch, which an install that only serves does not have

        labelled = [row.text for row in suspects.training(inputs["suspects"])]
        more = [row.text for row in beside.load(inputs["beside"], beside.UNLABELLED)]
        held = [row.text for row in split.load(inputs["split"])["validation"]]
        texts = list(dict.fromkeys([*labelled, *more]))
        told = adapt(inputs["base"] / origin.MODEL, texts, held, out / MODEL, params.recipe, tell)
        facts = {"texts": len(texts), "drawn": told["drawn"], "loss": _losses(told["held_out"], params.recipe.seed)}
    (out / FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")


def read(folder: Path) -> dict[str, Any] | None:
    """How many texts were learnt from, and the loss a word left out, in nats; None where nothing was adapted."""
    return dict(json.loads((folder / FACTS).read_text(encoding="utf-8"))) or None


def model(folder: Path) -> Path | None:
    """The adapted base, where there is one."""
    return folder / MODEL if (folder / MODEL).is_dir() else None


def _losses(held: Mapping[str, Sequence[float]], seed: int) -> dict[str, Any]:
    """The mean loss of held-out words before and after, with intervals, and the paired difference."""
    words = np.array(held["words"], dtype=np.float64)[:, None]
    before, after = (
        Ratios(over=np.array(held[when])[:, None], under=words, form=Form.POSITIVE) for when in ("before", "after")
    )
    return {
        "before": asdict(around(before, seed=seed)),
        "after": asdict(around(after, seed=seed)),
        "change": asdict(difference(after, before, seed=seed)),
    }
