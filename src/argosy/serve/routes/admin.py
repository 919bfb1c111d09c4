"""``/admin/v1``: tenants, keys, usage and the audit log, for keys with a role."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated, Any, Literal, ParamSpec, TypeVar

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from argosy.core.account import Caller
from argosy.core.errors import ArgosyError, DataError, MissingError
from argosy.serve.errors import RequestError
from argosy.serve.gate.keys import Books
from argosy.serve.gate.roles import admit, require
from argosy.serve.service import Service
from argosy.serve.wire import bodies, told, wishes

T = TypeVar("T")
P = ParamSpec("P")
B = TypeVar("B", bound=BaseModel)
_SECOND = 1_000_000  # microseconds
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


async def done(books: Books, future: "Future[T]") -> T:
    """What a change of the accounts gives, known to this process at once; raises RequestError where it cannot be."""
    with refusals():
        result = await asyncio.wrap_future(future)
        await run_in_threadpool(books.directory.refresh)
    return result


async def look(read_it: Callable[P, T], *args: P.args, **values: P.kwargs) -> T:
    """What the books say, read beside the event loop; raises RequestError where they cannot be read."""
    with refusals():
        return await run_in_threadpool(read_it, *args, **values)


@contextmanager
def refusals() -> Iterator[None]:
    """Failures of the store as clients are told of them."""
    try:
        yield
    except RequestError:
        raise
    except MissingError:
        raise missing() from None
    except DataError:
        raise RequestError(
            "This cannot be done with a key that is revoked.", code="invalid_value", mend="Create another key."
        ) from None
    except ArgosyError as error:
        raise RequestError(
            "The store does not answer.",
            code="ledger_unavailable",
            mend="Nothing was changed. Try again after the time in the header retry-after.",
        ) from error


def missing() -> RequestError:
    """The refusal of an id that is not there."""
    return RequestError("There is nothing with this id.", code="not_found", mend="Copy the whole id from a list.")


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
        _check_money(caller, wish)
        tenant = wishes.new_tenant(wish, books.plan, books.currency)
        return told.tenant_told(await done(books, books.accounts.create_tenant(tenant, caller.key.id)))

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
        _check_money(caller, wish)
        return told.tenant_told(await done(books, books.accounts.change_tenant(tenant, wish.alter, caller.key.id)))

    @routes.post("/tenants/{tenant}/suspend", openapi_extra=body_of(wishes.SuspendWish))
    async def suspend_tenant(request: Request, tenant: Id) -> told.TenantTold:
        """Refuse a tenant from now on; it still sees its page and its invoices."""
        caller = admit(books.directory, request, "tenants:write")
        wish = await read(service, request, wishes.SuspendWish)
        return told.tenant_told(await done(books, books.accounts.suspend(tenant, wish.reason, caller.key.id)))

    @routes.post("/tenants/{tenant}/resume")
    async def resume_tenant(request: Request, tenant: Id) -> told.TenantTold:
        """Let a tenant in again."""
        caller = admit(books.directory, request, "tenants:write")
        return told.tenant_told(await done(books, books.accounts.resume(tenant, caller.key.id)))


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
        terms = wish.terms(time.time_ns() // 1000)
        return told.issued_told(await done(books, books.accounts.create_key(wish.tenant, terms, caller.key.id)))

    @routes.post("/keys/{key}/rotate", openapi_extra=body_of(wishes.RotateWish))
    async def rotate_key(request: Request, key: Id) -> told.IssuedTold:
        """A new secret for a key; the old one stays valid for the grace."""
        caller = admit(books.directory, request, "keys:write")
        wish = await read(service, request, wishes.RotateWish)
        grace = wish.grace * _SECOND
        return told.issued_told(await done(books, books.accounts.rotate_key(key, grace, caller.key.id)))

    @routes.post("/keys/{key}/revoke")
    async def revoke_key(request: Request, key: Id) -> told.KeyTold:
        """End a key."""
        caller = admit(books.directory, request, "keys:write")
        return told.key_told(await done(books, books.accounts.revoke_key(key, caller.key.id)))


def _looks(routes: APIRouter, books: Books) -> None:
    @routes.get("/usage")
    async def usage(request: Request, tenant: About = None) -> Usages:
        """What a tenant, or each, has used this month."""
        admit(books.directory, request, "usage:read")
        return Usages(data=await look(_usage, books, tenant))

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


def _usage(books: Books, tenant: str | None) -> list[told.StandingTold]:
    names = [tenant] if tenant else [known.id for known in books.accounts.tenants()]
    accounts = [account for name in names if (account := books.directory.account(name))]
    if tenant and not accounts:
        raise missing()
    return [
        told.standing_told(account.tenant, account.currency, books.standings.standing(account)) for account in accounts
    ]


def _check_money(caller: Caller, wish: wishes.TenantWish) -> None:
    if wish.touches_money:
        require(caller, "money:write")
