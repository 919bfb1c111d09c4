"""What the opinion log costs: texts a second that it takes, and its answers as topics and texts grow.

    python -m benchmarks.opinion.scale [--quick | --full]

Texts are composed of drawn words, by a seed: seven in ten begin a story, the others repeat one of the last thousand,
word for word or with a word more, over 60 days a million of them, in batches of 200. What stands in sketches is drawn
too (making them is measured elsewhere), the verdict whether two texts are one story is the service's. The peer is the
same log as plain rows of one SQLite table with an index for each question, in WAL mode with ``synchronous=FULL``, a
commit a batch; it finds no stories, each text comes with the one that it belongs to, and its counts are asked of the
rows.
``--full`` goes on to a million texts, without it the last size is 100,000.
"""

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.measuring import note, tell

from argosy.core.opinion import HOUR, SENTIMENTS, About, Batch, Opinion, Post, Sketch
from argosy.opinion.stories.sketch import same
from argosy.store.database import Database, sqlite_url
from argosy.store.opinion import manifest
from argosy.store.opinion.log import SqlOpinionLog
from argosy.store.opinion.upkeep import SqlUpkeep
from argosy.store.upgrade import upgrade

SEED = 20261123
BATCH = 200
DAY = 24 * HOUR
START = 20_000 * DAY
PACE = 60 * DAY // 1_000_000  # µs between two texts
BANDS = 18  # of a sketch
_ENTITIES = [f"company {number}" for number in range(20)]
_WORDS = 4_000
_ROUNDS = 9
_REPEATS, _EQUAL, _NAMED = 0.3, 0.5, 0.3  # shares: of repeats, of equal ones among them, of texts with an entity
_INSERT = "INSERT OR IGNORE INTO texts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
Item = tuple[Opinion, Sketch, str]
"""An opinion, its sketch, and the id of the text that it repeats, or its own."""
_TABLE = """
CREATE TABLE texts (id TEXT PRIMARY KEY, at INTEGER, story TEXT, first INTEGER, source TEXT, topic TEXT,
    language TEXT, sentiment TEXT, weight REAL, title TEXT, text TEXT, url TEXT, author TEXT, negative REAL,
    neutral REAL, positive REAL, sure REAL, about TEXT, version TEXT);
CREATE INDEX by_time ON texts (at, topic);
CREATE INDEX by_story ON texts (story, at);
"""


@dataclass(frozen=True)
class Spent:
    """Seconds of a core, which do not hang on who else uses the machine, and by the clock, waits for the disk too."""

    core: float
    clock: float

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.core + other.core, self.clock + other.clock)


class Stream:
    """Texts as they come in, without end."""

    def __init__(self, topics: int, seed: int = SEED) -> None:
        self._draw = random.Random(seed)
        self._topics = topics
        self._recent: list[Item] = []
        self.count = 0
        letters = "bcdfghklmnprstvw"
        self._words = [
            "".join(self._draw.choice(letters) + self._draw.choice("aeiou") for _ in range(self._draw.randint(2, 4)))
            for _ in range(_WORDS)
        ]

    @property
    def now(self) -> int:
        """When the next one is published."""
        return START + self.count * PACE

    def mixed(self) -> Iterator[Item]:
        """New ones and repeats."""
        while True:
            old = self._draw.choice(self._recent) if self._recent and self._draw.random() < _REPEATS else None
            yield self.again(old) if old else self.new()

    def news(self) -> Iterator[Item]:
        """New ones alone."""
        while True:
            yield self.new()

    def flood(self, *, equal: bool) -> Iterator[Item]:
        """Repeats of one text: all equal, or each with another word."""
        first = self.new()
        yield first
        while True:
            yield self.again(first, equal=equal)

    def new(self) -> Item:
        """One that is like no other."""
        words = self._draw.choices(self._words, k=self._draw.randint(12, 24))
        bands = tuple(self._draw.getrandbits(63) for _ in range(BANDS))
        item = self._item(" ".join(words), bands, f"topic {self._draw.randrange(self._topics)}", "")
        self._recent = [*self._recent[-999:], item]
        return item

    def again(self, old: Item, *, equal: bool | None = None) -> Item:
        """A repeat."""
        opinion, sketch, story = old
        equal = self._draw.random() < _EQUAL if equal is None else equal
        text = opinion.text if equal else f"{opinion.text} {self._draw.choice(self._words)}"
        bands = (*sketch.bands[: BANDS - 4], *(self._draw.getrandbits(63) for _ in range(4)))
        return self._item(text, sketch.bands if equal else bands, opinion.topic, story)

    def _item(self, text: str, bands: tuple[int, ...], topic: str, story: str) -> Item:
        at, self.count = self.now, self.count + 1
        source = f"source-{self._draw.randrange(20)}"
        post = Post(source=source, key=str(self.count), text=text, at=at, received=at, url=f"https://a/{self.count}")
        felt = self._draw.choice(SENTIMENTS)
        about = ()
        if self._draw.random() < _NAMED:
            about = (About(entity=self._draw.choice(_ENTITIES), chances={felt: 1.0}, spans=((0, 4),)),)
        chances = {one: 0.8 if one == felt else 0.1 for one in SENTIMENTS}
        opinion = Opinion(post=post, text=text, language="en", chances=chances, topic=topic, sure=0.9, about=about)
        return opinion, Sketch(digest=text[:64], bands=bands), story or post.id


