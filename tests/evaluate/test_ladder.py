"""The figures have the published shape."""

import json

import numpy as np

from argosy.evaluate.intervals import Interval
from argosy.evaluate.ladder import best_rung, measure, measure_slices, plain
from argosy.evaluate.metrics import METRICS

RNG = np.random.default_rng(8)
TRUTH = RNG.integers(0, 2, size=120)
PREDICTED = np.where(RNG.random(120) < 0.8, TRUTH, 1 - TRUTH)


def test_figures_are_plain_json() -> None:
    """Every metric by name as value, low and high."""
    told = json.loads(json.dumps(plain(measure(TRUTH, PREDICTED, 2, seed=0)), allow_nan=False))
    assert set(told) == set(METRICS)
    assert set(told["accuracy"]) == {"value", "low", "high"}


def test_each_slice_is_measured_on_its_own_rows() -> None:
    """The figures of a language are those of its rows alone."""
    slices = ["zh" if number % 3 else "en" for number in range(120)]
    found = measure_slices(TRUTH, PREDICTED, slices, 2, seed=0)
    chosen = np.array(slices) == "zh"
    assert list(found) == ["en", "zh"]
    assert found["zh"] == measure(TRUTH[chosen], PREDICTED[chosen], 2, seed=0)


def test_the_simplest_of_equal_baselines_is_the_best() -> None:
    """A tie goes to the rung that comes first."""
    figure = {"accuracy": Interval(value=0.5, low=0.4, high=0.6)}
    assert best_rung({"majority": figure, "linear": figure}, "accuracy") == "majority"
