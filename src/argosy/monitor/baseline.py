"""Scores that are standard normal while nothing changes, whatever the law of a signal, from its past alone.

Each period is predicted from those before it by a linear regression that is updated period by period: level and trend,
hour of the day, weekday and weekend, and the last values themselves, which take the short-term autocorrelation out and
learn how fast the level wanders. Its standardised errors are independent of each other where the model holds, while
the coefficients are still being learned too (recursive residuals; Brown, Durbin and Evans 1975). A period's variance is
what the level scatters by, and what its few observations scatter by. Whatever the errors' law is then, their rank among
the errors of the past, with ties broken at random, is uniform and independent of the ranks before it (Vovk, Gammerman
and Shafer, Algorithmic Learning in a Random World, 2005, 2.8); the normal law's quantile of it is the score.

While an alarm is open nothing is learned, so that a change that lasts does not become the usual course by itself: it
stays open until somebody has seen it, and a restart takes the level anew and keeps hours, days, noise and ranks.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from argosy.monitor.detect import Bank, Episode
from argosy.monitor.series import Law, Series

Floats = NDArray[np.float64]
HOUR = 3_600_000_000
DAY = 24 * HOUR
MEMORY = 84
"""Days after which a period counts e times less: twelve weeks, so that each hour of the week was seen a dozen times."""
_MONTH = 30 * DAY
_WIDE = 10.0  # standard deviations of the values within which a level is looked for, before any is known
_CAREFUL = 10.0  # periods that the first guess of the noise weighs
_LEAST = 1e-6  # of the scale's square: a variance never becomes nothing


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


def _alike(series: Series) -> tuple[str, int, int, int]:
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
        renewed = set(np.searchsorted(starts, np.array(restarts, dtype=np.int64)).tolist())
        state = _Regression(law, starts, values, weights)
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


class _Regression:
    """The regressions of many signals at once; all arrays begin with [signals]."""

    def __init__(self, law: Law, starts: NDArray[np.int64], values: Floats, weights: Floats) -> None:
        self._law, self._weights = law, weights
        self._step = int(np.diff(starts).min())
        self._learning = _learning(self._step)
        plain = _transformed(law, values)
        early = plain[:, : self._learning]
        self._centre = np.nanmedian(early, axis=1, keepdims=True)
        spread = 1.4826 * np.nanmedian(np.abs(early - self._centre), axis=1, keepdims=True)
        spread = np.where(spread > 0, spread, np.nanstd(early, axis=1, keepdims=True))
        self._scale = np.where(spread > 0, spread, 1.0)
        self._values = (plain - self._centre) / self._scale
        self._calendar, sizes = _calendar(starts, self._step)
        self._spans = _spans(self._step)
        sizes = np.concatenate([sizes, np.full(len(self._spans), 0.5)])
        signals, length = values.shape
        self._known = np.zeros((signals, length))  # values, and where there is none what was predicted
        self._free = np.zeros((signals, length))  # what is predicted without any value
        self._errors = np.full((signals, length), np.nan)  # standardised, of the periods learned from
        self._memory = MEMORY * DAY // self._step
        self._coefficients = np.zeros((signals, len(sizes)))
        self._spread = np.tile(np.diag(sizes**2), (signals, 1, 1))
        early_weights = np.where(np.isnan(early), np.nan, weights[:, : self._learning])
        self._usual_weight = np.nanmean(early_weights, axis=1)
        self._moments = np.tile(np.eye(2) * _CAREFUL, (signals, 1, 1))
        self._squares = np.full((signals, 2), _CAREFUL / 4)
        self._seen = np.zeros(signals, dtype=np.int64)
        self._largest = -_normal_quantile(1 / (2 * self._memory))

    def renew(self) -> None:
        """The level may be any again."""
        self._spread[:, 0, 0] += _WIDE**2

    def score(self, period: int, chance: Floats) -> tuple[Floats, Floats]:
        """The scores and the usual values of a period, by what was learned before it."""
        self._inputs = self._rows(period, self._known)
        mean = (self._inputs * self._coefficients).sum(axis=1)
        free = (self._rows(period, self._free) * self._coefficients).sum(axis=1)
        self._free[:, period] = np.clip(free, -2 * _WIDE, 2 * _WIDE)
        self._seen_now = ~np.isnan(self._values[:, period])
        self._kinds = np.stack([np.ones(len(mean)), self._sampling(period, mean)], axis=1)
        noise = (self._kinds * _not_negative(self._moments, self._squares)).sum(axis=1)
        self._pull = np.einsum("sij,sj->si", self._spread, self._inputs)
        self._doubt = (self._inputs * self._pull).sum(axis=1)
        self._total = np.maximum(noise, _LEAST) + self._doubt
        self._error = np.where(self._seen_now, self._values[:, period] - mean, 0.0)
        self._known[:, period] = mean + self._clipped()
        usual = _plain(self._law, self._centre[:, 0] + self._scale[:, 0] * self._free[:, period])
        return self._ranked(period, chance), usual

    def learn(self, period: int, where: NDArray[np.bool_]) -> None:
        """Take the period that was scored last into the past of these signals."""
        learned = self._seen_now & where
        error, ratio = self._clipped(), self._pull / self._total[:, None]
        rows = learned[:, None]
        self._coefficients += np.where(rows, ratio * error[:, None], 0.0)
        drop = np.where(learned, 1.0, 0.0)[:, None, None] * ratio[:, :, None] * self._pull[:, None, :]
        fade = np.where(learned, 1 - 1 / self._memory, 1.0)
        self._spread = (self._spread - drop) / fade[:, None, None]
        kinds = self._kinds / self._total[:, None]
        square = np.maximum(error**2 - self._doubt, 0.0) / self._total
        self._moments = np.where(
            rows[:, :, None],
            self._moments * fade[:, None, None] + kinds[:, :, None] * kinds[:, None, :],
            self._moments,
        )
        self._squares = np.where(rows, self._squares * fade[:, None] + kinds * square[:, None], self._squares)
        settled = learned & (self._seen >= self._learning)
        self._errors[settled, period] = (self._error / np.sqrt(self._total))[settled]
        self._seen += learned

    def _ranked(self, period: int, chance: Floats) -> Floats:
        error = (self._error / np.sqrt(self._total))[:, None]
        past = self._errors[:, max(period - self._memory, 0) : period]
        count, below, equal = ((~np.isnan(past)).sum(axis=1), (past < error).sum(axis=1), (past == error).sum(axis=1))
        share = (below + chance * (equal + 1)) / (count + 1)
        ready = self._seen_now & (count >= self._learning)
        return np.where(ready, _normal_quantile(share), np.nan)

    def _clipped(self) -> Floats:
        """Errors no larger than the largest of a memory's worth: what is beyond teaches nothing of the usual course."""
        most = self._largest * np.sqrt(self._total)
        return np.clip(self._error, -most, most)

    def _rows(self, period: int, past: Floats) -> Floats:
        """The inputs [signals, inputs]: the calendar's, and the mean of the last values over each span."""
        lags = [past[:, max(period - span, 0) : period].sum(axis=1) / span for span in self._spans]
        calendar = np.broadcast_to(self._calendar[period], (len(past), self._calendar.shape[1]))
        return np.concatenate([calendar, np.stack(lags, axis=1)], axis=1)

    def _sampling(self, period: int, mean: Floats) -> Floats:
        """The variance that so many observations leave, in squared scales; for a level up to a factor."""
        weights = np.where(self._seen_now, self._weights[:, period], self._usual_weight)
        centre, scale = self._centre[:, 0], self._scale[:, 0]
        if self._law == "share":
            least = 0.5 / np.maximum(self._usual_weight, 1.0)
            share = np.clip(centre + scale * mean, least, 1 - least)
            return np.asarray(share * (1 - share) / weights / scale**2)
        if self._law == "count":
            return np.asarray(1 / ((np.exp(centre + scale * mean)) * weights + 0.5) / scale**2)
        return np.asarray(self._usual_weight / weights)


