"""Probabilities for every row from models that have not seen it: cross-validation, each fold told by the others."""

from collections.abc import Callable, Sequence

import numpy as np

from argosy.core.errors import DataError
from argosy.evaluate.metrics import Floats, Integers
from argosy.evaluate.rivals.baselines import LinearModel, regression
from argosy.evaluate.rivals.ngrams import weights_of
from argosy.evaluate.rivals.one_thread import one_thread

FOLDS = 5
_TOLERANCE = 1e-3

FitPredict = Callable[[Sequence[str], Integers, Sequence[str]], Floats]
"""Trains on texts with their label numbers and gives probabilities [texts, labels] for others."""


def out_of_fold(
    fit_predict: FitPredict,
    texts: Sequence[str],
    truth: Integers,
    *,
    folds: int = FOLDS,
    seed: int,
    groups: Sequence[str] | None = None,
) -> Floats:
    """Probabilities [rows, labels], each row's by a model of the other folds; rows of one group share a fold.

    Raises DataError where all rows would share one fold.
    """
    dealt = deal(truth, folds, seed=seed, groups=groups)
    parts: list[tuple[Integers, Floats]] = []
    if not dealt.any():
        raise DataError(
            "Out-of-fold predictions need at least two rows of different groups.",
            mend="Add rows, or leave the column of groups out.",
        )
    for fold in range(int(dealt.max()) + 1):
        seen, held = np.flatnonzero(dealt != fold), np.flatnonzero(dealt == fold)
        told = fit_predict([texts[row] for row in seen.tolist()], truth[seen], [texts[row] for row in held.tolist()])
        parts.append((held, told))
    order = np.argsort(np.concatenate([held for held, _ in parts]))
    return np.concatenate([told for _, told in parts])[order]


def deal(truth: Integers, folds: int, *, seed: int, groups: Sequence[str] | None = None) -> Integers:
    """A fold for each row: the rows of a label (or the groups, by the label of their first row) dealt out in turn."""
    units = np.arange(len(truth)) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    names, first = np.unique(units, return_index=True)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(names))
    order = order[np.argsort(truth[first[order]], kind="stable")]
    dealt = np.empty(len(names), dtype=np.int64)
    dealt[order] = np.arange(len(names)) % min(folds, max(len(names), 1))
    return np.asarray(dealt[units])


def refit(model: LinearModel) -> FitPredict:
    """The linear baseline again on other rows, with the n-grams and the strength that ``model`` has chosen.

    The vocabulary sees no label, so it is taken from all rows; a label without a row in a part gets probability 0.
    """

    def fit_predict(texts: Sequence[str], truth: Integers, held: Sequence[str]) -> Floats:
        probabilities = np.zeros((len(held), len(model.labels)))
        known = np.unique(truth)
        if len(known) == 1:
            probabilities[:, known] = 1.0
            return probabilities
        with one_thread():
            fitted = regression(model.strength, _TOLERANCE).fit(weights_of(model.vocabulary, texts), truth)
            probabilities[:, known] = fitted.predict_proba(weights_of(model.vocabulary, held))
        return probabilities

    return fit_predict
