"""Captured texts that wait for a label, and who gave which."""

import sqlalchemy as sa

from argosy.store.database import metadata

items_table = sa.Table(
    "labelling_items",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("model", sa.String(200), nullable=False, index=True),
    sa.Column("tenant", sa.String(64), nullable=False),
    sa.Column("event", sa.String(200), nullable=False),
    sa.Column("index", sa.Integer, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("wanted", sa.Integer, nullable=False),  # annotators
    sa.Column("why", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # open, disputed, done, gone
    sa.Column("label", sa.Text),
    sa.UniqueConstraint("model", "tenant", "event", "index", name="labelling_items_once"),
)
votes_table = sa.Table(
    "labelling_votes",
    metadata,
    sa.Column("item", sa.String(64), primary_key=True),
    sa.Column("annotator", sa.String(200), primary_key=True),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
