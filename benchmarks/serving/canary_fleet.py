"""A worker of a real service whose versions are slow or fail on purpose, and the requests that ask it by chance.

The engines stand still for some milliseconds in place of a model: version 1 is good, 2 is 20 ms slower, 3 fails one
time in twenty. The service, its processes, its store and its decisions are those of the product.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from argosy.core.engine import Reading
from argosy.core.records import Prediction
from argosy.infer.engines.echo import EchoEngine
from argosy.project.selling.releasing import Shelf
from argosy.serve.app import create_app
from argosy.serve.releases.rollout import Releases
from argosy.serve.running.workers import work
from argosy.serve.settings import Settings
from argosy.store.database import Database, sqlite_url
from argosy.store.releases import SqlReleases

MODEL = "mood"
GOOD, SLOW, FAILS = 1, 2, 3  # versions
SLOWER_S, FAILING = 0.02, 0.05
_BODY = b'{"input": "quite good"}'
_REQUEST = (
    b"POST /v1/classify HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
    % (len(_BODY), _BODY)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulty(EchoEngine):
    """An engine that takes 2 ms and a chance of more, and whose version decides what is wrong with it."""

    version: int = GOOD

    def score(self, readings: Sequence[Reading]) -> list[Prediction]:
        """Stand still, then answer or fail."""
        # the model's work, which is all that this engine does
        time.sleep(0.002 + random.expovariate(1000) + (SLOWER_S if self.version == SLOW else 0.0))
        if self.version == FAILS and random.random() < FAILING:
            raise RuntimeError("injected")
        return self.classify([reading.text for reading in readings])


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request: when it came, how long it took, its status (0: none), and the version that answered."""

    at: float
    seconds: float
    status: int
    version: int


def main() -> None:
    """Be a worker, as its parent says."""
    told = json.loads(sys.argv[1])
    settings = replace(Settings(**told["settings"]), figures=Path(told["figures"]))
    database = Database(sqlite_url(Path(told["store"])))
    releases = Releases(
        board=Shelf(SqlReleases(database)), open=lambda _, number: Faulty(version=number), every=told["every"]
    )
    work(create_app({MODEL: Faulty()}, settings, releases=releases), settings, told["socket"])
    database.close()


async def ask(port: int, rate: float, until: "asyncio.Event", asked: list[Asked], connections: int = 64) -> None:
    """Requests by chance, ``rate`` a second, until told to stop; each on a kept connection that is free."""
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    tasks: set[asyncio.Task[None]] = set()
    due = time.perf_counter()
    while not until.is_set():
        due += random.expovariate(rate)
        await asyncio.sleep(max(due - time.perf_counter(), 0))
        task = asyncio.create_task(_one(port, free, asked))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    while not free.empty():
        free.get_nowait()[1].close()


async def _one(
    port: int, free: "asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]", asked: list[Asked]
) -> None:
    at = time.time()
    reader, writer = await free.get()
    try:
        writer.write(_REQUEST)
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)).lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        status = int(head.split(b" ", 2)[1])
        version = int(head.split(b"x-argosy-version:")[1].split(b"\r\n")[0]) if b"x-argosy-version:" in head else 0
    except (OSError, EOFError, TimeoutError):
        status, version = 0, 0
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    free.put_nowait((reader, writer))
    asked.append(Asked(at=at, seconds=time.time() - at, status=status, version=version))


if __name__ == "__main__":
    main()
