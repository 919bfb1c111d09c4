"""What a tenant's own page tells, and what the operator's page of a tenant tells as well."""

import time
from typing import Any

from argosy.core.account import Account
from argosy.serve.gate.keys import Books
from argosy.serve.pages import charts


def told(books: Books, id_: str, language: str) -> dict[str, Any]:
    """A tenant with what it used this month, its keys and its invoices.

    All by the account as the books have it now: the directory may be a moment behind.
    """
    tenant = books.accounts.tenant(id_)
    plan = tenant.price or tenant.plan
    account = Account(tenant=id_, plan=plan, currency=tenant.currency, limits=tenant.limits)
    return {
        "tenant": tenant,
        "limits": tenant.limits,
        "standing": books.standings.standing(account),
        "charts": charts.usage(books.standings.days(account), account.currency, language),
        "keys": books.accounts.keys(id_),
        "invoices": books.invoices.of_tenant(id_) if books.invoices else (),
        "zone": books.zone,
        "at": time.time_ns() // 1000,
    }
