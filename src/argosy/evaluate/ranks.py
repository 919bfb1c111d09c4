"""Metrics of ranks, each with its first-order change by unit: ROC-AUC, average precision, Pearson, Spearman.

Sorting and running sums give every one of them in n log n steps.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from argosy.evaluate.metrics import Floats, Ranked, Undefined

Booleans = NDArray[np.bool_]
Curve = Callable[[Booleans, Floats], tuple[float, Floats]]
ONE_CLASS = Undefined(reason="All rows have the same label; the ranking of one label above others cannot be measured.")
CONSTANT = Undefined(reason="The predictions are all equal; a correlation with them is not defined.")
CONSTANT_TRUTH = Undefined(reason="The true values are all equal; a correlation with them is not defined.")


def macro(curve: Curve, truth: Booleans, scores: Floats) -> Ranked | Undefined:
    """The mean of a curve's area over the labels that some rows have and some lack; both [rows, labels]."""
    counts = truth.sum(axis=0)
    known = np.flatnonzero((counts > 0) & (counts < len(truth)))
    if not len(known):
        return ONE_CLASS
    areas = [curve(truth[:, label], scores[:, label]) for label in known]
    influence = np.mean([changes for _, changes in areas], axis=0)
    fewer = np.minimum(counts, len(truth) - counts)[known]
    return Ranked(
        value=float(np.mean([area for area, _ in areas])),
        influence=influence,
        least=int(fewer.min()),
        freedom=_freedom(influence, truth[:, known]),
        expected=_expected(areas, influence, fewer) if curve is roc_auc else None,
    )


def roc_auc(truth: Booleans, scores: Floats) -> tuple[float, Floats]:
    """The chance that a row with the label scores above one without, ties counting half; and its changes [rows]."""
    with_it, without = int(truth.sum()), int((~truth).sum())
    ranks = rankdata(scores)
    placed = np.empty(len(truth))
    placed[truth] = (ranks[truth] - rankdata(scores[truth])) / without
    placed[~truth] = 1 - (ranks[~truth] - rankdata(scores[~truth])) / with_it
    area = float(placed[truth].mean())
    share = np.where(truth, with_it, without) / len(truth)
    return area, (placed - area) / share


def average_precision(truth: Booleans, scores: Floats) -> tuple[float, Floats]:
    """The mean precision at the rows with the label, tied rows at one threshold; and its changes [rows]."""
    values, places = np.unique(-scores, return_inverse=True)
    hits, rows = (
        np.bincount(places, weights=weights, minlength=len(values)) for weights in (truth, np.ones(len(truth)))
    )
    found, taken = np.cumsum(hits), np.cumsum(rows)
    precision, positives = found / taken, hits.sum()
    area = float(np.sum(hits * precision) / positives)
    # a row moves the precision at its own threshold and at every lower one
    each, lost = (np.cumsum((hits * part / taken)[::-1])[::-1] for part in (np.ones(len(values)), precision))
    own = truth * (precision[places] - area)
    return area, (own + truth * each[places] - lost[places]) * len(truth) / positives


def pearson(truth: Floats, predicted: Floats) -> Ranked | Undefined:
    """The linear correlation of two columns."""
    found = _constant(truth, predicted)
    if found:
        return found
    value, influence, _, _ = _linear(truth, predicted)
    return Ranked(value=value, influence=influence, least=len(truth), freedom=len(truth) - 2, correlation=True)


def spearman(truth: Floats, predicted: Floats) -> Ranked | Undefined:
    """The correlation of the ranks of two columns, ties at their middle rank."""
    found = _constant(truth, predicted)
    if found:
        return found
    value, influence, one, other = _linear(rankdata(truth), rankdata(predicted))
    # each unit also moves the ranks of those above it
    influence += _moved(truth, other - value * one) / np.std(rankdata(truth))
    influence += _moved(predicted, one - value * other) / np.std(rankdata(predicted))
    influence -= influence.mean()
    return Ranked(value=value, influence=influence, least=len(truth), freedom=len(truth) - 2, correlation=True)


def _expected(areas: list[tuple[float, Floats]], influence: Floats, fewer: Floats) -> float:
    """The variance of a mean ROC-AUC as Hanley and McNeil (Radiology 1982;143:29) expect each area's to be.

    The labels' areas hang together as the observed ones do.
    """
    area, more = np.array([area for area, _ in areas]), len(influence) - fewer
    area = np.clip(area, 0.5 / (fewer + 1), 1 - 0.5 / (fewer + 1))
    both = (fewer - 1) * (area / (2 - area) - area**2) + (more - 1) * (2 * area**2 / (1 + area) - area**2)
    each = (area * (1 - area) + both) / (fewer * more)
    observed = sum(float(np.sum(changes**2)) for _, changes in areas)
    together = len(areas) * float(np.sum(influence**2)) / observed if observed > 0 else 1.0
    return float(each.mean()) * together


def _linear(one: Floats, other: Floats) -> tuple[float, Floats, Floats, Floats]:
    """Pearson's correlation, its influence [rows], and the two standardised columns."""
    a, b = ((column - column.mean()) / column.std() for column in (one, other))
    value = float(np.clip(np.mean(a * b), -1.0, 1.0))
    return value, a * b - value * (a * a + b * b) / 2, a, b


def _moved(column: Floats, mass: Floats) -> Floats:
    """For each unit the mass of the units above it and half that of its equals [rows]."""
    values, places = np.unique(column, return_inverse=True)
    here = np.bincount(places, weights=mass, minlength=len(values))
    return np.asarray((here.sum() - np.cumsum(here) + here / 2)[places])


def _constant(truth: Floats, predicted: Floats) -> Undefined | None:
    if len(truth) < 3 or np.ptp(truth) == 0:  # noqa: PLR2004 - two points always lie on a line
        return CONSTANT_TRUTH
    return CONSTANT if np.ptp(predicted) == 0 else None


def _freedom(influence: Floats, truth: Booleans) -> float:
    """Degrees of freedom of the standard error, when rows fall into groups by their labels (Welch 1947)."""
    groups = np.unique(truth, axis=0, return_inverse=True)[1].ravel()
    counts = np.bincount(groups)
    parts = np.bincount(groups, weights=influence**2)
    if parts.sum() <= 0:
        return float(len(influence))
    return float(max(parts.sum() ** 2 / np.sum(parts**2 / np.maximum(counts - 1, 0.5)), 1.0))
