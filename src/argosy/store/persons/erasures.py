"""Erasures: what was asked for, how far each has come, and the certificate it left."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from argosy.store.database import Database, empty_log, metadata
from argosy.store.persons.subjects import Subject, now, subjects_table
from argosy.store.tenants import audit

State = Literal["begun", "shredded", "done"]

erasures_table = sa.Table(
    "erasures",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("tenant", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False, index=True),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("files", sa.Boolean, nullable=False),
    sa.Column("begun", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("found", sa.JSON, nullable=False),
    sa.Column("certificate", sa.Text),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A kind of thing that ``tables`` hold of a subject: how it is told, and how it is removed (None: it stays)."""

    name: str
    tables: tuple[str, ...]
    held: Callable[[sa.Connection, Subject], list[dict[str, Any]]]
    erase: Callable[[sa.Connection, str], int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One erasure; ``files`` says whether the project's own files belong to it; ``found`` is what was removed."""

    id: str
    tenant: str
    subject: str
    actor: str
    files: bool
    begun: int
    state: State
    found: Mapping[str, Any]
    certificate: str | None = None


class SqlErasures:
    """Begins, carries out and remembers erasures; every step may be done again."""

    def __init__(self, database: Database, parts: Sequence[Part], *, clock: Callable[[], int] = now) -> None:
        self._database = database
        self._parts = parts
        self._clock = clock

    def begin(self, subject: Subject, actor: str, *, files: bool) -> Erasure:
        """Note that a subject is to be erased: from here on a kill delays it, and undoes nothing."""
        erasure = Erasure(
            id=f"era_{secrets.token_hex(12)}",
            tenant=subject.tenant,
            subject=subject.id,
            actor=actor,
            files=files,
            begun=self._clock(),
            state="begun",
            found={},
        )
        self._database.write(lambda connection: _begin(connection, erasure)).result()
        return self.pending(subject.id)[0]

    def pending(self, subject: str | None = None) -> list[Erasure]:
        """Erasures that are not done, oldest first."""
        query = sa.select(erasures_table).where(erasures_table.c.state != "done")
        if subject is not None:
            query = query.where(erasures_table.c.subject == subject)
        return self._read(query.order_by(erasures_table.c.begun, erasures_table.c.id))

    def of(self, subject: str) -> list[Erasure]:
        """The erasures of a subject, oldest first."""
        return self._read(sa.select(erasures_table).where(erasures_table.c.subject == subject))

    def get(self, erasure: str) -> Erasure | None:
        """One erasure by its id."""
        return next(iter(self._read(sa.select(erasures_table).where(erasures_table.c.id == erasure))), None)

    def count(self) -> int:
        """How many have reached the tables: a number that grows whenever caches have something to forget."""
        query = sa.select(sa.func.count()).where(erasures_table.c.state != "begun")
        with self._database.reading() as connection:
            return int(connection.scalar(query) or 0)

    def held(self, subject: Subject) -> dict[str, list[dict[str, Any]]]:
        """What the tables hold of a subject, by part."""
        with self._database.reading() as connection:
            return {part.name: part.held(connection, subject) for part in self._parts}

    def note(self, erasure: Erasure, found: Mapping[str, Any]) -> None:
        """Add to what an erasure has found; a figure that is there already stays, since a second look finds less."""
        change = erasures_table.update().where(erasures_table.c.id == erasure.id)
        known = {**found, **self._now(erasure).found}
        self._database.write(lambda connection: connection.execute(change.values(found=known))).result()

    def shred(self, erasure: Erasure) -> None:
        """Destroy the key and the row that leads to it, and all that the tables hold, in one transaction."""
        self._database.write(lambda connection: self._shred(connection, erasure)).result()

    def purge(self) -> None:
        """Leave no bytes of deleted rows in the files of the database; raises BusyError where readers do not let go."""
        if self._database.sqlite:
            empty_log(self._database)
            return
        emptied = [table for part in self._parts if part.erase for table in part.tables]
        with self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in (subjects_table.name, *emptied):
                connection.execute(sa.text(f"VACUUM FULL {table}"))

    def finish(self, erasure: Erasure, certificate: str) -> None:
        """Keep the certificate."""
        change = erasures_table.update().where(erasures_table.c.id == erasure.id)
        values = {"state": "done", "certificate": certificate}
        self._database.write(lambda connection: connection.execute(change.values(**values))).result()

    def again(self, subjects: Sequence[str]) -> int:
        """Remove what came back with a restored backup, or was written while it was erased; how many subjects had."""

        def remove(connection: sa.Connection) -> int:
            found = {subject: self._remove(connection, subject) for subject in subjects}
            back = {subject: counts for subject, counts in found.items() if any(counts.values())}
            for subject, counts in back.items():
                audit.append(connection, "argosy", "privacy.erase.again", subject, counts, clock=self._clock)
            return len(back)

        found = self._database.write(remove).result()
        if found:
            self.purge()
        return found

    def _now(self, erasure: Erasure) -> Erasure:
        return self._read(sa.select(erasures_table).where(erasures_table.c.id == erasure.id))[0]

    def _read(self, query: sa.Select[Any]) -> list[Erasure]:
        with self._database.reading() as connection:
            return [Erasure(**row) for row in connection.execute(query).mappings()]

    def _shred(self, connection: sa.Connection, erasure: Erasure) -> None:
        query = sa.select(erasures_table.c.state, erasures_table.c.found).where(erasures_table.c.id == erasure.id)
        state, found = connection.execute(query.with_for_update()).one()
        if state != "begun":
            return
        counts = self._remove(connection, erasure.subject)
        change = erasures_table.update().where(erasures_table.c.id == erasure.id)
        connection.execute(change.values(state="shredded", found={**found, **counts}))
        told = {"tenant": erasure.tenant, "erasure": erasure.id, **counts}
        audit.append(connection, erasure.actor, "privacy.erase", erasure.subject, told)

    def _remove(self, connection: sa.Connection, subject: str) -> dict[str, int]:
        """The key goes first: a capture that is being written waits for this row, and then finds nobody."""
        key = connection.execute(subjects_table.delete().where(subjects_table.c.id == subject)).rowcount
        return {"keys": key} | {part.name: part.erase(connection, subject) for part in self._parts if part.erase}


def _begin(connection: sa.Connection, erasure: Erasure) -> None:
    table = erasures_table
    open_ = sa.select(table.c.id).where(table.c.subject == erasure.subject, table.c.state != "done")
    if connection.scalar(open_) is None:
        names = [column.name for column in table.c]
        connection.execute(table.insert().values(**{name: getattr(erasure, name) for name in names}))
        told = {"tenant": erasure.tenant, "erasure": erasure.id}
        audit.append(connection, erasure.actor, "privacy.erase.begin", erasure.subject, told)
