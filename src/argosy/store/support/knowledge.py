"""The knowledge of an assistant: entries by generation, and the vectors of their texts by encoder."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from argosy.core.knowledge import CORRECTED, Entry, digest_of
from argosy.store.database import Database
from argosy.store.support.tables import generations_table, knowledge_table, vectors_table
from argosy.store.writing import put

_SOME = 500  # values that a statement names at most
_ENTRY, _VECTOR = knowledge_table.c, vectors_table.c
_PURGED = ""  # the document of what was removed for good
Floats = NDArray[np.float32]


class SqlKnowledge:
    """What the assistant of a name knows: Knowledge, and Embedded for all assistants of the database together.

    A change of a document is one transaction and one generation; what changes nothing makes none.
    """

    def __init__(self, database: Database, model: str) -> None:
        self._database = database
        self._model = model

    @property
    def generation(self) -> int:
        """The newest; 0 where nothing was ever put in."""
        newest = sa.select(generations_table.c.newest).where(generations_table.c.model == self._model)
        with self._database.reading() as connection:
            return connection.scalar(newest) or 0

    def entries(self, generation: int | None = None) -> list[Entry]:
        """Those of the newest generation, or of an earlier one; in the order of ids."""
        at = _ENTRY.until.is_(None) if generation is None else _lives(generation)
        with self._database.reading() as connection:
            return self._entries(connection, at)

    def replace(self, document: str, entries: Sequence[Entry]) -> int:
        """Let these be all entries of a document, none to remove it; the generation that this makes."""
        return self.replace_all({document: entries})

    def replace_all(self, documents: Mapping[str, Sequence[Entry]]) -> int:
        """The same for several documents, in one generation."""

        def work(connection: sa.Connection) -> int:
            return self._replaced(connection, documents)

        return self._database.write(work).result()

    def begin(self, version: str, entries: Sequence[Entry]) -> bool:
        """Take up what a version of the model was built with, once; whether it was taken up now.

        Stored answers that it does not have any more go; corrections and documents of others stay.
        """
        table = generations_table
        documents: dict[str, list[Entry]] = {}
        for entry in entries:
            documents.setdefault(entry.document, []).append(entry)

        def work(connection: sa.Connection) -> bool:
            self._locked(connection)
            mine = table.c.model == self._model
            if connection.scalar(sa.select(table.c.version).where(mine)) == version:
                return False
            there = self._entries(connection, _ENTRY.until.is_(None))
            gone = {entry.document for entry in there if entry.kind == "answer"} - documents.keys()
            gone = {name for name in gone if not name.startswith(CORRECTED)}
            self._replaced(connection, {**documents, **dict.fromkeys(gone, ())})
            connection.execute(table.update().where(mine).values(version=version))
            return True

        return self._database.write(work).result()

    def purge(self, document: str) -> int:
        """Remove a document from all generations, and the vectors of its texts; how many entries that were.

        That something was there stays known, so that a replay can tell why it says something else.
        """
        mine = (_ENTRY.model == self._model) & (_ENTRY.document == document)

        def work(connection: sa.Connection) -> int:
            newest = self._locked(connection)
            rows = connection.execute(sa.select(_ENTRY.entry, _ENTRY.told).where(mine)).all()
            if not rows:
                return 0
            until = sa.func.coalesce(_ENTRY.until, newest + 1)
            emptied = knowledge_table.update().where(mine).values(told={}, document=_PURGED, until=until)
            connection.execute(emptied)
            left = connection.scalars(sa.select(_ENTRY.told).where(_ENTRY.document != _PURGED)).all()
            _forget(connection, _digests(told for _, told in rows) - _digests(left))
            self._raise(connection, newest)
            return len({entry for entry, _ in rows})

        return self._database.write(work).result()

    def purged(self, generation: int) -> bool:
        """Whether anything that was known then was removed for good."""
        there = sa.select(_ENTRY.entry).where(_ENTRY.model == self._model, _ENTRY.document == _PURGED)
        with self._database.reading() as connection:
            return connection.scalar(there.where(_lives(generation)).limit(1)) is not None

    def vectors(self, encoder: str, texts: Sequence[str]) -> dict[str, Floats]:
        """Float32 [dimensions] by the digest of each text, of those that are kept."""
        found: dict[str, Floats] = {}
        with self._database.reading() as connection:
            for some in _parts(texts):
                wanted = (_VECTOR.encoder == encoder) & _VECTOR.text.in_(some)
                rows = connection.execute(sa.select(_VECTOR.text, _VECTOR.vector).where(wanted))
                found |= {text: np.frombuffer(vector, dtype="<f4") for text, vector in rows}
        return found

    def keep(self, encoder: str, vectors: Mapping[str, Floats]) -> None:
        """Keep vectors by the digest of each text."""
        rows = [
            {"text": text, "encoder": encoder, "vector": vector.astype("<f4").tobytes()}
            for text, vector in vectors.items()
        ]
        self._database.write(lambda connection: put(connection, vectors_table, rows)).result()

    def _replaced(self, connection: sa.Connection, documents: Mapping[str, Sequence[Entry]]) -> int:
        newest = self._locked(connection)
        wanted = {entry.id: entry for entries in documents.values() for entry in entries}
        there = [
            entry
            for some in _parts(sorted(documents))
            for entry in self._entries(connection, _ENTRY.until.is_(None) & _ENTRY.document.in_(some))
        ]
        kept = {entry.id for entry in there if wanted.get(entry.id) == entry}
        fresh = [entry for name, entry in wanted.items() if name not in kept]
        gone = [entry.id for entry in there if entry.id not in kept]
        if not fresh and not gone:
            return newest
        self._end(connection, {*gone, *(entry.id for entry in fresh)}, newest + 1)
        put(connection, knowledge_table, [self._row(entry, newest + 1) for entry in fresh])
        return self._raise(connection, newest)

    def _entries(self, connection: sa.Connection, wanted: sa.ColumnElement[bool]) -> list[Entry]:
        kept = (_ENTRY.model == self._model) & (_ENTRY.document != _PURGED)
        rows = connection.scalars(sa.select(_ENTRY.told).where(kept, wanted))
        return sorted(map(Entry.from_json, rows), key=lambda entry: entry.id)

    def _locked(self, connection: sa.Connection) -> int:
        """The newest generation, which nobody else raises until the transaction ends."""
        put(connection, generations_table, [{"model": self._model, "newest": 0}], replace=False)
        newest = sa.select(generations_table.c.newest).where(generations_table.c.model == self._model)
        return int(connection.scalars(newest.with_for_update()).one())

    def _raise(self, connection: sa.Connection, newest: int) -> int:
        mine = generations_table.c.model == self._model
        connection.execute(generations_table.update().where(mine).values(newest=newest + 1))
        return newest + 1

    def _end(self, connection: sa.Connection, names: Iterable[str], generation: int) -> None:
        open_ones = (_ENTRY.model == self._model) & _ENTRY.until.is_(None)
        for some in _parts(sorted(names)):
            ended = knowledge_table.update().where(open_ones, _ENTRY.entry.in_(some)).values(until=generation)
            connection.execute(ended)

    def _row(self, entry: Entry, generation: int) -> dict[str, Any]:
        common = {"model": self._model, "entry": entry.id, "document": entry.document, "told": entry.to_json()}
        return {**common, "since": generation, "until": None}


def _lives(generation: int) -> sa.ColumnElement[bool]:
    return (_ENTRY.since <= generation) & (_ENTRY.until.is_(None) | (_ENTRY.until > generation))


def _digests(told: Iterable[Mapping[str, Any]]) -> set[str]:
    return {digest_of(text) for one in told for text in (*one["keys"], one["text"])}


def _forget(connection: sa.Connection, digests: set[str]) -> None:
    for some in _parts(sorted(digests)):
        connection.execute(vectors_table.delete().where(_VECTOR.text.in_(some)))


def _parts(names: Sequence[str]) -> list[Sequence[str]]:
    return [names[start : start + _SOME] for start in range(0, len(names), _SOME)]
