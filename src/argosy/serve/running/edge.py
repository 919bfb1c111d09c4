"""The outermost layer of the service: request ids, the access log, the figures, and an answer whatever happens."""

import json
import logging
import re
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from argosy.core.ids import new_id
from argosy.serve.errors import RequestError, error_response
from argosy.serve.running.metrics import Metrics
from argosy.serve.running.tracing import SILENT, Attributes, Span, Tracer

access_log = logging.getLogger("argosy.access")
error_log = logging.getLogger("argosy.error")

CALLER = "argosy.caller"
"""The key of an ASGI scope under which a request made within this process brings the caller it works for."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
CLIENT_LEFT = 499  # the customary status for a client that hung up; it is never sent


@dataclass(slots=True)
class Visit:
    """What is noted of one request while it is answered: figures and opaque ids, never a text or an address.

    ``id`` may be the client's own; ``event`` is made here, and what the ledger knows the request by. ``head`` are
    headers that the answer gets, whichever it is. ``also`` adds what was seen of its texts to the counts of traffic.
    """

    id: str
    event: str
    span: Span
    key: str = ""
    tenant: str = ""
    model: str = ""
    charged: bool = False
    texts: int = 0
    tokens: int = 0
    status: int = CLIENT_LEFT
    code: str = ""
    head: dict[str, str] = field(default_factory=dict)
    also: Callable[[dict[str, int]], None] | None = None


Then = Callable[[Visit, str, float, bool], None]
"""Hears of every request when it is over: its visit, route and seconds, and whether it came from outside."""


class Edge:
    """Wraps an app; routes find their Visit as ``request.state.visit``."""

    def __init__(self, app: ASGIApp, metrics: Metrics, tracer: Tracer = SILENT, then: Then | None = None) -> None:
        self.app = app
        self.metrics = metrics
        self.tracer = tracer
        self.then = then

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP passes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        event = new_event()
        visit = Visit(_request_id(headers) or event, event, self.tracer.start("request", traceparent=_parent(headers)))
        scope.setdefault("state", {})["visit"] = visit
        start = time.perf_counter()
        live = CALLER not in scope
        self.metrics.live += live
        self.metrics.in_flight.inc()
        try:
            await self._answer(scope, receive, _noting(visit, send), visit)
        finally:
            self.metrics.live -= live
            self.metrics.in_flight.dec()
            self._note(scope, visit, time.perf_counter() - start)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, visit: Visit) -> None:
        try:
            await self.app(scope, receive, send)
        except ClientDisconnect:
            visit.code = "client_left"
        except Exception as error:
            _report(visit, error)
            if visit.status != CLIENT_LEFT:  # the answer has begun: let the server cut the connection
                raise
            visit.code = "internal_error"
            failure = RequestError(
                "The server failed to answer.",
                code="internal_error",
                mend="Try again, and tell the operator this request id if it stays: {id}.",
                id=visit.id,
            )
            await error_response(failure, Headers(scope=scope))(scope, receive, send)

    def _note(self, scope: Scope, visit: Visit, seconds: float) -> None:
        # the route's template, not the path: a path is the client's own words, and there is no end of them
        route = str(getattr(scope.get("route"), "path", "other"))
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self.metrics.requests.labels(method, route, str(visit.status)).inc()
        self.metrics.seconds.labels(route).observe(seconds)
        if self.then:
            self.then(visit, route, seconds, CALLER not in scope)
        visit.span.end({"http.request.method": method, "http.route": route, **_told(visit)})
        if visit.code:
            self.metrics.refused.labels(visit.code).inc()
        if access_log.isEnabledFor(logging.INFO):
            line = {
                "request_id": visit.id,
                "event": visit.event,
                "key": visit.key,
                "tenant": visit.tenant,
                "method": method,
                "route": route,
                "model": visit.model,
                "status": visit.status,
                "code": visit.code,
                "texts": visit.texts,
                "tokens": visit.tokens,
                "charged": visit.charged,
                "ms": round(seconds * 1000, 2),
            }
            access_log.info("%s", json.dumps(line))


def new_event() -> str:
    """A new id for what the ledger is to know."""
    return f"req_{new_id()}"


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else ""


def _parent(headers: Headers) -> str:
    """The W3C's ``traceparent`` of a caller who traces, well formed, or nothing."""
    given = headers.get("traceparent", "")
    return given if _TRACEPARENT.fullmatch(given) else ""


def _told(visit: Visit) -> Attributes:
    """What a trace says of a request: figures and opaque ids."""
    return {
        "http.response.status_code": visit.status,
        "argosy.request_id": visit.id,
        "argosy.event": visit.event,
        "argosy.key": visit.key,
        "argosy.tenant": visit.tenant,
        "argosy.model": visit.model,
        "argosy.code": visit.code,
        "argosy.tokens": visit.tokens,
        "argosy.charged": visit.charged,
    }


def _noting(visit: Visit, send: Send) -> Send:
    async def noted(message: Message) -> None:
        if message["type"] == "http.response.start":
            visit.status = message["status"]
            MutableHeaders(scope=message).update(visit.head | {"x-request-id": visit.id})
        await send(message)

    return noted


def _report(visit: Visit, error: Exception) -> None:
    # without the error's own words, which may quote a text
    places = "".join(traceback.format_tb(error.__traceback__))
    error_log.error("request %s failed: %s\n%s", visit.id, type(error).__name__, places)
