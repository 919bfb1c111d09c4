"""Experiments: two versions of a model before customers, what was planned, and what came out."""

import sqlalchemy as sa

from argosy.store.database import metadata

experiments_table = sa.Table(
    "experiments",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("model", sa.String(200), nullable=False, index=True),
    sa.Column("rollout", sa.String(64), nullable=False),
    sa.Column("plan", sa.JSON, nullable=False),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("begun", sa.BigInteger, nullable=False),
    sa.Column("ended", sa.BigInteger),
    sa.Column("result", sa.JSON),
)
