"""Sketches of posts, by which reposts meet, and the verdict whether two that met say the same.

A post's normal form is that of ``data.sketch`` of what ``bare`` leaves of it, in simplified characters. Its digest is
what equal posts share. Its bands are what alike ones share some of: a MinHash of the shingles (Broder 1997) in bands of
three, digests of both ends, and of two lengths of the beginning, which a text that was cut in half still has. Meeting
is no verdict: ``same`` reads both texts.
"""

import hashlib
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from argosy.core.opinion import Sketch
from argosy.data.near import similarity
from argosy.data.script import folding
from argosy.data.sketch import SHORT, normal, signatures
from argosy.opinion.stories.bare import bare, cut
from argosy.opinion.stories.changes import Changes

NEAR = 0.8
_BANDS, _ROWS = 16, 3  # texts with 60 % of their shingles in common share a band with probability .98
_STARTS = 2  # lengths of the beginning, powers of two
_STARTED = 0.8  # of a text, at most: what is common to it and to one that was cut a little
_LED, _TRAILED = 0.15, 0.25  # of the letters of a text: put in front or behind, so much is a comment or another text
_LEAST_LEFT = 0.4  # of a text that was cut
_MIX = np.uint64(0x9E3779B97F4A7C15)
_KEPT = 20_000  # texts whose form is remembered while they are compared
_POSITIVE = np.uint64(1)  # bits dropped, so that a value fits a signed integer of 64


def sketches(texts: Sequence[str]) -> list[Sketch]:
    """The sketch of each post, the same whatever posts stand beside it; bands are between 0 and 2^63.

    A post of fewer than 16 letters and digits has no bands: it meets its equals alone.
    """
    forms = _forms([bare(text) for text in texts])
    shared = _shared(forms)
    return [
        Sketch(digest=hashlib.blake2b(form.encode("utf-8", "replace"), digest_size=16).hexdigest(), bands=bands)
        for form, bands in zip(forms, shared, strict=True)
    ]


def same(one: str, other: str, near: float = NEAR) -> bool:
    """Whether two posts say the same: one is a repost of the other, perhaps with small edits, cut, or with additions.

    They are alike to ``near`` (as in ``data.near``, on what ``bare`` leaves), of a cut one the part that is left; what
    was put in front or behind is no considerable part; and no number, name or negation was put in another's place.

    >>> story = "The central bank raised its main rate by 25 points on Monday, more than expected"
    >>> same(story, "RT @x: " + story + " https://t.co/a"), same(story, story.replace("25", "50"))
    (True, False)
    >>> same(story, "What a shameless lie this is: " + story)
    False
    """
    first, second = _read(one), _read(other)
    if first.form == second.form:
        return True
    if min(len(first.form), len(second.form)) < SHORT:
        return False
    changes = Changes.between(first.folded, second.folded, (first.cut, second.cut))
    if changes.left < _LEAST_LEFT or similarity(*changes.compared) < near:
        return False
    return changes.led <= _LED and changes.trailed <= _TRAILED and not changes.other_facts()


class _Read(NamedTuple):
    """What is compared of a text: its normal form, what is left of it, and whether it was cut."""

    form: str
    folded: str
    cut: bool


@lru_cache(maxsize=_KEPT)
def _read(text: str) -> _Read:
    """The same text is compared with many others: with each that shares a band."""
    left = bare(text)
    return _Read(_forms([left])[0], unicodedata.normalize("NFKC", left).translate(folding()), cut(text))


def _forms(inner: Sequence[str]) -> list[str]:
    table = folding()
    return [form.translate(table).replace(" ", "") for form in normal(inner)]


def _shared(forms: Sequence[str]) -> list[tuple[int, ...]]:
    long, columns = signatures(forms, _BANDS, _ROWS)
    starts = np.array([_starts(forms[row]) for row in long], np.uint64).reshape(len(long), _STARTS)
    every = np.hstack([columns, starts])
    values = ((every ^ (np.arange(every.shape[1], dtype=np.uint64) + _POSITIVE) * _MIX) * _MIX) >> _POSITIVE
    bands: list[tuple[int, ...]] = [()] * len(forms)
    for row, shared in zip(long.tolist(), _distinct(values), strict=True):
        bands[row] = shared
    return bands


def _distinct(values: NDArray[np.uint64]) -> list[tuple[int, ...]]:
    return [tuple(dict.fromkeys(row)) for row in values.tolist()]


def _starts(form: str) -> list[int]:
    """Digests of the beginning at the two largest powers of two that leave some of the text; equal ones for a short."""
    most = int(_STARTED * len(form)).bit_length() - 1
    sizes = [1 << max(most - step, 3) for step in range(_STARTS)]
    # the column is the same whatever the size: a text that was cut shares its larger size with another's smaller one
    parity = sorted(sizes, key=lambda size: size.bit_length() % _STARTS)
    return [
        int.from_bytes(hashlib.blake2b(form[:size].encode("utf-8", "replace"), digest_size=8).digest())
        for size in parity
    ]
