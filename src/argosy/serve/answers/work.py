"""From texts to answers, off the event loop, for as many requests as there is room for."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TypeVar

from argosy.core.account import Caller
from argosy.core.engine import Classifier, Embedder, Generator, Reranker
from argosy.core.errors import BusyError
from argosy.core.records import Prediction
from argosy.infer.batcher import Answered, MicroBatcher
from argosy.infer.engines.staged import staged
from argosy.serve.answers.writing import Writing
from argosy.serve.errors import RequestError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")
Engine = Classifier | Generator | Embedder | Reranker
Kind = Literal["classify", "embed", "generate", "rerank"]


class Permits:
    """Room for a number of requests; one without room is refused before any work.

    The last quarter is for those who hold less than a quarter: nobody keeps all others out, by slow bodies or many.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.taken = 0
        self._by = Counter[str]()

    @contextmanager
    def take(self, caller: Caller) -> Iterator[None]:
        """Hold one permit; raises RequestError when none is left for the caller's tenant."""
        tenant, share = caller.account.tenant, self.limit // 4
        if self.taken >= (self.limit if self._by[tenant] < share else self.limit - share):
            raise _overloaded()
        self.taken += 1
        self._by[tenant] += 1
        try:
            yield
        finally:
            self.taken -= 1
            self._by[tenant] -= 1
            if not self._by[tenant]:
                del self._by[tenant]


class Work:
    """One classifier behind its batcher; ``remembered`` answers are kept by their texts."""

    def __init__(self, engine: Classifier, *, remembered: int = 0) -> None:
        self.engine = engine
        self._batcher = MicroBatcher(staged(engine), remembered=remembered)

    async def classify(self, texts: Sequence[str]) -> Answered[Prediction]:
        """An answer a text; raises RequestError when too much waits."""
        return await _ask(self._batcher, texts)

    def forget(self) -> None:
        """Remember no answer given so far."""
        self._batcher.forget()

    async def aclose(self) -> None:
        """Finish what was begun."""
        await self._batcher.aclose()


class Embedding:
    """One embedder behind its batcher; ``remembered`` vectors are kept by their texts."""

    def __init__(self, engine: Embedder, *, remembered: int = 0) -> None:
        self.engine = engine
        self._batcher = MicroBatcher(engine, remembered=remembered)

    async def embed(self, texts: Sequence[str], role: str) -> "Answered[NDArray[np.float32]]":
        """A vector a text, read as a ``query`` or a ``passage``; raises RequestError when too much waits."""
        prefix = self.engine.prefixes.get(role, "")
        return await _ask(self._batcher, [prefix + text for text in texts])

    def forget(self) -> None:
        """Remember no answer given so far."""
        self._batcher.forget()

    async def aclose(self) -> None:
        """Finish what was begun."""
        await self._batcher.aclose()


Works = Work | Embedding | Writing


def work_of(engine: Engine, *, remembered: int = 0) -> Works | None:
    """How an engine is put to work; None for one that is asked as it is."""
    if isinstance(engine, Classifier):
        return Work(engine, remembered=remembered)
    if isinstance(engine, Embedder):
        return Embedding(engine, remembered=remembered)
    return Writing(engine) if isinstance(engine, Generator) else None


def kind_of(engine: Engine) -> Kind:
    """What a model is for."""
    if isinstance(engine, Classifier):
        return "classify"
    if isinstance(engine, Embedder):
        return "embed"
    return "generate" if isinstance(engine, Generator) else "rerank"


async def _ask(batcher: MicroBatcher[T], texts: Sequence[str]) -> Answered[T]:
    try:
        return await batcher.ask(texts)
    except BusyError as error:
        raise _overloaded() from error


def _overloaded() -> RequestError:
    return RequestError(
        "The server is busy.", code="overloaded", mend="Try again after the time in the header retry-after."
    )
