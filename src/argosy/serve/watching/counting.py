"""What the service counts of its own traffic, off the way of its answers.

On the event loop a request is only noted. A thread adds what was noted to the tallies a few times a second, looks at
some of the texts, tells that the worker is up, and writes what was counted every few seconds. A log that is away is
asked again with the same tallies, so nothing is lost or counts twice; a process that is killed loses what it counted
since it last wrote.
"""

import asyncio
import logging
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import asynccontextmanager
from functools import partial

from prometheus_client import CollectorRegistry, Counter

from argosy.core.records import Prediction
from argosy.core.signals import SignalLog, Tally
from argosy.infer.batcher import Answered
from argosy.serve.releases.lane import VERSION
from argosy.serve.running.edge import Visit
from argosy.serve.watching.adding import ended, labelled
from argosy.serve.watching.looking import Look, Sample
from argosy.serve.watching.tallying import Moment, Of, Tallies

error_log = logging.getLogger("argosy.error")
Clock = Callable[[], Moment]

_ROUTES = frozenset({"/v1/classify", "/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/rerank"})
_NO_ROOM = frozenset({429, 503})  # a batch's line that finds no room is asked again: it counts once
_TICK = 0.25  # seconds between two looks at what was noted: rarely, yet a little at a time
_WRITE = 5.0  # seconds between two writes
_PATIENCE = 10.0  # seconds that the last write may take
_AT_ONCE = 100  # tallies in one change, lest charges wait for it
_READ = 40  # texts a second that are looked at, about
_READ_OF_ONE = 100  # texts of one request that are looked at, at most
_NOTED = 20_000  # requests that wait to be counted, at most


def now() -> Moment:
    """What the machine's clocks say."""
    return Moment(time.time_ns() // 1000, time.monotonic_ns() // 1000)


class Counting:
    """Counts on the event loop; ``start`` begins to write ``every`` so many seconds, ``stop`` writes what is left.

    A request that ends before it is known which model it asks is one of ``model``.
    """

    def __init__(
        self, log: SignalLog, registry: CollectorRegistry, *, model: str = "", every: float = _WRITE, clock: Clock = now
    ) -> None:
        self._log, self._model, self._every, self._clock = log, model, every, clock
        self._sample = Sample(_READ)
        self._notes: deque[tuple[Visit, float | None]] = deque()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="argosy-signals", daemon=True)
        self._dropped = Counter(
            "argosy_signals_dropped", "Counts of traffic that found no room in memory.", registry=registry
        )
        # the thread's own
        self._tallies = Tallies(f"wrk_{secrets.token_hex(8)}", socket.gethostname()[:200])
        self._writing: dict[Future[None], Sequence[Tally]] = {}
        self._failing = False

    def request(self, visit: Visit, route: str, seconds: float, live: bool) -> None:  # noqa: FBT001 - see Then
        """A request is over, ``live`` if it came from outside; nobody waited for others."""
        if route not in _ROUTES or (not live and visit.status in _NO_ROOM):
            return
        if len(self._notes) < _NOTED:
            self._notes.append((visit, seconds if live else None))
        else:
            self._dropped.inc()

    def classified(self, visit: Visit, texts: Sequence[str], answered: Answered[Prediction]) -> None:
        """The texts of a request that is not over yet have got their labels."""
        places = self._sample.places(visit.event, len(texts))
        visit.also = partial(labelled, answered, [Look.at(texts[place]) for place in places[:_READ_OF_ONE]])

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is left, and end."""
        self._over.set()
        self._thread.join()

    # The thread

    def _run(self) -> None:
        over, due = False, time.monotonic() + self._every
        while not over:
            over = self._over.wait(min(_TICK, self._every))
            try:
                self._tally()
                self._hear()
                if over or (time.monotonic() >= due and not self._writing):
                    due = time.monotonic() + self._every
                    self._write()
            except Exception as error:  # noqa: BLE001 - one note or one write that fails must not end the counting
                error_log.error("signals failed: %s", type(error).__name__)
        wait(self._writing, timeout=_PATIENCE)
        self._hear()

    def _tally(self) -> None:
        """What was noted is counted, and the worker is up."""
        at = self._clock()
        slot = self._tallies.slot(at)
        while self._notes:
            visit, seconds = self._notes.popleft()
            whose = Of(visit.model or self._model, visit.head.get(VERSION, ""), visit.tenant)
            counts = self._tallies.counts(slot, whose)
            ended(visit, seconds, counts)
            if visit.also:
                visit.also(counts)
        self._tallies.live(at)
        self._sample.adapt(at.steady)
        self._dropped.inc(self._tallies.dropped)
        self._tallies.dropped = 0

    def _write(self) -> None:
        due = self._tallies.due(self._clock().wall)
        for first in range(0, len(due), _AT_ONCE):
            batch = due[first : first + _AT_ONCE]
            self._writing[self._log.note(batch)] = batch

    def _hear(self) -> None:
        """What became of what was sent; what failed stays due."""
        for future in [one for one in self._writing if one.done()]:
            batch, error = self._writing.pop(future), future.exception()
            if error is None:
                self._tallies.written(batch)
            elif not self._failing:
                error_log.error("signals cannot be written (%s); they wait", type(error).__name__)
            self._failing = error is not None


@asynccontextmanager
async def counted(counting: Counting | None) -> AsyncIterator[None]:
    """While the block runs what is counted, if anything, is written, and what is left at its end."""
    if counting is None:
        yield
        return
    counting.start()
    try:
        yield
    finally:
        await asyncio.to_thread(counting.stop)
