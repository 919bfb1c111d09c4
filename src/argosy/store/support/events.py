"""What is told to the outside on its way: each event is tried until its target took it, by one process at a time.

An event that is due is claimed, sent and noted. A process that dies between sending and noting leaves a claim that
ends, and the event is sent once more: it arrives at least once, and carries its id, by which who receives it can tell.
"""

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from argosy.store.database import Database
from argosy.store.support.tables import events_table
from argosy.store.writing import put

_SECOND = 1_000_000
HOLD = 120 * _SECOND
"""Microseconds that a claim lasts: longer than all tries to send what is claimed at a time."""
_FIRST, _LONGEST = 5 * _SECOND, 3600 * _SECOND  # between two tries
_PAGE = 5  # claimed at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """``told`` goes to ``target``, the digest of an address, when it is ``due``; ``sent`` None: not yet."""

    id: str
    target: str
    told: Mapping[str, Any]
    due: int
    tries: int = 0
    sent: int | None = None
    error: str = ""


class SqlEvents:
    """Hands out events that are due, and notes what became of them. Times are microseconds since the epoch."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, at: int, target: str) -> list[Event]:
        """Claim some events for a target that are due; nobody else gets them until ``HOLD`` has passed."""
        table = events_table
        now = (table.c.due <= at) | (table.c.due > at + HOLD + _LONGEST)  # or the clock was put back
        query = sa.select(table).where(table.c.target == target, table.c.sent.is_(None), now)
        query = query.order_by(table.c.due, table.c.id).limit(_PAGE)

        def work(connection: sa.Connection) -> list[Event]:
            found = [_event(row) for row in connection.execute(query).mappings().all()]
            return [
                replace(one, due=at + HOLD, tries=one.tries + 1) for one in found if _claim(connection, one, at + HOLD)
            ]

        with self._database.reading() as connection:
            waits = connection.execute(query).first() is not None
        return self._database.write(work).result() if waits else []

    def sent(self, event: Event, at: int) -> "Future[None]":
        """Note that the target took it."""
        return self._set(event, sent=at, error="")

    def failed(self, event: Event, at: int, error: str) -> "Future[None]":
        """Note why it was not taken; it is tried again, at ever longer intervals, without end."""
        return self._set(event, due=at + pause(event), error=error[:1000])

    def forget(self, before: int) -> int:
        """Remove events that were due before ``before``, sent or given up by then; how many there were."""
        gone = events_table.delete().where(events_table.c.due < before)
        return self._database.write(lambda connection: connection.execute(gone).rowcount).result()

    def all(self) -> list[Event]:
        """Every event, in the order they are due."""
        query = sa.select(events_table).order_by(events_table.c.due, events_table.c.id)
        with self._database.reading() as connection:
            return [_event(row) for row in connection.execute(query).mappings()]

    def _set(self, event: Event, **values: Any) -> "Future[None]":
        table = events_table
        mine = (table.c.id == event.id) & (table.c.target == event.target) & (table.c.tries == event.tries)
        change = table.update().where(mine, table.c.sent.is_(None)).values(**values)

        def work(connection: sa.Connection) -> None:
            connection.execute(change)

        return self._database.write(work)


def insert(connection: sa.Connection, event: Event) -> None:
    """Keep an event within a transaction; one that is there already stays as it is."""
    put(connection, events_table, [asdict(event)], replace=False)


def pause(event: Event) -> int:
    """Microseconds until an event is tried again: doubled with each try up to an hour, less up to a half.

    The part that is taken off is drawn by the event's own digest, so that those that failed together come apart.
    """
    longest = min(_LONGEST, _FIRST << min(event.tries - 1, 20))
    drawn = sha256(f"{event.id} {event.tries}".encode()).digest()
    return longest - longest // 2 * drawn[0] // 256


def _claim(connection: sa.Connection, event: Event, until: int) -> bool:
    """Whether it is this process that has the event."""
    table = events_table
    there = (table.c.id == event.id) & table.c.sent.is_(None) & (table.c.tries == event.tries)
    change = table.update().where(there, table.c.due == event.due).values(due=until, tries=event.tries + 1)
    return connection.execute(change).rowcount == 1


def _event(row: sa.RowMapping) -> Event:
    return Event(**row)
