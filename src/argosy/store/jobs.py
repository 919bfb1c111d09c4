"""Files and batches in the database; a batch is worked on by who holds its claim, and by nobody else."""

import json
import secrets
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa

from argosy.core.jobs import ENDED, OPEN, Batch, File, Problem, Progress
from argosy.store.database import Database, metadata

files = sa.Table(
    "files",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("tenant", sa.String(64), nullable=False),
    sa.Column("purpose", sa.String(16), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False),
    sa.Index("files_by_tenant", "tenant", "created", "id"),
    sa.Index("files_by_end", "expires"),
)
batches = sa.Table(
    "batches",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("tenant", sa.String(64), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("claim", sa.String(64)),
    sa.Column("held_until", sa.BigInteger, nullable=False),
    sa.Column("claims", sa.Integer, nullable=False),
    sa.Column("told", sa.Text, nullable=False),  # the rest of the record, as JSON
    sa.Index("batches_by_tenant", "tenant", "created", "id"),
    sa.Index("batches_by_status", "status", "held_until"),
)
_LEAST = 16 * 1024  # bytes that a file counts for
_OWN = ("id", "tenant", "status", "claim", "claims")


class FileTable:
    """What is known of files."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, file: File) -> "Future[None]":
        """Know a file."""
        return self._database.write(lambda connection: _insert(connection, [file]))

    def get(self, tenant: str, file: str) -> File | None:
        """A file of this tenant."""
        with self._database.reading() as connection:
            row = connection.execute(_of(files, tenant, file)).mappings().one_or_none()
        return _file(row) if row else None

    def page(
        self, tenant: str, *, purpose: str | None = None, after: str | None = None, limit: int, newest: bool = True
    ) -> list[File]:
        """At most ``limit`` files that follow the file ``after``."""
        query = _page(files, tenant, after, limit, newest=newest)
        if purpose is not None:
            query = query.where(files.c.purpose == purpose)
        with self._database.reading() as connection:
            return [_file(row) for row in connection.execute(query).mappings()]

    def drop(self, tenant: str, file: str) -> "Future[bool]":
        """Forget a file; whether there was one."""
        gone = sa.delete(files).where(files.c.tenant == tenant, files.c.id == file)
        return self._database.write(lambda connection: connection.execute(gone).rowcount > 0)

    def stored(self, tenant: str) -> int:
        """The bytes of all files of a tenant, each counted as 16 KiB at least: so their number is bounded too."""
        taken = sa.case((files.c.bytes < _LEAST, _LEAST), else_=files.c.bytes)
        query = sa.select(sa.func.coalesce(sa.func.sum(taken), 0)).where(files.c.tenant == tenant)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def expired(self, now: int, limit: int) -> list[File]:
        """Files whose time is over, of all tenants."""
        query = sa.select(files).where(files.c.expires <= now).order_by(files.c.expires).limit(limit)
        with self._database.reading() as connection:
            return [_file(row) for row in connection.execute(query).mappings()]


class BatchTable:
    """What is known of batches."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, batch: Batch) -> "Future[None]":
        """Know a batch, which waits to be claimed."""
        row = _row(batch) | {"id": batch.id, "tenant": batch.tenant, "created": batch.at["validating"], "held_until": 0}

        def work(connection: sa.Connection) -> None:
            connection.execute(sa.insert(batches).values(row))

        return self._database.write(work)

    def get(self, tenant: str, batch: str) -> Batch | None:
        """A batch of this tenant."""
        with self._database.reading() as connection:
            row = connection.execute(_of(batches, tenant, batch)).one_or_none()
        return _batch(row) if row else None

    def page(self, tenant: str, *, after: str | None = None, limit: int) -> list[Batch]:
        """At most ``limit`` batches older than the batch ``after``, the newest first."""
        with self._database.reading() as connection:
            return [_batch(row) for row in connection.execute(_page(batches, tenant, after, limit, newest=True))]

    def cancel(self, tenant: str, batch: str, at: int) -> "Future[Batch | None]":
        """Ask for a batch to stop."""

        def work(connection: sa.Connection) -> Batch | None:
            row = connection.execute(_of(batches, tenant, batch).with_for_update()).one_or_none()
            if row is None:
                return None
            found = _batch(row)
            if found.status in ENDED or found.status == "cancelling":
                return found
            asked = replace(found, status="cancelling", at={**found.at, "cancelling": at})
            _update(connection, asked, row.held_until)
            return asked

        return self._database.write(work)

    def waits(self, now: int) -> bool:
        """Whether there is a batch to claim."""
        with self._database.reading() as connection:
            return bool(connection.execute(sa.select(sa.exists().where(_free(now)))).scalar_one())

    def claim(self, now: int, until: int) -> "Future[Batch | None]":
        """A batch that waits, or whose claim is over; the tenant with the fewest batches in work comes first."""

        def work(connection: sa.Connection) -> Batch | None:
            row = connection.execute(_waiting(now)).first()
            if row is None:
                return None
            mine = replace(_batch(row), claim=f"claim_{secrets.token_hex(12)}", claims=row.claims + 1)
            _update(connection, mine, until)
            return mine

        return self._database.write(work)

    def keep(self, batch: Batch, until: int) -> "Future[Batch | None]":
        """Store how far a claimed batch is and hold it longer."""

        def work(connection: sa.Connection) -> Batch | None:
            row = _held(connection, batch)
            if row is None:
                return None
            known = _batch(row)
            kept = replace(batch, status=known.status, at=known.at) if known.status == "cancelling" else batch
            moved = kept.progress.done > known.progress.done or kept.status != known.status
            kept = replace(kept, claims=0 if moved else known.claims, claim=batch.claim if until else None)
            _update(connection, kept, until)
            return kept

        return self._database.write(work)

    def finish(self, batch: Batch, files: Sequence[File]) -> "Future[bool]":
        """Store the end of a claimed batch and its files, together."""

        def work(connection: sa.Connection) -> bool:
            if _held(connection, batch) is None:
                return False
            _insert(connection, files)
            _update(connection, replace(batch, claim=None, files=frozenset(file.id for file in files)), 0)
            return True

        return self._database.write(work)


def _insert(connection: sa.Connection, known: Sequence[File]) -> None:
    if known:
        connection.execute(sa.insert(files), [asdict(file) for file in known])


def _of(table: sa.Table, tenant: str, key: str) -> "sa.Select[Any]":
    return sa.select(table).where(table.c.tenant == tenant, table.c.id == key)


def _page(table: sa.Table, tenant: str, after: str | None, limit: int, *, newest: bool) -> "sa.Select[Any]":
    place = sa.tuple_(table.c.created, table.c.id)
    query = sa.select(table).where(table.c.tenant == tenant).limit(limit)
    query = query.order_by(*((c.desc() if newest else c.asc()) for c in (table.c.created, table.c.id)))
    if after is None:
        return query
    last = sa.select(table.c.created, table.c.id).where(table.c.tenant == tenant, table.c.id == after).scalar_subquery()
    return query.where(place < last if newest else place > last)


def _waiting(now: int) -> "sa.Select[Any]":
    other = batches.alias()
    busy = (
        sa.select(sa.func.count())
        .where(other.c.tenant == batches.c.tenant, other.c.held_until > now, other.c.claim.is_not(None))
        .scalar_subquery()
    )
    query = sa.select(batches).where(_free(now)).order_by(busy, batches.c.created, batches.c.id).limit(1)
    return query.with_for_update(skip_locked=True)


def _free(now: int) -> sa.ColumnElement[bool]:
    return batches.c.status.in_(sorted(OPEN)) & (batches.c.held_until <= now)


def _held(connection: sa.Connection, batch: Batch) -> "sa.Row[Any] | None":
    """The row of a batch whose claim is still the one that ``batch`` has."""
    row = connection.execute(_of(batches, batch.tenant, batch.id).with_for_update()).one()
    return row if row.claim == batch.claim else None


def _update(connection: sa.Connection, batch: Batch, until: int) -> None:
    connection.execute(sa.update(batches).where(batches.c.id == batch.id).values(held_until=until, **_row(batch)))


def _row(batch: Batch) -> dict[str, Any]:
    told = {name: value for name, value in asdict(batch).items() if name not in _OWN}
    text = json.dumps({**told, "files": sorted(batch.files)}, ensure_ascii=False)
    return {"status": batch.status, "claim": batch.claim, "claims": batch.claims, "told": text}


def _batch(row: "sa.Row[Any]") -> Batch:
    told = json.loads(row.told)
    told["progress"] = Progress(**told["progress"])
    told["problems"] = tuple(Problem(**problem) for problem in told["problems"])
    told["files"] = frozenset(told["files"])
    return Batch(**told, **{name: getattr(row, name) for name in _OWN})


def _file(row: sa.RowMapping) -> File:
    return File(**row)
