"""Counts of one topic or entity, period after period."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
HOUR = 3_600_000_000
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counted:
    """How many texts were counted in each period.

    ``starts`` [n] are the beginnings of the periods in microseconds since the epoch, one step apart: an hour, or any
    other part of a day. ``counts`` [n] are those that were heard, nan where nothing was: the source was silent or the
    crawler down, which is no count of 0. ``exposure`` [n] is the share of the usual sources that was heard, between
    0 and 1: so much of the usual count is expected.
    """

    name: str
    starts: NDArray[np.int64]
    counts: Floats
    exposure: Floats
