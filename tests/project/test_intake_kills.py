"""Workers that are killed while they read: each post counts once, in the counts, in what was heard and in the texts.

Two workers read one stream into one log; one is killed at a moment that is drawn, the other wherever it then is.
``--kills`` tells how often.
"""

import json
import random
import select
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import mock_kafka
import pytest
import real_postgres
import real_redis
from deadlines import until
from killable_intake import MODEL, MOMENTS, source
from opining import EVER, Words, opinion, plant, posts_of

from argosy.core.opinion import HOUR, Source
from argosy.opinion.stories.sketch import same, sketches
from argosy.project.opining.intake import Intake
from argosy.store.database import Database, sqlite_url
from argosy.store.opinion.log import SqlOpinionLog
from argosy.store.upgrade import upgrade

pytest.importorskip("duckdb")
pytestmark = pytest.mark.slow  # each worker is a new process, which loads its packages for a second
SCRIPT = Path(__file__).parents[1] / "killable_intake.py"
NAME = "wire"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An upgraded database of each kind."""
    with ExitStack() as open_:
        found = sqlite_url(tmp_path / "舆情.db")
        if request.param == "postgres":
            pytest.importorskip("psycopg")
            if real_postgres.programs() is None:
                pytest.skip("PostgreSQL is not installed (initdb and pg_ctl)")
            found = open_.enter_context(real_postgres.server()).database()
        made = Database(found)
        upgrade(made)
        made.close()
        yield found


class Crew:
    """Workers on a stream."""

    def __init__(self, kind: str, address: str, stream: str, url: str, folder: Path) -> None:
        self._told = {"kind": kind, "address": address, "stream": stream, "url": url, "folder": str(folder)}
        self.exact = 0  # how many died at the very moment that was drawn
        self._database = Database(url)
        self.log = SqlOpinionLog(self._database, folder, MODEL, same=same)

    def source(self) -> Source:
        """The stream, of which every other worker is dead."""
        return source(self._told["kind"], NAME, self._told["address"], self._told["stream"], 0.0)

    @contextmanager
    def worker(self, moment: str, nth: int) -> "Iterator[subprocess.Popen[str]]":
        """A worker in the block, killed at its end."""
        told = json.dumps({**self._told, "name": NAME, "moment": moment, "nth": nth})
        process = subprocess.Popen([sys.executable, str(SCRIPT), told], stdout=subprocess.PIPE, text=True)
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def strike(self, moment: str, nth: int, through: int) -> None:
        """Kill two workers: when one is at its moment, or that many texts count."""
        with self.worker(moment, nth) as one, self.worker("", 0):
            until(lambda: select.select([one.stdout], [], [], 0)[0] or self.count() >= through)
            self.exact += bool(select.select([one.stdout], [], [], 0)[0])

    def finish(self, done: Callable[[], bool]) -> None:
        """Read what is left."""
        left = self.source()
        taking = Intake(left, Words(), self.log, sketches)
        until(lambda: taking.step() and done())
        left.close()

    def count(self) -> int:
        """How many texts count."""
        return sum(cell.reach for cell in self.log.cells(*EVER, entity=""))

    def close(self) -> None:
        """Let go of the log."""
        self._database.close()


def prove(log: SqlOpinionLog, planted: Sequence[dict[str, str]]) -> None:
    """Each post counts once: by topic, hour and sentiment, about the company, as heard, and as a text of a story."""
    read = [opinion(post) for post in posts_of(planted, NAME)]
    wanted: Counter[tuple[int, str, str, str]] = Counter()
    for one in read:
        start = one.post.at - one.post.at % HOUR
        wanted[start, one.topic, "", one.sentiment] += 1
        wanted.update([(start, one.topic, about.entity, about.sentiment) for about in one.about])
    cells = log.cells(*EVER)
    assert Counter({(one.start, one.topic, one.entity, one.sentiment): one.reach for one in cells}) == wanted
    heard = log.heard(0, 2**62)
    assert sum(one.heard for one in heard) == sum(one.published for one in heard) == len(planted)
    texts = log.between(*EVER, most=10**6)
    assert sorted(text.id for text in texts) == sorted(one.post.id for one in read)
    stories = log.stories(*EVER, most=10**6)
    assert sum(story.reach for story in stories) == len(planted)
    began = sum(text.first for text in texts)
    assert began == len(stories) == sum(cell.stories for cell in cells if not cell.entity)


@pytest.mark.timeout(0)  # as many kills as are asked for
@pytest.mark.skipif(real_redis.PROGRAM is None, reason=real_redis.WHY)
def test_a_stream_of_redis_counts_once_under_kills(pytestconfig: pytest.Config, url: str, tmp_path: Path) -> None:
    """With messages that the stream holds twice, and a Redis that dies and comes back."""
    pytest.importorskip("redis")
    rng = random.Random(7)
    kills = pytestconfig.getoption("kills")
    planted = plant(rng, 200 * (kills + 1))
    with real_redis.server(durable=True) as server, server.client() as client:
        crew = Crew("redis", server.url, "news", url, tmp_path / "texts")
        for kill in range(kills):
            for one in planted[: 200 * (kill + 1)][-220:]:  # some of them for the second time
                client.xadd("news", one)
            crew.strike(rng.choice(MOMENTS), rng.randint(1, 2), 200 * (kill + 1))
            if kill == kills // 2:
                server.stop()
                server.start()
        for one in planted[200 * kills :]:
            client.xadd("news", one)
        crew.finish(lambda: crew.count() >= len(planted) and not client.xpending("news", "argosy")["pending"])
        prove(crew.log, planted)
        crew.close()
    assert crew.exact >= kills // 3


@pytest.mark.timeout(0)
def test_a_topic_of_kafka_counts_once_under_kills(pytestconfig: pytest.Config, url: str, tmp_path: Path) -> None:
    """On librdkafka's mock brokers, where a dead worker's partitions are given to others after six seconds."""
    pytest.importorskip("confluent_kafka")
    rng = random.Random(8)
    kills = min(2, pytestconfig.getoption("kills"))
    planted = plant(rng, 200 * (kills + 1))
    with mock_kafka.cluster() as cluster:
        crew = Crew("kafka", cluster.brokers, "news", url, tmp_path / "texts")
        for kill in range(kills + 1):
            for place, one in enumerate(planted[200 * kill : 200 * (kill + 1)]):
                cluster.say("news", one, partition=place % 4)
            cluster.flush()
            if kill < kills:
                crew.strike(rng.choice(MOMENTS), 1, 200 * (kill + 1))
        crew.finish(lambda: crew.count() >= len(planted))
        prove(crew.log, planted)
        assert sum(map(int, crew.log.offsets(NAME).values())) == len(planted)
        crew.close()