class Rows:
    """The peer: every text a row."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._raw = sqlite3.connect(file, isolation_level=None)
        self._raw.execute("PRAGMA journal_mode=WAL")
        self._raw.execute("PRAGMA synchronous=FULL")
        self._raw.executescript(_TABLE)

    def take(self, items: Sequence[Item]) -> None:
        """Keep a batch."""
        rows = [self._row(*item) for item in items]
        self._raw.execute("BEGIN IMMEDIATE")
        self._raw.executemany(_INSERT, rows)
        self._raw.execute("COMMIT")

    def cells(self, start: int, end: int) -> list[Any]:
        """Counts of each hour, topic and sentiment."""
        return self._all(
            "SELECT at / ?1 * ?1, topic, language, sentiment, SUM(first), COUNT(*), SUM(weight * first) FROM texts"
            " WHERE at >= ?2 AND at < ?3 GROUP BY 1, 2, 3, 4",
            HOUR,
            start,
            end,
        )

    def topic(self, start: int, end: int, topic: str) -> list[Any]:
        """Counts of a topic in each hour."""
        return self._all(
            "SELECT at / ?1 * ?1, sentiment, SUM(first), COUNT(*), SUM(weight * first) FROM texts"
            " WHERE at >= ?2 AND at < ?3 AND topic = ?4 GROUP BY 1, 2",
            HOUR,
            start,
            end,
            topic,
        )

    def stories(self, start: int, end: int) -> list[Any]:
        """Stories of most reach."""
        return self._all(
            "SELECT told.reach, texts.* FROM (SELECT story, COUNT(*) AS reach FROM texts WHERE at >= ? AND at < ?"
            " GROUP BY story ORDER BY reach DESC LIMIT 50) AS told JOIN texts ON texts.id = told.story",
            start,
            end,
        )

    def texts(self, story: str) -> list[Any]:
        """The texts of a story."""
        return self._all("SELECT * FROM texts WHERE story = ? ORDER BY at LIMIT 100", story)

    def between(self, start: int, end: int, topic: str) -> list[Any]:
        """Texts of a topic, the last first."""
        query = "SELECT * FROM texts WHERE at >= ? AND at < ? AND topic = ? ORDER BY at DESC LIMIT 1000"
        return self._all(query, start, end, topic)

    def _all(self, query: str, *values: Any) -> list[Any]:
        return self._raw.execute(query, values).fetchall()

    def _row(self, one: Opinion, _: Sketch, story: str) -> tuple[Any, ...]:
        post, chances = one.post, [one.chances[name] for name in SENTIMENTS]
        about = ",".join(each.entity for each in one.about)
        begins = story == post.id
        told = (post.title, one.text, post.url, post.author, *chances, one.sure, about, one.version)
        return (post.id, post.at, story, begins, post.source, one.topic, one.language, one.sentiment, one.weight, *told)


class Ours:
    """The log, in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.database = Database(sqlite_url(folder / "store.db"))
        upgrade(self.database)
        self.log = SqlOpinionLog(self.database, folder / "texts", "m", same=same)

    def take(self, items: Sequence[Item]) -> int:
        """Keep a batch; how many stories began."""
        opinions = [one for one, _, _ in items]
        batch = Batch(posts=[one.post for one in opinions], offsets={"": opinions[-1].post.key})
        sketches = {one.post.id: sketch for one, sketch, _ in items}
        return len(self.log.take("s", batch, opinions, sketches, now=opinions[-1].post.at).result().stories)

    def tidy(self, now: int) -> None:
        """What the service does each day."""
        upkeep = SqlUpkeep(self.database, self.folder / "texts", "m")
        upkeep.compact(now)
        upkeep.forget(now - 400 * DAY, over=now - 14 * DAY)
        upkeep.sweep()


