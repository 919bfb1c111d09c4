"""95 % intervals for a metric on a set of rows."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from argosy.evaluate.metrics import METRICS, Floats, Integers, macro_f1_from_counts

LEVEL = 0.95
DRAWS = 2_000
_NORMAL = NormalDist()
Z = _NORMAL.inv_cdf((1 + LEVEL) / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def interval(metric: str, truth: Integers, predicted: Integers, classes: int, *, seed: int) -> Interval:
    """The metric named ``metric`` with its interval: Wilson's for accuracy, a BCa bootstrap for macro F1.

    Where no row is wrong, or none right, a bootstrap has no spread: accuracy's interval stands in for it.
    ``truth`` and ``predicted`` are label numbers [rows], at least one row.
    """
    right = int(np.sum(truth == predicted))
    if metric == "accuracy" or right in (0, len(truth)):
        return wilson(right, len(truth))
    value = METRICS[metric](truth, predicted, classes)
    cells = Cells.of((truth, predicted), classes)
    rng = np.random.default_rng(seed)
    draws = cells.macro_f1(rng.multinomial(len(truth), cells.counts / len(truth), size=DRAWS), column=1)
    low, high = _bca(value, draws, cells)
    return Interval(value=value, low=min(low, value), high=max(high, value))


def wilson(right: int, rows: int) -> Interval:
    """A share with its score interval (Wilson 1927)."""
    share = right / rows
    shrink = 1 + Z * Z / rows
    centre = (share + Z * Z / (2 * rows)) / shrink
    half = Z * math.sqrt(share * (1 - share) / rows + Z * Z / (4 * rows * rows)) / shrink
    low = 0.0 if right == 0 else centre - half
    high = 1.0 if right == rows else centre + half
    return Interval(value=share, low=low, high=high)


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows gathered by their label numbers: ``labels`` [cells, columns], the truth first, and ``counts`` [cells].

    Resampling rows is a multinomial draw over the cells, however many rows there are.
    """

    labels: Integers
    counts: Integers
    classes: int

    @classmethod
    def of(cls, columns: tuple[Integers, ...], classes: int) -> "Cells":
        """The cells of some columns of label numbers."""
        labels, counts = np.unique(np.stack(columns, axis=1), axis=0, return_counts=True)
        return cls(labels.astype(np.int64), counts.astype(np.int64), classes)

    def macro_f1(self, draws: Integers, *, column: int) -> Floats:
        """Macro F1 of the predictions in ``column`` for each draw [draws, cells] of counts."""
        truth, predicted = self._member(0), self._member(column)
        counts = draws.astype(np.float64)
        return macro_f1_from_counts(counts @ (truth * predicted), counts @ truth, counts @ predicted)

    def _member(self, column: int) -> Floats:
        """1 where a cell's label in ``column`` is the class [cells, classes]."""
        return np.asarray(self.labels[:, [column]] == np.arange(self.classes), dtype=np.float64)


def _bca(value: float, draws: Floats, cells: Cells) -> tuple[float, float]:
    """The ends of the bias-corrected and accelerated interval (Efron 1987)."""
    below = (np.sum(draws < value) + np.sum(draws == value) / 2) / len(draws)
    bias = _NORMAL.inv_cdf(min(max(float(below), 1 / len(draws)), 1 - 1 / len(draws)))
    speed = _acceleration(cells)
    low, high = (_shift(bias, speed, z) for z in (-Z, Z))
    return float(np.quantile(draws, low)), float(np.quantile(draws, high))


def _shift(bias: float, speed: float, z: float) -> float:
    return _NORMAL.cdf(bias + (bias + z) / (1 - speed * (bias + z)))


def _acceleration(cells: Cells) -> float:
    """The skew of the jackknife, one row left out of each cell in turn, cells weighted by their rows."""
    without = cells.counts - np.eye(len(cells.counts), dtype=np.int64)
    figures = cells.macro_f1(without, column=1)
    gaps = np.average(figures, weights=cells.counts) - figures
    spread = float(np.sum(cells.counts * gaps**2))
    return float(np.sum(cells.counts * gaps**3)) / (6 * spread**1.5) if spread > 0 else 0.0
