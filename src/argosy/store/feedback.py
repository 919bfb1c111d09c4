"""Feedback in the database, append-only."""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from argosy.core.feedback import Feedback
from argosy.core.ledger import Usage
from argosy.store.database import Database, metadata
from argosy.store.ledger import books

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("tenant", sa.String(64), nullable=False),
    sa.Column("event", sa.String(128), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),  # of what was said, so that it is kept once
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("index", sa.Integer, nullable=False),
    sa.Column("label", sa.Text),
    sa.Column("rating", sa.Integer),
    sa.Column("comment", sa.Text),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("tenant", "event", "digest", name="feedback_once"),
    sa.Index("feedback_by_time", "at", "id"),
)
_PAGE = 1_000
_MADE_HERE = ("id", "at")


class FeedbackTable:
    """Keeps feedback."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def charged(self, tenant: str, event: str) -> Usage | None:
        """The answer that was sold to this tenant under this event."""
        with self._database.reading() as connection:
            return books.charged(connection, tenant, event)

    def add(self, said: Feedback) -> "Future[Feedback]":
        """Keep it; the words that were said last of the same text again give what was kept then."""
        place = (feedback.c.tenant == said.tenant) & (feedback.c.event == said.event) & (feedback.c.index == said.index)
        last = sa.select(feedback).where(place).order_by(feedback.c.at.desc(), feedback.c.id.desc()).limit(1)

        def work(connection: sa.Connection) -> Feedback:
            row = connection.execute(last).mappings().one_or_none()
            before = _said(row) if row else None
            if before and _words(before) == _words(said):
                return before
            digest = _digest(said, before.id if before else "")
            connection.execute(sa.insert(feedback).values(digest=digest, **asdict(said)))
            return said

        return self._database.write(work)

    def between(self, start: int, end: int, *, model: str | None = None) -> Iterator[Feedback]:
        """What came from ``start`` on and before ``end``, in order; read in pages."""
        place = sa.tuple_(feedback.c.at, feedback.c.id)
        query = sa.select(feedback).where(feedback.c.at >= start, feedback.c.at < end)
        query = query.order_by(feedback.c.at, feedback.c.id).limit(_PAGE)
        if model is not None:
            query = query.where(feedback.c.model == model)
        page = query
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(page).mappings().all()
            yield from map(_said, rows)
            if len(rows) < _PAGE:
                return
            page = query.where(place > sa.tuple_(rows[-1]["at"], rows[-1]["id"]))


def _words(said: Feedback) -> dict[str, Any]:
    return {name: value for name, value in asdict(said).items() if name not in _MADE_HERE}


def _digest(said: Feedback, after: str) -> str:
    """Of the words and what they follow, so that of two processes that are told them at once one keeps them."""
    return hashlib.sha256(json.dumps([_words(said), after], sort_keys=True).encode()).hexdigest()


def _said(row: sa.RowMapping) -> Feedback:
    return Feedback(**{name: value for name, value in row.items() if name != "digest"})
