"""What metrics and tasks must keep to: order and chance decide nothing, faults cost, intervals hold the truth."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from argosy.core.errors import ProjectError
from argosy.evaluate.intervals import around
from argosy.evaluate.metrics import METRICS, Form, Measured, Metric, Ratios, Undefined
from argosy.evaluate.tasks.measure import TASKS, Task
from argosy.project.conformance.problem import Check
from argosy.project.conformance.units import UNITS, Units

_UNITS = 120  # of a sample
_WORLD = 4_000  # units that samples are drawn from
_SAMPLES = 60
_COVERED = 0.8  # of them at least hold the world's figure: 95 % less what so few samples may miss
_CLOSE = 1e-9
Of = Callable[[Any, Any], Measured | Undefined]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One figure to be looked at: of which units, and whether less is better."""

    name: str
    of: Of
    make: Callable[[int, np.random.Generator], Units]
    lower: bool

    def units(self, count: int = _UNITS) -> Units:
        return self.make(count, np.random.default_rng(7))

    def value(self, truth: Any, answers: Any) -> float:
        found = self.of(truth, answers)
        return math.nan if isinstance(found, Undefined) else float(found.value)


def check_task_of(name: str, metric: Metric) -> Iterator[ProjectError]:
    """A metric belongs to a task whose answers are known, and is new there; one of labels is told as a share."""
    if metric.task not in UNITS:
        yield ProjectError(
            "The metric {name!r} is for the task {task!r}, which is none of these: {known}.",
            mend="Name one of them.",
            name=name,
            task=metric.task,
            known=", ".join(UNITS),
        )
        return
    units = _asked(name, metric).units()
    if metric is not METRICS.get(name) and name in TASKS[metric.task].metrics(units.truth, units.noisy):
        yield ProjectError(
            "The task {task!r} has a metric {name!r} already.", mend="Rename this one.", task=metric.task, name=name
        )
        return
    found = metric.of(units.truth, units.noisy)
    if not isinstance(found, Measured):
        yield ProjectError(
            "The metric {name!r} gives {found} on ordinary units.",
            mend="Give Ratios (the mean of one value a unit: metrics.mean) or Ranked.",
            name=name,
            found=type(found).__name__,
        )
    elif metric.task == "classify" and (metric.lower or not isinstance(found, Ratios) or not _is_share(found)):
        yield ProjectError(
            "The metric {name!r} is of labels, and no share in which more is better.",
            mend="Give Ratios between 0 and 1; where less is better, take it from 1 (Form.COMPLEMENT).",
            name=name,
        )


def check_labels_alone(name: str, metric: Metric) -> Iterator[ProjectError]:
    """Of a row's scores the highest alone counts, since gates ask for labels."""
    if metric.task != "classify":
        return
    asked = _asked(name, metric)
    units = asked.units()
    marks = np.eye(units.noisy.shape[1])[units.noisy.argmax(axis=1)]
    if abs(asked.value(units.truth, marks) - asked.value(units.truth, units.noisy)) > _CLOSE:
        yield ProjectError(
            "The metric {name!r} is another when only labels are known.",
            mend="Count scores.argmax(axis=1) alone, since smaller engines are judged by their labels.",
            name=name,
        )


def check_metric(name: str, metric: Metric) -> Iterator[ProjectError]:
    """The same twice and in any order; the best without a fault; inside its interval."""
    if metric.task in UNITS:
        yield from _sound(_asked(name, metric))


def check_coverage(name: str, metric: Metric) -> Iterator[ProjectError]:
    """Of samples from one world, nearly all have an interval that holds the world's figure."""
    if metric.task not in UNITS:
        return
    asked = _asked(name, metric)
    world = asked.units(_WORLD)
    figure, rng = asked.value(world.truth, world.noisy), np.random.default_rng(8)
    held = 0
    for seed in range(_SAMPLES):
        drawn = world.pick(rng.integers(0, _WORLD, size=_UNITS).tolist())
        found = metric.of(drawn.truth, drawn.noisy)
        ends = None if isinstance(found, Undefined) else around(found, seed=seed)
        held += ends is not None and ends.low <= figure <= ends.high
    if held < _COVERED * _SAMPLES:
        yield ProjectError(
            "The interval of {name!r} holds the true figure in {held} of {samples} samples.",
            mend="Give each unit its own part of the sums (Ratios), or its true influence (Ranked).",
            name=name,
            held=held,
            samples=_SAMPLES,
        )


