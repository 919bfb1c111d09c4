"""Whether each post of a stream counts once, while the workers that read it are killed.

    python -m benchmarks.opinion.exactly_once [--quick]

A stream of a real Redis holds composed posts of a day, by a seed: a third repeat a story, a twentieth is late by more
than a week, a tenth stands in the stream twice. Two workers read it at once into one database (SQLite, then a real
PostgreSQL that calls ``fsync``), each a process of its own; whenever so many posts count, one of them, or both, are
killed (SIGKILL), at a moment within the next 50 ms that is drawn, and started again. Ours is the monitor's own way
from the stream into the log, with an analyst that knows two words. At the end the counts of each hour, topic and
sentiment, what was heard, and the texts are compared with what was planted: ``wrong`` is by how many they differ.

The peers read the same stream in the same way under as many kills, and count into a table of SQLite with a commit a
batch: one acknowledges what is counted (at least once), the other what is read (at most once). Neither keeps ids.

    python -m benchmarks.opinion.exactly_once --peer WAY SOCKET DATABASE     a worker of such a peer
"""

import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measuring import ROOT, arguments, note, program, tell

from argosy.core.opinion import HOUR
from argosy.opinion.stories.sketch import same
from argosy.store.database import Database, sqlite_url
from argosy.store.opinion.log import SqlOpinionLog
from argosy.store.upgrade import upgrade

SEED = 20261123
EVER = (0, 2**62)
STREAM, GROUP, MODEL, NAME = "news", "argosy", "mood", "wire"
_BATCH, _IDLE = 64, 300  # entries of a batch; ms after which those of another worker are taken over
_AGAIN = 0.1  # of the posts
_DELAY = 0.05  # s
_ADD = "INSERT INTO counts VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET posts = posts + 1"
Key = tuple[int, str, str]
"""Hour, topic and sentiment."""


def main() -> None:
    """Ours on both databases, and the peers."""
    sys.path.insert(0, str(ROOT / "tests"))
    if sys.argv[1:2] == ["--peer"]:
        peer(*sys.argv[2:])
        return
    quick = arguments(__doc__).quick
    posts, kills = (2_000, 4) if quick else (20_000, 40)
    from opining import plant
    from real_postgres import server

    planted = plant(random.Random(SEED), posts)
    found: dict[str, Any] = {"posts": posts, "kills": kills, "seed": SEED}
    with tempfile.TemporaryDirectory() as folder:
        found["sqlite"] = ours(planted, kills, sqlite_url(Path(folder) / "log.db"), Path(folder) / "texts")
        note(json.dumps(found["sqlite"]))
        for way in ("at_least_once", "at_most_once"):
            found[way] = peers(planted, kills, way, Path(folder) / f"{way}.db")
            note(json.dumps({way: found[way]}))
    with server(durable=True) as running, tempfile.TemporaryDirectory() as folder:
        found["postgresql"] = ours(planted, kills, running.database(), Path(folder))
    note(json.dumps(found["postgresql"]))
    tell("exactly_once", found, packages=("redis", "sqlalchemy", "psycopg", "duckdb"))


def fill(client: Any, planted: Sequence[Mapping[str, str]]) -> int:
    """Put them into the stream, some of them twice; how many entries these are."""
    rng = random.Random(SEED)
    entries = [(number, one) for number, one in enumerate(planted)]
    entries += [(number + rng.randrange(1, 500), one) for number, one in entries if rng.random() < _AGAIN]
    entries.sort(key=lambda entry: entry[0])
    pipe = client.pipeline(transaction=False)
    for _, one in entries:
        pipe.xadd(STREAM, one)
    pipe.execute()
    client.xgroup_create(STREAM, GROUP, id="0")
    return len(entries)


def keys_of(planted: Sequence[Mapping[str, str]]) -> list[Key]:
    """Where posts count."""
    from opining import opinion, posts_of

    read = [opinion(post) for post in posts_of(planted, NAME)]
    return [(one.post.at - one.post.at % HOUR, one.topic, one.sentiment) for one in read]


def wrong(counted: Mapping[Any, int], planted: Sequence[Mapping[str, str]]) -> dict[str, int]:
    """By how many posts the counts are too high and too low."""
    wanted = Counter(keys_of(planted))
    gaps = [counted.get(key, 0) - wanted.get(key, 0) for key in counted.keys() | wanted.keys()]
    return {"twice": sum(gap for gap in gaps if gap > 0), "lost": -sum(gap for gap in gaps if gap < 0)}


