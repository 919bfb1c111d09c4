"""A site on the loopback that answers as it is told: feeds, pages, robots.txt, and whatever goes wrong with them."""

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from argosy.opinion.sources.fetch import Fetcher
from argosy.opinion.sources.wire import Limits


@dataclass(slots=True, kw_only=True)
class Page:
    """What a path answers; with an ETag, 304 to those who name it.

    ``endless`` goes on for ever, ``hangs`` never begins, ``cut`` are bytes that are announced and do not come.
    """

    body: bytes = b""
    status: int = 200
    type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""
    endless: bool = False
    hangs: bool = False
    cut: int = 0


@dataclass(slots=True, kw_only=True)
class Site:
    """The pages of a site by path, and what was asked for: path and headers."""

    url: str = ""
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    sent: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def paths(self) -> list[str]:
        """The paths that were asked for."""
        return [path for path, _ in self.asked]


class _Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        self.site.asked.append((self.path, dict(self.headers.items())))
        page = self.site.pages.get(self.path, Page(status=404))
        if page.hangs:
            self.site.released.wait(60)
            return
        same = page.etag and self.headers.get("If-None-Match") == page.etag
        self.send_response(304 if same else page.status)
        for name, value in page.headers.items():
            self.send_header(name, value)
        if page.etag:
            self.send_header("ETag", page.etag)
        if page.type:
            self.send_header("Content-Type", page.type)
        if not page.endless:
            self.send_header("Content-Length", str(0 if same else len(page.body) + page.cut))
        self.end_headers()
        if same:
            return
        try:
            self._send(page)
        except ConnectionError:
            self.close_connection = True

    def _send(self, page: Page) -> None:
        self.wfile.write(page.body)
        while page.endless and not self.site.released.is_set() and self.site.sent < 1 << 27:
            self.wfile.write(bytes(65_536))
            self.site.sent += 65_536

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def site(certificate: tuple[Path, Path] | None = None) -> Iterator[Site]:
    """A site on a free port of the loopback; by HTTPS with a certificate and its key."""
    told = Site()
    handler = type("Handler", (_Handler,), {"site": told})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        told.url = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield told
        finally:
            told.released.set()
            server.shutdown()
            thread.join()


class Time:
    """Seconds that pass only when somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waited: list[float] = []

    def clock(self) -> float:
        """The time."""
        return self.now

    def wait(self, seconds: float) -> None:
        """Let it pass."""
        self.waited.append(seconds)
        self.now += seconds


def fetcher(time: Time, *, pause: float = 0.0, most: int = 1_000_000, seconds: float = 20.0) -> Fetcher:
    """A fetcher that may read the loopback."""
    limits = Limits(most=most, seconds=seconds, allow_local=True)
    return Fetcher(limits=limits, pause=pause, clock=time.clock, wait=time.wait)


def rss(*items: Mapping[str, str]) -> bytes:
    """A feed; each item by its elements."""
    told = "".join(
        "<item>" + "".join(f"<{name}>{value}</{name}>" for name, value in item.items()) + "</item>" for item in items
    )
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{told}</channel></rss>'.encode()
