"""Needs: clauses that speak of one thing, found by clustering their vectors, or by the words that an owner names.

Before clauses are compared, what is not a matter of needs is taken from their vectors: the language they are in, and
the direction that tells high ratings from low ones, so that praise and complaint of one thing stand together. Many
small clusters (spherical k-means, Dhillon and Modha 2001) are then joined, nearest first, to as many as are wanted, but
none that have little in common; of those that are left, the largest are kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.data.words import is_han
from argosy.venture.market.voices import Embed, Floats

NONE = -1
"""The need of a clause that speaks of none."""
SAMPLE = 20_000
"""Distinct clauses that needs are found among; the others are only put to them."""
COUNT = 12
"""Needs that are found at most, unless told otherwise."""
_SMALL, _PER = 60, 5  # small clusters at most, and clauses for each
_STEPS, _STARTS = 40, 3
_BLOCK = 8_192  # clauses embedded at once
_FEWEST = 20  # clauses of a language, or with a rating, from which its direction is told
_ALIKE = 0.08  # cosine, on the average, below which clusters are never joined
_FAR = 0.1  # of a cluster's own clauses lie further from its middle than what belongs to it
Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What is taken from vectors before they are compared: a mean and a direction for each of two languages."""

    means: Floats
    directions: Floats

    def apply(self, rows: Floats, han: NDArray[np.bool_]) -> Floats:
        """The vectors [texts, dimension] without it, of length 1."""
        of = han.astype(np.int64)
        left = rows - self.means[of]
        return unit(left - np.sum(left * self.directions[of], axis=1, keepdims=True) * self.directions[of])


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Clusters: middles [small clusters, dimension], the need of each, and how near a clause of it must be."""

    frame: Frame
    middles: Floats
    need: Integers
    least: Floats

    @property
    def count(self) -> int:
        """How many needs there are."""
        return int(self.need.max(initial=NONE)) + 1

    def assign(self, texts: Sequence[str], embed: Embed) -> tuple[Integers, Floats]:
        """The need of each text (``NONE`` where none is near enough) and how near it is."""
        needs, near = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
        for block in _blocks(texts):
            rows = self.frame.apply(embed(block), chinese(block))
            every = rows @ self.middles.T
            best = every.argmax(axis=1)
            nearness = every[np.arange(len(best)), best]
            needs.append(np.where(nearness >= self.least[best], self.need[best], NONE))
            near.append(nearness)
        return np.concatenate(needs), np.concatenate(near)


def found(texts: Sequence[str], embed: Embed, rated: Numbers, count: int, *, seed: int) -> Found:
    """At most ``count`` needs among distinct texts; ``rated`` is the mean rating of each, NaN where there is none."""
    rng = np.random.default_rng(seed)
    if len(texts) > SAMPLE:
        some = np.sort(rng.choice(len(texts), SAMPLE, replace=False))
        texts, rated = [texts[at] for at in some], rated[some]
    han = chinese(texts)
    rows = np.concatenate([embed(block) for block in _blocks(texts)])
    frame = _frame(rows, han, rated)
    rows = frame.apply(rows, han)
    rows = rows[np.linalg.norm(rows, axis=1) > 0]
    if not len(rows):
        empty = np.empty((0,), np.float32)
        return Found(frame=frame, middles=np.zeros((1, frame.means.shape[1]), np.float32),
                     need=np.array([NONE]), least=np.append(empty, np.float32(2)))  # fmt: skip
    small = max(1, min(_SMALL, len(rows) // _PER))
    middles, of = max((_means(rows, small, rng) for _ in range(_STARTS)), key=lambda one: _tight(rows, *one))
    least = np.array([np.quantile(rows[of == at] @ middles[at], _FAR) for at in range(len(middles))], np.float32)
    need = _largest(_joined(middles, count), np.bincount(of), count)
    return Found(frame=frame, middles=middles, need=need, least=least)


def chinese(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Whether each text holds Chinese characters."""
    return np.array([any(map(is_han, text)) for text in texts], np.bool_)


