"""Which texts belong together and which do not, as encoder and reranker learn it, and how high right answers stand.

A question is asked of entries, each of which is found by its keys, which are questions too, and by its text.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from argosy.core.knowledge import Entry
from argosy.evaluate.metrics import Measured, Undefined
from argosy.evaluate.tasks.measure import measured

Question = tuple[str, str]
"""A question and the id of the entry that answers it."""
Floats = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Floats]
_CHUNK = 512  # questions compared with all texts at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefixes:
    """What stands before questions and keys, and before the texts of entries, as the encoder was made for."""

    query: str = ""
    passage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """All texts that entries are found by, with their prefixes: the keys of an entry, then its text.

    ``owners`` [texts] are the places of their entries in ``ids``; ``bare`` the same texts without prefixes.
    """

    ids: tuple[str, ...]
    texts: tuple[str, ...]
    bare: tuple[str, ...]
    owners: NDArray[np.int64]

    @classmethod
    def of(cls, entries: Sequence[Entry], prefixes: Prefixes) -> Self:
        """The texts of entries, each entry with its text at least."""
        bare = [text for entry in entries for text in (*entry.keys, entry.text)]
        texts = [
            text
            for entry in entries
            for text in (*(prefixes.query + key for key in entry.keys), prefixes.passage + entry.text)
        ]
        counts = [len(entry.keys) + 1 for entry in entries]
        return cls(
            ids=tuple(entry.id for entry in entries),
            texts=tuple(texts),
            bare=tuple(bare),
            owners=np.repeat(np.arange(len(entries)), counts),
        )

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where the texts of each entry begin [entries]."""
        return np.searchsorted(self.owners, np.arange(len(self.ids)))

    @property
    def kin(self) -> dict[str, frozenset[str]]:
        """The ids of the entries that each text, with its prefix, is a text of."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for text, owner in zip(self.texts, self.owners.tolist(), strict=True):
            found[text].add(self.ids[owner])
        return {text: frozenset(ids) for text, ids in found.items()}

    def by_entry(self, scores: Floats) -> Floats:
        """Scores [questions, entries] of scores [questions, texts]: that of the best text of each entry."""
        return np.asarray(np.maximum.reduceat(scores, self.starts, axis=1))


def answerable(asked: Sequence[Question], entries: Sequence[Entry]) -> list[Question]:
    """The questions whose entry is among these."""
    known = {entry.id for entry in entries}
    return [one for one in asked if one[1] in known]


def drawn(asked: Sequence[Question], most: int, *, seed: int) -> list[Question]:
    """So many of them at most, in their order."""
    order = np.sort(np.random.default_rng(seed).permutation(len(asked))[:most])
    return [asked[place] for place in order]


def positives(
    asked: Sequence[Question], entries: Sequence[Entry], prefixes: Prefixes, *, seed: int
) -> list[tuple[str, str]]:
    """Pairs of texts that belong together: two questions of one answer, a question and its answer, a key and its piece.

    Each question stands once before another of its answer and once behind one, where it has another.
    """
    draw = np.random.default_rng(seed)
    asking: defaultdict[str, list[str]] = defaultdict(list)
    for question, answer in answerable(asked, entries):
        if question not in asking[answer]:
            asking[answer].append(question)
    pairs: list[tuple[str, str]] = []
    for entry in entries:
        found = asking[entry.id] or (entry.keys if entry.kind == "piece" else [])
        order = [prefixes.query + found[place] for place in draw.permutation(len(found))]
        pairs += [(one, other) for one, other in zip(order, [*order[1:], *order[:1]], strict=True) if one != other]
        pairs += [(one, prefixes.passage + entry.text) for one in order if one.strip() and entry.text.strip()]
    return pairs


def scores(asked: Sequence[Question], corpus: Corpus, prefixes: Prefixes, embed: Embed) -> Floats:
    """Cosines [questions, entries], of each question with the nearest text of each entry."""
    every = embed(corpus.texts)
    vectors = embed([prefixes.query + question for question, _ in asked])
    return np.concatenate([corpus.by_entry(vectors[part] @ every.T) for part in _slices(len(vectors))])


def standing(asked: Sequence[Question], corpus: Corpus, scored: Floats) -> dict[str, Measured | Undefined]:
    """How high the right entry of each question stands by scores [questions, entries]: ``mrr``, ``hit@1`` and more."""
    places = {name: place for place, name in enumerate(corpus.ids)}
    truth = np.zeros(scored.shape)
    truth[np.arange(len(asked)), [places[answer] for _, answer in asked]] = 1
    return measured("retrieval", list(truth), list(scored.astype(np.float64)), rung="retrieval")


def _slices(count: int) -> list[slice]:
    return [slice(start, start + _CHUNK) for start in range(0, count, _CHUNK)]
