"""``/account``: a tenant's own page for people; signed in with a key that has the scope ``account``."""

import asyncio
import hmac
import time
from dataclasses import dataclass
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from argosy.core.account import Caller
from argosy.core.tenant import Issued
from argosy.serve.errors import RequestError
from argosy.serve.gate import office
from argosy.serve.gate.keys import Books
from argosy.serve.gate.office import done, look
from argosy.serve.pages import account as page
from argosy.serve.pages.account import Problem, Say, View, language_of
from argosy.serve.routes.account import Form, InvoiceId, download
from argosy.serve.routes.admin import Id
from argosy.serve.wire import wishes

_COOKIE = "__Host-argosy"  # the prefix makes browsers insist on Secure, this host and the path /
_FORM_BYTES, _FORM_SECONDS = 16_384, 10.0
_FIELDS = 64
_DAY = 86_400  # seconds
_GRACE_HOURS = 24
_HOUR = 3_600  # seconds
Fields = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class _Visitor:
    """Somebody who is signed in; ``form`` is what the forms of the page carry to prove that they are its own."""

    token: str
    caller: Caller

    @property
    def form(self) -> str:
        return hmac.digest(self.token.encode(), b"form", "sha256").hex()


def router(books: Books) -> APIRouter:
    """The routes; none of them stands in the API's description."""
    routes = APIRouter(prefix="/account", include_in_schema=False)
    _doors(routes, books)
    _forms(routes, books)
    return routes


def _doors(routes: APIRouter, books: Books) -> None:
    @routes.get("")
    async def show(request: Request) -> Response:
        visitor = await _visitor(books, request)
        if visitor is None:
            return page.sign_in(language_of(request), _cookie_lost if "signed" in request.query_params else None)
        return await _page(books, request, visitor)

    @routes.post("/sign-in")
    async def sign_in(request: Request) -> Response:
        fields = await _fields(request)
        secret = _first(fields, "key").strip()
        caller = books.directory.find(secret)
        if caller is None or caller.key.role or "account" not in caller.key.scopes:
            return page.sign_in(language_of(request), _no_key, 403)
        token = await done(books, books.sessions.open(caller.key.id, secret))
        response = _back(request, "&signed=1")
        response.set_cookie(_COOKIE, token, path="/", secure=True, httponly=True, samesite="strict")
        return response

    @routes.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        visitor, _ = await _acting(books, request)
        if visitor:
            await done(books, books.sessions.close(visitor.token))
        response = _back(request)
        response.delete_cookie(_COOKIE, path="/", secure=True, httponly=True, samesite="strict")
        return response

    @routes.get("/invoices/{invoice}/{form}")
    async def invoice(request: Request, invoice: InvoiceId, form: Form) -> Response:
        visitor = await _visitor(books, request)
        if visitor is None:
            return page.sign_in(language_of(request))
        tenant = visitor.caller.account.tenant
        return download(await look(office.paper, books, tenant, invoice, form, language_of(request)))


def _forms(routes: APIRouter, books: Books) -> None:
    @routes.post("/keys")
    async def create_key(request: Request) -> Response:
        visitor, fields = await _acting(books, request)
        if visitor is None:
            return page.sign_in(language_of(request))
        caller = visitor.caller
        try:
            issued = await office.create_own_key(books, caller, _wish(fields))
        except RequestError as error:
            return await _page(books, request, visitor, problem=error.render)
        return await _page(books, request, visitor, issued=issued)

    @routes.post("/keys/{key}/rotate")
    async def rotate_key(request: Request, key: Id) -> Response:
        visitor, _ = await _acting(books, request)
        if visitor is None:
            return page.sign_in(language_of(request))
        wish = wishes.RotateWish(grace=_GRACE_HOURS * _HOUR)
        issued = await office.rotate_own_key(books, visitor.caller, key, wish)
        return await _page(books, request, visitor, issued=issued, grace=_GRACE_HOURS)

    @routes.post("/keys/{key}/revoke")
    async def revoke_key(request: Request, key: Id) -> Response:
        visitor, _ = await _acting(books, request)
        if visitor is None:
            return page.sign_in(language_of(request))
        await office.revoke_own_key(books, visitor.caller, key)
        return _back(request)


async def _visitor(books: Books, request: Request) -> _Visitor | None:
    """Who is signed in; a key that is over, or lost its scope, ends its sessions."""
    token = request.cookies.get(_COOKIE, "")
    key = await look(books.sessions.find, token) if token else None
    caller = books.directory.caller(key) if key else None
    return _Visitor(token, caller) if caller and "account" in caller.key.scopes else None


async def _acting(books: Books, request: Request) -> tuple[_Visitor | None, Fields]:
    """Who sends a form, and what is in it; raises RequestError for a form that is not of the visitor's own page."""
    fields = await _fields(request)
    visitor = await _visitor(books, request)
    if visitor and not hmac.compare_digest(_first(fields, "form").encode(), visitor.form.encode()):
        raise _foreign()
    return visitor, fields


async def _fields(request: Request) -> Fields:
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise _foreign()
    body = bytearray()
    try:
        async with asyncio.timeout(_FORM_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > _FORM_BYTES:
                    raise RequestError("The form is too large.", code="body_too_large", mend="Go back to /account.")
    except TimeoutError:
        raise RequestError("The form did not come in time.", code="body_too_slow", mend="Send it again.") from None
    try:
        return parse_qs(body.decode(), max_num_fields=_FIELDS)
    except ValueError:
        raise RequestError("The form cannot be read.", code="bad_request", mend="Go back to /account.") from None


async def _page(
    books: Books,
    request: Request,
    visitor: _Visitor,
    *,
    issued: Issued | None = None,
    grace: int | None = None,
    problem: Problem | None = None,
) -> Response:
    def view() -> View:
        account = visitor.caller.account
        return View(
            caller=visitor.caller,
            tenant=books.accounts.tenant(account.tenant),
            standing=books.standings.standing(account),
            keys=books.accounts.keys(account.tenant),
            invoices=books.invoices.of_tenant(account.tenant) if books.invoices else (),
            zone=books.zone,
            at=time.time_ns() // 1000,
            form=visitor.form,
            issued=issued,
            grace=grace,
            problem=problem,
        )

    return page.account(language_of(request), await look(view), 422 if problem else 200)


def _wish(fields: Fields) -> wishes.OwnKeyWish:
    days = _first(fields, "days").strip()
    wish: dict[str, object] = {"scopes": fields.get("scope", [])}
    if days:
        wish["expires_in"] = int(days) * _DAY if days.isdecimal() and len(days) < _FIELDS else days
    return wishes.check(wishes.OwnKeyWish, wish)


def _first(fields: Fields, name: str) -> str:
    return fields.get(name, [""])[0]


def _back(request: Request, more: str = "") -> RedirectResponse:
    return RedirectResponse(f"/account?lang={language_of(request)}{more}", status_code=303)


def _foreign() -> RequestError:
    return RequestError(
        "This form is not of your own page, or it is too old.", code="form_over", mend="Go back to /account."
    )


def _no_key(t: Say) -> str:
    return t("This key does not open the page: it is unknown, over, or has no scope “account”.")


def _cookie_lost(t: Say) -> str:
    return t("The browser did not keep you signed in. It only does so over https.")
