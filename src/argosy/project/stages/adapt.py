"""Stage *adapt*: the base learns to fill gaps in the project's own texts, labelled or not, before it is tuned.

Domain-adaptive pre-training (Gururangan et al. 2020); whether it is kept is decided where models are trained.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.core.stage import Inputs, Stage, Tell
from argosy.project.plan import instruction_set
from argosy.project.schema import Project, resolve
from argosy.project.stages import base, beside, split, suspects
from argosy.train.recipe import Recipe

MODEL = "model"
FACTS = "adapted.json"
_LEARNING_RATE = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """How to learn, and whether to."""

    wanted: bool
    recipe: Recipe


def stage(project: Project) -> Stage[Params]:
    """The stage; where nobody asks for it, it leaves no model."""
    settings = resolve(project)
    recipe = Recipe(
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        learning_rate=_LEARNING_RATE,
        max_length=settings.max_length,
        seed=project.seed,
        bf16="avx512_bf16" in instruction_set() or "amx_bf16" in instruction_set(),
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
        from argosy.train.adapt import adapt  # torch, which an install that only serves does not have

        labelled = [row.text for row in suspects.training(inputs["suspects"])]
        more = [row.text for row in beside.load(inputs["beside"], beside.UNLABELLED)]
        held = [row.text for row in split.load(inputs["split"])["validation"]]
        texts = list(dict.fromkeys([*labelled, *more]))
        facts = adapt(inputs["base"] / base.MODEL, texts, held, out / MODEL, params.recipe, tell)
    (out / FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")


def model(folder: Path) -> Path | None:
    """The adapted base, where there is one."""
    return folder / MODEL if (folder / MODEL).is_dir() else None
