"""The other version's answer to a live request: asked for after the reply has gone out, never waited for by anybody."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from queue import Empty, Full, Queue

from argosy.core.engine import Classifier
from argosy.core.records import Prediction
from argosy.infer.batcher import Answered
from argosy.serve.answers.work import Work
from argosy.serve.releases.evidence import Evidence
from argosy.serve.releases.versions import Pairs

_WAITING = 32  # requests; what comes while so many wait is dropped
_DUTY = 0.1  # share of the time in which a worker answers copies at most
_TICK = 0.5  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A request that is answered, the labels it was given, and whether the challenger gave them."""

    tenant: str
    event: str
    texts: Sequence[str]
    labels: Sequence[str]
    seconds: float
    by_challenger: bool


class Tapped(Work):
    """A classifier's work whose last answer is kept beside, for a copy."""

    def __init__(self, inner: Work) -> None:
        self.engine = inner.engine
        self._inner = inner
        self.heard: tuple[Sequence[str], Sequence[str], float] | None = None

    async def classify(self, texts: Sequence[str]) -> Answered[Prediction]:
        """What the work itself answers."""
        answered = await self._inner.classify(texts)
        self.heard = (list(texts), [one.prediction.label for one in answered.answers], answered.compute)
        return answered

    async def aclose(self) -> None:
        """The inner work is closed by its owner."""


class Mirror:
    """Answers copies in one thread, a tenth of the time at most; ``close`` it.

    Its priority is that of the others: a thread of a lower one would keep the interpreter's lock while it waits.

    ``take_pairs`` gives the champion's and the challenger's label of requests with one text, by tenant and event.
    """

    def __init__(self, champion: Classifier, challenger: Classifier) -> None:
        self.evidence = Evidence()
        self._champion, self._challenger = champion, challenger
        self._copies: Queue[Copy] = Queue(_WAITING)
        self._pairs: dict[tuple[str, str], tuple[str, str]] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="argosy-shadow", daemon=True)
        self._thread.start()

    def offer(self, copy: Copy) -> None:
        """Answer it some time; dropped when too many wait."""
        try:
            self._copies.put_nowait(copy)
        except Full:
            self.evidence.dropped += 1

    def take_pairs(self) -> Pairs:
        """What came since the last call."""
        with self._lock:
            pairs, self._pairs = self._pairs, {}
        return pairs

    def close(self) -> None:
        """Drop what waits; returns at once, the thread ends with the copy it is at."""
        self._over.set()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                copy = self._copies.get(timeout=_TICK)
            except Empty:
                continue
            start = time.monotonic()
            self._answer(copy)
            self._over.wait((time.monotonic() - start) * (1 / _DUTY - 1))

    def _answer(self, copy: Copy) -> None:
        start = time.monotonic()
        engine = self._champion if copy.by_challenger else self._challenger
        evidence = self.evidence
        evidence.mirrored += len(copy.texts)
        try:
            labels = [said.label for said in engine.classify(copy.texts)]
        except Exception:  # noqa: BLE001 - whatever a challenger raises, the live answer has gone out already
            evidence.failed += len(copy.texts)
            return
        seconds = (copy.seconds, time.monotonic() - start)
        evidence.mirror_first_seconds += seconds[copy.by_challenger]
        evidence.mirror_second_seconds += seconds[not copy.by_challenger]
        evidence.agreed += sum(mine == theirs for mine, theirs in zip(copy.labels, labels, strict=True))
        if len(labels) == 1:
            pair = (labels[0], copy.labels[0]) if copy.by_challenger else (copy.labels[0], labels[0])
            with self._lock:
                self._pairs[copy.tenant, copy.event] = pair
