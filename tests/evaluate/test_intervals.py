"""The intervals hold the true figure as often as they promise, and never lack width."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from argosy.evaluate.intervals import around, interval, share, wilson
from argosy.evaluate.metrics import METRICS, Undefined, of_labels
from argosy.evaluate.tasks.measure import TASKS

# P(truth, predicted): three classes, one of them rare
POPULATION = np.array([[0.40, 0.06, 0.02], [0.07, 0.28, 0.03], [0.02, 0.04, 0.08]])
TRUE = {
    "accuracy": float(np.trace(POPULATION)),
    "macro_f1": float(np.mean(2 * np.diag(POPULATION) / (POPULATION.sum(axis=0) + POPULATION.sum(axis=1)))),
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


def rows_of(task: str, rng: np.random.Generator, units: int) -> tuple[Any, Any]:
    """Truth and answers of a population."""
    if task == "classify":
        truth = (rng.random(units) < 0.3).astype(np.int64)
        return truth, np.eye(2)[truth] * 1.5 + rng.standard_normal((units, 2))
    if task == "tagging":
        truth = [[(2 * n, 2 * n + 1, "PER") for n in range(rng.integers(0, 5))] for _ in range(units)]
        return truth, [[span for span in spans if rng.random() < 0.8] for spans in truth]
    figures = rng.standard_normal(units)
    return figures, figures + rng.standard_normal(units)


KINDS = {
    "classify": ("accuracy", "macro_f1", "roc_auc", "pr_auc"),
    "tagging": ("entity_f1", "entity_recall"),
    "regress": ("mae", "rmse", "r2", "spearman"),
    "similarity": ("pearson",),
}


@pytest.mark.parametrize("task", KINDS)
def test_the_intervals_of_every_kind_cover_the_true_figure_in_about_95_of_100_samples(task: str) -> None:
    """Over 120 simulated test sets of 80 units; benchmarks/evaluation/intervals.py tells of more of them, in full."""
    rng = np.random.default_rng(21)
    known = TASKS[task].metrics(*rows_of(task, rng, 20_000))
    covered = dict.fromkeys(KINDS[task], 0)
    for seed in range(120):
        told = TASKS[task].metrics(*rows_of(task, rng, 80))
        for name in covered:
            true, found = known[name], told[name]
            assert not isinstance(true, Undefined)
            assert not isinstance(found, Undefined)
            ends = around(found, seed=seed)
            covered[name] += ends.low <= true.value <= ends.high
    assert all(0.88 <= count / 120 <= 0.992 for count in covered.values()), covered


@given(st.integers(1, 5_000).flatmap(lambda rows: st.tuples(st.integers(0, rows), st.just(rows))))
def test_the_interval_of_a_share_is_that_of_wilson(counts: tuple[int, int]) -> None:
    """As scipy computes it without the correction for continuity."""
    right, rows = counts
    found, known = wilson(right, rows), binomtest(right, rows).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=1e-9)


@given(st.integers(1, 2_000).flatmap(lambda rows: st.tuples(st.integers(0, rows), st.just(rows))))
def test_the_exact_interval_of_a_share_is_where_its_mid_p_tails_are(counts: tuple[int, int]) -> None:
    """At either end the chance of what was seen, half counted, and of more is 2.5 %."""
    right, rows = counts
    found = share(right / rows, rows)
    assert found.low <= found.value <= found.high
    if right:
        assert binom.sf(right, rows, found.low) + binom.pmf(right, rows, found.low) / 2 == pytest.approx(0.025)
    if right < rows:
        assert binom.cdf(right - 1, rows, found.high) + binom.pmf(right, rows, found.high) / 2 == pytest.approx(0.025)


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


def test_the_interval_is_as_wide_as_a_bootstrap_over_rows() -> None:
    """Rows drawn one by one."""
    rng = np.random.default_rng(5)
    truth, predicted = np.divmod(rng.choice(9, size=300, p=POPULATION.ravel()), 3)
    found = interval("macro_f1", truth, predicted, 3, seed=0)
    picks = rng.integers(0, 300, size=(2_000, 300))
    figures = [of_labels("macro_f1", truth[pick], predicted[pick], 3).value for pick in picks]
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(figures, [0.025, 0.975])), abs=0.012)


def test_the_same_seed_gives_the_same_interval() -> None:
    """A report made again tells the same figures."""
    rng = np.random.default_rng(2)
    truth, predicted = np.divmod(rng.choice(9, size=100, p=POPULATION.ravel()), 3)
    assert interval("macro_f1", truth, predicted, 3, seed=4) == interval("macro_f1", truth, predicted, 3, seed=4)
