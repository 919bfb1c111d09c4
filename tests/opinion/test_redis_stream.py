"""Streams of a real Redis: what is given, what comes again, and what happens when workers or Redis itself die."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import real_redis

from argosy.core.errors import MachineError, ProjectError
from argosy.core.opinion import Batch
from argosy.opinion.sources.fields import Fields
from argosy.opinion.sources.redis_stream import RedisStream

pytest.importorskip("redis")
pytestmark = pytest.mark.skipif(real_redis.PROGRAM is None, reason=real_redis.WHY)
_streams = count(1)
NOW = 1_795_000_000_000_000
HOUR_AGO = 3_600_000  # milliseconds: longer than any worker keeps an entry for itself


@pytest.fixture(scope="module")
def server() -> Iterator[real_redis.Server]:
    """A Redis for all tests of this file."""
    with real_redis.server() as started:
        yield started


@pytest.fixture
def redis(server: real_redis.Server) -> Iterator[Any]:
    """A client of it."""
    with server.client() as client:
        yield client


@pytest.fixture
def stream() -> str:
    """The name of a stream that nobody else uses."""
    return f"新闻-{next(_streams)}"


def source(server: real_redis.Server, stream: str, **settings: Any) -> RedisStream:
    """A worker on a stream."""
    return RedisStream("wire", server.url, stream, clock=lambda: NOW, **settings)


def texts(batch: Batch) -> list[str]:
    """What a batch says."""
    return [post.text for post in batch.posts]


def die(redis: Any, stream: str) -> None:
    """Let all that anybody was given look as if that was an hour ago."""
    for one in redis.xpending_range(stream, "argosy", "-", "+", 100):
        redis.xclaim(stream, "argosy", one["consumer"], 0, [one["message_id"]], idle=HOUR_AGO, justid=True)


def test_entries_become_posts(server: real_redis.Server, redis: Any, stream: str) -> None:
    """Fields by their names in the project; the entry's id where it has none."""
    told = {
        "body": "  Acme fails its customers ",
        "head": "News",
        "guid": "g1",
        "when": "2026-10-01 10:00",
        "who": "张三",
        "url": "https://example.org/1",
    }
    redis.xadd(stream, told, id="1790000000000-1")
    id_ = redis.xadd(stream, {"body": "no id and no time"}, id="1790000000123-7")
    fields = Fields(text="body", title="head", key="guid", time="when", author="who")
    hears = source(server, stream, fields=fields)

    first, second = hears.poll({}, 10).posts

    assert (first.key, first.title, first.author, first.url) == ("g1", "News", "张三", "https://example.org/1")
    assert (first.at, first.received, first.text.strip()) == (1_790_848_800_000_000, NOW, "Acme fails its customers")
    assert (second.key, second.at) == (id_.decode(), 1_790_000_000_123_000)  # when Redis took it
    hears.close()


def test_what_is_no_post_is_refused_and_acknowledged(server: real_redis.Server, redis: Any, stream: str) -> None:
    """Each with its reason, and never given again."""
    for told in (
        {"text": b"\xff\xfe\xfa"},
        {"title": "nothing below"},
        {"text": " \n"},
        {"text": "x" * 1_000_001},
        {"text": "when?", "time": "soon"},
        {"text": "tomorrow's", "time": "2099-01-01"},
    ):
        redis.xadd(stream, told)
    hears = source(server, stream)

    batch = hears.poll({}, 10)
    hears.kept(batch)

    assert [one.reason for one in batch.refused] == ["not_text", "no_text", "no_text", "too_large", "no_time"]
    assert [(one.text, one.at) for one in batch.posts] == [("tomorrow's", NOW)]  # nothing is heard before it is said
    assert redis.xpending(stream, "argosy")["pending"] == 0
    hears.close()


def test_what_was_not_kept_comes_again_before_what_is_new(server: real_redis.Server, redis: Any, stream: str) -> None:
    """In its order, however few are asked for."""
    for number in range(5):
        redis.xadd(stream, {"text": f"t{number}"})
    hears = source(server, stream)

    assert texts(hears.poll({}, 3)) == ["t0", "t1", "t2"]
    again = hears.poll({}, 2)
    assert (texts(again), again.more) == (["t0", "t1"], True)
    hears.kept(again)
    rest = hears.poll({}, 2)
    hears.kept(rest)
    assert texts(rest) == ["t2"]
    last = hears.poll({}, 3)
    assert (texts(last), last.more) == (["t3", "t4"], False)
    hears.close()


