"""The tables of the room's part ``recommend``. Times are microseconds since the epoch; ``model`` is whose log it is."""

import sqlalchemy as sa

from argosy.store.database import metadata

logs_table = sa.Table(
    "recommend_logs",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("turn", sa.BigInteger, nullable=False),  # of the last change: who raises it is alone until the commit
)
items_table = sa.Table(
    "recommend_items",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("id", sa.String(300), primary_key=True),
    sa.Column("turn", sa.BigInteger, nullable=False),
    sa.Column("told", sa.Text, nullable=False),  # all that is said of it, as JSON
    sa.Column("gone", sa.Boolean, nullable=False),
)
items_by_turn = sa.Index("recommend_items_by_turn", items_table.c.model, items_table.c.turn)
events_table = sa.Table(
    "recommend_events",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("key", sa.String(32), primary_key=True),
    sa.Column("turn", sa.BigInteger, nullable=False),
    sa.Column("user", sa.Text, nullable=False),
    sa.Column("item", sa.String(300), nullable=False),
    sa.Column("kind", sa.String(100), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("shown", sa.String(40), nullable=False),
)
events_by_turn = sa.Index("recommend_events_by_turn", events_table.c.model, events_table.c.turn)
events_by_user = sa.Index("recommend_events_by_user", events_table.c.model, events_table.c.user, events_table.c.at)
events_by_list = sa.Index("recommend_events_by_list", events_table.c.model, events_table.c.shown)
lists_table = sa.Table(
    "recommend_lists",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("user", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("arm", sa.String(40), nullable=False),
    sa.Column("told", sa.Text, nullable=False),  # the list with its chances, as JSON
)
lists_by_time = sa.Index("recommend_lists_by_time", lists_table.c.model, lists_table.c.at)
lists_by_user = sa.Index("recommend_lists_by_user", lists_table.c.model, lists_table.c.user)
forgotten_table = sa.Table(
    "recommend_forgotten",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("who", sa.String(64), primary_key=True),  # a keyed digest of the user
    sa.Column("turn", sa.BigInteger, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
