"""Stage *report* of a recommender: one record of everything that was measured, shaped as every project's."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.report.recommend_verdict import KIND
from argosy.stages import origin, results
from argosy.stages.recommend import events, measure
from argosy.stages.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What of the project the record repeats."""

    name: str
    task: str
    size: str
    languages: tuple[str, ...]
    seed: int
    licence: str | None


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(
        name=project.name,
        task=project.task,
        size=project.size,
        languages=tuple(project.languages),
        seed=project.seed,
        licence=project.data.licence,
    )
    inputs = ("events", "base", "tune", "interest", "rank", "measure")
    return Stage(name="report", params=params, run=run, inputs=inputs, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Gather the figures of the stages before."""
    began = origin.read(inputs["base"])
    measured = {"kind": KIND, **({"base": began} if began else {}), **measure.figures(inputs["measure"])}
    results.write(out, params, inputs, data_figures(dict(inputs)), measured)


def data_figures(inputs: dict[str, Path]) -> dict[str, Any]:
    """Events read and kept, those left out by reason, users and items, and how they were shared out."""
    return events.facts(inputs["events"])