def _transformed(law: Law, values: Floats) -> Floats:
    """Counts by their logarithms: an hour of the day multiplies them."""
    return np.log(values + 0.5) if law == "count" else values


def _plain(law: Law, values: Floats) -> Floats:
    if law == "count":
        return np.maximum(np.exp(values) - 0.5, 0.0)
    return np.clip(values, 0.0, 1.0) if law == "share" else values


def _calendar(starts: NDArray[np.int64], step: int) -> tuple[Floats, Floats]:
    """What the clock says of each period [periods, inputs], and the size of coefficient that is expected [inputs].

    A constant and a trend; waves of a week and, where a day has several periods, waves of a day and others for the
    weekend. The finer a wave the smaller, as 1 over its number.
    """
    days = starts / DAY
    weekend = np.isin((starts // DAY + 3) % 7, (5, 6)).astype(float)  # the epoch began on a Thursday
    columns, sizes = [np.ones(len(starts)), (starts - starts[0]) / _MONTH], [_WIDE, 1.0]
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
    return np.stack(columns, axis=1), np.array(sizes)


def _wave(turns: Floats) -> list[Floats]:
    return [np.sin(2 * np.pi * turns), np.cos(2 * np.pi * turns)]


def _spans(step: int) -> tuple[int, ...]:
    """Over how many of the last periods a mean is taken: one; a quarter of a day and a day, or a week of days.

    After Corsi's heterogeneous autoregression (2009), which follows long memory with few coefficients.
    """
    return (1, max(DAY // 4 // step, 2), max(DAY // step, 3)) if step < DAY else (1, 7)


def _not_negative(moments: Floats, squares: Floats) -> Floats:
    """The least-squares solution [signals, 2] of two equations, no part of it below 0."""
    a, b, d = moments[:, 0, 0], moments[:, 0, 1], moments[:, 1, 1]
    determinant = np.maximum(a * d - b * b, _LEAST * a * d)
    level = (d * squares[:, 0] - b * squares[:, 1]) / determinant
    sampling = (a * squares[:, 1] - b * squares[:, 0]) / determinant
    level_alone, sampling_alone = squares[:, 0] / a, squares[:, 1] / d
    return np.stack(
        [
            np.where(sampling < 0, level_alone, np.where(level < 0, 0.0, level)),
            np.where(level < 0, sampling_alone, np.where(sampling < 0, 0.0, sampling)),
        ],
        axis=1,
    )


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
