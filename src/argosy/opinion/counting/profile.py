"""The shares of sentiments that fit what was said, given how often the classifier errs: a region by a score test.

Of a true mixture ``m`` the classifier says ``A'm`` on the mean, where the rows of ``A`` are what it says of each true
sentiment. The difference between what was said and ``A'm`` has mean zero and a variance of two parts: that of the
texts, and that of the test rows behind ``A``, weighed by the squares of ``m``. A share of negative fits where some
mixture with that share keeps the difference's squared length, in standard deviations, under the 95 % point of a
chi-squared variable. That is Fieller's argument (1954) with the variance taken at the mixture under test, as Wilson
(1927) does: it needs no inverse of ``A``. Where ``A`` tells nothing apart, every share fits.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SMOOTH = 0.5
"""Rows that are added to each count of the matrix, so that what was never seen is not impossible."""
_CRITICAL = 3.841458820694124  # the 95 % point of a chi-squared variable of one degree of freedom
_NODES = 65  # places of a first look along the share
_LOOKS, _PARTS = 5, 8  # nearer looks, each at so many parts of the one before
_ROUNDS = 3
_TINY = 1e-300


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What was said [cells, 2] of the first two sentiments, as shares, and the counted errors ``matrix`` [3, 3].

    The unknowns of a cell add up to ``total`` [cells, 1] and each lie between ``low`` and ``high`` [cells, 1]. The
    variance of what was said is that of ``texts`` [cells, 1] texts at the mixture under test, or ``noise`` [cells, 3]
    (both variances with the covariance between them) where that is given. ``drawn``: the texts stand for more of their
    kind; else the mixture is that of these very texts.
    """

    said: Floats
    matrix: Floats
    total: Floats
    low: Floats
    high: Floats
    texts: Floats
    noise: Floats | None = None
    drawn: bool = True

    @cached_property
    def rates(self) -> Floats:
        """What is said of each true sentiment [3, 3]."""
        smooth = self.matrix + SMOOTH
        return np.asarray(smooth / smooth.sum(axis=1, keepdims=True))

    @cached_property
    def _scatter(self) -> tuple[Floats, Floats, Floats]:
        """Variance, covariance, variance of the first two sayings about one text of each true sentiment [3]."""
        one, two = self.rates[:, 0], self.rates[:, 1]
        return one * (1 - one), -one * two, two * (1 - two)

    def statistic(self, first: Floats) -> Floats:
        """The least squared length [cells, places] of the difference, where the first unknown is this."""
        rest = self.total - first
        least, most = np.maximum(self.low, rest - self.high), np.minimum(self.high, rest - self.low)
        second = (least + most) / 2
        step = self.rates[1, :2] - self.rates[2, :2]
        for _ in range(_ROUNDS):
            gaps, (one, both, two, area) = self._measured(first, second)
            along = step[0] * (two * gaps[0] - both * gaps[1]) + step[1] * (one * gaps[1] - both * gaps[0])
            length = step[0] ** 2 * two - 2 * both * step[0] * step[1] + step[1] ** 2 * one
            second = np.clip(second + along / np.maximum(length, _TINY), least, most)
        gaps, (one, both, two, area) = self._measured(first, second)
        return np.asarray((two * gaps[0] ** 2 - 2 * both * gaps[0] * gaps[1] + one * gaps[1] ** 2) / area)

    def _measured(self, first: Floats, second: Floats) -> tuple[tuple[Floats, Floats], tuple[Floats, ...]]:
        """Differences of both sayings from what the mixture leaves to expect, and their variance with its area."""
        mixture = (first, second, self.total - first - second)
        rows = np.maximum(self.matrix.sum(axis=1), 1.0)
        expected = [sum(part * self.rates[at, said] for at, part in enumerate(mixture)) for said in (0, 1)]
        spread = [sum(part**2 * one[at] / rows[at] for at, part in enumerate(mixture)) for one in self._scatter]
        if self.noise is not None:
            own = [self.noise[:, [at]] for at in range(3)]
        elif self.drawn:
            one, two = expected
            own = [one * (1 - one) / self.texts, -one * two / self.texts, two * (1 - two) / self.texts]
        else:
            own = [sum(part * one[at] for at, part in enumerate(mixture)) / self.texts for one in self._scatter]
        one, both, two = (left + right for left, right in zip(own, spread, strict=True))
        gaps = (self.said[:, [0]] - expected[0], self.said[:, [1]] - expected[1])
        return gaps, (one, both, two, np.maximum(one * two - both**2, _TINY))

    def region(self) -> tuple[Floats, Floats, Floats]:
        """The first unknown that fits best, and the least and the greatest that fit, each [cells].

        A region is never empty: what fits best is the measure. Should even that not fit, the difference tells how far
        the assumptions are off, and the region grows by as much (as a quasi-likelihood's does).
        """
        places = self.low + (self.high - self.low) * np.linspace(0, 1, _NODES)
        found = self.statistic(places)
        best = self._best(places, found)
        least = self.statistic(best)
        enough = least + _CRITICAL * np.maximum(1, least)
        fits = found <= enough
        first, last = fits.argmax(axis=1), _NODES - 1 - fits[:, ::-1].argmax(axis=1)
        some, rows = fits.any(axis=1), np.arange(len(found))
        lowest = np.where(some, np.minimum(places[rows, first], best[:, 0]), best[:, 0])[:, None]
        highest = np.where(some, np.maximum(places[rows, last], best[:, 0]), best[:, 0])[:, None]
        step = (self.high - self.low) / (_NODES - 1)
        below = np.maximum(self.low, self.low + step * (np.ceil((lowest - self.low) / step - 1e-9) - 1))
        above = np.minimum(self.high, self.low + step * (np.floor((highest - self.low) / step + 1e-9) + 1))
        return best[:, 0], self._edge(below, lowest, enough), self._edge(above, highest, enough)

    def _best(self, places: Floats, found: Floats) -> Floats:
        """The place that fits best [cells, 1]: nearer and nearer looks about the best one so far."""
        rows = np.arange(len(found))
        for _ in range(_LOOKS):
            at, last = found.argmin(axis=1), places.shape[1] - 1
            left, right = places[rows, np.maximum(at - 1, 0)], places[rows, np.minimum(at + 1, last)]
            places = _between(left[:, None], right[:, None])
            found = self.statistic(places)
        return np.asarray(places[rows, found.argmin(axis=1)][:, None])

    def _edge(self, outside: Floats, inside: Floats, enough: Floats) -> Floats:
        """Where fitting begins on the way from one place to another [cells]; the first where even that fits."""
        rows = np.arange(len(outside))
        for _ in range(_LOOKS):
            places = _between(outside, inside)
            fits = self.statistic(places) <= enough
            fits[:, -1] = True
            at = fits.argmax(axis=1)
            outside, inside = places[rows, np.maximum(at - 1, 0)][:, None], places[rows, at][:, None]
        return np.asarray((outside + inside)[:, 0] / 2)


def _between(one: Floats, other: Floats) -> Floats:
    return np.asarray(one + (other - one) * np.linspace(0, 1, _PARTS + 1))
