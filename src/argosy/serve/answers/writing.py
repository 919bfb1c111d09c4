"""From a prompt to the pieces of its answer, off the event loop: one prompt at a time, the others wait in order."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argosy.core.engine import Generator
from argosy.core.records import Delta, Message, Settings

T = TypeVar("T")


class Writing:
    """One generator and the thread that asks it; belongs to one event loop.

    A piece is asked for when the one before it was taken, so whoever reads slowly is not run ahead of.
    """

    def __init__(self, engine: Generator) -> None:
        self.engine = engine
        self._turn = asyncio.Lock()  # first come, first served
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="argosy-writing")

    async def count(self, prompt: str | Sequence[Message]) -> int:
        """The number of tokens of a prompt."""
        return await asyncio.to_thread(self.engine.count, prompt)

    async def write(self, prompt: str | Sequence[Message], settings: Settings) -> AsyncGenerator[Delta, None]:
        """The pieces of the answer; whoever leaves early calls ``aclose``, and the work stops at the next piece."""
        async with self._turn:
            pieces = await self._run(lambda: self.engine.generate(prompt, settings))
            try:
                while piece := await self._run(lambda: next(pieces, None)):
                    yield piece
            finally:
                self._thread.submit(pieces.close)  # behind a piece that is still being made; the next prompt waits

    async def aclose(self) -> None:
        """Take nothing more."""
        self._thread.shutdown(wait=False)

    async def _run(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)
