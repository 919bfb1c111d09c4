"""No figure of any task is naked, and what cannot be measured says why."""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from argosy.core.errors import DataError, ProjectError
from argosy.evaluate.metrics import Undefined
from argosy.evaluate.tasks.measure import TASKS, Sheet, best_rung, measure, measure_slices, over_seeds, plain

RNG = np.random.default_rng(8)
ROWS = 60
LABELS = RNG.integers(0, 3, size=ROWS)
MARKS = RNG.integers(0, 2, size=(ROWS, 3))
TAGS = [list(RNG.choice(["O", "B-PER", "I-PER"], size=6)) for _ in range(ROWS)]
OTHER_TAGS = [list(RNG.choice(["O", "B-PER", "I-PER"], size=6)) for _ in range(ROWS)]
FIGURES = RNG.standard_normal(ROWS)
GRADES = [np.array([1, 0, 0, 2, *[0] * 16]) for _ in range(ROWS)]
WORDS = [" ".join(RNG.choice(["red", "green", "天", "地"], size=4)) for _ in range(ROWS)]
OTHER_WORDS = [" ".join(RNG.choice(["red", "green", "天", "地"], size=4)) for _ in range(ROWS)]


def some(*shape: int) -> np.ndarray:
    """Scores that say nothing."""
    return RNG.random(shape)


CASES: Mapping[str, tuple[Any, Any, Any]] = {
    "classify": (LABELS, np.eye(3)[LABELS] + some(ROWS, 3), some(ROWS, 3)),
    "multi_label": (MARKS, MARKS * 0.3 + some(ROWS, 3) * 0.7, some(ROWS, 3)),
    "tagging": (
        TAGS,
        [one if n % 3 else other for n, (one, other) in enumerate(zip(TAGS, OTHER_TAGS, strict=True))],
        OTHER_TAGS,
    ),
    "regress": (FIGURES, FIGURES + some(ROWS), some(ROWS)),
    "similarity": (FIGURES, FIGURES + some(ROWS), some(ROWS)),
    "retrieval": (GRADES, [some(20) + one for one in GRADES], [some(20) for _ in GRADES]),
    "generation": (WORDS, [one if n % 3 else "" for n, one in enumerate(WORDS)], OTHER_WORDS),
    "language_model": (WORDS, some(ROWS) + 20, some(ROWS) + 30),
}


def both(task: str) -> dict[str, Sheet]:
    """The two models of a case, the poor one as the best baseline."""
    truth, good, poor = CASES[task]
    return measure(task, truth, {"poor": poor, "good": good}, best="poor", seed=0)


def test_every_task_is_tried_here() -> None:
    """A new one gets its tests by standing in TASKS."""
    assert set(CASES) == set(TASKS)


@pytest.mark.parametrize("task", TASKS)
def test_each_figure_has_its_interval_and_its_paired_test(task: str) -> None:
    """In the JSON of every task; the best baseline itself has none; the better model is found better."""
    sheets = both(task)
    told = {rung: json.loads(json.dumps(plain(sheet), allow_nan=False)) for rung, sheet in sheets.items()}
    for metric, figure in told["good"].items():
        assert set(figure) == {"value", "low", "high", "versus"}
        assert figure["low"] < figure["value"] < figure["high"] or figure["value"] in {figure["low"], figure["high"]}
        versus = figure["versus"]
        assert set(versus) == {"baseline", "difference", "low", "high", "p"}
        assert versus["baseline"] == "poor"
        assert versus["difference"] == pytest.approx(figure["value"] - told["poor"][metric]["value"])
        assert versus["low"] <= versus["difference"] <= versus["high"]
        assert (versus["p"] <= 0.05) == (not versus["low"] <= 0 <= versus["high"])
        better = -1 if metric in TASKS[task].lower else 1
        assert versus["difference"] * better > 0
    assert all(figure["versus"] is None for figure in told["poor"].values())
    assert sheets["good"].units == ROWS
    assert set(sheets["good"].detectable) == set(told["good"])


@pytest.mark.parametrize("task", TASKS)
def test_a_model_against_itself_differs_by_nothing(task: str) -> None:
    """p is 1 and 0 lies inside."""
    truth, good, _ = CASES[task]
    sheet = measure(task, truth, {"a": good, "b": good}, best="a", seed=0)["b"]
    for figure in sheet.figures.values():
        assert figure.versus is not None
        assert (figure.versus.difference, figure.versus.p) == (0.0, 1.0)
        assert figure.versus.low <= 0 <= figure.versus.high
    assert sheet.detectable == {}


