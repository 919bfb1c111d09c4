"""What each of the operator's pages tells, read from the books and the releases."""

import time
from collections.abc import Mapping
from typing import Any

from argosy.core.account import SCOPES
from argosy.core.errors import DataError
from argosy.core.ledger import UNITS
from argosy.core.tenant import Tenant
from argosy.core.version import __version__
from argosy.serve.gate.keys import Books
from argosy.serve.gate.roles import PERMISSIONS, ROLES
from argosy.serve.pages import account
from argosy.serve.pages.listing import Listing
from argosy.serve.releases.controls import Controls
from argosy.serve.running.health import health
from argosy.serve.service import Service

Told = Mapping[str, Any]
_LEADERS = 5
_RECENT = 10  # entries of the audit log beside a tenant
_PAGE = 50  # of them on their own page


def overview(service: Service, books: Books, controls: Controls | None) -> Told:
    """Whether the service is healthy, what this month brings, and which releases are under way."""
    tenants = {tenant.id: tenant for tenant in books.accounts.tenants()}
    charged = books.standings.amounts()
    lines = controls.shelf.lines() if controls else {}
    sums: dict[str, int] = {}
    for (_, currency), amount in charged.items():
        sums[currency] = sums.get(currency, 0) + amount
    leaders = sorted(charged.items(), key=lambda item: -item[1])[:_LEADERS]
    return {
        "health": health(service.metrics),
        "ready": service.readiness.open and not service.readiness.stopping,
        "sums": sums or {books.currency: 0},
        "leaders": [(tenants[tenant], currency, amount) for (tenant, currency), amount in leaders if tenant in tenants],
        "tenants": len(tenants),
        "suspended": sum(tenant.suspended is not None for tenant in tenants.values()),
        "overdue": sum(head.state == "overdue" for head in books.invoices.of_all()) if books.invoices else 0,
        "moving": [line for line in lines.values() if line.phase != "steady"],
        "lines": len(lines),
    }


def tenants(books: Books, search: str, page: int) -> Told:
    """The tenants whose name or id holds ``search``, the newest first."""
    known, charged = books.accounts.tenants()[::-1], books.standings.amounts()
    found = [one for one in known if search.casefold() in one.name.casefold() or search in one.id]
    listing = Listing.of(found, page, search)
    return {
        "listing": listing,
        "charged": {one.id: charged.get((one.id, one.currency), 0) for one in listing.rows},
        **_choices(books),
    }


def tenant(books: Books, id_: str, language: str) -> Told:
    """One tenant, whole."""
    told = account.told(books, id_, language)
    if books.invoices:
        told["invoices"] = books.invoices.of_all(id_)
    entries = books.audit.latest(limit=_RECENT, about=id_)
    return {**told, "entries": entries, **_choices(books, told["tenant"])}


def keys(books: Books, search: str, page: int) -> Told:
    """The keys whose id, beginning or tenant holds ``search``, the newest first."""
    known, names = books.accounts.keys()[::-1], _names(books)
    found = [
        key
        for key in known
        if any(search in told for told in (key.id, key.prefix, key.tenant, key.role or "", names.get(key.tenant, "")))
    ]
    listing = Listing.of(found, page, search)
    return {"listing": listing, "names": names, "at": time.time_ns() // 1000, "roles": tuple(ROLES)}


def plans(books: Books) -> Told:
    """The plans that are offered now."""
    offered = books.prices.offered() if books.prices else []
    return {"plans": sorted(offered, key=lambda plan: (plan.name, plan.currency))}


def invoices(books: Books, state: str, page: int) -> Told:
    """The invoices in a state, or all, the newest first."""
    heads = books.invoices.of_all() if books.invoices else ()
    found = [head for head in heads if not state or head.state == state]
    return {"listing": Listing.of(found, page, state), "names": _names(books)}


def audit(books: Books, about: str, before: int | None) -> Told:
    """Entries of the audit log, the newest first, with the head that proves it."""
    entries = books.audit.latest(before=before, limit=_PAGE, about=about or None)
    return {
        "entries": entries,
        "about": about,
        "older": entries[-1].seq if len(entries) == _PAGE else None,
        "first": before is None,
        "head": books.audit.head(),
        "proof": None,
        "noted": ("", ""),
    }


def proof(books: Books, noted: tuple[int, str] | None) -> Told:
    """Whether the whole log is as it was written, and still holds the head that was ``noted`` before."""
    try:
        return {"head": books.audit.verify(noted), "broken": None}
    except DataError as error:
        return {"head": None, "broken": error}


def settings(service: Service, books: Books) -> Told:
    """What the service runs with; nothing secret is in it."""
    return {
        "version": __version__,
        "settings": service.settings,
        "models": sorted(service.catalogue.names),
        "books": books,
        "roles": [(role, [one for one in PERMISSIONS if one in allowed]) for role, allowed in ROLES.items()],
        "permissions": PERMISSIONS,
    }


def _names(books: Books) -> Mapping[str, str]:
    return {tenant.id: tenant.name for tenant in books.accounts.tenants()}


def _choices(books: Books, known: Tenant | None = None) -> Told:
    """What the form of a tenant, or of a new one, offers: a plan without prices in its currency would be no help."""
    offered = books.prices.offered() if books.prices else []
    plan, currency = (known.plan, known.currency) if known else (books.plan, books.currency)
    return {
        "plan_names": sorted({plan, *(one.name for one in offered if one.currency == currency)}),
        "units": UNITS,
        "scopes": SCOPES,
        "default_currency": books.currency,
        "default_plan": books.plan,
    }
