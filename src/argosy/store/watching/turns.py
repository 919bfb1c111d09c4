"""Whose turn it is to do a job that several processes know of, and that is done once each time it is due."""

from concurrent.futures import Future

import sqlalchemy as sa

from argosy.store.database import Database, metadata
from argosy.store.writing import put

_BACK = 300_000_000  # µs: a job that was taken later than that from now tells of a clock that was put back

turns_table = sa.Table(
    "watch_turns",
    metadata,
    sa.Column("job", sa.String(200), primary_key=True),
    sa.Column("taken", sa.BigInteger, nullable=False),
    sa.Column("due", sa.BigInteger, nullable=False),
)


class SqlTurns:
    """Jobs by name, and when each is due again. Times are microseconds since the epoch."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, job: str, at: int, until: int, *, first: int) -> bool:
        """Take a job that is due; whether it is this process that does it. One that nobody knew is due ``first`` then.

        It is due again at ``until``, unless ``put_off`` says otherwise: a process that dies leaves it to the next.
        """
        table = turns_table
        early = (table.c.due > at) & (table.c.taken <= at + _BACK)

        def work(connection: sa.Connection) -> bool:
            put(connection, table, [{"job": job, "taken": at, "due": first}], replace=False)
            change = sa.update(table).where(table.c.job == job, ~early).values(taken=at, due=until)
            return connection.execute(change).rowcount == 1

        with self._database.reading() as connection:
            waits = connection.execute(sa.select(table.c.job).where(table.c.job == job, early)).first()
        return waits is None and self._database.write(work).result()

    def put_off(self, job: str, due: int) -> "Future[None]":
        """Say when a job that was taken is due again."""
        change = sa.update(turns_table).where(turns_table.c.job == job).values(due=due)

        def work(connection: sa.Connection) -> None:
            connection.execute(change)

        return self._database.write(work)
