"""How much each need matters, how well it is met, by whom, and where the opportunity is.

Opportunity = importance + max(importance - satisfaction, 0), each from 0 to 10 (Ulwick, "Turn customer input into
innovation", Harvard Business Review, January 2002). Ulwick asks customers for both; here both are told by what they
say unasked. Importance is 10 times the share of voices that speak of a need over that of the need most spoken of, or,
derived, 10 times its effect on ratings over that of the need of the largest effect. Satisfaction is the mean of what is
felt, from 0 (all negative) to 10 (all positive): of voices that are plainly one or the other, ten times the share of
the satisfied. All intervals are of 95 %, and voices are their unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.evaluate.intervals import Interval, Z, quantile_of_t, share, wilson
from argosy.venture.market.resamples import Numbers, around, resampled
from argosy.venture.market.voices import Mined

_PRIOR = 2.0  # voices of the need's usual spread that are added to a brand's own
_TOP = 10.0
_FEWEST = 8  # rated voices for each need, from which its effect on ratings is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentiment:
    """What ``voices`` feel about a need of a brand (None: the whole market), from -1 to 1.

    ``felt`` is None where nobody says. The mean itself is not shrunk; its spread is, towards that of the need among all
    brands, as if two voices more had spoken, so that few voices that agree do not look certain. The error of a model
    of sentiment that was learnt from ratings is part of the interval.
    """

    need: str
    brand: str | None
    voices: int
    felt: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opportunity:
    """A need's importance, satisfaction and opportunity, each from 0 to 10 but for the last, which ends at 20.

    ``spoken`` is the share of voices that speak of it; ``effect`` is how much higher voices rate that are wholly
    content with it than those that are not at all, other needs being equal, on ratings from -1 to 1. None: it cannot be
    told.
    """

    need: str
    spoken: Interval
    effect: Interval | None
    importance: Interval
    satisfaction: Interval | None
    score: Interval | None


def sentiments(mined: Mined, brands: Sequence[str | None]) -> list[Sentiment]:
    """What is felt about each need, brand by brand; None among ``brands`` stands for the whole market."""
    return [
        _sentiment(mined, at, brand, _of(mined, brand) & mined.spoken[:, at])
        for at in range(len(mined.needs))
        for brand in brands
    ]


def opportunities(mined: Mined, brand: str | None = None, *, derived: bool = False, seed: int = 7) -> list[Opportunity]:
    """The needs with the largest opportunity first.

    Satisfaction is that with ``brand`` (None: with all brands), importance is the market's. ``derived`` takes the
    effect on ratings for importance; where effects cannot be told, the shares of voices stand for it all the same.
    """
    if not mined.needs or not len(mined.voices):
        return []
    weights = resampled(len(mined.voices), seed)
    effect = _effects(mined, weights)
    importance = _importance(mined, weights, effect if derived else None)
    felt = _satisfaction(mined, weights, _of(mined, brand))
    with np.errstate(invalid="ignore"):
        score = importance + np.maximum(importance - felt, 0)
    found = [
        Opportunity(
            need=need.name,
            spoken=wilson(int(mined.spoken[:, at].sum()), len(mined.voices)),
            effect=None if effect is None else around(effect[:, at]),
            importance=around(importance[:, at]) or Interval(value=0, low=0, high=_TOP),
            satisfaction=_met(mined, at, brand),
            score=around(score[:, at]),
        )
        for at, need in enumerate(mined.needs)
    ]
    return sorted(found, key=lambda one: (one.score is None, -(one.score.value if one.score else one.importance.value)))


def _of(mined: Mined, brand: str | None) -> NDArray[np.bool_]:
    if brand is None:
        return np.ones(len(mined.voices), np.bool_)
    return np.array([one.brand == brand for one in mined.voices], np.bool_)


def _sentiment(mined: Mined, at: int, brand: str | None, who: NDArray[np.bool_]) -> Sentiment:
    values = mined.felt[:, at].astype(np.float64)
    every = values[~np.isnan(values)]
    told = who & ~np.isnan(values)
    return Sentiment(
        need=mined.needs[at].name,
        brand=brand,
        voices=int(np.sum(who)),
        felt=_mean(values[told], float(np.var(every)), _doubt(mined, brand)) if told.any() else None,
    )


def _mean(felt: Numbers, usual: float, doubt: float) -> Interval:
    """A mean from -1 to 1 with the score interval of a share that has its standard error (Korn and Graubard 1998)."""
    value, rows = float(np.mean(felt)), len(felt)
    spread = (float(np.sum((felt - value) ** 2)) + _PRIOR * usual) / max(rows - 1 + _PRIOR, 1)
    middle, error = (value + 1) / 2, np.sqrt(max(spread, 1e-6) / rows + doubt) / 2
    even = middle * (1 - middle)
    many = even / error**2 * (Z / quantile_of_t(rows - 1 + _PRIOR)) ** 2 if even > 0 else rows
    ends = share(middle, max(float(many), 0.5))
    return Interval(value=value, low=2 * ends.low - 1, high=2 * ends.high - 1)


def _doubt(mined: Mined, brand: str | None) -> float:
    """The squared error that the model of sentiment leaves in a need's mean, on the average over needs."""
    if mined.doubt is None:
        return 0.0
    of = _of(mined, brand)
    means = [float(np.mean(one[~np.isnan(one)])) for one in mined.doubt[of].T if not np.isnan(one).all()]
    return float(np.mean(np.square(means))) if means else 0.0


