"""Stage *report* of a monitor: the record of its sentiment model, with what is known of the rest."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.report.opinion_verdict import KIND
from argosy.stages import results
from argosy.stages.opinion import measure, parts, posts
from argosy.stages.site import Site

_OWN = frozenset({"argosy", "name", "task", "size", "languages", "seed", "machine", "data", "lineage"})
_TOPIC = ("metrics", "baselines", "slices", "choice", "versus_best_baseline")


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
    return Stage(name="report", params=params, run=run, inputs=("posts", "parts", "measure"), machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Gather the figures of the stages before."""
    sentiment = parts.record(inputs["parts"], parts.SENTIMENT)
    measured = {
        "kind": KIND,
        **{name: figure for name, figure in sentiment.items() if name not in _OWN},
        "opinion": {
            "posts": data_figures(dict(inputs)),
            "topic": _topic(inputs["parts"]),
            **measure.read(inputs["measure"]),
        },
    }
    results.write(out, params, inputs, sentiment["data"], measured)


def data_figures(inputs: dict[str, Path]) -> dict[str, Any]:
    """Posts read and kept, those refused by reason, their languages, stories, and how often each entity is named."""
    return posts.read(inputs["posts"])


def _topic(folder: Path) -> dict[str, Any] | None:
    """What was measured of the topic model; None where there is one topic."""
    if not (folder / parts.TOPIC).is_dir():
        return None
    record = parts.record(folder, parts.TOPIC)
    served = record["choice"]["served"]
    told = {name: record[name] for name in _TOPIC}
    return told | {
        "served": record["baselines"].get(served, record["metrics"]),
        "labels": sorted(record["data"]["labels"]),
    }
