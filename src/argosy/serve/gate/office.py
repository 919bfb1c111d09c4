"""What is done at the admin side and with one's own account, the same by JSON and by the pages.

Who may do it is asked at the door, by ``gate.roles``; changes are made under the name of the caller's key.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool

from argosy.core.account import Account, Caller, Key
from argosy.core.errors import ArgosyError, DataError, MissingError
from argosy.core.tenant import NewKey, Paper, Standing, Tenant
from argosy.serve.errors import RequestError
from argosy.serve.gate.keys import Books
from argosy.serve.gate.roles import require
from argosy.serve.wire import wishes

T = TypeVar("T")
P = ParamSpec("P")
_SECOND = 1_000_000  # microseconds


async def done(books: Books, future: "Future[T]") -> T:
    """What a change of the accounts gives, known to this process at once; raises RequestError where it cannot be."""
    with _refusals():
        result = await asyncio.wrap_future(future)
        await run_in_threadpool(books.directory.refresh)
    return result


async def look(read_it: Callable[P, T], *args: P.args, **values: P.kwargs) -> T:
    """What the books say, read beside the event loop; raises RequestError where they cannot be read."""
    with _refusals():
        return await run_in_threadpool(read_it, *args, **values)


async def step(move: Callable[P, T], *args: P.args, **values: P.kwargs) -> T:
    """A step of a release, or a look at one; raises RequestError with the words of its refusal."""
    try:
        return await run_in_threadpool(move, *args, **values)
    except RequestError:
        raise
    except ArgosyError as error:
        code = "not_found" if isinstance(error, MissingError) else "release_refused"
        told: dict[str, Any] = dict(error.values)
        raise RequestError(error.message, code=code, mend=error.mend, **told) from error


def missing() -> RequestError:
    """The refusal of an id that is not there."""
    return RequestError("There is nothing with this id.", code="not_found", mend="Copy the whole id from a list.")


async def create_tenant(books: Books, caller: Caller, wish: wishes.TenantWish) -> Tenant:
    """A new tenant; plan, price, currency and budget need the permission for money."""
    _check_money(caller, wish)
    tenant = wishes.new_tenant(wish, books.plan, books.currency)
    return await done(books, books.accounts.create_tenant(tenant, caller.key.id))


async def change_tenant(books: Books, caller: Caller, tenant: str, wish: wishes.TenantWish) -> Tenant:
    """What is named in ``wish`` changes, the rest stays; money needs the permission for it."""
    _check_money(caller, wish)
    return await done(books, books.accounts.change_tenant(tenant, wish.alter, caller.key.id))


async def suspend_tenant(books: Books, caller: Caller, tenant: str, wish: wishes.SuspendWish) -> Tenant:
    """Refuse a tenant from now on; it still sees its page and its invoices."""
    return await done(books, books.accounts.suspend(tenant, wish.reason, caller.key.id))


async def resume_tenant(books: Books, caller: Caller, tenant: str) -> Tenant:
    """Let a tenant in again."""
    return await done(books, books.accounts.resume(tenant, caller.key.id))


async def create_key(books: Books, caller: Caller, wish: wishes.KeyWish) -> NewKey:
    """A new key of a tenant, or of the admin side."""
    return await done(books, books.accounts.create_key(wish.tenant, wish.terms(_now()), caller.key.id))


async def create_own_key(books: Books, caller: Caller, wish: wishes.OwnKeyWish) -> NewKey:
    """A new key of the caller's account, which may do no more than the caller's."""
    terms = wish.terms(_now(), caller.key)
    return await done(books, books.accounts.create_key(caller.account.tenant, terms, caller.key.id))


async def rotate_key(books: Books, caller: Caller, key: str, wish: wishes.RotateWish) -> NewKey:
    """A new secret for a key; the old one stays valid for the grace."""
    return await done(books, books.accounts.rotate_key(key, wish.grace * _SECOND, caller.key.id))


async def rotate_own_key(books: Books, caller: Caller, key: str, wish: wishes.RotateWish) -> NewKey:
    """The same for a key of the caller's account that goes no further than the caller's."""
    wishes.check_within(await look(_own_key, books, caller, key), caller.key)
    return await rotate_key(books, caller, key, wish)


async def revoke_key(books: Books, caller: Caller, key: str) -> Key:
    """End a key."""
    return await done(books, books.accounts.revoke_key(key, caller.key.id))


async def revoke_own_key(books: Books, caller: Caller, key: str) -> Key:
    """End a key of the caller's account."""
    return await revoke_key(books, caller, (await look(_own_key, books, caller, key)).id)


def standings(books: Books, tenant: str | None = None) -> list[tuple[Account, Standing]]:
    """What a tenant, or each, has used this month; raises RequestError for one that is not there."""
    names = [tenant] if tenant else [known.id for known in books.accounts.tenants()]
    accounts = [account for name in names if (account := books.directory.account(name))]
    if tenant and not accounts:
        raise missing()
    return [(account, books.standings.standing(account)) for account in accounts]


def paper(books: Books, tenant: str | None, invoice: str, form: str, language: str) -> Paper:
    """An invoice of a tenant (without one: any) to download; raises RequestError where there is none."""
    try:
        found = books.invoices.paper(tenant, invoice, form, language) if books.invoices else None
    except MissingError:
        raise RequestError(
            "The form {form} cannot be made here.",
            code="not_found",
            param="format",
            mend="Ask for html, csv or json.",
            form=form,
        ) from None
    if found is None:
        raise missing()
    return found


@contextmanager
def _refusals() -> Iterator[None]:
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


def _own_key(books: Books, caller: Caller, key: str) -> Key:
    """A key of the caller's tenant; raises RequestError for another's just as for none."""
    found = books.accounts.key(key)
    if found.tenant != caller.account.tenant:
        raise missing()
    return found


def _check_money(caller: Caller, wish: wishes.TenantWish) -> None:
    if wish.touches_money:
        require(caller, "money:write")


def _now() -> int:
    return time.time_ns() // 1000
