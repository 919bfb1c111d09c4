"""What a new ranker would have earned, from lists that another one showed with known chances.

How lists are logged: places are filled from the first on. At each, given the user and what stands before, an item is
put there with a chance that is kept with it (``Shown.chance``): mostly the best one left, sometimes one of a pool to
be learnt about. A new ranker would have put the same item there with another chance, given the same.

- What is assumed: chances are the true ones, and the new ranker puts nothing anywhere that the log never could.
- What is estimated: good outcomes (clicks) per list at the first ``places`` places, if the new ranker filled them. With
  one place nothing else is assumed. With more a click may hang on the places before it, not on those behind: a place is
  weighed by the product of the ratios of chances down to it (McInerney et al., Counterfactual Evaluation of Slate
  Recommendations with Sequential Reward Interactions, KDD 2020), which takes far more lists.
- ``ips``: inverse propensity scores (Horvitz and Thompson 1952); ``snips``: divided by the sum of the weights
  (Swaminathan and Joachims, The Self-Normalized Estimator for Counterfactual Learning, NeurIPS 2015); ``clipped``:
  weights of at most the root of the number of lists (Ionides, Truncated Importance Sampling, 2008), where the interval
  goes on upwards by all that clipping can have hidden (Bottou et al., Counterfactual Reasoning and Learning Systems,
  JMLR 2013); ``doubly``: doubly robust (Dudík, Langford and Li, ICML 2011; for lists Kiyohara et al., WSDM 2022), with
  a model of clicks that was fitted on other users (Chernozhukov et al., Double Machine Learning, 2018).

Lists of one user hang together, so standard errors are those of sums by user. Figures that are shares get the exact
interval of a share of as many rows as would have their standard error, others Student's t. Nothing is told where too
few lists bear on the new ranker: an interval from a handful of large weights would be far too narrow.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from argosy.evaluate.intervals import Interval, Z, quantile_of_t, share
from argosy.recommend.judging.clicks import Fit, crossed, logistic
from argosy.recommend.judging.logged import Doubles, Logged

FEWEST = 50
"""Effective lists, and places where by chance stands what the new ranker would show: with fewer nothing is told."""
_ALIKE = 2.0  # weights between its inverse and it: both rankers do the same there
_SIGMAS = 3.5
_NEAR = 0.995  # lists of which so many are alike need no others
Refused = Literal["", "nothing_explored", "too_few", "out_of_reach"]
"""Why nothing is told: no item stood anywhere by chance; too few did that the new ranker would show; it would show
items that the log never could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How much the log says of the new ranker.

    ``effective`` is how many lists of the new ranker's own would tell as much (Kish 1965), ``reach`` the mean weight:
    1 but for luck if the log could show all that it would. At ``met`` places stood by chance what it would show;
    ``needed`` more lists with as much exploration make enough of them, 0 where more would not help.
    """

    effective: float
    reach: float
    met: int
    refused: Refused
    needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """Good outcomes per list at the first ``places`` places, with 95 % intervals, of ``lists`` of so many ``users``.

    ``logged`` is what the lists themselves had, the others are the new ranker's, None where refused; ``doubly`` is None
    too where nothing describes the items. ``gain`` is the new ranker's less ``logged``, list by list: by ``doubly``, or
    by ``snips`` without it.
    """

    lists: int
    users: int
    places: int
    overlap: Overlap
    logged: Interval
    ips: Interval | None = None
    snips: Interval | None = None
    clipped: Interval | None = None
    doubly: Interval | None = None
    gain: Interval | None = None


def estimate(logged: Logged, *, seed: int = 0, fit: Fit = logistic) -> Estimates:
    """What the new ranker would have earned, from at least one list.

    ``fit`` makes the model of clicks, ``seed`` divides the users whom it is crossed over.
    """
    by_user, places = _Sums.of(logged.users), logged.good.shape[1]
    weights = np.asarray(np.cumprod(logged.new / logged.old, axis=1), np.float64)
    overlap, rate = _overlap(logged.old, weights, by_user), logged.good.mean(axis=1)
    told = Estimates(
        lists=len(weights),
        users=by_user.users,
        places=places,
        overlap=overlap,
        logged=_scaled(_of_share(rate, rate - rate.mean(), by_user, by_user.users), places),
    )
    if overlap.refused:
        return told
    freedom = min(overlap.effective, by_user.users)
    weighed, normal = (weights * logged.good).mean(axis=1), _normalised(weights, logged.good)
    best, doubly = normal, None
    if logged.described is not None:
        seen, would = crossed(logged.described, logged.good, by_user.number, seed=seed, fit=fit)
        before = np.concatenate([np.ones((len(weights), 1)), weights[:, :-1]], axis=1)
        best = np.asarray((weights * (logged.good - seen) + before * would).mean(axis=1))
        doubly = _scaled(_of_mean(best, by_user, freedom), places)
    return replace(
        told,
        ips=_scaled(_of_share(weighed, weighed - weighed.mean(), by_user, freedom), places),
        snips=_scaled(_of_share(normal, normal - normal.mean(), by_user, freedom), places),
        clipped=_scaled(_clipped(weights, logged.good, by_user), places),
        doubly=doubly,
        gain=_scaled(_of_mean(best - rate, by_user, freedom), places),
    )


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums by user."""

    number: NDArray[np.int64]  # [lists]
    users: int

    @classmethod
    def of(cls, users: NDArray[np.int64]) -> "_Sums":
        """Users are numbered."""
        known, number = np.unique(users, return_inverse=True)
        return cls(number=number.reshape(-1), users=len(known))

    def error(self, away: Doubles) -> float:
        """The standard error of a mean over lists, of what each list is away from it."""
        sums = np.bincount(self.number, away, minlength=self.users)
        return math.sqrt(float(sums @ sums) * self.users / max(self.users - 1, 1)) / len(away)


