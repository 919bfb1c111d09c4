"""Scores of days among those of the days before: what is usual from day to day is no news, whatever the test says.

A test of one day against earlier ones asks whether its texts were drawn as theirs were. They never quite are: every day
has topics of its own. So a day's score is held against the mean and the scatter of the days before, neither of them
below what chance alone would give, by Student's law for as many days.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FAR = 2.5
"""A score from which a day teaches nothing of what is usual."""
WITHIN = 0.912
"""Variance of a normal law between -FAR and FAR."""
_DAYS = 3.0  # of the scatter that chance gives, before any is known
_WEEK = 7  # days that always teach


def among(scores: Floats) -> Floats:
    """The scores [days] of a test, standard normal where chance alone makes them, as such among the days before each.

    Nan stays nan.

    >>> among(np.array([4.0, 5.0, 4.5, 3.5, 5.5, 4.0, 4.5, 4.2, 12.0])).round(1)[[0, -2, -1]]
    array([1.8, 0.2, 3.6])
    """
    found = np.full(len(scores), np.nan)
    days, total, freedom, squares = 1.0, 0.0, _DAYS, _DAYS  # one day of the mean that chance gives
    for day in np.flatnonzero(~np.isnan(scores)):
        apart = (scores[day] - max(total / days, 0.0)) / math.sqrt(1 + 1 / days)
        found[day] = normal(apart / math.sqrt(max(squares / freedom, 1.0)), freedom)
        if days <= _WEEK or abs(found[day]) <= FAR:
            days, total = days + 1, total + scores[day]
            freedom, squares = freedom + 1, squares + apart**2 / WITHIN
    return found


def normal(error: float, freedom: float) -> float:
    """The normal law's quantile of where an error stands in Student's law."""
    from scipy.special import ndtri, stdtr

    return float(math.copysign(ndtri(stdtr(freedom, abs(error))), error))
