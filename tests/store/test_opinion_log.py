"""The opinion log on both databases: each text once, in its story, counted in its hour, and read as it was kept."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from opinion_log_of_tests import NOON, id_of, open_log, opinion, sketch, take

from argosy.core.errors import DataError, MissingError
from argosy.core.opinion import HOUR, Batch, Cell, Correction, Heard, Kept, OpinionLog
from argosy.store.database import Database, metadata
from argosy.store.opinion import manifest, segments
from argosy.store.opinion.log import SqlOpinionLog
from argosy.store.opinion.upkeep import SqlUpkeep

pytest.importorskip("duckdb", reason="the package duckdb is not installed")
DAY = 24 * HOUR
FIRST = Cell(start=NOON, topic="rates", entity="", language="en", sentiment="negative", stories=1, reach=1, weight=1.0)


@pytest.fixture
def log(database: Database, tmp_path: Path) -> SqlOpinionLog:
    """An empty log, in a folder whose name is no plain one."""
    return open_log(database, tmp_path / "舆情 [1]*?")


def said(text: object, *, sentiment: str = "", topic: str = "", entity: str = "", at: int = NOON) -> Correction:
    """A person's word."""
    common = {"text": "as it was", "language": "en", "by": "ann", "at": at}
    return Correction(id=id_of(text), sentiment=sentiment, topic=topic, entity=entity, **common)


def test_a_text_is_kept_once(log: OpinionLog) -> None:
    """Taken again, alone or beside others, twice in a batch, it changes nothing; its offsets go on all the same."""
    assert log.offsets("feed") == {}
    assert take(log, opinion(1), opinion(1), place="7").new == [id_of(1)]
    taken = take(log, opinion(1), opinion(2), place="8")
    assert (taken.new, dict(taken.stories)) == ([id_of(2)], {id_of(2): id_of(2)})
    assert take(log, opinion(2), opinion(1), place="9").new == []
    assert log.known([id_of(1), id_of(3), id_of(2)]) == {id_of(1), id_of(2)}
    assert log.cells(0, 2 * NOON) == [replace(FIRST, stories=2, reach=2, weight=2.0)]
    assert (log.offsets("feed"), log.offsets("other")) == ({"part": "9"}, {})


def test_what_is_read_is_what_was_kept(log: OpinionLog) -> None:
    """Every field comes back but the text as it was posted, which nobody keeps; NUL and halves of signs do not."""
    one = opinion("a", "首 文本 'x' \\ \U0001f600", about=[("Meta", "negative"), ("腾讯", "positive")])
    post = replace(one.post, author="p-1", url="http://a/\0b\ud800", language="zh-CN", again=True)
    take(log, replace(one, post=post))
    clean = replace(post, text=one.text, url="http://a/b?")
    assert log.text(id_of("a")) == Kept(id=id_of("a"), opinion=replace(one, post=clean), story=id_of("a"), first=True)
    assert log.text(id_of("b")) is None
    assert log.texts("nothing") == []


def test_alike_texts_are_one_story(log: OpinionLog) -> None:
    """Equal ones and those that are alike join the story, of this batch or of another; the others begin their own."""
    taken = take(log, opinion(1, "bank fails"), opinion(2, "bank falls"), opinion(3, "rain again"))
    assert dict(taken.stories) == {id_of(1): id_of(1), id_of(3): id_of(3)}
    more = [opinion(4, "bank fails", source="wire", at=NOON + 2 * HOUR), opinion(5, "bank is gone", at=NOON - HOUR)]
    assert take(log, *more, source="wire").stories == {}
    story, other = log.stories(NOON - DAY, NOON + DAY)
    assert (story.id, story.reach, story.sources) == (id_of(1), 4, 2)
    assert (story.first, story.last, story.text) == (NOON - HOUR, NOON + 2 * HOUR, "bank fails")
    assert (other.id, other.reach, other.sources) == (id_of(3), 1, 1)
    assert [one.opinion.text for one in log.texts(story.id)] == [
        "bank is gone",
        "bank fails",
        "bank falls",
        "bank fails",
    ]
    assert [one.id for one in log.texts(story.id, most=2)] == [id_of(5, "feed"), id_of(1)]
    assert [one.first for one in log.texts(story.id)] == [False, True, False, False]
    assert log.story(id_of(1)) == story
    assert log.story("nothing") is None
    assert [cell.stories for cell in log.cells(0, 2 * NOON)] == [0, 2, 0]


