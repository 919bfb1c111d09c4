"""Finds what may answer a question: by words and by vectors, fused to a chance, the best read again by a reranker."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from argosy.assist.retrieval.features import look, nearest_text, with_relevance
from argosy.assist.retrieval.fusion import Fusion, fit_fusion, rows_of, unfitted
from argosy.assist.retrieval.snapshot import Snapshot
from argosy.core.engine import Reranker
from argosy.core.knowledge import Entry, Found

LONGEST = 2_000
"""Characters of a question that are read: more are no question, and would cost the more time."""
_READ = 8  # entries that the reranker reads
_FITTED = 10  # candidates of a question that the fusion is fitted on


@dataclass(frozen=True, slots=True, kw_only=True)
class Retriever:
    """Retrieval over one state of the knowledge: the same question finds the same, bit by bit.

    ``fusion`` gives the chances, ``reread`` those of entries that the reranker read too.
    """

    snapshot: Snapshot
    fusion: Fusion
    reranker: Reranker | None = None
    reread: Fusion | None = None

    @property
    def generation(self) -> int:
        """That of the knowledge."""
        return self.snapshot.generation

    def find(self, question: str, most: int = 5) -> list[Found]:
        """The likeliest entries, best first, of equal chances the lower id first; ``parts`` are FEATURES."""
        asked = question[:LONGEST]
        looked = look(self.snapshot, asked)
        if self.reranker is None or not looked:
            return _best(looked, self.fusion, most)
        read = _best(looked, self.fusion, max(most, _READ))
        relevance = self.reranker.relevance(asked, [nearest_text(one) for one in read]).tolist()
        return _best(with_relevance(read, relevance), self.reread or self.fusion, most)

    def entry(self, name: str) -> Entry | None:
        """The entry of this id, if it may still be quoted."""
        entries = self.snapshot.entries
        place = bisect_left(entries, name, key=lambda entry: entry.id)
        return entries[place] if place < len(entries) and entries[place].id == name else None


def fit(
    snapshot: Snapshot, asked: Sequence[tuple[str, Collection[str]]], reranker: Reranker | None = None
) -> tuple[Fusion, Fusion | None]:
    """``fusion`` and ``reread`` of a Retriever, by questions with the ids of the entries that answer each.

    None of the questions may be a key; those without any answer here belong to them. Raises DataError where nothing
    right, or nothing wrong, is found for them.
    """
    first = _fitted(Retriever(snapshot=snapshot, fusion=unfitted()), asked)
    if reranker is None:
        return first, None
    return first, _fitted(Retriever(snapshot=snapshot, fusion=first, reranker=reranker, reread=unfitted()), asked)


def _fitted(retriever: Retriever, asked: Sequence[tuple[str, Collection[str]]]) -> Fusion:
    found = [(one, one.entry.id in right) for question, right in asked for one in retriever.find(question, _FITTED)]
    return fit_fusion(rows_of([one for one, _ in found]), np.array([right for _, right in found], dtype=np.bool_))


def _best(looked: Sequence[Found], fusion: Fusion, most: int) -> list[Found]:
    chances = zip(fusion.chance(rows_of(looked)).tolist(), looked, strict=True)
    order = sorted(chances, key=lambda one: (-one[0], one[1].entry.id))[:most]
    return [replace(one, score=chance) for chance, one in order]
