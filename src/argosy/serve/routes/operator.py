"""``/admin``: the operator's pages; signed in with a key that has a role, which says what it may see and do there."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from argosy.core.account import Key
from argosy.serve.errors import RequestError
from argosy.serve.gate import office
from argosy.serve.gate.keys import Books
from argosy.serve.gate.office import look, step
from argosy.serve.gate.roles import require
from argosy.serve.pages import operator, released
from argosy.serve.pages.shown import language_of
from argosy.serve.releases.controls import Controls
from argosy.serve.releases.versions import Plan
from argosy.serve.routes import opinion, recommend, support, watched
from argosy.serve.routes.account import Form, InvoiceId, download
from argosy.serve.routes.admin import Id
from argosy.serve.routes.desk import Desk, View, text_of
from argosy.serve.routes.page import GRACE, GRACE_HOURS, lifetime
from argosy.serve.routes.signed import Fields, Side, first, unreadable
from argosy.serve.service import Service
from argosy.serve.wire import wishes
from argosy.web import policy

_NUMBER = 15  # digits
_LIMITS = "limits."  # fields of this table are null when they are left empty

VIEWS: Mapping[str, View] = {
    "overview": View(
        path="",
        permission="usage:read",
        tell=lambda desk, _, __: operator.overview(desk.service, desk.books, desk.controls),
    ),
    "tenants": View(
        path="/tenants",
        permission="tenants:read",
        tell=lambda desk, request, _: operator.tenants(desk.books, text_of(request, "q"), _number(request, "page")),
    ),
    "tenant": View(
        path="/tenants/{about}",
        permission="tenants:read",
        tell=lambda desk, request, about: operator.tenant(desk.books, about, language_of(request)),
    ),
    "keys": View(
        path="/keys",
        permission="keys:read",
        tell=lambda desk, request, _: operator.keys(desk.books, text_of(request, "q"), _number(request, "page")),
    ),
    "plans": View(path="/plans", permission="money:read", tell=lambda desk, _, __: operator.plans(desk.books)),
    "invoices": View(
        path="/invoices",
        permission="money:read",
        tell=lambda desk, request, _: operator.invoices(
            desk.books, text_of(request, "state"), _number(request, "page")
        ),
    ),
    "releases": View(
        path="/releases",
        permission="releases:read",
        tell=lambda desk, _, __: {"lines": list(desk.controls.shelf.lines().values()) if desk.controls else []},
    ),
    "release": View(
        path="/releases/{about}",
        permission="releases:read",
        tell=lambda desk, _, about: released.told(_steered(desk), about),
    ),
    "audit": View(
        path="/audit",
        permission="audit:read",
        tell=lambda desk, request, _: operator.audit(
            desk.books, text_of(request, "about"), _number(request, "before", 0) or None
        ),
    ),
    "settings": View(
        path="/settings",
        permission="tenants:read",
        tell=lambda desk, _, __: operator.settings(desk.service, desk.books),
    ),
}


def router(service: Service, books: Books, controls: Controls | None) -> APIRouter:
    """The routes; each names the permission that it takes."""
    side = Side(books=books, home="/admin", cookie="argosy-admin", opens=lambda caller: caller.key.role is not None)
    watching, supporting = (watched.VIEWS if books.watched else {}), (support.VIEWS if books.supported else {})
    opining = opinion.VIEWS if books.opined else {}
    recommending = recommend.VIEWS if books.recommended else {}
    views = {**VIEWS, **watching, **supporting, **opining, **recommending}
    desk, routes = Desk(service=service, side=side, controls=controls, views=views), side.doors()
    _tenants(routes, desk)
    _keys(routes, desk)
    _releases(routes, desk)
    _others(routes, desk)
    if books.watched:
        watched.steps(routes, desk)
    if books.supported:
        support.steps(routes, desk)
    if books.opined:
        opinion.steps(routes, desk)
    if books.recommended:
        recommend.steps(routes, desk)
    for name, view in views.items():
        routes.add_api_route(view.path, _looker(desk, name, view))
    return routes


def _looker(desk: Desk, name: str, view: View) -> Callable[..., Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        visitor = await desk.side.visitor(request)
        if name == "overview" and (other := desk.first_of(visitor)):
            return desk.side.back(other)
        require(visitor.caller, view.permission)
        if view.same is not None:
            shown: bool = await look(view.same, desk, request)
            if shown:
                return Response(status_code=HTTPStatus.NO_CONTENT)
        about = visitor.caller.key.id if view.personal else request.path_params.get("about", "")
        return await desk.page(request, visitor, name, about)

    return handle


def _tenants(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/tenants")
    async def create_tenant(request: Request) -> Response:
        visitor, fields = await desk.side.acting(request, "tenants:write")

        async def deed() -> Response:
            made = await office.create_tenant(desk.books, visitor.caller, _tenant_wish(fields))
            return desk.side.back(f"/tenants/{made.id}", "?done=1")

        return await desk.tried(request, visitor, deed(), "tenants")

    @routes.post("/tenants/{tenant}")
    async def change_tenant(request: Request, tenant: Id) -> Response:
        visitor, fields = await desk.side.acting(request, "tenants:write")

        async def deed() -> Response:
            await office.change_tenant(desk.books, visitor.caller, tenant, _tenant_wish(fields))
            return desk.side.back(f"/tenants/{tenant}", "?done=1")

        return await desk.tried(request, visitor, deed(), "tenant", tenant)

    @routes.post("/tenants/{tenant}/suspend")
    async def suspend_tenant(request: Request, tenant: Id) -> Response:
        visitor, _ = await desk.side.acting(request, "tenants:write")
        await office.suspend_tenant(desk.books, visitor.caller, tenant, wishes.SuspendWish())
        return desk.side.back(f"/tenants/{tenant}", "?done=1")

    @routes.post("/tenants/{tenant}/resume")
    async def resume_tenant(request: Request, tenant: Id) -> Response:
        visitor, _ = await desk.side.acting(request, "tenants:write")
        await office.resume_tenant(desk.books, visitor.caller, tenant)
        return desk.side.back(f"/tenants/{tenant}", "?done=1")


def _keys(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/keys")
    async def create_key(request: Request) -> Response:
        visitor, fields = await desk.side.acting(request, "keys:write")
        tenant = first(fields, "tenant")
        mine = {"tenant": tenant, "scopes": fields.get("scope", [])} if tenant else {"role": first(fields, "role")}
        name = "tenant" if tenant else "keys"

        async def deed() -> Response:
            wish = wishes.check(wishes.KeyWish, {**mine, **lifetime(fields)})
            issued = await office.create_key(desk.books, visitor.caller, wish)
            return await desk.page(request, visitor, name, tenant, more={"issued": issued})

        return await desk.tried(request, visitor, deed(), name, tenant)

    @routes.post("/keys/{key}/rotate")
    async def rotate_key(request: Request, key: Id) -> Response:
        visitor, _ = await desk.side.acting(request, "keys:write")
        issued = await office.rotate_key(desk.books, visitor.caller, key, GRACE)
        name, about = _home_of(issued.key)
        return await desk.page(request, visitor, name, about, more={"issued": issued, "grace": GRACE_HOURS})

    @routes.post("/keys/{key}/revoke")
    async def revoke_key(request: Request, key: Id) -> Response:
        visitor, _ = await desk.side.acting(request, "keys:write")
        ended = await office.revoke_key(desk.books, visitor.caller, key)
        name, about = _home_of(ended)
        return desk.side.back(VIEWS[name].path.format(about=about), "?done=1")


def _releases(routes: APIRouter, desk: Desk) -> None:
    def move(name: str, make: Callable[[Controls, str, Fields, str], object]) -> None:
        @routes.post(f"/releases/{{model}}/{name}", name=name)
        async def handle(request: Request, model: wishes.Id) -> Response:
            visitor, fields = await desk.side.acting(request, "releases:write")

            async def deed() -> Response:
                await step(make, _steered(desk), model, fields, visitor.caller.key.id)
                return desk.side.back(f"/releases/{quote(model)}", "?done=1")

            return await desk.tried(request, visitor, deed(), "release", model)

    move(
        "shadow", lambda controls, model, fields, by: controls.shadow(model, _whole(fields, "version") or 0, Plan(), by)
    )
    move("canary", lambda controls, model, fields, by: controls.expose(model, by, _whole(fields, "revision")))
    move("promote", lambda controls, model, fields, by: controls.promote(model, None, by, _whole(fields, "revision")))
    move("rollback", lambda controls, model, fields, by: controls.roll_back(model, by, _whole(fields, "revision")))


def _others(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/invoices/{invoice}/{form}")
    async def invoice(request: Request, invoice: InvoiceId, form: Form) -> Response:
        await desk.side.visitor(request, "money:read")
        return download(await look(office.paper, desk.books, None, invoice, form, language_of(request)))

    @routes.post("/audit/verify")
    async def verify(request: Request) -> Response:
        visitor, fields = await desk.side.acting(request, "audit:read")
        seq, seal = first(fields, "seq").strip(), first(fields, "hash").strip()

        async def deed() -> Response:
            proof = await look(operator.proof, desk.books, _noted(seq, seal))
            return await desk.page(request, visitor, "audit", more={"proof": proof, "noted": (seq, seal)})

        return await desk.tried(request, visitor, deed(), "audit")


def _tenant_wish(fields: Fields) -> wishes.TenantWish:
    """A form's fields, whose names are paths such as ``limits.budget``, as a patch; empty limits are lifted."""
    wish: dict[str, Any] = {}
    for name in sorted(fields.keys() - {policy.FORM_FIELD}):
        value: str | None = first(fields, name).strip()
        table = wish
        *path, last = name.split(".")
        for part in path:
            table = table.setdefault(part, {})
            if not isinstance(table, dict):  # both ``limits`` and ``limits.budget``
                raise unreadable()
        table[last] = None if not value and name.startswith(_LIMITS) else value
    return wishes.check(wishes.TenantWish, wish)


def _noted(seq: str, seal: str) -> tuple[int, str] | None:
    """An entry of the audit log as it was noted; None where nothing was, RequestError for a part of one."""
    if not seq and not seal:
        return None
    if not (seq.isdecimal() and len(seq) <= _NUMBER and seal):
        raise RequestError(
            "An entry that was noted has a number and a hash.",
            code="invalid_value",
            param="seq",
            mend="Write both as they were noted, or leave both empty.",
        )
    return int(seq), seal


def _home_of(key: Key) -> tuple[str, str]:
    """The page on which a key stands: its tenant's, or that of all keys for one of the admin side."""
    return ("keys", "") if key.role else ("tenant", key.tenant)


def _steered(desk: Desk) -> Controls:
    if desk.controls is None:
        raise office.missing()
    return desk.controls


def _whole(fields: Fields, name: str) -> int | None:
    found = first(fields, name)
    return int(found) if found.isdecimal() and len(found) <= _NUMBER else None


def _number(request: Request, name: str, other: int = 1) -> int:
    found = request.query_params.get(name, "")
    return max(int(found), other) if found.isdecimal() and len(found) <= _NUMBER else other
