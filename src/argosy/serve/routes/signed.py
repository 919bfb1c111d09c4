"""People who are signed in to a side of the service, the forms that they send, and how pages refuse."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, quote

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from argosy.core.account import Caller
from argosy.serve.errors import RequestError
from argosy.serve.gate import office
from argosy.serve.gate.keys import Books
from argosy.serve.gate.roles import Permission, require
from argosy.serve.pages.shown import Problem, language_of, show
from argosy.web import cookies, policy

_FORM_BYTES, _FORM_SECONDS = 16_384, 10.0
_FIELDS = 64
_ZERO = "\0"  # PostgreSQL holds no text with it, so it stands in no id and no name
Fields = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who is signed in by the session ``token``."""

    token: str
    caller: Caller

    @property
    def form(self) -> str:
        """What the forms of the visitor's pages carry."""
        return policy.form_token(self.token)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A side of the service with pages of its own; ``opens`` tells whether a key is for it."""

    books: Books
    home: str
    cookie: str
    opens: Callable[[Caller], bool]

    async def visitor(self, request: Request, permission: Permission | None = None) -> Visitor:
        """Who looks; raises SignedOutError for nobody, RequestError for a role without the ``permission``.

        A key that is over, or lost what it was let in for, ends its sessions.
        """
        token = cookies.session_of(request, self.cookie)
        key = await office.look(self.books.sessions.find, token) if token else None
        caller = self.books.directory.caller(key) if key else None
        if caller is None or not self.opens(caller):
            raise SignedOutError(self)
        if permission:
            require(caller, permission)
        return Visitor(token=token, caller=caller)

    async def acting(self, request: Request, permission: Permission | None = None) -> tuple[Visitor, Fields]:
        """Who sends a form, and what is in it; raises RequestError for one that is not of the visitor's own page."""
        fields = await fields_of(request)
        visitor = await self.visitor(request)
        if not policy.is_own_form(visitor.token, first(fields, policy.FORM_FIELD), request.headers):
            raise _foreign()
        if permission:
            require(visitor.caller, permission)
        return visitor, fields

    def back(self, path: str = "", query: str = "") -> Response:
        """To one of the side's pages, after something was done."""
        return RedirectResponse(f"{self.home}{path}{query}", status_code=HTTPStatus.SEE_OTHER)

    def doors(self) -> APIRouter:
        """The router of the side's pages, with the ways in and out; none of them stands in the API's description."""
        routes = APIRouter(prefix=self.home, include_in_schema=False, route_class=PageRoute)

        @routes.post("/sign-in")
        async def sign_in(request: Request) -> Response:
            secret = first(await fields_of(request), "key").strip()
            caller = self.books.directory.find(secret)
            if caller is None or not self.opens(caller):
                return self.ask(request, "no_key", HTTPStatus.FORBIDDEN)
            token = await office.done(self.books, self.books.sessions.open(caller.key.id, secret))
            response = self.back(query="?signed=1")
            cookies.open_session(request, response, self.cookie, token)
            return response

        @routes.post("/sign-out")
        async def sign_out(request: Request) -> Response:
            visitor, _ = await self.acting(request)
            await office.done(self.books, self.books.sessions.close(visitor.token))
            response = self.back()
            cookies.close_session(response, self.cookie)
            return response

        return routes

    def ask(self, request: Request, problem: str = "", status: int = HTTPStatus.OK) -> Response:
        """The page that asks for a key; ``problem`` is ``no_key``, ``cookie_lost`` or empty."""
        values = {"home": self.home, "wrong": problem}
        return show(request, "sign_in.html", self.books.zone, values, status)


class SignedOutError(Exception):
    """Nobody is signed in to ``side``."""

    def __init__(self, side: Side) -> None:
        super().__init__()
        self.side = side


class PageRoute(APIRoute):
    """A route whose refusals are pages, for people."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with its refusals made readable."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                if any(_ZERO in told for told in (*request.path_params.values(), *request.query_params.values())):
                    raise office.missing()
                return await handle(request)
            except SignedOutError as nobody:
                return _ask_anew(request, nobody.side)
            except RequestError as error:
                return _refused(request, error)
            except RequestValidationError:
                return _refused(request, office.missing())

        return handled


async def fields_of(request: Request) -> Fields:
    """The fields of a form; raises RequestError for one from another site, too large, too slow or not to be read."""
    if not policy.is_own_site(request.headers):
        raise _foreign()
    body = bytearray()
    try:
        async with asyncio.timeout(_FORM_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > _FORM_BYTES:
                    raise RequestError("The form is too large.", code="body_too_large", mend="Go back to the page.")
    except TimeoutError:
        raise RequestError("The form did not come in time.", code="body_too_slow", mend="Send it again.") from None
    try:
        if quote(_ZERO).encode() in body:
            raise unreadable()
        return parse_qs(body.decode(), max_num_fields=_FIELDS, keep_blank_values=True)
    except ValueError:
        raise unreadable() from None


def first(fields: Fields, name: str) -> str:
    """The value of a field; empty where it is not there."""
    return fields.get(name, [""])[0]


def unreadable() -> RequestError:
    """The refusal of a form in which no fields can be told."""
    return RequestError("The form cannot be read.", code="bad_request", mend="Go back to the page.")


def _ask_anew(request: Request, side: Side) -> Response:
    """The page that asks for a key, whole, even where a script asked for a part of another."""
    kept = cookies.session_of(request, side.cookie)
    lost = "cookie_lost" if "signed" in request.query_params and not kept else ""
    response = side.ask(request, lost, HTTPStatus.OK if request.method == "GET" else HTTPStatus.FORBIDDEN)
    if "hx-request" in request.headers:
        response.headers["hx-refresh"] = "true"
    return response


def _refused(request: Request, error: RequestError) -> Response:
    request.state.visit.code = error.code
    home = "/" + request.url.path.split("/")[1]
    values = {"home": home, "code": error.code, "problem": Problem.of(error, language_of(request))}
    return show(request, "refused.html", "UTC", values, error.status)


def _foreign() -> RequestError:
    return RequestError(
        "This form is not of your own page, or it is too old.", code="form_over", mend="Open the page anew."
    )
