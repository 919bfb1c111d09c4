"""Tests that may be looked at all the time: evidence against "no worse" that grows with every second or every label.

Evidence is an e-value: under its null hypothesis it ever reaches ``1 / alpha`` with a chance of at most ``alpha``,
however often it is looked at (Ville 1939), so a canary can be rolled back at the first second that shows enough.

- Two arms that share the traffic at random, counted window by window: given a window's totals, the second arm's hits
  are hypergeometric if the arms are alike (Fisher 1935), whatever the load, the hour or the common rate of hits. A
  window's factor is the likelihood ratio of Fisher's noncentral law at some odds; factors multiply over windows and
  processes, and the odds are mixed (Robbins 1970). Comparing canaries so is due to Lindon, Sanden and Shirikian (Rapid
  Regression Detection in Software Deployments through Sequential Testing, KDD 2022).
- Pairs of answers to the same rows: won, lost or alike. The wealth of a gambler who bets on the mean of the differences
  (Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting, JRSSB 2024), some stakes mixed.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ODDS: Floats = np.array([1.5, 3.0, 10.0, 50.0, 300.0])
"""How many times as likely a hit may be in the second arm; their evidence is averaged."""
_STAKES: Floats = np.array([0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.7, 0.9])
_POWER = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """One window: how many were seen in each arm (``first`` the one trusted), and how many of them were hits."""

    first: int
    second: int
    first_hits: int
    second_hits: int


def log_factors(arms: Arms) -> Floats:
    """Natural logarithms [odds] of what one window multiplies the evidence by: that the second arm has more hits.

    Zero where the window tells nothing: an empty arm, no hit, or nothing but hits.
    """
    alike, *apart = log_likelihoods(arms, np.array([0.0, *np.log(ODDS)]))
    return np.asarray(np.array(apart) - alike)


def log_likelihoods(arms: Arms, log_odds: Floats) -> Floats:
    """The logarithm [odds] of how likely one window's hits of the second arm are at each ratio of the odds of a hit.

    That is Fisher's noncentral law, given the window's totals; 0 at every ratio where the window tells nothing.
    """
    hits = arms.first_hits + arms.second_hits
    if not (arms.first and arms.second and 0 < hits < arms.first + arms.second):
        return np.zeros(len(log_odds))
    low, high = max(0, hits - arms.first), min(arms.second, hits)
    steps = np.arange(low, high)
    ratios = (arms.second - steps) * (hits - steps) / ((steps + 1.0) * (arms.first - hits + steps + 1.0))
    weights = np.concatenate([[0.0], np.cumsum(np.log(ratios))])  # [hits in the second arm], up to a constant
    tilted = weights + np.outer(log_odds, np.arange(low, high + 1))
    return np.asarray(weights[arms.second_hits - low] + arms.second_hits * log_odds - _log_sum(tilted))


def log_mixed(logs: Floats) -> float:
    """The logarithm of the average of evidence given by its logarithms, whatever their shape."""
    flat = logs.reshape(1, -1)
    return float(_log_sum(flat)[0]) - math.log(flat.size)


def log_paired(won: int, lost: int, alike: int, *, at_most: float) -> float:
    """The logarithm of the evidence against "the mean of won − lost per row is ``at_most``" or less.

    Depends on the counts alone, not on their order. A model is shown to be less than 3 points worse by its ``won`` and
    ``lost`` at ``at_most=-0.03``; that it is more than 3 points worse by the two swapped at ``at_most=0.03``.

    >>> log_paired(0, 0, 100, at_most=-0.03) > 0 > log_paired(0, 6, 94, at_most=-0.03)
    True
    """
    stakes = _STAKES / (1 + max(at_most, 0.0))  # nobody loses more than there is
    gains = np.log1p(np.outer(stakes, np.array([1.0, -1.0, 0.0]) - at_most))  # [stakes, outcomes]
    return log_mixed(gains @ np.array([won, lost, alike], dtype=np.float64))


def rows_needed(*, margin: float, disagreement: float, alpha: float) -> int:
    """Rows that show with 90 % power that a model as good is not worse by ``margin``: the size to state in advance.

    ``disagreement`` is the share of rows on which one of the two is right and the other wrong. From the mean and the
    spread of the logarithm of the wealth at the best stake, margin / disagreement (at most 0.9).

    >>> rows_needed(margin=0.03, disagreement=0.1, alpha=0.001)
    3880
    """
    stake = min(0.9, margin / max(disagreement, 1e-9))
    up, down, flat = (math.log1p(stake * (outcome + margin)) for outcome in (1.0, -1.0, 0.0))
    half = disagreement / 2
    mean = half * (up + down) + (1 - disagreement) * flat
    variance = half * (up**2 + down**2) + (1 - disagreement) * flat**2 - mean**2
    wanted = math.log(len(_STAKES) / alpha)
    reach = NormalDist().inv_cdf(_POWER) * math.sqrt(max(variance, 0.0))
    return math.ceil(((reach + math.sqrt(reach**2 + 4 * mean * wanted)) / (2 * mean)) ** 2)


def _log_sum(logs: Any) -> Floats:
    """log Σ exp over the last axis."""
    most = logs.max(axis=-1)
    return np.asarray(most + np.log(np.exp(logs - most[..., None]).sum(axis=-1)))
