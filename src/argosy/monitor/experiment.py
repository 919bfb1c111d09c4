"""Two versions compared while customers use both: tests that may be looked at all the time, and their sizes.

- By request: outcomes in the order in which they came are cut into windows; given a window's totals, the second
  version's good ones are hypergeometric if the versions are alike (Fisher 1935), whatever the hour or the customer.
  Likelihood ratios of Fisher's noncentral law, mixed over the ratio of the odds by a normal law (Robbins 1970),
  multiply over windows: an e-process on both sides, and by inversion an interval for the ratio that holds at all times
  (Howard, Ramdas, McAuliffe and Sekhon, Time-uniform confidence sequences, Annals of Statistics 2021). The interval of
  the difference is that of the ratio, at the share of good outcomes that both versions have together.
- By tenant: outcomes of one tenant go together, so each tenant counts once. One gambler for each strength bets, before
  he is told, on the version that a tenant was given, seeing how far the tenant's mean lies from those before; versions
  are drawn with a known chance, so nobody can win at it if they are alike (Duan, Ramdas and Wasserman, Interactive rank
  testing by betting, CLeaR 2022). The interval has the differences that, taken off the second version's tenants, leave
  nothing to win.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from argosy.core.experiment import Design, Standing, Winner
from argosy.evaluate.sequential import Arms, log_likelihoods

Floats = NDArray[np.float64]
WINDOW = 50
"""Outcomes of a window, at least."""
_NORMAL = NormalDist()
_WIDEST = 5.0  # logarithm of a ratio of odds
_POINTS = np.sinh(np.linspace(-4.0, 4.0, 161)) / math.sinh(4.0)  # from -1 to 1, dense at 0, which is one of them
_ZERO = len(_POINTS) // 2
_NODES = np.linspace(-4.0, 4.0, 41)  # standard deviations of the mixture
_PRIOR = 2.0  # tenants that the base counts for
_MOST_UNITS = 10**9
_LEAST_PART, _MOST_PART = 0.1, 0.5  # of the units that are one tenant's
_ON_TOP = 1.5  # times these, so that a winner is one without any of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Outcomes of one tenant that became known together ``at`` a time: how many of each version, how many good."""

    tenant: str
    at: int
    first: int = 0
    second: int = 0
    first_good: int = 0
    second_good: int = 0

    @property
    def units(self) -> int:
        """All."""
        return self.first + self.second


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """How many units an experiment needs: ``most`` with the power that is stated, ``half`` in half of all cases."""

    most: int
    half: int


def judge(design: Design, seen: Sequence[Seen]) -> Standing:
    """What the outcomes so far show; the same outcomes and more show it again."""
    return _by_tenant(design, seen) if design.by == "tenant" else _by_request(design, seen)


def size(design: Design) -> Needed:
    """The units that find an effect of the design's size, upwards and downwards where both can be, with its power.

    ``units`` and ``most`` of the design count for nothing. Raises ValueError where nothing can differ so from the base.
    """
    sides = [design.base + sign * design.effect for sign in (1, -1)]
    sides = [side for side in sides if 0 < side < 1]
    if not sides or not 0 < design.base < 1:
        raise ValueError(design.base, design.effect)
    wants = (_NORMAL.inv_cdf(design.power), 0.0)
    most, half = (max(_units(design, side, reach) for side in sides) for reach in wants)
    return Needed(most=most, half=half)


def bounded(needed: int, most: int | None, tenants: int) -> tuple[int, int]:
    """The units to tell, and how many of these one of some tenants may have: ``most``, or twice an even share.

    A tenth at least. Up to half of the units, half as many again come on top: there are enough without any one tenant,
    whichever it is. Where one may have more, since there are too few tenants, one may decide.
    """
    part = min(1.0, max(_LEAST_PART, 2 / max(tenants, 1)))
    if most is None and part > _MOST_PART:
        return needed, needed
    extra = math.ceil(needed * part / (1 - part)) if most is None else most
    return (needed + math.ceil(_ON_TOP * extra), extra) if extra <= needed else (needed, extra)


def windows(design: Design, seen: Sequence[Seen]) -> tuple[list[Arms], int, int]:
    """Windows in the order of their outcomes, how many outcomes of tenants were too many, and how many still wait."""
    counted: Counter[str] = Counter()
    left_out, made = 0, []
    now = Arms(first=0, second=0, first_hits=0, second_hits=0)
    for one in sorted(seen, key=lambda one: one.at):
        if counted[one.tenant] >= design.most:  # known before the outcome, so that no choice is made by it
            left_out += one.units
            continue
        counted[one.tenant] += one.units
        now = Arms(
            first=now.first + one.first,
            second=now.second + one.second,
            first_hits=now.first_hits + one.first_good,
            second_hits=now.second_hits + one.second_good,
        )
        if now.first + now.second >= WINDOW:
            made.append(now)
            now = Arms(first=0, second=0, first_hits=0, second_hits=0)
    return made, left_out, now.first + now.second


