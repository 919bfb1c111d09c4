"""Tables of the room's part ``recommend``."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
_TABLES = ("recommend_logs", "recommend_items", "recommend_events", "recommend_lists", "recommend_forgotten")


def upgrade() -> None:
    """Make them."""
    _make_log()
    _make_lists()


def downgrade() -> None:
    """Drop them."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _make_log() -> None:
    op.create_table(
        "recommend_logs",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("turn", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "recommend_items",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("id", sa.String(300), primary_key=True),
        sa.Column("turn", sa.BigInteger, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("gone", sa.Boolean, nullable=False),
    )
    op.create_index("recommend_items_by_turn", "recommend_items", ["model", "turn"])
    op.create_table(
        "recommend_events",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("turn", sa.BigInteger, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("item", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("shown", sa.String(40), nullable=False),
    )
    op.create_index("recommend_events_by_turn", "recommend_events", ["model", "turn"])
    op.create_index("recommend_events_by_user", "recommend_events", ["model", "user", "at"])
    op.create_index("recommend_events_by_list", "recommend_events", ["model", "shown"])


def _make_lists() -> None:
    op.create_table(
        "recommend_lists",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("arm", sa.String(40), nullable=False),
        sa.Column("told", sa.Text, nullable=False),
    )
    op.create_index("recommend_lists_by_time", "recommend_lists", ["model", "at"])
    op.create_index("recommend_lists_by_user", "recommend_lists", ["model", "user"])
    op.create_table(
        "recommend_forgotten",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("who", sa.String(64), primary_key=True),
        sa.Column("turn", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
