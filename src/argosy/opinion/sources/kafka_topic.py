"""A topic of Kafka, whose partitions several workers share by a consumer group.

Where each partition goes on is kept in the log beside its counts, in one transaction, and the log is believed before
the group: Kafka is told what is kept so that its own tools show how far behind the group is. A partition that moves to
another worker may give messages twice; the log counts each once.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from argosy.core.errors import MachineError
from argosy.core.opinion import Batch, Post, Refused
from argosy.opinion.sources.fields import Fields, now
from argosy.opinion.sources.packages import package

_FIELDS = Fields()
_WAIT = 1.0  # seconds for new ones
_LINGER = 0.02  # seconds for others, once one is there
_JOIN_SECONDS = 10.0  # until a group has given a new worker its partitions
_ASK_SECONDS = 5.0  # for an answer of the brokers


class KafkaTopic:
    """The messages of a topic, one post each: JSON with the named fields, or the bare text in UTF-8.

    ``brokers`` is ``host:port,…``. Partition, offset and time of a message are its key where it has no field ``key``;
    its own time counts where it has no field ``time``. Others take over the partitions of a worker that was not
    heard of for ``session`` seconds.
    """

    def __init__(
        self,
        name: str,
        brokers: str,
        topic: str,
        *,
        group: str = "argosy",
        fields: Fields = _FIELDS,
        session: float = 45.0,
        clock: Callable[[], int] = now,
    ) -> None:
        self._kafka = package("confluent_kafka")
        self._name, self._topic, self._clock = name, topic, clock
        self._fields = fields
        self._offsets: Mapping[str, str] = {}
        self._given: dict[int, int] = {}  # where each partition of the batch that is not kept yet began
        self._joined, self._down = False, ""
        self._consumer = self._kafka.Consumer(
            {
                "bootstrap.servers": brokers,
                "group.id": group,
                "session.timeout.ms": round(session * 1000),
                "heartbeat.interval.ms": round(session * 100),
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "auto.offset.reset": "earliest",  # where what the log names was deleted meanwhile
                "error_cb": self._failed,
                "log_level": 0,  # what goes wrong is raised here
            }
        )
        self._consumer.subscribe([topic], on_assign=self._assigned)

    @property
    def name(self) -> str:
        """Its name in the project file."""
        return self._name

    def poll(self, offsets: Mapping[str, str], most: int) -> Batch:
        """The next messages of the partitions that are this worker's; what was not kept comes again first."""
        self._offsets = offsets
        with self._reached():
            self._go_back()
            messages = self._consume(most)
        ends: dict[int, int] = {}
        for one in messages:
            self._given.setdefault(one.partition(), one.offset())
            ends[one.partition()] = one.offset() + 1
        found = [self._post(one) for one in messages]
        return Batch(
            posts=[one for one in found if isinstance(one, Post)],
            refused=[one for one in found if isinstance(one, Refused)],
            offsets={self._part(partition): str(end) for partition, end in ends.items()},
            more=bool(messages),
            token=ends,
        )

    def kept(self, batch: Batch) -> None:
        """Tell the group how far this is. A partition that is another worker's meanwhile is told by that one."""
        self._given.clear()
        if not batch.token:
            return
        error = self._kafka.KafkaError
        moved = (error.ILLEGAL_GENERATION, error.REBALANCE_IN_PROGRESS, error.UNKNOWN_MEMBER_ID)
        with self._reached():
            try:
                self._consumer.commit(offsets=self._places(batch.token), asynchronous=False)
            except self._kafka.KafkaException as refused:
                if refused.args[0].code() not in moved:
                    raise

    def close(self) -> None:
        """Leave the group, so that others take over its partitions at once."""
        self._consumer.close()

    def _consume(self, most: int) -> list[Any]:
        found: list[Any] = []
        deadline, settled = time.monotonic() + _JOIN_SECONDS, False
        while not (found or settled or self._down) and time.monotonic() < deadline:
            settled = self._joined  # before the wait: whoever joins in the middle of it waits once more
            found = self._consumer.consume(1, _WAIT)
        found += self._consumer.consume(most - 1, _LINGER) if found and most > 1 else ()
        broken = next((one.error() for one in found if one.error()), None)
        if broken is not None:
            self._note(one for one in found if not one.error())
            raise self._kafka.KafkaException(broken)
        if self._down and not found:
            self._consumer.list_topics(self._topic, timeout=_ASK_SECONDS)  # raises unless they are back
        self._down = ""
        return found

    def _note(self, messages: Iterator[Any]) -> None:
        for one in messages:
            self._given.setdefault(one.partition(), one.offset())

    def _go_back(self) -> None:
        """To the beginning of what was given and not kept."""
        mine = {place.partition for place in self._consumer.assignment()}
        again, self._given = {part: at for part, at in self._given.items() if part in mine}, {}
        for place in self._places(again):
            self._consumer.seek(place)

    def _places(self, offsets: Mapping[int, int]) -> list[Any]:
        return [self._kafka.TopicPartition(self._topic, part, offset) for part, offset in offsets.items()]

    def _assigned(self, consumer: Any, partitions: Sequence[Any]) -> None:
        """Go on where the log says; at the beginning of a partition that it does not know."""
        for one in partitions:
            one.offset = int(self._offsets.get(self._part(one.partition), self._kafka.OFFSET_BEGINNING))
        consumer.assign(partitions)
        self._joined, self._given = True, {}

    def _failed(self, error: Any) -> None:
        """Hear of an error that no message carries; of the broker that alone is lost others take over."""
        if error.fatal() or error.code() != self._kafka.KafkaError._TRANSPORT:  # noqa: SLF001 - its public name
            self._down = error.str()

    def _part(self, partition: int) -> str:
        return f"{self._topic}:{partition}"

    def _post(self, message: Any) -> Post | Refused:
        received = self._clock()
        kind, milliseconds = message.timestamp()
        known = kind != self._kafka.TIMESTAMP_NOT_AVAILABLE and milliseconds > 0
        where = f"{message.partition()}:{message.offset()}:{milliseconds}"  # a topic that is made anew counts from 0
        record = _record(message.value() or b"", self._fields.text)
        if record is None:
            return Refused(source=self._name, where=where, reason="not_text")
        at = milliseconds * 1000 if known else received
        return self._fields.post(self._name, record, key=where, at=at, received=received)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Whatever happens on the way to Kafka as an error that can be acted on."""
        try:
            yield
        except self._kafka.KafkaException as error:
            raise MachineError(
                "The Kafka topic cannot be read: {reason}",
                where=self._name,
                mend="It is tried again; see that the brokers run, and that the topic is there.",
                reason=error.args[0].str(),
            ) from error


def _record(value: bytes, text: str) -> Mapping[str, Any] | None:
    """The fields of a message; a text that is no JSON object has one; None where it is no UTF-8."""
    try:
        said = value.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if said.lstrip().startswith("{"):
        with suppress(ValueError, RecursionError):
            return dict(json.loads(said))
    return {text: said}
