"""Vectors of texts by the words in them, for where no encoder is at hand: hashed TF-IDF (Weinberger et al. 2009)."""

import re
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from functools import lru_cache
from math import log

import numpy as np
from numpy.typing import NDArray

from argosy.data.sketch import normal

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to vectors [texts, width]."""
WIDTH = 512
_SHORTEST = 3  # letters of what an ending is taken from
_FIRST_HAN = "\u3400"
_TOKEN = re.compile(r"[\u3400-\u9fff]+|[^\W\u3400-\u9fff]+")


def lexical(texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors [texts, ``WIDTH``], by words and pairs of Chinese characters, rare ones first; zero for no word."""
    counts = [Counter(_tokens(form)) for form in normal(texts)]
    spread = Counter(token for one in counts for token in one)
    told = {token: (_place(token), log((1 + len(texts)) / (1 + count)) + 0.1) for token, count in spread.items()}
    rows = np.repeat(np.arange(len(texts)), [len(one) for one in counts])
    places = np.fromiter((told[token][0][0] for one in counts for token in one), np.int64, len(rows))
    weights = np.fromiter(
        (told[token][0][1] * told[token][1] * (1 + log(times)) for one in counts for token, times in one.items()),
        np.float64,
        len(rows),
    )
    found = np.zeros((len(texts), WIDTH), np.float32)
    np.add.at(found, (rows, places), weights.astype(np.float32))
    return unit(found)


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows of length 1; zero rows stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    found: NDArray[np.float32] = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return found


def _tokens(form: str) -> list[str]:
    found: list[str] = []
    for token in _TOKEN.findall(form):
        if token[0] < _FIRST_HAN:
            found.append(_stem(token))
        else:
            found += [token[at : at + 2] for at in range(max(1, len(token) - 1))]
    return found


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    """The word without the commonest English endings."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) > len(ending) + _SHORTEST:
            return word[: -len(ending)]
    return word


def _place(token: str) -> tuple[int, int]:
    drawn = zlib.crc32(token.encode())
    return drawn % WIDTH, 1 if drawn >> 31 else -1
