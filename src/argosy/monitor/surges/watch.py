"""The look at all topics: which counts surge, since when, how much, and which alarms stand among many topics.

A look is a function of the counts alone. Counts that are appended change nothing of what was told of those before, so
it may be taken anew each hour, and after a restart. While a surge is open nothing is learned from its counts. One that
lasts two weeks is the new usual: it is closed and the level begins anew.

What is promised of a series: while its counts follow the law that is expected of them, ``false_alarms`` alarms in 30
days, whatever the season, from the fifth week on; in the weeks before, in which the season is hardly known, up to twice
as many, and more of counts that scatter wildly. What is promised of those that stand: see ``discovery``.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import DataError
from argosy.monitor.surges.discovery import p_values, standing
from argosy.monitor.surges.run import Fired, Run
from argosy.monitor.surges.season import WARM_UP
from argosy.monitor.surges.series import DAY, HOUR, Counted, Floats

_MONTH = 30 * DAY
_UPPER = 0.975
_HIGH, _MEDIUM = (4.0, 30.0), (2.0, 10.0)  # ratio and excess from which a surge is that severe


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """Counts beyond the usual, in numbers of periods.

    ``since`` is the likeliest first period, ``fired`` the one that showed it, ``closed`` the one that showed the
    return; none while it lasts. ``ratio`` is what was counted over what was expected, ``excess`` the texts beyond, from
    ``since`` until it closed or until now. ``p_value`` is the chance of such evidence within a day in which nothing
    surges, as of ``fired``. ``stood`` is the first period since then in which it stood among all series, if any.
    """

    since: int
    fired: int
    closed: int | None
    ratio: float
    excess: float
    p_value: float
    stood: int | None = None

    @property
    def stands(self) -> bool:
        """Whether it stood among all series in any period."""
        return self.stood is not None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """What became of a series; all arrays [n] are nan where nothing is known yet.

    ``expected`` is the usual count at the exposure of the period, ``upper`` the end of its usual band (97.5 %), and
    ``scores`` are counts less expected in standard deviations.
    """

    series: Counted
    expected: Floats
    upper: Floats
    scores: Floats
    surges: Sequence[Surge]


def severity(ratio: float, excess: float) -> Literal["low", "medium", "high"]:
    """High from four times the usual and 30 texts beyond it, medium from twice and 10 texts, else low.

    >>> severity(5.0, 40.0), severity(5.0, 12.0), severity(1.6, 200.0)
    ('high', 'medium', 'low')
    """
    for name, (times, texts) in (("high", _HIGH), ("medium", _MEDIUM)):
        if ratio >= times and excess >= texts:
            return "high" if name == "high" else "medium"
    return "low"


def surges(
    series: Sequence[Counted],
    *,
    false_alarms: float,
    false_share: float,
    holidays: Collection[tuple[int, int]] = (),
    restarts: Mapping[str, Sequence[int]] | None = None,
) -> list[Course]:
    """The course of each series, at so many ``false_alarms`` of each in 30 days.

    ``false_share`` is the share of false ones that is accepted among the surges that stand, which is said of series of
    the same periods. ``holidays`` are beginnings and ends in microseconds; ``restarts`` the times, by the name of a
    series, from which on its level is another.
    Raises DataError for starts that are not one step apart, or whose step is no part of a day.
    """
    order = sorted(range(len(series)), key=lambda place: _alike(series[place]))
    evidence = np.full((len(series), max((len(one.starts) for one in series), default=0)), np.nan)
    found: dict[int, tuple[Run, int]] = {}
    for _, places in groupby(order, key=lambda place: _alike(series[place])):
        some = list(places)
        run = _together([series[place] for place in some], false_alarms, holidays, restarts or {})
        length = len(series[some[0]].starts)
        evidence[some, :length] = run.evidence[:, :length]
        found.update({place: (run, row) for row, place in enumerate(some)})
    step = next((_step(one.starts) for one in series if len(one.starts)), HOUR)
    stand = standing(evidence, _MONTH // step, false_share)
    return [_course(one, *found[place], stand[place]) for place, one in enumerate(series)]


def _alike(one: Counted) -> tuple[int, int, int]:
    """What must be equal for series to be followed at once: first start, length, the day of the first count."""
    seen = np.flatnonzero(~np.isnan(one.counts))
    return (
        int(one.starts[0]) if len(one.starts) else 0,
        len(one.starts),
        int(one.starts[seen[0]]) // DAY if len(seen) else -1,
    )


def _together(
    some: Sequence[Counted],
    false_alarms: float,
    holidays: Collection[tuple[int, int]],
    restarts: Mapping[str, Sequence[int]],
) -> Run:
    starts = some[0].starts
    step = _step(starts)
    counts, exposure = (np.stack([getattr(one, part) for one in some]) for part in ("counts", "exposure"))
    run = Run(starts, step, counts, exposure, holidays, false_alarms * step / _MONTH)
    days = _days(starts, _alike(some[0])[2], step)
    if days:
        run.follow(days, np.stack([_turns(restarts.get(one.name, ()), starts) for one in some]))
    return run


def _step(starts: NDArray[np.int64]) -> int:
    """The step of the periods; a day where there are less than two."""
    steps = np.unique(np.diff(starts))
    if len(steps) > 1 or (len(steps) and (steps[0] <= 0 or DAY % int(steps[0]))):
        raise DataError("The periods of a series are not one part of a day apart.", mend="Count by whole hours.")
    return int(steps[0]) if len(steps) else DAY


def _days(starts: NDArray[np.int64], first: int, step: int) -> list[slice]:
    """The days that are looked at: those of the warm-up as one, then each by itself; none where that is not over.

    ``first`` is the day of the first count, which does not count as a whole one.
    """
    number = starts // DAY
    whole = first + WARM_UP + 1
    if first < 0 or not len(starts) or number[-1] < whole:
        return []
    edges = [int(np.searchsorted(number, day)) for day in (first, *range(whole, int(number[-1]) + 1))]
    edges.append(edges[-1] + DAY // step)
    return [slice(low, high) for low, high in pairwise(edges)]


def _turns(times: Sequence[int], starts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The periods at which the level of a series begins anew."""
    places = np.searchsorted(starts, [time for time in times if starts[0] < time <= starts[-1]])
    return np.isin(np.arange(len(starts)), places)


