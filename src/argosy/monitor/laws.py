"""Where a value stands in the law that its mean and variance leave it: what a handful of texts cannot show is not seen.

A count or a share of few can only take some values. Its place is drawn at random between the chance of less and the
chance of as much, which is uniform under the law (randomised quantile residuals; Dunn and Smyth 1996). What scatters
more than its law is taken for that of fewer observations, as many as have the variance (Korn and Graubard 1998).
"""

import numpy as np
from numpy.typing import NDArray

from argosy.monitor.series import Law

Floats = NDArray[np.float64]
_TINY = float(np.finfo(float).eps)
_CERTAIN = 0.005  # observations of the other kind that are still expected where a regression says "none"


def plain_to_line(law: Law, values: Floats) -> Floats:
    """Values on the scale on which hours and days add up: counts and amounts by their logarithms."""
    if law == "count":
        return np.log(values + 0.5)
    return np.log(np.maximum(values, _TINY)) if law == "amount" else values


def line_to_plain(law: Law, values: Floats) -> Floats:
    """Back to the signal's unit."""
    if law == "count":
        return np.maximum(np.exp(values) - 0.5, 0.0)
    if law == "amount":
        return np.exp(values)
    return np.clip(values, 0.0, 1.0) if law == "share" else values


def sampling(law: Law, mean: Floats, weights: Floats, usual_weights: Floats) -> Floats:
    """The variance on the line that so many observations leave around ``mean``; for other figures up to a factor."""
    if law == "share":
        least = 0.5 / np.maximum(usual_weights, 1.0)
        share = np.clip(mean, least, 1 - least)
        return np.asarray(share * (1 - share) / weights)
    return np.asarray(1 / (np.exp(mean) * weights + 0.5) if law == "count" else usual_weights / weights)


def standardised(law: Law, values: Floats, weights: Floats, mean: Floats, variance: Floats, ties: Floats) -> Floats:
    """Errors in standard deviations: the normal law's quantile of each value's place; ``ties`` are between 0 and 1.

    ``values``, ``mean`` and ``variance`` are those of the line, all [signals].
    """
    from scipy.special import ndtri

    if law in {"level", "amount"}:
        return np.asarray((values - mean) / np.sqrt(variance))
    plain = line_to_plain(law, values)
    if law == "share":
        low, high = _of_share(plain, weights, mean, variance)
    else:  # the mean of a count whose logarithm has this mean and variance
        low, high = _of_count(plain * weights, np.exp(mean + variance / 2) * weights, variance)
    return np.asarray(ndtri(np.clip(low + ties * (high - low), _TINY, 1 - _TINY)))


def _of_share(share: Floats, weights: Floats, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """The chances of a smaller share, and of one as large at most."""
    from scipy.special import betainc

    least = _CERTAIN / (weights + 2 * _CERTAIN)  # far below any rate that is real, lest quiet hours look too calm
    mean = np.clip(mean, least, 1 - least)
    size = np.minimum(mean * (1 - mean) / variance, weights)  # of the sample that has the variance
    step, hits = size / weights, share * size

    def up_to(number: Floats) -> Floats:
        within = np.clip(number, _TINY - 1, size * (1 - _TINY) - _TINY)
        return np.asarray(betainc(np.maximum(size - within, _TINY), within + 1, 1 - mean))

    low = np.where(hits <= step / 2, 0.0, up_to(hits - step / 2 - 0.5))
    return low, np.where(hits >= size - step / 2, 1.0, up_to(hits + step / 2 - 0.5))


def _of_count(count: Floats, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """The chances of a smaller number, and of one as large at most; the variance is that of the logarithm."""
    from scipy.special import gammaincc

    factor = np.maximum(mean * variance, 1.0)
    number, half, mean = count / factor, 0.5 / factor, mean / factor
    low = np.where(number <= half, 0.0, gammaincc(np.maximum(number - half, 0.0) + 0.5, mean))
    return low, gammaincc(number + half + 0.5, mean)
