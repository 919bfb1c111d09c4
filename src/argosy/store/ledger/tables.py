"""The ledger's tables. Money is micro-units, times are microseconds since the epoch UTC, months such as ``2026-11``."""

import sqlalchemy as sa

from argosy.store.database import metadata

tenants = sa.Table(
    "ledger_tenants",
    metadata,
    sa.Column("tenant", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, nullable=False),  # of the last line
    sa.Column("at", sa.BigInteger, nullable=False),  # of the last line
    sa.Column("month", sa.Text, nullable=False),  # of the last line
    sa.Column("closed", sa.Text, nullable=False),  # the last month that an invoice closed
    comment="A row to lock: who holds it appends to the tenant's lines.",
)
lines = sa.Table(
    "ledger_lines",
    metadata,
    sa.Column("tenant", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),  # 0 charged, 1 taken back, 2 charged again, …
    sa.Column("token", sa.Text, nullable=False),  # of the reservation
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("route", sa.Text, nullable=False),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("quantities", sa.Text, nullable=False),  # JSON
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("prepaid", sa.Boolean, nullable=False),  # taken from the wallet
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("month", sa.Text, nullable=False),
    sa.Column("subject", sa.Text),
    sa.Column("version", sa.Text, nullable=False, server_default=""),  # of the model
    sa.UniqueConstraint("event", "tenant", "turn", name="ledger_lines_once"),
    sqlite_with_rowid=False,
    comment="What was used and charged; triggers refuse to change or delete a line.",
)
totals = sa.Table(
    "ledger_totals",
    metadata,
    sa.Column("tenant", sa.Text, primary_key=True),
    sa.Column("month", sa.Text, primary_key=True),
    sa.Column("plan", sa.Text, primary_key=True),
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
    comment="Sums of the lines.",
)
amounts = sa.Table(
    "ledger_amounts",
    metadata,
    sa.Column("tenant", sa.Text, primary_key=True),
    sa.Column("month", sa.Text, primary_key=True),
    sa.Column("plan", sa.Text, primary_key=True),
    sa.Column("currency", sa.Text, primary_key=True),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
    comment="What the totals cost: the sum of the lines' amounts.",
)
wallets = sa.Table(
    "ledger_wallets",
    metadata,
    sa.Column("tenant", sa.Text, primary_key=True),
    sa.Column("currency", sa.Text, primary_key=True),
    sa.Column("balance", sa.BigInteger, nullable=False),
    sa.CheckConstraint("balance >= 0", name="ledger_wallets_balance"),
    sqlite_with_rowid=False,
    comment="Credits less the prepaid lines.",
)
credits_ = sa.Table(
    "ledger_credits",
    metadata,
    sa.Column("tenant", sa.Text, primary_key=True),
    sa.Column("reference", sa.Text, primary_key=True),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    comment="What was paid into wallets (negative: out of them); triggers refuse to change or delete a line.",
)
closings = sa.Table(
    "ledger_closings",
    metadata,
    sa.Column("tenant", sa.Text, primary_key=True),
    sa.Column("month", sa.Text, primary_key=True),
    sa.Column("after_seq", sa.BigInteger, nullable=False),
    sa.Column("through_seq", sa.BigInteger, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    comment="Months that get no more lines, and the lines that each holds.",
)
holders = sa.Table(
    "ledger_holders",
    metadata,
    sa.Column("holder", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("beat", sa.BigInteger, nullable=False),
    comment="The processes that hold reservations, and when each was last alive.",
)
leases = sa.Table(
    "ledger_leases",
    metadata,
    sa.Column("tenant", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),  # budget, quota, wallet
    sa.Column("month", sa.Text, primary_key=True),  # empty for wallets
    sa.Column("unit", sa.Text, primary_key=True),  # or the currency
    sa.Column("holder", sa.Text, primary_key=True),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("wanted", sa.Boolean, nullable=False),  # another holder found no room
    sa.CheckConstraint("amount >= 0", name="ledger_leases_amount"),
    sqlite_with_rowid=False,
    info={"kept": ("wanted",)},  # a holder that changes its lease does not overlook what others want of it
    comment="What a holder may reserve from without asking again.",
)
progress = sa.Table(
    "ledger_progress",
    metadata,
    sa.Column("tenant", sa.Text, primary_key=True),
    sa.Column("token", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False, index=True),
    sa.Column("held", sa.Text, nullable=False),  # JSON
    sa.Column("quantities", sa.Text, nullable=False),  # JSON
    comment="How far streams have come that are not settled yet.",
)
replies = sa.Table(
    "ledger_replies",
    metadata,
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
APPEND_ONLY = ("ledger_lines", "ledger_credits", "ledger_closings")
