"""Every task's metrics, measured for all rungs at once: each figure with its interval and its paired test."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from argosy.core.errors import DataError, ProjectError
from argosy.core.extension import blaming, find, named, owners
from argosy.evaluate.intervals import around
from argosy.evaluate.metrics import METRICS, Form, Measured, Metric, Ratios, Undefined, measure_by
from argosy.evaluate.paired import Difference, difference
from argosy.evaluate.paired import over_seeds as _over_seeds
from argosy.evaluate.power import detectable
from argosy.evaluate.tasks import labels as tasks_labels
from argosy.evaluate.tasks import ranking as tasks_ranking
from argosy.evaluate.tasks import spans as tasks_spans
from argosy.evaluate.tasks import text as tasks_text
from argosy.evaluate.tasks import values as tasks_values

ONE_UNIT = Undefined(reason="One unit alone does not tell how far its errors spread.")
Units = Any  # an array [units, …], or one item a unit: the task knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is measured: ``metrics`` by name of the truth and one model's answers, the one that decides first.

    ``units`` names what an interval counts as drawn at random; in the metrics of ``lower`` less is better. ``like`` is
    the built-in task whose columns of answers it reads from a file, where it is not one itself.
    """

    name: str
    units: str
    metrics: Callable[[Units, Units], dict[str, Measured | Undefined]]
    lower: frozenset[str] = frozenset()
    like: str = ""


