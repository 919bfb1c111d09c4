"""The paired comparison errs as seldom as it says and sees what is there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, permutation_test, ttest_rel

from argosy.evaluate.metrics import Form, Integers, mean, of_labels
from argosy.evaluate.paired import compare, difference

BOTH = pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])


def noisy(truth: Integers, right: float, rng: np.random.Generator) -> Integers:
    """Predictions that are right with the given chance and otherwise any other of three classes."""
    wrong = (truth + rng.integers(1, 3, size=len(truth))) % 3
    return np.where(rng.random(len(truth)) < right, truth, wrong)


@BOTH
def test_the_same_predictions_differ_by_nothing(metric: str) -> None:
    """The difference is 0 and p is 1; for accuracy the interval still has a width."""
    truth = np.arange(90) % 3
    predicted = noisy(truth, 0.8, np.random.default_rng(0))
    found = compare(metric, truth, predicted, predicted.copy(), 3, seed=0)
    assert (found.difference, found.p) == (0.0, 1.0)
    assert found.low <= 0 <= found.high
    assert 0.01 < found.high < 0.05


@BOTH
def test_equal_models_are_told_apart_in_about_one_of_twenty_samples(metric: str) -> None:
    """Over 300 simulated pairs of 200 rows, drawn with seed 7; the exact test stays below its level."""
    rng = np.random.default_rng(7)
    told, covered = 0, 0
    for seed in range(300):
        truth = rng.integers(0, 3, size=200)
        found = compare(metric, truth, noisy(truth, 0.75, rng), noisy(truth, 0.75, rng), 3, seed=seed)
        told += found.p <= 0.05
        covered += found.low <= 0 <= found.high
    assert 0.005 <= told / 300 <= 0.085
    assert 0.90 <= covered / 300 <= 0.985


@BOTH
def test_a_real_gain_is_seen_and_has_a_sign(metric: str) -> None:
    """Fifteen points on 600 rows; the other way round the signs turn."""
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 3, size=600)
    good, poor = noisy(truth, 0.9, rng), noisy(truth, 0.75, rng)
    found, back = compare(metric, truth, good, poor, 3, seed=0), compare(metric, truth, poor, good, 3, seed=0)
    gap = of_labels(metric, truth, good, 3).value - of_labels(metric, truth, poor, 3).value
    assert found.difference == pytest.approx(gap)
    assert found.difference == pytest.approx(-back.difference)
    assert found.p < 0.01
    assert back.high < 0 < found.low <= found.difference <= found.high


def test_the_p_value_of_accuracy_is_that_of_the_discordant_rows() -> None:
    """Nine rows won, two lost, whatever the number of rows on which both agree."""
    truth = np.zeros(100, dtype=np.int64)
    a, b = truth.copy(), truth.copy()
    b[:9], a[9:11] = 1, 1
    assert compare("accuracy", truth, a, b, 2, seed=0).p == pytest.approx(binomtest(9, 11).pvalue)


@given(st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=2, max_size=60))
def test_interval_and_p_value_never_contradict_each_other(rows: list[tuple[int, int, int]]) -> None:
    """On tiny sets too, the interval leaves out 0 if and only if p is at most .05 (accuracy: only if)."""
    truth, a, b = np.array(rows).T
    found = compare("macro_f1", truth, a, b, 3, seed=0)
    assert (found.p <= 0.05) == (not found.low <= 0 <= found.high)
    exact = compare("accuracy", truth, a, b, 3, seed=0)
    assert exact.p <= 0.05 or exact.low <= 0 <= exact.high


def test_the_permutations_are_those_of_signs() -> None:
    """Of a mean, as SciPy flips them: the studentised mean orders the flips as the mean does."""
    rng = np.random.default_rng(9)
    a, b = rng.random(40), rng.random(40) + 0.12
    known = permutation_test(
        (a, b), lambda x, y, axis: np.mean(x - y, axis=axis), permutation_type="samples", n_resamples=9_999, rng=1
    )
    found = difference(mean(a), mean(b), seed=0)
    assert found.p == pytest.approx(known.pvalue, abs=0.02)
    ends = ttest_rel(a, b).confidence_interval()
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high), abs=0.02)


def test_many_units_need_no_permutations() -> None:
    """Errors on 20,000 rows: the normal law gives what a test of Student's t gives."""
    rng = np.random.default_rng(3)
    a, b = rng.random((2, 20_000))
    found = difference(mean(a, Form.POSITIVE), mean(b, Form.POSITIVE), seed=0)
    assert found.p == pytest.approx(ttest_rel(a, b).pvalue, abs=1e-3)
