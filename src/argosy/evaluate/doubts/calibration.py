"""Are the probabilities true? One temperature for an engine, the calibration error with its interval, the plot.

All of it is about the top label: of the rows answered with a confidence of .8, are 80 % right?
"""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import log_softmax
from scipy.stats import t as student
from scipy.stats import ttest_1samp

from argosy.evaluate.intervals import LEVEL, Interval, wilson
from argosy.evaluate.metrics import Floats, Integers
from argosy.evaluate.paired import Difference

COLDEST, WARMEST = 0.05, 20.0
_BINS = 15
_ROWS_A_BIN = 25
_DRAWS = 500
_SMOOTH = (0.25, 0.5, 0.25)  # neighbouring bins err alike: takes chance out of the gaps' pattern
_SCALES = np.concatenate([np.linspace(0, 1.5, 16), [2, 3, 4, 6]])  # of the miscalibration that was seen

Logits = NDArray[np.floating]


@dataclass(frozen=True, slots=True, kw_only=True)
class Temperature:
    """What logits are divided by, and the ``rows`` it was fitted on; ``bounded`` when the fit ran into a bound."""

    temperature: float
    rows: int
    bounded: bool

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Rows of similar confidence: their mean confidence, and their accuracy with its interval (Wilson)."""

    confidence: float
    accuracy: float
    low: float
    high: float
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Before and after the temperature: calibration error, mean log loss (nats) and the plot's points.

    ``gain`` is the log loss before less that after, row by row; measure it on rows that the temperature has not seen.
    """

    rows: int
    temperature: float
    ece_before: Interval
    ece_after: Interval
    loss_before: Interval
    loss_after: Interval
    gain: Difference
    before: tuple[Bin, ...]
    after: tuple[Bin, ...]

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)


def fit_temperature(logits: Logits, truth: Integers) -> Temperature:
    """The temperature with the least log loss on [rows, labels] logits (Guo et al. 2017), at least one row.

    The loss is convex in 1 / temperature, so the zero of its slope is the one minimum. As in Platt (1999) the true
    label's target is a little less than one, (rows + 1) / (rows + 2): rows that are all answered right would ask for
    certainty otherwise, which no number of rows can show.
    """
    wide = np.asarray(logits, dtype=np.float64)
    rows = len(wide)
    slip = 1 / (rows + 2)
    wanted = (1 - slip) * wide[np.arange(rows), truth] + slip * wide.mean(axis=1)

    def slope(inverse: float) -> float:
        shares = np.exp(log_softmax(inverse * wide, axis=1))
        return float(np.mean((shares * wide).sum(axis=1) - wanted))

    if not slope(1 / WARMEST) < 0 < slope(1 / COLDEST):
        temperature = WARMEST if slope(1 / WARMEST) > 0 else COLDEST if slope(1 / COLDEST) < 0 else 1.0
        return Temperature(temperature=temperature, rows=rows, bounded=True)
    inverse = float(brentq(slope, 1 / WARMEST, 1 / COLDEST, xtol=1e-9))
    return Temperature(temperature=1 / inverse, rows=rows, bounded=False)


