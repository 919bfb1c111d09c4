"""Several processes that answer at one address: one parent starts them, starts a dead one again, and stops them all.

Each worker has a listening socket of its own at the same port (SO_REUSEPORT), so the system spreads new connections
over them; the parent keeps the sockets open, so nothing is refused while a worker starts again. A worker says on its
standard output that it answers, hears on its standard input that all do, and stops when that ends with the parent.
Where the service sells, one more process is the desk that all workers ask; it is started first and stopped last.
"""

import asyncio
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from fastapi import FastAPI
from prometheus_client.multiprocess import mark_process_dead

from argosy.core.errors import MachineError
from argosy.serve.gate.desk import Desk
from argosy.serve.gate.forward import answer_workers
from argosy.serve.running.run import SIGNALS, address_of, listen, serve
from argosy.serve.running.tls import AGAIN, context_of
from argosy.serve.settings import Settings

_FIGURES = "PROMETHEUS_MULTIPROC_DIR"  # read by prometheus_client when it is imported
_READY = b"ready\n"
_STOP, _AGAIN = b"!", b"~"  # what a signal becomes
_SIGNALS_AT_ONCE = 64
_AGAIN_SECONDS = 1.0  # before a worker that never answered is started once more
_MORE_SECONDS = 5.0  # than a worker may take to stop, before it is killed

Command = Callable[[int, Path], Sequence[str]]
"""The command of a worker, given the number of its socket and the folder of everybody's figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A listening socket, and the command of the process that answers there, given the socket's number."""

    listening: socket.socket
    command: Callable[[int], Sequence[str]]


@dataclass(slots=True, eq=False)
class _Worker:
    post: Post
    process: subprocess.Popen[bytes]
    ready: bool = False


def supervise(
    command: Command, count: int, settings: Settings, on_ready: Callable[[str], None], *, desk: Post | None = None
) -> None:
    """Run ``count`` workers until SIGINT or SIGTERM; ``on_ready`` is called with the address once all answer.

    Raises MachineError when the port cannot be had, or a worker ends before all of them answer, and MissingError or
    ProjectError for a certificate or key that is no good. SIGHUP has the workers read both again. Main thread only.
    """
    if settings.tls:
        context_of(settings.tls)
    with ExitStack() as stack:
        sockets = [stack.enter_context(one) for one in listen_together(settings, count)]
        figures = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="argosy-figures-")))
        posts = [Post(listening=one, command=lambda number: command(number, figures)) for one in sockets]
        crew = _Crew([desk, *posts] if desk else posts, figures)
        stack.callback(crew.stop, settings.drain_seconds + settings.stop_seconds + _MORE_SECONDS)
        with _signalled() as told:
            crew.work(told, lambda: on_ready(address_of(sockets[0], settings)))


def listen_together(settings: Settings, count: int) -> list[socket.socket]:
    """``count`` sockets that listen at one address; raises MachineError when it cannot be had."""
    if not hasattr(socket, "SO_REUSEPORT"):
        raise MachineError("Several workers need a system that shares a port.", mend="Serve with one: --workers 1")
    with listen(settings) as alone:  # nobody else may have the port: sharing would hide it
        settings = replace(settings, port=alone.getsockname()[1])
    return [listen(settings, shared=True) for _ in range(count)]


@contextmanager
def desk_socket() -> Iterator[tuple[Path, socket.socket]]:
    """A Unix socket to listen at and its path, in a folder that nobody else may enter."""
    with tempfile.TemporaryDirectory(prefix="argosy-desk-") as folder, socket.socket(socket.AF_UNIX) as listening:
        path = Path(folder) / "desk"
        listening.bind(str(path))
        path.chmod(0o600)
        listening.listen()
        yield path, listening


def attend(desk: Desk, number: int) -> None:
    """Be the desk at the inherited socket ``number`` until told to stop, or the parent and all workers are gone."""
    asyncio.run(_attend(desk, number))


async def _attend(desk: Desk, number: int) -> None:
    stop = asyncio.Event()
    for one in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    threading.Thread(target=_hear, args=(lambda: None,), daemon=True).start()
    with socket.socket(fileno=number) as listening:
        _say_ready()
        await answer_workers(desk, listening, stop)


