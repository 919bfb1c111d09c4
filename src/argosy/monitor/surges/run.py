"""One pass over series that are followed at once: each day is told of before it is learned from."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.monitor.surges.bursts import Bursts
from argosy.monitor.surges.limits import care, kept, limits, told
from argosy.monitor.surges.season import Season
from argosy.monitor.surges.series import DAY, Floats
from argosy.monitor.surges.sums import Sums

NEW_USUAL = 14
"""Days after which a surge is the new usual."""
_BLIND = 0.5  # doubt about a mean's logarithm, in units of what the period tells about it, beyond which none is judged


@dataclass(slots=True, kw_only=True)
class Fired:
    """A surge in numbers of periods, still open where ``closed`` is none."""

    since: int
    fired: int
    closed: int | None = None


class Run:
    """What became of each series; arrays are [series, periods], nan where nothing is known yet.

    They reach to the end of the last day, so that what is expected in a part of it is what the whole says.

    ``counts`` are nan where nothing was heard, ``exposure`` is the share that was; ``rate`` is that of false alarms of
    a series in a period. ``evidence`` is after how many periods of calm such a
    statistic comes up.
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
        self._length = len(starts)
        rest = int((-starts[-1] - step) % DAY // step) if len(starts) else 0
        starts = np.concatenate([starts, starts[-1:] + step * np.arange(1, rest + 1)])
        counts, exposure = (np.pad(one, ((0, 0), (0, rest)), constant_values=np.nan) for one in (counts, exposure))
        exposure = np.nan_to_num(exposure)
        self.counts = np.where(exposure > 0, counts, np.nan)
        self.expected, self.dispersion, self.evidence = (np.full(counts.shape, np.nan) for _ in range(3))
        self.fired: list[list[Fired]] = [[] for _ in counts]
        self._exposure = np.where(np.isnan(self.counts), 1.0, exposure)
        self._season = Season(starts, step, holidays)
        self.day, self._rate = DAY // step, rate
        self._fired_at = np.zeros(len(counts), dtype=np.int64)
        self._turns = np.zeros(counts.shape, dtype=bool)
        self._away = np.zeros(counts.shape, dtype=bool)

    def follow(self, days: Sequence[slice], turns: NDArray[np.bool_]) -> None:
        """Learn from the first of ``days``, then tell of each.

        ``turns`` [series, periods] are when the level of a series becomes another.
        """
        first = days[0]
        self._turns[:, : turns.shape[1]] = turns
        self._season.begin(first, self._since_turn(first), self._exposure[:, first])
        sums, bursts = self._rehearse(first)
        for day in days[1:]:
            mean, doubt = self._season.predict(day)
            dispersion = self._season.dispersion[:, None] + doubt
            self.expected[:, day], self.dispersion[:, day] = mean * self._exposure[:, day], dispersion
            information = told(mean, dispersion)
            blind = told(mean, self._season.dispersion[:, None]) * doubt > _BLIND
            powers = bursts.powers((day.start - first.start) / self.day / 7)
            caution = care(information, np.where(blind, 0.0, doubt))
            sums.begin(limits(information, self._rate), powers, caution)
            anew = self._watch(
                day,
                np.where(blind, np.nan, self.counts[:, day]),
                sums,
                bursts,
                kept(information).mean(axis=1) * caution,
            )
            counts = np.where(self._away[:, day], np.nan, self._since_turn(day))
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

    def _watch(self, day: slice, counts: Floats, sums: Sums, bursts: Bursts, share: Floats) -> NDArray[np.bool_]:
        """Feed the sums; where the level begins anew on that day, of which nothing more is told then."""
        anew = np.zeros(len(counts), dtype=bool)
        for place, period in enumerate(range(day.start, min(day.stop, self._length))):
            turned = self._turns[:, period] | (sums.open & (period - self._fired_at >= NEW_USUAL * self.day))
            self._close(turned & sums.open, period)
            sums.forget(turned)
            anew |= turned
            seen = np.where(anew, np.nan, counts[:, place])
            fires, back = sums.see(period, seen, self.expected[:, period], self.dispersion[:, period])
            bursts.see(sums.plain, back | turned)
            self.evidence[:, period] = sums.statistic / share
            self._close(back, period)
            self._fired_at[fires] = period
            for series in np.flatnonzero(fires):
                self.fired[series].append(Fired(since=int(sums.since[series]), fired=period))
                self._away[series, sums.since[series] : period + 1] = True
            self._away[:, period] |= sums.open
        return anew

    def _close(self, which: NDArray[np.bool_], period: int) -> None:
        for series in np.flatnonzero(which):
            self.fired[series][-1].closed = period

    def _since_turn(self, day: slice) -> Floats:
        """The counts of a day, without those before the level began anew in it."""
        turns = self._turns[:, day]
        later = np.cumsum(turns[:, ::-1], axis=1)[:, ::-1] - turns > 0
        return np.where(later, np.nan, self.counts[:, day])
