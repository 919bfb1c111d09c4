"""What is felt in each clause: learnt from ratings, by words and pairs of words, with nothing else to be installed.

A rating is taken as the mean of what its clauses feel, so that a linear model of clauses can be learnt from ratings of
whole texts (the linear case of multiple-instance regression, Ray and Page 2001). Each text is scored by models that
have not seen it, nor a text of the same words. Scores are then set to the scale of the ratings, by a line through the
scores of whole texts and their ratings.
"""

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy.data.words import words
from argosy.venture.market.clauses import Clause
from argosy.venture.market.vocabulary import sparse
from argosy.venture.market.voices import Floats

LEAST = 60
"""Rated texts below which nothing is learnt."""
_FOLDS, _FEATURES, _ROUNDS = 5, 200_000, 60
_SHRINK = (0.3, 1.0, 3.0)  # by which weights are held to zero, in rows
_BETTER = 0.15  # the correlation with ratings below which the words tell nothing
_SCALES = ((0.0, 1.0), (-1.0, 1.0), (1.0, 5.0), (0.0, 5.0), (1.0, 7.0), (1.0, 10.0), (0.0, 10.0), (0.0, 100.0))
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """The sentiment of each clause from -1 to 1, and how scores of unseen texts go with their ratings (correlation).

    ``doubt`` [clauses] is half the difference of what models of one and of the other half of the texts say: its square
    is, on the average over clauses that hang together too, the error of a model of all texts.
    """

    scores: Floats
    doubt: Floats
    correlation: float


def evened(ratings: Sequence[float | None], scale: tuple[float, float] | None = None) -> Numbers:
    """Ratings from -1 to 1, NaN where there is none.

    Without a ``scale`` it is the narrowest usual one (0–1, ±1, 1–5, 0–5, 1–7, 1–10, 0–10, 0–100) that holds them all.

    >>> evened([1, 4, None, 5]).tolist()
    [-1.0, 0.5, nan, 1.0]
    """
    told = np.array([np.nan if one is None else one for one in ratings], np.float64)
    known = told[~np.isnan(told)]
    if not len(known):
        return told
    low, high = scale or next(
        (ends for ends in _SCALES if ends[0] <= known.min() and known.max() <= ends[1]),
        (float(known.min()), float(known.max())),
    )
    return np.clip(2 * (told - low) / ((high - low) or 1.0) - 1, -1, 1)


def learnt(clauses: Sequence[Clause], texts: Sequence[str], rated: Numbers, *, seed: int) -> Learnt | None:
    """The sentiment of clauses from the ratings of their texts (-1 to 1, NaN for none).

    None where fewer than ``LEAST`` texts are rated, where all ratings are the same, or where words do not tell them.
    """
    known = np.flatnonzero(~np.isnan(rated))
    known = known[np.isin(known, [one.voice for one in clauses])]
    if len(known) < LEAST or np.ptp(rated[known]) == 0:
        return None
    rows, pooled = _rows(clauses, len(texts))
    split = np.array([zlib.crc32(f"{seed} {' '.join(words(text))}".encode()) for text in texts], np.int64)
    voices = np.array([one.voice for one in clauses], np.int64)
    material = _Material(rows=rows, pooled=pooled, rated=rated, known=known, fold=split % _FOLDS, voices=voices)
    every = np.ones(len(texts), np.bool_)
    shrink = max(_SHRINK, key=lambda one: _agreement(material.scored(every, one)[0][known], rated[known]))
    of_texts, of_clauses = material.scored(every, shrink)
    correlation = _agreement(of_texts[known], rated[known])
    if not correlation >= _BETTER:
        return None
    slope, middle = np.polyfit(of_texts[known], rated[known], 1)
    half = split // _FOLDS % 2 == 0
    first, second = (material.scored(one, shrink)[1] for one in (half, ~half))
    return Learnt(
        scores=np.clip(slope * of_clauses + middle, -1, 1).astype(np.float32),
        doubt=(slope * (first - second) / 2).astype(np.float32),
        correlation=correlation,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Material:
    """Features of clauses and texts, ratings, texts that have one, the part of each text, the text of each clause."""

    rows: Any
    pooled: Any
    rated: Numbers
    known: NDArray[np.int64]
    fold: NDArray[np.int64]
    voices: NDArray[np.int64]

    def scored(self, some: NDArray[np.bool_], shrink: float) -> tuple[Numbers, Numbers]:
        """Scores of texts and of clauses, by models of ``some`` texts of other parts than their own."""
        of_texts, of_clauses = np.zeros(self.pooled.shape[0]), np.zeros(self.rows.shape[0])
        own = self.fold[self.voices]
        for at in range(_FOLDS):
            taught = self.known[(self.fold[self.known] != at) & some[self.known]]
            if not len(taught):
                continue
            weights, middle = _fitted(self.pooled[taught], self.rated[taught], shrink)
            of_texts[self.fold == at] = self.pooled[self.fold == at] @ weights + middle
            of_clauses[own == at] = self.rows[own == at] @ weights + middle
        return of_texts, of_clauses


def _agreement(scores: Numbers, rated: Numbers) -> float:
    return float(np.corrcoef(scores, rated)[0, 1]) if np.ptp(scores) > 0 and np.ptp(rated) > 0 else 0.0


def _rows(clauses: Sequence[Clause], texts: int) -> tuple[Any, Any]:
    """Features of clauses [clauses, features], of length 1, and their mean over each text [texts, features]."""
    from scipy.sparse import csr_array

    held = [_features(one.text) for one in clauses]
    often = Counter(chain.from_iterable(map(set, held)))
    names = [name for name, times in often.most_common(_FEATURES) if times > 1]
    place = {name: at for at, name in enumerate(sorted(names))}
    rarity = np.array([np.log(len(held) / often[name]) + 1 for name in place] or [1.0])
    rows = sparse(held, place, lambda _, at: float(rarity[at]))
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    rows = csr_array(rows.multiply(1 / np.where(lengths > 0, lengths, 1)[:, None]))
    voices = np.array([one.voice for one in clauses])
    many = np.bincount(voices, minlength=texts)
    mean = csr_array((1 / many[voices], (voices, np.arange(len(clauses)))), shape=(texts, len(clauses)))
    return rows, csr_array(mean @ rows)


def _features(clause: str) -> list[str]:
    """Words, and pairs of neighbours, which hold negations: "not good", 不 好."""
    cut = [word for word in words(clause) if word]
    return [*cut, *(f"{one} {two}" for one, two in pairwise(cut))]


def _fitted(rows: Any, rated: Numbers, shrink: float) -> tuple[Numbers, float]:
    """Weights of a ridge regression, and what is added to it."""
    from scipy.sparse.linalg import lsqr

    middle = float(rated.mean())
    weights = lsqr(rows, rated - middle, damp=np.sqrt(shrink), iter_lim=_ROUNDS)[0]
    return np.asarray(weights), middle
