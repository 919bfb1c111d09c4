"""Counts of traffic: a row for each worker, slot, version and tenant."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import asdict

import sqlalchemy as sa

from argosy.core.signals import Tally
from argosy.store.database import Database, metadata
from argosy.store.writing import put

tallies_table = sa.Table(
    "watch_tallies",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("model", sa.String(200), nullable=False),
    sa.Column("version", sa.String(64), nullable=False),
    sa.Column("tenant", sa.String(64), nullable=False),
    sa.Column("host", sa.String(200), nullable=False),
    sa.Column("start", sa.BigInteger, nullable=False, index=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("counts", sa.JSON, nullable=False),
)
_PAGE = 1_000


class SqlSignals:
    """Keeps tallies in the database; several processes may use one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, tallies: Sequence[Tally]) -> "Future[None]":
        """Keep these, each in the place of the one with its id; all of them or none."""
        rows = [{**asdict(one), "counts": dict(one.counts)} for one in tallies]
        return self._database.write(lambda connection: put(connection, tallies_table, rows))

    def between(self, start: int, end: int) -> Iterator[Tally]:
        """Those of slots that begin from ``start`` on and before ``end``, by their slots; read in pages."""
        table = tallies_table.c
        place = sa.tuple_(table.start, table.id)
        query = sa.select(tallies_table).where(table.start >= start, table.start < end)
        query = query.order_by(table.start, table.id).limit(_PAGE)
        page = query
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(page).mappings().all()
            yield from (Tally(**row) for row in rows)
            if len(rows) < _PAGE:
                return
            page = query.where(place > sa.tuple_(rows[-1]["start"], rows[-1]["id"]))

    def forget(self, before: int) -> int:
        """Remove those of slots before ``before``, some at a time so that nobody waits; how many there were."""
        table = tallies_table.c
        oldest = sa.select(table.id).where(table.start < before).order_by(table.start).limit(_PAGE)
        remove = sa.delete(tallies_table).where(table.id.in_(oldest))
        gone = 0
        while found := self._database.write(lambda connection: connection.execute(remove).rowcount).result():
            gone += found
        return gone
