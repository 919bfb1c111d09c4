"""Tables of the room's parts ``jobs`` and ``feedback``."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "files",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
    op.create_index("files_by_tenant", "files", ["tenant", "created", "id"])
    op.create_index("files_by_end", "files", ["expires"])
    op.create_table(
        "batches",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("claim", sa.String(64)),
        sa.Column("held_until", sa.BigInteger, nullable=False),
        sa.Column("claims", sa.Integer, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
    )
    op.create_index("batches_by_tenant", "batches", ["tenant", "created", "id"])
    op.create_index("batches_by_status", "batches", ["status", "held_until"])
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("event", sa.String(128), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("index", sa.Integer, nullable=False),
        sa.Column("label", sa.Text),
        sa.Column("rating", sa.Integer),
        sa.Column("comment", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("tenant", "event", "digest", name="feedback_once"),
    )
    op.create_index("feedback_by_time", "feedback", ["at", "id"])


def downgrade() -> None:
    """Drop them."""
    for table in ("feedback", "batches", "files"):
        op.drop_table(table)
