"""Cookies: a session that scripts cannot read and other sites cannot send, and what a reader likes."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE = "__Host-"  # makes browsers insist on Secure, on this host alone and on the path /
_YEAR = 31_536_000  # seconds


def open_session(request: Request, response: Response, name: str, token: str) -> None:
    """Keep a session in the browser until it is closed, or the server ends it.

    The cookie is Secure, so that a browser keeps it over https alone; only a page that the browser itself says it has
    opened from its own machine over http is let off, since not every browser trusts that machine.
    """
    secure = not _is_at_home(request)
    response.set_cookie(_name(name, secure=secure), token, path="/", secure=secure, httponly=True, samesite="strict")


def close_session(response: Response, name: str) -> None:
    """Forget a session in the browser."""
    for secure in (True, False):
        key = _name(name, secure=secure)
        response.delete_cookie(key, path="/", secure=secure, httponly=True, samesite="strict")


def session_of(request: Request, name: str) -> str:
    """The token of the session that a request belongs to, empty for none."""
    safe = request.cookies.get(_name(name, secure=True), "")
    return safe or (request.cookies.get(name, "") if request.url.hostname in _LOOPBACK else "")


def keep(response: Response, name: str, value: str) -> None:
    """Keep for a year what a reader has chosen; nothing secret."""
    response.set_cookie(name, value, path="/", max_age=_YEAR, samesite="lax")


def _is_at_home(request: Request) -> bool:
    """Whether the page that sends a form was opened over http from the machine that the browser runs on."""
    origin = urlsplit(request.headers.get("origin", ""))
    return origin.scheme == "http" and origin.hostname in _LOOPBACK


def _name(name: str, *, secure: bool) -> str:
    return _SAFE + name if secure else name
