"""Invoices sent, reminded of, and tenants suspended who do not pay: what is due by now, once."""

from dataclasses import dataclass
from pathlib import Path

from argosy.core.errors import ProjectError
from argosy.core.tenant import Tenant
from argosy.project.selling import post
from argosy.project.selling.billing import UNPAID, Billing
from argosy.serve.billing.dunning import Owed, Stage, letter, stages
from argosy.serve.billing.forms import render
from argosy.serve.billing.invoice import Invoice
from argosy.store.invoices import DRAFT, OVERDUE, PAID, SENT, Issued

_BETWEEN = "\n\n— — —\n\n"
_OUTBOX = Path(".argosy/outbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A letter that was written: its file, and whether it went out by mail."""

    number: str
    tenant: str
    stage: str
    file: Path
    mailed: bool


def outbox(billing: Billing) -> Path:
    """The folder where letters are written."""
    return billing.shop.folder / _OUTBOX


def send(billing: Billing, number: str) -> Done:
    """Note an invoice as sent, or as paid where nothing is owed, and write its letter; again: write it once more."""
    kept = billing.invoices.find(number)
    sent = billing.invoices.move(number, SENT if kept.owed > 0 else PAID, billing.actor, since=(DRAFT,)).result()
    return _write(billing, sent, "sent")


def remind(billing: Billing) -> list[Done]:
    """Everything that is due by now for invoices that were sent and are not paid; again: nothing."""
    done: list[Done] = []
    for kept in billing.invoices.list(states=(SENT, OVERDUE)):
        if kept.credits:
            continue
        told = billing.invoices.reminded(kept.number)
        reached = stages(_owed(billing, kept), billing.clock())
        done += [_take(billing, kept, stage) for stage in reached if stage not in told]
    return done


def _take(billing: Billing, kept: Issued, stage: Stage) -> Done:
    """One stage: first what it does, then the letter, then the note that it is done, so that none is left out."""
    if stage == "overdue":
        billing.invoices.move(kept.number, OVERDUE, billing.actor, since=(SENT,)).result()
    elif billing.accounts.tenant(kept.tenant).suspended is None:
        billing.accounts.suspend(kept.tenant, UNPAID, billing.actor).result()
    done = _write(billing, kept, stage)
    billing.invoices.remind(kept.number, stage, billing.actor).result()
    return done


def _owed(billing: Billing, kept: Issued) -> Owed:
    return Owed(
        number=kept.number,
        tenant=kept.tenant,
        currency=kept.currency,
        owed=billing.owed(kept),
        due=kept.due,
        suspend_days=billing.suspend_days(kept),
    )


def _write(billing: Billing, kept: Issued, stage: Stage) -> Done:
    tenant, seller = billing.accounts.tenant(kept.tenant), billing.shop.project.seller
    languages = ("zh", "en") if kept.currency == "CNY" else ("en", "zh")
    told = [letter(_owed(billing, kept), stage, language, billing.zone) for language in languages]
    written = post.Letter(
        id=f"{kept.number}-{stage}",
        sender=seller.email,
        to=_address(tenant),
        subject=told[0][0],
        text=_BETWEEN.join(text for _, text in told),
        page=render(Invoice.parse(kept.body), "html", languages[0]),
        at=billing.clock(),
    )
    file = post.put(written, outbox(billing))
    mailed = bool(seller.smtp and written.to)
    if mailed:
        if not seller.email:
            raise ProjectError("Mail needs a sender.", where="argosy.toml, [seller] email", mend="Name its address.")
        post.send(written, seller.smtp)
    return Done(number=kept.number, tenant=kept.tenant, stage=stage, file=file, mailed=mailed)


def _address(tenant: Tenant) -> str:
    """Where a tenant's bills go; a line break would begin another header."""
    return " ".join(tenant.billing.email.split())
