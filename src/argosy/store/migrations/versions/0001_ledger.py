"""The ledger: lines that are never changed, sums of them, wallets, leases and kept replies."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("ledger_lines", "ledger_credits", "ledger_closings")
TABLES = (
    "ledger_tenants",
    "ledger_lines",
    "ledger_totals",
    "ledger_amounts",
    "ledger_wallets",
    "ledger_credits",
    "ledger_closings",
    "ledger_holders",
    "ledger_leases",
    "ledger_progress",
    "ledger_replies",
)


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "ledger_tenants",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("month", sa.Text, nullable=False),
        sa.Column("closed", sa.Text, nullable=False),
        comment="A row to lock: who holds it appends to the tenant's lines.",
    )
    op.create_table(
        "ledger_lines",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("route", sa.Text, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("quantities", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("prepaid", sa.Boolean, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("month", sa.Text, nullable=False),
        sa.Column("subject", sa.Text),
        sa.UniqueConstraint("event", "tenant", "turn", name="ledger_lines_once"),
        sqlite_with_rowid=False,
        comment="What was used and charged; triggers refuse to change or delete a line.",
    )
    op.create_table(
        "ledger_totals",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("month", sa.Text, primary_key=True),
        sa.Column("plan", sa.Text, primary_key=True),
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("unit", sa.Text, primary_key=True),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
        comment="Sums of the lines.",
    )
    op.create_table(
        "ledger_amounts",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("month", sa.Text, primary_key=True),
        sa.Column("plan", sa.Text, primary_key=True),
        sa.Column("currency", sa.Text, primary_key=True),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
        comment="What the totals cost: the sum of the lines' amounts.",
    )
    op.create_table(
        "ledger_wallets",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("currency", sa.Text, primary_key=True),
        sa.Column("balance", sa.BigInteger, nullable=False),
        sa.CheckConstraint("balance >= 0", name="ledger_wallets_balance"),
        sqlite_with_rowid=False,
        comment="Credits less the prepaid lines.",
    )
    op.create_table(
        "ledger_credits",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("reference", sa.Text, primary_key=True),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        comment="What was paid into wallets (negative: out of them); triggers refuse to change or delete a line.",
    )
    op.create_table(
        "ledger_closings",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("month", sa.Text, primary_key=True),
        sa.Column("after_seq", sa.BigInteger, nullable=False),
        sa.Column("through_seq", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        comment="Months that get no more lines, and the lines that each holds.",
    )
    op.create_table(
        "ledger_holders",
        sa.Column("holder", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("beat", sa.BigInteger, nullable=False),
        comment="The processes that hold reservations, and when each was last alive.",
    )
    op.create_table(
        "ledger_leases",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("month", sa.Text, primary_key=True),
        sa.Column("unit", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, primary_key=True),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("wanted", sa.Boolean, nullable=False),
        sa.CheckConstraint("amount >= 0", name="ledger_leases_amount"),
        sqlite_with_rowid=False,
        comment="What a holder may reserve from without asking again.",
    )
    op.create_table(
        "ledger_progress",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("token", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False, index=True),
        sa.Column("held", sa.Text, nullable=False),
        sa.Column("quantities", sa.Text, nullable=False),
        comment="How far streams have come that are not settled yet.",
    )
    op.create_table(
        "ledger_replies",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("event", sa.Text, primary_key=True),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("subject", sa.Text, index=True),
        sa.Column("expires", sa.BigInteger, nullable=False, index=True),
        comment="Answers kept for retries: no part of the ledger, deleted when over or when their subject is erased.",
    )
    for table in APPEND_ONLY:
        if op.get_context().dialect.name == "sqlite":
            for change in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
        else:
            op.execute(
                f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
            )
            op.execute(
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
            )
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
            )


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        op.drop_table(table)
    if op.get_context().dialect.name != "sqlite":
        for table in APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_refuse()")
