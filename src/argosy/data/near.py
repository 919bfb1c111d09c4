"""Near-duplicates: texts that say the same but for a few characters, one word, marks, case, spaces or emoji.

Two texts are near when their ``similarity`` reaches a threshold; texts of fewer than ``SHORT`` letters and digits only
when these are equal, since "要退款" and "不要退款", "good" and "not good" are different answers. Digits are characters
like others. Candidates meet through their sketches, by sorting; every candidate is then verified on its text, so that
nothing is called near by chance. Memory is the sketches' and a few numbers a row, whatever the texts hold: equal texts
are joined first, and of the texts that share a value each is compared with a few neighbours only.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel

from argosy.data.sketch import BITS, SHORT, normal, sketches

THRESHOLD = 0.9
TextsOf = Callable[[NDArray[np.int64]], Sequence[str]]
"""The texts of some rows [rows], given by ascending row numbers."""
LEAK = np.dtype([("held_out", "i8"), ("training", "i8"), ("similarity", "f8")])

_FEWEST_WORDS = 10  # one word is a small part of so many
_NEIGHBOURS = 16  # rows that a row is compared with among those that share a value
_SPARED = 0.15  # of a length: a word that was put in may be a long one
_LIKE = 78  # equal bits of 128 in the sketches of two texts: .4 of the shingles shared, less two and a half deviations
_ROUNDING = 1e-9  # so that one word of ten is a tenth
_CHUNK = 1 << 15  # pairs verified at once
_ROOM = 1 << 22  # pairs kept, at most, before they are verified


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A held-out row (its place) that stands, nearly or wholly, among the training rows too."""

    held_out: int
    training: int
    similarity: float


def similarity(one: str, other: str) -> float:
    """How much of two texts is the same in the same order, 0 to 1: 2 · longest common subsequence / both lengths.

    Counted in characters, and in words where one text has ten or more; the larger share is taken. Both on letters and
    digits alone, in NFKC and lower case, without links.

    >>> similarity("物流很快！", "物流 很快 👍"), similarity("要退款", "不要退款"), similarity("not good", "good")
    (1.0, 0.0, 0.0)
    """
    form, form_other = normal([one, other])
    return _similarity(form, form_other, 0.0)


def leaks(held_out: Sequence[str], training: Sequence[str], threshold: float = THRESHOLD) -> list[Leak]:
    """``leaks_between`` for texts in memory."""
    found = leaks_between(
        sketches(held_out),
        sketches(training),
        lambda rows: [held_out[row] for row in rows],
        lambda rows: [training[row] for row in rows],
        threshold,
    )
    return [Leak(held_out=int(one), training=int(other), similarity=float(value)) for one, other, value in found]


def clusters(drawn: NDArray[np.void], texts_of: TextsOf, threshold: float = THRESHOLD) -> NDArray[np.int64]:
    """The first row of each row's cluster [rows], from the rows' sketches; near to near is one cluster."""
    first = _first_equal(drawn["key"])
    rows = _comparable(drawn, first == np.arange(len(first)))
    columns = range(drawn["columns"].shape[1])
    met = (pairs for column in columns for pairs in _neighbours(drawn, rows, column))
    apart = (pairs[first[pairs[:, 0]] != first[pairs[:, 1]]] for pairs in met)
    likely = (pairs[_likely(drawn, drawn, pairs, threshold)] for pairs in apart)
    for batch in _gathered(likely):
        for chunk in _chunks(batch):
            unread = chunk[first[chunk[:, 0]] != first[chunk[:, 1]]]
            _unite(first, unread[_verified(unread, texts_of, texts_of, threshold) > 0])
    return first


