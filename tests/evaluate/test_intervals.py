"""The intervals hold the true figure as often as they promise, and never lack width."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from argosy.evaluate.intervals import interval, wilson
from argosy.evaluate.metrics import METRICS, macro_f1_from_counts

# P(truth, predicted): three classes, one of them rare
POPULATION = np.array([[0.40, 0.06, 0.02], [0.07, 0.28, 0.03], [0.02, 0.04, 0.08]])
TRUE = {
    "accuracy": float(np.trace(POPULATION)),
    "macro_f1": float(macro_f1_from_counts(np.diag(POPULATION), POPULATION.sum(axis=1), POPULATION.sum(axis=0))),
}


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_the_interval_covers_the_true_figure_in_about_95_of_100_samples(metric: str) -> None:
    """Over 300 simulated test sets of 200 rows, drawn with seed 11."""
    rng = np.random.default_rng(11)
    covered = 0
    for seed in range(300):
        truth, predicted = np.divmod(rng.choice(9, size=200, p=POPULATION.ravel()), 3)
        found = interval(metric, truth, predicted, 3, seed=seed)
        covered += found.low <= TRUE[metric] <= found.high
    assert 0.90 <= covered / 300 <= 0.985


@given(st.integers(1, 5_000).flatmap(lambda rows: st.tuples(st.integers(0, rows), st.just(rows))))
def test_the_interval_of_a_share_is_that_of_wilson(counts: tuple[int, int]) -> None:
    """As scipy computes it without the correction for continuity."""
    right, rows = counts
    found, known = wilson(right, rows), binomtest(right, rows).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=1e-9)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
def test_the_interval_holds_its_value_and_stays_between_0_and_1(rows: list[tuple[int, int]]) -> None:
    """Down to one row."""
    truth, predicted = np.array(rows).T
    for metric in METRICS:
        found = interval(metric, truth, predicted, 4, seed=3)
        assert 0 <= found.low <= found.value <= found.high <= 1


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_no_error_among_few_rows_is_no_certainty(metric: str) -> None:
    """Thirty rows all right leave room for a model that errs on one row in ten."""
    labels = np.arange(30) % 2
    found = interval(metric, labels, labels, 2, seed=0)
    assert found.value == found.high == 1.0
    assert found.low < 0.91


def test_the_bootstrap_over_cells_is_the_bootstrap_over_rows() -> None:
    """The spread equals that of rows drawn one by one."""
    rng = np.random.default_rng(5)
    truth, predicted = np.divmod(rng.choice(9, size=300, p=POPULATION.ravel()), 3)
    found = interval("macro_f1", truth, predicted, 3, seed=0)
    picks = rng.integers(0, 300, size=(2_000, 300))
    figures = [METRICS["macro_f1"](truth[pick], predicted[pick], 3) for pick in picks]
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(figures, [0.025, 0.975])), abs=0.012)


def test_the_same_seed_gives_the_same_interval() -> None:
    """A report made again tells the same figures."""
    rng = np.random.default_rng(2)
    truth, predicted = np.divmod(rng.choice(9, size=100, p=POPULATION.ravel()), 3)
    assert interval("macro_f1", truth, predicted, 3, seed=4) == interval("macro_f1", truth, predicted, 3, seed=4)