def test_a_majority_of_constant_scores_ranks_at_one_half() -> None:
    """Its ROC-AUC is one half on any rows, its PR-AUC the mean share of the labels; neither is undefined."""
    majority = np.tile([1.0, 0.0, 0.0], (ROWS, 1))
    sheets = measure("classify", LABELS, {"majority": majority, "model": CASES["classify"][1]}, best="majority", seed=0)
    found = sheets["majority"].figures
    assert found["roc_auc"].value == pytest.approx(0.5)
    assert found["roc_auc"].low <= 0.5 <= found["roc_auc"].high
    assert found["pr_auc"].value == pytest.approx(1 / 3)
    versus = sheets["model"].figures["roc_auc"].versus
    assert versus is not None
    assert versus.low > 0.2


def test_one_class_leaves_the_rank_metrics_out_with_a_reason() -> None:
    """Never NaN; the others are told, and a figure is compared with one that exists."""
    truth = np.zeros(10, dtype=np.int64)
    sheet = measure("classify", truth, {"a": some(10, 2)}, best="a", seed=0)["a"]
    assert set(sheet.figures) == {"accuracy", "macro_f1"}
    assert set(sheet.undefined) == {"roc_auc", "pr_auc"}


def test_a_mean_baseline_has_no_rank_correlation_to_compare_with() -> None:
    """The model's is told without a paired test, and the baseline's reason says why."""
    sheets = measure("regress", FIGURES, {"mean": np.zeros(ROWS), "model": FIGURES + some(ROWS)}, best="mean", seed=0)
    assert "all equal" in sheets["mean"].undefined["spearman"]
    assert sheets["model"].figures["spearman"].versus is None
    assert sheets["model"].figures["mae"].versus is not None


@pytest.mark.parametrize("task", TASKS)
def test_a_slice_is_measured_on_its_own_units(task: str) -> None:
    """Of arrays and of lists; an empty slice is left out."""
    truth, good, poor = CASES[task]
    masks = {"en": np.arange(ROWS) % 2 == 0, "none": np.zeros(ROWS, dtype=bool)}
    found = measure_slices(task, truth, {"poor": poor, "good": good}, masks, best="poor", seed=0)
    half = [one[::2] for one in (truth, poor, good)]
    assert found == {"en": measure(task, half[0], {"poor": half[1], "good": half[2]}, best="poor", seed=0)}


def test_answers_that_are_missing_or_no_number_are_told() -> None:
    """Whose they are, and how many."""
    with pytest.raises(DataError, match="of model for each of 60 rows, found 59"):
        measure("regress", FIGURES, {"model": FIGURES[1:]}, best="model", seed=0)
    with pytest.raises(DataError, match="model hold 1 values"):
        measure("regress", FIGURES, {"model": np.where(np.arange(ROWS) == 3, math.nan, FIGURES)}, best="model", seed=0)


def test_methods_are_compared_by_three_seeds_or_not_at_all() -> None:
    """The noise of training widens the interval; two seeds are refused."""
    truth = np.arange(400) % 2

    def training(right: float, seed: int) -> np.ndarray:
        said = np.where(np.random.default_rng(seed).random(400) < right, truth, 1 - truth)
        return np.eye(2)[said]

    good, poor = ([training(right + 0.01 * seed, seed) for seed in range(3)] for right in (0.9, 0.7))
    found = over_seeds("classify", "accuracy", truth, good, poor)
    assert not isinstance(found, Undefined)
    assert found.low > 0.1
    assert found.p < 0.05
    uneven = over_seeds("classify", "accuracy", truth, good, [poor[0], training(0.99, 5), training(0.5, 6)])
    assert not isinstance(uneven, Undefined)
    assert uneven.low < 0 < uneven.high
    with pytest.raises(ProjectError, match="at least 3 trainings"):
        over_seeds("classify", "accuracy", truth, good[:2], poor)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("units", [1, 2, 3, 5, 12])
def test_few_units_give_wide_intervals_or_a_reason(task: str, units: int) -> None:
    """Every figure is finite and inside an interval that has a width."""
    truth, good, poor = CASES[task]
    rungs = {"poor": poor[:units], "good": good[:units]}
    sheet = measure(task, truth[:units], rungs, best="poor", seed=0)["good"]
    assert sheet.figures or sheet.undefined
    for figure in sheet.figures.values():
        assert figure.low - 1e-9 <= figure.value <= figure.high + 1e-9
        assert figure.high - figure.low > 0.05
        told = [figure.value, figure.low, figure.high]
        if figure.versus:
            told += [figure.versus.difference, figure.versus.low, figure.versus.high, figure.versus.p]
        assert np.isfinite(told).all()


def test_the_best_baseline_is_the_simplest_of_the_best() -> None:
    """By less error or by more correlation; one without the figure is passed over, none at all is told."""
    rungs = {"mean": np.zeros(ROWS), "ridge": FIGURES * 0.5, "same": FIGURES * 0.5}
    assert best_rung("regress", "mae", FIGURES, rungs) == "ridge"
    assert best_rung("regress", "spearman", FIGURES, rungs) == "ridge"
    with pytest.raises(DataError, match="spearman cannot be measured: The predictions are all equal"):
        best_rung("regress", "spearman", FIGURES, {"mean": rungs["mean"]})
