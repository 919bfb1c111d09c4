"""Whether a day's reports are worse than those before: scores for the alarm on live quality.

How much more often wrong answers are reported is not known well, but as long as it stays the same it falls out of the
difference of two shares of right reports, which needs no estimate of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST = 10
"""Reports below which a day says nothing; and how many the promise stands for before any came."""
_FAR = 2.0  # standard errors from which a day teaches nothing of what is usual
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
    """How many standard errors each day lies above all days before it, which begin with ``before``.

    Nan of days without reports, or with too few; days that are far away teach nothing.

    >>> scores([Reports(90, 100, 100), None, Reports(60, 100, 100)], Reports(9, 10, 10)).round(1)
    array([ 0. ,  nan, -5.1])
    """
    found, usual = np.full(len(days), np.nan), before
    for number, day in enumerate(days):
        if day is None or day.rows < LEAST:
            continue
        if usual.rows >= LEAST:
            found[number] = _apart(day, usual)
        if not abs(found[number]) > _FAR:
            usual += day
    return found


def _apart(day: Reports, usual: Reports) -> float:
    """The difference of two shares in its standard errors, were they one share, with half a report of either kind."""
    rows = day.rows + usual.rows
    share = (day.rows * day.right / day.all + usual.rows * usual.right / usual.all + 0.5) / (rows + 1)
    error = np.sqrt(share * (1 - share) * (1 / day.rows + 1 / usual.rows))
    return float((day.right / day.all - usual.right / usual.all) / error)
