"""One state of the knowledge as it is searched: it never changes, and the next one is made out of it.

Vectors stand in the order of ``texts_of``: the entries by their ids, all keys of all of them first, then their texts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from argosy.assist.retrieval.lexical import Counted, Lexical, Vocabulary, index
from argosy.assist.retrieval.memory import KeptVectors
from argosy.assist.retrieval.vectors import MANY, CompareAll, in_memory
from argosy.assist.retrieval.words import simplified
from argosy.core.engine import Embedder
from argosy.core.knowledge import Embedded, Entry, Vectors, digest_of

Floats = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Floats]
Names = frozenset[str]
Role = Literal["query", "passage"]
OpenVectors = Callable[[str, int, int], Vectors]
"""Where vectors are searched, by a name for all of them together, their width, and how many are expected."""
_ROLES: tuple[Role, Role] = ("query", "passage")  # of keys, of texts
_STEP = 256  # texts embedded before they are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """What turns questions and texts into vectors: ``embed`` takes texts with the prefix of their role.

    Keys are questions too, and are embedded like them. ``digest`` names the model: other vectors, another digest.
    """

    digest: str
    embed: Embed
    width: int
    query: str = ""
    passage: str = ""

    @classmethod
    def of(cls, embedder: Embedder, digest: str) -> Self:
        """The encoder around an engine."""
        query, passage = (embedder.prefixes.get(role, "") for role in ("query", "passage"))
        return cls(digest=digest, embed=embedder.embed, width=embedder.dimensions, query=query, passage=passage)

    def name(self, role: Role) -> str:
        """What vectors of a role are kept by."""
        return sha256(f"{self.digest}\0{role}".encode()).hexdigest()

    def vectors(self, role: Role, texts: Sequence[str]) -> Floats:
        """Float32 [texts, width] of texts in a role, in simplified characters, so that both scripts are near."""
        prefix = self.query if role == "query" else self.passage
        return self.embed([prefix + simplified(text) for text in texts])


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Texts that are searched, by their position: the keys of all entries, or their texts.

    ``rows`` are the positions of each digest. ``vectors`` may hold ``others`` too, those of the state before.
    """

    digests: tuple[str, ...]
    rows: Mapping[str, tuple[int, ...]]
    counted: Mapping[str, Counted]
    lexical: Lexical
    vectors: Vectors | None = None
    others: Names = frozenset()

    def nearest(self, vector: Floats, most: int) -> list[tuple[int, float]]:
        """The positions of the nearest texts with their cosines, highest first."""
        if self.vectors is None:
            return []
        asked = most
        while True:
            found = self.vectors.search(vector, asked)
            kept = [(row, cosine) for name, cosine in found for row in self.rows.get(name, ())]
            if len(kept) >= most or len(found) < asked:
                return kept[:most]
            asked *= 4

    def cosines(self, vector: Floats, rows: Sequence[int]) -> Floats:
        """Float32 [rows] of texts by their positions; 0 without an encoder."""
        if self.vectors is None:
            return np.zeros(len(rows), dtype=np.float32)
        return self.vectors.cosines(vector, [self.digests[row] for row in rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Entries in the order of their ids, with their indexes; ``generation`` is the knowledge's.

    ``owners`` [keys] is the position of each key's entry, ``spans`` [entries + 1] where each entry's keys begin.
    ``folded`` are the positions of the entries that have a key, by how keys are compared letter by letter.
    """

    generation: int
    entries: tuple[Entry, ...]
    owners: NDArray[np.int64]
    spans: NDArray[np.int64]
    folded: Mapping[str, frozenset[int]]
    keys: Field
    texts: Field
    encoder: Encoder | None = None

    def key(self, place: int) -> str:
        """The key at a position of ``owners``; empty for -1."""
        owner = int(self.owners[place]) if place >= 0 else -1
        return self.entries[owner].keys[place - int(self.spans[owner])] if owner >= 0 else ""


def build(
    entries: Iterable[Entry],
    *,
    generation: int = 0,
    encoder: Encoder | None = None,
    embedded: Embedded | None = None,
    before: Snapshot | None = None,
    opened: OpenVectors = in_memory,
) -> Snapshot:
    """The state of these entries; what ``before`` or ``embedded`` know of their texts is not worked out again."""
    known = tuple(sorted(entries, key=lambda entry: entry.id))
    keys, texts = texts_of(known)
    lengths = [len(entry.keys) for entry in known]
    owners = np.repeat(np.arange(len(known)), lengths)
    vocabulary = before.keys.lexical.vocabulary if before else Vocabulary()
    making = _Making(encoder, embedded or KeptVectors(), vocabulary, opened)
    alike = before if before and before.encoder is encoder else None
    asked = making.field("query", keys, before.keys if before else None, alike.keys if alike else None)
    folded: dict[str, set[int]] = {}
    for digest, owner in zip(asked.digests, owners.tolist(), strict=True):
        folded.setdefault(asked.counted[digest].folded, set()).add(owner)
    return Snapshot(
        generation=generation,
        entries=known,
        owners=owners,
        spans=np.concatenate(([0], np.cumsum(lengths, dtype=np.int64))),
        folded={key: frozenset(found) for key, found in folded.items()},
        keys=asked,
        texts=making.field("passage", texts, before.texts if before else None, alike.texts if alike else None),
        encoder=encoder,
    )


def texts_of(entries: Sequence[Entry]) -> tuple[list[str], list[str]]:
    """The keys of all entries, and their texts."""
    return [key for entry in entries for key in entry.keys], [entry.text for entry in entries]


@dataclass(frozen=True, slots=True)
class _Making:
    """What fields are made with."""

    encoder: Encoder | None
    embedded: Embedded
    vocabulary: Vocabulary
    opened: OpenVectors

    def field(self, role: Role, texts: Sequence[str], before: Field | None, alike: Field | None) -> Field:
        """The field of these texts: their terms may come from ``before``, their vectors from ``alike``."""
        digests = tuple(map(digest_of, texts))
        counts = before.counted if before else {}
        counted = {
            digest: counts[digest] if digest in counts else self.vocabulary.count(text)
            for digest, text in dict(zip(digests, texts, strict=True)).items()
        }
        rows: dict[str, list[int]] = {}
        for row, digest in enumerate(digests):
            rows.setdefault(digest, []).append(row)
        vectors, others = self._vectors(role, dict(zip(digests, texts, strict=True)), alike)
        return Field(
            digests=digests,
            rows={digest: tuple(found) for digest, found in rows.items()},
            counted=counted,
            lexical=index(self.vocabulary, [counted[digest] for digest in digests]),
            vectors=vectors,
            others=others,
        )

    def _vectors(self, role: Role, texts: Mapping[str, str], before: Field | None) -> tuple[Vectors | None, Names]:
        """Where these texts' vectors are, and what else is there, which goes with the next change."""
        if self.encoder is None:
            return None, frozenset()
        there, rows, others = (before.vectors, before.rows, before.others) if before else (None, {}, frozenset())
        fresh = _embedded(
            self.encoder, self.embedded, role, {name: text for name, text in texts.items() if name not in rows}
        )
        if isinstance(there, CompareAll) and len(texts) <= MANY:
            return there.changed(fresh, texts), frozenset()
        if there is None or isinstance(there, CompareAll):
            there, rows = self.opened(self.encoder.name(role), self.encoder.width, len(texts)), {}
            fresh = _embedded(self.encoder, self.embedded, role, texts)
        there.remove(sorted(others - texts.keys()))
        there.add(fresh)
        return there, frozenset(rows.keys() - texts.keys())


def embed(encoder: Encoder, embedded: Embedded, entries: Sequence[Entry]) -> None:
    """Embed whatever texts of these entries are not kept yet."""
    for role, texts in zip(_ROLES, texts_of(entries), strict=True):
        _embedded(encoder, embedded, role, {digest_of(text): text for text in texts})


def _embedded(encoder: Encoder, embedded: Embedded, role: Role, texts: Mapping[str, str]) -> dict[str, Floats]:
    """Vectors by the digest of each text, those that are kept and those made now, which are kept too."""
    name = encoder.name(role)
    found = dict(embedded.vectors(name, list(texts)))
    missing = [digest for digest in texts if digest not in found]
    for start in range(0, len(missing), _STEP):
        some = missing[start : start + _STEP]
        made = dict(zip(some, encoder.vectors(role, [texts[digest] for digest in some]), strict=True))
        embedded.keep(name, made)
        found |= made
    return found
