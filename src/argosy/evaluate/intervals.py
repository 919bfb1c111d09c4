"""95 % intervals for a metric on a set of units.

- A figure between 0 and 1: the exact mid-p interval of a share of as many rows as would give a share the figure's
  standard error (Korn and Graubard, Survey Methodology 1998;24:193). For accuracy these are the rows themselves.
  Few rows of a class rank so luckily that DeLong's variance is too small: that of Hanley and McNeil weighs two rows.
- An error above 0, its root, or 1 less a ratio (MAE, RMSE, R²): a bootstrap of Student's t on the logarithm of the
  ratio (Efron 1981), which follows the skew; under ten units, or over 10,000, Student's t itself.
- A correlation: Fisher's z.

Standard errors are the jackknife's. What each covers is simulated by benchmarks/evaluation/intervals.py.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from argosy.evaluate.metrics import Floats, Form, Integers, Measured, Ranked, Ratios, of_labels, spread

LEVEL = 0.95
DRAWS = 1_999
FEW = 10  # units below which too few different resamples exist
LARGE = 10_000  # units from which the normal law serves in place of resampling
Z = NormalDist().inv_cdf((1 + LEVEL) / 2)
_EXACT = 1e-12
_PRIOR = 2  # rows of the rarer class that a model's variance weighs
_CELLS = 2_000_000  # numbers held at once while resampling


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def interval(metric: str, truth: Integers, predicted: Integers, classes: int, *, seed: int) -> Interval:
    """The metric named ``metric`` of label numbers [rows], at least one row."""
    return around(of_labels(metric, truth, predicted, classes), seed=seed)


def around(measured: Measured, *, seed: int) -> Interval:
    """The figure of a metric with its interval; the seed is the bootstrap's."""
    if isinstance(measured, Ranked):
        return _correlation(measured) if measured.correlation else _share(measured)
    if measured.form is Form.SHARE:
        return _share(measured)
    return _logarithmic(measured, np.random.default_rng(seed))


def share(value: float, rows: float) -> Interval:
    """A share of rows (a real number of them) with its exact mid-p interval (Lancaster 1961)."""
    from scipy.optimize import brentq
    from scipy.special import betainc

    right, wrong, tail = value * rows, (1 - value) * rows, (1 - LEVEL) / 2

    def reached(true: float, some: float, others: float) -> float:
        """The chance of more than ``some`` rows and half that of just as many, where ``true`` is the share."""
        equal = betainc(some + 1, others, true) if others > 0 else 0.0
        return float(betainc(some, others + 1, true) + equal) / 2 - tail

    low = brentq(reached, 0.0, 1.0, args=(right, wrong)) if right > 0 else 0.0
    high = 1 - brentq(reached, 0.0, 1.0, args=(wrong, right)) if wrong > 0 else 1.0
    return Interval(value=value, low=min(low, value), high=max(high, value))


def wilson(right: int, rows: int) -> Interval:
    """A share with its score interval (Wilson 1927), which needs no more than a square root."""
    value = right / rows
    shrink = 1 + Z * Z / rows
    centre = (value + Z * Z / (2 * rows)) / shrink
    half = Z * math.sqrt(value * (1 - value) / rows + Z * Z / (4 * rows * rows)) / shrink
    low = 0.0 if right == 0 else centre - half
    high = 1.0 if right == rows else centre + half
    return Interval(value=value, low=low, high=high)


def matched(won: int, lost: int, rows: int) -> Interval:
    """The share of rows won less that of rows lost, of rows that are one of both or neither (Bonett and Price 2012)."""
    gain, loss = (won + 1) / (rows + 2), (lost + 1) / (rows + 2)
    half = Z * math.sqrt((gain + loss - (gain - loss) ** 2) / (rows + 2))
    return Interval(value=(won - lost) / rows, low=max(gain - loss - half, -1.0), high=min(gain - loss + half, 1.0))


def quantile_of_t(freedom: float) -> float:
    """How many standard errors a 95 % interval reaches to either side."""
    from scipy.special import stdtrit

    return float(stdtrit(max(freedom, 1.0), (1 + LEVEL) / 2))


