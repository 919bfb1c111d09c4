"""librdkafka's own mock cluster: the real client speaks the real protocol over TCP to brokers inside a producer.

These brokers are no Kafka: they keep messages in memory, and know topics, groups and commits. ``python mock_kafka.py``
runs some with three messages in a process of their own, which can be killed.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """The producer with the brokers in it, and where they listen."""

    producer: Any
    brokers: str

    def say(
        self, topic: str, told: Mapping[str, Any] | bytes | None, *, partition: int = 0, milliseconds: int = 0
    ) -> None:
        """Put a message into a partition: JSON, or bare bytes."""
        value = json.dumps(told).encode() if isinstance(told, Mapping) else told
        self.producer.produce(topic, value, partition=partition, timestamp=milliseconds)

    def flush(self) -> None:
        """Wait until the brokers have what was said."""
        if self.producer.flush(_SECONDS):
            raise TimeoutError


@contextmanager
def cluster(brokers: int = 1) -> Iterator[Cluster]:
    """Brokers that run in the block; topics have four partitions."""
    from confluent_kafka import Producer

    producer = Producer({"test.mock.num.brokers": brokers, "log_level": 0})
    known = producer.list_topics(timeout=_SECONDS).brokers.values()
    yield Cluster(producer, ",".join(f"{one.host}:{one.port}" for one in known))


def main() -> None:
    """Say where the brokers listen, and wait for the end."""
    with cluster() as started:
        for number in range(3):
            started.say("news", {"text": f"t{number}"})
        started.flush()
        sys.stdout.write(started.brokers + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
