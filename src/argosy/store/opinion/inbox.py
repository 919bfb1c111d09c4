"""Posts that came in by themselves, kept until the log has them: what the webhook took is not lost."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from argosy.core.opinion import Batch, Post
from argosy.store.database import Database
from argosy.store.opinion.tables import ids_table, inbox_table
from argosy.store.writing import put

_WAIT = 0.5  # s that a poll waits for posts that come in by another process
_SOME = 1_000  # values of a statement


class SqlInbox:
    """A durable queue, and the ``Source`` that empties it."""

    def __init__(self, database: Database, model: str, name: str) -> None:
        self._database = database
        self._model = model
        self._name = name
        self._came = threading.Event()

    @property
    def name(self) -> str:
        """Its name in the project file."""
        return self._name

    def put(self, posts: Sequence[Post]) -> int:
        """Keep posts; how many of them are new. They survive the end of the process when this returns."""
        by_id = {post.id: post for post in posts}
        if not by_id:
            return 0

        def work(connection: sa.Connection) -> int:
            known = self._known(connection, list(by_id))
            fresh = [name for name in by_id if name not in known]
            last = connection.scalar(sa.select(sa.func.max(inbox_table.c.number)).where(self._mine())) or 0
            common = {"model": self._model, "source": self._name}
            rows = [
                {**common, "id": name, "number": last + place, "post": asdict(by_id[name])}
                for place, name in enumerate(fresh, 1)
            ]
            put(connection, inbox_table, rows, replace=False)
            return len(fresh)

        new = self._database.write(work).result()
        self._came.set()
        return new

    def poll(self, offsets: Mapping[str, str], most: int) -> Batch:  # noqa: ARG002 - what is kept here needs no place
        """The posts that wait longest; waits a moment where there is none."""
        self._came.clear()
        rows = self._waiting(most)
        if not rows and self._came.wait(_WAIT):
            rows = self._waiting(most)
        posts = [Post(**row.post) for row in rows]
        return Batch(posts=posts, more=len(rows) == most, token=[row.id for row in rows])

    def kept(self, batch: Batch) -> None:
        """The batch is in the log: its posts wait no more."""
        names: Sequence[str] = batch.token or ()

        def work(connection: sa.Connection) -> None:
            for start in range(0, len(names), _SOME):
                some = inbox_table.c.id.in_(names[start : start + _SOME])
                connection.execute(sa.delete(inbox_table).where(self._mine(), some))

        if names:
            self._database.write(work).result()

    def close(self) -> None:
        """A poll that waits ends."""
        self._came.set()

    def _known(self, connection: sa.Connection, names: Sequence[str]) -> set[str]:
        """Those that wait here, or are in the log."""
        found: set[str] = set()
        for start in range(0, len(names), _SOME):
            some = names[start : start + _SOME]
            in_log = (ids_table.c.model == self._model) & ids_table.c.id.in_(some)
            found.update(connection.scalars(sa.select(ids_table.c.id).where(in_log)))
            found.update(
                connection.scalars(sa.select(inbox_table.c.id).where(self._mine(), inbox_table.c.id.in_(some)))
            )
        return found

    def _waiting(self, most: int) -> Sequence[sa.Row[Any, Any]]:
        query = sa.select(inbox_table.c.id, inbox_table.c.post).where(self._mine())
        with self._database.reading() as connection:
            return connection.execute(query.order_by(inbox_table.c.number, inbox_table.c.id).limit(most)).all()

    def _mine(self) -> sa.ColumnElement[bool]:
        return (inbox_table.c.model == self._model) & (inbox_table.c.source == self._name)
