"""The frozen rung learns a linear layer over embeddings and says what it held against what."""

import numpy as np
import pytest

from argosy.core.errors import DataError
from argosy.evaluate.metrics import Floats, Integers
from argosy.evaluate.rivals.baselines import FROZEN_STRENGTHS, fit_frozen

LABELS = ("a", "b", "c")


def drawn(rows: int, seed: int) -> tuple[Floats, Integers]:
    """Three clouds of 16 columns, far from 0 and on a small scale, as embeddings are."""
    rng = np.random.default_rng(seed)
    truth = np.arange(rows) % 3
    centres = np.random.default_rng(9).normal(size=(3, 16))
    return 0.05 * (7 + centres[truth] + 1.5 * rng.normal(size=(rows, 16))), truth


def test_it_tells_clouds_apart_and_its_scores_are_probabilities() -> None:
    """On rows it has not seen."""
    model = fit_frozen(*drawn(600, 0), LABELS, seed=0)
    embeddings, truth = drawn(300, 1)
    scores = model.scores(embeddings.astype(np.float32))
    assert scores.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert np.mean(scores.argmax(axis=1) == truth) > 0.75
    assert [tried.strength for tried in model.trials] == list(FROZEN_STRENGTHS)
    assert model.strength == max(model.trials, key=lambda tried: tried.score).strength


def test_the_scale_of_the_embeddings_does_not_matter() -> None:
    """Shifted and stretched, they give the same probabilities."""
    embeddings, truth = drawn(300, 0)
    plain = fit_frozen(embeddings, truth, LABELS, seed=0).scores(embeddings)
    moved = fit_frozen(embeddings * 40 - 3, truth, LABELS, seed=0).scores(embeddings * 40 - 3)
    assert moved == pytest.approx(plain, abs=1e-4)


def test_two_labels_and_two_rows_are_enough() -> None:
    """Without a search; equal embeddings are no error either."""
    model = fit_frozen(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 1]), LABELS[:2], seed=0)
    assert model.trials == ()
    assert model.scores(np.array([[1.0, 0.0]]))[0].argmax() == 0
    flat = fit_frozen(np.ones((4, 2)), np.array([0, 1, 0, 1]), LABELS[:2], seed=0)
    assert flat.scores(np.ones((1, 2)))[0] == pytest.approx([0.5, 0.5], abs=1e-6)


def test_a_label_without_a_row_is_refused() -> None:
    """As by every rung."""
    with pytest.raises(DataError, match="'c'"):
        fit_frozen(np.ones((2, 2)), np.array([0, 1]), LABELS, seed=0)
