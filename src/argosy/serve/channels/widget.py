"""``/support``: what the chat widget of a web page loads and asks, on the sites that may show it.

A browser makes a token of its own, which alone opens its conversations; here stands nothing but the token's digest.
"""

import re
from ipaddress import IPv4Address, ip_address
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import Response

from argosy.core.support import Conversation
from argosy.serve.channels import wire
from argosy.serve.channels.hearing import Hearing, digest, heard
from argosy.serve.errors import RequestError
from argosy.serve.gate.keys import secret_of
from argosy.serve.gate.office import missing
from argosy.serve.openapi import body_of
from argosy.serve.wire.bodies import read_body
from argosy.serve.wire.parse import parse
from argosy.web import assets

SCRIPT = "support.js"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,128}")
_AN_ADDRESS, _A_CUSTOMER, _A_LOOK = 240, 20, 120  # messages, and looks, a minute
_LONGEST = 45  # characters of an address
_NETWORK = 19  # characters of the first 64 bits
_EXAMPLE = '{"id": "5d7c…", "text": "Where is my order?"}'
_ANSWER = {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "authorization, content-type",
    "access-control-max-age": "600",
}


def router(hearing: Hearing) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/support", tags=["support"])
    _scripts(routes, hearing)
    _messages(routes, hearing)
    _wishes(routes, hearing)
    return routes


def _scripts(routes: APIRouter, hearing: Hearing) -> None:
    @routes.get("/widget.js", include_in_schema=False)
    async def script(request: Request) -> Response:
        found = assets.asset(SCRIPT)
        head = {
            "cache-control": "public, max-age=300",
            "etag": f'"{found.digest}"',
            "vary": "accept-encoding",
            "x-content-type-options": "nosniff",
            "cross-origin-resource-policy": "cross-origin",
        }
        if request.headers.get("if-none-match") == head["etag"]:
            return Response(status_code=304, headers=head)
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(found.body, media_type=found.kind, headers=head)
        return Response(found.packed, media_type=found.kind, headers=head | {"content-encoding": "gzip"})

    @routes.options("/{rest}", include_in_schema=False)
    async def preflight(request: Request, rest: str) -> Response:  # noqa: ARG001 - the route's own
        _let_in(request, hearing)
        return Response(status_code=204, headers=_ANSWER)


def _messages(routes: APIRouter, hearing: Hearing) -> None:
    @routes.post("/messages", openapi_extra=body_of(wire.SupportMessage))
    async def say(request: Request) -> wire.SupportTold:
        """Ask the assistant; the same id again gets the same answer. The token is of the customer's own making."""
        peer = _peer(request, hearing, _A_CUSTOMER)
        asked = parse(await read_body(request, hearing.settings), wire.SupportMessage, example=_EXAMPLE)
        known = await _known(hearing, peer, asked.conversation) if asked.conversation else None
        turn = await hearing.ask("widget", peer, asked.id, asked.text, known.id if known else "")
        after = asked.after if turn.conversation == asked.conversation else -1
        return await _told(hearing, await _own(hearing, peer, turn.conversation), after)

    @routes.get("/messages")
    async def look(request: Request, conversation: wire.Id, after: int = -1) -> wire.SupportTold:
        """What was said after the index ``after``: a person's messages, say."""
        peer = _peer(request, hearing, _A_LOOK)
        return await _told(hearing, await _own(hearing, peer, conversation), after)


def _wishes(routes: APIRouter, hearing: Hearing) -> None:
    @routes.post("/ratings", openapi_extra=body_of(wire.SupportRating))
    async def rate(request: Request) -> wire.TurnTold:
        """Say whether an answer helped."""
        peer = _peer(request, hearing, _A_CUSTOMER)
        asked = parse(await read_body(request, hearing.settings), wire.SupportRating, example="{…}")
        found = await _own(hearing, peer, asked.conversation)
        turns = await heard(hearing.supported.turns, found.id)
        if not any(turn.id == asked.turn and turn.role == "assistant" for turn in turns):
            raise missing()
        return wire.turn_told(await heard(hearing.supported.rate, asked.turn, helped=asked.helped))

    @routes.post("/person", openapi_extra=body_of(wire.SupportPerson))
    async def person(request: Request) -> wire.SupportTold:
        """Ask for a person: the conversation is put into the queue of the service desk."""
        peer = _peer(request, hearing, _A_CUSTOMER)
        asked = parse(await read_body(request, hearing.settings), wire.SupportPerson, example="{…}")
        found = await _own(hearing, peer, asked.conversation)
        if found.state == "open":
            found = await heard(hearing.supported.request_person, found.id)
        return wire.told(found, ())


def _peer(request: Request, hearing: Hearing, limit: int) -> str:
    """Whose token a request brings, as a digest; raises RequestError for a foreign site, no token, or a flood."""
    _let_in(request, hearing)
    token = secret_of(request) or ""
    if not _TOKEN.fullmatch(token):
        raise RequestError(
            "The request has no token of a customer's.",
            code="missing_key",
            mend="Send the header Authorization: Bearer TOKEN, 32 to 128 random letters and digits of your own making.",
        )
    peer = digest("widget", token)
    if limit == _A_CUSTOMER and (address := _address(request)):
        hearing.rates.take(f"address {address}", _AN_ADDRESS)
    hearing.rates.take(f"{limit} {peer}", limit)
    return peer


def _address(request: Request) -> str:
    """Where a customer is; empty where a proxy before the service does not say it: all would share one address."""
    near = request.client.host if request.client else ""
    try:
        if not ip_address(near).is_private:
            return _counted(near)
    except ValueError:
        return near
    return _counted(request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()[:_LONGEST])


def _counted(address: str) -> str:
    """What an address counts as: of IPv6 the network of 64 bits that somebody has to himself."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or found.exploded[:_NETWORK])


def _let_in(request: Request, hearing: Hearing) -> None:
    """Tell a browser that its page may read the answer; raises RequestError where it may not."""
    origin = request.headers.get("origin")
    if origin is None:
        return
    if origin not in hearing.channels.origins and urlsplit(origin).netloc != request.headers.get("host"):
        raise RequestError(
            "The site {origin} may not show this widget.",
            code="origin_forbidden",
            mend='Its owner adds it to the project file: [support] origins = ["{origin}"]',
            origin=origin[:200],
        )
    request.state.visit.head |= {
        "access-control-allow-origin": origin,
        "access-control-expose-headers": "retry-after",
        "vary": "origin",
    }


async def _own(hearing: Hearing, peer: str, name: str) -> Conversation:
    """A conversation of this customer's; another's is as good as none."""
    found = await heard(hearing.supported.conversation, name)
    if found.channel != "widget" or found.peer != peer:
        raise missing()
    return found


async def _known(hearing: Hearing, peer: str, name: str) -> Conversation | None:
    """The same, and None for one that is not there any more: the next message begins another."""
    try:
        return await _own(hearing, peer, name)
    except RequestError as error:
        if error.code == "not_found":
            return None
        raise


async def _told(hearing: Hearing, found: Conversation, after: int) -> wire.SupportTold:
    return wire.told(found, await heard(hearing.supported.turns, found.id, after=max(after, -1)))
