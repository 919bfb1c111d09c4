"""The tables of the room's part ``support``."""

import sqlalchemy as sa

from argosy.store.database import metadata

knowledge_table = sa.Table(
    "support_knowledge",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("entry", sa.String(64), primary_key=True),
    sa.Column("since", sa.BigInteger, primary_key=True),  # the generation that it came with
    sa.Column("until", sa.BigInteger),  # the one from which it is gone
    sa.Column("document", sa.Text, nullable=False, index=True),
    sa.Column("told", sa.JSON, nullable=False),
)
generations_table = sa.Table(
    "support_generations",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("newest", sa.BigInteger, nullable=False),
    sa.Column("version", sa.String(64)),  # of the model whose entries were put in last
)
vectors_table = sa.Table(
    "support_vectors",
    metadata,
    sa.Column("text", sa.String(64), primary_key=True),  # digest of what was embedded
    sa.Column("encoder", sa.String(64), primary_key=True),  # digest of the model that did
    sa.Column("vector", sa.LargeBinary, nullable=False),  # float32, little-endian
)
conversations_table = sa.Table(
    "support_conversations",
    metadata,
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
turns_table = sa.Table(
    "support_turns",
    metadata,
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
asked_table = sa.Table(
    "support_asked",
    metadata,
    sa.Column("channel", sa.String(16), primary_key=True),
    sa.Column("id", sa.String(200), primary_key=True),  # the channel's own, so that a second one changes nothing
    sa.Column("turn", sa.String(64), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
answers_table = sa.Table(
    "support_answers",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("entry", sa.String(64), primary_key=True),
    sa.Column("approved", sa.Boolean),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
corrections_table = sa.Table(
    "support_corrections",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("model", sa.String(200), nullable=False, index=True),
    sa.Column("conversation", sa.String(64), nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("instead", sa.String(64), nullable=False),
    sa.Column("by", sa.String(200), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
events_table = sa.Table(
    "support_events",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("target", sa.String(64), nullable=False),  # digest of the address
    sa.Column("told", sa.JSON, nullable=False),
    sa.Column("due", sa.BigInteger, nullable=False, index=True),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("sent", sa.BigInteger),
    sa.Column("error", sa.Text, nullable=False),
)
