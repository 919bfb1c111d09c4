"""Conversations and their turns: a message and what was answered to it are written in one transaction, or neither is.

Several processes may answer one conversation. Who read a state of it that is not the newest any more writes nothing,
and is told so: the answer is then made anew, to all that was said.
"""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from argosy.core.errors import MissingError
from argosy.core.support import Asked, Channel, Conversation, Reply, State, Turn
from argosy.store.database import Database
from argosy.store.support.events import Event, insert
from argosy.store.support.tables import (
    asked_table,
    conversations_table,
    corrections_table,
    events_table,
    turns_table,
)

Clock = Callable[[], int]
_LONGEST_ID = 200  # characters of a channel's own id; of a longer one its digest is kept
_PAGE = 200  # conversations read at a time


class OvertakenError(Exception):
    """Something else was written into the conversation since it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What is to be written: ``seen`` the conversation as it was read (None: a new one), ``after`` as it becomes.

    ``turns`` follow each other from the first free index; the last one is the answer to whoever asks again.
    """

    asked: Asked
    seen: Conversation | None
    after: Conversation
    turns: Sequence[Turn]
    event: Event | None = None


class SqlConversations:
    """The conversations with one model. Times are microseconds since the epoch."""

    def __init__(self, database: Database, model: str) -> None:
        self.database = database
        self.model = model

    def answered(self, asked: Asked) -> Turn | None:
        """The turn that this message was answered with, if it came before."""
        with self.database.reading() as connection:
            return _answered(connection, asked) if asked.id else None

    def conversation(self, name: str) -> Conversation:
        """A conversation; raises MissingError."""
        table = conversations_table.c
        with self.database.reading() as connection:
            return _one(connection, sa.select(conversations_table).where(table.id == name, self._mine()), name)

    def current(self, channel: Channel, peer: str, since: int) -> Conversation | None:
        """The conversation of a peer that is not over and changed last at ``since`` or later."""
        with self.database.reading() as connection:
            return self._current(connection, channel, peer, since)

    def turns(self, name: str, *, after: int = -1) -> list[Turn]:
        """The turns of an index above ``after``, in order."""
        table = turns_table
        query = sa.select(table).where(table.c.conversation == name, table.c.index > after).order_by(table.c.index)
        with self.database.reading() as connection:
            return [_turn(row) for row in connection.execute(query).mappings()]

    def turn(self, name: str) -> Turn:
        """One turn; raises MissingError."""
        table = turns_table
        ours = sa.exists().where(conversations_table.c.id == table.c.conversation, self._mine())
        with self.database.reading() as connection:
            row = connection.execute(sa.select(table).where(table.c.id == name, ours)).mappings().one_or_none()
        if row is None:
            raise MissingError("There is no turn {name!r}.", mend="It may have been removed after its days.", name=name)
        return _turn(row)

    def listed(self, states: Sequence[State], limit: int) -> list[Conversation]:
        """Those in these states, all without any: who waits longest first, then the last changed first."""
        table = conversations_table.c
        query = sa.select(conversations_table).where(self._mine())
        if states:
            query = query.where(table.state.in_(states))
        waits = table.state == "waiting"
        order = (
            sa.case((waits, 0), else_=1),
            sa.case((waits, table.changed), else_=-table.changed),
            table.id,
        )
        with self.database.reading() as connection:
            return [_conversation(row) for row in connection.execute(query.order_by(*order).limit(limit)).mappings()]

    def log(self, exchange: Exchange, since: int) -> Turn:
        """Write an exchange; the answer, or that of another process which was faster with the same message.

        Raises OvertakenError where the conversation is not the one that was read any more; nothing is written then.
        """

        def work(connection: sa.Connection) -> Turn:
            known = _answered(connection, exchange.asked) if exchange.asked.id else None
            if known is not None:
                return known
            self._place(connection, exchange, since)
            connection.execute(turns_table.insert(), [_row(turn) for turn in exchange.turns])
            last = exchange.turns[-1]
            if exchange.asked.id:
                row = {"channel": exchange.asked.channel, "id": _key(exchange.asked.id), "turn": last.id, "at": last.at}
                connection.execute(asked_table.insert(), row)
            if exchange.event is not None:
                insert(connection, exchange.event)
            return last

        try:
            return self.database.write(work).result()
        except sa.exc.IntegrityError as error:  # another process wrote the same place in this moment
            raise OvertakenError from error

    def change(
        self, name: str, alter: Callable[[Conversation], Conversation], event: Event | None = None
    ) -> Conversation:
        """The conversation as ``alter`` leaves it, which may raise; nobody else changes it meanwhile."""

        def work(connection: sa.Connection) -> Conversation:
            before = _locked(connection, name, self.model)
            after = alter(before)
            if after != before:
                _update(connection, after)
                if event is not None:
                    insert(connection, event)
            return after

        return self.database.write(work).result()

    def add(
        self, turn: Turn, alter: Callable[[Conversation], Conversation], event: Callable[[Turn], Event | None]
    ) -> Turn:
        """Write a person's turn behind all others, in the conversation as ``alter`` leaves it."""

        def work(connection: sa.Connection) -> Turn:
            before = _locked(connection, turn.conversation, self.model)
            _update(connection, alter(before))
            placed = replace(turn, index=_next(connection, turn.conversation))
            connection.execute(turns_table.insert(), [_row(placed)])
            told = event(placed)
            if told is not None:
                insert(connection, told)
            return placed

        return self.database.write(work).result()

    def rate(self, name: str, *, helped: bool) -> Turn:
        """Note what the customer says of a turn of the assistant's; the last word counts."""
        turn = self.turn(name)
        change = turns_table.update().where(turns_table.c.id == name).values(helped=helped)
        self.database.write(lambda connection: connection.execute(change).rowcount).result()
        return replace(turn, helped=helped)

    def between(self, start: int, end: int) -> Iterator[tuple[Conversation, list[Turn]]]:
        """Conversations opened from ``start`` on and before ``end`` with their turns, in the order they were opened."""
        table = conversations_table
        query = sa.select(table).where(self._mine(), table.c.opened >= start, table.c.opened < end)
        query = query.order_by(table.c.opened, table.c.id).limit(_PAGE)
        page = query
        while True:
            with self.database.reading() as connection:
                found = [_conversation(row) for row in connection.execute(page).mappings()]
            turns = self._of([one.id for one in found])
            yield from ((one, turns.get(one.id, [])) for one in found)
            if len(found) < _PAGE:
                return
            page = query.where(sa.tuple_(table.c.opened, table.c.id) > sa.tuple_(found[-1].opened, found[-1].id))

    def newest(self, limit: int) -> list[Turn]:
        """The assistant's newest turns, the last one first."""
        table = turns_table
        ours = sa.exists().where(conversations_table.c.id == table.c.conversation, self._mine())
        query = sa.select(table).where(table.c.role == "assistant", ours).order_by(table.c.at.desc(), table.c.id)
        with self.database.reading() as connection:
            return [_turn(row) for row in connection.execute(query.limit(limit)).mappings()]

    def of_peer(self, peer: str) -> list[Conversation]:
        """Every conversation of a peer, the first opened first."""
        table = conversations_table.c
        query = sa.select(conversations_table).where(self._mine(), table.peer == peer).order_by(table.opened)
        with self.database.reading() as connection:
            return [_conversation(row) for row in connection.execute(query).mappings()]

    def peers(self) -> list[str]:
        """Everybody who has a conversation here."""
        query = sa.select(conversations_table.c.peer).where(self._mine()).distinct()
        with self.database.reading() as connection:
            return sorted(connection.scalars(query))

    def forget(self, before: int) -> int:
        """Remove conversations that changed last before ``before``; how many there were. Corrections stay."""
        table = conversations_table.c
        return self._remove(sa.select(table.id).where(self._mine(), table.changed < before), corrections=False)

    def erase(self, names: Sequence[str]) -> int:
        """Remove conversations with all that came of them, corrections too; how many there were."""
        table = conversations_table.c
        return self._remove(sa.select(table.id).where(self._mine(), table.id.in_(names)), corrections=True)

    def _remove(self, wanted: sa.Select[Any], *, corrections: bool) -> int:
        def work(connection: sa.Connection) -> int:
            names = list(connection.scalars(wanted))
            for start in range(0, len(names), _PAGE):
                page = names[start : start + _PAGE]
                _delete(connection, page)
                if corrections:
                    gone = corrections_table.c.conversation.in_(page)
                    connection.execute(corrections_table.delete().where(gone))
            return len(names)

        return self.database.write(work).result()

    def _mine(self) -> sa.ColumnElement[bool]:
        return conversations_table.c.model == self.model

    def _of(self, names: Sequence[str]) -> dict[str, list[Turn]]:
        table = turns_table
        query = sa.select(table).where(table.c.conversation.in_(names)).order_by(table.c.conversation, table.c.index)
        found: dict[str, list[Turn]] = {}
        with self.database.reading() as connection:
            for row in connection.execute(query).mappings():
                found.setdefault(row["conversation"], []).append(_turn(row))
        return found

    def _current(self, connection: sa.Connection, channel: Channel, peer: str, since: int) -> Conversation | None:
        table = conversations_table.c
        query = sa.select(conversations_table).where(
            self._mine(), table.channel == channel, table.peer == peer, table.state != "closed", table.changed >= since
        )
        row = connection.execute(query.order_by(table.opened.desc(), table.id).limit(1)).mappings().one_or_none()
        return _conversation(row) if row else None

    def _place(self, connection: sa.Connection, exchange: Exchange, since: int) -> None:
        """Make or change the conversation; raises OvertakenError where it is not as it was read."""
        after, first = exchange.after, exchange.turns[0].index
        if exchange.seen is None:
            peer = exchange.asked.peer
            if peer and self._current(connection, after.channel, peer, since) is not None:
                raise OvertakenError
            connection.execute(conversations_table.insert(), {**asdict(after), "model": self.model})
            return
        if _locked(connection, after.id, self.model) != exchange.seen or _next(connection, after.id) != first:
            raise OvertakenError
        _update(connection, after)


