"""The ledger of a project that sells, as the facts that a board is made of; works while a service runs."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from argosy.config.venture.actual import Actual
from argosy.core.errors import ProjectError
from argosy.core.ledger import Usage
from argosy.core.tenant import Tenant
from argosy.project.selling.offers import known_plans
from argosy.project.selling.shop import Shop, open_store
from argosy.serve.billing.history import Offered, changes
from argosy.serve.billing.invoice import Details, Invoice, draw
from argosy.serve.billing.money import MICRO_DIGITS
from argosy.serve.billing.months import Change, Span, day_of, first_day, length, spans
from argosy.serve.billing.pricing import PriceBook
from argosy.store.activity import Activity, Answers, activity
from argosy.store.invoices import VOID, Issued, SqlPlans
from argosy.store.ledger.books import wall_clock
from argosy.store.ledger.months import after
from argosy.venture.actual.facts import ZERO, Live, Member, Paper, Use

_DAY = 86_400 * 10**6
Clock = Callable[[], int]
Row = TypeVar("Row")
Key = TypeVar("Key")
_Part = tuple[str, str]  # a month and a sold plan
Money = Callable[[int, str], Decimal]
"""Micro-units of a currency in that of the board."""


def facts(shop: Shop, actual: Actual, currency: str, rates: Mapping[str, Decimal], clock: Clock = wall_clock) -> Live:
    """The facts of now; ``rates`` are what one of another currency is in ``currency``.

    Raises ProjectError in a project that sells nothing, and for a currency without a rate.
    """

    def money(micro: int, of: str) -> Decimal:
        if of != currency and of not in rates:
            raise ProjectError(
                "Tenants pay in {found}, and the board is in {currency}.",
                where="venture.toml, [currencies]",
                mend='Give the rate: {found} = {{ value = 7.1, unit = "{currency}/{found}", sourced = … }}.',
                found=of,
                currency=currency,
            )
        return Decimal(micro).scaleb(-MICRO_DIGITS) * (1 if of == currency else rates[of])

    with open_store(shop.sell, shop.folder) as database:
        found = activity(database, actual.within * _DAY)
        offers = [
            Offered(plan=one.plan, name=one.name, currency=one.currency, at=one.at)
            for one in SqlPlans(database).offers()
        ]
        books = _Books(
            found=found,
            book=known_plans(database, shop.project),
            zone=shop.sell.time_zone,
            now=clock(),
            answers=_grouped(found.answers, lambda one: (one.tenant, one.month)),
            issued=_grouped(found.invoices, lambda one: (one.tenant, one.month)),
        )
        terms = _grouped(found.terms, lambda one: one.about)
        held = {one.id: changes(terms.get(one.id, []), offers) for one in found.tenants}
        today = day_of(books.now, books.zone)
        months = _months(min((day_of(one.created, books.zone) for one in found.tenants), default=today), today)
        return Live(
            currency=currency,
            today=today,
            months=months,
            members=tuple(_member(books, one, held[one.id], actual) for one in found.tenants),
            uses=tuple(use for one in found.tenants for use in _uses(books, one, held[one.id], months, money)),
            papers=tuple(_paper(one, money) for one in found.invoices if one.state != VOID),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Books:
    """One state of the books with the plans they name."""

    found: Activity
    book: PriceBook
    zone: str
    now: int
    answers: Mapping[tuple[str, str], list[Answers]]
    issued: Mapping[tuple[str, str], list[Issued]]


def _grouped(rows: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = {}
    for one in rows:
        found.setdefault(key(one), []).append(one)
    return found


def _months(first: date, last: date) -> tuple[str, ...]:
    found = [f"{first:%Y-%m}"]
    while found[-1] < f"{last:%Y-%m}":
        found.append(after(found[-1]))
    return tuple(found)


def _member(books: _Books, tenant: Tenant, held: list[Change], actual: Actual) -> Member:
    first = next((one.plan for one in held if one.plan is not None), None)
    free = first is None or not _fixed(books, first)
    return Member(
        id=tenant.id,
        title=tenant.name,
        created=day_of(tenant.created, books.zone),
        trial=_sold(first or tenant.plan) in actual.trial if actual.trial else free,
        early=books.found.early.get(tenant.id, 0),
        suspended=tenant.suspended,
    )


def _uses(books: _Books, tenant: Tenant, held: list[Change], months: tuple[str, ...], money: Money) -> Iterator[Use]:
    """The months of a tenant by sold plan."""
    begun = f"{day_of(tenant.created, books.zone):%Y-%m}"
    days = {month: _spans(held, month, books.zone) for month in months if month >= begun}
    charged = _charged(books, tenant.id, days, money)
    for month, spent in days.items():
        mine = books.answers.get((tenant.id, month), [])
        since = _since(books, spent, mine)
        for plan in sorted({*(_sold(one.plan) for one in mine), *(sold for of, sold in charged if of == month)}):
            units: dict[str, int] = {}
            for version in {one.plan for one in mine if _sold(one.plan) == plan}:
                for (_, unit), count in books.found.used.get((tenant.id, month, version), {}).items():
                    units[unit] = units.get(unit, 0) + count
            yield Use(
                member=tenant.id,
                month=month,
                plan=plan,
                requests=sum(one.events for one in mine if _sold(one.plan) == plan),
                units=units,
                charged=charged.get((month, plan), ZERO),
                since=since,
            )


def _charged(books: _Books, tenant: str, days: Mapping[str, list[Span]], money: Money) -> dict[_Part, Decimal]:
    """A tenant's money without tax by month and sold plan: of invoices less credit notes, else what they would be now.

    What was used stands in its own month, also where a later month's invoice charged it. ``days`` are the months.
    """
    found: dict[_Part, Decimal] = {}
    waiting: list[str] = []  # months whose lines stand on no invoice yet
    for month, spent in days.items():
        waiting.append(month)
        issued = [one for one in books.issued.get((tenant, month), []) if one.state != VOID]
        closed = (tenant, month) in books.found.closed
        if issued:
            drawn = [Invoice.parse(one.body) for one in issued]
        else:  # where a later month was closed instead, the lines are its
            apart = month <= books.found.through.get(tenant, "") and not closed
            drawn = list(_drawn(books, tenant, month, spent, [] if apart else waiting))
        if issued or closed or month > books.found.through.get(tenant, ""):
            waiting = []
        kept: dict[str, dict[_Part, Decimal]] = {}
        for invoice in drawn:
            parts = _divided(books, invoice, kept.get(invoice.credits or "", {}))
            kept[invoice.details.number] = parts
            for part, micro in parts.items():
                found[part] = found.get(part, ZERO) + money(1, invoice.details.currency) * micro
    return found


def _drawn(books: _Books, tenant: str, month: str, days: list[Span], used: list[str]) -> Iterator[Invoice]:
    """A month's invoices as they would be now, of the sums of the lines of the months ``used``."""
    mine = [one for each in used for one in books.answers.get((tenant, each), [])]
    currencies = {one.currency for one in mine} | {books.book.plan(one.plan).currency for one in days}
    for currency in sorted(currencies):
        details = Details(
            number="",
            tenant=tenant,
            month=month,
            currency=currency,
            after=0,
            through=0,
            issued=books.now,
            due=books.now,
            time_zone=books.zone,
            spans=tuple(one for one in days if books.book.plan(one.plan).currency == currency),
        )
        usages = [usage for one in mine for usage in _summed(books, one) if one.currency == currency]
        yield draw(usages, books.book, details)


