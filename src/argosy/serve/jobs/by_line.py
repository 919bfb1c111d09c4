"""A batch of requests: every line is asked of the service's own routes, some at once, and written in its order."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from argosy.core.jobs import Problem
from argosy.serve.errors import RequestError
from argosy.serve.jobs.front import AGAIN, Front
from argosy.serve.jobs.inside import Answered, Asked, ask
from argosy.serve.jobs.lines import Line, Rules, answered, check, requests, unanswered
from argosy.serve.jobs.task import End, Task

_OVER = frozenset({"budget_spent", "wallet_empty", "quota_spent", "suspended"})
"""Refusals that every further line would get too."""
_OK = range(200, 300)


async def work_by_line(front: Front, task: Task, path: Path, body_bytes: int) -> End:
    """Ask every line that is not answered yet, until the last one or until the task should end."""
    bounds = task.parts.bounds
    rules = Rules(endpoint=task.batch.endpoint, body_bytes=body_bytes, lines=bounds.lines)
    if task.batch.status == "validating":
        total, faults = await asyncio.to_thread(check, path, rules)
        if faults:
            return End(status="failed", problems=[task.problem(fault, line) for line, fault in faults])
        task.total(total)
        await task.move("in_progress")
    source = requests(path, rules, task.progress.done)
    window: deque[asyncio.Task[_Outcome | None]] = deque()
    try:
        while task.end is None and (line := await asyncio.to_thread(next, source, None)):
            while len(window) >= max(1, bounds.in_flight - front.metrics.live):
                await _write(front, task, await window.popleft())
            window.append(asyncio.create_task(_ask(front, task, line)))
            task.look()
        while window:
            await _write(front, task, await window.popleft())
        for line in source if task.end and task.end.status == "expired" else ():
            await _write(front, task, _left(task, line))
    finally:
        for waiting in window:
            waiting.cancel()
    return task.end or End(status="completed")


def names_by_line(task: Task) -> tuple[str, str]:
    """What the two files are called."""
    return f"{task.batch.id}_output.jsonl", f"{task.batch.id}_error.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    line: bytes
    good: bool


async def _ask(front: Front, task: Task, line: Line) -> _Outcome | None:
    """The answer to a line, as it stands in a file; None where the batch ends before there is one."""
    batch = task.batch
    while True:
        if task.caller is None:
            return _left(task, line)
        asked = Asked(
            path=batch.endpoint,
            body=line.body,
            caller=task.caller,
            key=f"{batch.id}:{line.number}",
            language=batch.language,
        )
        answer = await ask(front.app, asked)
        wait = _wait(answer, task.parts.bounds.patience)
        if wait is None:
            break
        await task.pause(wait)
        if task.end:
            return _left(task, line)
    code, message = _refusal(answer)
    if code in _OVER:
        task.stop_with(Problem(code=code, message=message, line=line.number))
        return None
    request_id = answer.headers.get("x-request-id", "")
    written = answered(batch.id, line, status=answer.status, request_id=request_id, body=answer.body)
    return _Outcome(line=written, good=answer.status in _OK)


def _left(task: Task, line: Line) -> _Outcome | None:
    """What is written for a line that is not asked any more: nothing, unless its time was over."""
    if task.end is None or task.end.status != "expired":
        return None
    over = task.problem(_over())
    return _Outcome(line=unanswered(task.batch.id, line, code=over.code, message=over.message), good=False)


async def _write(front: Front, task: Task, outcome: _Outcome | None) -> None:
    if outcome is not None:
        front.metrics.batch_lines.labels("completed" if outcome.good else "failed").inc()
        await asyncio.to_thread(task.write, outcome.line, good=outcome.good)


def _over() -> RequestError:
    return RequestError(
        "The window of the batch was over before this line's turn.",
        code="batch_expired",
        mend="Put it in another batch.",
    )


def _wait(answer: Answered, patience: float) -> float | None:
    """Seconds after which a line that found no room is asked again; None: it has its answer."""
    after = answer.headers.get("retry-after", "")
    again = answer.status in AGAIN and after.isdecimal() and int(after) <= patience
    return int(after) if again else None


def _refusal(answer: Answered) -> tuple[str, str]:
    """Code and message of an error; nothing of an answer."""
    if answer.status in _OK:
        return "", ""
    error = json.loads(answer.body)["error"]
    return error["code"], error["message"]
