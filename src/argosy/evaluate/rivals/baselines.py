"""What a model must beat: the commonest label, and linear models over character n-grams or frozen embeddings.

The linear model is a logistic regression on the TF-IDF weights of ``argosy.infer.engines.linear``, which need no words
and so serve Chinese and English alike. The longest n-gram and the regularisation are chosen by cross-validation on the
training rows; the vocabulary, which sees no label, is taken once from all of them. Stop words and stems are options:
they change the text that the n-grams are read from, here and in the engine alike.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from argosy.core.errors import DataError, MissingError
from argosy.evaluate.metrics import Floats, Integers
from argosy.evaluate.rivals.ngrams import LONGEST, WIDEST, reworded, vocabularies, weights_of, worded, wording_of
from argosy.evaluate.rivals.one_thread import one_thread
from argosy.infer.engines.linear import METADATA, SCORES, Card, Vocabulary, log_softmax
from argosy.infer.wording import Wording

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0)
FROZEN_STRENGTHS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)  # of embeddings scaled to a variance of about 1
_USUAL = 0.03  # of them, where nothing can be tried
FOLDS = 3
_PAIR = 2  # labels that one score tells apart
_START = 3.0  # the strength that the n-grams are compared at
_SEARCH_WORK = 40_000  # rows × labels of a search: all of 20,000 rows of two labels …
_SEARCH_ROWS = 25  # … and of many labels, so many rows of each on average
_COEFFICIENTS = 1_048_576  # n-grams × labels

Features: TypeAlias = csr_array | Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One setting of the search and the share of held-out training rows that it got right."""

    longest: int
    strength: float
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearModel:
    """A fitted linear model: ``weights`` [labels, n-grams], ``bias`` [labels], and the search that chose it."""

    labels: tuple[str, ...]
    vocabulary: Vocabulary
    weights: Floats
    bias: Floats
    longest: int
    strength: float
    trials: tuple[Trial, ...]

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Log-probabilities [texts, labels] of cleaned texts, in double precision without any graph."""
        return log_softmax(weights_of(self.vocabulary, texts) @ self.weights.T + self.bias)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A strength of regularisation and its score on held-out training rows: the share right, or R²."""

    strength: float
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenModel:
    """A logistic regression over embeddings: ``weights`` [labels, width], ``bias`` [labels], and its search."""

    labels: tuple[str, ...]
    weights: Floats
    bias: Floats
    strength: float
    trials: tuple[Tried, ...]

    def scores(self, embeddings: NDArray[np.floating]) -> Floats:
        """Probabilities [rows, labels] of embeddings [rows, width]."""
        logits = embeddings.astype(np.float64) @ self.weights.T + self.bias
        return np.asarray(np.exp(log_softmax(logits).astype(np.float64)))


def majority(truth: Integers, classes: int) -> int:
    """The commonest label number, the smaller one of equals.

    >>> majority(np.array([1, 0, 1]), 2)
    1
    """
    return int(np.bincount(truth, minlength=classes).argmax())


def fit_linear(
    texts: Sequence[str],
    truth: Integers,
    labels: Sequence[str],
    *,
    seed: int,
    stop_words: bool = False,
    stem: bool = False,
    search: bool = True,
) -> LinearModel:
    """The linear model for cleaned training texts with label numbers ``truth``.

    ``stop_words`` leaves common words out, ``stem`` cuts English words to their stems; without ``search`` the usual
    settings are taken, which with hundreds of labels spares most of an hour. Raises DataError when a label
    has no row, MissingError when a package of ``argosy[words]`` is needed and absent. The same rows and seed give the
    same model.
    """
    _every_label(truth, labels)
    wording = wording_of(stop_words=stop_words, stem=stem)
    with one_thread():  # short vectors: threads that wait for each other cost tenfold on a busy machine
        return _fit(texts, truth, labels, wording, seed if search else None)


