"""Signed messages to the owner's webhook: each is kept until the address takes it, and says who sent it and when.

The header ``argosy-signature`` is ``t=SECONDS,v1=HEX``: HMAC-SHA256 of ``SECONDS.BODY`` under the secret of the
project's file ``.argosy/support.key``. Who receives it compares the signature in constant time, refuses one that is
older than some minutes, and takes the same ``id`` once.
"""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from argosy.project.supporting.secret import signature
from argosy.store.support.conversations import now
from argosy.store.support.events import Event, SqlEvents

SECONDS = 15.0
"""How long a try may take: as many as are claimed at a time end before their claim does."""
_NAP, _PATIENCE = 1.0, 20.0  # s between two looks at what is due, and for what is under way at the end
_SECOND = 1_000_000
_log = logging.getLogger("argosy.error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """An address with the secret that messages to it are signed with."""

    url: str
    secret: str = field(repr=False)

    @property
    def target(self) -> str:
        """What events for it are kept under: nobody reads the address there."""
        return sha256(self.url.encode()).hexdigest()

    def post(self, event: Event, at: int) -> str:
        """Send an event once; empty when the address took it, else why not. Redirections are not followed."""
        body = json.dumps({"id": event.id, **event.told}, ensure_ascii=False).encode()
        seconds, place = at // _SECOND, urlsplit(self.url)
        kind = HTTPSConnection if place.scheme == "https" else HTTPConnection
        head = {
            "content-type": "application/json",
            "user-agent": "argosy",
            "argosy-event": event.id,
            "argosy-signature": f"t={seconds},v1={signature(self.secret, seconds, body)}",
        }
        try:
            with closing(kind(place.hostname or "", place.port, timeout=SECONDS)) as connection:
                connection.request("POST", (place.path or "/") + (f"?{place.query}" if place.query else ""), body, head)
                status = connection.getresponse().status
        except (OSError, HTTPException, ValueError) as error:  # ValueError: no such name or port can be
            return type(error).__name__
        return "" if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES else f"HTTP {status}"


def send_due(events: SqlEvents, hook: Hook, clock: Callable[[], int]) -> int:
    """Send what is due, and note what came of it; how many were taken. After a failure the others wait for the next."""
    taken, error = 0, ""
    for event in events.due(clock(), hook.target):
        error = error or hook.post(event, clock())
        if error:
            events.failed(event, clock(), error).result()
        else:
            events.sent(event, clock()).result()
            taken += 1
    return taken


@contextmanager
def sending(events: SqlEvents, hook: Hook, clock: Callable[[], int] = now) -> Iterator[None]:
    """Send what becomes due while the block runs."""
    ended = threading.Event()

    def run() -> None:
        last = ""
        while not ended.is_set():
            taken, said = 0, ""
            try:
                taken = send_due(events, hook, clock)
            except Exception as error:  # noqa: BLE001 - a database that comes back finds the sending alive
                said = type(error).__name__
                if said != last:
                    _log.error("support: events wait: %s", said)
            last = said
            ended.wait(0 if taken else _NAP)

    thread = threading.Thread(target=run, name="argosy-support-events", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(_PATIENCE)
