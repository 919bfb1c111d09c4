"""``/account``: a tenant's own page for people; signed in with a key that has the scope ``account``."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from argosy.core.account import SCOPES
from argosy.serve.errors import RequestError
from argosy.serve.gate import office
from argosy.serve.gate.keys import Books
from argosy.serve.gate.office import look
from argosy.serve.pages import account
from argosy.serve.pages.shown import Problem, language_of, show
from argosy.serve.routes.account import Form, InvoiceId, download
from argosy.serve.routes.admin import Id
from argosy.serve.routes.signed import Fields, Side, Visitor
from argosy.serve.wire import wishes

_HOUR, _DAY = 3_600, 86_400  # seconds
GRACE_HOURS = 24
GRACE = wishes.RotateWish(grace=GRACE_HOURS * _HOUR)
"""How long the old secret of a key stays valid when a page makes a new one."""
_LONGEST = 9  # digits


def router(books: Books) -> APIRouter:
    """The routes."""
    side = Side(
        books=books,
        home="/account",
        cookie="argosy",
        opens=lambda caller: not caller.key.role and "account" in caller.key.scopes,
    )
    routes = side.doors()
    _looks(routes, side)
    _forms(routes, side)
    return routes


def lifetime(fields: Fields) -> dict[str, object]:
    """What the field ``days`` of a form says of when a key expires; nothing where it is empty."""
    days = fields.get("days", [""])[0].strip()
    if not days:
        return {}
    return {"expires_in": int(days) * _DAY if days.isdecimal() and len(days) < _LONGEST else days}


def _looks(routes: APIRouter, side: Side) -> None:
    @routes.get("")
    async def home(request: Request) -> Response:
        return await _page(side, request, await side.visitor(request), {})

    @routes.get("/invoices/{invoice}/{form}")
    async def invoice(request: Request, invoice: InvoiceId, form: Form) -> Response:
        tenant = (await side.visitor(request)).caller.account.tenant
        return download(await look(office.paper, side.books, tenant, invoice, form, language_of(request)))


def _forms(routes: APIRouter, side: Side) -> None:
    books = side.books

    @routes.post("/keys")
    async def create_key(request: Request) -> Response:
        visitor, fields = await side.acting(request)
        try:
            wish = wishes.check(wishes.OwnKeyWish, {"scopes": fields.get("scope", []), **lifetime(fields)})
            issued = await office.create_own_key(books, visitor.caller, wish)
        except RequestError as error:
            problem = Problem.of(error, language_of(request))
            return await _page(side, request, visitor, {"problem": problem}, error.status)
        return await _page(side, request, visitor, {"issued": issued})

    @routes.post("/keys/{key}/rotate")
    async def rotate_key(request: Request, key: Id) -> Response:
        visitor, _ = await side.acting(request)
        issued = await office.rotate_own_key(books, visitor.caller, key, GRACE)
        return await _page(side, request, visitor, {"issued": issued, "grace": GRACE_HOURS})

    @routes.post("/keys/{key}/revoke")
    async def revoke_key(request: Request, key: Id) -> Response:
        visitor, _ = await side.acting(request)
        await office.revoke_own_key(books, visitor.caller, key)
        return side.back()


async def _page(
    side: Side, request: Request, visitor: Visitor, more: Mapping[str, Any], status: int = HTTPStatus.OK
) -> Response:
    told = await look(account.told, side.books, visitor.caller.account.tenant, language_of(request))
    values = {
        "home": side.home,
        "form": visitor.form,
        "mine": visitor.caller.key.id,
        "scopes": SCOPES,
        "issued": None,
        "grace": None,
        "able": True,
    }
    return show(request, "account.html", side.books.zone, {**values, **told, **more}, status)
