"""Stage *report*: one record of everything that was measured, behind the table, the page, ``--json`` and the card."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.config.schema import Project, Settings, resolve
from argosy.core.stage import Inputs, Stage, Tell
from argosy.infer.folder import told
from argosy.stages import origin, results
from argosy.stages.classify import (
    adapt,
    augment,
    beside,
    curve,
    evaluate,
    explain,
    forgetting,
    parity,
    quantise,
    select,
    stress,
    suspects,
    train,
)
from argosy.stages.data.figures import of_rows
from argosy.stages.site import Site
from argosy.stages.smaller import pick


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What of the project the record repeats; ``settings`` are the resolved ones."""

    name: str
    task: str
    size: str
    languages: tuple[str, ...]
    seed: int
    licence: str | None
    settings: dict[str, Any]


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    settings: Settings = resolve(project)
    params = Params(
        name=project.name,
        task=project.task,
        size=project.size,
        languages=tuple(project.languages),
        seed=project.seed,
        licence=project.data.licence,
        settings=settings.model_dump(),
    )
    inputs = (
        *("read", "clean", "dedupe", "split", "suspects", "beside", "base", "adapt", "augment", "train", "quantise"),
        *("pick", "select", "pack", "parity", "evaluate", "forgetting", "stress", "explain", "curve"),
    )
    return Stage(name="report", params=params, run=run, inputs=inputs, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Gather the figures of the stages before."""
    figures = _json(inputs["evaluate"] / evaluate.FIGURES)
    compression = _json(inputs["quantise"] / quantise.TABLE)
    served = told(inputs["pack"])["served"]
    parities = _json(inputs["parity"] / parity.FACTS)
    measured = {
        "beside": beside.read(inputs["beside"]),
        "suspects": suspects.read(inputs["suspects"]),
        "augmentation": augment.read(inputs["augment"]),
        "base": origin.read(inputs["base"]),
        "training": _json(inputs["train"] / train.OUTCOME),
        "choice": _choice(_json(inputs["select"] / select.CHOICE), served)
        | {"model": pick.chosen(inputs["pick"]).model},
        **figures,
        "adaptation": adapt.read(inputs["adapt"]),
        "forgetting": forgetting.read(inputs["forgetting"]),
        **stress.read(inputs["stress"]),
        "explanations": explain.read(inputs["explain"]),
        "curve": curve.read(inputs["curve"]),
        "engines": parities.pop("engines"),
        "candidates": compression["candidates"],
        "frontier": pick.read(inputs["pick"]),
        "parity": parities,
    }
    results.write(out, params, inputs, of_rows(inputs), measured)


def _choice(choice: dict[str, Any], served: str) -> dict[str, Any]:
    return {
        "served": choice["name"],
        "engine": served,
        "reason": choice["reason"],
        "margin": choice["margin"],
        "metric": choice["metric"],
        "difference": choice["difference"],
        "best_baseline": choice["best_baseline"],
        "validation": choice["validation"],
    }


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