def fit_with(texts: Sequence[str], truth: Integers, labels: Sequence[str], *, like: LinearModel) -> LinearModel:
    """The linear model with the settings of another one; raises DataError when a label has no row."""
    _every_label(truth, labels)
    wording = like.vocabulary.wording
    read = reworded(texts, wording)
    vocabulary = vocabularies(read, _width(len(labels)))[LONGEST.index(like.longest)]
    with one_thread():
        weights, bias = _both_sides(
            regression(like.strength, tolerance=1e-3).fit(weights_of(vocabulary, read), truth), len(labels)
        )
    return replace(
        like, labels=tuple(labels), vocabulary=worded(vocabulary, wording), weights=weights, bias=bias, trials=()
    )


def fit_frozen(
    embeddings: NDArray[np.floating],
    truth: Integers,
    labels: Sequence[str],
    *,
    seed: int,
    strengths: Sequence[float] = FROZEN_STRENGTHS,
) -> FrozenModel:
    """A logistic regression over embeddings [rows, width], its strength by cross-validation on the same rows.

    Raises DataError when a label has no row.
    """
    _every_label(truth, labels)
    scaled, centre, scale = scaled_to_one(embeddings)
    with one_thread():
        sample = _sample(truth, len(labels), seed)
        trials = _tried(scaled[sample], truth[sample], strengths, seed) if len(strengths) > 1 else []
        usual = strengths[0] if len(strengths) == 1 else _USUAL
        best = max(trials, key=lambda tried: tried.score, default=Tried(strength=usual, score=math.nan))
        fitted = regression(best.strength).fit(scaled, truth)
    weights, bias = _both_sides(fitted, len(labels))
    weights = weights / scale
    return FrozenModel(
        labels=tuple(labels),
        weights=weights,
        bias=bias - weights @ centre,
        strength=best.strength,
        trials=tuple(trials),
    )


def _every_label(truth: Integers, labels: Sequence[str]) -> None:
    missing = np.flatnonzero(np.bincount(truth, minlength=len(labels)) == 0)
    if len(missing):
        raise DataError(
            "The label {label!r} has no training row.",
            mend="Add rows with this label, or take it off the labels.",
            label=labels[missing[0]],
        )


def export_linear(model: LinearModel, out: Path) -> None:
    """Write the model as one ONNX file for ``argosy.infer.engines.linear``; raises MissingError without skl2onnx."""
    try:
        from onnx.helper import set_model_props
        from skl2onnx import convert_sklearn
        from skl2onnx.common.data_types import FloatTensorType
    except ImportError as error:
        raise MissingError(
            "The package {name!r} is not installed.", mend="pip install 'argosy[train]'", name=error.name
        ) from error
    layer = regression(model.strength)
    layer.classes_ = np.arange(len(model.labels))
    shown = slice(1, None) if len(model.labels) == _PAIR else slice(None)
    layer.coef_, layer.intercept_ = model.weights[shown], model.bias[shown]
    graph = convert_sklearn(
        layer,
        name="linear",
        initial_types=[("features", FloatTensorType([None, len(model.vocabulary)]))],
        options={id(layer): {"zipmap": False, "raw_scores": True}},
        final_types=[("label", None), (SCORES, None)],
    )
    set_model_props(graph, {METADATA: Card(labels=model.labels, vocabulary=model.vocabulary).to_json()})
    out.write_bytes(graph.SerializeToString())


def _fit(
    texts: Sequence[str], truth: Integers, labels: Sequence[str], wording: Wording, seed: int | None
) -> LinearModel:
    texts = reworded(texts, wording)
    found = dict(zip(LONGEST, vocabularies(texts, _width(len(labels))), strict=True))
    trials: list[Trial] = []
    if seed is not None:
        sample = _sample(truth, len(labels), seed)
        trials = _search(found, [texts[row] for row in sample], truth[sample], seed)
    best = max(trials, key=lambda trial: trial.accuracy, default=Trial(longest=3, strength=_START, accuracy=math.nan))
    vocabulary = found[best.longest]
    fitted = regression(best.strength).fit(weights_of(vocabulary, texts), truth)
    weights, bias = _both_sides(fitted, len(labels))
    return LinearModel(
        labels=tuple(labels),
        vocabulary=worded(vocabulary, wording),
        weights=weights,
        bias=bias,
        longest=best.longest,
        strength=best.strength,
        trials=tuple(trials),
    )