def new_id(kind: str) -> str:
    """An id that nobody can guess, such as ``con_…``."""
    return f"{kind}_{secrets.token_hex(12)}"


def now() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1000


def _answered(connection: sa.Connection, asked: Asked) -> Turn | None:
    known = sa.select(asked_table.c.turn).where(asked_table.c.channel == asked.channel)
    query = sa.select(turns_table).where(turns_table.c.id.in_(known.where(asked_table.c.id == _key(asked.id))))
    row = connection.execute(query).mappings().one_or_none()
    return _turn(row) if row else None


def _locked(connection: sa.Connection, name: str, model: str) -> Conversation:
    table = conversations_table
    query = sa.select(table).where(table.c.id == name, table.c.model == model).with_for_update()
    return _one(connection, query, name)


def _one(connection: sa.Connection, query: sa.Select[Any], name: str) -> Conversation:
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise MissingError(
            "There is no conversation {name!r}.", mend="It may have been removed after its days.", name=name
        )
    return _conversation(row)


def _next(connection: sa.Connection, name: str) -> int:
    newest = sa.select(sa.func.max(turns_table.c.index)).where(turns_table.c.conversation == name)
    last = connection.scalar(newest)
    return 0 if last is None else int(last) + 1


def _update(connection: sa.Connection, after: Conversation) -> None:
    connection.execute(conversations_table.update().where(conversations_table.c.id == after.id).values(**asdict(after)))


def _delete(connection: sa.Connection, names: Sequence[str]) -> None:
    turns = sa.select(turns_table.c.id).where(turns_table.c.conversation.in_(names))
    connection.execute(asked_table.delete().where(asked_table.c.turn.in_(turns)))
    for table, column in (
        (turns_table, turns_table.c.conversation),
        (events_table, events_table.c.told["conversation"].as_string()),
        (conversations_table, conversations_table.c.id),
    ):
        connection.execute(table.delete().where(column.in_(names)))


def _key(name: str) -> str:
    return name if len(name) <= _LONGEST_ID else sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


def _row(turn: Turn) -> dict[str, Any]:
    names = ("id", "conversation", "index", "role", "text", "at", "helped", "by")
    reply = turn.reply.to_json() if turn.reply else sa.null()
    return {**{name: getattr(turn, name) for name in names}, "reply": reply}


def _turn(row: sa.RowMapping) -> Turn:
    return Turn(**{**row, "reply": Reply.from_json(row["reply"]) if row["reply"] else None})


def _conversation(row: sa.RowMapping) -> Conversation:
    return Conversation(**{name: value for name, value in row.items() if name != "model"})
