"""Texts that speak of one thing, found without being told how many things there are: flows on a graph of neighbours.

Texts are vectors of what they share with others, rare things weighing most. Each is joined with its nearest ones where
the nearness is mutual; flows on that graph gather in groups of their own (Markov clustering, van Dongen 2000). Groups
about one thing are joined, and texts near enough to a group's middle belong to it. All others stay alone: chatter does
not become a topic.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float32]
ALONE = -1
"""The group of a text that belongs to none."""
_NEIGHBOURS, _FAR = 20, 0.1  # at most so many, and none of a smaller cosine
_ALIKE, _NEAR = 0.3, 0.28  # cosines: of groups that are one, of a text to the middle of its group
_SEED = 5  # texts that begin a group
_INFLATION, _STILL, _FLOWS = 1.5, 1e-3, 40
_FAINT = 1e-3  # flows below are none
_BLOCK = 512  # rows of nearness held at once
_ROUNDS = 3


def vectors(texts: Sequence[set[str]], usual: Sequence[set[str]]) -> Any:
    """Unit vectors, sparse [texts, features that two texts share], by rarity among these and the ``usual`` texts."""
    from scipy.sparse import csr_array

    shared = Counter(chain.from_iterable(texts))
    known = Counter(chain.from_iterable(usual))
    names = sorted(name for name, times in shared.items() if times > 1)
    place = {name: at for at, name in enumerate(names)}
    rarity = np.log((len(texts) + len(usual)) / np.array([shared[name] + known[name] for name in names] or [1])) + 1
    columns = [sorted(place[name] for name in one if name in place) for one in texts]
    ends = np.cumsum([0, *map(len, columns)])
    flat = np.fromiter(chain.from_iterable(columns), np.int64, int(ends[-1]))
    lengths = np.sqrt(np.add.reduceat(np.append(rarity[flat] ** 2, 0.0), np.minimum(ends[:-1], len(flat))))
    lengths[np.diff(ends) == 0] = 1.0
    values = (rarity[flat] / np.repeat(lengths, np.diff(ends))).astype(np.float32)
    return csr_array((values, flat, ends), shape=(len(texts), max(1, len(names))))


def grouped(rows: Any, least: int) -> Integers:
    """The group of each row [texts] of ``vectors``, numbered by size; ``ALONE`` for those of none.

    A group has ``least`` texts at least.
    """
    found = _numbered(_flows(_neighbours(rows)), min(_SEED, least))
    for _ in range(_ROUNDS):
        if found.max(initial=ALONE) == ALONE:
            break
        middles = _middles(rows, _merged(_middles(rows, found), found))
        near = rows @ middles.T
        best = near.argmax(axis=1)
        found = np.where(near[np.arange(len(best)), best] >= _NEAR, best, ALONE)
        found = _numbered(found, 1)
    return _numbered(found, least)


def nearness(rows: Any, found: Integers) -> Floats:
    """How near each text is to the middle of its group [texts]; 0 for one of none."""
    if found.max(initial=ALONE) == ALONE:
        return np.zeros(len(found), np.float32)
    near = rows @ _middles(rows, found).T
    return np.where(found == ALONE, 0, near[np.arange(len(found)), found]).astype(np.float32)


def _neighbours(rows: Any) -> Any:
    """Squared nearness of texts that are among each other's nearest, each its own too, sparse [texts, texts]."""
    from scipy.sparse import csr_array

    size, turned = rows.shape[0], rows.T.tocsr()
    places: list[Integers] = []
    values: list[Floats] = []
    for start in range(0, size, _BLOCK):
        near = rows[start : start + _BLOCK] @ turned
        for first, stop in pairwise(near.indptr):
            some = np.flatnonzero(near.data[first:stop] > _FAR) + first
            if len(some) > _NEIGHBOURS:
                some = some[np.argpartition(near.data[some], -_NEIGHBOURS - 1)[-_NEIGHBOURS - 1 :]]
            places.append(near.indices[some])
            values.append(near.data[some])
    ends = np.cumsum([0, *map(len, places)])
    graph = csr_array((np.concatenate(values), np.concatenate(places), ends), shape=(size, size))
    mutual = graph.minimum(graph.T).power(2)
    mutual.setdiag(1)
    return mutual


def _flows(graph: Any) -> Integers:
    """Where the flow from each text gathers [texts]: it spreads, then the strong grows and the weak fades."""
    flow = _normal(graph)
    for _ in range(_FLOWS):
        spread = _normal((flow @ flow).power(_INFLATION))
        spread.data[spread.data < _FAINT] = 0
        spread.eliminate_zeros()
        spread = _normal(spread)
        still = abs(spread - flow).max() < _STILL
        flow = spread
        if still:
            break
    return np.asarray(flow.argmax(axis=0), np.int64).ravel()


def _normal(flow: Any) -> Any:
    """With columns that add up to 1."""
    from scipy.sparse import csc_array

    flow = csc_array(flow)
    flow.data /= np.repeat(np.asarray(flow.sum(axis=0)).ravel(), np.diff(flow.indptr))
    return flow


def _merged(middles: Floats, found: Integers) -> Integers:
    """The groups with those joined whose middles are alike on the average."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(middles) == 1:
        return found
    apart = np.clip(1 - (middles @ middles.T).astype(np.float64), 0, None)
    np.fill_diagonal(apart, 0)
    of = fcluster(linkage(squareform(apart, checks=False), "average"), 1 - _ALIKE, "distance") - 1
    return np.where(found == ALONE, ALONE, of[found])


def _middles(rows: Any, found: Integers) -> Floats:
    """Unit vectors of groups [groups, features]."""
    from scipy.sparse import csr_array

    members = np.flatnonzero(found != ALONE)
    shape = (int(found.max()) + 1, len(found))
    sums = (csr_array((np.ones(len(members), np.float32), (found[members], members)), shape=shape) @ rows).toarray()
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(sums / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)


def _numbered(found: Integers, least: int) -> Integers:
    """Groups of ``least`` texts or more, numbered from the largest; of equals the one with the earliest text first."""
    names, first, size = np.unique(found, return_index=True, return_counts=True)
    kept = [at for at in np.lexsort((first, -size)) if names[at] != ALONE and size[at] >= least]
    number = np.full(len(names), ALONE)
    number[kept] = np.arange(len(kept))
    return np.asarray(number[np.searchsorted(names, found)], np.int64)
