"""From the false alarms that are accepted in a month to the limit of each test.

The contract is the expected number of false alarms in 30 days over all signals and slices. An expectation of a sum is
the sum of expectations whatever the dependence, so the number is shared out evenly and nothing is assumed of how
signals move together; what is not used by a signal that warms up or is missing is not handed on.

A test of one signal is a bank of cumulative sums (Page 1954) over scores that are standard normal while nothing
changes: for a rise and for a fall, each for two sizes of shift. Their limits are where the joint rate of the bank is
the one allotted, by a Markov chain over both sums (Brook and Evans 1972).
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SHIFTS = (0.5, 1.5)
"""Sizes of shift that the sums are made for, in standard deviations.

The smaller is about what a day of hourly periods can show at all; at three times that no shift in between is seen with
less than three quarters of the drift of a sum of its own: for a shift of 1 the log-likelihood ratio grows by δ − δ²/2 =
3/8 a period at either, and by 1/2 at best.
"""
_CELLS = 8  # of the chain's lattice in a standard deviation: finer moves no rate by 1 %
_REACH = 6.0  # standard deviations of a score that the chain follows
_OVERSHOOT = 1.166  # by which a normal walk passes two limits, in standard deviations (Siegmund 1985, 10.2)


def share_out(false_alarms: float, series: int, periods: float) -> float:
    """The rate of false alarms per period of one of ``series`` with so many ``periods`` in 30 days.

    >>> share_out(1.0, 20, 720) == 1 / 14_400
    True
    """
    return false_alarms / (series * periods)


def limits(rate: float) -> tuple[float, ...]:
    """The limit of the sum for each of ``SHIFTS``: together, in both directions, they pass ``rate`` of the periods.

    By Siegmund's approximation every sum has the same rate; the chain then says how large that must be. Rates from one
    period in ten million to one in fifty.
    """
    return _limits(float(f"{min(max(rate, 1e-7), 0.02):.3g}"))


@lru_cache(maxsize=64)
def _limits(rate: float) -> tuple[float, ...]:
    from scipy.optimize import brentq

    def missed(logarithm: float) -> float:
        return math.log(2 * passing(_even(math.exp(logarithm))) / rate)

    wanted = math.log(rate / 2)
    return _even(math.exp(brentq(missed, wanted - 2, wanted + 1, xtol=0.005)))


def _even(rate: float) -> tuple[float, ...]:
    """The limits at which each sum alone passes at this rate, by Siegmund's approximation."""
    from scipy.optimize import brentq

    def length(height: float, shift: float) -> float:
        return float((math.expm1(shift * height) - shift * height) / (shift**2 / 2))

    def limit(shift: float) -> float:
        most = (math.log(shift**2 / rate) + 2) / shift + 4
        return float(brentq(lambda height: math.log(length(height, shift) * rate), 1e-3, most)) - _OVERSHOOT

    return tuple(max(limit(shift), 0.0) for shift in SHIFTS)


def passing(limits: Sequence[float]) -> float:
    """The share of periods in which one of the sums of one direction passes its limit, in the long run.

    The greatest eigenvalue of the chain is the chance to go on (Woodall 1983): 1 less that is the rate.
    """
    chain = _chain(limits)
    state, rate, before = np.ones(chain.shape[0]) / chain.shape[0], 1.0, 0.0
    while abs(rate - before) > 1e-5 * rate:  # checked some steps apart: the chain forgets slowly
        before = rate
        for _ in range(20):
            state = chain @ state
            rate = 1 - float(state.sum())
            state /= state.sum()
    return rate


def _chain(limits: Sequence[float]) -> Any:
    """Chances [to, from] between pairs of sums, those that go on alone; pairs are numbered row by row."""
    from scipy.sparse import coo_matrix
    from scipy.special import ndtr

    wide = int(_REACH * _CELLS)
    moves = np.arange(-wide, wide + 1)
    spread = math.sqrt(1 - 1 / (12 * _CELLS**2))  # so that rounding to cells leaves a variance of 1
    edges = ndtr((np.arange(-wide, wide + 2) - 0.5) / _CELLS / spread)
    chances = np.diff(edges)
    sizes = [int(limit * _CELLS + 0.5) + 1 for limit in limits]
    places = [np.arange(size) for size in sizes]
    first, second = (grid.ravel() for grid in np.meshgrid(*places, indexing="ij"))
    landed, kept = [], np.ones((len(first), len(moves)))
    for place, shift, size, limit in zip((first, second), SHIFTS, sizes, limits, strict=True):
        to = np.maximum(place[:, None] + moves - round(shift / 2 * _CELLS), 0)
        within = limit * _CELLS - (size - 1) + 0.5  # how much of the last cell lies below the limit
        kept *= np.where(to >= size, 0.0, np.where(to == size - 1, within, 1.0))
        landed.append(np.minimum(to, size - 1))
    weights = (chances * kept).ravel()
    to = (landed[0] * sizes[1] + landed[1]).ravel()
    source = np.repeat(np.arange(len(first)), len(moves))
    some = weights > 0
    return coo_matrix((weights[some], (to[some], source[some])), shape=(len(first), len(first))).tocsr()
