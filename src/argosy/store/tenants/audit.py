"""The audit log: append-only entries, each sealed with the SHA-256 of itself and of the one before."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from argosy.core.errors import DataError
from argosy.core.tenant import Entry
from argosy.store.database import Database, metadata

START = "0" * 64
"""What the first entry has as the hash before it."""
_LOOK = "Compare with a backup, and find out who can write to the database."
_LOCK = 0x6172676F7379  # names the lock under which PostgreSQL lets one writer at a time append

audit_table = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("action", sa.String(100), nullable=False),
    sa.Column("about", sa.String(200), nullable=False, index=True),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)


def append(
    connection: sa.Connection,
    actor: str,
    action: str,
    about: str,
    details: Mapping[str, object],
    *,
    clock: Callable[[], int] | None = None,
) -> Entry:
    """Add an entry in the transaction of ``connection``: it stands if, and only if, what it tells of does.

    ``actor`` and ``about`` are opaque ids (``key_…``, ``ten_…``), never names; ``details`` hold what JSON can.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    last = connection.execute(sa.select(audit_table).order_by(audit_table.c.seq.desc()).limit(1)).first()
    seq, at, previous = (last.seq, last.at, last.hash) if last else (0, 0, START)
    row = sealed(
        {
            "seq": seq + 1,
            "at": max(at, clock() if clock else time.time_ns() // 1000),
            "actor": actor,
            "action": action,
            "about": about,
            "details": _canonical(details),
            "previous": previous,
        }
    )
    connection.execute(audit_table.insert().values(**row))
    return _entry(row)


class SqlAudit:
    """The log, to read and to verify."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self, *, after: int = 0, limit: int | None = None, about: str | None = None) -> list[Entry]:
        """Entries with seq > ``after``, oldest first; ``about`` is an object or an actor."""
        query = sa.select(audit_table).where(audit_table.c.seq > after).order_by(audit_table.c.seq).limit(limit)
        return self._read(query, about)

    def latest(self, *, before: int | None = None, limit: int, about: str | None = None) -> list[Entry]:
        """The last entries (with seq < ``before``), newest first."""
        query = sa.select(audit_table).order_by(audit_table.c.seq.desc()).limit(limit)
        return self._read(query if before is None else query.where(audit_table.c.seq < before), about)

    def head(self) -> tuple[int, str]:
        """Seq and hash of the last entry; (0, 64 zeros) of an empty log. Noted elsewhere, it proves the log whole."""
        query = sa.select(audit_table.c.seq, audit_table.c.hash).order_by(audit_table.c.seq.desc()).limit(1)
        with self._database.reading() as connection:
            last = connection.execute(query).one_or_none()
        return (last.seq, last.hash) if last else (0, START)

    def verify(self, noted: tuple[int, str] | None = None) -> tuple[int, str]:
        """The head of a log in which nothing was changed, removed or reordered.

        ``noted`` is a head noted before, which must still stand: without one, entries cut off the end are not missed.
        Raises DataError that names the first entry which does not fit.
        """
        with self._database.reading() as connection:
            stream = connection.execution_options(yield_per=1000).execute(
                sa.select(audit_table).order_by(audit_table.c.seq)
            )
            return verify((row._asdict() for row in stream), noted)

    def _read(self, query: sa.Select[Any], about: str | None) -> list[Entry]:
        if about is not None:
            query = query.where(sa.or_(audit_table.c.about == about, audit_table.c.actor == about))
        with self._database.reading() as connection:
            return [_entry(row._asdict()) for row in connection.execute(query)]


def verify(rows: Iterator[dict[str, Any]], noted: tuple[int, str] | None = None) -> tuple[int, str]:
    """The same over rows in the order of their seq."""
    head = (0, START)
    found = noted is None or noted == head
    for row in rows:
        if row["seq"] != head[0] + 1:
            raise DataError("Entry {seq} of the audit log is missing.", mend=_LOOK, seq=head[0] + 1)
        if row["previous"] != head[1] or row["hash"] != _seal(row):
            raise DataError("Entry {seq} of the audit log is not what was written.", mend=_LOOK, seq=row["seq"])
        head = (row["seq"], row["hash"])
        found = found or head == noted
    if noted is not None and not found:
        raise DataError("The audit log does not hold the entry {seq} that was noted.", mend=_LOOK, seq=noted[0])
    return head


def sealed(row: Mapping[str, Any]) -> dict[str, Any]:
    """An entry's row with the hash that covers it."""
    return {**row, "hash": _seal(row)}


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _seal(row: Mapping[str, Any]) -> str:
    covered = {name: row[name] for name in ("seq", "at", "actor", "action", "about", "details", "previous")}
    return sha256(_canonical(covered).encode("utf-8", "surrogatepass")).hexdigest()


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(**{**row, "details": json.loads(row["details"])})
