"""Sketches of texts: a few bytes a text by which near-duplicates meet without the texts being in memory.

A sketch holds a digest of the bare text (letters and digits alone), a MinHash of its shingles (Broder 1997) cut into
bands, and digests of its first part, its last part and both ends: an edit in one place leaves one of these untouched.
Everything is computed by numpy over whole batches, without an object for a shingle.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SHORT = 16  # letters and digits; in a shorter text one of them may turn the meaning
_BANDS, _ROWS = (
    20,
    5,
)  # texts with 70 % of their shingles in common meet with probability .97, with 10 %: .0002
BITS = 128  # one bit of each minimum (b-bit MinHash, Li and König 2010), to tell chance from likeness unread
_HAN_SHINGLE, _SHINGLE = 2, 5  # characters: what about one word takes in Chinese and in an alphabet
_FIRST_WIDE = 0x2E80  # the code point from which scripts are written without spaces
_ENDS = ((0.55, 0.0), (0.0, 0.55), (0.3, 0.3))  # the shares of a text's length at its start and at its end
_STEP = 1.25  # lengths of ends are powers of it: two texts of nearly one length share one of two neighbouring powers
_COLUMNS = _BANDS + 2 * len(_ENDS)
_BLOCK = 1 << 20  # characters worked on at once

SKETCH = np.dtype([("key", "u8"), ("bits", "u8", (BITS // 64,)), ("columns", "u4", (_COLUMNS,)), ("length", "u4")])
"""One text's sketch, 132 bytes; texts whose ``key`` is equal have the same letters and digits in the same order."""

_LINK = re.compile(r"(?:https?://|www\.)[!-~]+")
_NOISE = re.compile(r"[^\w\s]+")
_POWERS = np.floor(_STEP ** np.arange(64)).astype(np.int64)
_BASE = np.uint64(0x9E3779B97F4A7C15)
_RANDOM = np.random.default_rng(20260101)
_FACTORS = _RANDOM.integers(0, 2**32, BITS, dtype=np.uint32) | np.uint32(1)
_ADDENDS = _RANDOM.integers(0, 2**32, BITS, dtype=np.uint32)


def normal(texts: Sequence[str]) -> list[str]:
    """Each text in NFKC and lower case, of letters and digits alone, with one space between words.

    Links go, since shorteners give every copy its own. A text without a letter or digit besides stays as it is, so
    that no two emoji are taken for one.

    >>> normal(["ＯＫ,  it's Nice!!", "物流 快😀 https://a.cn/b", "😀"])
    ['ok its nice', '物流 快', '😀']
    """
    whole = "\n".join([unicodedata.normalize("NFC", text).replace("\n", " ") for text in texts]).casefold()
    lines = _NOISE.sub("", _LINK.sub(" ", whole).replace("_", "")).split("\n")
    return (
        [_compatible(" ".join(line.split())) or text for line, text in zip(lines, texts, strict=True)] if texts else []
    )


def _compatible(form: str) -> str:
    """The form in NFKC, bare again of what a character stood for; the second normalisation is rarely needed."""
    if unicodedata.is_normalized("NFKC", form):
        return form
    return " ".join(_NOISE.sub("", unicodedata.normalize("NFKC", form).casefold()).split())


def sketches(texts: Sequence[str]) -> NDArray[np.void]:
    """The sketch of every text [texts], of dtype ``SKETCH``; the same whatever texts stand beside it."""
    found = np.zeros(len(texts), SKETCH)
    for start, stop in _blocks(texts):
        found[start:stop] = _sketched([form.replace(" ", "") for form in normal(texts[start:stop])])
    return found


