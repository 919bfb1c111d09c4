"""Evidence of a surge from counts and what was expected: likelihood ratios, summed over the hours it may have begun in.

For each of some multiples the ratio of the chances of a count, if so many times the usual is expected and if the usual
is, multiplies what was gathered before: R ← (1 + R) · ratio (Shiryaev 1963, Roberts 1966). The statistic is their mean.
While counts follow the law that is expected of them, whatever that is hour by hour, it grows by 1 an hour on average:
so a limit is passed no sooner than after that many hours on average (Pollak 1985), and later by what it is passed by.
"""

import numpy as np
from numpy.typing import NDArray

from argosy.monitor.surges.bursts import tempered
from argosy.monitor.surges.series import Floats

MULTIPLES = np.array([2.0, 4.0])
"""Of the usual count, that the statistic is made for; what lies between or beyond is seen by the nearest."""
LEAST = 1.5
"""Multiple of the usual count since it began from which on a rise is a surge, however sure a smaller one is."""
_HUGE = 1e250
CLOSING = 100.0
"""How many times likelier the usual must be than a rise of the root of what fired, for a surge to be over.

That rise is the least multiple at least: a surge goes on while counts stay above about 1.4 times the usual.
"""


def evidence(counts: Floats, expected: Floats, dispersion: Floats, multiple: Floats) -> Floats:
    """The logarithms of the likelihood ratios; all are broadcast together."""
    size = 1 / dispersion
    tilt = (counts + size) * np.log1p((multiple - 1) * expected / (size + expected))
    return np.asarray(counts * np.log(multiple) - tilt)


class Sums:
    """The statistics of many series, fed period after period; ``limits`` [series] are where they alarm."""

    def __init__(self, limits: Floats) -> None:
        series = len(limits)
        self.limits, self.powers, self._care = limits, np.ones(series), np.ones(series)
        self.plain = self.statistic = np.zeros(series)  # as of the last period, before and after tempering
        self.open = np.zeros(series, dtype=bool)
        self._gathered = np.zeros((series, len(MULTIPLES)))
        self.since = np.zeros(series, dtype=np.int64)
        self._walks = np.zeros((series, len(MULTIPLES)))
        self._begun = np.zeros((series, len(MULTIPLES)), dtype=np.int64)
        self._seen, self._expected = np.zeros((series, len(MULTIPLES))), np.zeros((series, len(MULTIPLES)))
        self._away = np.full(series, MULTIPLES[0])
        self._return = np.zeros(series)

    def begin(self, limits: Floats, powers: Floats, care: Floats) -> None:
        """Hold what is gathered against these limits from now on.

        They are ``care`` times higher where means are in doubt. What was gathered in more doubt is worth as much less.
        """
        self._gathered *= np.minimum(care / self._care, 1.0)[:, None]
        self.limits, self.powers, self._care = limits * care, powers, care

    def see(
        self, period: int, counts: Floats, expected: Floats, dispersion: Floats
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Take a period, nan telling nothing; which series alarm, and which are back."""
        here = ~np.isnan(counts)
        known = np.where(here, counts, 0.0)
        ratios = evidence(known[:, None], expected[:, None], dispersion[:, None], MULTIPLES)
        grown = np.minimum((1 + self._gathered) * np.exp(np.minimum(ratios, 100.0)), _HUGE)
        self._gathered = np.where(here[:, None], grown, self._gathered)
        self.plain = self._gathered.mean(axis=1)
        self.statistic = tempered(self.plain, self.powers)
        self._follow(period, here, ratios, known, expected)
        back = self._back(here & self.open, known, expected, dispersion)
        best = np.arange(len(known)), self._gathered.argmax(axis=1)
        ratio = self._seen[best] / np.maximum(self._expected[best], 1e-9)
        fires = here & ~self.open & (self.statistic >= self.limits) & (ratio >= LEAST)
        self.since = np.where(fires, self._begun[best], self.since)
        self._return = np.where(fires, 0.0, self._return)
        self._away = np.where(fires, np.maximum(np.sqrt(ratio), MULTIPLES[0]), self._away)
        self.open = self.open | fires
        self.forget(back)
        return fires, back

    def forget(self, which: NDArray[np.bool_]) -> None:
        """Begin again with these series."""
        self._gathered[which], self._walks[which], self.open[which] = 0.0, 0.0, False

    def _follow(self, period: int, here: NDArray[np.bool_], ratios: Floats, counts: Floats, expected: Floats) -> None:
        """Since when each multiple explains the counts better than the usual."""
        anew = here[:, None] & (self._walks <= 0)
        self._begun = np.where(anew, period, self._begun)
        self._seen = np.where(anew, 0.0, self._seen) + np.where(here, counts, 0.0)[:, None]
        self._expected = np.where(anew, 0.0, self._expected) + np.where(here, expected, 0.0)[:, None]
        self._walks = np.where(here[:, None], np.maximum(self._walks, 0.0) + ratios, self._walks)

    def _back(self, away: NDArray[np.bool_], counts: Floats, expected: Floats, dispersion: Floats) -> NDArray[np.bool_]:
        against = -evidence(counts, expected, dispersion, self._away) * self.powers
        self._return = np.where(away, np.maximum(self._return + against, 0.0), self._return)
        return np.asarray(away & (self._return >= np.log(CLOSING)))