def test_two_workers_share_a_stream(server: real_redis.Server, redis: Any, stream: str) -> None:
    """None is given what the other one has."""
    for number in range(6):
        redis.xadd(stream, {"text": f"t{number}"})
    one, other = source(server, stream), source(server, stream)

    assert texts(one.poll({}, 3)) == ["t0", "t1", "t2"]
    assert texts(other.poll({}, 9)) == ["t3", "t4", "t5"]
    one.close()
    other.close()


def test_what_a_dead_worker_had_is_taken_over(server: real_redis.Server, redis: Any, stream: str) -> None:
    """After its time, and not before."""
    for number in range(4):
        redis.xadd(stream, {"text": f"t{number}"})
    dead = source(server, stream)
    dead.poll({}, 3)
    living = source(server, stream)
    assert texts(living.poll({}, 9)) == ["t3"]  # the other one may still be at work
    living.kept(Batch(token=[]))
    die(redis, stream)

    heir = source(server, stream)
    batch = heir.poll({}, 2)
    assert (texts(batch), batch.more) == (["t0", "t1"], True)
    heir.kept(batch)
    assert set(texts(heir.poll({}, 9))) == {"t2", "t3"}
    for each in (dead, living, heir):
        each.close()


def test_an_entry_that_was_deleted_meanwhile_is_no_post(server: real_redis.Server, redis: Any, stream: str) -> None:
    """Redis names it still, without a field."""
    ids = [redis.xadd(stream, {"text": f"t{number}"}) for number in range(3)]
    hears = source(server, stream)
    hears.poll({}, 3)
    redis.xdel(stream, ids[1])

    batch = hears.poll({}, 3)
    hears.kept(batch)

    assert (texts(batch), batch.refused) == (["t0", "t2"], [])
    assert redis.xpending(stream, "argosy")["pending"] == 0
    hears.close()


def test_a_worker_that_kept_everything_leaves_nothing_behind(
    server: real_redis.Server, redis: Any, stream: str
) -> None:
    """The group forgets it; one that owes something it does not."""
    for number in range(2):
        redis.xadd(stream, {"text": f"t{number}"})
    tidy, hasty = source(server, stream), source(server, stream)
    tidy.kept(tidy.poll({}, 1))
    hasty.poll({}, 1)

    tidy.close()
    hasty.close()

    assert [one["pending"] for one in redis.xinfo_consumers(stream, "argosy")] == [1]  # what it has must not be lost


def test_a_redis_that_is_gone_is_told_of_and_found_again() -> None:
    """What was in hand comes again, for its acknowledgement may be lost."""
    with real_redis.server(durable=True) as server:
        with server.client() as client:
            for number in range(3):
                client.xadd("news", {"text": f"t{number}"})
        hears = source(server, "news")
        given = hears.poll({}, 2)
        server.stop()
        with pytest.raises(MachineError, match="Redis stream cannot be read"):
            hears.kept(given)
        with pytest.raises(MachineError, match="wire"):
            hears.poll({}, 2)

        server.start()
        assert texts(hears.poll({}, 2)) == ["t0", "t1"]  # nobody knows whether they are kept
        hears.close()


def test_a_stream_that_redis_lost_begins_anew(server: real_redis.Server, redis: Any, stream: str) -> None:
    """The group is made again, and hears what came before it."""
    hears = source(server, stream)
    assert texts(hears.poll({}, 2)) == []
    redis.delete(stream)
    redis.xadd(stream, {"text": "after"})

    assert texts(hears.poll({}, 2)) == ["after"]
    hears.close()


def test_an_address_of_something_else_is_refused() -> None:
    """When the project is opened, not at the first poll."""
    with pytest.raises(ProjectError, match="no address of a Redis"):
        RedisStream("wire", "http://127.0.0.1:1", "news")


def test_a_key_of_another_kind_is_told_of(server: real_redis.Server, redis: Any, stream: str) -> None:
    """In the words of Redis."""
    redis.set(stream, "a word")
    hears = source(server, stream)
    with pytest.raises(MachineError, match="WRONGTYPE"):
        hears.poll({}, 2)
    hears.close()
