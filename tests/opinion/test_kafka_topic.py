"""Topics of Kafka, with the real client against the mock cluster that librdkafka brings for tests."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import count
from typing import Any

import mock_kafka
import pytest
from deadlines import until
from opining import MemoryLog, Words, sketches

from argosy.core.errors import MachineError, MissingError
from argosy.core.opinion import Batch
from argosy.opinion.sources.fields import Fields
from argosy.opinion.sources.kafka_topic import KafkaTopic
from argosy.project.opining.intake import drain, listening

pytest.importorskip("confluent_kafka")
# the mock cluster gives a new group its partitions after three seconds, which nobody can shorten from Python
pytestmark = pytest.mark.slow
_topics = count(1)
NOW = 1_795_000_000_000_000
AT = 1_790_000_000_000  # milliseconds


@pytest.fixture(scope="module")
def cluster() -> Iterator[mock_kafka.Cluster]:
    """Mock brokers for all tests of this file."""
    with mock_kafka.cluster() as started:
        yield started


@pytest.fixture
def topic() -> str:
    """A topic that nobody else uses."""
    return f"news-{next(_topics)}"


def source(cluster: mock_kafka.Cluster, topic: str, **settings: Any) -> KafkaTopic:
    """A worker on a topic, in a group of its own."""
    return KafkaTopic(
        "wire", cluster.brokers, topic, **{"group": topic, "session": 6.0, "clock": lambda: NOW, **settings}
    )


def fill(cluster: mock_kafka.Cluster, topic: str, numbers: range, partitions: int = 1) -> None:
    """Messages ``t0``, ``t1``, … in turn over partitions."""
    for number in numbers:
        cluster.say(topic, {"text": f"t{number}"}, partition=number % partitions, milliseconds=AT + number)
    cluster.flush()


def collect(hears: KafkaTopic, offsets: dict[str, str], wanted: int, most: int = 100) -> list[str]:
    """Take batches until that many posts came, or none came for a while; ``offsets`` go on as in a log."""
    found: list[str] = []
    empty = 0
    while len(found) < wanted and empty < 8:
        batch = hears.poll(offsets, most)
        found += texts(batch)
        offsets.update(batch.offsets)
        hears.kept(batch)
        empty = 0 if batch.posts else empty + 1
    return found


def texts(batch: Batch) -> list[str]:
    """What a batch says."""
    return [post.text for post in batch.posts]


def committed(cluster: mock_kafka.Cluster, topic: str) -> int:
    """How far the group says that it is in partition 0."""
    from confluent_kafka import Consumer, TopicPartition

    asked = Consumer({"bootstrap.servers": cluster.brokers, "group.id": topic, "log_level": 0})
    (place,) = asked.committed([TopicPartition(topic, 0)], timeout=10)
    asked.close()
    return int(place.offset)


def test_messages_become_posts(cluster: mock_kafka.Cluster, topic: str) -> None:
    """JSON by its fields, bare text as it is; the rest is refused, each with its reason."""
    told = {"body": "Acme fails", "head": "News", "guid": 7, "when": "2026-10-01 10:00", "who": "张三"}
    for value in (told, "裸文本 bare".encode(), b'{"body": not json', b"\xff\xfa", {"body": ["a"]}, None):
        cluster.say(topic, value, milliseconds=AT)
    cluster.flush()
    hears = source(cluster, topic, fields=Fields(text="body", title="head", key="guid", time="when", author="who"))

    batch = hears.poll({}, 100)

    first, second, third = batch.posts
    assert (first.key, first.title, first.author, first.text) == ("7", "News", "张三", "Acme fails")
    assert (first.at, first.received) == (1_790_848_800_000_000, NOW)
    assert (second.text, second.key, second.at) == ("裸文本 bare", f"0:1:{AT}", AT * 1000)
    assert third.text == '{"body": not json'
    assert [(one.where, one.reason) for one in batch.refused] == [
        (f"0:3:{AT}", "not_text"),
        (f"0:4:{AT}", "not_text"),
        (f"0:5:{AT}", "no_text"),
    ]
    assert batch.offsets == {f"{topic}:0": "6"}
    hears.close()


def test_what_was_not_kept_comes_again_and_what_was_is_committed(cluster: mock_kafka.Cluster, topic: str) -> None:
    """The consumer goes back by itself."""
    fill(cluster, topic, range(9))
    hears = source(cluster, topic)

    assert texts(hears.poll({}, 3))[0] == "t0"
    offsets: dict[str, str] = {}
    assert collect(hears, offsets, 4, most=2) == ["t0", "t1", "t2", "t3"]
    assert offsets == {f"{topic}:0": "4"}
    assert committed(cluster, topic) == 4
    assert texts(hears.poll(offsets, 3))[0] == "t4"
    assert collect(hears, offsets, 5) == ["t4", "t5", "t6", "t7", "t8"]
    hears.close()


def test_the_log_is_believed_before_the_group(cluster: mock_kafka.Cluster, topic: str) -> None:
    """A log out of a backup, or a new one, misses nothing."""
    fill(cluster, topic, range(6))
    hears = source(cluster, topic)
    assert len(collect(hears, {}, 6)) == 6
    hears.close()  # the group is told of all six

    restored = source(cluster, topic)  # over a log that was brought back from a backup
    assert collect(restored, {f"{topic}:0": "4"}, 2) == ["t4", "t5"]
    restored.close()
    anew = source(cluster, topic)
    assert collect(anew, {}, 6) == [f"t{number}" for number in range(6)]
    anew.close()


def test_partitions_move_between_workers(cluster: mock_kafka.Cluster, topic: str) -> None:
    """When one comes and when one leaves no message is lost."""
    log = MemoryLog()

    def reached(count: int) -> bool:
        return len(log.between(0, NOW)) == count

    def hears() -> AbstractContextManager[object]:
        return listening([source(cluster, topic)], Words(), log, sketches, every={})

    fill(cluster, topic, range(40), partitions=4)
    with hears():
        with hears():
            until(lambda: reached(40))
            fill(cluster, topic, range(40, 80), partitions=4)
            until(lambda: reached(80))
        fill(cluster, topic, range(80, 120), partitions=4)
        until(lambda: reached(120))
    assert sum(map(int, log.offsets("wire").values())) == 120


def test_a_topic_is_drained_to_its_end(cluster: mock_kafka.Cluster, topic: str) -> None:
    """A worker that has just joined does not take its first silence for the end."""
    fill(cluster, topic, range(300), partitions=4)
    log = MemoryLog()
    tallies = drain([source(cluster, topic)], Words(), log, sketches)
    assert (tallies["wire"].new, tallies["wire"].trouble) == (300, "")


def test_an_offset_that_the_topic_no_longer_has_begins_at_the_first(cluster: mock_kafka.Cluster, topic: str) -> None:
    """Kafka deletes old messages, and topics are made anew."""
    fill(cluster, topic, range(3))
    hears = source(cluster, topic)
    assert collect(hears, {f"{topic}:0": "500"}, 3) == ["t0", "t1", "t2"]
    hears.close()


def test_brokers_that_are_not_there_are_told_of() -> None:
    """The client alone would be silent for ever."""
    hears = KafkaTopic("wire", "127.0.0.1:1", "news")
    with pytest.raises(MachineError, match="Kafka topic cannot be read"):
        hears.poll({}, 5)
    hears.close()


def test_brokers_that_die_are_told_of() -> None:
    """While a worker reads from them; what it had in hand is its own still."""
    command = [sys.executable, mock_kafka.__file__]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        hears = KafkaTopic("wire", process.stdout.readline().strip(), "news")
        assert collect(hears, {}, 3) == ["t0", "t1", "t2"]
        process.kill()

        def raised() -> MachineError | None:
            try:
                hears.poll({}, 5)
            except MachineError as error:
                return error
            return None

        assert until(raised).where == "wire"
        hears.close()


def test_an_install_without_the_client_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what to install."""
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    with pytest.raises(MissingError, match="confluent_kafka"):
        KafkaTopic("wire", "127.0.0.1:1", "news")