def leaks_between(
    held_out: NDArray[np.void],
    training: NDArray[np.void],
    held_out_texts: TextsOf,
    training_texts: TextsOf,
    threshold: float = THRESHOLD,
) -> NDArray[np.void]:
    """Who is near to whom across two sets, of dtype ``LEAK``, ordered by held-out row, the most similar first.

    Every training row that is near to a held-out row is in it, with the most similar of these, and every held-out row
    that is near to a training row likewise, so there are no more leaks than rows.
    """
    held_first, train_first = _first_equal(held_out["key"]), _first_equal(training["key"])
    rows = _comparable(held_out, held_first == np.arange(len(held_out)))
    others = _comparable(training, train_first == np.arange(len(training)))
    found = [_equal_across(held_out["key"], training["key"])]
    columns = range(held_out["columns"].shape[1])
    met = (pairs for column in columns for pairs in _across(held_out, rows, training, others, column))
    likely = (pairs[_likely(held_out, training, pairs, threshold)] for pairs in met)
    for batch in _gathered(likely):
        for chunk in _chunks(batch):
            shares = _verified(chunk, held_out_texts, training_texts, threshold)
            found.append(_leaks(chunk[shares > 0], shares[shares > 0]))
    return _spread(np.concatenate(found), held_first, train_first)


def _similarity(one: str, other: str, least: float) -> float:
    """``similarity`` of two normal forms; 0 where it is below ``least``."""
    bare, bare_other = one.replace(" ", ""), other.replace(" ", "")
    if bare == bare_other:
        return 1.0
    if min(len(bare), len(bare_other)) < SHORT:
        return 0.0
    share = Indel.normalized_similarity(bare, bare_other, score_cutoff=least)
    words, words_other = one.split(), other.split()
    if max(len(words), len(words_other)) < _FEWEST_WORDS:
        return share
    return max(share, Indel.normalized_similarity(words, words_other, score_cutoff=least))


