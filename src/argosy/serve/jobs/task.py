"""A batch in the hands of one process: how far it is, whether it should end, and the two files it writes."""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from argosy.core.account import Caller
from argosy.core.jobs import Batch, File, Problem, Status
from argosy.serve.errors import RequestError, said
from argosy.serve.jobs.parts import Batching
from argosy.serve.jobs.shelf import copy, now, settle

SECOND = 1_000_000  # microseconds
_DAY = 86_400 * SECOND
_LOOK_SECONDS = 0.5


class LostError(Exception):
    """Another process holds the batch now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a batch ends, and why it stopped."""

    status: Status
    problems: Sequence[Problem] = ()


class Task:
    """A claimed batch; once ``end`` is set nothing new is begun."""

    def __init__(self, batch: Batch, parts: Batching) -> None:
        self.batch = batch
        self.parts = parts
        self.caller: Caller | None = None
        self.progress = batch.progress
        self.end: End | None = None
        self._final = False
        self._files: tuple[BinaryIO, BinaryIO] | None = None

    def place(self, by: str | None, kind: str) -> Path:
        """Where the claim ``by`` writes its ``out`` or ``err``."""
        return self.parts.shelf.part(self.batch.tenant, f"{self.batch.id}.{by}.{kind}")

    def open(self) -> None:
        """Open the two files where they were left."""
        before, mine = self.batch.progress, self.batch.claim
        sizes = {"out": before.output_bytes, "err": before.error_bytes}
        if any(size and not self.place(before.by, kind).is_file() for kind, size in sizes.items()):
            before = replace(before, output_bytes=0, error_bytes=0)
            self.stop_with(self.problem(_missing()))
            sizes = dict.fromkeys(sizes, 0)
        for kind, size in sizes.items():
            copy(self.place(before.by, kind), self.place(mine, kind), size)
        self.progress = replace(before, by=mine)
        self._files = (self.place(mine, "out").open("ab"), self.place(mine, "err").open("ab"))

    def write(self, line: bytes, *, good: bool) -> None:
        """Add the answer to the next line."""
        if self._files is None:
            raise LostError
        self._files[not good].write(line)
        step = self.progress
        self.progress = replace(
            step,
            done=step.done + 1,
            completed=step.completed + good,
            failed=step.failed + (not good),
            output_bytes=step.output_bytes + (len(line) if good else 0),
            error_bytes=step.error_bytes + (0 if good else len(line)),
        )

    def total(self, lines: int) -> None:
        """So many lines there are."""
        self.progress = replace(self.progress, total=lines)

    def worked(self, found: Mapping[str, Any]) -> None:
        """The rows were worked by another process, which wrote both files."""
        self.batch = replace(self.batch, report=found["report"])
        self.progress = replace(
            self.progress,
            done=self.progress.total,
            completed=found["kept"],
            failed=found["dropped"],
            output_bytes=found["output_bytes"],
            error_bytes=found["error_bytes"],
        )

    def close(self) -> None:
        """Close the files."""
        for file in self._files or ():
            file.close()
        self._files = None

    async def move(self, status: Status) -> None:
        """Come to a status, unless somebody has asked for the end."""
        if self.batch.status != "cancelling":
            self.batch = replace(self.batch, status=status, at={**self.batch.at, status: now()})
        await self.keep()

    async def keep(self, *, longer: bool = True) -> None:
        """Make durable how far the batch is, and hold it; raises LostError when somebody else does.

        What is written after the end has come may leave lines out: it counts once the batch is final.
        """
        whole = self.end is None or self._final
        progress = self.progress if whole else self.batch.progress
        await asyncio.to_thread(self._sync)
        until = now() + int(self.parts.bounds.lease * SECOND) if longer else 0
        kept = await asyncio.wrap_future(self.parts.jobs.keep(replace(self.batch, progress=progress), until))
        if kept is None:
            raise LostError
        self.batch = replace(kept, claim=self.batch.claim)
        self.look()

    async def pause(self, seconds: float) -> None:
        """Wait, no longer than until the batch should end."""
        over = time.monotonic() + seconds
        while self.end is None and (left := over - time.monotonic()) > 0:  # noqa: ASYNC110 - other threads end it too
            await asyncio.sleep(min(left, _LOOK_SECONDS))

    def stop_with(self, problem: Problem) -> None:
        """End the batch as failed."""
        self.end = self.end or End(status="failed", problems=[problem])

    def problem(self, error: RequestError, line: int | None = None) -> Problem:
        """What is wrong, in the language of the batch."""
        return Problem(code=error.code, message=said(error, self.batch.language), line=line, param=error.param)

    async def finalize(self, end: End, names: tuple[str, str]) -> list[File]:
        """Make durable that the batch comes to this end, and give what was written its place and names."""
        self.end, self._final = end, True
        self.batch = replace(self.batch, problems=end.problems)
        await self.move("finalizing")
        self.close()
        return await asyncio.to_thread(self._settled, names)

    async def conclude(self, end: End, files: Sequence[File]) -> None:
        """Store the end and the files, together; raises LostError when somebody else holds the batch."""
        at = {**self.batch.at, end.status: now()}
        done = replace(self.batch, status=end.status, at=at, progress=self.progress)
        if not await asyncio.wrap_future(self.parts.jobs.finish(done, files)):
            raise LostError
        await asyncio.to_thread(self._tidy)

    def _settled(self, names: tuple[str, str]) -> list[File]:
        ids = (self.batch.output, self.batch.errors)
        sizes = (self.progress.output_bytes, self.progress.error_bytes)
        found = []
        for kind, file, name, size in zip(("out", "err"), ids, names, sizes, strict=True):
            if not size:
                continue
            with self.parts.shelf.aside(self.batch.tenant) as aside:
                copy(self.place(self.progress.by, kind), aside, size)
                settle(aside, self.parts.shelf.path(self.batch.tenant, file))
            found.append(self._file(file, name, size))
        return found

    def _file(self, file: str, name: str, size: int) -> File:
        return File(
            id=file,
            tenant=self.batch.tenant,
            purpose="batch_output",
            name=name,
            bytes=size,
            created=now(),
            expires=now() + self.parts.bounds.file_days * _DAY,
        )

    def _tidy(self) -> None:
        folder = self.place(None, "out").parent
        for path in folder.glob(f".{self.batch.id}.*"):
            path.unlink(missing_ok=True)

    def _sync(self) -> None:
        for file in self._files or ():
            file.flush()
            os.fsync(file.fileno())

    def look(self) -> None:
        """See who pays, and whether the batch should end."""
        self.caller = self.parts.caller(self.batch.key)
        if self.batch.status == "cancelling":
            self.end = self.end or End(status="cancelled")
        elif now() > self.batch.expires:
            self.end = self.end or End(status="expired")
        elif self.caller is None:
            self.stop_with(self.problem(_key_over()))
        elif self.caller.account.suspended:
            self.stop_with(self.problem(_suspended()))


def _key_over() -> RequestError:
    """Why a batch stops whose key was revoked or has expired."""
    return RequestError(
        "The key that made this batch is not valid any more.",
        code="invalid_key",
        mend="Make the batch again with another key.",
    )


def _missing() -> RequestError:
    return RequestError(
        "What was written of this batch is not there any more.",
        code="internal_error",
        mend="Make it again, and tell the operator its id.",
    )


def _suspended() -> RequestError:
    return RequestError("This account is suspended.", code="suspended", mend="Settle what is owed, or ask the seller.")
