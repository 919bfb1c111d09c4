"""The log of a recommender: what was heard, in one order that every process follows; what was shown; who is forgotten.

Every change takes the log's turns as the first thing in its transaction, so that writers of several processes stand in
a row and no turn is seen before an earlier one. A forgotten user leaves a keyed digest, by which old files bring
nothing back, and which says nothing to who lacks the key.
"""

import hmac
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from argosy.core.recommend import Change, Event, Heard, Item, Recommendation, Shown
from argosy.store.database import Database, empty_log
from argosy.store.recommend.tables import events_table, forgotten_table, items_table, lists_table, logs_table
from argosy.store.tenants import audit
from argosy.store.writing import put

_SOME = 500  # values of a statement
_AHEAD = 600_000_000  # that a client's clock may be ahead
_LONGEST = 300  # characters of an id
_KIND = 100  # characters of a kind
_LIST = 40  # characters of a list's id
_FIRST, _LAST = -(2**63), 2**63 - 1  # times that a column holds
_SHORT = 16  # of a digest, in the audit log


class SqlRecommendLog:
    """The log of ``model`` in a database; ``secret`` keys the digests of forgotten users, ``clock`` tells the time."""

    def __init__(self, database: Database, model: str, secret: bytes, clock: Callable[[], int]) -> None:
        self._database = database
        self._model = model
        self._secret = secret
        self._clock = clock

    def known_as(self, user: str) -> str:
        """What a forgotten user is known by, as ``Change.forgotten`` tells it."""
        return hmac.digest(self._secret, f"recommend\0{user}".encode("utf-8", "surrogatepass"), sha256).hex()

    def hear(self, events: Sequence[Event]) -> "Future[Heard]":
        """Keep events; see ``RecommendLog``.

        Refused: ``nameless``, ``too_long``, ``unreadable`` (no text, or no time), ``future``, ``unknown_item``, and
        ``forgotten`` (from before the user was).
        """
        now = self._clock()

        def work(connection: sa.Connection) -> Heard:
            turn = self._turn(connection, len(events))
            refused: Counter[str] = Counter()
            faults = [_fault(one, now) for one in events]
            refused.update(fault for fault in faults if fault)
            sound = [one for one, fault in zip(events, faults, strict=True) if not fault]
            known = self._present(connection, items_table.c.id, [one.item for one in sound])
            since = self._forgotten(connection, {one.user for one in sound})
            kept: dict[str, Event] = {}
            for one in sound:
                if one.item not in known:
                    refused["unknown_item"] += 1
                elif one.at <= since.get(one.user, one.at - 1):
                    refused["forgotten"] += 1
                else:
                    kept.setdefault(one.key, one)
            there = self._present(connection, events_table.c.key, list(kept))
            new = [(key, one) for key, one in kept.items() if key not in there]
            rows = [_row(self._model, key, one, turn + place) for place, (key, one) in enumerate(new)]
            put(connection, events_table, rows, replace=False)
            lost = sum(refused.values())
            return Heard(new=len(new), again=len(events) - lost - len(new), refused=dict(refused))

        return self._database.write(work)

    def put(self, items: Sequence[Item]) -> "Future[int]":
        """Keep items, new or changed ones; how many changed anything."""

        def work(connection: sa.Connection) -> int:
            turn = self._turn(connection, len(items))
            latest = {item.id: json.dumps(item.to_json(), ensure_ascii=False) for item in items}
            there = self._told(connection, list(latest))
            changed = [(id_, told) for id_, told in latest.items() if there.get(id_) != (told, False)]
            rows = [
                {"model": self._model, "id": id_, "turn": turn + place, "told": told, "gone": False}
                for place, (id_, told) in enumerate(changed)
            ]
            put(connection, items_table, rows)
            return len(changed)

        return self._database.write(work)

    def remove(self, items: Sequence[str]) -> "Future[int]":
        """Show these no more; how many were there."""

        def work(connection: sa.Connection) -> int:
            turn = self._turn(connection, len(items))
            there = [id_ for id_, (_, gone) in self._told(connection, list(dict.fromkeys(items))).items() if not gone]
            table = items_table
            for place, id_ in enumerate(there):
                where = (table.c.model == self._model) & (table.c.id == id_)
                connection.execute(sa.update(table).where(where).values(gone=True, turn=turn + place))
            return len(there)

        return self._database.write(work)

    def show(self, lists: Sequence[Recommendation]) -> "Future[None]":
        """Keep what was shown, with its chances; not what was made for a user who was forgotten meanwhile."""

        def work(connection: sa.Connection) -> None:
            self._turn(connection, 0)  # whoever is being forgotten is forgotten before, or afterwards
            since = self._forgotten(connection, {one.user for one in lists if one.user})
            kept = [one for one in lists if one.at > since.get(one.user, one.at - 1)]
            put(connection, lists_table, [_list_row(self._model, one) for one in kept])

        return self._database.write(work)

    def after(self, turn: int, most: int) -> Sequence[Change]:
        """Changes behind a turn, in order.

        None beyond the last turn there is when this begins: what is committed between two of the queries would be
        seen by the later one alone, and what the earlier one missed would be passed over.
        """
        with self._database.reading() as connection:
            last = self._last(connection)
            if last <= turn:
                return []
            found = [
                *(
                    Change(turn=row.turn, event=_event(row))
                    for row in self._behind(connection, events_table, turn, last, most)
                ),
                *(_item_change(row) for row in self._behind(connection, items_table, turn, last, most)),
                *(
                    Change(turn=row.turn, forgotten=row.who)
                    for row in self._behind(connection, forgotten_table, turn, last, most)
                ),
            ]
        return sorted(found, key=lambda change: change.turn)[:most]

    def turn(self) -> int:
        """That of the last change; 0 before the first."""
        with self._database.reading() as connection:
            return self._last(connection)

    def history(self, user: str, most: int) -> Sequence[Event]:
        """A user's last events, oldest first."""
        table = events_table
        query = sa.select(table).where(table.c.model == self._model, table.c.user == user)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(table.c.at.desc(), table.c.turn.desc()).limit(most)).all()
        return [_event(row) for row in reversed(rows)]

    def item(self, item: str) -> Item | None:
        """An item, also one that is gone; None where there never was one."""
        with self._database.reading() as connection:
            found = self._told(connection, [item]).get(item)
        return Item.from_json(json.loads(found[0])) if found else None

    def people(self, most: int) -> Sequence[tuple[str, int, int]]:
        """Users of the last events: id, number of events, and when the last was."""
        table, last = events_table, sa.func.max(events_table.c.at)
        query = sa.select(table.c.user, sa.func.count(), last).where(table.c.model == self._model)
        with self._database.reading() as connection:
            rows = connection.execute(query.group_by(table.c.user).order_by(last.desc()).limit(most)).all()
        return [(row[0], row[1], row[2]) for row in rows]

    def lists(self, start: int, stop: int) -> Iterator[tuple[Recommendation, tuple[Event, ...]]]:
        """Lists shown between two moments with the events that they led to, in the order of time."""
        table = lists_table
        query = sa.select(table.c.id, table.c.told).where(
            table.c.model == self._model, table.c.at >= start, table.c.at < stop
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(table.c.at, table.c.id)).all()
        for begin in range(0, len(rows), _SOME):
            some = rows[begin : begin + _SOME]
            led = self._led([row.id for row in some])
            for row in some:
                yield _list(json.loads(row.told)), tuple(led.get(row.id, ()))

    def forget(self, user: str, by: str) -> "Future[Mapping[str, int]]":
        """Remove events and lists of a user; how much of what. The audit log says that ``by`` did it, and not whom."""
        now = self._clock()

        def work(connection: sa.Connection) -> Mapping[str, int]:
            turn = self._turn(connection, 1)
            counts = {}
            for name, table in (("events", events_table), ("lists", lists_table)):
                where = (table.c.model == self._model) & (table.c.user == user)
                counts[name] = connection.execute(sa.delete(table).where(where)).rowcount
            row = {"model": self._model, "who": self.known_as(user), "turn": turn, "at": now}
            put(connection, forgotten_table, [row])
            audit.append(connection, by, "recommend.forget", self.known_as(user)[:_SHORT], counts, clock=self._clock)
            return counts

        return self._database.write(work)

    def purge(self) -> None:
        """Leave no bytes of whom was forgotten in SQLite's files; raises BusyError where readers do not let go.

        To be called when ``forget`` is committed. On PostgreSQL its own vacuum gives the space to other rows.
        """
        if self._database.sqlite:
            empty_log(self._database)

    def remember(self, forgotten: Mapping[str, int]) -> "Future[None]":
        """Know who was forgotten when, by ``known_as``, also where there is nothing of them: old files stay refused."""

        def work(connection: sa.Connection) -> None:
            turn = self._turn(connection, len(forgotten))
            rows = [
                {"model": self._model, "who": who, "turn": turn + place, "at": at}
                for place, (who, at) in enumerate(forgotten.items())
            ]
            put(connection, forgotten_table, rows, replace=False)

        return self._database.write(work)

    def forgotten(self) -> set[str]:
        """Who is forgotten, as ``known_as`` says it."""
        query = sa.select(forgotten_table.c.who).where(forgotten_table.c.model == self._model)
        with self._database.reading() as connection:
            return set(connection.scalars(query))

    def users(self) -> Iterator[str]:
        """Everybody with an event or a list."""
        for table in (events_table, lists_table):
            query = sa.select(table.c.user).where(table.c.model == self._model).distinct()
            with self._database.reading() as connection:
                yield from connection.scalars(query).all()

    def keep(self, days: int) -> "Future[int]":
        """Remove events and lists that are older; how many."""
        before = self._clock() - days * 86_400_000_000

        def work(connection: sa.Connection) -> int:
            return sum(
                connection.execute(sa.delete(table).where(table.c.model == self._model, table.c.at < before)).rowcount
                for table in (events_table, lists_table)
            )

        return self._database.write(work)

    def _turn(self, connection: sa.Connection, count: int) -> int:
        """The first of ``count`` turns; nobody else takes one until the commit."""
        put(connection, logs_table, [{"model": self._model, "turn": 0}], replace=False)
        raised = sa.update(logs_table).where(logs_table.c.model == self._model)
        query = raised.values(turn=logs_table.c.turn + count).returning(logs_table.c.turn)
        return int(connection.execute(query).scalar_one()) - count + 1

    def _last(self, connection: sa.Connection) -> int:
        query = sa.select(logs_table.c.turn).where(logs_table.c.model == self._model)
        return int(connection.scalar(query) or 0)

    def _behind(self, connection: sa.Connection, table: sa.Table, turn: int, last: int, most: int) -> Sequence[Any]:
        query = sa.select(table).where(table.c.model == self._model, table.c.turn > turn, table.c.turn <= last)
        return connection.execute(query.order_by(table.c.turn).limit(most)).all()

    def _present(self, connection: sa.Connection, column: "sa.Column[str]", values: Sequence[str]) -> set[str]:
        """Those of the values that stand in a column."""
        found: set[str] = set()
        distinct = list(dict.fromkeys(values))
        for begin in range(0, len(distinct), _SOME):
            some = distinct[begin : begin + _SOME]
            query = sa.select(column).where(column.table.c.model == self._model, column.in_(some))
            found.update(connection.scalars(query))
        return found

    def _told(self, connection: sa.Connection, items: Sequence[str]) -> dict[str, tuple[str, bool]]:
        table = items_table
        found: dict[str, tuple[str, bool]] = {}
        for begin in range(0, len(items), _SOME):
            where = (table.c.model == self._model) & table.c.id.in_(items[begin : begin + _SOME])
            for row in connection.execute(sa.select(table.c.id, table.c.told, table.c.gone).where(where)):
                found[row.id] = (row.told, row.gone)
        return found

    def _forgotten(self, connection: sa.Connection, users: set[str]) -> dict[str, int]:
        """When those of the users that were forgotten were."""
        names = {self.known_as(user): user for user in users}
        table, known = forgotten_table, list(names)
        found: dict[str, int] = {}
        for begin in range(0, len(known), _SOME):
            where = (table.c.model == self._model) & table.c.who.in_(known[begin : begin + _SOME])
            for row in connection.execute(sa.select(table.c.who, table.c.at).where(where)):
                found[names[row.who]] = row.at
        return found

    def _led(self, lists: Sequence[str]) -> dict[str, list[Event]]:
        table = events_table
        found: dict[str, list[Event]] = {}
        query = sa.select(table).where(table.c.model == self._model, table.c.shown.in_(lists))
        with self._database.reading() as connection:
            for row in connection.execute(query.order_by(table.c.at, table.c.turn)):
                found.setdefault(row.shown, []).append(_event(row))
        return found


