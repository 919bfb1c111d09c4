"""Whom to believe: how reliable each source of feedback is, and which of its labels are right.

A source (a tenant, or a person of one) gives the right label with a chance of its own, else any other (the one-coin
model of Dawid and Skene 1979). How such chances are spread among sources is learnt from all of them on a grid
(nonparametric empirical Bayes, Kiefer and Wolfowitz 1956), so that a source of few words is judged as sources of this
service are. A label is held against the model's answer, right as often as reports show for answers of its confidence;
against what other sources say of the same text, and of texts like it; and against the staff's label, which is right.

A source that lies is believed no more, and what one source says weighs at most CAP of all, however much it says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CAP = 0.1
WRONG = 0.03
"""The share of wrong labels among the rows to learn from."""
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_GRID = np.array([0.02, 0.2, 0.4, 0.6, 0.75, 0.85, 0.92, 0.96, 0.99])  # the chance that a source's label is right
_USUAL = np.array([0.06, 0.01, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.2])  # before any report
_SOURCES = 5.0  # sources that the usual spread counts for
_SINCERE = 0.7  # chances above are those of people who mean what they say
_ROWS = 5.0  # reports that the model's own confidence counts for, in each bin
_BINS = 4
_ROUNDS = 50
_MODEL_FIRST = 10  # rounds in which only the model is judged: most people mean what they say
_STILL = 1e-4
_LIKE = 7  # reports on like texts that are asked
_ALIKE = 0.6  # cosine from which texts are alike


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reports:
    """Labels that sources gave [m] to texts [n].

    ``texts`` [m] are text numbers, ``sources`` [m] who said it, ``labels`` [m] what. Of each text [n]: the model's
    answer ``predicted`` with its ``confidence``, the staff's label ``gold`` or -1, and where there are any its
    ``vectors`` [n, dimensions] of length 1. ``classes`` is the number of labels there are.
    """

    texts: Integers
    sources: Sequence[str]
    labels: Integers
    predicted: Integers
    confidence: Floats
    gold: Integers
    classes: int
    vectors: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trust:
    """What sources are worth: how often each gives the ``right`` label by its name, and whether it is sincere.

    Of each report [m]: its ``weights`` in what is estimated, 0 to 1, the chance that its label is ``right``, and
    whether it is ``kept`` to learn from, once a text. ``lies`` is the share of the weights that may be of liars.
    """

    reliability: Mapping[str, float]
    sincere: Mapping[str, float]
    weights: Floats
    right: Floats
    kept: NDArray[np.bool_]
    lies: float


def trust(reports: Reports) -> Trust:
    """Judge the sources and their reports; the order of reports and sources does not matter."""
    names, owners = np.unique(np.array(reports.sources, dtype=str), return_inverse=True)
    belief = _judge(reports, owners, len(names))
    sincere = belief.chances @ (_GRID > _SINCERE)
    weights = capped(sincere[owners], owners)
    kept = _kept(reports, belief.right, owners)
    return Trust(
        reliability=dict(zip(names.tolist(), (belief.chances @ _GRID).tolist(), strict=True)),
        sincere=dict(zip(names.tolist(), sincere.tolist(), strict=True)),
        weights=weights,
        right=belief.right,
        kept=kept,
        lies=float(weights @ (1 - sincere[owners]) / weights.sum()) if weights.sum() > 0 else 1.0,
    )


def capped(weights: Floats, owners: Integers) -> Floats:
    """The weights, an owner's scaled down to CAP of all that is left; to 2 / owners where there are few."""
    sums = np.bincount(owners, weights=weights)
    largest = np.sort(sums[sums > 0])[::-1]
    cap = max(CAP, 2 / max(len(largest), 1))
    cut = np.arange(len(largest))  # how many are scaled down, all to the same sum
    cut = cut[cap * cut < 1]
    levels = cap * (largest.sum() - np.cumsum(largest)[cut] + largest[cut]) / (1 - cap * cut)
    fits = largest[cut] <= levels
    level = levels[np.argmax(fits)] if fits.any() else np.inf
    return np.asarray(weights * (np.minimum(sums, level) / np.where(sums > 0, sums, 1.0))[owners])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Belief:
    """The chances of each source to lie at each point of the grid [sources, grid]; of each report to be right [m]."""

    chances: Floats
    right: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Candidates:
    """The labels that may be right of each text: its model's answer first, each that was said, and all others as one.

    ``texts`` [candidates] are their texts, ``labels`` what they are (-1 for all others), ``of_report`` [m] the
    candidate that a report speaks for, ``of_model`` [texts] the model's, ``others`` [candidates] how many labels each
    stands for.
    """

    texts: Integers
    labels: Integers
    of_report: Integers
    of_model: Integers
    others: Floats


def _candidates(texts: Integers, labels: Integers, predicted: Integers, classes: int) -> _Candidates:
    count = len(predicted)
    pairs = np.unique(
        np.stack([np.concatenate([np.arange(count), texts]), np.concatenate([predicted, labels])], axis=1), axis=0
    )
    keys = pairs[:, 0] * (classes + 1) + pairs[:, 1]
    named = np.bincount(pairs[:, 0], minlength=count)
    return _Candidates(
        texts=np.concatenate([pairs[:, 0], np.arange(count)]),
        labels=np.concatenate([pairs[:, 1], np.full(count, -1)]),
        of_report=np.searchsorted(keys, texts * (classes + 1) + labels),
        of_model=np.searchsorted(keys, np.arange(count) * (classes + 1) + predicted),
        others=np.concatenate([np.ones(len(pairs)), np.maximum(classes - named, 0).astype(np.float64)]),
    )


