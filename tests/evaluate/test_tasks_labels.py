"""The metrics of labels are those of scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, roc_auc_score

from argosy.evaluate.metrics import Measured, Undefined
from argosy.evaluate.tasks.labels import classify, multi_label

SEEDS = st.integers(0, 10_000)


def value(found: Measured | Undefined) -> float:
    """The figure of a metric that is defined."""
    assert not isinstance(found, Undefined)
    return found.value


@given(SEEDS)
def test_the_metrics_of_one_label_equal_those_of_scikit_learn(seed: int) -> None:
    """With ties among the scores, and each label at least once."""
    rng = np.random.default_rng(seed)
    truth = np.concatenate([np.arange(4), rng.integers(0, 4, size=40)])
    scores = np.round(rng.random((44, 4)), 1) + 1e-9
    scores /= scores.sum(axis=1, keepdims=True)
    said, found = scores.argmax(axis=1), classify(truth, scores)
    assert value(found["accuracy"]) == pytest.approx(accuracy_score(truth, said))
    assert value(found["macro_f1"]) == pytest.approx(f1_score(truth, said, average="macro", zero_division=0))
    assert value(found["roc_auc"]) == pytest.approx(roc_auc_score(truth, scores, multi_class="ovr"))
    assert value(found["pr_auc"]) == pytest.approx(average_precision_score(np.eye(4)[truth], scores, average="macro"))


@given(SEEDS)
def test_the_metrics_of_several_labels_equal_those_of_scikit_learn(seed: int) -> None:
    """Where every label occurs."""
    rng = np.random.default_rng(seed)
    truth = np.vstack([np.eye(3), rng.integers(0, 2, size=(30, 3))])
    scores = np.round(rng.random((33, 3)), 1)
    said, found = scores >= 0.5, multi_label(truth, scores)
    assert value(found["subset_accuracy"]) == pytest.approx(accuracy_score(truth, said))
    for kind in ("macro", "micro"):
        assert value(found[f"{kind}_f1"]) == pytest.approx(f1_score(truth, said, average=kind, zero_division=0))
    assert value(found["roc_auc"]) == pytest.approx(roc_auc_score(truth, scores, average="macro"))
    assert value(found["pr_auc"]) == pytest.approx(average_precision_score(truth, scores, average="macro"))


@pytest.mark.parametrize("name", ["roc_auc", "pr_auc"])
def test_the_rank_metrics_of_one_class_are_undefined_with_a_reason(name: str) -> None:
    """There is nothing to rank a label above."""
    found = classify(np.zeros(5, dtype=np.int64), np.random.default_rng(0).random((5, 2)))[name]
    assert isinstance(found, Undefined)
    assert "same label" in found.reason


def test_labels_that_nobody_has_or_predicts_do_not_count() -> None:
    """Perfect marks are 1, though a third label never occurs; without any label F1 is undefined."""
    truth = np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0]])
    assert value(multi_label(truth, truth.astype(float))["macro_f1"]) == 1.0
    assert isinstance(multi_label(truth * 0, truth * 0.0)["micro_f1"], Undefined)