def is_count(measured: Measured) -> bool:
    """Whether the figure is the share of units that are right, each right or wrong."""
    return (
        isinstance(measured, Ratios)
        and measured.form is Form.SHARE
        and measured.over.shape[1] == 1
        and bool(np.all(measured.under == 1))
        and bool(np.all((measured.over == 0) | (measured.over == 1)))
    )


def resamples(units: int, rng: np.random.Generator) -> Iterator[Floats]:
    """DRAWS bootstrap weights of the units, some [draws, units] at a time."""
    step = max(1, _CELLS // units)
    for start in range(0, DRAWS, step):
        count = min(step, DRAWS - start)
        picks = rng.integers(0, units, size=(count, units)) + units * np.arange(count)[:, None]
        yield np.bincount(picks.ravel(), minlength=count * units).reshape(count, units).astype(np.float64)


def _share(measured: Measured) -> Interval:
    value, units, error = min(max(measured.value, 0.0), 1.0), measured.units, spread(measured.changes())
    if is_count(measured):
        return share(value, units)
    if value in (0.0, 1.0):
        return share(value, measured.least if isinstance(measured, Ranked) else units)
    if error <= 0:  # a ranking that tells nothing apart is exactly one half on any rows
        return Interval(value=value, low=value, high=value) if isinstance(measured, Ranked) else share(value, units)
    freedom = measured.freedom if isinstance(measured, Ranked) else units - 1
    if isinstance(measured, Ranked) and measured.expected is not None:
        error = math.sqrt((measured.least * error**2 + _PRIOR * measured.expected) / (measured.least + _PRIOR))
    return share(value, value * (1 - value) / error**2 * (Z / quantile_of_t(freedom)) ** 2)


def _correlation(measured: Ranked) -> Interval:
    value, error = measured.value, spread(measured.changes())
    if abs(value) >= 1 - _EXACT:  # every pair in order: what that many rows, all right, leave open
        ends = share(float(value > 0), measured.units)
        return Interval(value=value, low=2 * ends.low - 1, high=2 * ends.high - 1)
    half = quantile_of_t(measured.freedom) * error / (1 - value**2)
    low, high = (math.tanh(math.atanh(value) + end) for end in (-half, half))
    return Interval(value=value, low=low, high=high)


def _logarithmic(measured: Ratios, rng: np.random.Generator) -> Interval:
    """The interval of the logarithm of one ratio, told in the metric's form; no error at all leaves no width."""
    over, under = measured.over[:, 0], measured.under[:, 0]
    ratio = float(over.sum() / under.sum())
    error = _log_error(ratio, float(under.sum()), float(np.sum((over - ratio * under) ** 2)))
    if ratio <= 0 or error <= 0:
        return Interval(value=measured.value, low=measured.value, high=measured.value)
    if FEW <= measured.units <= LARGE:
        below, above = _student(over, under, ratio, rng)
    else:
        above = quantile_of_t(measured.units - 1)
        below = -above
    ends = measured.form.of(ratio * np.exp([-above * error, -below * error]))
    return Interval(value=measured.value, low=float(ends.min()), high=float(ends.max()))


def _student(over: Floats, under: Floats, ratio: float, rng: np.random.Generator) -> tuple[float, float]:
    """The 2.5 % and 97.5 % points of (drawn less observed logarithm) over the drawn standard error."""
    columns = np.stack([over, under, over * over, over * under, under * under], axis=1)
    sums = np.concatenate([weights @ columns for weights in resamples(len(over), rng)])
    drawn, squares = sums[:, 0] / sums[:, 1], sums[:, 2:] @ np.array([[1.0, 0, 0], [0, -2.0, 0], [0, 0, 1.0]])
    squares = squares[:, 0] + drawn * squares[:, 1] + drawn**2 * squares[:, 2]
    usable = (drawn > 0) & (squares > 0)
    errors = np.sqrt(squares[usable]) / (drawn * sums[:, 1])[usable]
    low, high = np.quantile(np.log(drawn[usable] / ratio) / errors, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(min(low, 0.0)), float(max(high, 0.0))


def _log_error(ratio: float, under: float, squares: float) -> float:
    return math.sqrt(squares) / (ratio * under) if ratio > 0 else 0.0
