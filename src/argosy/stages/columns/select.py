"""Stage *select* of a project over columns: which rung to serve, on the validation rows; the simplest unless beaten.

The rule is that of ``argosy.evaluate.selection``. The margin of an error in the target's own unit is a share of the
error of always saying the mean.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.errors import DataError
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.doubts.calibration import fit_temperature
from argosy.evaluate.doubts.selective import threshold
from argosy.evaluate.metrics import Floats, Measured, Undefined
from argosy.evaluate.selection import choose_measured
from argosy.evaluate.tasks.measure import is_lower, measure, measured, plain
from argosy.infer.answers import softmax
from argosy.infer.engines.tabular import logs_of
from argosy.stages.columns import rungs, split
from argosy.stages.site import Site

CHOICE = "choice.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The metric that decides, the loss of it that would not matter, and the share of wrong answers that would not."""

    task: str
    text: bool
    metric: str
    margin: float
    error: float
    seed: int


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(
        task=project.task,
        text=project.data.text is not None,
        metric=project.metric,
        margin=project.gate.margin,
        error=project.gate.error,
        seed=project.seed,
    )
    return Stage(name="select", params=params, run=run, inputs=("split", "rungs"), packages=("numpy", "scipy"))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Hold each rung against the one served so far, simple to complex."""
    _, rows = split.load(inputs["split"], texts=params.text)
    fitted = rungs.facts(inputs["rungs"])["rungs"]
    truth = rows.truth.astype(int) if rows.labels else rows.truth
    said = rungs.answers(inputs["rungs"], fitted, rows)
    figures = {name: _figure(params, truth, answers, name) for name, answers in said.items()}
    lower = is_lower(params.task, params.metric)
    margin = params.margin * next(iter(figures.values())).value if lower else params.margin
    choice = choose_measured(figures, margin=margin, lower=lower, seed=params.seed)
    baselines = [name for name in figures if name in rungs.BASELINES]
    best = (min if lower else max)(baselines, key=lambda name: figures[name].value)
    sheets = measure(params.task, truth, said, best=best, seed=params.seed, more=[params.metric])
    told = {
        **asdict(choice),
        "served": choice.name,
        "engine": choice.name,
        "metric": params.metric,
        "lower": lower,
        "best_baseline": best,
        "validation": {name: plain(sheet).get(params.metric) for name, sheet in sheets.items()},
    }
    if rows.labels:
        told |= _certainty(said, truth, choice.name, params.error)
    (out / CHOICE).write_text(json.dumps(told, indent=1), encoding="utf-8")


def temperature(choice: Mapping[str, Any], rung: str) -> float:
    """What a rung's logits are divided by; 1 for a rung without a temperature."""
    found = choice.get("temperatures", {}).get(rung)
    return float(found["temperature"]) if found else 1.0


def choice(folder: Path) -> dict[str, Any]:
    """What ``run`` chose and why."""
    return dict(json.loads((folder / CHOICE).read_text(encoding="utf-8")))


def _figure(params: Params, truth: Any, answers: Any, rung: str) -> Measured:
    """The deciding metric of a rung; raises DataError where these rows cannot have it."""
    found = measured(params.task, truth, answers, rung=rung, more=[params.metric])[params.metric]
    if isinstance(found, Undefined):
        raise DataError(
            "The validation rows cannot be measured by {metric}: {reason}",
            mend="Add rows, or decide by another metric: [gate] metric.",
            metric=params.metric,
            reason=found.reason,
        )
    return found


def _certainty(said: Mapping[str, Floats], truth: Any, served: str, error: float) -> dict[str, Any]:
    """A temperature for each rung that looks at its columns, and the threshold of the one that serves."""
    logits = {name: logs_of(shares) for name, shares in said.items()}
    found = {name: asdict(fit_temperature(one, truth)) for name, one in logits.items() if name != rungs.MAJORITY}
    shares = softmax(logits[served], temperature({"temperatures": found}, served))
    return {"temperatures": found, "selective": asdict(threshold(shares, truth, error))}
