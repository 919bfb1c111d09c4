"""No row is told by a model that has seen it, and groups stay together."""

from collections.abc import Sequence

import numpy as np
import pytest

from argosy.core.errors import DataError
from argosy.evaluate.rivals.baselines import fit_linear
from argosy.evaluate.rivals.out_of_fold import deal, out_of_fold, refit

LABELS = ("negative", "positive")
TEXTS = [
    f"{thing} {verdict} {number}"
    for number in range(10)
    for thing in ("屏幕", "room", "电池")
    for verdict in ("很好", "awful")
]
TRUTH = np.array([int("很好" in text) for text in TEXTS])


def test_no_row_is_told_by_a_model_that_saw_it() -> None:
    """Each row comes once, in its place, with the others of its fold."""
    told: list[str] = []

    def spy(texts: Sequence[str], truth: np.ndarray, held: Sequence[str]) -> np.ndarray:
        assert set(texts).isdisjoint(held)
        assert len(texts) == len(truth)
        told.extend(held)
        return np.array([[TEXTS.index(text), 0.0] for text in held])

    probabilities = out_of_fold(spy, TEXTS, TRUTH, folds=4, seed=1)
    assert sorted(told) == sorted(TEXTS)
    assert probabilities[:, 0].tolist() == list(range(len(TEXTS)))


def test_rows_of_a_group_share_a_fold() -> None:
    """Otherwise a near copy would tell the label."""
    groups = [str(row // 7) for row in range(len(TEXTS))]
    dealt = deal(TRUTH, 3, seed=1, groups=groups)
    assert all(len(set(dealt[[row for row, one in enumerate(groups) if one == group]])) == 1 for group in set(groups))
    assert set(dealt) == {0, 1, 2}


def test_a_single_group_is_refused() -> None:
    """There would be nothing to learn from."""
    with pytest.raises(DataError, match="groups"):
        out_of_fold(lambda *_: np.empty((0, 2)), TEXTS, TRUTH, seed=1, groups=["one"] * len(TEXTS))


def test_labels_are_dealt_evenly() -> None:
    """Every fold holds its share of every label."""
    dealt = deal(TRUTH, 5, seed=2)
    counts = np.array([np.bincount(TRUTH[dealt == fold], minlength=2) for fold in range(5)])
    assert np.ptp(counts, axis=0).max() <= 1
    assert not np.array_equal(dealt, deal(TRUTH, 5, seed=3))


def test_the_linear_baseline_is_refitted_with_its_own_settings() -> None:
    """It tells held-out rows rightly, and gives probabilities."""
    model = fit_linear(TEXTS, TRUTH, LABELS, seed=1)
    probabilities = out_of_fold(refit(model), TEXTS, TRUTH, seed=1)
    assert probabilities.sum(axis=1) == pytest.approx(1)
    assert (probabilities.argmax(axis=1) == TRUTH).mean() == 1


def test_a_label_of_one_row_does_not_stop_it() -> None:
    """Where its row is held out, nobody knows the label: probability 0."""
    truth = np.concatenate([TRUTH[:-1], [2]])
    model = fit_linear(TEXTS, truth, (*LABELS, "rare"), seed=1)
    probabilities = out_of_fold(refit(model), TEXTS, truth, seed=1)
    assert probabilities[-1, 2] == 0
    alone = refit(model)(TEXTS[:2], np.array([1, 1]), TEXTS[2:4])
    assert alone.tolist() == [[0, 1, 0]] * 2
