"""Risk against coverage, where some of the questions have no answer here."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import norm

from argosy.evaluate.intervals import LEVEL, Interval

POINTS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """At a threshold: the share of all questions that is answered, and the share of wrong ones among the answers."""

    threshold: float
    coverage: float
    risk: Interval

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def risk_coverage(here: Sequence[tuple[float, bool]], elsewhere: Sequence[float], share: float) -> tuple[Point, ...]:
    """At most ``POINTS`` points, the surest answers first, with ``share`` of the questions out of scope.

    ``here`` are rows (chance, right) of questions with an answer here, ``elsewhere`` the chances of those without.
    Intervals are 95 %: of a ratio of shares, on the scale of its log-odds (delta method), one mistake of either kind
    added so that few rows promise nothing.
    """
    chances = np.array([chance for chance, _ in here])
    wrong = np.array([not right for _, right in here], dtype=np.bool_)
    foreign = np.asarray(elsewhere, dtype=np.float64)
    if not len(chances):
        return ()
    lowest = np.unique(np.quantile(chances, np.linspace(0, 1, POINTS), method="lower"))[::-1]
    points = []
    for threshold in lowest.tolist():
        answered, away = chances >= threshold, int(np.sum(foreign >= threshold))
        good, bad = int(np.sum(answered & ~wrong)), int(np.sum(answered & wrong))
        some = (1 - share) / len(chances)
        beside = share / len(foreign) if len(foreign) else 0.0
        coverage = some * (good + bad) + beside * away
        points.append(Point(threshold=threshold, coverage=coverage, risk=_risk(good, bad, away, some, beside)))
    return tuple(points)


def _risk(good: int, bad: int, away: int, some: float, beside: float) -> Interval:
    """The share of wrong ones, where rows of the first kind weigh ``some`` and of the second ``beside``."""
    wrong, right = some * bad + beside * away, some * good
    value = wrong / (wrong + right) if wrong + right else 0.0
    guess = some * (bad + 1) + beside * (away + (beside > 0))
    variance = (some**2 * (bad + 1) + beside**2 * (away + (beside > 0))) / guess**2 + 1 / (good + 1)
    half = float(norm.ppf((1 + LEVEL) / 2) * np.sqrt(variance))
    odds = np.log(guess / (some * (good + 1)))
    low, high = (float(1 / (1 + np.exp(-(odds + end)))) for end in (-half, half))
    return Interval(value=value, low=min(low, value), high=max(high, value))
