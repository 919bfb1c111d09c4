"""The complex model is served only when it earns its place."""

import numpy as np
import pytest

from argosy.core.errors import ProjectError
from argosy.evaluate.metrics import Form, Integers, mean
from argosy.evaluate.selection import REASONS, choose, choose_measured

ROWS = 2_000
TRUTH = np.arange(ROWS) % 2


def wrong_on(*stretches: tuple[int, int]) -> Integers:
    """Predictions that are wrong on the rows of the stretches."""
    predicted = TRUTH.copy()
    for start, stop in stretches:
        predicted[start:stop] = 1 - predicted[start:stop]
    return predicted


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_a_clearly_better_model_is_served(metric: str) -> None:
    """Ten points better on 2,000 rows."""
    choice = choose({"linear": wrong_on((0, 400)), "model": wrong_on((0, 200))}, TRUTH, 2, metric=metric, seed=0)
    assert (choice.name, choice.reason) == ("model", "better")
    assert choice.difference is not None
    assert choice.difference.low > 0


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_where_no_loss_of_the_margin_is_possible_the_simple_model_is_not_inferior(metric: str) -> None:
    """Both wrong on much the same rows."""
    choice = choose({"linear": wrong_on((0, 400)), "model": wrong_on((2, 402))}, TRUTH, 2, metric=metric, seed=0)
    assert (choice.name, choice.reason) == ("linear", "not_inferior")


def test_few_rows_decide_nothing_and_are_not_called_non_inferiority() -> None:
    """On 40 rows a gain of two rows is no evidence, neither for the model nor for the baseline."""
    simple, model = wrong_on((0, 8))[:40], wrong_on((4, 10))[:40]
    choice = choose({"linear": simple, "model": model}, TRUTH[:40], 2, seed=0)
    assert (choice.name, choice.reason) == ("linear", "undecided")


def test_a_sure_gain_below_the_margin_does_not_pay() -> None:
    """Thirty rows of 2,000 (1.5 points), all won and none lost: enough at one point, too little at five."""
    candidates = {"linear": wrong_on((0, 400)), "model": wrong_on((0, 370))}
    assert choose(candidates, TRUTH, 2, margin=0.01, seed=0).name == "model"
    refused = choose(candidates, TRUTH, 2, margin=0.05, seed=0)
    assert (refused.name, refused.reason) == ("linear", "not_inferior")


def test_each_candidate_must_beat_the_one_served_so_far() -> None:
    """The linear model beats the majority, the next beats nothing, the last beats the linear model."""
    candidates = {
        "majority": np.zeros(ROWS, dtype=np.int64),
        "linear": wrong_on((0, 400)),
        "small": wrong_on((0, 400)),
        "large": wrong_on((0, 100)),
    }
    choice = choose(candidates, TRUTH, 2, seed=0)
    assert [(step.simple, step.complex, step.reason) for step in choice.steps] == [
        ("majority", "linear", "better"),
        ("linear", "small", "not_inferior"),
        ("linear", "large", "better"),
    ]
    assert choice.name == "large"
    assert {step.reason for step in choice.steps} <= set(REASONS)


def test_one_candidate_is_served_without_a_comparison() -> None:
    """A project without a model still has its baseline."""
    choice = choose({"linear": wrong_on()}, TRUTH, 2, seed=0)
    assert (choice.name, choice.reason, choice.difference) == ("linear", "only", None)


def test_a_margin_that_is_no_share_is_refused() -> None:
    """Points in place of shares are a likely slip."""
    with pytest.raises(ProjectError, match="found 2"):
        choose({"linear": wrong_on()}, TRUTH, 2, margin=2, seed=0)


def test_the_smaller_error_is_served() -> None:
    """Half of the absolute error, of a metric in which less is better; more of it is not served."""
    errors = np.random.default_rng(0).random(300)
    small, large = mean(errors / 2, Form.POSITIVE), mean(errors, Form.POSITIVE)
    assert choose_measured({"mean": large, "ridge": small}, margin=0.01, lower=True, seed=0).name == "ridge"
    assert choose_measured({"mean": small, "ridge": large}, margin=0.01, lower=True, seed=0).reason == "not_inferior"