def main() -> None:
    """Measure and print the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="a tenth of the texts")
    size.add_argument("--full", action="store_true", help="up to a million texts")
    given = parser.parse_args()
    sizes = [10_000, 100_000, *([1_000_000] if given.full else [])]
    if given.quick:
        sizes = [one // 10 for one in sizes]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        topics = {str(count): of_topics(place / f"topics-{count}", count, sizes[0]) for count in (10, 100, 1000)}
        volume = of_volume(place, sizes)
    last = volume[str(sizes[-1])]
    told = {
        "seed": SEED,
        "batch": BATCH,
        "texts": sizes[-1],
        "take": last["take"],
        "topics": topics,
        "volume": volume,
        "slower": {
            "topics": topics["10"]["take"] / topics["1000"]["take"],
            "volume": volume[str(sizes[0])]["take"]["core"]["new"] / last["take"]["core"]["new"],
        },
    }
    tell("scale", told, packages=("duckdb", "polars", "sqlalchemy"))


def of_topics(place: Path, count: int, texts: int) -> dict[str, float]:
    """Texts a second and the milliseconds of two questions with so many topics."""
    note(f"{count} topics")
    ours, stream = Ours(place), Stream(count)
    items = stream.mixed()
    took = sum(spent(partial(ours.take, list(islice(items, BATCH)))).core for _ in range(texts // BATCH))
    end = stream.now
    found = {
        "take": texts / took,
        "every_ms": timed(lambda: ours.log.cells(end - 28 * DAY, end, entity="")),
        "one_ms": timed(lambda: ours.log.cells(end - 28 * DAY, end, topic="topic 1", entity="")),
    }
    ours.database.close()
    return found


def of_volume(place: Path, sizes: Sequence[int]) -> dict[str, Any]:
    """What both do at each size of one log that grows."""
    ours, rows, stream = Ours(place / "ours"), Rows(place / "rows.db"), Stream(100)
    found, mixed = {}, stream.mixed()
    for size in sizes:
        note(f"{size} texts")
        while stream.count < size:
            items = list(islice(mixed, BATCH))
            ours.take(items)
            rows.take(items)
            if stream.now // DAY != (stream.now - BATCH * PACE) // DAY:
                ours.tidy(stream.now)
        found[str(size)] = {"ms": questions(ours, rows, stream), "bytes": weighed(ours, rows, stream.count)}
        found[str(size)]["take"] = taking(ours, rows, stream)
    ours.database.close()
    return found


def questions(ours: Ours, rows: Rows, stream: Stream) -> dict[str, dict[str, float]]:
    """The median milliseconds of each question, by both in turn; what they say is the same."""
    log, end = ours.log, stream.now
    month, day, topic = end - 28 * DAY, end - DAY, "topic 1"
    month -= month % HOUR
    story = log.stories(day, end)[0].id
    asked: dict[str, tuple[Callable[[], Sequence[Any]], Callable[[], Sequence[Any]]]] = {
        "month_of_all": (lambda: log.cells(month, end, entity=""), lambda: rows.cells(month, end)),
        "month_of_topic": (
            lambda: log.cells(month, end, topic=topic, entity=""),
            lambda: rows.topic(month, end, topic),
        ),
        "stories_of_day": (lambda: log.stories(day, end), lambda: rows.stories(day, end)),
        "texts_of_story": (lambda: log.texts(story), lambda: rows.texts(story)),
        "texts_of_day": (
            lambda: log.between(day, end, topic=topic, most=1000),
            lambda: rows.between(day, end, topic),
        ),
    }
    found = {}
    for name, (one, other) in asked.items():
        mine, theirs = one(), other()
        if len(mine) != len(theirs):
            message = f"{name}: {len(mine)} and {len(theirs)}"
            raise ValueError(message)
        times = [(clocked(one), clocked(other)) for _ in range(_ROUNDS)]
        found[name] = {
            "ours": statistics.median(both[0] for both in times),
            "rows": statistics.median(both[1] for both in times),
        }
    return found


def taking(ours: Ours, rows: Rows, stream: Stream) -> dict[str, dict[str, float]]:
    """Texts a second of each kind, of a core and by the clock: the median of rounds in turn; both keep them all."""
    speeds: dict[str, list[Spent]] = {"new": [], "near": [], "equal": [], "rows": []}
    for _ in range(5):
        kinds = {"new": stream.news(), "near": stream.flood(equal=False), "equal": stream.flood(equal=True)}
        for name, items in kinds.items():
            mine, theirs = Spent(0, 0), Spent(0, 0)
            for _ in range(10):
                some = list(islice(items, BATCH))
                mine += spent(partial(ours.take, some))
                theirs += spent(partial(rows.take, some))
            speeds[name].append(mine)
            if name == "new":
                speeds["rows"].append(theirs)
    return {
        part: {
            name: 10 * BATCH / statistics.median(getattr(one, part) for one in some) for name, some in speeds.items()
        }
        for part in ("core", "clock")
    }


def timed(question: Callable[[], Any]) -> float:
    """The median milliseconds."""
    question()
    return statistics.median(clocked(question) for _ in range(_ROUNDS))


def spent(work: Callable[[], Any]) -> "Spent":
    """The seconds that it takes."""
    begun = Spent(time.process_time(), time.perf_counter())
    work()
    return Spent(time.process_time() - begun.core, time.perf_counter() - begun.clock)


def clocked(work: Callable[[], Any]) -> float:
    """Milliseconds."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def weighed(ours: Ours, rows: Rows, texts: int) -> dict[str, float]:
    """Bytes on the disk for each text: the Parquet files, the database beside them, and the peer's."""
    with ours.database.reading() as connection:
        files = [ours.folder / "texts" / path for path in manifest.named(connection, "m")]
    parquet = sum(path.stat().st_size for path in files)
    held = {"parquet": parquet, "database": (ours.folder / "store.db").stat().st_size}
    return {name: size / texts for name, size in {**held, "rows": rows.file.stat().st_size}.items()}


if __name__ == "__main__":
    main()
