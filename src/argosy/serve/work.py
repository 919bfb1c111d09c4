"""From texts to answers, off the event loop, for as many requests as there is room for."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from argosy.core.engine import Classifier
from argosy.core.errors import BusyError
from argosy.core.records import Prediction
from argosy.infer.batcher import MicroBatcher
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
            raise _overloaded()
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


class Work:
    """One engine behind its batcher."""

    def __init__(self, engine: Classifier) -> None:
        self.engine = engine
        self._batcher = MicroBatcher(engine)

    async def classify(self, texts: Sequence[str]) -> tuple[list[Prediction], int]:
        """A prediction a text, and the tokens of all; raises RequestError when too many texts wait."""
        try:
            predictions = await self._batcher.classify(texts)
        except BusyError as error:
            raise _overloaded() from error
        return predictions, await asyncio.to_thread(self._count, texts)

    async def aclose(self) -> None:
        """Finish what was begun."""
        await self._batcher.aclose()

    def _count(self, texts: Sequence[str]) -> int:
        return sum(map(self.engine.count, texts))


def _overloaded() -> RequestError:
    return RequestError(
        "The server is busy.", code="overloaded", mend="Try again after the time in the header retry-after."
    )
