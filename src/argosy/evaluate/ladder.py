"""The figures of a report as plain data: each rung's metrics with intervals, by language too, and the verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TypedDict

import numpy as np

from argosy.evaluate.intervals import Interval, interval
from argosy.evaluate.metrics import METRICS, Integers
from argosy.evaluate.paired import Difference

Figures = Mapping[str, Interval]


class Ladder(TypedDict):
    """What ``argosy run --json`` tells of the quality: figures are {value, low, high}."""

    metrics: dict[str, dict[str, float]]
    baselines: dict[str, dict[str, dict[str, float]]]
    versus_best_baseline: dict[str, float]


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


def ladder(model: Figures, baselines: Mapping[str, Figures], versus: Difference) -> Ladder:
    """The record of the model's and the baselines' figures on the test rows; ``versus`` is model less best baseline."""
    return {
        "metrics": plain(model),
        "baselines": {rung: plain(figures) for rung, figures in baselines.items()},
        "versus_best_baseline": asdict(versus),
    }


def plain(figures: Figures) -> dict[str, dict[str, float]]:
    """Metrics by name as {value, low, high}."""
    return {name: asdict(figure) for name, figure in figures.items()}
