"""One request by HTTP, and an answer that cannot be too long, too slow, or from within one's own network.

The name is looked up once, and the address that was judged is the one that is spoken to: a name that means another
address a moment later gains nothing.
"""

import socket
import ssl
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, quote, urlsplit

from argosy.core.errors import DataError, MachineError

_PORTS = {"http": 80, "https": 443}
_BLOCK = 65_536  # bytes
_TRANSLATED = ip_network("64:ff9b::/96")  # an IPv4 address in the last 32 bits (RFC 6052)
_SAFE = "/%:@!$&'()*+,;=~-._?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a server answered: ``body`` as it was before it was compressed, empty where it was not wanted."""

    status: int
    headers: Message
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bytes of an answer, seconds of the whole exchange, and whether it may go to addresses that are not public."""

    most: int = 5_000_000
    seconds: float = 20.0
    allow_local: bool = False


def exchange(url: str, headers: Mapping[str, str], limits: Limits) -> Reply:
    """What the server answers to a GET; the body of an answer 200 alone is read.

    Raises MachineError where it is not reached or too slow, DataError for an address that must not be asked, and for
    an answer that is too long.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _no_address(url) from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise _no_address(url)
    try:
        host = parts.hostname if ":" in parts.hostname else parts.hostname.encode("idna").decode()
        address = _address(url, host, port or _PORTS[parts.scheme], limits)
        connection = (
            _Secure(host, port, address, limits) if parts.scheme == "https" else _Plain(host, port, address, limits)
        )
        with _in_time(connection, limits.seconds) as late:
            try:
                connection.request("GET", _target(parts), headers=dict(headers))
                reply = connection.getresponse()
                body = _body(reply, url, limits.most) if reply.status == 200 else b""  # noqa: PLR2004
            finally:
                if late.is_set():
                    raise TimeoutError
        return Reply(status=reply.status, headers=reply.msg, body=body)
    except (OSError, HTTPException, UnicodeError, zlib.error) as error:
        reason = "it took too long" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
        raise MachineError(
            "The address cannot be read: {reason}.",
            where=url,
            mend="It is tried again; see that the address is right and that this machine reaches it.",
            reason=" ".join(reason.split()),
        ) from error


class _Plain(HTTPConnection):
    """A connection to an address that was judged."""

    def __init__(self, host: str, port: int | None, address: tuple[str, int], limits: Limits) -> None:
        super().__init__(host, port, timeout=limits.seconds)
        self._address = address

    def connect(self) -> None:
        """Connect to the address, whatever the name means by now."""
        self.sock = socket.create_connection(self._address, self.timeout)


class _Secure(HTTPSConnection):
    """The same, for a server that proves its name."""

    def __init__(self, host: str, port: int | None, address: tuple[str, int], limits: Limits) -> None:
        super().__init__(host, port, timeout=limits.seconds)
        self._address = address

    def connect(self) -> None:
        """Connect to the address, whatever the name means by now."""
        plain = socket.create_connection(self._address, self.timeout)
        self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)


@contextmanager
def _in_time(connection: HTTPConnection, seconds: float) -> Iterator[threading.Event]:
    """Cut the connection after so many seconds; the event tells that this was done."""
    late = threading.Event()

    def cut() -> None:
        late.set()
        with suppress(OSError):
            if connection.sock is not None:
                connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
        connection.close()


def _address(url: str, host: str, port: int, limits: Limits) -> tuple[str, int]:
    """The first address of a host; raises DataError where any of them is not public."""
    found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not limits.allow_local and not all(_is_public(one) for one in found):
        raise DataError(
            "The address belongs to a private network, and is not read.",
            where=url,
            mend="Name a public address, or read its texts from a folder.",
        )
    return found[0], port


def _is_public(address: str) -> bool:
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and found in _TRANSLATED:
            inner = IPv4Address(int(found) & 0xFFFFFFFF)
        found = inner or found
    return found.is_global and not found.is_multicast


def _target(parts: SplitResult) -> str:
    """The path with its query, as a request names it."""
    path = quote(parts.path or "/", safe=_SAFE)
    return f"{path}?{quote(parts.query, safe=_SAFE)}" if parts.query else path


def _body(reply: HTTPResponse, url: str, most: int) -> bytes:
    coding = (reply.getheader("Content-Encoding") or "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip"):
        raise DataError("The answer is packed as {coding}, which was not asked for.", where=url, coding=coding)
    length = reply.getheader("Content-Length") or ""
    if length.isascii() and length.isdigit() and len(length) < 20 and int(length) > most:  # noqa: PLR2004 - 64 bits
        raise _too_large(url, most)
    unpacking = None if coding == "identity" else zlib.decompressobj(16 + zlib.MAX_WBITS)
    body = bytearray()
    while block := reply.read1(_BLOCK):
        body += unpacking.decompress(block, most + 1 - len(body)) if unpacking else block
        if len(body) > most:
            raise _too_large(url, most)
    if reply.length:  # the connection broke before the end that was announced
        raise ConnectionError("the answer broke off")
    if unpacking and not unpacking.eof:
        raise ConnectionError("the answer broke off")
    return bytes(body)


def _too_large(url: str, most: int) -> DataError:
    return DataError("The answer has more than {most:,} bytes, and is not read.", where=url, most=most)


def _no_address(url: str) -> DataError:
    return DataError("This is no address of the web.", where=url, mend="Write it as https://example.com/news.xml")