def work(app: FastAPI, settings: Settings, number: int) -> None:
    """Be a worker: answer at the inherited socket ``number`` until told to stop, or the parent is gone."""
    readiness = app.state.readiness
    readiness.waiting = True
    threading.Thread(target=_hear, args=(lambda: setattr(readiness, "waiting", False),), daemon=True).start()
    with socket.socket(fileno=number) as listening:
        serve(app, settings, lambda _: _say_ready(), listening=listening)


def _say_ready() -> None:
    sys.stdout.buffer.write(_READY)
    sys.stdout.buffer.flush()


def _hear(on_all: Callable[[], None]) -> None:
    if os.read(sys.stdin.fileno(), 1):
        on_all()
        os.read(sys.stdin.fileno(), 1)
    os.kill(os.getpid(), signal.SIGTERM)


class _Crew:
    """The workers, as the parent sees them."""

    def __init__(self, posts: Sequence[Post], figures: Path) -> None:
        self._figures = figures
        self._events = selectors.DefaultSelector()
        self._workers: list[_Worker] = []
        self._all_ready = False
        for post in posts:
            self._start(post)

    def work(self, told: socket.socket, on_ready: Callable[[], None]) -> None:
        """Watch until a signal comes."""
        self._events.register(told, selectors.EVENT_READ, None)
        while True:
            for key, _ in self._events.select():
                if key.data is not None:
                    self._look(key.data, on_ready)
                elif _STOP in told.recv(_SIGNALS_AT_ONCE):
                    return
                else:
                    self._pass_on()

    def _pass_on(self) -> None:
        """Have the workers that answer read their certificate again."""
        for worker in self._workers:
            if AGAIN is not None and worker.ready and worker.post.listening.family != socket.AF_UNIX:
                worker.process.send_signal(AGAIN)

    def stop(self, seconds: float) -> None:
        """Stop all, the slow ones by force, and the desk when nobody is left to ask it."""
        last = [worker for worker in self._workers if worker.post.listening.family == socket.AF_UNIX]
        for group in ([worker for worker in self._workers if worker not in last], last):
            for worker in group:
                worker.process.terminate()
            end = time.monotonic() + seconds
            for worker in group:
                with worker.process as process:
                    try:
                        process.wait(max(end - time.monotonic(), 0))
                    except subprocess.TimeoutExpired:
                        process.kill()
        self._events.close()

    def _start(self, post: Post) -> None:
        number = post.listening.fileno()
        process = subprocess.Popen(
            list(post.command(number)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[number],
            env=os.environ | {_FIGURES: str(self._figures)},
            start_new_session=True,  # ctrl-C reaches the parent alone
        )
        worker = _Worker(post, process)
        self._workers.append(worker)
        if process.stdout:
            self._events.register(process.stdout, selectors.EVENT_READ, worker)
        if self._all_ready:
            _greet(worker)

    def _look(self, worker: _Worker, on_ready: Callable[[], None]) -> None:
        """A worker has said that it answers, or has ended."""
        if not (worker.process.stdout and os.read(worker.process.stdout.fileno(), len(_READY))):
            self._replace(worker)
            return
        worker.ready = True
        if not self._all_ready and all(other.ready for other in self._workers):
            self._all_ready = True
            for other in self._workers:
                _greet(other)
            on_ready()

    def _replace(self, worker: _Worker) -> None:
        self._events.unregister(worker.process.stdout or 0)
        self._workers.remove(worker)
        with worker.process as process:
            process.kill()
        mark_process_dead(process.pid, str(self._figures))  # type: ignore[no-untyped-call]
        if not self._all_ready:
            raise MachineError("A worker ended before it answered.", mend="What it said stands above.")
        if not worker.ready:
            time.sleep(_AGAIN_SECONDS)  # lest one that cannot start takes the processor from the others
        self._start(worker.post)


def _greet(worker: _Worker) -> None:
    """Tell a worker that all answer."""
    if worker.process.stdin:
        with suppress(BrokenPipeError):  # its end is noticed by itself
            worker.process.stdin.write(b"!")
            worker.process.stdin.flush()


@contextmanager
def _signalled() -> Iterator[socket.socket]:
    """A socket that can be read once a signal has come: to stop, or to read the certificate again."""
    told, tell = socket.socketpair()
    tell.setblocking(False)

    def heard(number: int, _frame: FrameType | None) -> None:
        with suppress(BlockingIOError):
            tell.send(_STOP if number in SIGNALS else _AGAIN)

    before = {number: signal.signal(number, heard) for number in (*SIGNALS, *([AGAIN] if AGAIN else []))}
    try:
        with told, tell:
            yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