def _course(one: Counted, run: Run, row: int, stand: NDArray[np.bool_]) -> Course:
    length = len(one.starts)
    expected, dispersion = run.expected[row, :length], run.dispersion[row, :length]
    variance = expected + dispersion * expected**2
    return Course(
        series=one,
        expected=expected,
        upper=_upper(expected, variance),
        scores=(run.counts[row, :length] - expected) / np.sqrt(np.maximum(variance, 1e-12)),
        surges=tuple(_surge(each, run, row, stand) for each in run.fired[row]),
    )


def _surge(one: Fired, run: Run, row: int, stand: NDArray[np.bool_]) -> Surge:
    last = run.counts.shape[1] if one.closed is None else one.closed + 1
    counts, expected = run.counts[row, one.since : last], run.expected[row, one.since : last]
    both = np.isfinite(counts) & np.isfinite(expected)
    seen, usual = float(counts[both].sum()), float(expected[both].sum())
    stood = np.flatnonzero(stand[one.fired : last])
    return Surge(
        since=one.since,
        fired=one.fired,
        closed=one.closed,
        ratio=seen / max(usual, 1e-9),
        excess=seen - usual,
        p_value=float(p_values(run.evidence[row, one.fired], run.day)),
        stood=one.fired + int(stood[0]) if len(stood) else None,
    )


def _upper(mean: Floats, variance: Floats) -> Floats:
    """The end of the usual band, by the gamma law of the same mean and variance."""
    from scipy.special import gammaincinv

    shape = mean**2 / np.maximum(variance, 1e-12)
    return np.asarray(gammaincinv(np.maximum(shape, 1e-6), _UPPER) * variance / np.maximum(mean, 1e-12))
