"""Alarms, what the last look at each model found, and the rule that a signal which flutters is no storm of messages.

An alarm, its messages, its entry in the audit log and the look that found it stand or fall together: a process that is
killed leaves all of them or none, and of two processes that judge the same period one does nothing.
"""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from argosy.core.errors import MissingError
from argosy.core.watch import Alarm, Finding, Kind
from argosy.store.database import Database, metadata
from argosy.store.tenants import audit
from argosy.store.writing import put

QUIET = 6 * 3_600_000_000
"""Microseconds: an alarm that opens so soon after one like it closed is told as ``again``, once. From then on nothing
is told of the signal until it stayed closed as long: however it flutters, an address is told four times at most."""
_ACTOR = "argosy watch"

alarms_table = sa.Table(
    "watch_alarms",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("model", sa.String(200), nullable=False),
    sa.Column("signal", sa.String(64), nullable=False),
    sa.Column("slice", sa.Text, nullable=False),
    sa.Column("opened", sa.BigInteger, nullable=False, index=True),
    sa.Column("again", sa.Integer, nullable=False),
    sa.Column("closed", sa.BigInteger),
    sa.Column("acknowledged", sa.BigInteger),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("usual", sa.Boolean, nullable=False),
    sa.Column("finding", sa.JSON, nullable=False),
    sa.Column("owner", sa.String(200), nullable=False, server_default=""),
)
open_once = sa.Index(
    "watch_alarms_open",
    alarms_table.c.model,
    alarms_table.c.signal,
    alarms_table.c.slice,
    unique=True,
    sqlite_where=alarms_table.c.closed.is_(None),
    postgresql_where=alarms_table.c.closed.is_(None),
)
messages_table = sa.Table(
    "watch_messages",
    metadata,
    sa.Column("alarm", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("target", sa.String(64), primary_key=True),  # a digest: an address may hold a secret
    sa.Column("due", sa.BigInteger, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("sent", sa.BigInteger),
    sa.Column("error", sa.Text, nullable=False),
)
looks_table = sa.Table(
    "watch_looks",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("through", sa.BigInteger, nullable=False),  # the end of the last period that was judged
    sa.Column("found", sa.JSON, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look at a model found ``at`` a time, and the end of the last period that it judged; ``found`` is JSON."""

    model: str
    at: int
    through: int
    found: Mapping[str, Any]


class SqlAlarms:
    """Keeps alarms; several processes may use one database. Times are microseconds since the epoch."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def looked(self, model: str) -> Looked | None:
        """What the last look at a model found."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(looks_table).where(looks_table.c.model == model)).one_or_none()
        return Looked(**row._asdict()) if row else None

    def looks(self) -> list[Looked]:
        """What the last look at each model found."""
        with self._database.reading() as connection:
            return [Looked(**row._asdict()) for row in connection.execute(sa.select(looks_table).order_by("model"))]

    def conclude(
        self,
        looked: Looked,
        *,
        before: int | None,
        found: Sequence[Finding] = (),
        back: Sequence[str] = (),
        targets: Sequence[str] = (),
    ) -> "Future[list[Alarm] | None]":
        """Keep a look, open alarms for what it ``found`` and close those (by id) whose signals are ``back``.

        ``before`` is the end of the last period that had been judged (None: none had). Gives the alarms that are new,
        without those of which one like it is open; None, and does nothing, where another process judged meanwhile.
        """

        def work(connection: sa.Connection) -> list[Alarm] | None:
            if not _advance(connection, looked, before):
                return None
            for alarm in back:
                _close(connection, alarm, looked.at, targets)
            opened = [_open(connection, finding, looked.at, targets) for finding in found]
            return [alarm for alarm in opened if alarm]

        return self._database.write(work)

    def open(self, finding: Finding, *, at: int, targets: Sequence[str] = ()) -> "Future[Alarm | None]":
        """A new alarm, with a message to each target; None where one of this model, signal and slice is open."""
        return self._database.write(lambda connection: _open(connection, finding, at, targets))

    def announce(self, alarm: str, *, at: int, targets: Sequence[str]) -> "Future[None]":
        """Tell the targets of an open alarm that were not told of it: it was opened for the pages alone."""
        told = {"alarm": alarm, "kind": "opened", "due": at, "tries": 0, "sent": None, "error": ""}
        there = sa.select(alarms_table.c.id).where(alarms_table.c.id == alarm, alarms_table.c.closed.is_(None))

        def work(connection: sa.Connection) -> None:
            if connection.scalar(there) is not None:
                rows = [{**told, "target": target} for target in dict.fromkeys(targets)]
                put(connection, messages_table, rows, replace=False)

        return self._database.write(work)

    def close(self, alarm: str, *, at: int, targets: Sequence[str] = (), by: str = _ACTOR) -> "Future[bool]":
        """Close an alarm, with a message to each target; False where it is not open. ``by`` is a person, if one did.

        One like it may open again at once, where its signal has not come back.
        """
        return self._database.write(lambda connection: _close(connection, alarm, at, targets, by))

    def assign(self, alarm: str, owner: str, by: str, *, at: int) -> "Future[Alarm]":
        """Say who deals with it, an empty name: nobody; raises MissingError for an alarm that is not known."""
        table = alarms_table
        another = (table.c.id == alarm) & (table.c.owner != owner)

        def work(connection: sa.Connection) -> Alarm:
            moved = connection.execute(sa.update(table).where(another).values(owner=owner)).rowcount
            row = connection.execute(_one(alarm)).one_or_none()
            if row is None:
                raise _unknown(alarm)
            if moved:
                audit.append(connection, by, "alarm.assign", alarm, {"owner": owner}, clock=lambda: at)
            return alarm_of(row)

        return self._database.write(work)

    def acknowledge(
        self, alarm: str, by: str, *, at: int, usual: bool = False, targets: Sequence[str] = ()
    ) -> "Future[Alarm]":
        """Note that somebody has seen it; the first one's name stays.

        ``usual`` says that the level since the alarm began is the usual one from now on: it is closed, and the
        signal's baseline begins anew (see ``restarts``). Raises MissingError for an alarm that is not known.
        """
        table = alarms_table

        def work(connection: sa.Connection) -> Alarm:
            first = (table.c.id == alarm) & table.c.acknowledged.is_(None)
            seen = connection.execute(sa.update(table).where(first).values(acknowledged=at, by=by)).rowcount
            fresh = (table.c.id == alarm) & ~table.c.usual
            moved = usual and connection.execute(sa.update(table).where(fresh).values(usual=True)).rowcount
            if moved:
                _close(connection, alarm, at, targets)
            row = connection.execute(_one(alarm)).one_or_none()
            if row is None:
                raise _unknown(alarm)
            if seen or moved:
                audit.append(connection, by, "alarm.acknowledge", alarm, {"usual": usual}, clock=lambda: at)
            return alarm_of(row)

        return self._database.write(work)

    def all(self, *, model: str | None = None, still: bool = False, limit: int = 1000) -> list[Alarm]:
        """Alarms, the newest first: of a model, or of all; ``still`` open alone."""
        table = alarms_table
        query = sa.select(table).order_by(table.c.opened.desc(), table.c.id).limit(limit)
        if model is not None:
            query = query.where(table.c.model == model)
        if still:
            query = query.where(table.c.closed.is_(None))
        with self._database.reading() as connection:
            return [alarm_of(row) for row in connection.execute(query)]

    def one(self, alarm: str) -> Alarm:
        """An alarm; raises MissingError where it is not known."""
        with self._database.reading() as connection:
            row = connection.execute(_one(alarm)).one_or_none()
        if row is None:
            raise _unknown(alarm)
        return alarm_of(row)

    def restarts(self, model: str) -> dict[tuple[str, str], list[int]]:
        """From when on the baselines of a model's signals begin anew, by signal and slice, the earliest first."""
        table = alarms_table
        query = sa.select(table).where(table.c.model == model, table.c.usual).order_by(table.c.opened)
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        with self._database.reading() as connection:
            for row in connection.execute(query):
                found[row.signal, row.slice].append(alarm_of(row).finding.since)
        return {key: sorted(times) for key, times in found.items()}


def alarm_of(row: sa.Row[Any]) -> Alarm:
    """The alarm that a row of its table holds."""
    return Alarm(
        id=row.id,
        finding=Finding.from_json(row.finding),
        opened=row.opened,
        again=row.again,
        closed=row.closed,
        acknowledged=row.acknowledged,
        by=row.by,
        usual=row.usual,
        owner=row.owner,
    )


def _open(connection: sa.Connection, finding: Finding, at: int, targets: Sequence[str]) -> Alarm | None:
    again = _again(connection, finding, at)
    alarm = Alarm(id=f"alm_{secrets.token_hex(12)}", finding=finding, opened=at, again=again)
    row = {"id": alarm.id, "opened": at, "again": again, "by": "", "usual": False}
    row |= {"model": finding.model, "signal": finding.signal, "slice": finding.slice, "finding": finding.to_json()}
    insert = _insert(connection, alarms_table).values(row).on_conflict_do_nothing().returning(alarms_table.c.id)
    if connection.execute(insert).first() is None:
        return None
    if again:
        _keep_quiet(connection, finding)
    if again <= 1:
        _tell(connection, alarm.id, "again" if again else "opened", targets, due=at)
    _note(connection, alarm, "alarm.open", at)
    return alarm


def _close(connection: sa.Connection, alarm: str, at: int, targets: Sequence[str], by: str = _ACTOR) -> bool:
    there = (alarms_table.c.id == alarm) & alarms_table.c.closed.is_(None)
    if not connection.execute(sa.update(alarms_table).where(there).values(closed=at)).rowcount:
        return False
    closed = alarm_of(connection.execute(_one(alarm)).one())
    _tell(connection, alarm, "closed", targets, due=at + QUIET if closed.again else at)
    _note(connection, closed, "alarm.close", at, by)
    return True


def _again(connection: sa.Connection, finding: Finding, at: int) -> int:
    """How many like it were opened before, each within the quiet time after the one before it closed."""
    table = alarms_table
    recent = sa.select(table.c.again).where(_like(finding), table.c.closed > at - QUIET)
    last = connection.scalar(recent.order_by(table.c.closed.desc(), table.c.again.desc()).limit(1))
    return 0 if last is None else last + 1


def _keep_quiet(connection: sa.Connection, finding: Finding) -> None:
    """Say no more that those like it closed, where that was not sent."""
    like = sa.select(alarms_table.c.id).where(_like(finding))
    closing = (messages_table.c.kind == "closed") & messages_table.c.sent.is_(None)
    connection.execute(sa.delete(messages_table).where(closing, messages_table.c.alarm.in_(like)))


def _tell(connection: sa.Connection, alarm: str, kind: Kind, targets: Sequence[str], *, due: int) -> None:
    told = {"alarm": alarm, "kind": kind, "due": due, "tries": 0, "sent": None, "error": ""}
    put(connection, messages_table, [{**told, "target": target} for target in dict.fromkeys(targets)])


def _advance(connection: sa.Connection, looked: Looked, before: int | None) -> bool:
    """Put the look in the place of the one before; False when another stands there by now."""
    row = asdict(looked)
    if before is None:
        insert = _insert(connection, looks_table).values(row).on_conflict_do_nothing()
        return connection.execute(insert.returning(looks_table.c.model)).first() is not None
    there = (looks_table.c.model == looked.model) & (looks_table.c.through == before)
    return connection.execute(sa.update(looks_table).where(there).values(row)).rowcount == 1


def _note(connection: sa.Connection, alarm: Alarm, action: str, at: int, by: str = _ACTOR) -> None:
    finding = alarm.finding
    told = {"model": finding.model, "signal": finding.signal, "slice": finding.slice}
    audit.append(connection, by, action, alarm.id, told, clock=lambda: at)


def _like(finding: Finding) -> sa.ColumnElement[bool]:
    table = alarms_table.c
    return (table.model == finding.model) & (table.signal == finding.signal) & (table.slice == finding.slice)


def _one(alarm: str) -> sa.Select[Any]:
    return sa.select(alarms_table).where(alarms_table.c.id == alarm)


def _unknown(alarm: str) -> MissingError:
    return MissingError("There is no alarm {alarm!r}.", mend="List them: argosy alarm list --all", alarm=alarm)


def _insert(connection: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
