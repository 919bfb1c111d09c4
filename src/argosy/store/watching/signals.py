"""Counts of traffic: a row for each worker, slot, version and tenant."""

import sqlalchemy as sa

from argosy.store.database import metadata

tallies_table = sa.Table(
    "watch_tallies",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("model", sa.String(200), nullable=False),
    sa.Column("version", sa.String(64), nullable=False),
    sa.Column("tenant", sa.String(64), nullable=False),
    sa.Column("host", sa.String(200), nullable=False),
    sa.Column("start", sa.BigInteger, nullable=False, index=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("counts", sa.JSON, nullable=False),
)
