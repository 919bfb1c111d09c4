"""What a text says: its words without stop words and brands, which of them may name a thing, and counts of them."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from argosy.data.words import BREAK, STOP, is_han, segmented, words

_LETTERS = re.compile(r"[^\W\d_]")
_NAMING = ("n", "vn", "l", "j")  # tags of words that name things: nouns, verbs that stand as nouns, set phrases
_DOING = 0.6  # how likely a verb is to name a thing, such as 安装
_HARDLY = 0.3  # and any other word


@cache
def praise() -> frozenset[str]:
    """Words that praise or blame whatever it is, in both languages: no need is called by one."""
    return frozenset(Path(__file__).with_name("praise.txt").read_text(encoding="utf-8").split())


@lru_cache(maxsize=100_000)
def naming(word: str) -> float:
    """How likely a word is to name a thing (0 to 1): a Chinese one by rjieba's tags, where it is installed."""
    if word in praise():
        return 0.0
    if not is_han(word):
        return _HARDLY if word.endswith("ly") else 1.0
    if not segmented():
        return 1.0
    import rjieba

    tags = [tag for _, tag in rjieba.tag(word)]
    if any(tag.startswith(_NAMING) for tag in tags):
        return 1.0
    return _DOING if "v" in tags else _HARDLY


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


def _says(word: str) -> bool:
    return word != BREAK and word not in STOP and _LETTERS.search(word) is not None and (len(word) > 1 or is_han(word))
