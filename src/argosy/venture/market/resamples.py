"""Resamples of the voices, and intervals from them."""

import numpy as np
from numpy.typing import NDArray

from argosy.evaluate.intervals import Interval

Numbers = NDArray[np.float64]
DRAWS = 500
_CELLS = 4_000_000  # numbers held at once while resampling


def resampled(voices: int, seed: int) -> Numbers:
    """How often each voice is drawn [draws, voices]; in the first row each is once: the estimate itself.

    Poisson weights of mean 1 stand for a resample (Hanley and MacGibbon 2006), fewer of them where voices are many.
    """
    draws = int(np.clip(20 * _CELLS // max(voices, 1), 100, DRAWS))
    weights = np.random.default_rng(seed).poisson(1.0, size=(draws + 1, voices)).astype(np.float64)
    weights[0] = 1
    return weights


def around(drawn: Numbers) -> Interval | None:
    """The first of the draws, with the percentiles of the others; None where it is not told."""
    if np.isnan(drawn[0]):
        return None
    low, high = np.nanpercentile(drawn[1:], [2.5, 97.5])
    value = float(drawn[0])
    return Interval(value=value, low=min(float(low), value), high=max(float(high), value))
