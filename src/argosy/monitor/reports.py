"""Whether a day's reports are worse than those before: scores for the alarm on live quality.

How much more often wrong answers are reported is not known well, but as long as it stays the same it falls out of the
difference of two shares of right reports, which needs no estimate of it. The difference is that of their arcsines,
whose variance hangs on no share (Anscombe 1948). Days scatter more than reports at random would: by how much is learnt
from the days before, and Student's law says how little a few of them tell of it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.monitor.among import FAR, WITHIN, normal

LEAST = 10
"""Reports below which a day says nothing; and how many the promise stands for before any came."""
_DAYS, _SCATTER = 3.0, 2.0  # days that the first guess counts for: so many times the variance of reports at random
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reports:
    """Weighted reports: those of right answers, all, and the sum of the squares of the weights."""

    right: float = 0.0
    all: float = 0.0
    squares: float = 0.0

    def __add__(self, other: "Reports") -> "Reports":
        return Reports(self.right + other.right, self.all + other.all, self.squares + other.squares)

    @property
    def rows(self) -> float:
        """As many reports of one weight as tell the same."""
        return self.all**2 / self.squares if self.squares else 0.0


def reports_of(right: Floats, weights: Floats) -> Reports:
    """Reports that are ``right`` (1 or 0) by their weights."""
    return Reports(float(weights @ right), float(weights.sum()), float(weights @ weights))


def promised(accuracy: float, odds: float) -> Reports:
    """What a few reports would say if an accuracy held and wrong answers were reported ``odds`` times as often."""
    return Reports(LEAST * accuracy / (accuracy + odds * (1 - accuracy)), LEAST, LEAST)


def scores(days: Sequence[Reports | None], before: Reports) -> Floats:
    """How unusual each day is among all days before it, which begin with ``before``: standard normal, below 0 if worse.

    Nan of days without reports, or with too few; days that are far away teach nothing.

    >>> scores([Reports(90, 100, 100), None, Reports(60, 100, 100)], Reports(9, 10, 10)).round(1)
    array([ 0.2,  nan, -2.5])
    """
    found, usual, known, squares = np.full(len(days), np.nan), before, _DAYS, _DAYS * _SCATTER
    for number, day in enumerate(days):
        if day is None or day.rows < LEAST:
            continue
        if usual.rows >= LEAST:
            apart, scatter = _apart(day, usual), max(squares / known, 1.0)
            found[number] = normal(apart / math.sqrt(scatter), known)
            if abs(found[number]) <= FAR:
                known, squares = known + 1, squares + apart**2 / WITHIN
        if not abs(found[number]) > FAR:
            usual += day
    return found


def _apart(day: Reports, usual: Reports) -> float:
    """The difference of two shares in its standard errors, were their reports drawn at random."""
    return (_arcsine(day) - _arcsine(usual)) / math.sqrt(1 / day.rows + 1 / usual.rows)


def _arcsine(told: Reports) -> float:
    """Twice the arcsine of the square root of a share, whose variance is 1 / rows."""
    return 2 * math.asin(math.sqrt((told.right / told.all * told.rows + 3 / 8) / (told.rows + 3 / 4)))
