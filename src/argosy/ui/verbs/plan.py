"""``argosy plan``, ``argosy wallet`` and ``argosy usage``: what is offered, paid in, and used."""

import os
import sys
from dataclasses import asdict, replace
from pathlib import Path

from argosy.config.plans import plans_of
from argosy.core.errors import ProjectError
from argosy.core.ledger import RefusedError
from argosy.core.tenant import Tenant
from argosy.serve.billing.exports import EXPORTS
from argosy.serve.billing.money import parse, plain
from argosy.serve.billing.money import show as money
from argosy.serve.billing.plan import Plan
from argosy.store.ledger import bookkeeping
from argosy.store.ledger.books import balance
from argosy.ui.speech import language, say, t
from argosy.ui.verbs.books import actor, show_table
from argosy.ui.verbs.build import say_json
from argosy.ui.verbs.invoice import opened


def list_plans(folder: Path, *, as_json: bool) -> None:
    """The plans of the project file, each with its version."""
    with opened(folder) as billing:
        plans = plans_of(billing.shop.project.plans)
    if as_json:
        say_json({"plans": [{"id": plan.id, **asdict(plan)} for plan in plans]})
        return
    heads = (t("plan"), t("currency"), t("a month"), t("what is sold"), t("version"))
    show_table(heads, [_row(plan) for plan in plans])


def set_plan(folder: Path, tenant: str, plan: str, *, own: bool, as_json: bool) -> None:
    """Give a tenant a plan, or a price of its own beside it."""
    with opened(folder) as billing:
        known = billing.accounts.tenant(tenant)
        try:
            id_ = billing.book.current(plan, known.currency)
        except RefusedError as error:
            raise ProjectError(error.message, where="argosy.toml, [plans]", mend=error.mend, **error.values) from error

        def alter(before: Tenant) -> Tenant:
            return replace(before, price=plan) if own else replace(before, plan=plan, price=None)

        billing.accounts.change_tenant(tenant, alter, actor()).result()
    if as_json:
        say_json({"tenant": tenant, "plan": plan, "version": id_})
    else:
        say(t("{tenant} pays by {plan} from now on.").format(tenant=tenant, plan=id_))


def add_to_wallet(folder: Path, tenant: str, amount: str, reference: str, reason: str, *, as_json: bool) -> None:
    """Pay into a wallet, once for each reference."""
    micro = parse(amount, "AMOUNT")
    with opened(folder) as billing:
        currency = billing.accounts.tenant(tenant).currency
        database, who = billing.database, actor()
        left = bookkeeping.credit(database, tenant, currency, micro, reference=reference, reason=reason, actor=who)
    _show_wallet(tenant, {currency: left}, as_json=as_json)


def show_wallet(folder: Path, tenant: str, *, as_json: bool) -> None:
    """What is in a tenant's wallets."""
    with opened(folder) as billing:
        known = billing.accounts.tenant(tenant)
        wallets = dict(balance(billing.database, tenant, "").wallets) or {known.currency: 0}
    _show_wallet(tenant, wallets, as_json=as_json)


def export_usage(folder: Path, month: str, form: str, tenant: str | None) -> None:
    """A month's usage events, line by line, as they are read."""
    if form not in EXPORTS:
        raise ProjectError(
            "There is no export for {form!r}.",
            where="--format",
            mend="Known: {known}.",
            form=form,
            known=", ".join(EXPORTS),
        )
    with opened(folder) as billing:
        try:
            for line in billing.usage(month, form, tenant):
                sys.stdout.write(line)
            sys.stdout.flush()
        except BrokenPipeError:  # whoever reads has read enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _row(plan: Plan) -> tuple[str, str, str, str, str]:
    monthly = money(plan.monthly, plan.currency, language) if plan.monthly else "–"
    sold = ", ".join(dict.fromkeys(price.unit for price in plan.prices)) or "–"
    return plan.name, plan.currency, monthly, sold, plan.id


def _show_wallet(tenant: str, wallets: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        say_json({"tenant": tenant, "wallets": {currency: plain(left) for currency, left in wallets.items()}})
        return
    for currency, left in sorted(wallets.items()):
        say(money(left, currency, language))
