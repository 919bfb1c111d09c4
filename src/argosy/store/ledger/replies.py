"""Answers kept for retries of the same event; they are no part of the ledger and may be deleted."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from argosy.core.ledger import Reply
from argosy.store.ledger import tables
from argosy.store.writing import put

_PART = 500  # replies deleted in one change, so that it stays short


def keep(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write replies, as ``row`` makes them."""
    put(connection, tables.replies, rows)


def row(tenant: str, event: str, subject: str | None, reply: Reply, expires: int) -> dict[str, Any]:
    """A reply as it is written; ``expires`` in microseconds since the epoch."""
    return {
        "tenant": tenant,
        "event": event,
        "asked": reply.asked,
        "status": reply.status,
        "media_type": reply.media_type,
        "body": reply.body,
        "subject": subject,
        "expires": expires,
    }


def find(connection: sa.Connection, tenant: str, event: str, now: int) -> Reply | None:
    """The reply kept for an event."""
    table = tables.replies
    where = (table.c.tenant == tenant) & (table.c.event == event) & (table.c.expires > now)
    found = connection.execute(sa.select(table).where(where)).first()
    return (
        Reply(asked=found.asked, status=found.status, media_type=found.media_type, body=found.body) if found else None
    )


def expire(connection: sa.Connection, now: int) -> bool:
    """Delete some of the replies that are over; whether there may be more."""
    table = tables.replies
    over = sa.select(table.c.tenant, table.c.event).where(table.c.expires <= now).limit(_PART)
    where = sa.tuple_(table.c.tenant, table.c.event).in_(over)
    return connection.execute(sa.delete(table).where(where)).rowcount == _PART
