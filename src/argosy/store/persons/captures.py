"""Captures: a share of the requests and answers, redacted before, each sealed with the key of the person concerned."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from argosy.core.captured import CONSENT, Captured
from argosy.core.watch import Place
from argosy.store.database import metadata
from argosy.store.persons.consents import stands
from argosy.store.persons.keyring import seal, unseal
from argosy.store.persons.subjects import Subject, Subjects
from argosy.store.tenants import audit

_PAGE = 500  # captures opened at a time
_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
captures_table = sa.Table(
    "captures",
    metadata,
    sa.Column("id", _ID, primary_key=True),
    sa.Column("tenant", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False, index=True),
    sa.Column("event", sa.String(200), nullable=False),
    sa.Column("model", sa.String(200), nullable=False),
    sa.Column("version", sa.String(64), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
    sa.Column("purpose", sa.String(64), nullable=False),
    sa.Column("basis", sa.String(64), nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Index("captures_by_event", "tenant", "event"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The purpose that captures serve, and the legal basis: ``consent``, or another that needs none on record."""

    purpose: str
    basis: str


class SqlCaptures:
    """Keeps, opens and removes captures."""

    def __init__(self, subjects: Subjects, why: Why) -> None:
        self._subjects = subjects
        self._database = subjects.database
        self._why = why

    def keep(self, seen: Sequence[Captured]) -> int:
        """Seal and store those that may be kept; how many were. Nobody who said no is captured on any basis."""
        placed = [(self._subjects.named(one.tenant, one.subject), one) for one in seen]
        return self._database.write(lambda connection: self._insert(connection, placed)).result()

    def texts(self, places: Collection[Place]) -> dict[Place, str]:
        """The texts asked at these places, opened; not those that nobody kept, of the erased, and of who says no."""
        wanted: dict[tuple[str, str], list[int]] = defaultdict(list)
        for tenant, event, index in places:
            wanted[tenant, event].append(index)
        found: dict[Place, str] = {}
        for (tenant, event), asked in self._asked(wanted):
            for index in wanted[tenant, event]:
                text = text_at(asked, index)
                if text is not None:
                    found[tenant, event, index] = text
        return found

    def count(self, start: int, end: int, *, model: str) -> int:
        """How many captures of a model there are from ``start`` on and before ``end``."""
        query = sa.select(sa.func.count()).where(_within(start, end, model))
        with self._database.reading() as connection:
            return int(connection.scalar(query) or 0)

    def between(
        self, start: int, end: int, *, model: str, most: int, surely: Collection[tuple[str, str]] = ()
    ) -> list[Captured]:
        """What was captured of a model from ``start`` on and before ``end``, opened, oldest first, without who it was.

        Of more than ``most`` a sample, the same ones whoever asks, which the events ``surely`` (by tenant) come first
        in; none of who says no by now.
        """
        table = captures_table
        with self._database.reading() as connection:
            rows = connection.execute(
                sa.select(table.c.id, table.c.tenant, table.c.event).where(_within(start, end, model))
            ).all()
        order = {row.id: sha256(f"{row.tenant} {row.event}".encode()).digest() for row in rows}
        drawn = sorted(rows, key=lambda row: ((row.tenant, row.event) not in surely, order[row.id]))[:most]
        names = ("tenant", "event", "model", "version", "at")
        opened = self._opened(sorted(row.id for row in drawn))
        found = [Captured(subject="", **{name: row[name] for name in names}, **_sealed(told)) for row, told in opened]
        return sorted(found, key=lambda one: (one.at, one.tenant, one.event))

    def retain(self, before: int) -> int:
        """Remove what was captured earlier than ``before`` (microseconds since the epoch); how many were."""

        def work(connection: sa.Connection) -> int:
            removed = connection.execute(captures_table.delete().where(captures_table.c.at < before)).rowcount
            if removed:
                told = {"captures": removed, "before": before}
                audit.append(
                    connection, "argosy", "privacy.retain", captures_table.name, told, clock=self._subjects.clock
                )
            return removed

        return self._database.write(work).result()

    def _asked(self, events: Collection[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], Any]]:
        """What was asked in these events, by tenant and event; not of who says no by now."""
        table, wanted, ids = captures_table, sorted(events), list[int]()
        for start in range(0, len(wanted), _PAGE):
            named = sa.tuple_(table.c.tenant, table.c.event).in_(wanted[start : start + _PAGE])
            with self._database.reading() as connection:
                ids += connection.scalars(sa.select(table.c.id).where(named).order_by(table.c.id))
        for row, told in self._opened(ids):
            yield (row["tenant"], row["event"]), told["asked"]

    def _opened(self, ids: Sequence[int]) -> Iterator[tuple[Mapping[Any, Any], dict[str, Any]]]:
        """Captures with what is sealed in them, in the order of their ids; not of who says no by now."""
        table = captures_table
        for start in range(0, len(ids), _PAGE):
            query = sa.select(table).where(table.c.id.in_(ids[start : start + _PAGE])).order_by(table.c.id)
            with self._database.reading() as connection:
                page = connection.execute(query).mappings().all()
                persons = {row["subject"]: row["tenant"] for row in page}
                said_no = {one for one, tenant in persons.items() if self._refused(connection, tenant, one)}
            known = {one: self._subjects.find(one, tenant) for one, tenant in persons.items() if one not in said_no}
            for row in page:
                for person in known.get(row["subject"], ()):
                    yield row, _opened(row, person)

    def _refused(self, connection: sa.Connection, tenant: str, subject: str) -> bool:
        word = stands(connection, tenant, subject, self._why.purpose)
        return word is False or (word is None and self._why.basis == CONSENT)

    def _insert(self, connection: sa.Connection, placed: Sequence[tuple[str, Captured]]) -> int:
        by_subject: dict[str, list[Captured]] = defaultdict(list)
        for subject, one in placed:
            by_subject[subject].append(one)
        rows = [row for subject, all_ in by_subject.items() for row in self._rows(connection, subject, all_)]
        if rows:
            connection.execute(captures_table.insert(), rows)
        return len(rows)

    def _rows(self, connection: sa.Connection, subject: str, seen: Sequence[Captured]) -> list[dict[str, Any]]:
        person = self._subjects.by_id(connection, subject)
        if person is None or self._refused(connection, seen[0].tenant, subject):
            return []
        return [
            {
                "tenant": person.tenant,
                "subject": subject,
                "event": one.event,
                "model": one.model,
                "version": one.version,
                "at": one.at,
                "purpose": self._why.purpose,
                "basis": self._why.basis,
                "sealed": seal(person.key, _bytes(one), f"{subject} {one.event}"),
            }
            for one in seen
        ]


