"""Texts as vectors: words that say something, and the vectors that stand in where no encoder is handed in."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from argosy.data.words import BREAK, STOP, is_han, segmented, stem, words
from argosy.venture.market.voices import Embed, Floats

_DIMENSIONS, _OVER, _ROUNDS = 64, 10, 3  # of the vectors by words; further ones while they are sought; power steps
_FEWEST = 2  # texts that hold a word that counts
_LETTERS = re.compile(r"[^\W\d_]")


@cache
def praise() -> frozenset[str]:
    """Words that praise or blame whatever it is, in both languages: no need is called by one."""
    return frozenset(Path(__file__).with_name("praise.txt").read_text(encoding="utf-8").split())


def said(text: str, besides: Iterable[str] = ()) -> list[str]:
    """The words of a text that say something: no stop words, none of those ``besides``, no numbers.

    Where Chinese is not cut into words, pairs of characters stand for them.
    """
    cut, left = words(text), frozenset(besides)
    single = [one for one in cut if _says(one) and one not in left]
    if segmented():
        return single
    pairs = [one + two for one, two in pairwise(cut) if is_han(one) and is_han(two)]
    return [one for one in single if not is_han(one)] + [pair for pair in pairs if pair not in left]


def by_words(texts: Sequence[str], besides: frozenset[str], *, seed: int) -> Embed:
    """Vectors by which words stand together in these texts: TF-IDF, and its leading directions (LSA).

    Deerwester et al., "Indexing by latent semantic analysis", JASIS 1990; directions by the randomised method of
    Halko, Martinsson and Tropp, SIAM Review 2011. Two words for one thing are alike only where they share neighbours.
    """
    counted = [_stems(text, besides) for text in texts]
    held = Counter(word for one in counted for word in set(one))
    place = {word: at for at, word in enumerate(sorted(word for word, times in held.items() if times >= _FEWEST))}
    rarity = np.array([np.log(len(texts) / held[word]) + 1 for word in place] or [1.0], np.float32)
    turn = _directions(_rows(counted, place, rarity), seed)

    def embed(new: Sequence[str]) -> Floats:
        return unit(_rows([_stems(text, besides) for text in new], place, rarity) @ turn)

    return embed


def unit(rows: Floats) -> Floats:
    """Rows of length 1; rows of zeros stay."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), np.float32)


def sparse(rows: Sequence[Sequence[str]], place: dict[str, int], value: Callable[[int, int], float]) -> Any:
    """Sparse float32 [rows, features]: ``value`` of how often a feature is held, and of its place."""
    from scipy.sparse import csr_array

    flat, values, ends = [], [], [0]
    for row in rows:
        for word, times in Counter(word for word in row if word in place).items():
            flat.append(place[word])
            values.append(value(times, place[word]))
        ends.append(len(flat))
    shape = (len(rows), max(1, len(place)))
    return csr_array((np.array(values, np.float32), np.array(flat, np.int64), np.array(ends)), shape=shape)


def _rows(counted: Sequence[list[str]], place: dict[str, int], rarity: Floats) -> Any:
    from scipy.sparse import csr_array

    rows = sparse(counted, place, lambda times, at: (1 + np.log(times)) * float(rarity[at]))
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return csr_array(rows.multiply(1 / np.where(lengths > 0, lengths, 1)[:, None]))


def _directions(rows: Any, seed: int) -> Floats:
    """The leading right singular vectors [features, dimensions]."""
    rng = np.random.default_rng(seed)
    most = min(_DIMENSIONS + _OVER, *rows.shape)
    found = rows.T @ (rows @ rng.normal(size=(rows.shape[1], most)).astype(np.float32))
    for _ in range(_ROUNDS):
        found = rows.T @ (rows @ np.linalg.qr(found)[0])
    basis = np.linalg.qr(found)[0]
    _, _, turn = np.linalg.svd(rows @ basis, full_matrices=False)
    return np.asarray(basis @ turn[:_DIMENSIONS].T, np.float32)


def _stems(text: str, besides: frozenset[str]) -> list[str]:
    return [stem(word) for word in said(text, besides)]


def _says(word: str) -> bool:
    return word != BREAK and word not in STOP and _LETTERS.search(word) is not None and (len(word) > 1 or is_han(word))
