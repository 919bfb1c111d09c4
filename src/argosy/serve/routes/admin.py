"""``/admin/v1``: tenants, keys, usage and the audit log, for keys with a role."""

from dataclasses import replace
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel

from argosy.serve.gate import office
from argosy.serve.gate.keys import Books
from argosy.serve.gate.office import look
from argosy.serve.gate.roles import admit
from argosy.serve.service import Service
from argosy.serve.wire import bodies, told, wishes

B = TypeVar("B", bound=BaseModel)
_BODY_BYTES = 64 * 1024  # in which every unknown key is looked at
_PAGE = 1000  # entries of the audit log in one answer at most


Id = Annotated[str, Path(pattern=r"^[a-z]{3}_[0-9a-f]{24}$")]
About = Annotated[str | None, Query(pattern=r"^[\x21-\x7e]{1,200}$")]
Seq = Annotated[int, Query(ge=0, le=2**53)]
Count = Annotated[int, Query(ge=0, le=_PAGE)]


class Tenants(BaseModel):
    """All tenants, in the order of their creation."""

    object: Literal["list"] = "list"
    data: list[told.TenantTold]


class Keys(BaseModel):
    """Keys, in the order of their creation."""

    object: Literal["list"] = "list"
    data: list[told.KeyTold]


class Usages(BaseModel):
    """What every tenant has used this month."""

    object: Literal["list"] = "list"
    data: list[told.StandingTold]


class Entries(BaseModel):
    """A part of the audit log, oldest first; ask again with ``after`` the last seq until it is empty."""

    object: Literal["list"] = "list"
    data: list[told.EntryTold]


def router(service: Service, books: Books) -> APIRouter:
    """The routes; each names the permission that it takes."""
    routes = APIRouter(prefix="/admin/v1", tags=["admin side"])
    _tenants(routes, service, books)
    _keys(routes, service, books)
    _looks(routes, books)
    return routes


def body_of(kind: type[BaseModel]) -> dict[str, Any]:
    """What the API's description says of a route's body, which the route reads itself."""
    schema = {"$ref": f"#/components/schemas/{kind.__name__}"}
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


async def read(service: Service, request: Request, kind: type[B]) -> B:
    """The body of a request as ``kind``; one without a body has no keys."""
    head = request.headers
    empty = head.get("content-length", "0") == "0" and "transfer-encoding" not in head
    settings = replace(service.settings, max_body_bytes=_BODY_BYTES)
    return wishes.parse(kind, b"" if empty else await bodies.read_body(request, settings))


def _tenants(routes: APIRouter, service: Service, books: Books) -> None:
    @routes.get("/tenants")
    async def list_tenants(request: Request) -> Tenants:
        """All tenants."""
        admit(books.directory, request, "tenants:read")
        known = await look(books.accounts.tenants)
        return Tenants(data=[told.tenant_told(tenant) for tenant in known])

    @routes.post("/tenants", status_code=201, openapi_extra=body_of(wishes.TenantWish))
    async def create_tenant(request: Request) -> told.TenantTold:
        """A new tenant; plan, price, currency and budget need the permission for money."""
        caller = admit(books.directory, request, "tenants:write")
        wish = await read(service, request, wishes.TenantWish)
        return told.tenant_told(await office.create_tenant(books, caller, wish))

    @routes.get("/tenants/{tenant}")
    async def show_tenant(request: Request, tenant: Id) -> told.TenantTold:
        """One tenant."""
        admit(books.directory, request, "tenants:read")
        return told.tenant_told(await look(books.accounts.tenant, tenant))

    @routes.patch("/tenants/{tenant}", openapi_extra=body_of(wishes.TenantWish))
    async def change_tenant(request: Request, tenant: Id) -> told.TenantTold:
        """The keys that are sent change, the others stay; money needs the permission for it."""
        caller = admit(books.directory, request, "tenants:write")
        wish = await read(service, request, wishes.TenantWish)
        return told.tenant_told(await office.change_tenant(books, caller, tenant, wish))

    @routes.post("/tenants/{tenant}/suspend", openapi_extra=body_of(wishes.SuspendWish))
    async def suspend_tenant(request: Request, tenant: Id) -> told.TenantTold:
        """Refuse a tenant from now on; it still sees its page and its invoices."""
        caller = admit(books.directory, request, "tenants:write")
        wish = await read(service, request, wishes.SuspendWish)
        return told.tenant_told(await office.suspend_tenant(books, caller, tenant, wish))

    @routes.post("/tenants/{tenant}/resume")
    async def resume_tenant(request: Request, tenant: Id) -> told.TenantTold:
        """Let a tenant in again."""
        caller = admit(books.directory, request, "tenants:write")
        return told.tenant_told(await office.resume_tenant(books, caller, tenant))


def _keys(routes: APIRouter, service: Service, books: Books) -> None:
    @routes.get("/keys")
    async def list_keys(request: Request, tenant: About = None) -> Keys:
        """The keys of a tenant, or all; `admin` stands for those of the admin side."""
        admit(books.directory, request, "keys:read")
        known = await look(books.accounts.keys, tenant)
        return Keys(data=[told.key_told(key) for key in known])

    @routes.post("/keys", status_code=201, openapi_extra=body_of(wishes.KeyWish))
    async def create_key(request: Request) -> told.IssuedTold:
        """A new key; its secret is in this answer and nowhere else."""
        caller = admit(books.directory, request, "keys:write")
        wish = await read(service, request, wishes.KeyWish)
        return told.issued_told(await office.create_key(books, caller, wish))

    @routes.post("/keys/{key}/rotate", openapi_extra=body_of(wishes.RotateWish))
    async def rotate_key(request: Request, key: Id) -> told.IssuedTold:
        """A new secret for a key; the old one stays valid for the grace."""
        caller = admit(books.directory, request, "keys:write")
        wish = await read(service, request, wishes.RotateWish)
        return told.issued_told(await office.rotate_key(books, caller, key, wish))

    @routes.post("/keys/{key}/revoke")
    async def revoke_key(request: Request, key: Id) -> told.KeyTold:
        """End a key."""
        caller = admit(books.directory, request, "keys:write")
        return told.key_told(await office.revoke_key(books, caller, key))


def _looks(routes: APIRouter, books: Books) -> None:
    @routes.get("/usage")
    async def usage(request: Request, tenant: About = None) -> Usages:
        """What a tenant, or each, has used this month."""
        admit(books.directory, request, "usage:read")
        known = await look(office.standings, books, tenant)
        return Usages(data=[told.standing_told(account.tenant, account.currency, one) for account, one in known])

    @routes.get("/audit")
    async def audit(request: Request, after: Seq = 0, limit: Count = _PAGE, about: About = None) -> Entries:
        """Entries of the audit log behind ``after``; ``about`` is an object or an actor."""
        admit(books.directory, request, "audit:read")
        entries = await look(books.audit.entries, after=after, limit=limit, about=about)
        return Entries(data=[told.entry_told(entry) for entry in entries])

    @routes.get("/audit/head")
    async def audit_head(request: Request) -> told.HeadTold:
        """The last entry's seq and hash, to note elsewhere."""
        admit(books.directory, request, "audit:read")
        seq, seal = await look(books.audit.head)
        return told.HeadTold(seq=seq, hash=seal)
