"""Texts as vectors for the watch on drift, without a model: hashed words and runs of characters, projected at random.

A text's features are its words and its runs of 3 to 5 characters; in scripts written without spaces its runs of 1 and
2. Each feature's hash alone says into which few numbers of the vector it goes and with which sign (a sparse
Johnson-Lindenstrauss projection, Kane and Nelson 2014), so that nothing is fitted, stored or told apart by language.
Where a model embeds texts (``core.engine.Embedder``), its vectors serve the tests as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from argosy.data.sketch import normal

Floats = NDArray[np.float32]
Hashes = NDArray[np.uint64]
_WIDE = 0x2E80  # the code point from which scripts are written without spaces
_NARROW_RUNS, _WIDE_RUNS = (3, 4, 5), (1, 2)
_SIGNS = 4  # numbers of the vector that a feature moves
_BLOCK = 1_000  # texts worked on at once
_BASE = np.uint64(0x9E3779B97F4A7C15)
_END = ord("\n")


class Vectors(Protocol):
    """Turns texts into vectors [texts, dimensions] of length 1; a text's does not depend on the texts beside it."""

    def embed(self, texts: Sequence[str]) -> Floats:
        """Float32 [texts, dimensions], in order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashed:
    """Vectors of hashed features; those of another ``seed`` have other directions and the same distances, nearly."""

    dimensions: int = 512
    seed: int = 20261101

    def embed(self, texts: Sequence[str]) -> Floats:
        """Float32 [texts, dimensions] of length 1; a text without a letter, digit or sign has the vector 0."""
        blocks = [self._block(texts[start : start + _BLOCK]) for start in range(0, len(texts), _BLOCK)]
        return np.concatenate([np.empty((0, self.dimensions), dtype=np.float32), *blocks])

    def _block(self, texts: Sequence[str]) -> Floats:
        owners, features = _features(normal(texts))
        size = len(texts) * self.dimensions
        total = np.zeros(size)
        for turn in range(_SIGNS):
            drawn = _mixed(features, self.seed * _SIGNS + turn)
            places = owners * self.dimensions + (drawn % np.uint64(self.dimensions)).astype(np.int64)
            total += np.bincount(places, weights=1.0 - 2.0 * (drawn >> np.uint64(63)), minlength=size)
        vectors = total.reshape(len(texts), self.dimensions)
        lengths = np.sqrt((vectors**2).sum(axis=1, keepdims=True))
        return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def _features(forms: Sequence[str]) -> tuple[NDArray[np.int64], Hashes]:
    """Each feature of each text once: the text's number and the feature's hash [features]."""
    lines = "".join("\n" + form.replace("\n", " ") for form in forms)
    codes = np.frombuffer(lines.encode("utf-32-le", "surrogatepass"), np.uint32)
    if not len(codes):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint64)
    owners = np.cumsum(codes == _END) - 1
    wide = codes >= _WIDE
    spans = [_words(codes, wide)]
    spans += [_runs(codes, wide | (codes == _END), length) for length in _NARROW_RUNS]
    spans += [_runs(codes, ~wide, length) for length in _WIDE_RUNS]
    starts, ends = (np.concatenate(side) for side in zip(*spans, strict=True))
    found = np.empty(len(starts), dtype=[("owner", np.int64), ("hash", np.uint64)])
    found["owner"], found["hash"] = owners[starts], _hashes(codes, starts, ends)
    once = np.unique(found)
    return once["owner"], once["hash"]


def _words(codes: NDArray[np.uint32], wide: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where words of an alphabet start and end."""
    inside = np.concatenate([[False], ~(wide | (codes == _END) | (codes == ord(" "))), [False]])
    turns = np.flatnonzero(inside[1:] != inside[:-1])
    return turns[::2], turns[1::2]


def _runs(
    codes: NDArray[np.uint32], barred: NDArray[np.bool_], length: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where runs of ``length`` characters without a barred one start and end."""
    before = np.concatenate([[0], np.cumsum(barred)])
    starts = np.flatnonzero(before[length:] == before[: max(len(codes) + 1 - length, 0)])
    return starts, starts + length


def _hashes(codes: NDArray[np.uint32], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> Hashes:
    """A polynomial hash of each span, modulo 2**64, with its length."""
    count = len(codes)
    found = np.zeros(len(starts), dtype=np.uint64)
    lengths = ends - starts
    padded = np.concatenate([_mixed(codes.astype(np.uint64), 0), np.zeros(1, dtype=np.uint64)])
    for place in range(int(lengths.max(initial=0))):
        inside = place < lengths
        found = np.where(inside, found * _BASE + padded[np.minimum(starts + place, count)], found)
    return _mixed(found, 1)


def _mixed(values: Hashes, turn: int) -> Hashes:
    """The finaliser of splitmix64 (Steele, Lea and Flood 2014), another one for each ``turn``."""
    mixed = values + np.uint64((turn * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) % 2**64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
