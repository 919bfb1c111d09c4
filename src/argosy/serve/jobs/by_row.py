"""A batch for a data service: one file, worked on row by row in a process of its own, charged by the row."""

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from argosy.core import errors
from argosy.core.account import Caller
from argosy.core.errors import ArgosyError
from argosy.core.jobs import File, Problem
from argosy.core.ledger import Reply
from argosy.serve.errors import RequestError, said
from argosy.serve.jobs.front import AGAIN, Front
from argosy.serve.jobs.inside import Asked, request_of
from argosy.serve.jobs.parts import ROWS
from argosy.serve.jobs.task import End, Task

_WORKER = "argosy.serve.jobs.rows"
_KEPT = b"{}"  # what the ledger keeps beside the charge, so that a second try knows of it
_LINE = 1 << 20  # bytes that the process says at once, at most
_LOOK_SECONDS = 0.2


class _EndedError(Exception):
    """The batch should end before its rows are worked."""


class _FileError(Exception):
    """The file cannot be used; ``problems`` say why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__()
        self.problems = problems


async def work_by_row(front: Front, task: Task, file: File, path: Path) -> End:
    """Let a process work on the rows, and charge them; nothing is charged for a service that fails."""
    await task.move("in_progress")
    task.close()  # the process writes the files
    try:
        async with _process() as process:
            await _say(process, _told(task, file, path))
            counted = await _hear(task, process)
            task.total(counted["rows"])
            found = await _charged(front, task, process, counted["most"])
    except _EndedError:
        return task.end or End(status="cancelled")
    except _FileError as error:
        return End(status="failed", problems=error.problems)
    except RequestError as error:
        return End(status="failed", problems=[task.problem(error)])
    task.worked(found)
    return End(status="completed")


def names_by_row(task: Task) -> tuple[str, str]:
    """What the two files are called."""
    suffix = str(task.batch.report.get("format", ".jsonl"))
    return f"{task.batch.id}_output{suffix}", f"{task.batch.id}_dropped.jsonl"


async def _charged(front: Front, task: Task, process: "asyncio.subprocess.Process", most: int) -> dict[str, Any]:
    """What the process found, once it is paid for; a charge that finds no room is tried again."""
    found: dict[str, Any] | None = None
    while True:
        caller = task.caller
        if caller is None or task.end:
            raise _EndedError
        asked = _asked(task, caller)
        service = ROWS[task.batch.endpoint]
        at_most = {"requests": 1, "rows": most}
        try:
            async with front.admission.charge(request_of(asked), caller, model=service, at_most=at_most) as charge:
                if found is None:
                    await _say(process, {})
                    found = await _hear(task, process)
                if charge.reply is None:
                    await charge.settle({"requests": 1, "rows": found["rows"]}, _reply())
        except RequestError as error:
            if error.status not in AGAIN or error.retry > task.parts.bounds.patience:
                raise
            await task.pause(error.retry)
        else:
            return found


def _asked(task: Task, caller: Caller) -> Asked:
    batch = task.batch
    return Asked(path=batch.endpoint, body=b"", caller=caller, key=batch.id, language=batch.language)


def _reply() -> Reply:
    return Reply(asked=hashlib.sha256(b"").hexdigest(), status=200, media_type="application/json", body=_KEPT)


def _told(task: Task, file: File, path: Path) -> dict[str, Any]:
    batch = task.batch
    return {
        "service": ROWS[batch.endpoint],
        "path": str(path),
        "suffix": Path(file.name).suffix.lower(),
        "wishes": dict(batch.wishes),
        "output": str(task.place(batch.claim, "out")),
        "errors": str(task.place(batch.claim, "err")),
        "rows": task.parts.bounds.rows,
        "memory": task.parts.bounds.memory,
    }


@asynccontextmanager
async def _process() -> AsyncIterator["asyncio.subprocess.Process"]:
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        _WORKER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # a traceback may quote a text
        env=alone,
        limit=_LINE,
        start_new_session=True,  # ctrl-C reaches the server alone
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if process.stdin:
            process.stdin.close()


async def _say(process: "asyncio.subprocess.Process", told: dict[str, Any]) -> None:
    if process.stdin:
        with suppress(ConnectionError):  # its end is heard
            process.stdin.write(json.dumps(told).encode() + b"\n")
            await process.stdin.drain()


async def _hear(task: Task, process: "asyncio.subprocess.Process") -> dict[str, Any]:
    """What the process says next; raises _EndedError once the batch should end."""
    if process.stdout is None:
        raise _EndedError
    hearing = asyncio.create_task(process.stdout.readline())
    try:
        while not hearing.done():
            await asyncio.wait({hearing}, timeout=_LOOK_SECONDS)
            if task.end:
                raise _EndedError
        line = hearing.result()
    finally:
        hearing.cancel()
    if not line:
        raise RequestError(
            "The process that worked on the rows ended with status {status}.",
            code="internal_error",
            mend="Split the file into smaller ones; nothing was charged.",
            status=await process.wait(),
        )
    told: dict[str, Any] = json.loads(line)
    if "problems" in told:
        raise _FileError([_problem(task, **one) for one in told["problems"]])
    return told


def _problem(task: Task, kind: str, error: dict[str, Any]) -> Problem:
    known: type[ArgosyError] = getattr(errors, kind)
    return Problem(
        code="invalid_file",
        message=said(known.from_json(error), task.batch.language),
        param="input_file_id",
    )
