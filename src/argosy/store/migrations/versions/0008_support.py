"""Tables of the room's part ``support``."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
_TABLES = (
    "support_knowledge",
    "support_generations",
    "support_vectors",
    "support_conversations",
    "support_turns",
    "support_asked",
    "support_answers",
    "support_corrections",
    "support_events",
)


def upgrade() -> None:
    """Make them."""
    _make_knowledge()
    _make_conversations()
    _make_work()


def downgrade() -> None:
    """Drop them."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _make_knowledge() -> None:
    op.create_table(
        "support_knowledge",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("entry", sa.String(64), primary_key=True),
        sa.Column("since", sa.BigInteger, primary_key=True),
        sa.Column("until", sa.BigInteger),
        sa.Column("document", sa.Text, nullable=False, index=True),
        sa.Column("told", sa.JSON, nullable=False),
    )
    op.create_table(
        "support_generations",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("newest", sa.BigInteger, nullable=False),
        sa.Column("version", sa.String(64)),
    )
    op.create_table(
        "support_vectors",
        sa.Column("text", sa.String(64), primary_key=True),
        sa.Column("encoder", sa.String(64), primary_key=True),
        sa.Column("vector", sa.LargeBinary, nullable=False),
    )


def _make_conversations() -> None:
    op.create_table(
        "support_conversations",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("model", sa.String(200), nullable=False, index=True),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("peer", sa.String(200), nullable=False, index=True),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("opened", sa.BigInteger, nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("resolved", sa.Boolean),
    )
    op.create_table(
        "support_turns",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("index", sa.Integer, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("reply", sa.JSON),
        sa.Column("helped", sa.Boolean),
        sa.Column("by", sa.String(200), nullable=False),
        sa.UniqueConstraint("conversation", "index", name="support_turns_once"),
    )
    op.create_table(
        "support_asked",
        sa.Column("channel", sa.String(16), primary_key=True),
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("turn", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def _make_work() -> None:
    op.create_table(
        "support_answers",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("entry", sa.String(64), primary_key=True),
        sa.Column("approved", sa.Boolean),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "support_corrections",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("model", sa.String(200), nullable=False, index=True),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("instead", sa.String(64), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "support_events",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("target", sa.String(64), nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False, index=True),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("sent", sa.BigInteger),
        sa.Column("error", sa.Text, nullable=False),
    )