def signatures(bare: Sequence[str], bands: int, rows: int) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Which texts are long enough [long], and what each of these shares with alike ones [long, bands + 6 ends].

    The texts are ``normal`` forms without spaces. Of two that have a share J of their shingles in common one of
    ``bands`` values is equal with probability 1 - (1 - J^rows)^bands; bands times rows is ``BITS`` at most. Values are
    comparable within their column.
    """
    blocks = list(_blocks(bare))
    found = [_signed(bare[start:stop], bands, rows) for start, stop in blocks]
    places = [start + long for (start, _), (long, _) in zip(blocks, found, strict=True)]
    empty = np.empty((0, bands + 2 * len(_ENDS)), np.uint64)
    return (
        np.concatenate([np.empty(0, np.int64), *places]),
        np.concatenate([empty, *(columns for _, columns in found)]),
    )


def _blocks(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    start = size = 0
    for at, text in enumerate(texts):
        size += len(text)
        if size >= _BLOCK:
            yield start, at + 1
            start, size = at + 1, 0
    if start < len(texts):
        yield start, len(texts)


def _sketched(bare: list[str]) -> NDArray[np.void]:
    found = np.zeros(len(bare), SKETCH)
    drawn = _drawn(bare)
    found["length"], found["key"] = drawn.lengths, drawn.keys
    if drawn.long.size:
        minima = drawn.minima(BITS)
        found["bits"][drawn.long] = _one_bit_each(minima)
        found["columns"][drawn.long, :_BANDS] = _short(_bands(minima, _BANDS, _ROWS))
        found["columns"][drawn.long, _BANDS:] = _short(drawn.end_digests())
    return found


def _signed(bare: Sequence[str], bands: int, rows: int) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    drawn = _drawn(bare)
    if not drawn.long.size:
        return drawn.long, np.empty((0, bands + 2 * len(_ENDS)), np.uint64)
    return drawn.long, np.hstack([_bands(drawn.minima(bands * rows), bands, rows), drawn.end_digests()])


class _Drawn(NamedTuple):
    """A batch of bare texts as numbers: by text its ``lengths`` and ``keys``, and which of them are ``long``."""

    codes: NDArray[np.uint32]  # [characters], the texts one behind the other
    marks: NDArray[np.uint64]  # [characters], mixed
    forward: NDArray[np.uint64]  # [characters + 1], sums by which any stretch has its digest
    backward: NDArray[np.uint64]
    lengths: NDArray[np.int64]
    ends: NDArray[np.int64]
    keys: NDArray[np.uint64]
    long: NDArray[np.int64]

    def minima(self, functions: int) -> NDArray[np.uint32]:
        """The least value of each hash function over the shingles of each long text [functions, long]."""
        ends = np.repeat(self.ends, self.lengths)
        return _minima(self.codes, self.marks, ends, self.lengths, self.long, functions)

    def end_digests(self) -> NDArray[np.uint64]:
        """Digests of the ends of each long text [long, 2 · kinds]."""
        ends = self.ends[self.long]
        return _end_digests(self.forward, self.backward, ends - self.lengths[self.long], ends)


def _drawn(bare: Sequence[str]) -> _Drawn:
    lengths = np.array([len(text) for text in bare], np.int64)
    codes = np.frombuffer("".join(bare).encode("utf-32-le", "surrogatepass"), np.uint32)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    marks = _mixed(codes.astype(np.uint64) + np.uint64(1))
    place = np.arange(len(codes)) - np.repeat(starts, lengths)  # [characters] within its text
    powers = _powers(int(lengths.max(initial=0)))
    forward = _sums(marks * powers[place])
    backward = _sums(marks * powers[np.repeat(lengths, lengths) - 1 - place])
    keys = _mixed(forward[ends] - forward[starts] + lengths.astype(np.uint64))
    return _Drawn(codes, marks, forward, backward, lengths, ends, keys, np.flatnonzero(lengths >= SHORT))


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Every bit of the result depends on every bit of the value (the finaliser of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _powers(count: int) -> NDArray[np.uint64]:
    powers = np.full(max(count, 1), _BASE)
    powers[0] = 1
    return np.multiply.accumulate(powers)


def _sums(terms: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The sum of all terms before each place, so that any stretch's is one subtraction."""
    return np.concatenate([np.zeros(1, np.uint64), np.cumsum(terms, dtype=np.uint64)])


def _minima(
    codes: NDArray[np.uint32],
    marks: NDArray[np.uint64],
    ends: NDArray[np.int64],
    lengths: NDArray[np.int64],
    long: NDArray[np.int64],
    functions: int,
) -> NDArray[np.uint32]:
    sizes = np.where(codes >= _FIRST_WIDE, _HAN_SHINGLE, _SHINGLE)
    hashes = np.zeros(len(codes), np.uint64)
    padded = np.concatenate([marks, np.zeros(_SHINGLE, np.uint64)])
    for offset in range(_SHINGLE):
        hashes = hashes * _BASE + np.where(offset < sizes, padded[offset : offset + len(codes)], 0)
    whole = np.arange(len(codes)) + sizes <= ends
    whole &= np.repeat(lengths >= SHORT, lengths)
    shingles = (_mixed(hashes[whole]) >> np.uint64(32)).astype(np.uint32)
    before = np.concatenate([[0], np.cumsum(whole)])
    starts = before[(np.cumsum(lengths) - lengths)[long]]
    minima = np.empty((functions, len(long)), np.uint32)
    values = np.empty_like(shingles)
    for function in range(functions):
        np.multiply(shingles, _FACTORS[function], out=values)
        values += _ADDENDS[function]
        np.minimum.reduceat(values, starts, out=minima[function])
    return minima


def _one_bit_each(minima: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """Bits [texts, words] that two texts share as often as minima, and half of the time else."""
    bits = (minima * np.uint32(0x9E3779B1)) >> np.uint32(31)
    return np.ascontiguousarray(np.packbits(bits.astype(bool), axis=0).T).view(np.uint64)


def _bands(minima: NDArray[np.uint32], bands: int, rows: int) -> NDArray[np.uint64]:
    """One value a band [texts, bands]."""
    value = np.zeros((bands, minima.shape[1]), np.uint64)
    for row in minima[: bands * rows].reshape(bands, rows, -1).swapaxes(0, 1):
        value = _mixed(value * _BASE + row)
    return value.T


def _short(values: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The upper half of each value."""
    return (values >> np.uint64(32)).astype(np.uint32)


def _end_digests(
    forward: NDArray[np.uint64], backward: NDArray[np.uint64], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.uint64]:
    """Digests of a text's ends [texts, 2 · kinds], even powers of lengths in the one column, odd ones in the other."""
    columns = np.empty((len(starts), 2 * len(_ENDS)), np.uint64)
    for kind, (at_start, at_end) in enumerate(_ENDS):
        share = max(at_start, at_end)
        upper = np.searchsorted(_POWERS, share * (ends - starts), side="right") - 1
        for parity in (0, 1):
            size = _POWERS[upper - (upper % 2 != parity)]
            head = forward[starts + size] - forward[starts] if at_start else np.zeros(len(starts), np.uint64)
            tail = backward[ends] - backward[ends - size] if at_end else np.zeros(len(starts), np.uint64)
            columns[:, 2 * kind + parity] = _mixed(head * _BASE + _mixed(tail + size.astype(np.uint64)))
    return columns
