"""The tables of the room's part ``opinion``. Times are microseconds since the epoch; ``model`` is whose log it is."""

import sqlalchemy as sa

from argosy.store.database import metadata

GONE = 0
"""The turn of an id whose text was removed; the id stays, so that the text does not come again."""

logs_table = sa.Table(
    "opinion_logs",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("turn", sa.BigInteger, nullable=False),  # how many changes there were: who raises it is alone
)
ids_table = sa.Table(
    "opinion_ids",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("story", sa.String(32), nullable=False),
    sa.Column("turn", sa.BigInteger, nullable=False),  # that it was taken at, by which its segment is found
    sqlite_with_rowid=False,  # one tree, not two
)
ids_by_time = sa.Index("opinion_ids_by_time", ids_table.c.model, ids_table.c.at, ids_table.c.story)
ids_by_story = sa.Index("opinion_ids_by_story", ids_table.c.model, ids_table.c.story, ids_table.c.at)
stories_table = sa.Table(
    "opinion_stories",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("id", sa.String(32), primary_key=True),  # that of the text that began it
    sa.Column("number", sa.BigInteger, nullable=False),  # half of the id, by which bands name it
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("first", sa.BigInteger, nullable=False),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("reach", sa.BigInteger, nullable=False),
    sa.Column("sources", sa.JSON, nullable=False),  # their names
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("sentiment", sa.String(16), nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("entities", sa.Text, nullable=False),  # each between two line breaks
)
stories_by_digest = sa.Index("opinion_stories_by_digest", stories_table.c.model, stories_table.c.digest)
stories_by_number = sa.Index("opinion_stories_by_number", stories_table.c.model, stories_table.c.number)
stories_by_last = sa.Index("opinion_stories_by_last", stories_table.c.model, stories_table.c.last)
bands_table = sa.Table(
    "opinion_bands",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("band", sa.BigInteger, primary_key=True),
    sa.Column("slot", sa.Integer, primary_key=True),  # a band keeps a few stories: a new one takes another's slot
    sa.Column("story", sa.BigInteger, nullable=False),  # its number: there are many bands
    sqlite_with_rowid=False,  # one tree, not two
)
cells_table = sa.Table(
    "opinion_cells",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("start", sa.BigInteger, primary_key=True),
    sa.Column("entity", sa.Text, primary_key=True),
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("language", sa.Text, primary_key=True),
    sa.Column("sentiment", sa.String(16), primary_key=True),
    sa.Column("stories", sa.BigInteger, nullable=False),
    sa.Column("reach", sa.BigInteger, nullable=False),
    sa.Column("weight", sa.Float(53), nullable=False),
    sqlite_with_rowid=False,  # one tree, not two
)
cells_by_topic = sa.Index(
    "opinion_cells_by_topic", cells_table.c.model, cells_table.c.topic, cells_table.c.entity, cells_table.c.start
)
heard_table = sa.Table(
    "opinion_heard",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("start", sa.BigInteger, primary_key=True),
    sa.Column("source", sa.String(64), primary_key=True),
    sa.Column("published", sa.BigInteger, nullable=False),
    sa.Column("heard", sa.BigInteger, nullable=False),
    sa.Column("polls", sa.BigInteger, nullable=False),
)
offsets_table = sa.Table(
    "opinion_offsets",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("source", sa.String(64), primary_key=True),
    sa.Column("part", sa.Text, primary_key=True),
    sa.Column("place", sa.Text, nullable=False),
)
corrections_table = sa.Table(
    "opinion_corrections",
    metadata,
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
segments_table = sa.Table(
    "opinion_segments",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("path", sa.String(200), primary_key=True),  # below the log's folder
    sa.Column("day", sa.String(10), nullable=False),  # that its texts were taken on, such as 2026-11-23
    sa.Column("level", sa.Integer, nullable=False),  # how often it was merged
    sa.Column("low", sa.BigInteger, nullable=False),  # the first and last turn whose texts it may hold
    sa.Column("high", sa.BigInteger, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("start", sa.BigInteger, nullable=False),  # the earliest and latest publication in it
    sa.Column("end", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
)
inbox_table = sa.Table(
    "opinion_inbox",
    metadata,
    sa.Column("model", sa.String(200), primary_key=True),
    sa.Column("source", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False, index=True),  # their order
    sa.Column("post", sa.JSON, nullable=False),
)
