"""Forgetting is told with its interval, in the direction that hurts, and averaged over the old tasks."""

import json

import numpy as np
import pytest

from argosy.core.errors import DataError
from argosy.evaluate.doubts.forgetting import Learnt, forgetting
from argosy.evaluate.metrics import Integers

ROWS = 200
TRUTH = np.arange(ROWS) % 2


def _answers(right: int, of: Integers = TRUTH) -> np.ndarray:
    """Scores [rows, labels] with the first ``right`` rows right."""
    said = np.where(np.arange(len(of)) < right, of, 1 - of)
    return np.eye(2)[said]


def _learnt(*right: int) -> Learnt:
    return Learnt(task="classify", truth=TRUTH, stages=[_answers(rows) for rows in right])


def test_what_was_lost_and_what_was_gained() -> None:
    """By hand: 180 right of 200 became 150, and the new task went from 90 to 170."""
    found = forgetting({"old": _learnt(180, 150)}, _learnt(90, 170), metric="accuracy", seed=1)
    assert found.forgetting.value == pytest.approx(0.15)
    assert 0 < found.forgetting.low < 0.15 < found.forgetting.high < 0.25
    assert found.backward_transfer.value == pytest.approx(-0.15)
    assert found.backward_transfer.low == pytest.approx(-found.forgetting.high)
    change = found.old["old"].figures["accuracy"]
    assert (change.before.value, change.after.value, change.change.difference) == pytest.approx((0.9, 0.75, -0.15))
    assert change.before.low < change.before.value < change.before.high
    assert found.gain.difference == pytest.approx(0.4)
    assert found.gain.p < 0.001
    assert set(found.old["old"].figures) == {"accuracy", "macro_f1", "roc_auc", "pr_auc"}


def test_the_mean_over_two_tasks_is_surer_than_either() -> None:
    """They are measured on different rows: the interval of the mean joins both."""
    one, other = _learnt(180, 150), _learnt(170, 165)
    alone = [forgetting({"a": task}, one, metric="accuracy", seed=1).forgetting for task in (one, other)]
    both = forgetting({"a": one, "b": other}, one, metric="accuracy", seed=1).forgetting
    assert both.value == pytest.approx((0.15 + 0.025) / 2)
    assert both.high - both.low < max(figure.high - figure.low for figure in alone)
    assert both.low == pytest.approx(both.value - sum((f.value - f.low) ** 2 for f in alone) ** 0.5 / 2)


def test_a_model_that_says_the_same_has_forgotten_nothing_as_far_as_the_rows_show() -> None:
    """The difference is 0, and the interval keeps a width."""
    found = forgetting({"old": _learnt(150, 150)}, _learnt(90, 90), metric="accuracy", seed=1)
    assert found.forgetting.value == 0
    assert found.forgetting.low < 0 < found.forgetting.high


def test_between_the_best_stage_and_the_first_there_is_a_difference() -> None:
    """A task that got better before it got worse: forgetting counts from its best, backward transfer from its start."""
    found = forgetting({"old": _learnt(150, 180, 160)}, _learnt(90, 170), metric="accuracy", seed=1)
    assert found.forgetting.value == pytest.approx(0.1)
    assert found.backward_transfer.value == pytest.approx(0.05)


def test_where_less_is_better_more_is_forgetting() -> None:
    """Errors that grow are a loss."""
    truth = np.linspace(0, 1, 50)
    task = Learnt(task="regress", truth=truth, stages=[truth + 0.1, truth + 0.3 + 0.01 * np.sin(50 * truth)])
    better = Learnt(task="regress", truth=truth, stages=[truth + 0.3, truth + 0.1 + 0.01 * np.sin(50 * truth)])
    found = forgetting({"old": task}, better, metric="mae", seed=1)
    assert found.forgetting.value == pytest.approx(0.2, abs=0.01)
    assert found.forgetting.low > 0
    assert found.gain.difference == pytest.approx(0.2, abs=0.01)
    assert found.old["old"].figures["mae"].change.difference > 0


def test_the_record_is_json_without_a_naked_figure() -> None:
    """Every value stands beside its ends."""
    told = json.loads(
        json.dumps(forgetting({"旧": _learnt(180, 150)}, _learnt(90, 170), metric="macro_f1", seed=1).to_json())
    )
    assert set(told) == {"metric", "old", "new", "forgetting", "backward_transfer", "gain"}
    assert set(told["forgetting"]) == {"value", "low", "high"}
    assert set(told["old"]["旧"]["figures"]["accuracy"]) == {"before", "after", "change"}
    assert set(told["old"]["旧"]["figures"]["accuracy"]["change"]) == {"difference", "low", "high", "p"}


def test_a_metric_that_a_task_lacks_is_refused() -> None:
    """Also where its rows do not allow it, and where there is nothing old."""
    with pytest.raises(DataError, match="mae"):
        forgetting({"old": _learnt(180, 150)}, _learnt(1, 2), metric="mae", seed=1)
    ones = np.ones(20, dtype=np.int64)
    flat = Learnt(task="classify", truth=ones, stages=[_answers(10, ones)] * 2)
    with pytest.raises(DataError, match="roc_auc"):
        forgetting({"old": flat}, _learnt(1, 2), metric="roc_auc", seed=1)
    assert "roc_auc" in forgetting({"old": flat}, _learnt(1, 2), metric="accuracy", seed=1).old["old"].undefined
    with pytest.raises(DataError, match="no old task"):
        forgetting({}, _learnt(1, 2), metric="accuracy", seed=1)
