"""Consents: who granted or withdrew what, for which purpose, and when; nothing is ever changed or removed."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from argosy.store.database import Database, metadata
from argosy.store.persons.subjects import now
from argosy.store.tenants import audit

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
consents_table = sa.Table(
    "consents",
    metadata,
    sa.Column("seq", _ID, primary_key=True),
    sa.Column("tenant", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(64), nullable=False, index=True),
    sa.Column("purpose", sa.String(64), nullable=False),
    sa.Column("granted", sa.Boolean, nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
EVERYBODY = ""
"""What stands for the subject where a tenant speaks for all whom it sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A word said once: ``subject`` is ``sub_…``, or nothing where it is the tenant's for everybody."""

    tenant: str
    subject: str
    purpose: str
    granted: bool
    actor: str
    at: int


class SqlConsents:
    """The list of all that was said; the last word counts."""

    def __init__(self, database: Database, *, clock: Callable[[], int] = now) -> None:
        self._database = database
        self._clock = clock

    def say(self, tenant: str, subject: str, purpose: str, actor: str, *, granted: bool) -> Consent:
        """Add a word, and an entry of the audit log with it; durable when this returns."""
        said = Consent(tenant=tenant, subject=subject, purpose=purpose, granted=granted, actor=actor, at=self._clock())

        def add(connection: sa.Connection) -> None:
            connection.execute(consents_table.insert().values(**asdict(said)))
            told = {"tenant": tenant, "purpose": purpose, "granted": granted}
            audit.append(connection, actor, "privacy.consent", subject or tenant, told)

        self._database.write(add).result()
        return said

    def of(self, tenant: str, subject: str) -> list[Consent]:
        """What was said of one subject, in order."""
        with self._database.reading() as connection:
            return [Consent(**row) for row in _said(connection, tenant, subject)]


def stands(connection: sa.Connection, tenant: str, subject: str, purpose: str) -> bool | None:
    """The last word on a purpose: of the subject itself, else of the tenant; None where nobody said anything."""
    for who in dict.fromkeys((subject, EVERYBODY)):
        words = [row["granted"] for row in _said(connection, tenant, who) if row["purpose"] == purpose]
        if words:
            return bool(words[-1])
    return None


def _said(connection: sa.Connection, tenant: str, subject: str) -> list[dict[str, Any]]:
    table = consents_table
    columns = [column for column in table.c if column.name != "seq"]
    query = sa.select(*columns).where(table.c.tenant == tenant, table.c.subject == subject).order_by(table.c.seq)
    return [dict(row) for row in connection.execute(query).mappings()]
