"""Who a request is about, and what the service can do for that person."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.requests import Request

from argosy.core.account import Caller
from argosy.core.captured import Captured
from argosy.serve.errors import RequestError

HEADER = "x-argosy-subject"
_LONGEST = 256  # characters of a person's id
_USER = re.compile(rb'"user"\s*:')
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Subjects(Protocol):
    """Opaque ids for persons."""

    def known(self, tenant: str, name: str) -> str | None:
        """The id, where memory holds it."""
        ...

    def named(self, tenant: str, name: str) -> str:
        """The id, made where there is none; blocks, and is durable when it returns."""
        ...


class Privacy(Protocol):
    """What the service can do for the person whom a tenant calls ``name``; all of it blocks."""

    @property
    def share(self) -> float:
        """The share of exchanges to capture, 0 to 1."""
        ...

    def keep(self, seen: Sequence[Captured]) -> int:
        """Store the captures that may be kept; how many were."""
        ...

    def start(self, forget: Callable[[], None]) -> None:
        """Begin the daily work; ``forget`` is called within a second of an erasure, whoever carried it out."""
        ...

    def stop(self) -> None:
        """End it."""
        ...

    def consent(self, tenant: str, name: str, purpose: str, actor: str, *, granted: bool) -> Mapping[str, Any]:
        """Note a word on a purpose; no name: the tenant's word for everybody."""
        ...

    def consents(self, tenant: str, name: str) -> Sequence[Mapping[str, Any]]:
        """What was said so far."""
        ...

    def export(self, tenant: str, name: str) -> Mapping[str, Any]:
        """Everything that the service holds of the person."""
        ...

    def erase(self, tenant: str, name: str, actor: str) -> Mapping[str, Any]:
        """Erase the person from what the service holds; the certificate."""
        ...

    def certificate(self, tenant: str, erasure: str) -> Mapping[str, Any] | None:
        """The certificate of an erasure; None where the tenant has no such one, or it is not done."""
        ...


@dataclass(frozen=True, slots=True)
class Naming:
    """Turns what a request says of the person concerned into an opaque id."""

    subjects: Subjects

    async def subject_of(self, caller: Caller, name: str) -> str | None:
        """The id that the ledger holds for the person whom a tenant calls by this ``name``."""
        tenant = caller.account.tenant
        return self.subjects.known(tenant, name) or await asyncio.to_thread(self.subjects.named, tenant, name)


def name_of(request: Request, body: bytes) -> str:
    """The tenant's own id of the person: the header ``x-argosy-subject``, else ``user`` in the body; or nothing.

    Raises RequestError for an id that is too long or holds control characters.
    """
    given = request.headers.get(HEADER)
    if given is not None:
        return checked(_in_utf_8(given), HEADER)
    if _USER.search(body) is None:  # most bodies name nobody: they are not parsed twice
        return ""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ""  # the route says what is wrong with it
    user = told.get("user") if isinstance(told, dict) else None
    return checked(user, "user") if isinstance(user, str) else ""


def _in_utf_8(head: str) -> str:
    """What a header says, whose bytes were read as Latin-1: one person has one name, in a header as in a body."""
    try:
        return head.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return head


def checked(name: str, param: str) -> str:
    """The id without space around it."""
    name = name.strip()
    if len(name) > _LONGEST or _CONTROL.search(name):
        raise RequestError(
            "The id of a person has at most {most} characters, and no control characters.",
            code="invalid_value",
            param=param,
            mend="Send your own short id of the person, such as a number.",
            most=_LONGEST,
        )
    return name
