"""The metrics are those that scikit-learn computes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from argosy.evaluate.metrics import METRICS, Form, Ratios, of_labels, spread

ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@given(ROWS)
def test_the_metrics_equal_those_of_scikit_learn(rows: list[tuple[int, int]]) -> None:
    """On any labels, absent classes included."""
    truth, predicted = np.array(rows).T
    assert of_labels("accuracy", truth, predicted, 5).value == pytest.approx(accuracy_score(truth, predicted))
    expected = f1_score(truth, predicted, average="macro", zero_division=0)
    assert of_labels("macro_f1", truth, predicted, 5).value == pytest.approx(expected)


def test_a_class_that_does_not_occur_does_not_lower_macro_f1() -> None:
    """A language slice without one of the labels is judged on the labels it has."""
    labels = np.array([0, 1, 1, 0])
    assert of_labels("macro_f1", labels, labels, classes=9).value == 1.0


def test_the_metrics_go_by_name() -> None:
    """Reports and gates find both under their published names."""
    assert set(METRICS) == {"accuracy", "macro_f1"}


@given(ROWS)
def test_rows_drawn_again_are_sums_over_other_rows(rows: list[tuple[int, int]]) -> None:
    """A bootstrap needs no more than the ratios of the rows."""
    truth, predicted = np.array(rows).T
    picks = np.random.default_rng(len(rows)).integers(0, len(rows), size=len(rows))
    weights = np.bincount(picks, minlength=len(rows))[None].astype(float)
    for name in METRICS:
        ratios = of_labels(name, truth, predicted, 5)
        assert ratios.figures(weights @ ratios.over, weights @ ratios.under)[0] == pytest.approx(
            of_labels(name, truth[picks], predicted[picks], 5).value
        )


@pytest.mark.parametrize("form", Form)
def test_changes_are_those_of_leaving_each_unit_out(form: Form) -> None:
    """And the slopes those of a little more of it."""
    rng = np.random.default_rng(3)
    ratios = Ratios(over=rng.random((12, 3)), under=1 + rng.random((12, 3)), form=form)
    every = np.arange(12)
    without = [Ratios(over=ratios.over[every != i], under=ratios.under[every != i], form=form).value for i in range(12)]
    assert ratios.changes() == pytest.approx(ratios.value - np.array(without))
    sums, step = (ratios.over.sum(axis=0), ratios.under.sum(axis=0)), 1e-7
    by_over, by_under = ratios.gradients(*sums)
    for place in range(3):
        more = np.eye(3)[place] * step
        assert by_over[place] == pytest.approx(
            (ratios.figures(sums[0] + more, sums[1]) - ratios.value) / step, abs=1e-5
        )
        assert by_under[place] == pytest.approx(
            (ratios.figures(sums[0], sums[1] + more) - ratios.value) / step, abs=1e-5
        )


def test_the_standard_error_of_a_mean_is_the_textbooks() -> None:
    """The standard deviation over the root of the units."""
    values = np.random.default_rng(0).random((30, 1))
    ratios = Ratios(over=values, under=np.ones((30, 1)))
    assert spread(ratios.changes()) == pytest.approx(values.std(ddof=1) / np.sqrt(30))
