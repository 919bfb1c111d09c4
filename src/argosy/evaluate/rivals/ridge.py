"""What a regression must beat: the mean, and ridge regressions over n-grams or frozen embeddings."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy.evaluate.metrics import Floats, Integers
from argosy.evaluate.rivals.baselines import FOLDS, Features, Tried, scaled_to_one
from argosy.evaluate.rivals.ngrams import WIDEST, reworded, vocabularies, weights_of, worded, wording_of
from argosy.evaluate.rivals.one_thread import one_thread
from argosy.infer.engines.linear import Vocabulary

TEXT_STRENGTHS = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)  # of n-grams
FROZEN_STRENGTHS = (1.0, 10.0, 100.0, 1e3, 1e4)  # of embeddings scaled to a variance of about 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RidgeModel:
    """A ridge regression: ``weights`` [features], and the search that chose its strength."""

    weights: Floats
    bias: float
    strength: float
    trials: tuple[Tried, ...]

    def scores(self, features: Features) -> Floats:
        """The number foretold for each row [rows] of features [rows, features]."""
        return np.asarray(features @ self.weights + self.bias)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRidge:
    """A ridge regression over the n-grams of clean texts."""

    vocabulary: Vocabulary
    ridge: RidgeModel

    def scores(self, texts: Sequence[str]) -> Floats:
        """The number foretold for each text [texts]."""
        return self.ridge.scores(weights_of(self.vocabulary, texts))


def fit_mean(truth: Floats) -> float:
    """The mean of the training rows: what a regression must beat."""
    return float(np.mean(truth))


def fit_frozen_ridge(embeddings: NDArray[np.floating], truth: Floats, *, seed: int) -> RidgeModel:
    """A ridge regression over embeddings [rows, width], its strength by cross-validation."""
    scaled, centre, scale = scaled_to_one(embeddings)
    ridge = fit_ridge(scaled, truth, FROZEN_STRENGTHS, seed=seed)
    weights = ridge.weights / scale
    return replace(ridge, weights=weights, bias=float(ridge.bias - weights @ centre))


def fit_text_ridge(
    texts: Sequence[str], truth: Floats, *, seed: int, stop_words: bool = False, stem: bool = False
) -> TextRidge:
    """A ridge regression over the TF-IDF weights of clean texts; n-grams and words as for ``fit_linear``."""
    wording = wording_of(stop_words=stop_words, stem=stem)
    read = reworded(texts, wording)
    with one_thread():
        fits = [
            (vocabulary, fit_ridge(weights_of(vocabulary, read), truth, TEXT_STRENGTHS, seed=seed))
            for vocabulary in vocabularies(read, WIDEST)
        ]
    vocabulary, ridge = max(fits, key=lambda fit: max((tried.score for tried in fit[1].trials), default=0.0))
    return TextRidge(vocabulary=worded(vocabulary, wording), ridge=ridge)


def fit_ridge(features: Features, truth: Floats, strengths: Sequence[float], *, seed: int) -> RidgeModel:
    """A ridge regression of ``truth`` [rows] on features [rows, features], the strength of the largest held-out R²."""
    folds = np.random.default_rng(seed).permutation(len(truth)) % FOLDS
    enough = len(truth) > FOLDS and np.ptp(truth) > 0
    trials = [_ridge_trial(features, truth, folds, strength) for strength in strengths] if enough else []
    middle = Tried(strength=strengths[len(strengths) // 2], score=math.nan)
    best = max(trials, key=lambda tried: tried.score, default=middle)
    fitted = _ridge(best.strength).fit(features, truth)
    return RidgeModel(
        weights=np.asarray(fitted.coef_),
        bias=float(fitted.intercept_),
        strength=best.strength,
        trials=tuple(trials),
    )


def _ridge(strength: float) -> Any:
    from sklearn.linear_model import Ridge  # heavy, and of the install that builds

    return Ridge(alpha=strength)


def _ridge_trial(features: Features, truth: Floats, folds: Integers, strength: float) -> Tried:
    told = np.empty(len(truth))
    for number in range(FOLDS):
        inside = folds == number
        told[inside] = _ridge(strength).fit(features[~inside], truth[~inside]).predict(features[inside])
    score = 1 - float(np.sum((truth - told) ** 2) / np.sum((truth - truth.mean()) ** 2))
    return Tried(strength=strength, score=score)
