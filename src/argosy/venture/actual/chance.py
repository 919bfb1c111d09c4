"""95 % intervals of few customers: shares, counts, sums over customers, and means of a customer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from argosy.evaluate.intervals import LEVEL, Interval, around, wilson
from argosy.evaluate.metrics import Form, Ratios

_SEED = 1
_TAIL = (1 - LEVEL) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """``hits`` of ``rows``; ``waiting`` are others whose time is not up, left out of both."""

    hits: int
    rows: int
    waiting: int = 0

    @property
    def interval(self) -> Interval | None:
        """The share with Wilson's interval; None of no rows."""
        return wilson(self.hits, self.rows) if self.rows else None


def summed(parts: Sequence[float]) -> tuple[float, float | None]:
    """The ends of a sum over customers who come at random, each with a part of at least 0; of ones, a count.

    The gamma interval of weighted Poisson counts (Fay and Feuer, Statistics in Medicine 1997;16:791), which is the
    exact one of Garwood (1936) where all parts are 1. Without customers nothing is known of a part's size but for
    counts: the high end is None then, and 3.69 of an empty count, which is given as ``[0.0]``.
    """
    from scipy.special import gammaincinv

    if not parts:
        return 0.0, None
    whole, square, most = sum(parts), sum(one * one for one in parts), max(parts)
    low = float(gammaincinv(whole * whole / square, _TAIL)) * square / whole if whole > 0 else 0.0
    largest = most or 1.0
    mean, spread = whole + largest, square + largest * largest
    return low, float(gammaincinv(mean * mean / spread, 1 - _TAIL)) * spread / mean


def each(over: Sequence[float], under: Sequence[float], *, share: bool = False) -> Interval | None:
    """The quotient of two sums over customers, who are the units of its interval (see ``evaluate.intervals``).

    None below two customers, and where they do not differ, so that nothing tells how far others would.
    """
    if len(over) < 2 or sum(under) <= 0:  # noqa: PLR2004 - one has no spread
        return None
    form = Form.SHARE if share else Form.POSITIVE
    columns = (np.asarray(one, np.float64)[:, None] for one in (over, under))
    found = around(Ratios(over=next(columns), under=next(columns), form=form), seed=_SEED)
    return found if found.low < found.high else None