def by_hand(text: str, wanted: Mapping[str, Sequence[str]]) -> list[str]:
    """The needs whose words stand in the text: Chinese ones anywhere, others where a word begins.

    >>> by_hand("Refunds are slow", {"money back": ["refund"], "speed": ["slow", "慢"], "fun": ["fun"]})
    ['money back', 'speed']
    """
    plain = text.casefold()
    return [name for name, words in wanted.items() if any(_stands(word.casefold(), plain) for word in words)]


def _stands(word: str, text: str) -> bool:
    at = text.find(word)
    while word and at >= 0:
        if is_han(word[0]) or at == 0 or not text[at - 1].isalnum() or is_han(text[at - 1]):
            return True
        at = text.find(word, at + 1)
    return False


def _frame(rows: Floats, han: NDArray[np.bool_], rated: Numbers) -> Frame:
    means, directions = np.zeros((2, rows.shape[1]), np.float32), np.zeros((2, rows.shape[1]), np.float32)
    for language in (0, 1):
        of = han == bool(language)
        if np.sum(of) < _FEWEST:
            continue
        means[language] = rows[of].mean(axis=0)
        told = of & ~np.isnan(rated)
        if np.sum(told) >= _FEWEST:
            slope = (rows[told] - means[language]).T @ (rated[told] - rated[told].mean())
            directions[language] = unit(slope[None].astype(np.float32))[0]
    return Frame(means=means, directions=directions)


def _means(rows: Floats, count: int, rng: np.random.Generator) -> tuple[Floats, Integers]:
    """Spherical k-means: middles [clusters, dimension], none of them empty, and the cluster of each row."""
    middles = rows[_starts(rows, count, rng)]
    of = np.zeros(len(rows), np.int64)
    for step in range(_STEPS):
        new = np.concatenate([(block @ middles.T).argmax(axis=1) for block in _slices(rows)])
        if step and np.array_equal(new, of):
            break
        names, of = np.unique(new, return_inverse=True)
        sums = np.zeros((len(names), rows.shape[1]), np.float32)
        np.add.at(sums, of, rows)
        middles = unit(sums)
    return middles, of


def _starts(rows: Floats, count: int, rng: np.random.Generator) -> list[int]:
    """Rows to begin with, each far from those before (k-means++, Arthur and Vassilvitskii 2007)."""
    chosen = [int(rng.integers(len(rows)))]
    far = np.clip(1 - rows @ rows[chosen[0]], 0, None).astype(np.float64)
    while len(chosen) < count and far.sum() > 0:
        chosen.append(int(rng.choice(len(rows), p=far / far.sum())))
        far = np.minimum(far, np.clip(1 - rows @ rows[chosen[-1]], 0, None))
    return chosen


def _tight(rows: Floats, middles: Floats, of: Integers) -> float:
    return float(np.sum(np.einsum("ij,ij->i", rows, middles[of])))


def _joined(middles: Floats, count: int) -> Integers:
    """The group of each small cluster: those nearest on the average are joined, while they are more than wanted."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(middles) == 1 or count <= 1:
        return np.zeros(len(middles), np.int64) if count else np.full(len(middles), NONE)
    apart = np.clip(1 - (middles @ middles.T).astype(np.float64), 0, None)
    np.fill_diagonal(apart, 0)
    tree = linkage(squareform(apart, checks=False), "average")
    height = max(tree[-count, 2] if count <= len(tree) else 0.0, 0.0)
    return np.asarray(fcluster(tree, min(height, 1 - _ALIKE), "distance"), np.int64) - 1


def _largest(groups: Integers, sizes: Integers, count: int) -> Integers:
    """The ``count`` groups that hold most clauses, numbered by size; ``NONE`` for the others."""
    if not count:
        return groups
    held = np.bincount(groups, weights=sizes)
    number = np.full(len(held), NONE, np.int64)
    order = np.argsort(-held, kind="stable")[:count]
    number[order] = np.arange(len(order))
    return number[groups]


def unit(rows: Floats) -> Floats:
    """Rows of length 1; rows of zeros stay."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), np.float32)


def _blocks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    return (texts[start : start + _BLOCK] for start in range(0, len(texts), _BLOCK))


def _slices(rows: Floats) -> Iterator[Floats]:
    return (rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK))
