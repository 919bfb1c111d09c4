"""Who has signed in to the page of their tenant: random tokens, kept as hashes, that stand for a key for some hours."""

import secrets
from concurrent.futures import Future

import sqlalchemy as sa

from argosy.core.secret import digest
from argosy.store.accounts import Clock, now
from argosy.store.database import Database, metadata

_HOURS = 8
_LIFE = _HOURS * 3600 * 1_000_000  # microseconds

sessions_table = sa.Table(
    "sessions",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(64), sa.ForeignKey("keys.id"), nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False, index=True),
)


class SqlSessions:
    """The sessions; those that are over are removed when another begins."""

    def __init__(self, database: Database, *, clock: Clock = now) -> None:
        self._database = database
        self._clock = clock

    def open(self, key: str) -> "Future[str]":
        """A new token that stands for the key for some hours."""
        token, at = secrets.token_urlsafe(32), self._clock()

        def work(connection: sa.Connection) -> str:
            connection.execute(sessions_table.delete().where(sessions_table.c.until <= at))
            connection.execute(sessions_table.insert().values(digest=digest(token), key=key, until=at + _LIFE))
            return token

        return self._database.write(work)

    def find(self, token: str) -> str | None:
        """The id of the key that a token stands for; None once it is over."""
        query = sa.select(sessions_table.c.key).where(
            sessions_table.c.digest == digest(token), sessions_table.c.until > self._clock()
        )
        with self._database.reading() as connection:
            key: str | None = connection.execute(query).scalar_one_or_none()
        return key

    def close(self, token: str) -> "Future[None]":
        """End a session."""

        def work(connection: sa.Connection) -> None:
            connection.execute(sessions_table.delete().where(sessions_table.c.digest == digest(token)))

        return self._database.write(work)
