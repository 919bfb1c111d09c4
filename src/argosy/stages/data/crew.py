"""Work on many chunks of rows by several processes, with the same results and order as by one.

A worker is this module run by the same Python: it takes one JSON object a line and answers with one. Nothing of the
caller's program is imported there, so a script of any shape may build a project.
"""

import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from importlib import import_module
from itertools import chain, islice
from typing import IO, Any

import psutil

from argosy.core import errors
from argosy.core.errors import ArgosyError, MachineError
from argosy.core.extension import open_extensions, opened

Task = dict[str, Any]
Work = Callable[[Task], Task]
"""A function at the top of a module, from what JSON can hold to what JSON can hold."""
_FEW = 3  # tasks that are done sooner than a worker has started


def spread(work: Work, tasks: Iterable[Task], *, workers: int | None = None) -> Iterator[Task]:
    """The result of each task in order, by as many workers as there are processors; a few tasks are done right here.

    Each worker has one task at a time, so tasks are made as they are needed. Raises what ``work`` raises.
    """
    waiting = iter(tasks)
    first = list(islice(waiting, _FEW))
    count = workers or len(psutil.Process().cpu_affinity() or [0])
    if len(first) < _FEW or count < 2:  # noqa: PLR2004 - a crew of one is this process
        return map(work, chain(first, waiting))
    return _shared(work, chain(first, waiting), count)


def serve(source: IO[bytes], target: IO[bytes], work: Work) -> None:
    """Answer every line of ``source`` until it ends."""
    for line in source:
        try:
            answer: Task = {"result": work(json.loads(line))}
        except ArgosyError as error:
            answer = {"error": error.to_json(), "kind": type(error).__name__}
        target.write(json.dumps(answer).encode() + b"\n")
        target.flush()


def main(name: str, *extensions: str) -> None:
    """Be a worker for the function ``module:name``; what libraries print goes to standard error."""
    open_extensions(extensions)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C is the caller's, who ends its workers
    target = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    module, _, function = name.partition(":")
    serve(sys.stdin.buffer, target, getattr(import_module(module), function))


def _shared(work: Work, tasks: Iterable[Task], count: int) -> Iterator[Task]:
    with ExitStack() as stack:
        idle = deque(stack.enter_context(_worker(work)) for _ in range(count))
        busy: deque[subprocess.Popen[bytes]] = deque()
        stack.callback(lambda: _end((*idle, *busy)))
        for task in tasks:
            if not idle:
                yield _answer(busy[0])
                idle.append(busy.popleft())
            _ask(idle[0], task)
            busy.append(idle.popleft())
        while busy:
            yield _answer(busy[0])
            idle.append(busy.popleft())


def _end(workers: Iterable["subprocess.Popen[bytes]"]) -> None:
    for worker in workers:
        worker.kill()


def _worker(work: Work) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-P", "-m", __name__, f"{work.__module__}:{work.__name__}", *opened()]
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=alone)


def _ask(worker: "subprocess.Popen[bytes]", task: Task) -> None:
    assert worker.stdin is not None  # noqa: S101 - opened with a pipe, above
    try:
        worker.stdin.write(json.dumps(task).encode() + b"\n")
        worker.stdin.flush()
    except BrokenPipeError as error:
        raise _ended(worker) from error


def _answer(worker: "subprocess.Popen[bytes]") -> Task:
    assert worker.stdout is not None  # noqa: S101 - the same
    line = worker.stdout.readline()
    if not line:
        raise _ended(worker)
    answer = json.loads(line)
    if "error" in answer:
        kind: type[ArgosyError] = getattr(errors, answer["kind"])
        raise kind.from_json(answer["error"])
    return dict(answer["result"])


def _ended(worker: "subprocess.Popen[bytes]") -> ArgosyError:
    return MachineError(
        "A process that works on the rows ended with code {code}.",
        mend="Free some memory and run the same command again; what stood before is untouched.",
        code=worker.wait(),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