TASKS: Mapping[str, Task] = MappingProxyType(
    {
        task.name: task
        for task in (
            Task(name="classify", units="rows", metrics=tasks_labels.classify),
            Task(name="multi_label", units="rows", metrics=tasks_labels.multi_label),
            Task(name="tagging", units="sentences", metrics=tasks_spans.tagging),
            Task(name="regress", units="rows", metrics=tasks_values.regress, lower=frozenset({"mae", "rmse"})),
            Task(name="similarity", units="pairs", metrics=tasks_values.similarity),
            Task(name="retrieval", units="queries", metrics=tasks_ranking.retrieval),
            Task(name="generation", units="answers", metrics=tasks_text.generation),
            Task(
                name="language_model",
                units="texts",
                metrics=tasks_text.language_model,
                lower=frozenset({"bits_per_byte"}),
            ),
        )
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Versus:
    """The paired difference to the best baseline: this figure less the baseline's, whatever way is better."""

    baseline: str
    difference: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure that is never naked; ``versus`` is None for the best baseline, and where it has no such figure."""

    value: float
    low: float
    high: float
    versus: Versus | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What was measured of one model: figures by metric, why others have none, and what these units could show.

    ``detectable`` is the smallest true difference to the best baseline that as many units show with 80 % power.
    """

    units: int
    figures: Mapping[str, Figure]
    undefined: Mapping[str, str]
    detectable: Mapping[str, float]


def task_of(name: str) -> Task:
    """The task of this name, built in or an open extension's; raises ProjectError where there is none."""
    task: Task = find("tasks", name, TASKS)
    return task


def added(task: str) -> dict[str, Metric]:
    """The metrics that open extensions add to a task."""
    return {
        name: metric
        for name, metric in named("metrics", METRICS).items()
        if metric.task == task and name not in METRICS
    }


def is_lower(task: str, metric: str) -> bool:
    """Whether less is better."""
    theirs = added(task)
    return theirs[metric].lower if metric in theirs else metric in task_of(task).lower


def measure(
    task: str, truth: Units, predicted: Mapping[str, Units], *, best: str, seed: int, more: Collection[str] = ()
) -> dict[str, Sheet]:
    """All metrics of all rungs by name; ``best`` is the best baseline, chosen before on the validation rows.

    What truth and answers look like is told by the task's function in TASKS; ``more`` names metrics that extensions add
    to it. Raises DataError where a rung has not one answer a unit, or one that is no number.
    """
    rungs = {name: measured(task, truth, answers, rung=name, more=more) for name, answers in predicted.items()}
    return {
        name: _sheet(rung, rungs[best], None if name == best else best, seed, len(truth))
        for name, rung in rungs.items()
    }


def measure_slices(
    task: str,
    truth: Units,
    predicted: Mapping[str, Units],
    masks: Mapping[str, np.ndarray],
    *,
    best: str,
    seed: int,
    more: Collection[str] = (),
) -> dict[str, dict[str, Sheet]]:
    """The same on the units of each mask [units] that has any."""
    return {
        name: measure(
            task,
            _take(truth, mask),
            {rung: _take(said, mask) for rung, said in predicted.items()},
            best=best,
            seed=seed,
            more=more,
        )
        for name, mask in masks.items()
        if mask.any()
    }


def best_rung(task: str, metric: str, truth: Units, predicted: Mapping[str, Units]) -> str:
    """The rung with the best figure, the first of equals: give it validation units, and rungs from simple to complex.

    Raises DataError where the metric is undefined for all of them.
    """
    found = {
        name: measured(task, truth, answers, rung=name, more=[metric])[metric] for name, answers in predicted.items()
    }
    values = {name: one.value for name, one in found.items() if not isinstance(one, Undefined)}
    if not values:
        raise DataError(
            "The metric {metric} cannot be measured: {reason}",
            mend="Choose another metric, or give more and more varied validation rows.",
            metric=metric,
            reason=next(one.reason for one in found.values() if isinstance(one, Undefined)),
        )
    sign = -1 if is_lower(task, metric) else 1
    return max(values, key=lambda name: sign * values[name])


def measured(
    task: str, truth: Units, answers: Units, *, rung: str, more: Collection[str] = ()
) -> dict[str, Measured | Undefined]:
    """The metrics of one rung, before intervals; ``more`` as in ``measure``."""
    if not len(truth) or len(answers) != len(truth):
        raise DataError(
            "Expected an answer of {rung} for each of {expected} {units}, found {found}.",
            mend="Measure on at least one unit, and on the same ones for all models.",
            rung=rung,
            expected=len(truth),
            units=task_of(task).units,
            found=len(answers),
        )
    for column in (truth, answers):
        if isinstance(column, np.ndarray) and column.dtype.kind == "f" and not np.isfinite(column).all():
            raise DataError(
                "The figures of {rung} hold {count} values that are no number (NaN or infinite).",
                mend="Look for empty or broken target values, or a training that diverged.",
                rung=rung,
                count=int(np.sum(~np.isfinite(column))),
            )
    with blaming(task):
        found = task_of(task).metrics(truth, answers)
    for name, metric in added(task).items():
        if name in found:
            raise _given_twice(name, task)
        if name in more:
            found[name] = measure_by(name, metric, truth, answers)
    return found if len(truth) > 1 else {name: _of_one_unit(metric) for name, metric in found.items()}


def over_seeds(
    task: str, metric: str, truth: Units, method: Sequence[Units], other: Sequence[Units]
) -> Difference | Undefined:
    """One method less another by answers of at least three trainings of each on the same units."""
    sides: list[list[Measured]] = [[], []]
    for side, answers in zip(sides, (method, other), strict=True):
        for number, said in enumerate(answers, start=1):
            found = measured(task, truth, said, rung=str(number), more=[metric])[metric]
            if isinstance(found, Undefined):
                return found
            side.append(found)
    return _over_seeds(*sides)


def plain(sheet: Sheet) -> dict[str, dict[str, Any]]:
    """The figures as JSON by metric: {value, low, high, versus: {baseline, difference, low, high, p} | null}."""
    return {name: asdict(figure) for name, figure in sheet.figures.items()}


def _sheet(
    rung: Mapping[str, Measured | Undefined],
    base: Mapping[str, Measured | Undefined],
    best: str | None,
    seed: int,
    units: int,
) -> Sheet:
    figures: dict[str, Figure] = {}
    smallest: dict[str, float] = {}
    for name, found in rung.items():
        other = base[name]
        if isinstance(found, Undefined):
            continue
        ends, versus = around(found, seed=seed), None
        if best is not None and not isinstance(other, Undefined):
            versus = Versus(baseline=best, **asdict(difference(found, other, seed=seed)))
            least = detectable(found, other)
            smallest |= {} if least is None else {name: least}
        figures[name] = Figure(value=ends.value, low=ends.low, high=ends.high, versus=versus)
    reasons = {name: found.reason for name, found in rung.items() if isinstance(found, Undefined)}
    return Sheet(units=units, figures=figures, undefined=reasons, detectable=smallest)


def _given_twice(name: str, task: str) -> ProjectError:
    return ProjectError(
        "The task {task!r} has a metric {name!r} already, and the extension {module!r} gives it another.",
        where="extensions",
        mend="Rename the extension's.",
        task=task,
        name=name,
        module=", ".join(owners([name])),
    )


def _of_one_unit(found: Measured | Undefined) -> Measured | Undefined:
    """One unit bounds a share, but tells nothing of how far errors spread."""
    return ONE_UNIT if isinstance(found, Ratios) and found.form is not Form.SHARE else found


def _take(column: Units, mask: np.ndarray) -> Units:
    """The units of a mask, of an array or of a sequence."""
    return column[mask] if isinstance(column, np.ndarray) else [column[int(i)] for i in np.flatnonzero(mask)]