def _width(classes: int) -> int:
    """N-grams at most."""
    return min(WIDEST, max(_COEFFICIENTS // classes, 8_192))


def _both_sides(fitted: "LogisticRegression", classes: int) -> tuple[Floats, Floats]:
    """Weights [labels, features] and bias [labels]: of two labels, σ(s) of one score is the softmax of -s/2 and s/2."""
    weights, bias = fitted.coef_, fitted.intercept_
    if classes == _PAIR:
        return np.concatenate([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return weights, bias


def scaled_to_one(embeddings: NDArray[np.floating]) -> tuple[Floats, Floats, float]:
    """Embeddings around 0 with a mean variance of 1 in all, their centre [width] and the scale."""
    centre = embeddings.mean(axis=0, dtype=np.float64)
    scale = float(np.sqrt(np.mean((embeddings - centre) ** 2))) or 1.0
    return np.asarray((embeddings - centre) / scale), centre, scale


def _tried(features: Features, truth: Integers, strengths: Sequence[float], seed: int) -> list[Tried]:
    """The share of held-out rows right at each strength; nothing where a training part could hold one label only."""
    if np.sum(np.bincount(truth) > 1) < _PAIR:
        return []
    folds = _folds(truth, seed)
    return [Tried(strength=strength, score=_held_out(features, truth, folds, strength)) for strength in strengths]


def _search(found: dict[int, Vocabulary], texts: Sequence[str], truth: Integers, seed: int) -> list[Trial]:
    """First the longest n-gram, then the strength for it; nothing where a training part could hold one label only."""
    if np.sum(np.bincount(truth) > 1) < _PAIR:
        return []
    folds = _folds(truth, seed)
    matrices = {longest: weights_of(vocabulary, texts) for longest, vocabulary in found.items()}

    def trial(longest: int, strength: float) -> Trial:
        right = _held_out(matrices[longest], truth, folds, strength)
        return Trial(longest=longest, strength=strength, accuracy=right)

    trials = [trial(longest, _START) for longest in matrices]
    longest = max(trials, key=lambda trial: trial.accuracy).longest
    return trials + [trial(longest, strength) for strength in STRENGTHS if strength != _START]


def _held_out(matrix: Features, truth: Integers, folds: Integers, strength: float) -> float:
    """The share of rows right when each fold is predicted by a model of the others."""
    right = 0
    for fold in np.unique(folds):
        fitted = regression(strength, tolerance=1e-3).fit(matrix[folds != fold], truth[folds != fold])
        right += int(np.sum(fitted.predict(matrix[folds == fold]) == truth[folds == fold]))
    return right / len(truth)


def _folds(truth: Integers, seed: int) -> Integers:
    """A fold for each row: the rows of a label, shuffled, are dealt out in turn."""
    rng = np.random.default_rng(seed)
    folds = np.empty(len(truth), dtype=np.int64)
    for label in np.unique(truth):
        rows = rng.permutation(np.flatnonzero(truth == label))
        folds[rows] = np.arange(len(rows)) % FOLDS
    return folds


def _sample(truth: Integers, classes: int, seed: int) -> Integers:
    """The rows to search on: all, or as many as the work allows."""
    rows = min(len(truth), max(_SEARCH_WORK // classes, _SEARCH_ROWS * classes))
    return np.sort(np.random.default_rng(seed).permutation(len(truth))[:rows])


def regression(strength: float, tolerance: float = 1e-4) -> "LogisticRegression":
    """The layer of the linear rungs, not yet fitted."""
    from sklearn.linear_model import LogisticRegression  # heavy, and of the install that builds

    return LogisticRegression(C=strength, max_iter=1_000, tol=tolerance)
