"""A polite reader of the web: it says who it is, keeps robots.txt, waits its turn, and asks for what changed alone."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from argosy.core.errors import DataError, MachineError
from argosy.core.version import __version__
from argosy.opinion.sources.robots import Robots
from argosy.opinion.sources.wire import Limits, Reply, exchange

AGENT = f"Argosy/{__version__} (opinion monitor)"
_LIMITS = Limits()
_NAME = "argosy"  # by which robots.txt speaks of it
_DAY, _HOUR, _MINUTE = 86_400.0, 3_600.0, 60.0
_LONGEST_WAIT = 30.0  # seconds for a turn
_REDIRECTS = 5
_ROBOTS_BYTES = 512_000
_OK, _UNCHANGED, _MOVED, _BUSY = 200, 304, (301, 302, 303, 307, 308), (429, 503)
_CLIENT, _SERVER = range(400, 500), range(500, 600)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A document: its own address at the end of all redirects, and what to say next time to hear of changes alone."""

    url: str
    body: bytes
    type: str = ""
    charset: str = ""
    etag: str = ""
    modified: str = ""


@dataclass(slots=True, kw_only=True)
class _Host:
    """What is known of a host; ``free`` and ``again`` are seconds by the clock of the fetcher."""

    robots: Robots | None = None
    read: float = 0.0  # when the robots are read again
    free: float = 0.0  # when the next visit may begin
    again: float = 0.0  # until when it asked to be left alone
    failed: int = 0


class Fetcher:
    """Fetches documents; several threads may use one, and should: hosts are spared by it.

    ``pause`` are the least seconds between two visits to a host, ``wait`` and ``clock`` are those of time.
    """

    def __init__(
        self,
        *,
        limits: Limits = _LIMITS,
        pause: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        self._limits, self._pause, self._clock, self._wait = limits, pause, clock, wait
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}

    def get(self, url: str, types: Sequence[str], *, etag: str = "", modified: str = "") -> Fetched | None:
        """The document, or None where it is what it was; ``types`` are parts of the media types that can be read.

        Raises MachineError where it is not reached or asks to wait, and DataError where it must not or cannot be read.
        """
        headers = {"User-Agent": AGENT, "Accept-Encoding": "gzip", "Connection": "close"}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": modified} if modified else {}
        for _ in range(_REDIRECTS + 1):
            reply = self._visit(url, headers)
            if reply.status not in _MOVED:
                return None if reply.status == _UNCHANGED else _document(url, reply, types)
            url = urljoin(url, reply.headers.get("Location", ""))
        raise DataError("The address leads from one to the next without an end.", where=url)

    def _visit(self, url: str, headers: dict[str, str]) -> Reply:
        """The answer of a host that lets us, when it is our turn."""
        parts = urlsplit(url)
        host = self._host(f"{parts.scheme}://{parts.netloc}")
        self._spare(host, url)
        robots = self._robots(host, f"{parts.scheme}://{parts.netloc}/robots.txt", headers)
        if not robots.allows((parts.path or "/") + (f"?{parts.query}" if parts.query else "")):
            raise DataError(
                "The site asks programs not to read this, in its robots.txt.",
                where=url,
                mend="Ask its owner for a feed, or remove this source.",
            )
        self._take_turn(host, max(self._pause, robots.delay), url)
        reply = exchange(url, headers, self._limits)
        self._note(host, reply, url)
        return reply

    def _host(self, name: str) -> _Host:
        with self._lock:
            return self._hosts.setdefault(name.lower(), _Host())

    def _spare(self, host: _Host, url: str) -> None:
        """Raise MachineError while the host asks to be left alone."""
        if (left := host.again - self._clock()) > 0:
            raise _waiting(url, left)

    def _take_turn(self, host: _Host, pause: float, url: str) -> None:
        """Wait until the host may be visited; the next one waits for ``pause`` seconds after that."""
        with self._lock:
            now = self._clock()
            begin = max(now, host.free)
            if begin - now > _LONGEST_WAIT:
                raise _waiting(url, begin - now)
            host.free = begin + pause
        if begin > now:
            self._wait(begin - now)

    def _robots(self, host: _Host, url: str, headers: dict[str, str]) -> Robots:
        """What the site asks; nothing where it has no such file. Raises MachineError where that cannot be known."""
        if host.robots is not None and self._clock() < host.read:
            return host.robots
        plain = {name: headers[name] for name in ("User-Agent", "Accept-Encoding", "Connection")}
        limits = Limits(most=_ROBOTS_BYTES, seconds=self._limits.seconds, allow_local=self._limits.allow_local)
        for _ in range(_REDIRECTS + 1):
            reply = exchange(url, plain, limits)
            if reply.status not in _MOVED:
                break
            url = urljoin(url, reply.headers.get("Location", ""))
        self._note(host, reply, url)
        if reply.status in _SERVER:
            raise MachineError(
                "The site's robots.txt cannot be read (it answers {status}), so nothing else of it is read.",
                where=url,
                mend="It is tried again.",
                status=reply.status,
            )
        host.robots = Robots.read(reply.body.decode("utf-8", "replace"), _NAME)
        host.read = self._clock() + _DAY
        return host.robots

    def _note(self, host: _Host, reply: Reply, url: str) -> None:
        """Leave a host alone that asks for it: as long as it says, else twice as long each time."""
        if reply.status not in _BUSY:
            host.failed = 0
            return
        own = min(_MINUTE * 2**host.failed, _HOUR)
        host.failed = min(host.failed + 1, 10)
        host.again = self._clock() + max(1.0, min(_retry_after(reply.headers.get("Retry-After", "")) or own, _DAY))
        raise _waiting(url, host.again - self._clock())


def _document(url: str, reply: Reply, types: Sequence[str]) -> Fetched:
    if reply.status in _SERVER:
        raise MachineError("The site answers {status}.", where=url, mend="It is tried again.", status=reply.status)
    if reply.status != _OK:
        raise DataError(
            "The site answers {status}.", where=url, mend="See that the address is right.", status=reply.status
        )
    kind = reply.headers.get_content_type() if "Content-Type" in reply.headers else ""
    if kind and not any(one in kind for one in types):
        raise DataError("The site sends {type}, which is no text that can be read here.", where=url, type=kind)
    return Fetched(
        url=url,
        body=reply.body,
        type=kind,
        charset=str(reply.headers.get_content_charset("")),
        etag=reply.headers.get("ETag", ""),
        modified=reply.headers.get("Last-Modified", ""),
    )


def _retry_after(value: str) -> float:
    """Seconds, given as such or as a time; 0 for none."""
    if value.strip().isdecimal():
        return float(value)
    try:
        then = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    return max(0.0, (then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _waiting(url: str, seconds: float) -> MachineError:
    return MachineError(
        "The site asks to be left alone for {seconds} more seconds.",
        where=url,
        mend="It is tried again after that.",
        seconds=round(seconds),
    )
