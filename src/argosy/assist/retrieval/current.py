"""The newest state of the knowledge as it is searched, and earlier ones for replays.

Who answers a question takes one Retriever and keeps to it: states are made beside the one that serves, and take its
place at once, so that no question sees half of one.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from argosy.assist.retrieval.fusion import Fusion
from argosy.assist.retrieval.retriever import Retriever
from argosy.assist.retrieval.snapshot import Encoder, OpenVectors, Snapshot, build, embed
from argosy.assist.retrieval.vectors import compare_all, in_memory
from argosy.core.engine import Reranker
from argosy.core.knowledge import Embedded, Entry, Knowledge

_REPLAYED = 4  # earlier states that are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a model brings to find entries with; see Retriever."""

    fusion: Fusion
    encoder: Encoder | None = None
    reranker: Reranker | None = None
    reread: Fusion | None = None

    def over(self, snapshot: Snapshot) -> Retriever:
        """The retriever of a state of the knowledge."""
        return Retriever(snapshot=snapshot, fusion=self.fusion, reranker=self.reranker, reread=self.reread)


class Current:
    """Retrievers over a knowledge that changes; threads may use it at once."""

    def __init__(
        self, knowledge: Knowledge, finding: Finding, embedded: Embedded, opened: OpenVectors = in_memory
    ) -> None:
        self._knowledge = knowledge
        self._embedded = embedded
        self._opened = opened
        self._changing = threading.Lock()
        self._earlier: dict[int, Retriever] = {}
        self._finding = finding
        self._newest = self._made(finding, knowledge.generation, None, opened)

    def of(self, generation: int | None = None) -> Retriever:
        """The retriever of the newest state, or that of an earlier one, without what was purged since."""
        newest = self._newest
        if generation is None or generation == newest.generation:
            return newest
        with self._changing:
            if generation not in self._earlier:
                self._earlier[generation] = self._made(self._finding, generation, None, compare_all)
                for old in list(self._earlier)[:-_REPLAYED]:
                    del self._earlier[old]
            return self._earlier[generation]

    def refresh(self) -> bool:
        """Take up what changed in the knowledge; whether anything did. Blocks while new texts are embedded."""
        with self._changing:
            generation = self._knowledge.generation
            if generation == self._newest.generation:
                return False
            self._put(self._finding, generation)
        return True

    def prepare(self, entries: Sequence[Entry]) -> None:
        """Embed entries that are to be put in, so that no process that takes them up waits for it."""
        encoder = self._finding.encoder
        if encoder is not None:
            embed(encoder, self._embedded, entries)

    def renew(self, finding: Finding) -> None:
        """Find in another way from now on: what serves goes on, changes too, until all is embedded anew."""
        if finding.encoder is not None:
            embed(finding.encoder, self._embedded, self._knowledge.entries())
        with self._changing:
            self._put(finding, self._knowledge.generation)

    def _put(self, finding: Finding, generation: int) -> None:
        self._newest = self._made(finding, generation, self._newest.snapshot, self._opened)
        self._finding = finding
        self._earlier.clear()  # what was purged is in none

    def _made(self, finding: Finding, generation: int, before: Snapshot | None, opened: OpenVectors) -> Retriever:
        """The retriever of a generation."""
        snapshot = build(
            self._knowledge.entries(generation),
            generation=generation,
            encoder=finding.encoder,
            embedded=self._embedded,
            before=before,
            opened=opened,
        )
        return finding.over(snapshot)
