"""Stage *intents*: which stored answer a question is about, and whether it is about any.

Beside the model stand those that were fitted without a group of answers each: what they make of its questions shows
what the assistant makes of questions that nothing here is about.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.stages.site import Site
from argosy.stages.support import split
from argosy.stages.support.intents import FEWEST, Intents, fit_intents, without
from argosy.stages.support.lines import Row
from argosy.stages.support.parts import Embed, open_encoder

FOLDER, FACTS = "intents", "facts.json"
GROUPS = 4
"""Of answers, each of which a model is fitted without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The seed of what is drawn."""

    seed: int


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    packages = ("numpy", "scipy", "scikit-learn", "skl2onnx", "onnxruntime")
    inputs = ("split", "encoder")
    return Stage(
        name="intents", params=Params(seed=project.seed), run=run, inputs=inputs, packages=packages, machine=True
    )


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Fit the model on the training questions, choose its parts by the validation ones, and leave groups out of it."""
    encoder = open_encoder(inputs["encoder"])
    learnt, held = split.rows(inputs["split"], "train"), split.rows(inputs["split"], "validation")
    found = _fitted(learnt, held, encoder.questions if encoder else None, params.seed)
    told: dict[str, Any] = {"intents": 0}
    if found is not None:
        found.write(out / FOLDER)
        told = {"intents": len(found.card.ids), "weight": found.card.weight, "accuracy": found.accuracy}
        for group in range(GROUPS):
            tell(0.5 + 0.5 * group / GROUPS, "")
            rest = without(found, {name for name in found.card.ids if group_of(name) == group}, seed=params.seed)
            if rest is not None:
                rest.write(out / _without(group))
    (out / FACTS).write_text(json.dumps(told, indent=1), encoding="utf-8")


def group_of(answer: str) -> int:
    """The group that an answer is taken out with."""
    return int(sha256(answer.encode()).hexdigest(), 16) % GROUPS


def folder(artifact: Path, group: int | None = None) -> Path | None:
    """The model's folder, or that of the one which never knew a ``group`` of answers; None where there is none."""
    found = artifact / (FOLDER if group is None else _without(group))
    return found if found.is_dir() else None


def _without(group: int) -> str:
    return f"without-{group}"


def _fitted(learnt: Sequence[Row], held: Sequence[Row], embed: Embed | None, seed: int) -> Intents | None:
    """The model for these rows; None where they are of too few answers to tell apart."""
    if len({row.answer for row in learnt}) < FEWEST:
        return None
    return fit_intents(
        [row.question for row in learnt],
        [row.answer for row in learnt],
        [row.question for row in held],
        [row.answer for row in held],
        embed=embed,
        seed=seed,
    )


def facts(artifact: Path) -> dict[str, Any]:
    """What ``run`` found."""
    return dict(json.loads((artifact / FACTS).read_text(encoding="utf-8")))