def run(command: Sequence[str], client: Any, count: Callable[[], int], entries: int, kills: int) -> dict[str, Any]:
    """Two workers of a command until the stream is read, killed in between."""
    rng = random.Random(SEED + kills)
    marks = sorted(rng.randrange(1, entries * 4 // 5) for _ in range(kills))
    workers = [start(command) for _ in range(2)]
    began, killed = time.monotonic(), 0
    while not done(client):
        if marks and count() >= marks[0]:
            marks.pop(0)
            time.sleep(rng.uniform(0, _DELAY))
            for place in rng.choice([(0,), (1,), (0, 1)]):
                workers[place].kill()
                workers[place].wait()
                workers[place] = start(command)
                killed += 1
        time.sleep(0.01)
    seconds = time.monotonic() - began
    for worker in workers:
        worker.kill()
        worker.wait()
    return {"killed": killed, "seconds": round(seconds, 1)}


def start(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    """A worker."""
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT)


def done(client: Any) -> bool:
    """Whether the group has read and acknowledged everything."""
    (group,) = client.xinfo_groups(STREAM)
    return group["lag"] == 0 and group["pending"] == 0


def ours(planted: Sequence[dict[str, str]], kills: int, url: str, folder: Path) -> dict[str, Any]:
    """The monitor's own way."""
    from real_redis import server

    database = Database(url)
    upgrade(database)
    log = SqlOpinionLog(database, folder, MODEL, same=same)

    def count() -> int:
        return sum(cell.reach for cell in log.cells(*EVER, entity=""))

    with server(durable=True) as redis, redis.client() as client:
        entries = fill(client, planted)
        told = {"kind": "redis", "name": NAME, "address": redis.url, "stream": STREAM, "url": url}
        told |= {"folder": str(folder), "moment": "", "nth": 0}
        command = [sys.executable, str(ROOT / "tests" / "killable_intake.py"), json.dumps(told)]
        how = run(command, client, count, entries, kills)
    found = {"entries": entries, **how, **compare(log, planted)}
    database.close()
    return found


def compare(log: SqlOpinionLog, planted: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """What the log holds beside what was planted."""
    counted: Counter[Key] = Counter()
    for cell in log.cells(*EVER, entity=""):
        counted[cell.start, cell.topic, cell.sentiment] += cell.reach
    counts = wrong(counted, planted)
    heard = log.heard(*EVER)
    texts = Counter(text.opinion.post.key for text in log.between(*EVER, most=10**7))
    wanted = Counter(one["id"] for one in planted)
    off = {
        "heard": abs(sum(one.heard for one in heard) - len(planted)),
        "published": abs(sum(one.published for one in heard) - len(planted)),
        "texts": (texts - wanted).total() + (wanted - texts).total(),
    }
    return {**counts, **off, "wrong": sum(counts.values()) + sum(off.values())}


def peers(planted: Sequence[dict[str, str]], kills: int, way: str, file: Path) -> dict[str, Any]:
    """A worker that keeps no ids."""
    from real_redis import server

    with sqlite3.connect(file) as made:
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("CREATE TABLE counts (start, topic, sentiment, posts, PRIMARY KEY (start, topic, sentiment))")

    def rows() -> dict[Key, int]:
        with sqlite3.connect(file) as opened:
            read = opened.execute("SELECT start, topic, sentiment, posts FROM counts").fetchall()
        return {(start, topic, sentiment): posts for start, topic, sentiment, posts in read}

    with server(durable=True) as redis, redis.client() as client:
        entries = fill(client, planted)
        command = program("opinion.exactly_once", "--peer", way, redis.url, str(file))
        how = run(command, client, lambda: sum(rows().values()), entries, kills)
    counts = wrong(rows(), planted)
    return {"entries": entries, **how, **counts, "wrong": sum(counts.values())}


def peer(way: str, url: str, file: str) -> None:
    """Read, count, and acknowledge in the order of the way, until killed."""
    import redis

    client = redis.Redis.from_url(url, decode_responses=True)
    database = sqlite3.connect(file, timeout=60)
    database.execute("PRAGMA synchronous = FULL")
    me = f"worker-{time.time_ns()}"
    while True:
        found = client.xautoclaim(STREAM, GROUP, me, _IDLE, count=_BATCH)[1]
        if not found:
            said = client.xreadgroup(GROUP, me, {STREAM: ">"}, count=_BATCH, block=100)
            found = said[0][1] if said else []
        ids = [id_ for id_, _ in found]
        if ids and way == "at_most_once":
            client.xack(STREAM, GROUP, *ids)
        with database:
            database.executemany(_ADD, keys_of([one for _, one in found]))
        if ids and way == "at_least_once":
            client.xack(STREAM, GROUP, *ids)


if __name__ == "__main__":
    main()
