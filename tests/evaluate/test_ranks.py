"""What each unit adds to a rank metric is what a little more of it would change."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.metrics import average_precision_score, roc_auc_score

from argosy.evaluate.intervals import around
from argosy.evaluate.metrics import Ranked, spread
from argosy.evaluate.ranks import average_precision, macro, pearson, roc_auc, spearman

RNG = np.random.default_rng(4)
ROWS = 80
TRUTH = RNG.random(ROWS) < 0.3
SCORES = np.round(RNG.standard_normal(ROWS) + TRUTH, 1)
OTHER = np.round(SCORES + RNG.standard_normal(ROWS), 1)
STEP = 1e-6


def slope(figure: Callable[[np.ndarray], float]) -> np.ndarray:
    """How a figure of weights moves with each unit's weight [rows]."""
    weights = np.eye(ROWS) * STEP + 1
    return (np.array([figure(row) for row in weights]) - figure(np.ones(ROWS))) / STEP * ROWS


def weighted_correlation(a: np.ndarray, b: np.ndarray, weights: np.ndarray) -> float:
    """Pearson's, the long way."""
    a, b = (column - np.average(column, weights=weights) for column in (a, b))
    return float(weights @ (a * b) / np.sqrt((weights @ a**2) * (weights @ b**2)))


def weighted_ranks(column: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The mass below each unit and half of that beside it."""
    below, beside = column[:, None] > column, column[:, None] == column
    return np.asarray((below + beside / 2) @ weights)


@pytest.mark.parametrize(("curve", "known"), [(roc_auc, roc_auc_score), (average_precision, average_precision_score)])
def test_the_areas_move_with_each_row_as_scikit_learns_weights_say(curve: Callable, known: Callable) -> None:
    """Ties included."""
    area, influence = curve(TRUTH, SCORES)
    assert area == pytest.approx(known(TRUTH, SCORES))
    assert influence == pytest.approx(slope(lambda weights: known(TRUTH, SCORES, sample_weight=weights)), abs=1e-4)


def test_the_correlations_move_with_each_row_as_their_weighted_forms_do() -> None:
    """Spearman's ranks move too."""
    linear, ranked = pearson(OTHER, SCORES), spearman(OTHER, SCORES)
    assert isinstance(linear, Ranked)
    assert isinstance(ranked, Ranked)
    assert linear.influence == pytest.approx(slope(lambda w: weighted_correlation(OTHER, SCORES, w)), abs=1e-4)
    assert ranked.value == pytest.approx(weighted_correlation(rankdata(OTHER), rankdata(SCORES), np.ones(ROWS)))
    by_weight = slope(lambda w: weighted_correlation(weighted_ranks(OTHER, w), weighted_ranks(SCORES, w), w))
    assert ranked.influence == pytest.approx(by_weight, abs=1e-4)


def test_the_standard_error_of_roc_auc_is_that_of_delong() -> None:
    """From the components of either class, computed pair by pair; of a difference as of one area."""
    wins = [np.sign(one[TRUTH][:, None] - one[~TRUTH]) / 2 + 0.5 for one in (SCORES, OTHER)]

    def known(pairs: np.ndarray) -> float:
        sides = (pairs.mean(axis=1), pairs.mean(axis=0))
        return float(np.sqrt(sum(side.var(ddof=1) / len(side) for side in sides)))

    one, other = (macro(roc_auc, TRUTH[:, None], scores[:, None]) for scores in (SCORES, OTHER))
    assert isinstance(one, Ranked)
    assert isinstance(other, Ranked)
    assert spread(one.changes()) == pytest.approx(known(wins[0]), rel=0.02)
    assert spread(one.changes() - other.changes()) == pytest.approx(known(wins[0] - wins[1]), rel=0.02)


@pytest.mark.parametrize(("rows", "seed"), [(60, 1), (4_000, 2)])
def test_a_model_of_the_variance_helps_where_few_rows_have_the_label(rows: int, seed: int) -> None:
    """Six rows leave more doubt than DeLong's variance tells, 400 rows what it tells."""
    rng = np.random.default_rng(seed)
    truth = np.arange(rows) % 10 == 0
    found = macro(roc_auc, truth[:, None], (rng.standard_normal(rows) + 1.5 * truth)[:, None])
    assert isinstance(found, Ranked)
    told, alone = (around(one, seed=0) for one in (found, replace(found, expected=None)))
    widening = (told.high - told.low) / (alone.high - alone.low)
    assert 1.0 <= widening < 1.03 if rows > 100 else 1.1 < widening < 4
