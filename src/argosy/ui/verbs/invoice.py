"""``argosy invoice``: a month's invoices, and what becomes of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from argosy.config import file
from argosy.core.errors import ProjectError
from argosy.core.language import LANGUAGES
from argosy.project.selling.billing import Billing, open_billing
from argosy.project.selling.dunning import Done, remind, send
from argosy.project.selling.shop import Shop
from argosy.serve.billing.forms import FORMATS, Format, file_name, render
from argosy.serve.billing.invoice import Invoice
from argosy.serve.billing.money import parse
from argosy.serve.billing.money import show as money
from argosy.serve.billing.months import day_of
from argosy.store.invoices import Issued
from argosy.ui.speech import language, note, say, t
from argosy.ui.verbs.books import actor, show_table
from argosy.ui.verbs.build import say_json

_FOLDER = Path(".argosy/invoices")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How invoices are written: ``out`` is a folder."""

    form: str
    language: str | None
    out: Path | None

    def write(self, invoice: Invoice, name: str, folder: Path) -> Path:
        """The invoice as a file; raises ProjectError for a form or a language that there is not."""
        said = self.language or language
        if self.form not in FORMATS or said not in LANGUAGES:
            raise ProjectError(
                "There is no invoice in the format {form!r} and the language {said!r}.",
                mend="Formats: {forms}. Languages: {languages}.",
                form=self.form,
                said=said,
                forms=", ".join(FORMATS),
                languages=", ".join(LANGUAGES),
            )
        form = cast("Format", self.form)
        body = render(invoice, form, said)
        place = self.out or folder / _FOLDER
        place.mkdir(parents=True, exist_ok=True)
        path = place / file_name(name, form)
        path.write_bytes(body)
        return path


@contextmanager
def opened(folder: Path) -> Iterator[Billing]:
    """The books of the project in ``folder``."""
    with open_billing(Shop(project=file.load(folder), folder=folder), actor()) as billing:
        yield billing


def draw(folder: Path, month: str | None, tenant: str | None, wishes: Wishes, *, draft: bool, as_json: bool) -> None:
    """The invoices of a month, of one tenant or of all; with ``draft`` nothing is closed or kept."""
    if month is None:
        raise ProjectError("Which month?", where="--month", mend="For example: argosy invoice --month 2026-11")
    with opened(folder) as billing:
        tenants = [tenant] if tenant else [known.id for known in billing.accounts.tenants()]
        told = []
        for one in tenants:
            for place, invoice in enumerate(billing.draft(one, month) if draft else ()):
                name = f"draft-{one}-{month}" + (f"-{invoice.details.currency}" if place else "")
                told.append(_drafted(invoice, wishes.write(invoice, name, folder)))
            for kept in () if draft else billing.issue(one, month):
                path = wishes.write(Invoice.parse(kept.body), kept.number, folder)
                told.append({**_told(billing, kept), "file": str(path)})
    _show(told, as_json=as_json)


def list_invoices(folder: Path, tenant: str | None, month: str | None, *, as_json: bool) -> None:
    """Invoices by number, with their states."""
    with opened(folder) as billing:
        told = [_told(billing, kept) for kept in billing.invoices.list(tenant=tenant, month=month)]
    _show(told, as_json=as_json)


def show(folder: Path, number: str, wishes: Wishes, *, as_json: bool) -> None:
    """An invoice drawn again and compared with what was kept."""
    with opened(folder) as billing:
        invoice = billing.rebuild(number)
        path = wishes.write(invoice, number, folder)
        told = {**_told(billing, billing.invoices.find(number)), "digest": invoice.digest, "file": str(path)}
    if as_json:
        say_json(told)
        return
    say(str(path))
    note(t("Drawn again from the ledger, it is the same: SHA-256 {digest}.").format(digest=invoice.digest))


def send_one(folder: Path, number: str, *, as_json: bool) -> None:
    """Send one."""
    with opened(folder) as billing:
        done = send(billing, number)
    _show_letters([done], as_json=as_json)


def remind_all(folder: Path, *, as_json: bool) -> None:
    """What is due by now."""
    with opened(folder) as billing:
        done = remind(billing)
    _show_letters(done, as_json=as_json)


def paid(folder: Path, number: str, *, as_json: bool) -> None:
    """Note that one is paid."""
    with opened(folder) as billing:
        _show([_told(billing, billing.pay(number))], as_json=as_json)


def void(folder: Path, number: str, *, as_json: bool) -> None:
    """Take one back."""
    with opened(folder) as billing:
        _show([_told(billing, billing.void(number))], as_json=as_json)


def credit(folder: Path, number: str, amount: str | None, reason: str, *, as_json: bool) -> None:
    """A credit note."""
    micro = None if amount is None else parse(amount, "--amount")
    with opened(folder) as billing:
        _show([_told(billing, billing.credit(number, micro, reason))], as_json=as_json)


def _told(billing: Billing, kept: Issued) -> dict[str, Any]:
    names = ("number", "tenant", "month", "currency", "state", "credits", "digest", "total")
    told = {name: getattr(kept, name) for name in names}
    return {**told, "owed": billing.owed(kept), "due": str(day_of(kept.due, billing.zone))}


def _drafted(invoice: Invoice, path: Path) -> dict[str, Any]:
    details = invoice.details
    told = {"number": "–", "tenant": details.tenant, "month": details.month, "currency": details.currency}
    due = str(day_of(details.due, details.time_zone))
    return {**told, "state": "draft", "total": invoice.total, "owed": invoice.due, "due": due, "file": str(path)}


def _show(told: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        say_json({"invoices": list(told)})
        return
    heads = [t("number"), t("tenant"), t("month"), t("total"), t("to pay"), t("due"), t("state")]
    files = any("file" in one for one in told)
    rows = [
        [one["number"], one["tenant"], one["month"], _money(one, "total"), _money(one, "owed"), one["due"]]
        + [_states()[one["state"]]]
        + ([one.get("file", "")] if files else [])
        for one in told
    ]
    show_table([*heads, *([t("file")] if files else [])], rows)


def _money(told: dict[str, Any], name: str) -> str:
    return money(told[name], told["currency"], language)


def _states() -> dict[str, str]:
    return {
        "draft": t("draft"),
        "sent": t("sent"),
        "paid": t("paid"),
        "overdue": t("overdue"),
        "void": t("void"),
    }


def _show_letters(done: Sequence[Done], *, as_json: bool) -> None:
    if as_json:
        say_json({"letters": [{**asdict(one), "file": str(one.file)} for one in done]})
        return
    stages = {"sent": t("invoice"), "overdue": t("reminder"), "suspended": t("suspension")}
    rows = [
        (one.number, one.tenant, stages[one.stage], t("mailed") if one.mailed else t("not mailed"), str(one.file))
        for one in done
    ]
    show_table((t("number"), t("tenant"), t("letter"), t("mail"), t("file")), rows)
