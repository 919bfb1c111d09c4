"""The rungs of a regression: the mean, n-grams, embeddings."""

import numpy as np
import pytest

from argosy.evaluate.rivals.ridge import FROZEN_STRENGTHS, fit_frozen_ridge, fit_mean, fit_ridge, fit_text_ridge

WORDS = {"awful": -2.0, "bad": -1.0, "fine": 0.5, "lovely": 2.0, "很差": -1.5, "不错": 1.0, "太棒了": 2.5}


def test_the_mean_is_the_mean_of_the_training_rows() -> None:
    """One number for every row."""
    assert fit_mean(np.array([1.0, 2.0, 6.0])) == 3


def test_words_foretell_a_number_in_both_languages() -> None:
    """Texts of two judgements, whose values add up."""
    rng = np.random.default_rng(0)
    pairs = rng.choice(list(WORDS), size=(400, 2))
    texts = [f"the room was {one}，服务{other}" for one, other in pairs]
    truth = np.array([WORDS[str(one)] + WORDS[str(other)] for one, other in pairs])
    model = fit_text_ridge(texts[:300], truth[:300], seed=0)
    told = model.scores(texts[300:])
    assert 1 - np.mean((told - truth[300:]) ** 2) / truth[300:].var() > 0.95
    assert len(model.ridge.trials) > 1


def test_embeddings_foretell_a_number_whatever_their_scale() -> None:
    """Weights are told for the embeddings as they are given."""
    rng = np.random.default_rng(0)
    embeddings = 5 + 0.1 * rng.normal(size=(300, 8))
    truth = embeddings @ np.arange(8) + 0.05 * rng.normal(size=300)
    model = fit_frozen_ridge(embeddings[:200], truth[:200], seed=0)
    told = model.scores(embeddings[200:])
    assert np.corrcoef(told, truth[200:])[0, 1] > 0.95
    assert model.strength == max(model.trials, key=lambda tried: tried.score).strength


@pytest.mark.parametrize("truth", [[1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 2.0]])
def test_nothing_to_search_on_gives_the_middle_strength(truth: list[float]) -> None:
    """One value in all rows, or fewer rows than folds: no trial, and finite answers."""
    features = np.random.default_rng(0).normal(size=(len(truth), 3))
    model = fit_ridge(features, np.array(truth), FROZEN_STRENGTHS, seed=0)
    assert model.trials == ()
    assert model.strength == FROZEN_STRENGTHS[2]
    assert np.isfinite(model.scores(features)).all()
