"""Requests that come at the same time share a run of the engine.

Nothing waits for company: while the engine works, what comes in gathers, and the next run takes it all. So a lone
request is answered at once, and a crowd is answered in large batches.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from argosy.core.engine import Classifier
from argosy.core.errors import BusyError
from argosy.core.records import Prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    texts: Sequence[str]
    answer: asyncio.Future[list[Prediction]]


class MicroBatcher:
    """Asks ``engine`` in a thread of its own, ``max_batch`` texts a run; belongs to one event loop.

    A request is never split: one of more than ``max_batch`` texts is a run of its own.
    """

    def __init__(self, engine: Classifier, *, max_batch: int = 64, max_waiting: int = 4096) -> None:
        self.engine = engine
        self.max_batch = max_batch
        self.max_waiting = max_waiting
        self._queue: deque[_Asked] = deque()
        self._waiting = 0  # texts in the queue
        self._runs: asyncio.Task[None] | None = None
        self._closed = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="argosy-engine")

    async def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """One prediction a text, in order; raises BusyError at once when too many wait already, or after ``aclose``."""
        if self._closed or (self._queue and self._waiting + len(texts) > self.max_waiting):
            raise BusyError(
                "The engine {name} has no room: {count} texts wait for it.",
                mend="Try again in a moment.",
                name=self.engine.name,
                count=self._waiting,
            )
        asked = _Asked(texts=texts, answer=asyncio.get_running_loop().create_future())
        self._queue.append(asked)
        self._waiting += len(texts)
        if self._runs is None or self._runs.done():
            self._runs = asyncio.create_task(self._run())
        return await asked.answer

    async def aclose(self) -> None:
        """Take nothing more, and finish what was taken."""
        self._closed = True
        if self._runs is not None:
            await self._runs
        await asyncio.to_thread(self._thread.shutdown)

    async def _run(self) -> None:
        while self._queue:
            batch = self._take()
            if not await self._answer(batch) and len(batch) > 1:
                for asked in batch:  # one bad request must not fail the others
                    await self._answer([asked])

    def _take(self) -> list[_Asked]:
        batch: list[_Asked] = []
        texts = 0
        while self._queue and (not batch or texts + len(self._queue[0].texts) <= self.max_batch):
            asked = self._queue.popleft()
            self._waiting -= len(asked.texts)
            if not asked.answer.cancelled():  # whoever asked may have left
                batch.append(asked)
                texts += len(asked.texts)
        return batch

    async def _answer(self, batch: Sequence[_Asked]) -> bool:
        texts = [text for asked in batch for text in asked.texts]
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._thread, self.engine.classify, texts)
        except Exception as error:  # noqa: BLE001 - handed to the one who asked
            if len(batch) == 1 and not batch[0].answer.done():
                batch[0].answer.set_exception(error)
            return False
        predictions = iter(found)
        for asked in batch:
            mine = [next(predictions) for _ in asked.texts]
            if not asked.answer.done():
                asked.answer.set_result(mine)
        return True