def _overlap(old: Doubles, weights: Doubles, by_user: _Sums) -> Overlap:
    effective, met = float(_effective(weights).min()), int(np.sum(weights > _ALIKE))
    refused, needed = _refused(old, weights, by_user, met)
    if not refused and effective < FEWEST:
        refused, needed = "too_few", math.ceil(len(weights) * (FEWEST / effective - 1))
    return Overlap(effective=effective, reach=float(weights.mean()), met=met, refused=refused, needed=needed)


def _refused(old: Doubles, weights: Doubles, by_user: _Sums, met: int) -> tuple[Refused, int]:
    """Why nothing can be told, and how many more lists would change that."""
    apart = 1 - float(((weights >= 1 / _ALIKE) & (weights <= _ALIKE)).mean())
    if apart <= 1 - _NEAR:
        return "", 0
    rare = old[old < 1 / _ALIKE]
    if not len(rare):
        return "nothing_explored", 0
    expected = weights.size * apart * float(np.median(rare))  # places that would meet the new ranker
    if expected < FEWEST:
        return "too_few", math.ceil(len(weights) * (FEWEST / expected - 1))
    mass = weights.mean(axis=1)
    if float(mass.mean()) + _SIGMAS * by_user.error(mass - mass.mean()) < 1:
        return "out_of_reach", 0
    return ("", 0) if met else ("too_few", len(weights))


def _effective(weights: Doubles) -> Doubles:
    """Kish's effective number of lists at each place."""
    return np.asarray(weights.sum(axis=0) ** 2 / np.maximum(np.sum(weights**2, axis=0), np.finfo(np.float64).tiny))


def _normalised(weights: Doubles, good: Doubles) -> Doubles:
    """Each list's part in the self-normalised estimate, by the linear terms of its error."""
    sums = np.maximum(weights.mean(axis=0), np.finfo(np.float64).tiny)
    values = (weights * good).mean(axis=0) / sums
    return np.asarray((weights * (good - values) / sums + values).mean(axis=1))


def _clipped(weights: Doubles, good: Doubles, by_user: _Sums) -> Interval:
    """With what clipping hides on top: a weight's missing part could have been clicks, all of it."""
    kept = np.minimum(weights, math.sqrt(len(weights)))
    freedom = min(float(_effective(kept).min()), by_user.users)
    earned, mass = (kept * good).mean(axis=1), kept.mean(axis=1)
    inner = _of_share(earned, earned - earned.mean(), by_user, freedom)
    if not np.any(kept < weights):
        return inner
    hidden = 1 - float(mass.mean()) + quantile_of_t(freedom) * by_user.error(mass - mass.mean())
    return Interval(value=inner.value, low=inner.low, high=min(inner.high + max(hidden, 0.0), 1.0))


def _of_share(scores: Doubles, away: Doubles, by_user: _Sums, freedom: float) -> Interval:
    """The mean of scores, which estimates a share of good places, with the exact interval of such a share."""
    value, error, rows = min(max(float(scores.mean()), 0.0), 1.0), by_user.error(away), max(freedom, 1.0)
    if 0 < value < 1 and error > 0:
        rows = value * (1 - value) / error**2 * (Z / quantile_of_t(freedom - 1)) ** 2
    return share(value, rows)


def _of_mean(scores: Doubles, by_user: _Sums, freedom: float) -> Interval:
    value = float(scores.mean())
    half = quantile_of_t(freedom - 1) * by_user.error(scores - value)
    return Interval(value=value, low=value - half, high=value + half)


def _scaled(told: Interval, places: int) -> Interval:
    """From a share of places to good outcomes of a list."""
    return Interval(value=told.value * places, low=told.low * places, high=told.high * places)
