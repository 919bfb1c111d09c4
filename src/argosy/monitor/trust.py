"""Whom to believe: how reliable each source of feedback is, and which of its labels are right.

A source (a tenant, or a person of one) gives the right label with a chance of its own, else any other (the one-coin
model of Dawid and Skene 1979). How such chances are spread among sources is learnt from all of them on a grid
(nonparametric empirical Bayes, Kiefer and Wolfowitz 1956), so that a source of few words is judged as sources of this
service are. A label is held against the model's answer, right as often as reports show for answers of its confidence;
against what other sources say of the same text, and of texts like it; and against the staff's label, which is right.

What a source says of one text again and again counts once; what it says in all weighs at most CAP of everything said,
and nothing once it is known to lie.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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
_ENDS = (0.01, 0.99)  # how often the model may be right
_LIKE = 7  # reports on like texts that are asked
_ALIKE = 0.6  # cosine from which texts are alike
_BLOCK = 512  # reports compared with all at once


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
    spoken, texts = np.unique(reports.texts, return_inverse=True)
    _, same, times = np.unique(texts * len(names) + owners, return_inverse=True, return_counts=True)
    few = replace(
        reports,
        texts=texts,
        predicted=reports.predicted[spoken],
        confidence=reports.confidence[spoken],
        gold=reports.gold[spoken],
        vectors=None if reports.vectors is None else reports.vectors[spoken],
        classes=max(reports.classes, 2),
    )
    belief = _judge(few, owners, len(names), 1 / times[same])
    sincere = belief.chances @ (_GRID > _SINCERE)
    weights = capped(sincere[owners] / times[same], owners)
    kept = _kept(few, belief.right, owners)
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Words:
    """Reports, and behind them what other sources mostly say of like texts, as one more source."""

    texts: Integers
    labels: Integers
    owners: Integers
    parts: Floats


def _judge(reports: Reports, owners: Integers, sources: int, parts: Floats) -> _Belief:
    """Judge labels, sources and the model in turn, each by the others without its own word, until nothing moves.

    ``parts`` [m] are 1 / how often a source speaks of the text of its report.
    """
    told = _with_like_texts(reports, owners, sources, parts)
    candidates = _candidates(told.texts, told.labels, reports.predicted, reports.classes)
    bins = _bins(reports.confidence)
    sizes = np.bincount(bins, minlength=_BINS)
    claimed = np.bincount(bins, weights=reports.confidence, minlength=_BINS) / np.maximum(sizes, 1)
    model, spread = np.clip(claimed, *_ENDS), _USUAL
    chances, right = np.tile(_USUAL, (sources + 1, 1)), np.zeros(len(told.texts))
    for turn in range(_ROUNDS):
        odds = (chances @ np.log(_GRID * (reports.classes - 1) / (1 - _GRID)))[told.owners]
        shares = _shares(candidates, reports, model[bins], odds * told.parts)
        moved, right = (
            float(np.abs(shares[candidates.of_report] - right).max(initial=0.0)),
            shares[candidates.of_report],
        )
        if turn >= _MODEL_FIRST:
            chances = _normal(_told(told, reports, _cavity(right, odds), sources) + np.log(spread))
            spread = (chances[:sources].sum(axis=0) + _SOURCES * _USUAL) / (sources + _SOURCES)
        answers = np.bincount(bins, weights=shares[candidates.of_model], minlength=_BINS)
        model = np.clip((answers + _ROWS * claimed) / (sizes + _ROWS), *_ENDS)
        if moved < _STILL and turn > _MODEL_FIRST:
            break
    return _Belief(chances=chances[:sources], right=right[: len(reports.texts)])


def _told(told: _Words, reports: Reports, without: Floats, sources: int) -> Floats:
    """How likely each source's words are at each point of the grid [sources + 1, grid], as logarithms.

    ``without`` is the chance of each report to be right before it was said.
    """
    gold = reports.gold[told.texts]
    before = np.where(gold >= 0, gold == told.labels, without)[:, None]
    likely = before * _GRID + (1 - before) * (1 - _GRID) / (reports.classes - 1)
    sums = np.zeros((sources + 1, len(_GRID)))
    np.add.at(sums, told.owners, np.log(likely) * told.parts[:, None])
    return sums


def _shares(candidates: _Candidates, reports: Reports, model: Floats, odds: Floats) -> Floats:
    """How likely each candidate is the right label of its text [candidates]."""
    count = len(model)
    wrong = ((1 - model) / (reports.classes - 1))[candidates.texts] * candidates.others
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


def _with_like_texts(reports: Reports, owners: Integers, sources: int, parts: Floats) -> _Words:
    if reports.vectors is None or len(reports.texts) <= _LIKE:
        return _Words(texts=reports.texts, labels=reports.labels, owners=owners, parts=parts)
    vectors = reports.vectors[reports.texts]
    votes = np.zeros((len(owners), reports.classes))
    for start in range(0, len(owners), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(owners)))
        near = vectors[rows] @ vectors.T
        near[(owners[rows][:, None] == owners) | (reports.texts[rows][:, None] == reports.texts)] = -1.0
        nearest = np.argpartition(-near, _LIKE, axis=1)[:, :_LIKE]
        strong = np.take_along_axis(near, nearest, axis=1)
        np.add.at(votes, (rows[:, None], reports.labels[nearest]), np.where(strong > _ALIKE, strong, 0))
    clear = votes.max(axis=1) > votes.sum(axis=1) / 2
    _, first = np.unique(reports.texts, return_index=True)
    asked = first[clear[first]]
    return _Words(
        texts=np.concatenate([reports.texts, reports.texts[asked]]),
        labels=np.concatenate([reports.labels, votes[asked].argmax(axis=1)]),
        owners=np.concatenate([owners, np.full(len(asked), sources)]),
        parts=np.concatenate([parts, np.ones(len(asked))]),
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