def ece(probabilities: Floats, truth: Integers, *, seed: int) -> Interval:
    """The expected calibration error of the top label: the mean gap between confidence and accuracy over bins.

    Bins hold equally many rows (Nguyen and O'Connor 2015; Roelofs et al. 2022). The plain sum of absolute gaps is too
    large, most where the model is well calibrated, since chance alone opens gaps. So the test is inverted (Carpenter
    1999): the gaps seen are scaled down and up, outcomes are drawn from each scale, and the figure, its low and its
    high end are those of the scales for which the sum seen is the median, the 97.5 % and the 2.5 % quantile.
    Probabilities [rows, labels], at least two rows.
    """
    confidence, right = _top(probabilities, truth)
    parts = _parts(confidence)
    counts = np.array([len(part) for part in parts])
    known = np.array([confidence[part].mean() for part in parts])
    gaps = np.array([right[part].mean() for part in parts]) - known
    weights = counts / counts.sum()
    seen = float(weights @ np.abs(gaps))
    pattern = np.convolve(np.pad(gaps, 1, mode="edge"), _SMOOTH, mode="valid")
    rng = np.random.default_rng(seed)
    true, sums = np.empty(len(_SCALES)), np.empty((len(_SCALES), _DRAWS))
    for row, scale in enumerate(_SCALES):
        accuracy = np.clip(known + scale * pattern, 0, 1)
        true[row] = weights @ np.abs(accuracy - known)
        sums[row] = np.abs(rng.binomial(counts, accuracy, size=(_DRAWS, len(counts))) / counts - known) @ weights
    low, value, high = (_crossing(true, np.quantile(sums, q, axis=1), seen) for q in ((1 + LEVEL) / 2, 0.5, _TAIL))
    return Interval(value=value, low=min(low, value), high=max(high, value))


def reliability(probabilities: Floats, truth: Integers) -> tuple[Bin, ...]:
    """The points of the reliability plot, least confident first: bins of equally many rows."""
    confidence, right = _top(probabilities, truth)
    bins = []
    for part in _parts(confidence):
        share = wilson(int(right[part].sum()), len(part))
        mean = float(confidence[part].mean())
        bins.append(Bin(confidence=mean, accuracy=share.value, low=share.low, high=share.high, rows=len(part)))
    return tuple(bins)


def calibration(logits: Logits, truth: Integers, temperature: float, *, seed: int) -> Calibration:
    """Before and after on rows that the temperature has not seen; [rows, labels], at least two rows."""
    wide = np.asarray(logits, dtype=np.float64)
    logs = [log_softmax(wide / warmth, axis=1) for warmth in (1.0, temperature)]
    losses = [-one[np.arange(len(truth)), truth] for one in logs]
    shares = [np.exp(one) for one in logs]
    return Calibration(
        rows=len(truth),
        temperature=temperature,
        ece_before=ece(shares[0], truth, seed=seed),
        ece_after=ece(shares[1], truth, seed=seed),
        loss_before=mean_interval(losses[0]),
        loss_after=mean_interval(losses[1]),
        gain=_gain(losses[0] - losses[1]),
        before=reliability(shares[0], truth),
        after=reliability(shares[1], truth),
    )


def mean_interval(values: Floats) -> Interval:
    """The mean of at least two values with Student's interval."""
    mean, half = float(values.mean()), float(student.ppf((1 + LEVEL) / 2, len(values) - 1) * _error(values))
    return Interval(value=mean, low=mean - half, high=mean + half)


_TAIL = (1 - LEVEL) / 2


def _top(probabilities: Floats, truth: Integers) -> tuple[Floats, Integers]:
    """The confidence of each row's top label, and whether it is right (0 or 1)."""
    return probabilities.max(axis=1), (probabilities.argmax(axis=1) == truth).astype(np.int64)


def _parts(confidence: Floats) -> list[Integers]:
    """The rows of each bin, in the order of their confidence; fewer bins where there are few rows."""
    bins = min(_BINS, max(1, len(confidence) // _ROWS_A_BIN))
    return np.array_split(np.argsort(confidence, kind="stable"), bins)


def _crossing(true: Floats, quantiles: Floats, seen: float) -> float:
    """The true figure at which the quantile reaches what was seen; 0 where it lies above from the start."""
    rising = np.maximum.accumulate(quantiles)
    return float(np.interp(seen, rising, true))


def _error(values: Floats) -> float:
    """The standard error of the mean."""
    return float(values.std(ddof=1) / np.sqrt(len(values)))


def _gain(gaps: Floats) -> Difference:
    found = mean_interval(gaps)
    p = float(ttest_1samp(gaps, 0).pvalue) if np.ptp(gaps) > 0 else 1.0 - float(found.value != 0)
    return Difference(difference=found.value, low=found.low, high=found.high, p=p)
