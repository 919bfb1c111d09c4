"""Scores that are standard normal while nothing changes, whatever the law of a signal, from its past alone.

Each period is predicted from those before it by a linear regression that is updated period by period: level and trend,
hour of the day, weekday and weekend. Its standardised errors are independent of each other where the model holds, while
the coefficients are still being learned too (recursive residuals; Brown, Durbin and Evans 1975). A period's variance is
what the signal scatters by, and what its few observations scatter by. What the errors before let expect is taken out
(echo). Whatever the errors' law is then, their rank among the errors of the past, ties broken at random, is uniform
and independent of the ranks before it (Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005, 2.8);
the normal law's quantile of it is the score. A rank among n errors says no more than 1 / (n + 1): one wild period is no
alarm, a few in a row are.

While an alarm is open nothing is learned, so that a change that lasts does not become the usual course by itself: it
stays open until somebody has seen it, and a restart takes the level anew and keeps hours, days, noise and ranks.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from argosy.monitor import laws
from argosy.monitor.detect import Bank, Episode
from argosy.monitor.echo import Echo
from argosy.monitor.regression import Noise, Regression
from argosy.monitor.series import Law, Series

Floats = NDArray[np.float64]
HOUR = 3_600_000_000
DAY = 24 * HOUR
MEMORY = 84
"""Days after which a period counts e times less: twelve weeks, so that each hour of the week was seen a dozen times."""
_LEAST = 365  # periods of memory at least: of days a year, since twelve weeks of them follow slow luck
_MONTH = 30 * DAY
_WIDE = 10.0  # spreads of the values within which a level that begins anew is looked for
_DRIFT = 0.1  # of that spread in a month: a trend that is expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What became of a series: its score and its usual value per period [n], and when it left its usual course.

    A score is nan where the value is missing or the signal is warming up (see ``warm_up``). ``usual`` is what the
    baseline says without knowledge of the last values, in the signal's unit.
    """

    series: Series
    scores: Floats
    usual: Floats
    episodes: Sequence[Episode]


def warm_up(step: int) -> int:
    """How many periods of ``step`` microseconds must have a value before a signal can alarm.

    A week (two, where a day is a period) to learn from, since nothing is known of a weekend before one was seen, and
    as many again whose errors the next ones are ranked among.
    """
    return 2 * _learning(step)


def courses(series: Sequence[Series], *, rate: float, restarts: Sequence[int] = ()) -> list[Course]:
    """The course of each series at a rate of false alarms per period and series.

    ``restarts`` are the times, in microseconds since the epoch, at which the usual course begins anew: a promotion, or
    the acknowledgement of a change that is there to stay.
    """
    found: dict[int, Course] = {}
    order = sorted(range(len(series)), key=lambda place: _alike(series[place]))
    for _, places in groupby(order, key=lambda place: _alike(series[place])):
        some = list(places)
        found.update(zip(some, _together([series[place] for place in some], rate, restarts), strict=True))
    return [found[place] for place in range(len(series))]


