"""The figures have the published shape."""

import json

import numpy as np

from argosy.evaluate.intervals import Interval
from argosy.evaluate.ladder import best_rung, ladder, measure, measure_slices
from argosy.evaluate.metrics import METRICS
from argosy.evaluate.paired import compare

RNG = np.random.default_rng(8)
TRUTH = RNG.integers(0, 2, size=120)
PREDICTED = np.where(RNG.random(120) < 0.8, TRUTH, 1 - TRUTH)


def test_the_record_has_the_keys_that_scripts_read() -> None:
    """metrics.NAME, baselines.RUNG.NAME and versus_best_baseline, all of it plain JSON."""
    figures = measure(TRUTH, PREDICTED, 2, seed=0)
    majority = measure(TRUTH, np.zeros_like(TRUTH), 2, seed=0)
    versus = compare("accuracy", TRUTH, PREDICTED, np.zeros_like(TRUTH), 2, seed=0)
    record = json.loads(json.dumps(ladder(figures, {"majority": majority}, versus), allow_nan=False))
    assert set(record["metrics"]) == set(METRICS)
    assert set(record["metrics"]["accuracy"]) == {"value", "low", "high"}
    assert set(record["baselines"]["majority"]["macro_f1"]) == {"value", "low", "high"}
    assert set(record["versus_best_baseline"]) == {"difference", "low", "high", "p"}


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
