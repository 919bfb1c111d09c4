"""From texts to answers, off the event loop."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from argosy.core.engine import Classifier
from argosy.core.records import Prediction
from argosy.serve.errors import RequestError


class Permits:
    """Room for a number of requests; one without room is refused before any work."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = 0

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold one permit; raises RequestError when none is left."""
        if self.taken >= self.limit:
            raise RequestError(
                "The server is busy with {count} requests.",
                code="overloaded",
                mend="Try again after the time in the header retry-after.",
                count=self.taken,
            )
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


class Work:
    """One engine, asked in a thread of its own."""

    def __init__(self, engine: Classifier) -> None:
        self.engine = engine
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="argosy-engine")

    async def classify(self, texts: Sequence[str]) -> tuple[list[Prediction], int]:
        """A prediction a text, and the tokens of all."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._run, texts)

    async def aclose(self) -> None:
        """Finish what was begun."""
        await asyncio.to_thread(self._pool.shutdown)

    def _run(self, texts: Sequence[str]) -> tuple[list[Prediction], int]:
        return self.engine.classify(texts), sum(map(self.engine.count, texts))
