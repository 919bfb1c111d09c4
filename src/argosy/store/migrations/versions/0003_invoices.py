"""Plans that were offered, invoices with their numbers, and reminders; what they say is never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEPT = "number, tenant, month, currency, credits, body, digest, total, owed, issued, due"
# table -> what may not be changed of it (empty: anything)
_FIXED = {"plans": "", "plan_offers": "", "invoices": f" OF {_KEPT}", "invoice_reminders": ""}


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "plans",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        comment="Versions of plans by their digest; triggers refuse to change or delete one.",
    )
    op.create_table(
        "plan_offers",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("plan", sa.Text, sa.ForeignKey("plans.id"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        comment="From when on which version was offered under its name.",
    )
    _make_invoices()
    for table, part in _FIXED.items():
        _refuse(table, part)


def downgrade() -> None:
    """Drop them."""
    for table in ("invoice_reminders", "invoices", "invoice_numbers", "plan_offers", "plans"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for table in _FIXED:
            op.execute(f"DROP FUNCTION {table}_refuse()")


def _make_invoices() -> None:
    op.create_table(
        "invoice_numbers",
        sa.Column("prefix", sa.Text, primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_table(
        "invoices",
        sa.Column("number", sa.Text, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False, index=True),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("credits", sa.Text),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("owed", sa.BigInteger, nullable=False),
        sa.Column("issued", sa.BigInteger, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
        comment="Triggers refuse to change or delete anything of an invoice but its state.",
    )
    op.create_table(
        "invoice_reminders",
        sa.Column("number", sa.Text, sa.ForeignKey("invoices.number"), primary_key=True),
        sa.Column("stage", sa.String(16), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def _refuse(table: str, part: str) -> None:
    """Triggers that refuse to delete, and to update ``part``."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN RAISE EXCEPTION '{table} is kept as it was written'; END $$"
        )
        for verb in ("DELETE", f"UPDATE{part}"):
            name = f"{table}_no_{verb[:6].lower()}"
            op.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_refuse()")
        return
    for verb in ("DELETE", f"UPDATE{part}"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb[:6].lower()} BEFORE {verb} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} is kept as it was written'); END"
        )
