"""Alarms, the messages that tell of them, and what the last look at each model found."""

import sqlalchemy as sa

from argosy.store.database import metadata

alarms_table = sa.Table(
    "watch_alarms",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("model", sa.String(200), nullable=False),
    sa.Column("signal", sa.String(64), nullable=False),
    sa.Column("slice", sa.String(200), nullable=False),
    sa.Column("opened", sa.BigInteger, nullable=False, index=True),
    sa.Column("closed", sa.BigInteger),
    sa.Column("acknowledged", sa.BigInteger),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("finding", sa.JSON, nullable=False),
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
    sa.Column("kind", sa.String(16), primary_key=True),  # opened, closed
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
