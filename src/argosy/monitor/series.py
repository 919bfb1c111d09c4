"""A signal over time: one figure a period, and how much stands behind it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Law = Literal["count", "share", "amount", "level"]
"""What a value is: a number of events, a share between 0 and 1, an amount above 0 whose changes are told as ratios (a
latency, a cost), or any other figure (a mean)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """One signal of one slice of the traffic, period after period.

    ``slice`` is empty for all traffic, else such as ``language=zh``. ``starts`` [n] are the beginnings of the periods
    in microseconds since the epoch: rising, whole multiples of one step apart. ``values`` [n] are nan where nothing
    was observed: the service was down, or its clock jumped. A period without a request while the service was up is a
    count of 0, and a missing share. ``weights`` [n] tell how many observations stand behind a value (for a count: what
    part of the period was watched; the value is that of a whole one) and are 0 where it is missing.
    """

    signal: str
    slice: str
    starts: NDArray[np.int64]
    values: NDArray[np.float64]
    weights: NDArray[np.float64]
    law: Law = "level"