def _summed(books: _Books, one: Answers) -> Iterator[Usage]:
    """A month's lines under one version as few lines that come to the same: one for each model and unit."""
    used = books.found.used.get((one.tenant, one.month, one.plan)) or {("", "requests"): 0}
    for place, ((model, unit), count) in enumerate(used.items()):
        yield Usage(
            tenant=one.tenant,
            seq=0,
            event="",
            kind="charge",
            key="",
            model=model,
            route="",
            plan=one.plan,
            currency=one.currency,
            quantities={unit: count},
            amount=0 if place else one.amount,
            at=books.now,
            month=one.month,
        )


def _divided(books: _Books, invoice: Invoice, credited: Mapping[_Part, Decimal]) -> dict[_Part, Decimal]:
    """The net of an invoice in micro-units by month and sold plan: that of each tax as the lines under it are.

    A credit note is divided as the invoice that it takes back, whose parts are ``credited``.
    """
    found: dict[_Part, Decimal] = {}
    if credited:
        _share_out(found, invoice.net, list(credited.items()))
        return found
    for levy in invoice.levies:
        weights = [
            ((line.month or invoice.details.month, _sold(line.plan)), Decimal(line.amount))
            for line in invoice.lines
            if books.book.plan(line.plan).tax == levy.of
        ]
        _share_out(found, levy.net, weights)
    return found


def _share_out(found: dict[_Part, Decimal], net: int, weights: list[tuple[_Part, Decimal]]) -> None:
    """Add to each part its share; the last takes what rounding left."""
    whole, left = sum((weight for _, weight in weights), ZERO), Decimal(net)
    for place, (part, weight) in enumerate(weights):
        last = place == len(weights) - 1
        share = left if last else (Decimal(net) * weight / whole).quantize(Decimal(1)) if whole else ZERO
        found[part] = found.get(part, ZERO) + share
        left -= share


def _since(books: _Books, days: list[Span], mine: list[Answers]) -> date | None:
    """The first day with something to charge: a price by the month, or use that cost something."""
    used = [day_of(one.first, books.zone) for one in mine if one.first is not None]
    fixed = [one.first for one in days if _fixed(books, one.plan)]
    return min((*used, *fixed), default=None)


def _fixed(books: _Books, version: str) -> bool:
    plan = books.book.plan(version)
    return bool(plan.monthly or plan.commitment)


def _spans(held: list[Change], month: str, zone: str) -> list[Span]:
    """The days of a month by plan; looked at one by one only where something changed in it."""
    first = first_day(month)
    last = first.replace(day=length(month))
    changed = [day_of(one.at, zone) for one in held]
    if any(first <= day <= last for day in changed):
        return spans(held, month, zone)
    before = [one.plan for one, day in zip(held, changed, strict=True) if day < first]
    return [Span(plan=before[-1], first=first, last=last)] if before and before[-1] is not None else []


def _sold(version: str) -> str:
    """The name of a plan, of which this is a version: ``name:CUR@digest``."""
    return version.rpartition(":")[0] or version


def _paper(one: Issued, money: Money) -> Paper:
    net = Invoice.parse(one.body).net
    return Paper(month=one.month, state=one.state, net=money(net, one.currency), credit=one.credits is not None)