def test_a_story_ends_after_its_days(log: OpinionLog) -> None:
    """A text alike that comes later than that begins another; one that is earlier than that does too."""
    take(log, opinion(1, "bank fails"))
    assert take(log, opinion(2, "bank fails", at=NOON + 2 * DAY)).stories == {}
    assert take(log, opinion(3, "bank fails", at=NOON + 4 * DAY + 1)).stories == {id_of(3): id_of(3)}
    assert take(log, opinion(4, "bank fails", at=NOON - 2 * DAY - 1)).stories == {id_of(4): id_of(4)}
    assert take(log, opinion(5, "bank falls", at=NOON + 5 * DAY)).stories == {}
    assert [story.reach for story in log.stories(0, 2 * NOON)] == [2, 2, 1]


def test_a_flood_is_one_story(log: SqlOpinionLog) -> None:
    """However many say nearly the same, one story is counted, with all of them as its reach."""
    for batch in range(5):
        take(log, *(opinion(f"{batch}-{one}", f"buy now {one % 40}", at=NOON + one) for one in range(200)))
    assert log.cells(0, 2 * NOON) == [replace(FIRST, reach=1000)]
    assert [story.reach for story in log.stories(NOON, NOON + 10)] == [50]
    assert [story.reach for story in log.stories(NOON, NOON + HOUR)] == [1000]


def test_stories_of_a_kind(log: OpinionLog) -> None:
    """Of a topic, an entity and a sentiment where these are named; an entity's name is no pattern and no part."""
    take(
        log,
        opinion(1, "a 1", about=[("A%", "negative"), ("B", "positive")]),
        opinion(2, "b 1", topic="fees", felt="positive", about=[("AB", "negative")]),
        opinion(3, "b 2"),
    )
    found = {
        "": log.stories(0, 2 * NOON),
        "fees": log.stories(0, 2 * NOON, topic="fees"),
        "B": log.stories(0, 2 * NOON, entity="B"),
        "A%": log.stories(0, 2 * NOON, entity="A%"),
        "bad": log.stories(0, 2 * NOON, sentiment="negative", most=1),
    }
    names = {kind: [story.id for story in stories] for kind, stories in found.items()}
    assert names == {
        "": [id_of(2), id_of(1)],
        "fees": [id_of(2)],
        "B": [id_of(1)],
        "A%": [id_of(1)],
        "bad": [id_of(1)],
    }
    assert found["B"][0].entities == ("A%", "B")
    assert log.stories(0, NOON) == []


def test_a_text_counts_for_each_entity_with_what_is_felt_of_it(log: OpinionLog) -> None:
    """Beside the cell of all texts; the weight is that of texts which began a story; hours are those of publication."""
    take(log, replace(opinion(1, "x 1", about=[("Meta", "positive"), ("TikTok", "negative")]), weight=0.5))
    take(log, opinion(2, "x 2", at=NOON + 5), now=NOON + 9 * DAY)
    meta = replace(FIRST, entity="Meta", sentiment="positive", weight=0.5)
    tiktok = replace(FIRST, entity="TikTok", weight=0.5)
    every = replace(FIRST, reach=2, weight=0.5)
    assert sorted(log.cells(NOON, NOON + 1), key=lambda cell: cell.entity) == [every, meta, tiktok]
    assert log.cells(NOON, NOON + 1, entity="") == [every]
    assert log.cells(NOON, NOON + 1, topic="rates", entity="Meta") == [meta]
    assert log.cells(NOON, NOON + 1, topic="other") == []
    assert log.cells(NOON + 1, 2 * NOON) == []


