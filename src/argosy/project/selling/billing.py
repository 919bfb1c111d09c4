"""Invoices of a project that sells, composed: the plans that are offered, the ledger, the tenants, and what is kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from types import MappingProxyType
from typing import cast

from argosy.core.errors import DataError, MissingError
from argosy.core.ledger import Usage
from argosy.core.tenant import Entry, InvoiceHead, Paper, Party, Tenant
from argosy.project.selling.offers import offer_new
from argosy.project.selling.shop import Shop, open_store
from argosy.serve.billing.exports import Export, export
from argosy.serve.billing.forms import FORMATS, Format, file_name, render
from argosy.serve.billing.history import Offered, changes
from argosy.serve.billing.invoice import Details, Invoice, credit, draw
from argosy.serve.billing.money import digits, plain
from argosy.serve.billing.months import Span, day_of, first_day, spans
from argosy.serve.billing.plan import Plan
from argosy.serve.billing.pricing import PriceBook
from argosy.store.database import Database
from argosy.store.invoices import DRAFT, OVERDUE, PAID, SENT, VOID, Issued, SqlInvoices, SqlPlans
from argosy.store.ledger import bookkeeping, books
from argosy.store.ledger.books import wall_clock
from argosy.store.tenants.accounts import SqlAccounts
from argosy.store.tenants.audit import SqlAudit

_DAY = 86_400 * 10**6
UNPAID = "unpaid"
"""The reason of a suspension that ends when everything is paid."""
_NO_NUMBER = "–"
_NONE: Mapping[str, str] = MappingProxyType({})
Clock = Callable[[], int]


@contextmanager
def open_billing(shop: Shop, actor: str, *, clock: Clock = wall_clock) -> Iterator["Billing"]:
    """The books of a project that sells, to draw up invoices from; a service may run beside."""
    with open_store(shop.sell, shop.folder) as database:
        book = offer_new(database, shop.project, clock=clock)
        yield Billing(shop=shop, database=database, book=book, clock=clock, actor=actor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """Draws up invoices, keeps them, and brings them from one state to the next."""

    shop: Shop
    database: Database
    book: PriceBook
    clock: Clock = wall_clock
    actor: str = "argosy invoice"

    @property
    def invoices(self) -> SqlInvoices:
        """What is kept."""
        return SqlInvoices(self.database, clock=self.clock)

    @property
    def accounts(self) -> SqlAccounts:
        """The tenants."""
        return SqlAccounts(self.database, clock=self.clock)

    @property
    def zone(self) -> str:
        """The time zone of billing months."""
        return self.shop.sell.time_zone

    def draft(self, tenant: str, month: str) -> list[Invoice]:
        """What the invoices of a month would be now, one in each currency; nothing is closed or kept."""
        first_day(month)
        return self._drawn(self.accounts.tenant(tenant), month, *self.invoices.covered(tenant, month))

    def issue(self, tenant: str, month: str) -> list[Issued]:
        """Close a month that is over and keep its invoices; again: those that are kept."""
        first_day(month)
        buyer = self.accounts.tenant(tenant)
        after, through = bookkeeping.close_month(self.database, tenant, month, time_zone=self.zone, clock=self.clock)
        return [self._keep(invoice) for invoice in self._drawn(buyer, month, after, through)]

    def rebuild(self, number: str) -> Invoice:
        """A kept invoice drawn again from ledger and plans; raises DataError where a byte differs."""
        kept = self.invoices.find(number)
        told = Invoice.parse(kept.body)
        if told.credits:
            original = Invoice.parse(self.invoices.find(told.credits).body)
            again = credit(original, -told.total, told.lines[0].text, told.details)
        else:
            details = told.details
            again = draw(self._lines(details.tenant, details.after, details.through), self.book, details)
        if again.canonical() != kept.body or again.digest != kept.digest:
            raise DataError(
                "The invoice {number} is not what ledger and plans come to now.",
                mend="Something changed them outside Argosy: compare with a backup.",
                number=number,
            )
        return again

    def credit(self, number: str, amount: int | None, reason: str) -> Issued:
        """A credit note over ``amount`` micro-units, tax included, of an invoice that was sent; without, the rest."""
        kept = self.invoices.find(number)
        wish = kept.total + self._credited(kept) if amount is None else amount
        self._check_credit(kept, wish)
        original, now = Invoice.parse(kept.body), self.clock()
        note = credit(original, wish, reason, replace(original.details, issued=now, due=now, wallet=0))
        settled = kept.state != PAID and self.owed(kept) <= wish
        state = PAID if kept.state != PAID else SENT
        paying = {number: PAID} if settled else {}
        made = self._keep(note, state=state, paying=paying, check=lambda: self._check_credit(kept, wish))
        self._let_in(kept.tenant)
        return made

    def owed(self, kept: Issued) -> int:
        """Micro-units still to be paid of an invoice: less what was credited."""
        return max(0, kept.owed + self._credited(kept)) if kept.state != PAID else 0

    def pay(self, number: str) -> Issued:
        """Note that an invoice is paid; a tenant suspended for it alone is let in again."""
        paid = self.invoices.move(number, PAID, self.actor, since=(DRAFT, SENT, OVERDUE)).result()
        self._let_in(paid.tenant)
        return paid

    def void(self, number: str) -> Issued:
        """Take back an invoice that is not paid; its month can be drawn up again, under a new number."""
        gone = self.invoices.move(number, VOID, self.actor, since=(DRAFT, SENT, OVERDUE)).result()
        self._let_in(gone.tenant)
        return gone

    def suspend_days(self, kept: Issued) -> int | None:
        """After how many days overdue an invoice suspends its tenant; None: never."""
        plan = self._plan(Invoice.parse(kept.body))
        return plan.suspend_days if plan else None

    def usage(self, month: str, form: Export, tenant: str | None = None) -> Iterator[str]:
        """A month's usage as another system of billing takes it in, line by line."""
        first_day(month)
        tenants = [tenant] if tenant else books.tenants(self.database, month)
        return export((line for one in tenants for line in self._month(one, month)), form)

    def _month(self, tenant: str, month: str) -> Iterator[Usage]:
        return self._lines(tenant, *self.invoices.lines_of(tenant, month))

    def _lines(self, tenant: str, after: int, through: int) -> Iterator[Usage]:
        return books.between(self.database, tenant, after, through)

    def _drawn(self, tenant: Tenant, month: str, after: int, through: int) -> list[Invoice]:
        held = spans(changes(*self._history(tenant.id)), month, self.zone)
        named = {self.book.plan(span.plan).currency for span in held}
        currencies = named | self.invoices.currencies(tenant.id, after, through)
        drawn = [self._draw(tenant, month, currency, (after, through), held) for currency in sorted(currencies)]
        return [invoice for invoice in drawn if invoice.lines]

    def _draw(self, tenant: Tenant, month: str, currency: str, seqs: tuple[int, int], held: list[Span]) -> Invoice:
        issued, seller, (after, through) = self.clock(), self.shop.project.seller, seqs
        mine = tuple(span for span in held if self.book.plan(span.plan).currency == currency)
        details = Details(
            number=_NO_NUMBER,
            tenant=tenant.id,
            month=month,
            currency=currency,
            after=after,
            through=through,
            issued=issued,
            due=issued,
            time_zone=self.zone,
            spans=mine,
            wallet=self.invoices.from_wallet(tenant.id, currency, after, through),
            seller=Party(**seller.model_dump(include={field.name for field in fields(Party)})),
            buyer=Party(**{**asdict(tenant.billing), "title": tenant.billing.title or tenant.name}),
            item=seller.item,
            tax_code=seller.tax_code,
        )
        invoice = draw(self._lines(tenant.id, after, through), self.book, details)
        plan = self._plan(invoice)
        due = issued + (plan.due_days if plan else 0) * _DAY
        return replace(invoice, details=replace(details, due=due))

    def _plan(self, invoice: Invoice) -> Plan | None:
        """The plan that an invoice was drawn by last."""
        named = [span.plan for span in invoice.details.spans] or [line.plan for line in invoice.lines]
        return self.book.plan(named[-1]) if named else None

    def _history(self, tenant: str) -> tuple[list[Entry], list[Offered]]:
        entries = [entry for entry in SqlAudit(self.database).entries(about=tenant) if entry.about == tenant]
        offers = SqlPlans(self.database).offers()
        told = [Offered(plan=one.plan, name=one.name, currency=one.currency, at=one.at) for one in offers]
        return entries, told

    def _keep(
        self,
        invoice: Invoice,
        *,
        state: str = DRAFT,
        paying: Mapping[str, str] = _NONE,
        check: Callable[[], None] = lambda: None,
    ) -> Issued:
        """Keep it under the next number; ``check`` is asked once more while nobody else can take one."""

        def compose(number: str) -> Issued:
            check()
            numbered = replace(invoice, details=replace(invoice.details, number=number))
            details = numbered.details
            return Issued(
                number=number,
                tenant=details.tenant,
                month=details.month,
                currency=details.currency,
                credits=numbered.credits,
                body=numbered.canonical(),
                digest=numbered.digest,
                total=numbered.total,
                owed=numbered.due,
                issued=details.issued,
                due=details.due,
                state=state,
            )

        year = day_of(invoice.details.issued, self.zone).year
        prefix = self.shop.project.seller.prefix
        return self.invoices.issue(prefix, year, compose, self.actor, paying=paying).result()

    def _credited(self, kept: Issued) -> int:
        """What credit notes on an invoice come to, below zero."""
        others = self.invoices.list(tenant=kept.tenant, month=kept.month)
        return sum(one.total for one in others if one.credits == kept.number and one.state != VOID)

    def _check_credit(self, kept: Issued, amount: int) -> None:
        rest = kept.total + self._credited(kept)
        if kept.credits or kept.state not in (SENT, OVERDUE, PAID) or not 0 < amount <= rest:
            raise DataError(
                "No credit of {amount} can be given on {number}: it is {state}, and {rest} are left of it.",
                mend="An invoice that was not sent yet is taken back with: argosy invoice void {number}",
                amount=plain(amount, digits(kept.currency)),
                number=kept.number,
                state=kept.state,
                rest=plain(rest, digits(kept.currency)),
            )

    def _let_in(self, tenant: str) -> None:
        late = self.invoices.list(tenant=tenant, states=(OVERDUE,))
        if not late and self.accounts.tenant(tenant).suspended == UNPAID:
            self.accounts.resume(tenant, self.actor).result()


