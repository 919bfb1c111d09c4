"""What the service counts of its own traffic: a few sums as a request is answered, all else in a thread of its own.

The thread looks at some of the texts, tells every second that the worker is up, and writes what was counted every few
seconds. A log that is away is asked again with the same tallies, so nothing is lost or counts twice; a process that is
killed loses what it counted since it last wrote.
"""

import asyncio
import logging
import math
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry, Counter

from argosy.core.records import Prediction
from argosy.core.signals import SignalLog, Tally
from argosy.infer.batcher import Answered
from argosy.serve.errors import CODES
from argosy.serve.releases.lane import VERSION
from argosy.serve.running.edge import CLIENT_LEFT, Visit
from argosy.serve.watching.looking import Look, Sample
from argosy.serve.watching.tallying import Moment, Of, Tallies

error_log = logging.getLogger("argosy.error")
Clock = Callable[[], Moment]

_ROUTES = frozenset({"/v1/classify", "/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/rerank"})
_NO_ROOM = frozenset({429, 503})  # a batch's line that finds no room is asked again: it counts once
_ANSWERED = range(200, 300)
_FAILED = 500  # and above
_TICK = 1.0  # seconds between two signs of life
_WRITE = 5.0  # seconds between two writes
_PATIENCE = 10.0  # seconds that the last write may take
_AT_ONCE = 100  # tallies in one change, lest charges wait for it
_READ = 40  # texts a second that are looked at, about
_WAITING = 200  # texts that wait for that
_LEAST, _MOST = -16, 127  # quarters of a doubling of a millisecond
_LATENCY = tuple(f"latency:{number}" for number in range(_LEAST, _MOST + 1))
_CONFIDENCE = tuple(f"confidence:{number}" for number in range(20))


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
        self._tallies = Tallies(f"wrk_{secrets.token_hex(8)}", socket.gethostname()[:200])
        self._lock = threading.Lock()  # for the tallies
        self._sample = Sample(_READ)
        self._looks: deque[Look] = deque()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="argosy-signals", daemon=True)
        self._writing: dict[Future[None], Sequence[Tally]] = {}
        self._failing = False
        self._dropped = Counter(
            "argosy_signals_dropped", "Counts of traffic that found no room in memory.", registry=registry
        )

    def request(self, visit: Visit, route: str, seconds: float, live: bool) -> None:  # noqa: FBT001 - see Then
        """A request is over, ``live`` if it came from outside; costs a few microseconds on the event loop."""
        if route not in _ROUTES or (not live and visit.status in _NO_ROOM):
            return
        status = _outcome(visit)
        with self._lock:
            counts = self._tallies.counts(self._tallies.slot(self._clock()), self._of(visit))
            counts["requests"] += 1
            if status in _ANSWERED:
                counts["texts"] += visit.texts
                counts["tokens"] += visit.tokens
                if live:
                    counts[_latency(seconds)] += 1
            elif status != CLIENT_LEFT:
                counts["errors" if status >= _FAILED else "refused"] += 1

    def classified(self, visit: Visit, texts: Sequence[str], answered: Answered[Prediction]) -> None:
        """Texts have got their labels; costs a microsecond or two a text on the event loop."""
        of, moment = self._of(visit), self._clock()
        with self._lock:
            slot = self._tallies.slot(moment)
            counts = self._tallies.counts(slot, of)
            counts["hits"] += answered.remembered
            for answer in answered.answers:
                said = answer.prediction
                counts["label:" + said.label] += 1
                counts[_confidence(said.probabilities.get(said.label, 0.0))] += 1
                if said.certain is False:
                    counts["abstained"] += 1
                if answer.unknown is not None:
                    counts["pieces"] += answer.tokens
                    counts["unknown"] += answer.unknown
        for place in self._sample.places(visit.event, len(texts), moment.steady):
            if len(self._looks) < _WAITING:
                self._looks.append(Look.at(slot, of, texts[place]))

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is left, and end."""
        self._over.set()
        self._thread.join()

    def _of(self, visit: Visit) -> Of:
        return Of(visit.model or self._model, visit.head.get(VERSION, ""), visit.tenant)

    # The thread

    def _run(self) -> None:
        over, due = False, time.monotonic() + self._every
        while not over:
            over = self._over.wait(min(_TICK, self._every))
            try:
                self._live()
                self._hear()
                if over or (time.monotonic() >= due and not self._writing):
                    due = time.monotonic() + self._every
                    self._write()
            except Exception as error:  # noqa: BLE001 - one text or one write that fails must not end the counting
                error_log.error("signals failed: %s", type(error).__name__)
        wait(self._writing, timeout=_PATIENCE)
        self._hear()

    def _live(self) -> None:
        """The worker is up, and looks at the texts that wait."""
        looks = [(look, look.names()) for look in self._waiting()]
        with self._lock:
            self._tallies.live(self._clock())
            for look, names in looks:
                counts = self._tallies.counts(look.slot, look.of)
                for name in names:
                    counts[name] += 1
            dropped, self._tallies.dropped = self._tallies.dropped, 0
        self._dropped.inc(dropped)

    def _waiting(self) -> Iterator[Look]:
        while self._looks:
            yield self._looks.popleft()

    def _write(self) -> None:
        with self._lock:
            due = self._tallies.due(self._clock().wall)
        for first in range(0, len(due), _AT_ONCE):
            batch = due[first : first + _AT_ONCE]
            self._writing[self._log.note(batch)] = batch

    def _hear(self) -> None:
        """What became of what was sent; what failed stays due."""
        for future in [one for one in self._writing if one.done()]:
            batch, error = self._writing.pop(future), future.exception()
            if error is None:
                with self._lock:
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


def _outcome(visit: Visit) -> int:
    """The status; of a stream that began well and failed the one that its failure stands for."""
    if visit.code and visit.status in _ANSWERED and visit.code in CODES:
        return CODES[visit.code][0]
    return visit.status


def _confidence(share: float) -> str:
    return _CONFIDENCE[min(int(20 * share), 19) if share >= 0 else 0]  # a broken engine may give no number


def _latency(seconds: float) -> str:
    quarters = math.floor(4 * math.log2(1000 * max(seconds, 1e-6)))
    return _LATENCY[min(max(quarters, _LEAST), _MOST) - _LEAST]
