"""Wordings that answer the same questions, joined into topics by vectors of their questions and of themselves."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.assist.mining.lexical import unit

_BLOCK = 512  # units compared at once
_SAMPLE = 1500  # units that tell how alike any two are
_SHARED, _PART = 2, 0.2  # questions that two topics have in common, and their part of the smaller one's
FEW = 20  # units: too few to tell how alike any two are
_NORMAL = 1.4826  # median absolute deviations to a standard deviation


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How alike two answers' questions, and themselves, must be: in standard deviations above any two of the data.

    ``both`` for the sum of the two, ``each`` for either. ``spread`` is the least such deviation of a cosine, ``usual``
    the cosine of any two where there are few.
    """

    both: float
    each: float
    spread: float
    usual: float


def topics_of(
    units: Sequence[Sequence[int]],
    questions: NDArray[np.float32],
    answers: NDArray[np.float32],
    languages: Sequence[str],
    likeness: Likeness,
) -> list[list[int]]:
    """Places of units by topic; a unit is rows of pairs, ``questions`` and ``answers`` are unit vectors [pairs, width].

    The units with most rows begin topics, each other joins the nearest leader that is near enough.
    """
    order = sorted(range(len(units)), key=lambda at: (-len(units[at]), list(units[at])))
    asked = _standard(_means([units[at] for at in order], questions), likeness)
    told = _standard(_means([units[at] for at in order], answers), likeness)
    tongue = np.array([languages[units[at][0]] for at in order])
    leads = np.zeros(len(order), bool)
    topics: dict[int, list[int]] = {}
    for start in range(0, len(order), _BLOCK):
        stop = min(start + _BLOCK, len(order))
        columns = np.concatenate([np.flatnonzero(leads[:start]), np.arange(start, stop)])
        one, other = asked.between(slice(start, stop), columns), told.between(slice(start, stop), columns)
        near = (one >= likeness.each) & (other >= likeness.each) & (one + other >= likeness.both)
        near &= tongue[start:stop, None] == tongue[columns][None, :]
        score = np.where(near, one + other, -np.inf)
        for row, at in enumerate(range(start, stop)):
            open_to = np.where(leads[columns], score[row], -np.inf)
            best = int(np.argmax(open_to))
            home = int(columns[best]) if open_to[best] > -np.inf else at
            leads[at] = home == at
            topics.setdefault(home, []).append(order[at])
    return list(topics.values())


def asked_alike(topics: Sequence[Sequence[int]], forms: Sequence[str]) -> list[list[int]]:
    """The topics (rows) with those joined whose questions are equal often enough; ``forms`` are all rows' questions.

    The larger ones take up the smaller ones, which must share several questions and a part of all that they have.
    """
    found: list[list[int]] = []
    homes: dict[str, set[int]] = {}
    for topic in sorted(topics, key=lambda rows: (-len(rows), list(rows))):
        mine = {forms[row] for row in topic}
        shared = Counter(home for form in mine for home in homes.get(form, ()))
        home, times = max(shared.items(), key=lambda told: (told[1], -told[0]), default=(0, 0))
        if times < max(_SHARED, _PART * len(mine)):
            home = len(found)
            found.append([])
        found[home] += topic
        for form in mine:
            homes.setdefault(form, set()).add(home)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standard:
    """Vectors [units, width] whose cosines are told in standard deviations from those of any two."""

    vectors: NDArray[np.float32]
    middle: float
    spread: float

    def between(self, rows: slice, columns: NDArray[np.int64]) -> NDArray[np.float32]:
        return (self.vectors[rows] @ self.vectors[columns].T - self.middle) / self.spread


def _standard(vectors: NDArray[np.float32], likeness: Likeness) -> _Standard:
    if len(vectors) < FEW:
        return _Standard(vectors=vectors, middle=likeness.usual, spread=likeness.spread)
    some = vectors[:: max(1, len(vectors) // _SAMPLE)]
    cosines = (some @ some.T)[np.triu_indices(len(some), 1)]
    middle = float(np.median(cosines))
    spread = _NORMAL * float(np.median(np.abs(cosines - middle)))
    return _Standard(vectors=vectors, middle=middle, spread=max(spread, likeness.spread))


def _means(units: Sequence[Sequence[int]], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return unit(np.array([vectors[list(rows)].mean(axis=0) for rows in units], np.float32))
