"""What a model proposes without a look at all items, where a catalogue is large, and the graph that finds near vectors.

A proposal's scores are those that the model gives when it scores all items: only who is proposed is found another way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np

from argosy.core.errors import MissingError
from argosy.recommend.interactions import Floats, History, Ints

MANY = 20_000
"""Items above which models propose without a look at all of them."""
_LINKS, _CARE = 16, 64  # of each vector in the graph, and how many are weighed when one is put in


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """``items`` a model proposes with their ``scores``, the best first; ``of`` tells its scores of any items.

    ``whole``: there is no other item whose score is above 0.
    """

    items: Ints
    scores: Floats
    of: Callable[[Ints], Floats]
    whole: bool


@runtime_checkable
class Proposes(Protocol):
    """A model that finds its best items without scoring all of them."""

    def near(self, history: History, most: int) -> Near:
        """About ``most`` of the best for a history."""
        ...


class Graph:
    """Vectors by position in a graph (HNSW, Malkov and Yashunin 2018, by usearch); the same vectors, the same graph."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def of(cls, vectors: Floats) -> Self:
        """Of vectors [items, width], by one thread; raises MissingError without usearch."""
        made = _usearch().Index(
            ndim=vectors.shape[1], metric="ip", dtype="f16", connectivity=_LINKS, expansion_add=_CARE
        )
        made.add(np.arange(len(vectors), dtype=np.uint64), vectors, threads=1)
        return cls(made)

    def __len__(self) -> int:
        """The number of vectors."""
        return len(self._index)

    def nearest(self, vector: Floats, most: int) -> Ints:
        """Positions of nearly all of those whose product with a vector is largest, in no order that counts."""
        return np.asarray(self._index.search(vector, most, threads=1).keys.astype(np.int32))

    def save(self, path: Path) -> None:
        """Write what ``load`` reads."""
        self._index.save(str(path))

    @classmethod
    def load(cls, path: Path) -> Self:
        """What ``save`` wrote; processes that read it share its memory."""
        return cls(_usearch().Index.restore(str(path), view=True))


def _usearch() -> Any:
    try:
        import_module("onnxruntime")  # before usearch: a process that loads it afterwards dies
        return import_module("usearch.index")
    except ModuleNotFoundError as error:
        raise MissingError(
            "So large a catalogue needs the package {package!r}.",
            mend="pip install 'argosy[recommend]'",
            package=str(error.name),
        ) from error