def _first_equal(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """For each row the first row of an equal key [rows]."""
    order = np.argsort(keys, kind="stable")
    new = np.ones(len(keys), bool)
    new[1:] = keys[order[1:]] != keys[order[:-1]]
    first = np.empty(len(keys), np.int64)
    first[order] = order[np.flatnonzero(new)][np.cumsum(new) - 1]
    return first


def _comparable(drawn: NDArray[np.void], chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.flatnonzero(chosen & (drawn["length"] >= SHORT))


def _values(drawn: NDArray[np.void], rows: NDArray[np.int64], column: int) -> NDArray[np.uint64]:
    """The column's value above the next column's: texts alike stand side by side even where many share the value."""
    columns = drawn["columns"]
    value: NDArray[np.uint64] = columns[rows, column].astype(np.uint64) << np.uint64(32)
    value |= columns[rows, (column + 1) % columns.shape[1]]
    return value


def _neighbours(drawn: NDArray[np.void], rows: NDArray[np.int64], column: int) -> Iterator[NDArray[np.int64]]:
    """Pairs [pairs, 2] of rows that share the column's value and stand 1, 2, … places apart."""
    values = _values(drawn, rows, column)
    order = np.argsort(values)
    values = (values[order] >> np.uint64(32)).astype(np.uint32)
    order = rows[order]
    at = np.flatnonzero(values[:-1] == values[1:])
    for step in range(1, _NEIGHBOURS + 1):
        at = at[at + step < len(order)]
        at = at[values[at] == values[at + step]]
        if not at.size:
            return
        for some in _chunks(at):
            yield np.sort(np.stack([order[some], order[some + step]], axis=1), axis=1)


def _across(
    held_out: NDArray[np.void],
    rows: NDArray[np.int64],
    training: NDArray[np.void],
    others: NDArray[np.int64],
    column: int,
) -> Iterator[NDArray[np.int64]]:
    """Pairs [pairs, 2] of a held-out row and the training rows nearest to it among those that share its value."""
    values = _values(training, others, column)
    order = np.argsort(values)
    values, order = values[order], others[order]
    for some in _chunks(rows):
        sought = _values(held_out, some, column)
        middle = np.searchsorted(values, sought)
        for offset in range(-_NEIGHBOURS // 2, _NEIGHBOURS // 2):
            at = middle + offset
            inside = np.flatnonzero((at >= 0) & (at < len(values)))
            same = inside[values[at[inside]] >> np.uint64(32) == sought[inside] >> np.uint64(32)]
            yield np.stack([some[same], order[at[same]]], axis=1)


def _likely(
    left: NDArray[np.void], right: NDArray[np.void], pairs: NDArray[np.int64], threshold: float
) -> NDArray[np.bool_]:
    """Which pairs [pairs] are worth reading, by their lengths and by what their sketches share."""
    ones, others = pairs[:, 0], pairs[:, 1]
    length, length_other = left["length"][ones], right["length"][others]
    ratio = np.minimum(length, length_other) / np.maximum(length, length_other)
    differing = np.bitwise_count(left["bits"][ones] ^ right["bits"][others]).sum(axis=1, dtype=np.int64)
    chosen: NDArray[np.bool_] = (ratio >= threshold / (2 - threshold) - _SPARED) & (differing <= BITS - _LIKE)
    return chosen


def _gathered(met: Iterable[NDArray[np.int64]]) -> Iterator[NDArray[np.int64]]:
    """The pairs that were met, each once in its batch: most meet in many columns.

    The first batches are small: what they unite (templates, say) need not be met again.
    """
    held: list[NDArray[np.int64]] = []
    size, room = 0, _CHUNK
    for pairs in met:
        held.append(pairs[:, 0] << 32 | pairs[:, 1])
        size += len(pairs)
        if size <= room:
            continue
        held = [np.unique(np.concatenate(held))]
        size = len(held[0])
        if size > room // 2:
            yield _unpacked(held)
            held, size, room = [], 0, min(2 * room, _ROOM)
    yield _unpacked(held)


def _unpacked(held: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    packed = np.unique(np.concatenate([np.empty(0, np.int64), *held]))
    return np.stack([packed >> 32, packed & 0xFFFFFFFF], axis=1)


def _chunks(values: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def _verified(pairs: NDArray[np.int64], left: TextsOf, right: TextsOf, threshold: float) -> NDArray[np.float64]:
    """The similarity of each pair's texts [pairs]; 0 where it is below the threshold."""
    ones, others = _forms(pairs[:, 0], left), _forms(pairs[:, 1], right)
    return np.array(
        [_similarity(one, other, threshold - _ROUNDING) for one, other in zip(ones, others, strict=True)], np.float64
    )


def _forms(rows: NDArray[np.int64], texts_of: TextsOf) -> list[str]:
    distinct, back = np.unique(rows, return_inverse=True)
    forms = normal(texts_of(distinct))
    return [forms[at] for at in back]


def _unite(first: NDArray[np.int64], pairs: NDArray[np.int64]) -> None:
    """Join the clusters of each pair in place: every row points to its cluster's first row."""
    ones, others = pairs[:, 0], pairs[:, 1]
    while (apart := first[ones] != first[others]).any():
        ones, others = ones[apart], others[apart]
        roots = np.minimum(first[ones], first[others])
        np.minimum.at(first, first[ones], roots)
        np.minimum.at(first, first[others], roots)
        while (first[first] != first).any():
            first[:] = first[first]


def _leaks(pairs: NDArray[np.int64], shares: NDArray[np.float64] | float) -> NDArray[np.void]:
    found = np.empty(len(pairs), LEAK)
    found["held_out"], found["training"], found["similarity"] = pairs[:, 0], pairs[:, 1], shares
    return found


def _equal_across(held_out: NDArray[np.uint64], training: NDArray[np.uint64]) -> NDArray[np.void]:
    _, rows, others = np.intersect1d(held_out, training, return_indices=True)
    return _leaks(np.stack([rows, others], axis=1), 1.0)


def _spread(found: NDArray[np.void], held_first: NDArray[np.int64], train_first: NDArray[np.int64]) -> NDArray[np.void]:
    """What was found between first rows, for all rows that equal them: the best partner of every row."""
    order = np.lexsort((found["training"], found["held_out"], -found["similarity"]))
    found = found[order]
    _, best_held = np.unique(found["held_out"], return_index=True)
    _, best_train = np.unique(found["training"], return_index=True)
    of_held = _rows_like(found[best_held], "held_out", held_first)
    of_train = _rows_like(found[best_train], "training", train_first)
    every = np.unique(np.concatenate([of_held, of_train]))
    return every[np.lexsort((every["training"], -every["similarity"], every["held_out"]))]


def _rows_like(best: NDArray[np.void], side: str, first: NDArray[np.int64]) -> NDArray[np.void]:
    """Each leak (ordered by its row on this side) once for every row that equals this row."""
    at = np.searchsorted(best[side], first)
    at[at == len(best)] = 0
    rows = np.flatnonzero(best[side][at] == first) if len(best) else np.empty(0, np.int64)
    spread = best[at[rows]]
    spread[side] = rows
    return spread