def test_a_silent_source_is_told_from_one_that_answers(log: OpinionLog) -> None:
    """Each poll counts, with posts or without; posts count in the hours they were published and heard in."""
    take(log, opinion(1, at=NOON - DAY), opinion(2))
    take(log, opinion(2))
    take(log, source="wire", now=NOON)
    assert log.heard(NOON - DAY, NOON + DAY) == [
        Heard(source="feed", start=NOON - DAY, published=1, heard=0, polls=0),
        Heard(source="feed", start=NOON - DAY + HOUR, published=0, heard=1, polls=0),
        Heard(source="feed", start=NOON, published=1, heard=0, polls=0),
        Heard(source="wire", start=NOON, published=0, heard=0, polls=1),
        Heard(source="feed", start=NOON + HOUR, published=0, heard=1, polls=2),
    ]


def test_texts_of_a_time(log: OpinionLog) -> None:
    """The last first, half open, of a topic, of those that began a story, as many as are asked for."""
    take(log, opinion(1, "a 1"), opinion(2, "a 2", at=NOON + 1), opinion(3, "b", at=NOON + 2, topic="fees"))
    take(log, opinion(4, "c", at=NOON + DAY))
    assert [one.id for one in log.between(NOON, NOON + DAY)] == [id_of(3), id_of(2), id_of(1)]
    assert [one.id for one in log.between(NOON, NOON + DAY, first=True)] == [id_of(3), id_of(1)]
    assert [one.id for one in log.between(NOON, 2 * NOON, topic="rates", most=2)] == [id_of(4), id_of(2)]
    assert log.between(0, NOON) == []


def test_a_correction_moves_what_is_counted(log: OpinionLog) -> None:
    """The sentiment in the cell of all texts, the topic in every cell of it; said again it changes nothing."""
    take(log, opinion(1, "x 1", about=[("Meta", "positive")]), opinion(2, "x 2"))
    for _ in range(2):
        log.correct(said(1, sentiment="neutral")).result()
        assert {(cell.entity, cell.sentiment, cell.stories, cell.reach) for cell in log.cells(0, 2 * NOON)} == {
            ("", "neutral", 1, 1),
            ("", "negative", 0, 1),
            ("Meta", "positive", 1, 1),
        }
    log.correct(said(1, topic="fees")).result()
    assert {cell.topic for cell in log.cells(0, 2 * NOON, entity="Meta")} == {"fees"}
    (cell,) = log.cells(0, 2 * NOON, topic="fees", entity="")
    assert (cell.sentiment, cell.stories, cell.weight) == ("neutral", 1, 1.0)
    (story,) = log.stories(0, 2 * NOON)
    assert (story.topic, story.sentiment) == ("fees", "neutral")
    kept = log.text(id_of(1))
    assert kept is not None
    assert (kept.opinion.topic, kept.opinion.sentiment, kept.opinion.sure) == ("fees", "neutral", 1.0)
    assert [one.id for one in log.between(0, 2 * NOON, topic="fees")] == [id_of(1)]
    assert [one.id for one in log.between(0, 2 * NOON, topic="rates")] == [id_of(2)]


def test_the_last_word_of_a_text_and_entity_counts(log: OpinionLog) -> None:
    """A later correction stands for an earlier one; what it leaves open stays as it was said before."""
    take(log, opinion(1, about=[("Meta", "positive")]))
    log.correct(said(1, sentiment="neutral", topic="fees", at=1)).result()
    log.correct(said(1, sentiment="positive", at=2)).result()
    log.correct(said(1, sentiment="negative", entity="Meta", at=3)).result()
    log.correct(said(1, sentiment="negative", entity="Nobody", at=4)).result()
    cells = {(cell.entity, cell.topic, cell.sentiment) for cell in log.cells(0, 2 * NOON)}
    assert cells == {("", "fees", "positive"), ("Meta", "fees", "negative")}
    assert log.corrections() == [
        said(1, sentiment="positive", topic="fees", at=2),
        said(1, sentiment="negative", entity="Meta", at=3),
        said(1, sentiment="negative", entity="Nobody", at=4),
    ]
    assert [one.entity for one in log.corrections(since=4)] == ["Nobody"]
    with pytest.raises(MissingError):
        log.correct(said(2, topic="fees")).result()