def check_reader(name: str, task: Task) -> Iterator[ProjectError]:
    """A task says whose columns of answers it reads, unless it is built in; what is lower is among its metrics."""
    like = task.like or name
    if like not in UNITS or (like == name and name not in TASKS):
        yield ProjectError(
            "The task {name!r} does not say whose columns of answers it reads.",
            mend="Give its Task `like`, one of: {known}.",
            name=name,
            known=", ".join(UNITS),
        )
        return
    units = UNITS[like](_UNITS, np.random.default_rng(7))
    found = task.metrics(units.truth, units.noisy)
    if not found or not task.units or task.lower - found.keys():
        yield ProjectError(
            "The task {name!r} has the metrics {metrics}, is lower in {lower}, and counts {units!r}.",
            mend="Name its units, and let `lower` be some of its metrics.",
            name=name,
            metrics=", ".join(found) or "-",
            lower=", ".join(sorted(task.lower)) or "-",
            units=task.units,
        )


def check_metrics_of(name: str, task: Task) -> Iterator[ProjectError]:
    """Each of its metrics is sound."""
    like = task.like or name
    if like not in UNITS:
        return
    units = UNITS[like](_UNITS, np.random.default_rng(7))
    for metric in task.metrics(units.truth, units.noisy):
        yield from _sound(_Asked(name=metric, of=_one(task, metric), make=UNITS[like], lower=metric in task.lower))


def _one(task: Task, metric: str) -> Of:
    return lambda truth, answers: task.metrics(truth, answers)[metric]


def _asked(name: str, metric: Metric) -> _Asked:
    return _Asked(name=name, of=metric.of, make=UNITS[metric.task], lower=metric.lower)


def _is_share(found: Ratios) -> bool:
    return found.form in (Form.SHARE, Form.COMPLEMENT) and 0 <= found.value <= 1


def _sound(asked: _Asked) -> Iterator[ProjectError]:
    """What does not hold of one figure."""
    units = asked.units()
    found = asked.of(units.truth, units.noisy)
    if isinstance(found, Undefined) or not math.isfinite(found.value):
        yield ProjectError("{name!r} has no value on ordinary units.", mend="Give it one.", name=asked.name)
        return
    if asked.value(units.truth, units.noisy) != found.value:
        yield ProjectError("{name!r} is another the second time.", mend="Let no chance decide.", name=asked.name)
    mixed = units.pick(np.random.default_rng(9).permutation(_UNITS).tolist())
    if abs(asked.value(mixed.truth, mixed.noisy) - found.value) > _CLOSE * max(1.0, abs(found.value)):
        yield ProjectError(
            "{name!r} is another when the units come in another order.", mend="Let no order decide.", name=asked.name
        )
    best = asked.value(units.truth, units.perfect)
    if not (best <= found.value if asked.lower else best >= found.value):
        yield ProjectError(
            "{name!r} is {best} without a fault, and {value} with many; less is better: {lower}.",
            mend="Turn its sign, or say that less is better (`lower`).",
            name=asked.name,
            best=round(best, 4),
            value=round(found.value, 4),
            lower=asked.lower,
        )
    if found.units != _UNITS:
        yield ProjectError(
            "{name!r} counts {found} units where there are {expected}.",
            mend="Give each unit a row of its own.",
            name=asked.name,
            found=found.units,
            expected=_UNITS,
        )
    elif not (ends := around(found, seed=7)).low <= found.value <= ends.high:
        yield ProjectError(
            "{name!r} lies outside its own interval: {value}, from {low} to {high}.",
            mend="Name the form in which it is told: Form.SHARE lies between 0 and 1, Form.POSITIVE above 0.",
            name=asked.name,
            value=round(found.value, 4),
            low=round(ends.low, 4),
            high=round(ends.high, 4),
        )


METRIC_CHECKS: tuple[Check, ...] = (check_task_of, check_labels_alone, check_metric, check_coverage)
TASK_CHECKS: tuple[Check, ...] = (check_reader, check_metrics_of)
