"""Requests that come at the same time share runs of the engine.

Nothing waits for company: while the engine works, what comes in is read and gathers, and the next run takes texts of
similar length by their turns. So a lone request is answered at once, a crowd is answered in large batches with little
padding, and a large request does not hold up small ones. One thread reads (cleans, cuts into tokens), another runs the
engine, and the event loop does neither.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from argosy.core.engine import Reading, Steps
from argosy.core.errors import BusyError
from argosy.infer.recall import Answer, Recall
from argosy.infer.turns import Request, Turns, Waiting

T = TypeVar("T")
_SHARE_TEXTS = 32  # of one request are read before the next request has its turn
_SHARE_CHARACTERS = 4_096
_LAST_SECONDS = 1.0  # that a run may still take once nobody waits for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Generic[T]):
    """The answers to a request in the order of its texts, and the seconds it took to read, wait and compute them.

    What was read while other texts of the request were computed counts for both; ``queue`` is the rest of the time.
    ``remembered`` of the answers were given to the same texts before.
    """

    answers: list[Answer[T]]
    tokenize: float = 0.0
    queue: float = 0.0
    compute: float = 0.0
    remembered: int = 0


class MicroBatcher(Generic[T]):
    """Asks ``engine`` in a thread of its own; belongs to one event loop.

    ``max_texts`` and ``max_tokens`` bound what is taken and not answered yet, as counted before any work; a request
    larger than that is taken when there is no other. ``remembered`` answers are kept by their texts.
    """

    def __init__(
        self, engine: Steps[T], *, max_texts: int = 4_096, max_tokens: int = 262_144, remembered: int = 0
    ) -> None:
        self.engine = engine
        self.max_texts, self.max_tokens = max_texts, max_tokens
        self._texts = self._tokens = 0  # taken and not answered yet
        self._recall = Recall[T](remembered)
        self._pending: set[asyncio.Future[None]] = set()
        self._closed = False
        lock = threading.Lock()  # for all below, which the threads share
        self._to_read, self._to_run = threading.Condition(lock), threading.Condition(lock)
        self._unread: deque[Request[T]] = deque()
        self.turns = Turns[T](self.engine.run_tokens)
        self._stopped = False
        self._threads: list[threading.Thread] = []

    async def ask(self, texts: Sequence[str]) -> Answered[T]:
        """The answers in order; raises BusyError at once when too much waits already, or after ``aclose``."""
        known = {place: answer for place, text in enumerate(texts) if (answer := self._recall.get(text))}
        asked = [place for place in range(len(texts)) if place not in known]
        if not asked:
            return Answered(answers=list(known.values()), remembered=len(known))
        remembered = len(known)
        found = await self._work([texts[place] for place in asked])
        for place, answer in zip(asked, found.answers, strict=True):
            self._recall.put(texts[place], answer)
            known[place] = answer
        answers = [known[place] for place in range(len(texts))]
        return replace(found, answers=answers, remembered=remembered)

    def forget(self) -> None:
        """Remember no answer given so far; call it on the event loop."""
        self._recall.forget()

    async def aclose(self) -> None:
        """Take nothing more, finish what was taken, and leave an engine alone that works on for nobody."""
        self._closed = True
        if self._pending:
            await asyncio.wait(self._pending)
        with self._to_read:
            self._stopped = True
            self._to_read.notify_all()
            self._to_run.notify_all()
        for thread in self._threads:
            await asyncio.to_thread(thread.join, _LAST_SECONDS)

    async def _work(self, texts: Sequence[str]) -> Answered[T]:
        cost = sum(min(len(text), self.engine.longest) for text in texts)
        self._admit(len(texts), cost)
        start = time.perf_counter()
        request = Request[T](came=self.turns.clock, texts=texts, done=asyncio.get_running_loop().create_future())
        self._texts, self._tokens = self._texts + len(texts), self._tokens + cost
        self._pending.add(request.done)
        try:
            self._hand_over(request)
            await request.done
        finally:
            request.gone = True
            self._pending.discard(request.done)
            self._texts, self._tokens = self._texts - len(texts), self._tokens - cost
        waited = time.perf_counter() - start - request.tokenize - request.compute
        answers = [request.answers[place] for place in range(len(texts))]
        return Answered(answers=answers, tokenize=request.tokenize, queue=max(waited, 0.0), compute=request.compute)

    def _admit(self, texts: int, tokens: int) -> None:
        full = self._texts and (self._texts + texts > self.max_texts or self._tokens + tokens > self.max_tokens)
        if self._closed or full:
            raise BusyError(
                "The engine {name} has no room: {count} texts wait for it.",
                mend="Try again in a moment.",
                name=self.engine.name,
                count=self._texts,
            )

    def _hand_over(self, request: Request[T]) -> None:
        if not self._threads:  # they end with the process, whatever the engine is doing
            for work in (self._read, self._run):
                self._threads.append(threading.Thread(target=work, name=f"argosy{work.__name__}", daemon=True))
                self._threads[-1].start()
        with self._to_read:
            self._unread.append(request)
            self._to_read.notify()

    # The reader's thread

    def _read(self) -> None:
        while (request := self._next_unread()) is not None:
            start, first = time.perf_counter(), request.read
            share = _share(request.texts, first)
            try:
                readings = self.engine.read(share)
            except Exception as error:  # noqa: BLE001 - handed to the one who asked
                _settle([request], error)
                continue
            request.tokenize += time.perf_counter() - start
            self._line_up(request, first, readings)

    def _next_unread(self) -> Request[T] | None:
        """The request whose next share is to be read; None at the end."""
        with self._to_read:
            while True:
                while not self._unread and not self._stopped:
                    self._to_read.wait()
                if self._stopped:
                    return None
                request = self._unread.popleft()
                if not request.gone:
                    return request

    def _line_up(self, request: Request[T], first: int, readings: Sequence[Reading]) -> None:
        request.read += len(readings)
        with self._to_run:
            for place, reading in enumerate(readings, start=first):
                self.turns.add(request, place, reading)
            if request.read < len(request.texts):
                self._unread.append(request)  # behind the others
            self._to_run.notify()

    # The engine's thread

    def _run(self) -> None:
        while run := self._next_run():
            if not self._score(run):
                for request in _requests(run):  # one bad request must not fail the others
                    self._score([waiting for waiting in run if waiting.request is request])

    def _next_run(self) -> list[Waiting[T]]:
        with self._to_run:
            while not self._stopped:
                if run := self.turns.take():
                    return run
                self._to_run.wait()
        return []

    def _score(self, run: Sequence[Waiting[T]]) -> bool:
        """Compute and hand back; False when it failed and several requests share the run."""
        requests = _requests(run)
        start = time.perf_counter()
        try:
            predictions = self.engine.score([waiting.reading for waiting in run])
        except Exception as error:  # noqa: BLE001 - handed to the one who asked
            if len(requests) == 1:
                _settle(requests, error)
            return len(requests) == 1
        seconds = time.perf_counter() - start
        for request in requests:
            request.compute += seconds
        for waiting, prediction in zip(run, predictions, strict=True):
            reading = waiting.reading
            waiting.request.answers[waiting.place] = Answer(
                prediction=prediction, tokens=reading.tokens, truncated=reading.truncated, unknown=reading.unknown
            )
        _settle([request for request in requests if len(request.answers) == len(request.texts)])
        return True


def _requests(run: Sequence[Waiting[T]]) -> list[Request[T]]:
    """Whose texts share a run."""
    return list(dict.fromkeys(waiting.request for waiting in run))


def _share(texts: Sequence[str], first: int) -> Sequence[str]:
    """The texts from ``first`` on that are read at once: one at least."""
    stop, characters = first + 1, len(texts[first])
    while stop < min(len(texts), first + _SHARE_TEXTS) and characters + len(texts[stop]) <= _SHARE_CHARACTERS:
        characters += len(texts[stop])
        stop += 1
    return texts[first:stop]


def _settle(requests: Sequence[Request[Any]], error: Exception | None = None) -> None:
    """Tell the event loop of requests that are answered, or failed."""

    def tell() -> None:
        for request in requests:
            if not request.done.done():  # whoever asked may have left
                request.done.set_exception(error) if error else request.done.set_result(None)

    if not requests:
        return
    if error:
        for request in requests:
            request.gone = True
    with suppress(RuntimeError):  # the loop has ended: nobody waits any more
        requests[0].done.get_loop().call_soon_threadsafe(tell)
