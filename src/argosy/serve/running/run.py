"""Listen, answer, and stop without dropping what is in flight."""

import asyncio
import errno
import gc
import os
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI

from argosy.core.errors import MachineError
from argosy.serve.running.door import CONNECTIONS, Door
from argosy.serve.running.tls import HSTS, context_of, reread
from argosy.serve.settings import Settings

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

SIGNALS = (signal.SIGINT, signal.SIGTERM)
_LAST_PORT = 65535
_BACKLOG = 2048
_OTHER_FILES = 512  # of the process, beside its connections
_UNREAD_MILLISECONDS = 30_000  # that a client may take nothing of its answer before the system hangs up
_HEADERS = (("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer"))
_YOUNG = 3_000  # objects that begin a collection, 700 by default; few cycles hold a request's body that long
_SWITCH_SECONDS = 0.001  # by default a thread that reads long texts keeps the event loop waiting five times as long


class _Server(uvicorn.Server):
    """Tells when it answers, and that it stops before it closes the door."""

    def __init__(
        self, app: FastAPI, settings: Settings, on_ready: Callable[[], None], context: ssl.SSLContext | None
    ) -> None:
        super().__init__(_config(app, settings, context))
        self.app = app
        self.drain_seconds = settings.drain_seconds
        self.on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.app.state.readiness.stopping = True
        await asyncio.sleep(self.drain_seconds)
        await super().shutdown(sockets)


def serve(
    app: FastAPI, settings: Settings, on_ready: Callable[[str], None], *, listening: socket.socket | None = None
) -> None:
    """Answer until SIGINT or SIGTERM, then finish what is in flight and return.

    ``on_ready`` is called once with the address, such as ``http://127.0.0.1:8000``, as soon as requests are answered.
    Without a ``listening`` socket one is made; raises MachineError when the port or the host cannot be had, and
    MissingError or ProjectError for a certificate or key that is no good. SIGHUP reads both again.
    """
    context = context_of(settings.tls) if settings.tls else None
    _make_room()
    with listening or listen(settings) as door:
        address = address_of(door, settings)
        server = _Server(app, settings, lambda: on_ready(address), context)
        sys.setswitchinterval(_SWITCH_SECONDS)
        _spare_collector()
        with _stopping_on_signals(server), reread(context, settings.tls):
            server.run(sockets=[door])


def _spare_collector() -> None:
    """Let the collector of cycles leave alone what was made at the start, and look at the rest less often."""
    gc.freeze()
    gc.set_threshold(_YOUNG)


def _make_room() -> None:
    """Let the process open as many files as it has connections: many systems start programs with less."""
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def listen(settings: Settings, *, shared: bool = False) -> socket.socket:
    """A socket that listens on the host and port of ``settings``; raises MachineError when it cannot be had.

    Several ``shared`` ones may listen on the same port.
    """
    if not 0 <= settings.port <= _LAST_PORT:
        raise MachineError(
            "There is no port {port}.",
            mend="Choose one from 1024 to 65535: --port 0 takes a free one.",
            port=settings.port,
        )
    try:
        return _bound(settings, shared=shared)
    except OSError as error:
        raise _refused(error, f"{settings.host}:{settings.port}") from error


def address_of(listening: socket.socket, settings: Settings) -> str:
    """The address of a socket, as clients write it."""
    host, port = listening.getsockname()[:2]
    place = f"[{host}]:{port}" if listening.family == socket.AF_INET6 else f"{host}:{port}"
    return f"{'https' if settings.tls else 'http'}://{place}"


def _bound(settings: Settings, *, shared: bool) -> socket.socket:
    # asyncio turns Nagle's delay (40 ms a request on one connection) off only where the protocol is named TCP
    family, kind, protocol, _, address = socket.getaddrinfo(
        settings.host, settings.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
    )[0]
    listening = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere this would let two programs share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD_MILLISECONDS)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def _refused(error: OSError, where: str) -> MachineError:
    if error.errno == errno.EADDRINUSE:
        return MachineError(
            "Another program listens on this port already.",
            where=where,
            mend="Stop it, or choose another port: --port 0 takes a free one.",
        )
    if error.errno == errno.EACCES:
        return MachineError(
            "The system does not let you listen on this port.",
            where=where,
            mend="Choose a port from 1024 on: --port 0 takes a free one.",
        )
    return MachineError(
        "This is no address of this machine to listen on: {reason}.",
        where=where,
        mend="Use the host 127.0.0.1 for this machine alone or 0.0.0.0 for the network.",
        reason=error.strerror or str(error),
    )


def _config(app: FastAPI, settings: Settings, context: ssl.SSLContext | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",  # the same on every machine, whatever else is installed there
        http=Door,
        lifespan="on",
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=settings.stop_seconds,
        headers=[*_HEADERS, *([HSTS] if context else [])],
        ssl_context_factory=(lambda *_: context) if context else None,
    )


@contextmanager
def _stopping_on_signals(server: uvicorn.Server) -> Iterator[None]:
    """Take the signals that uvicorn raises again after its graceful stop, so that the process ends with 0.

    One that comes before uvicorn listens to signals stops it too. Only the main thread may do this.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
