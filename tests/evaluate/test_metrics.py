"""The metrics are those that scikit-learn computes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from argosy.evaluate.metrics import METRICS, accuracy, macro_f1

ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@given(ROWS)
def test_the_metrics_equal_those_of_scikit_learn(rows: list[tuple[int, int]]) -> None:
    """On any labels, absent classes included."""
    truth, predicted = np.array(rows).T
    assert accuracy(truth, predicted, 5) == pytest.approx(accuracy_score(truth, predicted))
    assert macro_f1(truth, predicted, 5) == pytest.approx(f1_score(truth, predicted, average="macro", zero_division=0))


def test_a_class_that_does_not_occur_does_not_lower_macro_f1() -> None:
    """A language slice without one of the labels is judged on the labels it has."""
    labels = np.array([0, 1, 1, 0])
    assert macro_f1(labels, labels, classes=9) == 1.0


def test_the_metrics_go_by_name() -> None:
    """Reports and gates find both under their published names."""
    assert set(METRICS) == {"accuracy", "macro_f1"}
