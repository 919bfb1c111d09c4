"""BM25 over short texts: a text's score for a question, and the most that a question could get.

The weights are those of Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), with the inverse document
frequency kept above zero: log(1 + (N - n + 0.5) / (n + 0.5)).
"""

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from argosy.assist.retrieval.words import fold, terms_of

K1 = 1.2  # how soon a term that comes again adds no more
B = 0.75  # how much a long text is held to its length
Floats = NDArray[np.float64]
Counts = NDArray[np.int32]
"""[terms of a text, 2]: the number of each, and how often it stands there."""


class Counted(NamedTuple):
    """What is known of a text: ``folded`` is how it is compared letter by letter."""

    counts: Counts
    folded: str


class Vocabulary:
    """Terms as numbers, in the order that they are first met; it only grows, and threads may use it at once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._adding = threading.Lock()

    def __len__(self) -> int:
        return len(self._numbers)

    def count(self, text: str) -> Counted:
        """The terms of a text that is to be found, each new one with a new number."""
        folded = fold(text)
        found = Counter(terms_of(folded))
        with self._adding:
            rows = [(self._numbers.setdefault(term, len(self._numbers)), times) for term, times in found.items()]
        return Counted(np.array(rows, dtype=np.int32).reshape(-1, 2), folded)

    def known(self, words: Iterable[str]) -> list[int]:
        """The number of each word; -1 for one that was never met."""
        return [self._numbers.get(word, -1) for word in words]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexical:
    """An index of texts, by the position of each; it never changes.

    ``rows`` and ``weights`` are the texts that hold a term and what it is worth there, term after term; ``starts`` is
    where each term begins; ``rarity`` its inverse document frequency; ``unmet`` that of a term in no text.
    """

    vocabulary: Vocabulary
    size: int
    starts: NDArray[np.int64]
    rows: NDArray[np.int64]
    weights: Floats
    rarity: Floats
    unmet: float

    def score(self, words: Sequence[str]) -> Floats:
        """Float64 [texts] for a question's terms: from 0, no term of it, towards 1, all its terms many times.

        It is BM25 divided by the most that the question could get, a term that no text holds counted in.
        """
        found = np.zeros(self.size)
        asked = self.vocabulary.known(dict.fromkeys(words))
        met = [term for term in asked if 0 <= term < len(self.rarity)]
        most = (K1 + 1) * (float(self.rarity[met].sum()) + (len(asked) - len(met)) * self.unmet)
        spans = [slice(self.starts[term], self.starts[term + 1]) for term in met]
        if not spans or not self.size:
            return found
        rows = np.concatenate([self.rows[span] for span in spans])
        weights = np.concatenate([self.weights[span] for span in spans])
        return np.bincount(rows, weights=weights, minlength=self.size) / most


def index(vocabulary: Vocabulary, texts: Sequence[Counted]) -> Lexical:
    """The index of texts that ``vocabulary`` counted; a matter of numbers alone, so that it is soon made anew."""
    size, width = len(texts), len(vocabulary)
    lengths = np.array([len(text.counts) for text in texts], dtype=np.int64)
    every = np.concatenate([text.counts for text in texts]) if size else np.empty((0, 2), dtype=np.int32)
    rows = np.repeat(np.arange(size), lengths)
    met, times = every[:, 0].astype(np.int64), every[:, 1].astype(np.float64)
    holding = np.bincount(met, minlength=width)
    rarity = np.log1p((size - holding + 0.5) / (holding + 0.5))
    words = np.bincount(rows, weights=times, minlength=size)
    usual = max(float(words.mean()), 1.0) if size else 1.0
    weights = rarity[met] * times * (K1 + 1) / (times + K1 * (1 - B + B * words[rows] / usual))
    order = np.argsort(met, kind="stable")
    return Lexical(
        vocabulary=vocabulary,
        size=size,
        starts=np.concatenate(([0], np.cumsum(holding))),
        rows=rows[order],
        weights=weights[order],
        rarity=rarity,
        unmet=float(np.log1p((size + 0.5) / 0.5)),
    )
