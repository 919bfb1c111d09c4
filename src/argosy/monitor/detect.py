"""Alarms from scores: sums that begin again at every period without a trace of a change, and a test that closes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.monitor.contract import SHIFTS, limits

Floats = NDArray[np.float64]
_HALVES = np.array(SHIFTS) / 2  # what a period without change takes from each sum
_WHILE_OPEN = float(np.mean([2 / max(shift / 2, SHIFTS[0]) ** 2 for shift in SHIFTS]))
"""Periods, for each unit of the closing limit, in which an alarm raised in error is open and no other can be raised.

Such an alarm looks like a shift of the size that its sum is made for; the sum that closes it then drifts by half the
square of half that size. What rate is lost so is made up for by the other periods.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A stay away from the usual course, in numbers of periods.

    ``since`` is the likeliest first period of the change, ``fired`` the one that showed it, ``closed`` the one that
    showed the return or at which the baseline was begun anew; none while it lasts. ``size`` is the mean score from
    ``since`` to ``fired``, in standard deviations: above 0 for a rise.
    """

    since: int
    fired: int
    closed: int | None
    size: float


class Bank:
    """The sums of many signals at once, fed one period after the other.

    An alarm is raised where a sum passes its limit, and none is raised while one is open. It is closed by a sum of
    its own, of the log-likelihood ratio of "as usual" against "still away by half its size" (at least the smallest of
    ``SHIFTS``): that passes log(1 / rate) while still away no more often than once in 1 / rate periods on average
    (Lorden 1971), so that alarms are closed in error no more often than they are raised in error.
    """

    def __init__(self, signals: int, rate: float) -> None:
        self.open = np.zeros(signals, dtype=bool)
        self.episodes: list[list[Episode]] = [[] for _ in range(signals)]
        self._back = math.log(1 / rate)
        self._limits = np.array(limits(1 / max(1 / rate - self._back * _WHILE_OPEN, 1.0)))
        self._sums = np.zeros((signals, 2, len(SHIFTS)))  # [signals, up or down, sizes]
        self._lengths = np.zeros((signals, 2, len(SHIFTS)))  # periods with a score that a sum is made of
        self._since = np.zeros((signals, 2, len(SHIFTS)), dtype=np.int64)
        self._half = np.zeros(signals)  # what an open alarm is still away by, with its sign
        self._return = np.zeros(signals)

    def see(self, period: int, scores: Floats) -> None:
        """Take the scores [signals] of a period; nan tells nothing."""
        seen = ~np.isnan(scores)
        self._close(period, scores, self.open & seen)
        quiet = seen & ~self.open
        steps = np.stack([scores, -scores], axis=1)[:, :, None] - _HALVES
        sums = np.maximum(self._sums + np.where(quiet[:, None, None], steps, 0.0), 0.0)
        begun = (self._sums == 0) & (sums > 0)
        self._since = np.where(begun, period, self._since)
        self._lengths = np.where(begun, 0.0, self._lengths) + quiet[:, None, None]
        self._sums = sums
        for signal in np.flatnonzero((sums >= self._limits).any(axis=(1, 2)) & quiet):
            self._fire(period, int(signal))

    def begin_anew(self, period: int) -> None:
        """Forget what the sums hold and close what is open: the baseline of these signals begins again."""
        for signal in np.flatnonzero(self.open):
            self._shut(period, int(signal))
        self._sums[:] = 0.0

    def _fire(self, period: int, signal: int) -> None:
        over = self._sums[signal] / self._limits
        way, size = np.unravel_index(int(over.argmax()), over.shape)
        mean = self._sums[signal, way, size] / self._lengths[signal, way, size] + _HALVES[size]
        signed = float(-mean if way else mean)
        since = int(self._since[signal, way, size])
        self.episodes[signal].append(Episode(since=since, fired=period, closed=None, size=signed))
        self.open[signal], self._return[signal] = True, 0.0
        self._half[signal] = math.copysign(max(abs(signed) / 2, SHIFTS[0]), signed)

    def _close(self, period: int, scores: Floats, watched: NDArray[np.bool_]) -> None:
        evidence = self._half**2 / 2 - self._half * np.where(watched, scores, 0.0)
        self._return = np.where(watched, np.maximum(self._return + evidence, 0.0), self._return)
        for signal in np.flatnonzero(watched & (self._return >= self._back)):
            self._shut(period, int(signal))

    def _shut(self, period: int, signal: int) -> None:
        last = self.episodes[signal][-1]
        self.episodes[signal][-1] = Episode(since=last.since, fired=last.fired, closed=period, size=last.size)
        self.open[signal], self._sums[signal] = False, 0.0


def episodes(scores: Floats, rate: float, *, restarts: Sequence[int] = ()) -> list[Episode]:
    """What scores [periods] that are standard normal without a change tell at a rate of false alarms per period.

    ``restarts`` are numbers of periods at which the baseline begins anew.

    >>> [(one.since, one.fired) for one in episodes(np.array([0.0, 0.1, -0.2, 3.0, 2.8, 2.9, 3.1]), 0.001)]
    [(3, 5)]
    """
    bank = Bank(1, rate)
    for period, score in enumerate(scores):
        if period in restarts:
            bank.begin_anew(period)
        bank.see(period, np.array([score]))
    return bank.episodes[0]