def request_evidence(design: Design, arms: Sequence[Arms]) -> Floats:
    """Logarithms of the e-values [windows, points] against each ratio of the odds, after each window."""
    told = np.array([_likelihoods(one.first, one.second, one.first_hits, one.second_hits) for one in arms])
    path = told.reshape(-1, len(_POINTS)).cumsum(axis=0)
    return np.asarray(_log_mean(path, _weights(_WIDEST * _POINTS, _scale(design)))[:, None] - path)


def tenant_evidence(design: Design, second: NDArray[np.bool_], means: Floats, points: Floats) -> Floats:
    """Logarithms of the e-values [tenants, points] against each difference, after each tenant."""
    share, strengths = design.share, _NODES * design.effect / _variance(design, design.base)
    weights = _weights(_NODES, 1.0)
    logs, path = np.zeros((len(points), len(_NODES))), np.zeros((len(means), len(points)))
    total, known = np.full(len(points), _PRIOR * design.base), _PRIOR
    for place, (mean, given) in enumerate(zip(means, second, strict=True)):
        value = mean - points * given
        stakes = np.outer(value - total / known, strengths)
        logs += stakes * (given - share)
        logs -= np.logaddexp(math.log(share) + stakes * (1 - share), math.log1p(-share) - stakes * share)
        path[place] = _log_mean(logs, weights)
        total, known = total + value, known + 1
    return path


def tenants(design: Design, seen: Sequence[Seen]) -> tuple[NDArray[np.bool_], Floats, int]:
    """Whether each tenant has the second version, its mean, in the order in which they had enough; who waits."""
    sums: dict[str, list[int]] = {}
    arms: dict[str, bool] = {}
    done: list[tuple[bool, float]] = []
    for one in sorted(seen, key=lambda one: one.at):
        second = arms.setdefault(one.tenant, one.second > 0)
        units, good = (one.second, one.second_good) if second else (one.first, one.first_good)
        so_far = sums.setdefault(one.tenant, [0, 0])
        if so_far[0] < design.least and units:
            so_far[0], so_far[1] = so_far[0] + units, so_far[1] + good
            if so_far[0] >= design.least:
                done.append((second, so_far[1] / so_far[0]))
    waiting = sum(units < design.least for units, _ in sums.values())
    return np.array([second for second, _ in done], dtype=bool), np.array([mean for _, mean in done]), waiting


def _by_request(design: Design, seen: Sequence[Seen]) -> Standing:
    arms, left_out, waiting = windows(design, seen)
    first, second = sum(one.first for one in arms), sum(one.second for one in arms)
    good = (sum(one.first_hits for one in arms), sum(one.second_hits for one in arms))
    shares = (good[0] / first if first else None, good[1] / second if second else None)
    evidence = request_evidence(design, arms)
    low, high = _range(design, evidence, _WIDEST * _POINTS)
    ends = [_difference(end, first, second, sum(good)) for end in (low, high)]
    found = _standing(design, evidence[:, _ZERO], (first, second), shares, (ends[0], ends[1]))
    alone = _alone(design, seen, found.winner) if 2 * design.most <= design.units else ""
    return replace(found, winner="" if alone else found.winner, alone=alone, left_out=left_out, waiting=waiting)


def _alone(design: Design, seen: Sequence[Seen], winner: Winner) -> str:
    """A tenant without whose outcomes the winner would be none, at no look so far."""
    if not winner:
        return ""
    ratios = _WIDEST * _POINTS
    for tenant in sorted({one.tenant for one in seen}):
        arms, _, _ = windows(design, [one for one in seen if one.tenant != tenant])
        evidence = request_evidence(design, arms)
        if _winner(evidence[:, _ZERO], math.log(1 / design.alpha), _range(design, evidence, ratios)) != winner:
            return tenant
    return ""


def _by_tenant(design: Design, seen: Sequence[Seen]) -> Standing:
    second, means, waiting = tenants(design, seen)
    counts = (int((~second).sum()), int(second.sum()))
    shares = tuple(float(means[arm].mean()) if arm.any() else None for arm in (~second, second))
    evidence = tenant_evidence(design, second, means, _POINTS)
    ends = _range(design, evidence, _POINTS)
    return replace(_standing(design, evidence[:, _ZERO], counts, (shares[0], shares[1]), ends), waiting=waiting)


def _standing(
    design: Design,
    evidence: Floats,
    units: tuple[int, int],
    shares: tuple[float | None, float | None],
    ends: tuple[float, float],
) -> Standing:
    limit = math.log(1 / design.alpha)
    first, second = shares
    difference = None if first is None or second is None else second - first
    return Standing(
        units=units,
        shares=shares,
        difference=difference,
        low=ends[0],
        high=ends[1],
        evidence=float(evidence[-1]) if len(evidence) else 0.0,
        limit=limit,
        winner=_winner(evidence, limit, ends),
        alone="",
        left_out=0,
        waiting=0,
    )


def _winner(evidence: Floats, limit: float, ends: tuple[float, float]) -> Winner:
    """Who won at the first look that showed enough; the interval lies on one side of 0 since."""
    if not (evidence >= limit).any():
        return ""
    return "second" if sum(ends) > 0 else "first"