def _learning(step: int) -> int:
    return max(7 * DAY // step, 14)


def _alike(series: Series) -> tuple[Law, int, int, int]:
    """What must be equal for series to be followed at once: law, length, first period with a value, first start."""
    seen = np.flatnonzero(~np.isnan(series.values))
    first = int(seen[0]) if len(seen) else len(series.values)
    return series.law, len(series.values), first, int(series.starts[0]) if len(series.starts) else 0


def _together(some: Sequence[Series], rate: float, restarts: Sequence[int]) -> list[Course]:
    law, length, first, _ = _alike(some[0])
    scores, usual = np.full((len(some), length), np.nan), np.full((len(some), length), np.nan)
    bank = Bank(len(some), rate)
    if length - first > 1:
        starts = some[0].starts[first:]
        values = np.stack([one.values[first:] for one in some])
        weights = np.stack([one.weights[first:] for one in some])
        chances = _chances(starts, [f"{one.signal}\0{one.slice}" for one in some])
        renewed = set(np.searchsorted(starts, [time for time in restarts if time > starts[0]]).tolist())
        state = _Baseline(
            law, starts, values, weights, _chances(starts, [f"{one.slice}\0{one.signal}" for one in some])
        )
        for period in range(length - first):
            if period in renewed:
                state.renew()
                bank.begin_anew(first + period)
            scores[:, first + period], usual[:, first + period] = state.score(period, chances[:, period])
            bank.see(first + period, scores[:, first + period])
            state.learn(period, ~bank.open)
    return [
        Course(series=one, scores=scores[row], usual=usual[row], episodes=bank.episodes[row])
        for row, one in enumerate(some)
    ]


class _Baseline:
    """The baselines of many signals at once; all arrays begin with [signals].

    First the course, by the calendar; then the echo in its errors.
    """

    def __init__(self, law: Law, starts: NDArray[np.int64], values: Floats, weights: Floats, ties: Floats) -> None:
        self._law, self._ties = law, ties
        step = int(np.diff(starts).min())
        self._learning, self._memory = _learning(step), max(MEMORY * DAY // step, _LEAST)
        self._values = laws.plain_to_line(law, values)
        early = self._values[:, : self._learning]
        self._centre, self._scale = np.nanmedian(early, axis=1), _scale(early)
        self._weights = np.where(np.isnan(values), np.nan, weights)
        self._usual_weight = np.nanmean(self._weights[:, : self._learning], axis=1)
        self._calendar, sizes = _calendar(starts, step)
        signals, length = values.shape
        self._course = Regression(signals, sizes, self._memory)
        self._noise = Noise(_guess(early) / self._scale**2, self._memory)
        self._most = -float(_normal_quantile(0.5 / self._memory))
        longest = max(DAY // step, 7)
        self._echo = Echo(signals, length, longest=longest, memory=self._memory, most=self._most)
        self._errors = np.full((signals, length), np.nan)  # what is new in a period, where it was learned from
        self._seen = np.zeros(signals, dtype=np.int64)

    def renew(self) -> None:
        """The level may be any again."""
        self._course.renew(0, _WIDE)

    def score(self, period: int, chance: Floats) -> tuple[Floats, Floats]:
        """The scores and the usual values of a period, by what was learned before it."""
        self._here = ~np.isnan(self._values[:, period])
        values = np.where(self._here, self._values[:, period], self._centre)
        weights = np.where(self._here, self._weights[:, period], self._usual_weight)
        calendar = np.broadcast_to(self._calendar[period], (len(values), self._calendar.shape[1]))
        mean = self._course.predict(calendar)
        line = self._centre + self._scale * mean
        sampling = laws.sampling(self._law, line, weights, self._usual_weight)
        if self._law in {"count", "share"}:  # a variance in the unit of the line
            sampling = sampling / self._scale**2
        total = self._noise.predict(sampling) + self._course.doubt
        self._error = (values - line) / self._scale
        error = laws.standardised(self._law, values, weights, line, total * self._scale**2, self._ties[:, period])
        self._last = self._echo.remove(period, error, self._here)
        self._total = total
        return self._ranked(period, chance), laws.line_to_plain(self._law, line)

    def learn(self, period: int, where: NDArray[np.bool_]) -> None:
        """Take the period that was scored last into the past of these signals.

        An error beyond the largest of a memory's worth of normal ones counts as that: it teaches nothing of the usual.
        """
        learned = self._here & where
        most = self._most * np.sqrt(self._total)
        error = np.clip(self._error, -most, most)
        self._noise.learn(learned, error, self._course.doubt)
        self._course.learn(learned, error, self._total)
        settled = learned & (self._seen >= self._learning)
        self._echo.learn(settled)
        self._errors[settled, period] = self._last[settled]
        self._seen += learned

    def _ranked(self, period: int, chance: Floats) -> Floats:
        error, memory = self._last[:, None], slice(max(period - self._memory, 0), period)
        past = self._errors[:, memory]
        equal = past == error
        if self._law in {"level", "amount"}:  # a value that came before is a tie, wherever its course was held to be
            equal |= (self._values[:, memory] == self._values[:, period, None]) & ~np.isnan(past)
        count, below = (~np.isnan(past)).sum(axis=1), ((past < error) & ~equal).sum(axis=1)
        share = (below + chance * (equal.sum(axis=1) + 1)) / (count + 1)
        return np.where(self._here & (count >= self._learning), _normal_quantile(share), np.nan)


def _scale(early: Floats) -> Floats:
    """The usual spread of values [signals, periods]; 1 where they do not differ."""
    middle = np.nanmedian(early, axis=1, keepdims=True)
    spread = 1.4826 * np.nanmedian(np.abs(early - middle), axis=1)
    spread = np.where(spread > 0, spread, np.nanstd(early, axis=1))
    return np.where(spread > 0, spread, 1.0)


def _guess(early: Floats) -> Floats:
    """What values [signals, periods] scatter by from one to the next, which no season explains (von Neumann 1941)."""
    steps = np.diff(early, axis=1)
    count = np.isfinite(steps).sum(axis=1)
    return np.asarray(np.nansum(steps**2, axis=1) / np.maximum(count, 1) / 2)


def _calendar(starts: NDArray[np.int64], step: int) -> tuple[Floats, Floats]:
    """What the clock says of each period [periods, inputs], and the size of coefficient that is expected [inputs].

    A constant and a trend; waves of a week and, where a day has several periods, waves of a day and others for the
    weekend. The finer a wave the smaller, as 1 over its number; all together they spread as the values do.
    """
    days = starts / DAY
    weekend = np.isin((starts // DAY + 3) % 7, (5, 6)).astype(float)  # the epoch began on a Thursday
    columns, sizes = [np.ones(len(starts)), (starts - starts[0]) / _MONTH], [1.0, _DRIFT]
    for number in range(1, 4):
        columns += _wave(days * number / 7)
        sizes += [1 / number] * 2
    if step < DAY:
        columns.append(weekend)
        sizes.append(1.0)
        for number in range(1, min(8, DAY // step // 2) + 1):
            columns += _wave(days * number)
            sizes += [1 / number] * 2
        for number in range(1, min(4, DAY // step // 2) + 1):
            columns += [weekend * wave for wave in _wave(days * number)]
            sizes += [1 / number] * 2
    waves = np.array(sizes[2:])
    return np.stack(columns, axis=1), np.array([*sizes[:2], *waves / np.sqrt((waves**2).sum())])


def _wave(turns: Floats) -> list[Floats]:
    return [np.sin(2 * np.pi * turns), np.cos(2 * np.pi * turns)]


def _chances(starts: NDArray[np.int64], names: Sequence[str]) -> Floats:
    """A number between 0 and 1 for each signal and period [signals, periods] that hangs on nothing else.

    Two rounds of SplitMix64 (Steele, Lea and Flood 2014).
    """
    seeds = np.array([zlib.crc32(name.encode()) for name in names], dtype=np.uint64)
    mixed = _mixed(_mixed(seeds)[:, None] ^ starts.astype(np.uint64)[None])
    return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def _normal_quantile(chance: Floats | float) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(chance), dtype=np.float64)
