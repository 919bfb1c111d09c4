"""What a model must beat: the commonest label, and a linear model over character n-grams.

The linear model is a logistic regression on the TF-IDF weights of ``argosy.infer.linear``, which need no words and so
serve Chinese and English alike. The longest n-gram and the regularisation are chosen by cross-validation on the
training rows; the vocabulary, which sees no label, is taken once from all of them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from argosy.core.errors import DataError, MissingError
from argosy.evaluate.metrics import Floats, Integers
from argosy.infer.linear import METADATA, SCORES, Card, Vocabulary, log_softmax, occurrences

LONGEST = (2, 3, 4)
STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0)
FOLDS = 3
_PAIR = 2  # labels that one score tells apart
_START = 3.0  # the strength that the n-grams are compared at
_SEARCH_WORK = 40_000  # rows × labels of a search: all of 20,000 rows of two labels …
_SEARCH_ROWS = 25  # … and of many labels, so many rows of each on average
_WIDEST = 65_536  # n-grams
_COEFFICIENTS = 1_048_576  # n-grams × labels
_CHARACTERS = 4_000_000  # that the vocabulary is read from
_BATCH = 1_000  # texts

Frequencies = tuple[list[str], Integers]  # n-grams of one length, and the number of texts that hold each


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
        return log_softmax(_matrix(self.vocabulary, texts) @ self.weights.T + self.bias)


def majority(truth: Integers, classes: int) -> int:
    """The commonest label number, the smaller one of equals.

    >>> majority(np.array([1, 0, 1]), 2)
    1
    """
    return int(np.bincount(truth, minlength=classes).argmax())


def fit_linear(texts: Sequence[str], truth: Integers, labels: Sequence[str], *, seed: int) -> LinearModel:
    """The linear model for cleaned training texts with label numbers ``truth``.

    Raises DataError when a label has no row. The same rows and seed give the same model.
    """
    missing = np.flatnonzero(np.bincount(truth, minlength=len(labels)) == 0)
    if len(missing):
        raise DataError(
            "The label {label!r} has no training row.",
            mend="Add rows with this label, or take it off the labels.",
            label=labels[missing[0]],
        )
    with threadpool_limits(limits=1):  # short vectors: threads that wait for each other cost tenfold on a busy machine
        return _fit(texts, truth, labels, seed)


def export_linear(model: LinearModel, out: Path) -> None:
    """Write the model as one ONNX file for ``argosy.infer.linear``; raises MissingError without skl2onnx."""
    try:
        from onnx.helper import set_model_props
        from skl2onnx import convert_sklearn
        from skl2onnx.common.data_types import FloatTensorType
    except ImportError as error:
        raise MissingError(
            "The package {name!r} is not installed.", mend="pip install 'argosy[train]'", name=error.name
        ) from error
    layer = _regression(model.strength)
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


def _fit(texts: Sequence[str], truth: Integers, labels: Sequence[str], seed: int) -> LinearModel:
    width = min(_WIDEST, max(_COEFFICIENTS // len(labels), 8_192))
    vocabularies = dict(zip(LONGEST, _vocabularies(texts, width), strict=True))
    sample = _sample(truth, len(labels), seed)
    trials = _search(vocabularies, [texts[row] for row in sample], truth[sample], seed)
    best = max(trials, key=lambda trial: trial.accuracy, default=Trial(longest=3, strength=_START, accuracy=math.nan))
    vocabulary = vocabularies[best.longest]
    fitted = _regression(best.strength).fit(_matrix(vocabulary, texts), truth)
    weights, bias = fitted.coef_, fitted.intercept_
    if len(labels) == _PAIR:  # σ(s) of one score is the softmax of -s/2 and s/2
        weights, bias = np.concatenate([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return LinearModel(
        labels=tuple(labels),
        vocabulary=vocabulary,
        weights=weights,
        bias=bias,
        longest=best.longest,
        strength=best.strength,
        trials=tuple(trials),
    )


def _vocabularies(texts: Sequence[str], width: int) -> list[Vocabulary]:
    """A vocabulary for each of LONGEST: the ``width`` n-grams of the most texts, those of one text left out.

    Where the texts are long, every k-th of them is read, so that the work stays bounded.
    """
    step = math.ceil(sum(map(len, texts)) / _CHARACTERS) or 1
    read = texts[::step]
    found = [_frequencies(*found) for found in occurrences(read, max(LONGEST))]
    return [_vocabulary(found[:longest], len(read), width) for longest in LONGEST]


def _frequencies(n: int, texts: Integers, starts: Integers, hashes: NDArray[np.uint64], joined: str) -> Frequencies:
    """The n-grams of more than one text with their numbers of texts."""
    _, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    rows = int(texts[-1]) + 1 if len(texts) else 1
    frequencies = np.bincount(np.unique(inverse * rows + texts) // rows)
    kept = np.flatnonzero(frequencies > 1)
    return [joined[start : start + n] for start in starts[first[kept]]], frequencies[kept]


def _vocabulary(found: Sequence[Frequencies], documents: int, width: int) -> Vocabulary:
    """The commonest n-grams; where no two texts share one, a blank stands in, so that the layer has a column."""
    ngrams = [ngram for names, _ in found for ngram in names] or [" "]
    frequencies = np.concatenate([counts for names, counts in found if names] or [np.zeros(1, dtype=np.int64)])
    kept = np.sort(np.argsort(-frequencies, kind="stable")[:width])
    return Vocabulary([ngrams[place] for place in kept], frequencies[kept].tolist(), documents)


def _matrix(vocabulary: Vocabulary, texts: Sequence[str]) -> csr_array:
    """The weights of the texts as a sparse matrix [texts, n-grams]."""
    parts = [vocabulary.weigh(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
    rows = np.concatenate([part.rows + number * _BATCH for number, part in enumerate(parts)])
    columns = np.concatenate([part.columns for part in parts])
    values = np.concatenate([part.values for part in parts]).astype(np.float64)
    return csr_array((values, (rows, columns)), shape=(len(texts), len(vocabulary)))


def _search(vocabularies: dict[int, Vocabulary], texts: Sequence[str], truth: Integers, seed: int) -> list[Trial]:
    """First the longest n-gram, then the strength for it; nothing where a training part could hold one label only."""
    if np.sum(np.bincount(truth) > 1) < _PAIR:
        return []
    folds = _folds(truth, seed)
    matrices = {longest: _matrix(vocabulary, texts) for longest, vocabulary in vocabularies.items()}

    def trial(longest: int, strength: float) -> Trial:
        right = _held_out(matrices[longest], truth, folds, strength)
        return Trial(longest=longest, strength=strength, accuracy=right)

    trials = [trial(longest, _START) for longest in matrices]
    longest = max(trials, key=lambda trial: trial.accuracy).longest
    return trials + [trial(longest, strength) for strength in STRENGTHS if strength != _START]


def _held_out(matrix: csr_array, truth: Integers, folds: Integers, strength: float) -> float:
    """The share of rows right when each fold is predicted by a model of the others."""
    right = 0
    for fold in range(FOLDS):
        fitted = _regression(strength, tolerance=1e-3).fit(matrix[folds != fold], truth[folds != fold])
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


def _regression(strength: float, tolerance: float = 1e-4) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=1_000, tol=tolerance)