def _range(design: Design, evidence: Floats, points: Floats) -> tuple[float, float]:
    """The outermost points that were never ruled out, moved outwards to where the evidence reaches the limit."""
    if not len(evidence):
        return float(points[0]), float(points[-1])
    most, limit = evidence.max(axis=0), math.log(1 / design.alpha)
    inside = np.flatnonzero(most < limit)
    if not len(inside):  # two stretches of time say the opposite of each other
        middle = float(points[int(most.argmin())])
        return middle, middle
    low, high = int(inside[0]), int(inside[-1])
    return _crossing(points, most, low, low - 1, limit), _crossing(points, most, high, high + 1, limit)


def _crossing(points: Floats, most: Floats, inside: int, outside: int, limit: float) -> float:
    """Between two neighbours, where the evidence is the limit."""
    if not 0 <= outside < len(points):
        return float(points[inside])
    part = (limit - most[inside]) / (most[outside] - most[inside])
    return float(points[inside] + part * (points[outside] - points[inside]))


def _difference(log_odds: float, first: int, second: int, good: int) -> float:
    """The difference of the shares at a ratio of the odds, if both versions together have ``good`` outcomes."""
    if not (first and second):
        return math.copysign(1.0, log_odds)
    share, low, high = good / (first + second), 0.0, 1.0
    if abs(log_odds) >= _WIDEST:
        return math.copysign(1.0, log_odds)
    for _ in range(60):  # halves the doubt each time
        middle = (low + high) / 2
        other = _tilted(middle, log_odds)
        low, high = (middle, high) if (first * middle + second * other) < share * (first + second) else (low, middle)
    return _tilted(low, log_odds) - low


def _tilted(share: float, log_odds: float) -> float:
    if share in {0.0, 1.0}:
        return share
    return 1 / (1 + math.exp(-(math.log(share / (1 - share)) + log_odds)))


@lru_cache(maxsize=50_000)
def _likelihoods(first: int, second: int, first_hits: int, second_hits: int) -> Floats:
    arms = Arms(first=first, second=second, first_hits=first_hits, second_hits=second_hits)
    return log_likelihoods(arms, _WIDEST * _POINTS)


def _weights(points: Floats, scale: float) -> Floats:
    """Logarithms of what each point weighs under a normal law."""
    logs = -((points / scale) ** 2) / 2 + np.log(np.gradient(points))
    return np.asarray(logs - np.logaddexp.reduce(logs))


def _log_mean(logs: Floats, weights: Floats) -> Floats:
    return np.asarray(np.logaddexp.reduce(logs + weights, axis=-1))


def _scale(design: Design) -> float:
    """The standard deviation of the mixture: the ratio of the odds that the effect comes to."""
    return design.effect / (design.base * (1 - design.base))


def _variance(design: Design, share: float) -> float:
    """Of a tenant's mean of its first outcomes, at a share of good ones."""
    return share * (1 - share) * (design.spread + (1 - design.spread) / design.least)


def _units(design: Design, other: float, reach: float) -> int:
    """The fewest units at which the evidence reaches its limit with a chance of Φ(``reach``)."""
    low, high = 1, 2
    while not _enough(design, other, reach, high):
        low, high = high, 2 * high
        if high > _MOST_UNITS:
            raise ValueError(design.effect)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _enough(design, other, reach, middle) else (middle, high)
    return high if design.by == "tenant" else math.ceil(high / WINDOW) * WINDOW


def _enough(design: Design, other: float, reach: float, units: int) -> bool:
    """By the normal approximation: a mixture's evidence is that of z² with the information that the units give."""
    apart, information, scale = (_tenant_terms if design.by == "tenant" else _request_terms)(design, other, units)
    growth = scale**2 * information
    limit = 2 * (math.log(1 / design.alpha) + math.log1p(growth) / 2) * (1 + growth) / growth
    return apart * math.sqrt(information) - math.sqrt(limit) >= reach


def _request_terms(design: Design, other: float, units: int) -> tuple[float, float, float]:
    """The logarithm of the ratio of the odds, the information about it, and the mixture's standard deviation."""
    base, share = design.base, design.share
    apart = abs(math.log(other / (1 - other)) - math.log(base / (1 - base)))
    spread = 1 / ((1 - share) * base * (1 - base)) + 1 / (share * other * (1 - other))
    kept = ((WINDOW - 1) / WINDOW) ** 2  # what windows do not give away
    return apart, units * kept / spread, _scale(design)


def _tenant_terms(design: Design, other: float, units: int) -> tuple[float, float, float]:
    """The strength of the best bets, the information about it, and the standard deviation of the strengths."""
    share, variances = design.share, [_variance(design, one) for one in (design.base, other)]
    wide = (1 - share) * variances[0] + share * variances[1] + share * (1 - share) * design.effect**2
    apart = abs(other - design.base) / wide  # by the variance of all means together
    return apart, units * wide * share * (1 - share), design.effect / variances[0]
