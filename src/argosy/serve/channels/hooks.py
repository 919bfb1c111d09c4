"""``/support/hooks/{name}``: customers' messages by way of another system, signed with a secret that both have.

The header ``argosy-signature`` is ``t=SECONDS,v1=HEX``: HMAC-SHA256 of ``SECONDS.BODY``, as of the messages that are
sent. A delivery that comes twice is answered as it was the first time.
"""

import hmac
import re
from typing import Annotated

from fastapi import APIRouter, Path, Request

from argosy.serve.channels import wire
from argosy.serve.channels.hearing import Hearing, digest, heard
from argosy.serve.channels.sealed import check, check_time, unsigned
from argosy.serve.gate.office import missing
from argosy.serve.openapi import body_of
from argosy.serve.wire.bodies import read_body
from argosy.serve.wire.parse import parse

_SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")
_WINDOW = 300  # seconds
_A_HOOK, _A_CUSTOMER = 1200, 60  # messages a minute
_EXAMPLE = '{"id": "7", "customer": "c-12", "text": "Where is my order?"}'


def router(hearing: Hearing) -> APIRouter:
    """The route."""
    routes = APIRouter(prefix="/support", tags=["support"])

    @routes.post("/hooks/{name}", openapi_extra=body_of(wire.SupportHook))
    async def deliver(request: Request, name: Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,40}$")]) -> wire.SupportTold:
        """Ask for a customer of another system's; the answer has the customer's message and what was said to it."""
        secret = hearing.channels.hooks.get(name)
        if secret is None:
            raise missing()
        hearing.rates.take(f"hook {name}", _A_HOOK)
        body = await read_body(request, hearing.settings)
        _check(request.headers.get("argosy-signature", ""), secret, body)
        asked = parse(body, wire.SupportHook, example=_EXAMPLE)
        peer = digest("webhook", name, asked.customer)
        hearing.rates.take(f"customer {peer}", _A_CUSTOMER)
        turn = await hearing.ask("webhook", peer, asked.id, asked.text)
        found = await heard(hearing.supported.conversation, turn.conversation)
        return wire.told(found, [turn])

    return routes


def _check(header: str, secret: bytes, body: bytes) -> None:
    found = _SIGNATURE.fullmatch(header.strip())
    if not found:
        raise unsigned()
    check(found[2], hmac.digest(secret, f"{found[1]}.".encode() + body, "sha256").hex())
    check_time(found[1], window=_WINDOW)
