"""What the tables hold of a subject, by kind, and how each kind is erased."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from argosy.store.feedback import feedback
from argosy.store.jobs import files
from argosy.store.ledger.tables import lines, replies
from argosy.store.persons.captures import captures_table, held
from argosy.store.persons.erasures import Part
from argosy.store.persons.subjects import Subject
from argosy.store.watching import labelling


def parts() -> Sequence[Part]:
    """Every kind, in the order it is told."""
    return (
        Part(name="ledger", tables=(lines.name,), held=_lines),
        # before the captures, by which it is known whom these were asked of
        Part(name="labelling", tables=labelling.TABLES, held=_labelling, erase=_erase_labelling),
        Part(name="captures", tables=(captures_table.name,), held=held, erase=_erase_captures),
        Part(name="replies", tables=(replies.name,), held=_replies, erase=_erase_replies),
        Part(name="feedback", tables=(feedback.name,), held=_feedback, erase=_erase_feedback),
    )


def resize(connection: sa.Connection, sizes: Mapping[str, int]) -> None:
    """Know the bytes of batch files that were written anew, by their ids."""
    for file, size in sizes.items():
        connection.execute(files.update().where(files.c.id == file).values(bytes=size))


def _lines(connection: sa.Connection, subject: Subject) -> list[dict[str, Any]]:
    """The lines of the ledger: they stay, and nobody can tell whose they were once the key is destroyed."""
    names = ("seq", "event", "model", "route", "plan", "currency", "quantities", "amount", "at", "month")
    query = sa.select(*(lines.c[name] for name in names)).where(_of(lines, subject.id)).order_by(lines.c.seq)
    return [dict(row) for row in connection.execute(query).mappings()]


def _labelling(connection: sa.Connection, subject: Subject) -> list[dict[str, Any]]:
    """The texts that were shown to people to label, and what these said; not who they were."""
    return labelling.told(connection, _asked_of(subject.id))


def _erase_labelling(connection: sa.Connection, subject: str) -> int:
    return labelling.erase(connection, _asked_of(subject))


def _asked_of(subject: str) -> sa.ColumnElement[bool]:
    """Items whose text is in a capture of the subject's, or was until its days were over."""
    item = labelling.items_table.c
    known = (
        sa.exists().where(table.c.subject == subject, table.c.tenant == item.tenant, table.c.event == item.event)
        for table in (captures_table, lines)
    )
    return sa.or_(*known)


def _erase_captures(connection: sa.Connection, subject: str) -> int:
    return connection.execute(captures_table.delete().where(captures_table.c.subject == subject)).rowcount


def _replies(connection: sa.Connection, subject: Subject) -> list[dict[str, Any]]:
    query = sa.select(replies).where(_of(replies, subject.id)).order_by(replies.c.event)
    return [
        {"event": row["event"], "answer": bytes(row["body"]).decode("utf-8", "replace"), "expires": row["expires"]}
        for row in connection.execute(query).mappings()
    ]


def _erase_replies(connection: sa.Connection, subject: str) -> int:
    return connection.execute(replies.delete().where(replies.c.subject == subject)).rowcount


def _feedback(connection: sa.Connection, subject: Subject) -> list[dict[str, Any]]:
    names = ("event", "model", "index", "label", "rating", "comment", "at")
    query = sa.select(*(feedback.c[name] for name in names)).where(_about(subject.id)).order_by(feedback.c.at)
    return [dict(row) for row in connection.execute(query).mappings()]


def _erase_feedback(connection: sa.Connection, subject: str) -> int:
    """Comments go, and with them the digest that knows them; labels and ratings stay, and say of nobody's what."""
    rows = connection.scalars(sa.select(feedback.c.id).where(_about(subject), feedback.c.comment.is_not(None))).all()
    for row in rows:
        values = {"comment": None, "digest": secrets.token_hex(32)}
        connection.execute(feedback.update().where(feedback.c.id == row).values(**values))
    return len(rows)


def _of(table: sa.Table, subject: str) -> sa.ColumnElement[bool]:
    return table.c.subject == subject


def _about(subject: str) -> sa.ColumnElement[bool]:
    """Feedback on an event of the subject's."""
    events = sa.select(lines.c.event).where(lines.c.subject == subject, lines.c.tenant == feedback.c.tenant)
    return feedback.c.event.in_(events.correlate(feedback))