@dataclass(frozen=True, slots=True)
class Papers:
    """serve.keys.Invoices on a database: what tenants may see of their invoices, which is all but drafts."""

    database: Database

    def of_tenant(self, tenant: str) -> list[InvoiceHead]:
        """A tenant's invoices, the newest first."""
        return _heads(SqlInvoices(self.database).list(tenant=tenant, states=(SENT, PAID, OVERDUE, VOID)))

    def of_all(self, tenant: str | None = None) -> list[InvoiceHead]:
        """Every invoice, or a tenant's, drafts too, the newest first."""
        return _heads(SqlInvoices(self.database).list(tenant=tenant))

    def paper(self, tenant: str | None, invoice: str, form: str, language: str) -> Paper | None:
        """One of them in a form; None where the tenant has no such invoice, without a tenant any."""
        try:
            kept = SqlInvoices(self.database).find(invoice)
        except MissingError:
            return None
        hidden = tenant is not None and (kept.tenant != tenant or kept.state == DRAFT)
        if hidden or form not in FORMATS:
            return None
        chosen = cast("Format", form)
        body = render(Invoice.parse(kept.body), chosen, language)
        return Paper(name=file_name(kept.number, chosen), media_type=FORMATS[chosen], body=body)


def _heads(kept: Sequence[Issued]) -> list[InvoiceHead]:
    """Invoices as a list shows them, the newest first."""
    return [
        InvoiceHead(
            id=one.number,
            tenant=one.tenant,
            month=one.month,
            state=one.state,
            currency=one.currency,
            total=one.total,
            due=one.due,
        )
        for one in reversed(kept)
    ]
