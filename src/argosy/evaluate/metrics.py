"""Metrics over label numbers: how often right, and how well on average over the classes."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Counts = NDArray[np.int64] | Floats
Metric = Callable[[Integers, Integers, int], float]


def accuracy(truth: Integers, predicted: Integers, classes: int) -> float:  # noqa: ARG001 - every metric is called alike
    """The share of rows whose predicted label is the true one."""
    return float(np.mean(truth == predicted))


def macro_f1(truth: Integers, predicted: Integers, classes: int) -> float:
    """The mean F1 of the classes that occur in ``truth`` or in ``predicted`` (as scikit-learn counts it)."""
    counts = (np.bincount(rows, minlength=classes) for rows in (truth[truth == predicted], truth, predicted))
    return float(macro_f1_from_counts(*counts))


def macro_f1_from_counts(hits: Counts, truth: Counts, predicted: Counts) -> Floats:
    """Macro F1 from counts [..., classes] of right, true and predicted rows; F1 = 2 · hits / (truth + predicted)."""
    both = truth + predicted
    occurs = both > 0
    f1 = 2 * hits / np.where(occurs, both, 1)
    return np.asarray(f1.sum(axis=-1) / occurs.sum(axis=-1))


METRICS: Mapping[str, Metric] = MappingProxyType({"accuracy": accuracy, "macro_f1": macro_f1})
