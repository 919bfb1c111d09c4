"""A worker that reads a stream into the log until it is killed: ``python killable_intake.py JSON``.

JSON names the ``kind`` of the stream, its ``address``, ``stream`` and ``name``, the ``url`` of the database, the
``folder`` of the texts, and a ``moment`` with its number ``nth``: there the worker says ``now`` and waits. The moments:
``polled``, ``read`` (analysed), ``placing`` (a story is looked for, inside the transaction), ``written`` (the segment
is on the disk, the transaction still open), ``taken`` (committed, the source not told yet) and ``kept`` (told).
"""

import json
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from opining import Words

from argosy.core.opinion import Batch, Opinion, Post, Source
from argosy.opinion.sources.kafka_topic import KafkaTopic
from argosy.opinion.sources.redis_stream import RedisStream
from argosy.opinion.stories.sketch import same, sketches
from argosy.project.opining.intake import listening
from argosy.store.database import Database
from argosy.store.opinion import manifest
from argosy.store.opinion.log import SqlOpinionLog

MOMENTS = ("polled", "read", "placing", "written", "taken", "kept")
MODEL = "mood"


class Moment:
    """The moment at which the test kills this process."""

    def __init__(self, name: str, nth: int) -> None:
        self._name, self._left = name, nth

    def at(self, name: str) -> None:
        """Wait here if this is the moment."""
        self._left -= name == self._name
        if name == self._name and self._left == 0:
            sys.stdout.write("now\n")
            sys.stdout.flush()
            threading.Event().wait()  # until the test kills this


class Watched:
    """A source, and an analyst, of which the moment hears."""

    def __init__(self, source: Source, moment: Moment) -> None:
        self._source, self._moment = source, moment
        self._words = Words()
        self.name, self.version, self.close = source.name, "words", source.close

    def poll(self, offsets: Mapping[str, str], most: int) -> Batch:
        """The next posts."""
        found = self._source.poll(offsets, most)
        if found.posts:
            self._moment.at("polled")
        return found

    def kept(self, batch: Batch) -> None:
        """Tell it."""
        if batch.posts:
            self._moment.at("taken")
        self._source.kept(batch)
        if batch.posts:
            self._moment.at("kept")

    def read(self, posts: Sequence[Post]) -> list[Opinion]:
        """What is read out of posts."""
        found = self._words.read(posts)
        self._moment.at("read")
        return found


def source(kind: str, name: str, address: str, stream: str, idle: float) -> Source:
    """The stream of a kind; ``idle`` seconds make a worker a dead one."""
    if kind == "redis":
        return RedisStream(name, address, stream, idle=idle)
    return KafkaTopic(name, address, stream, session=6.0)


def main() -> None:
    """Read until killed."""
    told: dict[str, Any] = json.loads(sys.argv[1])
    moment = Moment(told["moment"], told["nth"])
    add = manifest.add

    def written(*given: Any) -> None:
        moment.at("written")
        add(*given)

    def placing(one: str, other: str) -> bool:
        moment.at("placing")
        return same(one, other)

    manifest.add = written
    log = SqlOpinionLog(Database(told["url"]), Path(told["folder"]), MODEL, same=placing)
    watched = Watched(source(told["kind"], told["name"], told["address"], told["stream"], 0.3), moment)
    with listening([watched], watched, log, sketches, every={}):
        threading.Event().wait()


if __name__ == "__main__":
    main()
