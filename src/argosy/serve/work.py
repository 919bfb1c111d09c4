"""From texts to answers, off the event loop, for as many requests as there is room for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from argosy.core.engine import Classifier
from argosy.core.errors import BusyError
from argosy.infer.batcher import Answered, MicroBatcher
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
    """One engine behind its batcher; ``remembered`` answers are kept by their texts."""

    def __init__(self, engine: Classifier, *, remembered: int = 0) -> None:
        self.engine = engine
        self._batcher = MicroBatcher(engine, remembered=remembered)

    async def classify(self, texts: Sequence[str]) -> Answered:
        """An answer a text; raises RequestError when too much waits."""
        try:
            return await self._batcher.classify(texts)
        except BusyError as error:
            raise _overloaded() from error

    async def aclose(self) -> None:
        """Finish what was begun."""
        await self._batcher.aclose()


def _overloaded() -> RequestError:
    return RequestError(
        "The server is busy.", code="overloaded", mend="Try again after the time in the header retry-after."
    )