def _judge(reports: Reports, owners: Integers, sources: int) -> _Belief:
    """Judge labels, sources and the model in turn, each by the others without its own word, until nothing moves."""
    texts, labels, owners = _with_like_texts(reports, owners, sources)
    classes = max(reports.classes, 2)
    candidates = _candidates(texts, labels, reports.predicted, classes)
    bins = _bins(reports.confidence)
    start = np.bincount(bins, weights=reports.confidence, minlength=_BINS)
    sizes = np.bincount(bins, minlength=_BINS)
    model = np.clip(start / np.maximum(sizes, 1), 1 / classes, 0.99)
    believed = model.copy()
    spread = _USUAL
    chances = np.tile(_USUAL, (sources + 1, 1))
    odds_of = np.log(_GRID * (classes - 1) / (1 - _GRID))
    right = np.zeros(len(texts))
    for turn in range(_ROUNDS):
        odds = (chances @ odds_of)[owners]
        shares = _shares(candidates, reports, model[bins], odds)
        without = _cavity(shares[candidates.of_report], odds)
        known = reports.gold[texts] >= 0
        without = np.where(known, reports.gold[texts] == labels, without)
        said = without[:, None] * _GRID + (1 - without)[:, None] * (1 - _GRID) / (classes - 1)
        told = np.zeros((sources + 1, len(_GRID)))
        np.add.at(told, owners, np.log(said))
        if turn >= _MODEL_FIRST:
            chances = _normal(told + np.log(spread))
        spread = (chances[:sources].sum(axis=0) + _SOURCES * _USUAL) / (sources + _SOURCES)
        answers = np.bincount(bins, weights=shares[candidates.of_model], minlength=_BINS)
        model = np.clip((answers + _ROWS * believed) / (sizes + _ROWS), 1 / classes, 0.99)
        moved = np.abs(shares[candidates.of_report] - right).max(initial=0.0)
        right = shares[candidates.of_report]
        if moved < _STILL and turn > _MODEL_FIRST:
            break
    return _Belief(chances=chances[:sources], right=right[: len(reports.texts)])


def _shares(candidates: _Candidates, reports: Reports, model: Floats, odds: Floats) -> Floats:
    """How likely each candidate is the right label of its text [candidates]."""
    count, classes = len(model), max(reports.classes, 2)
    wrong = ((1 - model) / (classes - 1))[candidates.texts] * candidates.others
    heights = np.log(np.maximum(wrong, 1e-12))
    heights[candidates.of_model] = np.log(model)
    heights += np.bincount(candidates.of_report, weights=odds, minlength=len(heights))
    gold = reports.gold[candidates.texts]
    heights = np.where(gold < 0, heights, np.where(gold == candidates.labels, 0.0, -np.inf))
    tops = np.full(count, -np.inf)
    np.maximum.at(tops, candidates.texts, heights)
    tops = np.where(np.isfinite(tops), tops, 0.0)  # the staff's label is one that nobody said
    parts = np.exp(heights - tops[candidates.texts])
    sums = np.bincount(candidates.texts, weights=parts, minlength=count)
    return np.asarray(parts / np.where(sums > 0, sums, 1.0)[candidates.texts])


def _cavity(share: Floats, odds: Floats) -> Floats:
    """The chance of a label without the report's own word, whose log odds are taken out."""
    clipped = np.clip(share, 1e-9, 1 - 1e-9)
    return np.asarray(1 / (1 + np.exp(-(np.log(clipped / (1 - clipped)) - odds))))


def _normal(heights: Floats) -> Floats:
    """Chances [rows, columns] of logarithms."""
    parts = np.exp(heights - heights.max(axis=1, keepdims=True))
    return np.asarray(parts / parts.sum(axis=1, keepdims=True))


def _bins(confidence: Floats) -> Integers:
    """The quarter of confidence in which each text lies."""
    ends = np.quantile(confidence, np.arange(1, _BINS) / _BINS) if len(confidence) else np.empty(0)
    return np.searchsorted(ends, confidence, side="right").astype(np.int64)


def _with_like_texts(reports: Reports, owners: Integers, sources: int) -> tuple[Integers, Integers, Integers]:
    """The reports, and behind them what other sources mostly say of like texts, as one more source."""
    if reports.vectors is None or len(reports.texts) <= _LIKE:
        return reports.texts, reports.labels, owners
    vectors = reports.vectors[reports.texts]
    near = vectors @ vectors.T
    near[owners[:, None] == owners[None]] = -1.0
    near[reports.texts[:, None] == reports.texts[None]] = -1.0
    nearest = np.argpartition(-near, _LIKE, axis=1)[:, :_LIKE]
    strong = np.take_along_axis(near, nearest, axis=1)
    votes = np.zeros((len(owners), reports.classes))
    np.add.at(votes, (np.arange(len(owners))[:, None], reports.labels[nearest]), np.where(strong > _ALIKE, strong, 0))
    clear = votes.max(axis=1) > votes.sum(axis=1) / 2
    _, first = np.unique(reports.texts, return_index=True)
    asked = first[clear[first]]
    extra = votes[asked].argmax(axis=1)
    return (
        np.concatenate([reports.texts, reports.texts[asked]]),
        np.concatenate([reports.labels, extra]),
        np.concatenate([owners, np.full(len(asked), sources)]),
    )


def _kept(reports: Reports, right: Floats, owners: Integers) -> NDArray[np.bool_]:
    """The surest label of each text, and of these the surest, as many as are wrong in WRONG of them at most."""
    order = np.lexsort((owners, -right))
    _, first = np.unique(reports.texts[order], return_index=True)
    surest = order[np.sort(first)]
    doubts = np.cumsum(1 - right[surest]) / np.arange(1, len(surest) + 1)
    kept = np.zeros(len(right), dtype=np.bool_)
    kept[surest[doubts <= WRONG]] = True
    return kept
