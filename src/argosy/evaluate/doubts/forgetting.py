"""What a training did to the tasks that the model had learnt before: every figure before and after, paired.

A task has the answers of every stage, those right after it was learnt first and those of today last. Its forgetting is
the best earlier figure less today's (Chaudhry et al. 2018), its backward transfer today's less the first (Lopez-Paz and
Ranzato 2017); with two stages one is the other negated. Both are told so that a lower figure counts as the better one
where it is. To choose the best of several earlier stages on the rows that judge it overstates forgetting a little.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from argosy.core.errors import DataError
from argosy.evaluate.intervals import Interval, around
from argosy.evaluate.metrics import Measured, Undefined
from argosy.evaluate.paired import Difference, difference
from argosy.evaluate.tasks.measure import Units, is_lower, measured

_ELSEWHERE = Undefined(reason="It belongs to another kind of task.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """A kind of task (a name of ``tasks.TASKS``), the truth of held-out units, and the answers of each stage."""

    task: str
    truth: Units
    stages: Sequence[Units]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One metric at the first and at the last stage, and the paired difference of the last to the first."""

    before: Interval
    after: Interval
    change: Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The metrics of one task; ``undefined`` says why others have no value."""

    task: str
    units: int
    figures: Mapping[str, Change]
    undefined: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """What became of every ``old`` task and of the ``new`` one; the means over the old ones are of ``metric``.

    As JSON: {metric, old: {name: T}, new: T, forgetting: F, backward_transfer: F, gain: D} with F = {value, low, high},
    D = {difference, low, high, p} and T = {task, units, figures: {metric: {before: F, after: F, change: D}}, undefined:
    {metric: reason}}. ``forgetting`` above 0 is a loss, ``gain`` above 0 a better new task. An interval of forgetting
    that lies above 0 shows that something was forgotten; one that reaches 0 does not show that nothing was.
    """

    metric: str
    old: Mapping[str, Changed]
    new: Changed
    forgetting: Interval
    backward_transfer: Interval
    gain: Difference

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)


def forgetting(old: Mapping[str, Learnt], new: Learnt, *, metric: str, seed: int) -> Forgetting:
    """Measure what was lost and what was gained; the seed is that of bootstraps and permutations.

    The intervals of the means join those of the tasks, which are measured on different units (MOVER, Zou and Donner
    2008). Raises DataError where there is no old task, or where ``metric`` has no value for one.
    """
    if not old:
        raise DataError("There is no old task.", mend="Name rows that the model has learnt from before.")
    paths = [_path(name, one, metric) for name, one in old.items()]
    return Forgetting(
        metric=metric,
        old={name: _changed(name, one, seed) for name, one in old.items()},
        new=_changed("new", new, seed),
        forgetting=_mean([path.lost(seed) for path in paths]),
        backward_transfer=_mean([path.gained(seed) for path in paths]),
        gain=_path("new", new, metric).gained(seed),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Path:
    """The deciding metric of one task from stage to stage; ``sign`` is -1 where less is better."""

    stages: Sequence[Measured]
    sign: int

    def better(self, one: Measured, other: Measured, seed: int) -> Difference:
        """How much better one stage is than another."""
        found = difference(one, other, seed=seed)
        low, high = sorted((self.sign * found.low, self.sign * found.high))
        return Difference(difference=self.sign * found.difference, low=low, high=high, p=found.p)

    def lost(self, seed: int) -> Difference:
        """The best earlier stage over the last."""
        best = max(self.stages[:-1], key=lambda stage: self.sign * stage.value)
        return self.better(best, self.stages[-1], seed)

    def gained(self, seed: int) -> Difference:
        """The last stage over the first."""
        return self.better(self.stages[-1], self.stages[0], seed)


def _path(name: str, one: Learnt, metric: str) -> _Path:
    stages: list[Measured] = []
    for answers in one.stages:
        found = measured(one.task, one.truth, answers, rung=name, more=[metric]).get(metric, _ELSEWHERE)
        if isinstance(found, Undefined):
            raise DataError(
                "The metric {metric} of the task {name!r} has no value: {reason}",
                mend="Choose a metric that all tasks have, or give more and more varied held-out rows.",
                metric=metric,
                name=name,
                reason=found.reason,
            )
        stages.append(found)
    return _Path(stages=stages, sign=-1 if is_lower(one.task, metric) else 1)


def _changed(name: str, one: Learnt, seed: int) -> Changed:
    first, last = (measured(one.task, one.truth, one.stages[place], rung=name) for place in (0, -1))
    figures, undefined = {}, {}
    for metric, before in first.items():
        after = last[metric]
        if isinstance(before, Undefined) or isinstance(after, Undefined):
            undefined[metric] = next(side.reason for side in (before, after) if isinstance(side, Undefined))
            continue
        figures[metric] = Change(
            before=around(before, seed=seed),
            after=around(after, seed=seed),
            change=difference(after, before, seed=seed),
        )
    return Changed(task=one.task, units=len(one.truth), figures=figures, undefined=undefined)


def _mean(parts: Sequence[Difference]) -> Interval:
    """The mean of differences on different units."""
    value = sum(part.difference for part in parts) / len(parts)
    below, above = (
        math.hypot(*(part.difference - end for part, end in zip(parts, ends, strict=True))) / len(parts)
        for ends in ([part.low for part in parts], [part.high for part in parts])
    )
    return Interval(value=value, low=value - below, high=value + above)