def _met(mined: Mined, at: int, brand: str | None) -> Interval | None:
    felt = _sentiment(mined, at, brand, _of(mined, brand) & mined.spoken[:, at]).felt
    if felt is None:
        return None
    return Interval(value=_scaled(felt.value), low=_scaled(felt.low), high=_scaled(felt.high))


def _scaled(felt: float) -> float:
    return _TOP * (felt + 1) / 2


def _importance(mined: Mined, weights: Numbers, effect: Numbers | None) -> Numbers:
    """The importance in each draw [draws, needs]: by effects where they are given and any is above 0, or by shares."""
    shares = weights @ mined.spoken.astype(np.float64)
    weight = shares if effect is None or not np.any(effect[0] > 0) else np.maximum(effect, 0)
    most = weight.max(axis=1, keepdims=True)
    return np.asarray(_TOP * weight / np.where(most > 0, most, 1))


def _satisfaction(mined: Mined, weights: Numbers, who: NDArray[np.bool_]) -> Numbers:
    """The satisfaction in each draw [draws, needs], NaN where nobody says."""
    told = who[:, None] & ~np.isnan(mined.felt)
    over = weights @ np.where(told, mined.felt, 0).astype(np.float64)
    under = weights @ told.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(_TOP * (over / under + 1) / 2)


def _effects(mined: Mined, weights: Numbers) -> Numbers | None:
    """How ratings go with what is felt about each need [draws, needs], by least squares over all needs.

    A need counts by what a voice feels about it, and apart from that by its being spoken of, which takes up that those
    who speak of it may rate otherwise. None without ratings, or with too few for the needs.
    """
    felt = np.nan_to_num(mined.felt.astype(np.float64))
    rows = ~np.isnan(mined.rated) & mined.spoken.any(axis=1)
    needs = felt.shape[1]
    if np.sum(rows) < _FEWEST * needs or not np.any(felt[rows]):
        return None
    design = np.concatenate([np.ones((int(rows.sum()), 1)), felt[rows], mined.spoken[rows]], axis=1)
    rated, held = mined.rated[rows], 1e-3 * np.eye(design.shape[1])
    found = np.empty((len(weights), needs))
    for draw, weight in enumerate(weights):
        heavy = design * weight[rows, None]
        found[draw] = 2 * np.linalg.solve(heavy.T @ design + held, heavy.T @ rated)[1 : needs + 1]
    return found
