"""The messages of alarms on their way: each is tried until its target has taken it, by one process at a time.

A message that is due is claimed, sent and noted. A process that dies between sending and noting leaves a claim that
ends, and the message is sent once more: every message arrives at least once, and carries its alarm's id, by which who
receives it can tell that it is the same.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from argosy.core.watch import Message
from argosy.store.database import Database
from argosy.store.watching.alarms import QUIET, alarm_of, alarms_table, messages_table
from argosy.store.writing import put

_SECOND = 1_000_000
HOLD = 120 * _SECOND
"""Microseconds that a claim lasts: longer than any try to send."""
_FIRST, _LONGEST = 15 * _SECOND, 3600 * _SECOND  # between two tries
_FAR = QUIET + _LONGEST  # nothing is due later than that, unless the clock was put back
_PAGE = 5  # claimed at a time: what is claimed must be sent before the claim ends


class SqlMessages:
    """Hands out messages that are due, and notes what became of them. Times are microseconds since the epoch."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, at: int, target: str) -> list[Message]:
        """Claim some messages to a target that are due; nobody else gets them until ``HOLD`` has passed.

        That an alarm closed is told to a target only after it was told that it opened.
        """
        query = _due(at, target)

        def work(connection: sa.Connection) -> list[Message]:
            claimed = [_message(row) for row in connection.execute(query).all() if _claim(connection, row, at)]
            return [replace(message, due=at + HOLD, tries=message.tries + 1) for message in claimed]

        with self._database.reading() as connection:
            waits = connection.execute(query).first() is not None
        return self._database.write(work).result() if waits else []

    def sent(self, message: Message, at: int) -> "Future[None]":
        """Note that the target took it."""
        change = sa.update(messages_table).where(_is(message)).values(sent=at, error="")

        def work(connection: sa.Connection) -> None:
            connection.execute(change)

        return self._database.write(work)

    def failed(self, message: Message, at: int, error: str) -> "Future[None]":
        """Note why it was not taken; it is tried again, at ever longer intervals, without end."""
        mine = _is(message) & messages_table.c.sent.is_(None) & (messages_table.c.tries == message.tries)
        change = sa.update(messages_table).where(mine).values(due=at + pause(message), error=error[:1000])

        def work(connection: sa.Connection) -> None:
            connection.execute(change)

        return self._database.write(work)

    def readdress(self, targets: Sequence[str], at: int) -> "Future[int]":
        """Send what targets that are named no more have not taken to those that are; how many messages moved.

        So nothing is lost when an address, or the secret in it, is replaced.
        """
        table = messages_table

        def work(connection: sa.Connection) -> int:
            left = table.c.sent.is_(None) & table.c.target.not_in(targets)
            if not targets:
                return 0
            told = connection.execute(sa.select(table.c.alarm, table.c.kind).where(left).distinct()).all()
            fresh = {"due": at, "tries": 0, "sent": None, "error": ""}
            rows = [{**row._asdict(), **fresh, "target": target} for row in told for target in targets]
            put(connection, table, rows, replace=False)
            return int(connection.execute(sa.delete(table).where(left)).rowcount)

        return self._database.write(work)

    def of(self, alarm: str) -> list[Message]:
        """The messages of an alarm."""
        with self._database.reading() as connection:
            query = _joined().where(messages_table.c.alarm == alarm).order_by(messages_table.c.due)
            return [_message(row) for row in connection.execute(query)]


def pause(message: Message) -> int:
    """Microseconds until a message is tried again: doubled with each try up to an hour, less up to a half.

    The part that is taken off is drawn by the message's own digest, so that those that failed together come apart.
    """
    longest = min(_LONGEST, _FIRST << min(message.tries - 1, 20))
    drawn = sha256(f"{message.alarm.id} {message.kind} {message.target} {message.tries}".encode()).digest()
    return longest - longest // 2 * drawn[0] // 256


def _due(at: int, target: str) -> sa.Select[Any]:
    table, before = messages_table, messages_table.alias()
    first = sa.exists().where(
        before.c.alarm == table.c.alarm,
        before.c.target == table.c.target,
        before.c.kind != "closed",
        before.c.sent.is_(None),
    )
    now = (table.c.due <= at) | (table.c.due > at + _FAR)
    ready = table.c.sent.is_(None) & (table.c.target == target) & now & ((table.c.kind != "closed") | ~first)
    return _joined().where(ready).order_by(table.c.due).limit(_PAGE)


def _claim(connection: sa.Connection, row: sa.Row[Any], at: int) -> bool:
    """Whether it is this process that has the message."""
    table = messages_table
    key = (table.c.alarm == row.alarm) & (table.c.kind == row.kind) & (table.c.target == row.target)
    there = key & table.c.sent.is_(None) & (table.c.due == row.due) & (table.c.tries == row.tries)
    change = sa.update(table).where(there).values(due=at + HOLD, tries=row.tries + 1)
    return connection.execute(change).rowcount == 1


def _joined() -> sa.Select[Any]:
    return sa.select(messages_table, alarms_table).join(alarms_table, alarms_table.c.id == messages_table.c.alarm)


def _is(message: Message) -> sa.ColumnElement[bool]:
    table = messages_table.c
    return (table.alarm == message.alarm.id) & (table.kind == message.kind) & (table.target == message.target)


def _message(row: sa.Row[Any]) -> Message:
    return Message(
        alarm=alarm_of(row),
        kind=row.kind,
        target=row.target,
        due=row.due,
        tries=row.tries,
        sent=row.sent,
        error=row.error,
    )
