"""Tables of the room's part ``opinion``, and who deals with an alarm."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
_TABLES = (
    "opinion_logs",
    "opinion_ids",
    "opinion_stories",
    "opinion_bands",
    "opinion_cells",
    "opinion_heard",
    "opinion_offsets",
    "opinion_corrections",
    "opinion_segments",
    "opinion_inbox",
)


def upgrade() -> None:
    """Make them."""
    _make_texts()
    _make_stories()
    _make_counts()
    _make_work()
    op.add_column("watch_alarms", sa.Column("owner", sa.String(200), nullable=False, server_default=""))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("watch_alarms") as alarms:
        alarms.drop_column("owner")
    for table in reversed(_TABLES):
        op.drop_table(table)


def _make_texts() -> None:
    op.create_table(
        "opinion_logs",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("turn", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "opinion_ids",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("story", sa.String(32), nullable=False),
        sa.Column("turn", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("opinion_ids_by_time", "opinion_ids", ["model", "at", "story"])
    op.create_index("opinion_ids_by_story", "opinion_ids", ["model", "story", "at"])
    op.create_table(
        "opinion_segments",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("path", sa.String(200), primary_key=True),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("low", sa.BigInteger, nullable=False),
        sa.Column("high", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("start", sa.BigInteger, nullable=False),
        sa.Column("end", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )


def _make_stories() -> None:
    op.create_table(
        "opinion_stories",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("reach", sa.BigInteger, nullable=False),
        sa.Column("sources", sa.JSON, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("sentiment", sa.String(16), nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("entities", sa.Text, nullable=False),
    )
    op.create_index("opinion_stories_by_digest", "opinion_stories", ["model", "digest"])
    op.create_index("opinion_stories_by_number", "opinion_stories", ["model", "number"])
    op.create_index("opinion_stories_by_last", "opinion_stories", ["model", "last"])
    op.create_table(
        "opinion_bands",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("band", sa.BigInteger, primary_key=True),
        sa.Column("slot", sa.Integer, primary_key=True),
        sa.Column("story", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def _make_counts() -> None:
    op.create_table(
        "opinion_cells",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("start", sa.BigInteger, primary_key=True),
        sa.Column("entity", sa.Text, primary_key=True),
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("language", sa.Text, primary_key=True),
        sa.Column("sentiment", sa.String(16), primary_key=True),
        sa.Column("stories", sa.BigInteger, nullable=False),
        sa.Column("reach", sa.BigInteger, nullable=False),
        sa.Column("weight", sa.Float(53), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("opinion_cells_by_topic", "opinion_cells", ["model", "topic", "entity", "start"])
    op.create_table(
        "opinion_heard",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("start", sa.BigInteger, primary_key=True),
        sa.Column("source", sa.String(64), primary_key=True),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("heard", sa.BigInteger, nullable=False),
        sa.Column("polls", sa.BigInteger, nullable=False),
    )


def _make_work() -> None:
    op.create_table(
        "opinion_offsets",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("source", sa.String(64), primary_key=True),
        sa.Column("part", sa.Text, primary_key=True),
        sa.Column("place", sa.Text, nullable=False),
    )
    op.create_table(
        "opinion_corrections",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("entity", sa.Text, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("sentiment", sa.String(16), nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "opinion_inbox",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("source", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False, index=True),
        sa.Column("post", sa.JSON, nullable=False),
    )
