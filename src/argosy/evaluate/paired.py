"""Two models on the same rows: the difference of a metric, its 95 % interval, and a p-value.

Accuracy: the exact test of McNemar (1947) and the adjusted Wald interval of Bonett and Price (2012), which keeps a
width where the models agree on every row. Macro F1: a permutation test that swaps the two predictions of a row, and a
paired percentile bootstrap.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from argosy.evaluate.intervals import DRAWS, LEVEL, Cells, Z
from argosy.evaluate.metrics import Floats, Integers

_SAME = 1e-12  # two sums of the same numbers in another order


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first model's figure less the second's, the ends of its 95 % interval, and the two-sided p-value."""

    difference: float
    low: float
    high: float
    p: float


def compare(metric: str, truth: Integers, a: Integers, b: Integers, classes: int, *, seed: int) -> Difference:
    """``metric`` of the predictions ``a`` less that of ``b``; label numbers [rows], at least one row."""
    if metric == "accuracy":
        return _compare_accuracy(truth == a, truth == b)
    return _compare_macro_f1(Cells.of((truth, a, b), classes), np.random.default_rng(seed))


def _compare_accuracy(right: np.ndarray, other: np.ndarray) -> Difference:
    rows, won, lost = len(right), int(np.sum(right & ~other)), int(np.sum(other & ~right))
    p = binomtest(won, won + lost).pvalue if won + lost else 1.0
    gain, loss = (won + 1) / (rows + 2), (lost + 1) / (rows + 2)
    half = Z * math.sqrt((gain + loss - (gain - loss) ** 2) / (rows + 2))
    return Difference(
        difference=(won - lost) / rows,
        low=max(gain - loss - half, -1.0),
        high=min(gain - loss + half, 1.0),
        p=float(p),
    )


def _compare_macro_f1(cells: Cells, rng: np.random.Generator) -> Difference:
    difference = float(_gaps(cells, cells.counts[None])[0])
    rows = int(cells.counts.sum())
    draws = _gaps(cells, rng.multinomial(rows, cells.counts / rows, size=DRAWS))
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    extreme = np.sum(np.abs(_swapped(cells, rng)) >= abs(difference) - _SAME)
    return Difference(
        difference=difference,
        low=min(float(low), difference),
        high=max(float(high), difference),
        p=float(1 + extreme) / (1 + DRAWS),
    )


def _gaps(cells: Cells, draws: Integers) -> Floats:
    return cells.macro_f1(draws, column=1) - cells.macro_f1(draws, column=2)


def _swapped(cells: Cells, rng: np.random.Generator) -> Floats:
    """The differences [draws] when each row's two predictions change places with a chance of one half."""
    swaps = rng.binomial(cells.counts, 0.5, size=(DRAWS, len(cells.counts)))
    labels = np.concatenate([cells.labels, cells.labels[:, [0, 2, 1]]])
    both = Cells(labels, np.concatenate([cells.counts, cells.counts]), cells.classes)
    return _gaps(both, np.concatenate([cells.counts - swaps, swaps], axis=1))
