"""Answer only what is certain: error against coverage, a threshold for a stated error rate, traffic that shifts."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, binom, ks_2samp

from argosy.evaluate.intervals import LEVEL, Interval, wilson
from argosy.evaluate.metrics import Floats, Integers

POINTS = 50
_STARTS = (1.0, 0.5, 0.25)  # coverages that the search starts from
_STEP = 0.02
_SHIFT_P, _SHIFT_DISTANCE = 0.01, 0.1
CAVEAT = (
    "The stated error rate holds while the texts are like those of validation; it is an average over the answered "
    "texts, not a promise for each kind of them."
)
SHIFTED = (
    "The answers' confidence has moved (distance {distance:.2f}, p = {p:.2g}): the stated error rate may no longer "
    "hold. Label some recent texts and build again."
)
STEADY = (
    "The answers' confidence is as on validation, as far as these texts can show. That is no proof: a model can be "
    "just as sure and wrong on texts of another kind."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Answering the ``rows`` surest rows: the lowest confidence among them, their share of all, their error rate."""

    threshold: float
    coverage: float
    rows: int
    error: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Selective:
    """A threshold for a stated ``error`` rate among the answers, found on ``rows`` rows.

    ``guaranteed``: the rows show the rate with the stated ``confidence``. Where they cannot, ``threshold`` is None and
    ``supported`` is the lowest rate that they could show (1 where they show nothing). ``coverage`` is the share of
    rows answered, ``observed`` their error rate (None: none is answered).
    """

    error: float
    confidence: float
    threshold: float | None
    coverage: Interval
    observed: Interval | None
    guaranteed: bool
    supported: float
    rows: int

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """The largest distance between two distributions of confidence, its p-value, and whether it is worth a warning."""

    p: float
    distance: float
    warn: bool

    @property
    def sentence(self) -> str:
        """What it means: a template over ``p`` and ``distance``."""
        return SHIFTED if self.warn else STEADY


def curve(probabilities: Floats, truth: Integers) -> tuple[Point, ...]:
    """Error against coverage, at most fifty points, least coverage first; probabilities [rows, labels]."""
    confidence, wrong = _sorted(probabilities, truth)
    rows = len(wrong)
    counts = np.unique(np.ceil(np.linspace(1 / POINTS, 1, POINTS) * rows).astype(np.int64))
    counts = np.unique([_whole(confidence, count) for count in counts.tolist()])
    return tuple(
        Point(
            threshold=float(confidence[count - 1]),
            coverage=count / rows,
            rows=count,
            error=wilson(int(wrong[:count].sum()), count),
        )
        for count in counts.tolist()
    )


def threshold(probabilities: Floats, truth: Integers, error: float, *, confidence: float = LEVEL) -> Selective:
    """The lowest threshold whose answers are shown to be wrong no more often than ``error``, on validation rows.

    Learn then test (Angelopoulos et al. 2021): thresholds are tested in fixed order by the exact binomial test, from
    several starting coverages that share the allowed chance of a mistake, each walk going on to more coverage until
    its first failure. So with chance ``confidence`` over the rows drawn, the error rate of the answers stays at or
    below ``error`` on further rows of the same kind, provided that surer answers are not wrong more often.
    """
    sure, wrong = _sorted(probabilities, truth)
    rows, errors = len(wrong), np.cumsum(wrong)
    walks = _walks(sure)
    level = (1 - confidence) / len(walks)
    best = 0
    for walk in walks:
        failed = binom.cdf(errors[walk - 1], walk, error) > level
        passed = walk[: int(failed.argmax()) if failed.any() else len(walk)]
        best = max(best, int(passed.max(initial=0)))
    starts = np.array([walk[0] for walk in walks])
    upper = beta.ppf(1 - level, errors[starts - 1] + 1, starts - errors[starts - 1])
    return Selective(
        error=error,
        confidence=confidence,
        threshold=_between(sure, best) if best else None,
        coverage=wilson(best, rows),
        observed=wilson(int(errors[best - 1]), best) if best else None,
        guaranteed=best > 0,
        supported=float(np.nan_to_num(upper, nan=1.0).min()),
        rows=rows,
    )


def answered(probabilities: Floats, truth: Integers, lowest: float) -> tuple[Interval, Interval | None]:
    """What a threshold does on other rows: the coverage, and the error rate of the answers (None: no answers)."""
    sure = probabilities.max(axis=1) >= lowest
    wrong = int(np.sum(probabilities[sure].argmax(axis=1) != truth[sure]))
    count = int(sure.sum())
    return wilson(count, len(truth)), wilson(wrong, count) if count else None


def shifted(calibration_confidences: Sequence[float], traffic_confidences: Sequence[float]) -> Shift:
    """Whether the traffic is answered with another confidence than validation was (Kolmogorov and Smirnov).

    It warns for a difference beyond chance that is also large; what it cannot see is said in ``STEADY``. Each side
    needs at least one value.
    """
    found = ks_2samp(np.asarray(calibration_confidences), np.asarray(traffic_confidences), method="asymp")
    p, distance = float(found.pvalue), float(found.statistic)
    return Shift(p=p, distance=distance, warn=p < _SHIFT_P and distance >= _SHIFT_DISTANCE)


def _sorted(probabilities: Floats, truth: Integers) -> tuple[Floats, NDArray[np.bool_]]:
    """Confidences and mistakes, surest row first."""
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    return confidence[order], (probabilities.argmax(axis=1) != truth)[order]


def _whole(confidence: Floats, count: int) -> int:
    """``count``, or more until no row with the same confidence is left out."""
    return int(np.searchsorted(-confidence, -confidence[count - 1], side="right"))


def _walks(confidence: Floats) -> list[Integers]:
    """Numbers of rows to test, in order, for each start that this many rows allow."""
    rows = len(confidence)
    walks = []
    for start in _STARTS:
        shares = np.arange(start, 1 + _STEP / 2, _STEP)
        counts = np.ceil(np.minimum(shares, 1) * rows - 1e-9).astype(np.int64)
        walks.append(np.unique([_whole(confidence, count) for count in counts.tolist()]))
    return walks


def _between(confidence: Floats, count: int) -> float:
    """A threshold that lets ``count`` rows through, halfway to the next one, so that a rounding changes none."""
    below = confidence[count] if count < len(confidence) else 0.0
    return float((confidence[count - 1] + below) / 2)
