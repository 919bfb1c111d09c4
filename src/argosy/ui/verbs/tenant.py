"""``argosy tenant``: who buys, by which plan, within which limits."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from argosy.config.plans import extended
from argosy.config.schema import FILE
from argosy.core.errors import ProjectError
from argosy.core.ledger import RefusedError
from argosy.core.tenant import Tenant
from argosy.project.selling.offers import price_book
from argosy.project.selling.shop import Shop, currency_of
from argosy.serve.billing import money
from argosy.serve.errors import RequestError
from argosy.serve.wire import wishes
from argosy.serve.wire.told import tenant_told
from argosy.serve.wire.wishes import SuspendWish, TenantWish
from argosy.ui.speech import language, note, say, t
from argosy.ui.verbs.books import actor, opened, show_table
from argosy.ui.verbs.build import say_json

_NONE = "none"


def create(folder: Path, name: str, words: Sequence[str], *, as_json: bool) -> None:
    """A new tenant; its id goes to standard output."""
    wish = _wish({"name": name, **_patch(words)})
    with opened(folder) as books:
        plan = wish.plan or books.shop.sell.plan
        made = wishes.new_tenant(wish, plan, _currency(books.shop, plan))
        _check_plan(books.shop, made)
        _tell(books.accounts.create_tenant(made, actor()).result(), t("created"), as_json=as_json)


def change(folder: Path, tenant: str, words: Sequence[str], *, as_json: bool) -> None:
    """Change what is given, leave the rest."""
    wish = _wish(_patch(words))
    with opened(folder) as books:
        _check_plan(books.shop, wish.alter(books.accounts.tenant(tenant)))
        _tell(books.accounts.change_tenant(tenant, wish.alter, actor()).result(), t("changed"), as_json=as_json)


def list_tenants(folder: Path, *, as_json: bool) -> None:
    """All tenants."""
    with opened(folder) as books:
        known = books.accounts.tenants()
    if as_json:
        say_json({"tenants": [tenant_told(tenant).model_dump() for tenant in known]})
        return
    heads = (t("tenant"), t("name"), t("plan"), t("budget a month"), t("state"))
    show_table(heads, [(one.id, one.name, one.price or one.plan, _budget(one), _state(one)) for one in known])


def show(folder: Path, tenant: str, *, as_json: bool) -> None:
    """All that is known of a tenant, in the words in which it is set."""
    with opened(folder) as books:
        known = books.accounts.tenant(tenant)
    told = tenant_told(known).model_dump(exclude={"object"})
    if as_json:
        say_json(told)
        return
    show_table((t("key"), t("value")), list(_flat(told)))


def suspend(folder: Path, tenant: str, reason: str, *, as_json: bool) -> None:
    """Refuse a tenant from now on."""
    try:
        reason = wishes.check(SuspendWish, {"reason": reason}).reason
    except RequestError as error:
        raise _told_here(error) from error
    with opened(folder) as books:
        _tell(books.accounts.suspend(tenant, reason, actor()).result(), t("suspended"), as_json=as_json)


def resume(folder: Path, tenant: str, *, as_json: bool) -> None:
    """Let a tenant in again."""
    with opened(folder) as books:
        _tell(books.accounts.resume(tenant, actor()).result(), t("active again"), as_json=as_json)


def _tell(tenant: Tenant, what: str, *, as_json: bool) -> None:
    if as_json:
        say_json(tenant_told(tenant).model_dump(exclude={"object"}))
        return
    say(tenant.id)
    note(f"{tenant.name}: {what}")


def _patch(words: Sequence[str]) -> dict[str, Any]:
    """``limits.budget=100`` as nested mappings; ``none`` takes a value away."""
    patch: dict[str, Any] = {}
    for word in words:
        path, equals, value = word.partition("=")
        *tables, key = path.strip().split(".")
        place = patch
        for table in tables:
            place = place.setdefault(table, {})
        if not equals or not key or not isinstance(place, dict):
            raise ProjectError(
                "Expected KEY=VALUE, found {found!r}.", mend="For example: limits.budget=100.00", found=word
            )
        place[key] = None if value.strip() == _NONE else value.strip()
    return patch


def _wish(patch: dict[str, Any]) -> TenantWish:
    try:
        return wishes.check(TenantWish, patch)
    except RequestError as error:
        raise _told_here(error) from error


def _told_here(error: RequestError) -> ProjectError:
    if error.code == "unknown_field":
        return ProjectError("Unknown key {key!r}.", mend="See: argosy tenant set --help", key=error.param)
    return ProjectError(
        "The value of {key!r} is not valid.", mend="See: argosy tenant set --help", key=error.param or ""
    )


def _currency(shop: Shop, plan: str) -> str:
    plans = shop.project.plans
    return extended(plan, plans).currency if plan in plans else currency_of(shop)


def _check_plan(shop: Shop, tenant: Tenant) -> None:
    """Refuse a plan that could not be charged."""
    plan = tenant.price or tenant.plan
    if "@" in plan:  # the id of a version may be of one published before
        return
    try:
        price_book(shop.project).current(plan, tenant.currency)
    except RefusedError as error:
        raise ProjectError(
            "The plan {plan!r} is not offered in {currency}.",
            where=f"{FILE}, [plans]",
            mend="Add it there, or name one of: {known}.",
            plan=plan,
            currency=tenant.currency,
            known=", ".join(shop.project.plans) or "–",
        ) from error


def _budget(tenant: Tenant) -> str:
    if tenant.limits.prepaid:
        return t("prepaid")
    budget = tenant.limits.budget
    return t("no limit") if budget is None else money.show(budget, tenant.currency, language)


def _state(tenant: Tenant) -> str:
    return t("active") if tenant.suspended is None else t("suspended: {reason}").format(reason=tenant.suspended)


def _flat(told: dict[str, Any], before: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in told.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{before}{name}.")
        elif value not in {None, ""}:
            rows.append((f"{before}{name}", str(value)))
    return rows