def _fault(event: Event, now: int) -> str:
    said = (event.user, event.item, event.kind, event.shown, event.given)
    if not all(map(_readable, said)) or not _FIRST <= event.at <= _LAST:
        return "future" if event.at > _LAST else "unreadable"
    if not event.user.strip() or not event.item.strip():
        return "nameless"
    if max(len(event.user), len(event.item)) > _LONGEST or len(event.kind) > _KIND or len(event.shown) > _LIST:
        return "too_long"
    return "future" if event.at > now + _AHEAD else ""


def _readable(text: str) -> bool:
    """Whether both databases hold it: no zero, no half of a pair."""
    return "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


def _list_row(model: str, one: Recommendation) -> dict[str, Any]:
    told = json.dumps(one.to_json(), ensure_ascii=False)
    return {"model": model, "id": one.id, "user": one.user, "at": one.at, "arm": one.arm, "told": told}


def _row(model: str, key: str, event: Event, turn: int) -> dict[str, Any]:
    said = {name: getattr(event, name) for name in ("user", "item", "kind", "at", "shown")}
    return {"model": model, "key": key, "turn": turn, **said}


def _event(row: Any) -> Event:
    return Event(user=row.user, item=row.item, kind=row.kind, at=row.at, shown=row.shown)


def _item_change(row: Any) -> Change:
    if row.gone:
        return Change(turn=row.turn, gone=row.id)
    return Change(turn=row.turn, item=Item.from_json(json.loads(row.told)))


def _list(told: Mapping[str, Any]) -> Recommendation:
    return Recommendation(**{**told, "items": tuple(Shown(**one) for one in told["items"])})