def test_logs_of_two_models_are_apart(database: Database, tmp_path: Path) -> None:
    """In one database, and even in one folder."""
    one, other = (open_log(database, tmp_path, model) for model in ("mood", "market"))
    take(one, opinion(1))
    assert other.known([id_of(1)]) == set()
    assert take(other, opinion(1), opinion(2)).new == [id_of(1), id_of(2)]
    assert (len(one.between(0, 2 * NOON)), len(other.between(0, 2 * NOON))) == (1, 2)


def test_small_segments_are_merged(log: SqlOpinionLog, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """When there are many of a day they become one; every text is found as before, those of another day apart."""
    monkeypatch.setattr(manifest, "FEW", 4)
    for key in range(10):
        take(log, opinion(key, at=NOON + key), now=NOON + key // 8 * DAY)
    log.correct(said(3, topic="fees")).result()  # behind all that is under way
    with database.reading() as connection:
        levels = [(one.day, one.level, one.rows) for one in manifest.segments(connection, "mood")]
    assert sorted(levels) == [("2027-01-15", 1, 4), ("2027-01-15", 1, 4), ("2027-01-16", 0, 1), ("2027-01-16", 0, 1)]
    assert [one.id for one in log.between(0, 2 * NOON)] == [id_of(key) for key in reversed(range(10))]
    assert all(log.text(id_of(key)) for key in range(10))


def test_nothing_of_a_batch_stays_when_its_segment_cannot_be_written(
    log: SqlOpinionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No id, no story, no count, no offset; tried again it is all there."""

    def fails(*_: object, **__: object) -> None:
        raise OSError(28, "No space left")

    with monkeypatch.context() as patched:
        patched.setattr(segments.os, "fsync", fails)
        with pytest.raises(Exception, match="No space left"):
            take(log, opinion(1), place="5")
    assert (log.known([id_of(1)]), log.cells(0, 2 * NOON), log.offsets("feed"), log.heard(0, 2 * NOON)) == (
        set(),
        [],
        {},
        [],
    )
    assert take(log, opinion(1), place="5").new == [id_of(1)]
    assert log.text(id_of(1)) is not None


def test_a_segment_that_is_gone_is_said(log: SqlOpinionLog, tmp_path: Path) -> None:
    """A file that the manifest names and nobody finds is an error, not a text less."""
    take(log, opinion(1))
    for path in tmp_path.rglob("*.parquet"):
        path.unlink()
    with pytest.raises(DataError, match="gone"):
        log.text(id_of(1))


def test_a_damaged_segment_is_said(log: SqlOpinionLog, database: Database, tmp_path: Path) -> None:
    """By who reads its texts and by who merges it; what comes in is taken all the same."""
    take(log, opinion(1))
    take(log, opinion(2))
    for path in tmp_path.rglob("*.parquet"):
        path.write_bytes(b"PAR1" + b"spoilt" * 50 + b"PAR1")
    with pytest.raises(DataError, match="damaged"):
        log.text(id_of(1))
    with pytest.raises(DataError, match="damaged"):
        SqlUpkeep(database, next(tmp_path.glob("舆情*")), "mood").compact(2 * NOON)
    assert take(log, opinion(3)).new == [id_of(3)]


def test_an_install_without_duckdb_takes_and_counts(log: SqlOpinionLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts alone cannot be read there, and what to install is said."""
    monkeypatch.setitem(sys.modules, "duckdb", None)
    take(log, opinion(1))
    assert len(log.cells(0, 2 * NOON)) == 1
    with pytest.raises(MissingError, match="duckdb"):
        log.text(id_of(1))


def test_an_opinion_without_a_sketch_is_a_story(log: SqlOpinionLog) -> None:
    """It is compared with nothing."""
    one, other = opinion(1, "x 1"), opinion(2, "x 1")
    batch = Batch(posts=[one.post, other.post])
    taken = log.take("feed", batch, [one, other], {one.post.id: sketch(one)}, now=NOON).result()
    assert len(taken.stories) == 2


def test_migrations_make_the_tables_of_the_code(database: Database) -> None:
    """What Alembic made is what the tables of the log say."""
    with database.reading() as connection:
        options = {"include_name": lambda name, kind, _: kind != "table" or str(name).startswith("opinion_")}
        changes = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    assert [change for change in changes if "opinion_" in str(change)] == []
