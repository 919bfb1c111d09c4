"""Tables of the room's part ``watching``, and the version that answered in each line of the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.add_column("ledger_lines", sa.Column("version", sa.Text, nullable=False, server_default=""))
    _make_signals()
    _make_alarms()
    _make_labelling()
    op.create_table(
        "experiments",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("model", sa.String(200), nullable=False, index=True),
        sa.Column("rollout", sa.String(64), nullable=False),
        sa.Column("plan", sa.JSON, nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("begun", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger),
        sa.Column("result", sa.JSON),
    )
    still = sa.text("ended IS NULL")
    op.create_index(
        "experiments_running", "experiments", ["model"], unique=True, sqlite_where=still, postgresql_where=still
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("experiments", "labelling_votes", "labelling_items", "watch_looks", "watch_messages"):
        op.drop_table(table)
    for table in ("watch_turns", "watch_alarms", "watch_tallies"):
        op.drop_table(table)
    op.drop_index("captures_by_event", "captures")
    op.drop_column("ledger_lines", "version")


def _make_signals() -> None:
    op.create_table(
        "watch_tallies",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("host", sa.String(200), nullable=False),
        sa.Column("start", sa.BigInteger, nullable=False, index=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
    )


def _make_alarms() -> None:
    op.create_table(
        "watch_alarms",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("signal", sa.String(64), nullable=False),
        sa.Column("slice", sa.Text, nullable=False),
        sa.Column("opened", sa.BigInteger, nullable=False, index=True),
        sa.Column("again", sa.Integer, nullable=False),
        sa.Column("closed", sa.BigInteger),
        sa.Column("acknowledged", sa.BigInteger),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("usual", sa.Boolean, nullable=False),
        sa.Column("finding", sa.JSON, nullable=False),
    )
    still = sa.text("closed IS NULL")
    columns = ["model", "signal", "slice"]
    op.create_index(
        "watch_alarms_open", "watch_alarms", columns, unique=True, sqlite_where=still, postgresql_where=still
    )
    op.create_table(
        "watch_messages",
        sa.Column("alarm", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("target", sa.String(64), primary_key=True),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("sent", sa.BigInteger),
        sa.Column("error", sa.Text, nullable=False),
    )
    op.create_table(
        "watch_looks",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("through", sa.BigInteger, nullable=False),
        sa.Column("found", sa.JSON, nullable=False),
    )
    op.create_table(
        "watch_turns",
        sa.Column("job", sa.String(200), primary_key=True),
        sa.Column("taken", sa.BigInteger, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
    )


def _make_labelling() -> None:
    op.create_index("captures_by_event", "captures", ["tenant", "event"])
    op.create_table(
        "labelling_items",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("model", sa.String(200), nullable=False, index=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("event", sa.String(200), nullable=False),
        sa.Column("index", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("wanted", sa.Integer, nullable=False),
        sa.Column("why", sa.JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("label", sa.Text),
        sa.UniqueConstraint("model", "tenant", "event", "index", name="labelling_items_once"),
    )
    op.create_table(
        "labelling_votes",
        sa.Column("item", sa.String(64), primary_key=True),
        sa.Column("annotator", sa.String(200), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("label", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
