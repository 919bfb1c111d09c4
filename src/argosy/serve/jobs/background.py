"""The background of a serving process: it looks for batches, works on a few at once, and sweeps what is over.

A batch is claimed in the store for a short time, and the claim renewed all the while; that of a process that died ends
by itself, and whoever claims next goes on behind the last line that was stored. Lines in between are asked again under
the same idempotency key, so that none is charged twice.
"""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.types import ASGIApp

from argosy.core.jobs import Batch
from argosy.serve.errors import RequestError
from argosy.serve.jobs.by_line import names_by_line, work_by_line
from argosy.serve.jobs.by_row import names_by_row, work_by_row
from argosy.serve.jobs.front import Front
from argosy.serve.jobs.parts import ROWS, Batching
from argosy.serve.jobs.shelf import now
from argosy.serve.jobs.task import SECOND, End, LostError, Task
from argosy.serve.service import Service

_log = logging.getLogger("argosy.error")
_CLAIMS = 3  # that achieve nothing, before a batch is given up
_SWEEP_SECONDS = 600.0


class Background:
    """Works on the batches of ``parts`` by asking the ``app`` of a service."""

    def __init__(self, parts: Batching, app: ASGIApp, service: Service) -> None:
        self.parts = parts
        self._front = Front(app=app, admission=service.admission, metrics=service.metrics)
        self._body_bytes = service.settings.max_body_bytes
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There is work."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled; what is in hand is given back then."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sweep())
            for _ in range(self.parts.bounds.batches):
                group.create_task(self._work())

    async def _sweep(self) -> None:
        while True:
            try:
                await self.parts.shelf.sweep()
            except Exception as error:  # noqa: BLE001 - the store may be away: the next time comes
                _report("sweep", error)
            await asyncio.sleep(_SWEEP_SECONDS)

    async def _work(self) -> None:
        while True:
            self._woken.clear()
            batch = await self._claim()
            if batch is None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), self.parts.bounds.poll)
                continue
            with self._front.metrics.batches.track_inprogress():
                await self._attempt(batch)

    async def _claim(self) -> Batch | None:
        jobs, until = self.parts.jobs, now() + int(self.parts.bounds.lease * SECOND)
        try:
            if not await asyncio.to_thread(jobs.waits, now()):
                return None
            return await asyncio.wrap_future(jobs.claim(now(), until))
        except Exception as error:  # noqa: BLE001 - the store may be away: it is asked again
            _report("claim", error)
            return None

    async def _attempt(self, batch: Batch) -> None:
        """Work on a batch; one that fails here is left to the next claim."""
        task = Task(batch, self.parts)
        try:
            await self._through(task)
        except* LostError:
            _log.warning("batch %s is worked on elsewhere", batch.id)
        except* Exception as errors:  # noqa: BLE001 - the next claim tries again
            for error in errors.exceptions:
                _report(batch.id, error)
        finally:
            task.close()

    async def _through(self, task: Task) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                keeper = group.create_task(self._keep(task))
                end = await self._end_of(task)
                names = names_by_row(task) if task.batch.endpoint in ROWS else names_by_line(task)
                files = await task.finalize(end, names)
                keeper.cancel()
            await task.conclude(end, files)
        except asyncio.CancelledError:
            with suppress(Exception):  # where the store is away the claim ends by itself
                await task.keep(longer=False)
            raise

    async def _keep(self, task: Task) -> None:
        while True:
            await asyncio.sleep(min(self.parts.bounds.lease / 3, 1.0))
            await task.keep()

    async def _end_of(self, task: Task) -> End:
        """Work on a batch up to its end."""
        batch = task.batch
        await asyncio.to_thread(task.open)
        task.look()
        if batch.status == "finalizing":
            return _end_before(batch)
        if batch.claims > _CLAIMS:
            task.stop_with(task.problem(_given_up()))
        path = self.parts.shelf.path(batch.tenant, batch.input)
        file = await self.parts.shelf.find(batch.tenant, batch.input)
        if file is None or not path.is_file():
            task.stop_with(task.problem(_gone()))
        if task.end or file is None:
            return task.end or End(status="failed")
        if batch.endpoint in ROWS:
            return await work_by_row(self._front, task, file, path)
        return await work_by_line(self._front, task, path, self._body_bytes)


@asynccontextmanager
async def working(background: Background | None) -> AsyncIterator[None]:
    """Work on batches beside the block; what is in hand when it ends is given back."""
    if background is None:
        yield
        return
    running = asyncio.create_task(background.run())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def _end_before(batch: Batch) -> End:
    """The end that a batch had come to when its process died."""
    if batch.problems:
        return End(status="failed", problems=batch.problems)
    return End(status="completed" if batch.progress.done == batch.progress.total else "expired")


def _report(what: str, error: BaseException) -> None:
    # without the error's own words, which may quote a text
    places = "".join(traceback.format_tb(error.__traceback__))
    _log.error("%s failed: %s\n%s", what, type(error).__name__, places)


def _given_up() -> RequestError:
    return RequestError(
        "The server failed to work on this batch, several times.",
        code="internal_error",
        mend="Make it again, and tell the operator its id if it fails again.",
    )


def _gone() -> RequestError:
    return RequestError(
        "The input file of the batch is not there any more.",
        code="not_found",
        param="input_file_id",
        mend="Upload it again, and make another batch.",
    )
