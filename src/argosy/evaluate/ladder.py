"""The figures of a report: each rung's metrics with intervals, whole and by slice."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np

from argosy.evaluate.intervals import Interval, interval
from argosy.evaluate.metrics import METRICS, Integers

Figures = Mapping[str, Interval]


def measure(truth: Integers, predicted: Integers, classes: int, *, seed: int) -> dict[str, Interval]:
    """Every metric by name; label numbers [rows], at least one row."""
    return {name: interval(name, truth, predicted, classes, seed=seed) for name in METRICS}


def measure_slices(
    truth: Integers, predicted: Integers, slices: Sequence[str], classes: int, *, seed: int
) -> dict[str, dict[str, Interval]]:
    """The same for the rows of each slice (a language, say); ``slices`` names the slice of each row."""
    names = np.array(slices)
    masks = {str(name): names == name for name in np.unique(names)}
    return {name: measure(truth[mask], predicted[mask], classes, seed=seed) for name, mask in masks.items()}


def best_rung(rungs: Mapping[str, Figures], metric: str) -> str:
    """The baseline with the highest figure, the simplest of equals; give it validation figures, simple to complex."""
    return max(rungs, key=lambda name: rungs[name][metric].value)


def plain(figures: Figures) -> dict[str, dict[str, float]]:
    """Metrics by name as {value, low, high}."""
    return {name: asdict(figure) for name, figure in figures.items()}