def held(connection: sa.Connection, subject: Subject) -> list[dict[str, Any]]:
    """What ``of`` gives, within a transaction."""
    table = captures_table
    query = sa.select(table).where(table.c.subject == subject.id).order_by(table.c.id)
    return [_opened(row, subject) for row in connection.execute(query).mappings()]


def text_at(asked: Any, index: int) -> str | None:
    """The text at a place of what was asked under ``input``; None where there is no such text."""
    words = asked.get("input") if isinstance(asked, Mapping) else None
    texts = [words] if isinstance(words, str) else words
    if not isinstance(texts, list) or not 0 <= index < len(texts):
        return None
    return texts[index] if isinstance(texts[index], str) else None


def _within(start: int, end: int, model: str) -> sa.ColumnElement[bool]:
    table = captures_table.c
    return (table.at >= start) & (table.at < end) & (table.model == model)


def _sealed(told: Mapping[str, Any]) -> dict[str, Any]:
    return {"asked": told["asked"], "answer": told["answer"]}


def _bytes(one: Captured) -> bytes:
    return json.dumps({"asked": one.asked, "answer": one.answer}, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _opened(row: Mapping[Any, Any], subject: Subject) -> dict[str, Any]:
    told = json.loads(unseal(subject.key, row["sealed"], f"{subject.id} {row['event']}"))
    names = ("event", "model", "version", "at", "purpose", "basis")
    return {**{name: row[name] for name in names}, **told}
