"""Who has signed in to the page of their tenant: random tokens, kept as hashes, that stand for a key for some hours."""

import secrets
from concurrent.futures import Future

import sqlalchemy as sa

from argosy.core.secret import digest
from argosy.store.database import Database
from argosy.store.tenants.accounts import Clock, now, secrets_table, sessions_table

_HOURS = 8
_LIFE = _HOURS * 3600 * 1_000_000  # microseconds
_MOST = 20  # sessions of one key at once


class SqlSessions:
    """The sessions; those that are over are removed when another begins."""

    def __init__(self, database: Database, *, clock: Clock = now) -> None:
        self._database = database
        self._clock = clock

    def open(self, key: str, secret: str) -> "Future[str]":
        """A new token that stands for the key for some hours, and no longer than ``secret``, which it was opened with.

        The oldest of too many ends.
        """
        token, at = secrets.token_urlsafe(32), self._clock()

        def work(connection: sa.Connection) -> str:
            table = sessions_table
            ends = connection.scalar(sa.select(secrets_table.c.until).where(secrets_table.c.digest == digest(secret)))
            until = at + _LIFE if ends is None else min(at + _LIFE, ends)
            newest = sa.select(table.c.digest).where(table.c.key == key).order_by(table.c.until.desc()).limit(_MOST - 1)
            kept = connection.scalars(newest).all()
            over = sa.or_(table.c.until <= at, sa.and_(table.c.key == key, table.c.digest.not_in(kept)))
            connection.execute(table.delete().where(over))
            connection.execute(table.insert().values(digest=digest(token), key=key, until=until))
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
