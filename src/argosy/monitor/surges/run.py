"""One pass over series that are followed at once: each day is told of before it is learned from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.monitor.surges.bursts import Bursts
from argosy.monitor.surges.discovery import p_values
from argosy.monitor.surges.limits import kept, limits, told
from argosy.monitor.surges.season import Season
from argosy.monitor.surges.series import DAY, Floats
from argosy.monitor.surges.sums import Sums

NEW_USUAL = 14
"""Days after which a surge is the new usual."""


@dataclass(slots=True, kw_only=True)
class Fired:
    """A surge in numbers of periods, still open where ``closed`` is none."""

    since: int
    fired: int
    closed: int | None = None


class Run:
    """What became of each series; arrays are [series, periods], nan where nothing is known yet.

    ``counts`` are nan where nothing was heard, ``exposure`` is the share that was; ``rate`` is that of false alarms of
    a series in a period. ``chances`` are the p-values of each period.
    """

    def __init__(
        self,
        starts: NDArray[np.int64],
        step: int,
        counts: Floats,
        exposure: Floats,
        holidays: Collection[tuple[int, int]],
        rate: float,
    ) -> None:
        exposure = np.nan_to_num(exposure)
        self.counts = np.where(exposure > 0, counts, np.nan)
        self.expected, self.dispersion, self.chances = (np.full(counts.shape, np.nan) for _ in range(3))
        self.fired: list[list[Fired]] = [[] for _ in counts]
        self._exposure = np.where(np.isnan(self.counts), 1.0, exposure)
        self._season = Season(starts, step, holidays)
        self._day, self._rate = DAY // step, rate
        self._away = np.zeros(counts.shape, dtype=bool)

    def follow(self, days: Sequence[slice], turns: Sequence[set[int]]) -> None:
        """Learn from the first of ``days``, then tell of each; ``turns`` are when the level of a series is another."""
        first = days[0]
        self._season.begin(first, self._since_turn(first, turns), self._exposure[:, first])
        sums, bursts = self._rehearse(first)
        for day in days[1:]:
            mean, doubt = self._season.predict(day)
            dispersion = self._season.dispersion[:, None] + doubt
            self.expected[:, day], self.dispersion[:, day] = mean * self._exposure[:, day], dispersion
            information = told(self.expected[:, day], dispersion)
            sums.limits = limits(information, doubt, self._rate)
            sums.powers = bursts.powers((day.start - first.start) / self._day / 7)
            anew = self._watch(day, sums, bursts, kept(information).mean(axis=1), turns)
            counts = np.where(self._away[:, day], np.nan, self._since_turn(day, turns))
            self._season.learn(day, counts, self._exposure[:, day], anew)

    def _rehearse(self, first: slice) -> tuple[Sums, Bursts]:
        """How the evidence strayed in the days that were learned from; nothing is told of them."""
        series = len(self.counts)
        sums, bursts = Sums(np.full(series, np.inf)), Bursts(series)
        mean, doubt = self._season.predict(first)
        dispersion = self._season.dispersion[:, None] + doubt
        expected = mean * self._exposure[:, first]
        none = np.zeros(series, dtype=bool)
        for place, period in enumerate(range(first.start, first.stop)):
            sums.see(period, self.counts[:, period], expected[:, place], dispersion[:, place])
            bursts.see(sums.plain, none)
        bursts.see(np.zeros(series), none)
        sums.forget(~none)
        return sums, bursts

    def _watch(
        self, day: slice, sums: Sums, bursts: Bursts, share: Floats, turns: Sequence[set[int]]
    ) -> NDArray[np.bool_]:
        """Feed the sums; where the level begins anew on that day."""
        anew = np.zeros(len(self.counts), dtype=bool)
        for period in range(day.start, day.stop):
            turned = np.array([period in own for own in turns]) | self._too_long(period)
            for series in np.flatnonzero(turned & sums.open):
                self.fired[series][-1].closed = period
            sums.forget(turned)
            anew |= turned
            fires, back = sums.see(period, self.counts[:, period], self.expected[:, period], self.dispersion[:, period])
            bursts.see(sums.plain, back | turned)
            self.chances[:, period] = p_values(sums.statistic, share, self._day)
            for series in np.flatnonzero(fires):
                self.fired[series].append(Fired(since=int(sums.since[series]), fired=period))
                self._away[series, sums.since[series] : period + 1] = True
            for series in np.flatnonzero(back):
                self.fired[series][-1].closed = period
            self._away[:, period] |= sums.open
        return anew

    def _too_long(self, period: int) -> NDArray[np.bool_]:
        """Whose surge is the new usual."""
        return np.array(
            [
                bool(own) and own[-1].closed is None and period - own[-1].fired >= NEW_USUAL * self._day
                for own in self.fired
            ]
        )

    def _since_turn(self, day: slice, turns: Sequence[set[int]]) -> Floats:
        """The counts of a day, without those before the level began anew in it."""
        counts = self.counts[:, day].copy()
        for row, own in enumerate(turns):
            for turn in own:
                if day.start < turn < day.stop:
                    counts[row, : turn - day.start] = np.nan
        return counts
