"""Nearest vectors: all compared, which is exact, or by a graph (HNSW, usearch) where there are very many."""

import threading
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import MissingError
from argosy.core.knowledge import Vectors

MANY = 200_000
"""Vectors up to which all are compared: over half as many, of 384 numbers each, a question takes 10 ms in all."""
_LINKS, _EFFORT = 32, 128  # of the graph: neighbours of a vector, and candidates looked at
_WIDER = 4  # candidates for each that is asked for, so that few are missed
_DECIMALS = 5  # of a cosine, which float32 tells apart whatever the order of its sums
_ALIKE = 2 * 10**-_DECIMALS  # cosines that may be the same when rounded
Floats = NDArray[np.float32]


def in_memory(_name: str, width: int, expected: int) -> Vectors:
    """Where so many vectors are best kept in memory; raises MissingError when usearch is needed and not installed."""
    return CompareAll(width) if expected <= MANY else Graph(width)


def compare_all(_name: str, width: int, _expected: int) -> Vectors:
    """Where the nearest are found without fail, however many there are, as a replay wants it."""
    return CompareAll(width)


class CompareAll:
    """Vectors in one matrix in the order of their names, each compared with the question's."""

    def __init__(self, width: int) -> None:
        self._state: tuple[dict[str, int], tuple[str, ...], Floats] = ({}, (), np.empty((0, width), dtype=np.float32))
        self._changing = threading.Lock()

    def __len__(self) -> int:
        return len(self._state[1])

    def changed(self, added: Mapping[str, Floats], names: Collection[str]) -> "CompareAll":
        """Another one, of those of ``names`` that are here or ``added``."""
        rows, _, matrix = self._state
        other = CompareAll(matrix.shape[1])
        other.add({name: added[name] if name in added else matrix[rows[name]] for name in names})
        return other

    def add(self, vectors: Mapping[str, Floats]) -> None:
        """Put in those that are not there."""
        with self._changing:
            rows, _, matrix = self._state
            self._set({**vectors, **{name: matrix[row] for name, row in rows.items()}})

    def remove(self, names: Sequence[str]) -> None:
        """Take out those that are there."""
        gone = set(names)
        with self._changing:
            rows, _, matrix = self._state
            self._set({name: matrix[row] for name, row in rows.items() if name not in gone})

    def search(self, vector: Floats, most: int) -> list[tuple[str, float]]:
        """The nearest with their cosines."""
        _, names, matrix = self._state
        cosines = matrix @ vector
        least = np.partition(cosines, -most)[-most] - _ALIKE if len(names) > most else -np.inf
        return nearest([(names[row], float(cosines[row])) for row in np.flatnonzero(cosines >= least)], most)

    def cosines(self, vector: Floats, names: Sequence[str]) -> Floats:
        """The cosine of each; 0 for one that is not there."""
        rows, _, matrix = self._state
        places = [place for place, name in enumerate(names) if name in rows]
        found = np.zeros(len(names), dtype=np.float32)
        found[places] = np.round(matrix[[rows[names[place]] for place in places]] @ vector, _DECIMALS)
        return found

    def _set(self, vectors: Mapping[str, Floats]) -> None:
        names = tuple(sorted(vectors))
        width = self._state[2].shape[1]
        matrix = np.array([vectors[name] for name in names], dtype=np.float32).reshape(-1, width)
        self._state = ({name: row for row, name in enumerate(names)}, names, matrix)


class Graph:
    """A graph of near vectors (HNSW), which is searched without comparing all; the best found are compared exactly."""

    def __init__(self, width: int) -> None:
        try:
            from usearch.index import Index
        except ImportError as error:
            raise MissingError(
                "So many vectors need the package usearch.", mend="pip install 'argosy[support]'"
            ) from error
        self._index = Index(ndim=width, metric="ip", dtype="f32", connectivity=_LINKS, expansion_add=_EFFORT)
        self._keys: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._next = 0
        self._using = threading.Lock()  # the graph may move in memory when it grows

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, vectors: Mapping[str, Floats]) -> None:
        """Put in those that are not there."""
        with self._using:
            fresh = sorted(name for name in vectors if name not in self._keys)
            if not fresh:
                return
            keys = np.arange(self._next, self._next + len(fresh), dtype=np.uint64)
            self._index.add(keys, np.array([vectors[name] for name in fresh], dtype=np.float32), threads=1)
            self._next += len(fresh)
            for key, name in zip(keys.tolist(), fresh, strict=True):
                self._keys[name], self._names[key] = key, name

    def remove(self, names: Sequence[str]) -> None:
        """Take out those that are there."""
        with self._using:
            for name in {*names} & self._keys.keys():
                key = self._keys.pop(name)
                del self._names[key]
                self._index.remove(key)

    def search(self, vector: Floats, most: int) -> list[tuple[str, float]]:
        """The nearest with their cosines, but for those that the graph misses."""
        with self._using:
            if not self._keys:
                return []
            matches = self._index.search(vector, min(max(_WIDER * most, _EFFORT), len(self._keys)), threads=1)
            names = [self._names[key] for key in matches.keys.tolist()]
        return nearest(list(zip(names, self.cosines(vector, names).tolist(), strict=True)), most)

    def cosines(self, vector: Floats, names: Sequence[str]) -> Floats:
        """The cosine of each; 0 for one that is not there."""
        found = np.zeros(len(names), dtype=np.float32)
        with self._using:
            places = [place for place, name in enumerate(names) if name in self._keys]
            keys = np.array([self._keys[names[place]] for place in places], dtype=np.uint64)
            if len(keys):
                found[places] = np.round(np.asarray(self._index.get(keys)) @ vector, _DECIMALS)
        return found


def nearest(found: Sequence[tuple[str, float]], most: int) -> list[tuple[str, float]]:
    """The best of names with cosines, in the order that every kind of ``Vectors`` keeps to."""
    rounded = [(name, round(cosine, _DECIMALS)) for name, cosine in found]
    return sorted(rounded, key=lambda one: (-one[1], one[0]))[:most]
