"""What a tenant's own page tells, and what the operator's page of a tenant tells as well."""

import time
from typing import Any

from argosy.core.account import Account
from argosy.serve.gate.keys import Books
from argosy.serve.pages import charts


def told(books: Books, account: Account, language: str) -> dict[str, Any]:
    """A tenant with what it used this month, its keys and its invoices."""
    tenant = books.accounts.tenant(account.tenant)
    return {
        "tenant": tenant,
        "limits": tenant.limits,
        "standing": books.standings.standing(account),
        "charts": charts.usage(books.standings.days(account), account.currency, language),
        "keys": books.accounts.keys(account.tenant),
        "invoices": books.invoices.of_tenant(account.tenant) if books.invoices else (),
        "zone": books.zone,
        "at": time.time_ns() // 1000,
    }
