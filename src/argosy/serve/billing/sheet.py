"""What an invoice says, row by row, in the reader's words: the one source of its page and its PDF."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from argosy.core.language import translator
from argosy.serve.billing.invoice import Invoice, Levy, Line
from argosy.serve.billing.money import show
from argosy.serve.billing.months import day_of, length
from argosy.serve.billing.plan import EVERY, SALES

Translate = Callable[[str], str]
_PERCENT = 10_000  # parts of a million


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row: what, how much, at which price, and the amount; ``note`` is small print."""

    what: str
    quantity: str = ""
    price: str = ""
    amount: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """An invoice in one language: rows, then sums (the last one is what is due), then notes."""

    title: str
    number: str
    facts: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    sums: tuple[tuple[str, str], ...]
    due: tuple[str, str]
    notes: tuple[str, ...]


def sheet(invoice: Invoice, language: str) -> Sheet:
    """The invoice in ``en`` or ``zh``."""
    return _Writer(invoice, language, translator(language)).sheet()


def percent(rate: int) -> str:
    """A rate in parts of a million as people write it.

    >>> percent(60_000), percent(5_500), percent(-50_000)
    ('6 %', '0.55 %', '−5 %')
    """
    return f"{'−' if rate < 0 else ''}{Decimal(abs(rate)) / _PERCENT:f} %"


@dataclass(frozen=True, slots=True)
class _Writer:
    invoice: Invoice
    language: str
    t: Translate

    def sheet(self) -> Sheet:
        invoice, t = self.invoice, self.t
        return Sheet(
            title=t("Credit note") if invoice.credits else t("Invoice"),
            number=invoice.details.number,
            facts=tuple(self._facts()),
            rows=tuple(self._row(line) for line in invoice.lines),
            sums=tuple(self._sums()),
            due=(t("To credit") if invoice.credits else t("To pay"), self._money(abs(invoice.due))),
            notes=tuple(self._notes()),
        )

    def _money(self, micro: int) -> str:
        return show(micro, self.invoice.details.currency, self.language)

    def _facts(self) -> Iterator[tuple[str, str]]:
        details, t = self.invoice.details, self.t
        if self.invoice.credits:
            yield t("Credits invoice"), self.invoice.credits
        yield t("Month"), details.month
        yield t("Issued"), str(day_of(details.issued, details.time_zone))
        if not self.invoice.credits and self.invoice.due:
            yield t("Due"), str(day_of(details.due, details.time_zone))
        yield t("Customer"), details.tenant

    def _row(self, line: Line) -> Row:
        t, month = self.t, self.invoice.details.month
        days = t("{days} of {month_days} days").format(days=line.days, month_days=length(month))
        amount = self._money(line.amount)
        if line.kind == "usage":
            return self._usage(line, amount)
        if line.kind == "share":
            what = t("{name}, {rate} of usage").format(name=line.text, rate=percent(line.rate))
            return Row(what=what, amount=amount)
        if line.kind == "monthly":
            return Row(what=t("Subscription {plan}").format(plan=line.text), quantity=days, amount=amount)
        if line.kind == "commitment":
            what = t("Rest to the minimum of a month, {plan}").format(plan=line.text)
            return Row(what=what, quantity=days, amount=amount)
        return Row(what=line.text or t("Correction of what was charged"), amount=amount)

    def _usage(self, line: Line, amount: str) -> Row:
        t, scale = self.t, SALES[line.unit][1]
        names = _units(t)
        models = [f"{model} {_count(quantity, scale)}" for model, quantity in line.models.items()]
        named = [model for model in line.price["models"] if model != EVERY]
        earlier = line.month != self.invoice.details.month
        what = t("{unit}, {month}").format(unit=names[line.unit], month=line.month) if earlier else names[line.unit]
        return Row(
            what=what,
            quantity=_count(line.quantity, scale),
            price=self._price(line.price),
            amount=amount,
            note=", ".join(models if len(models) > 1 else named or line.models),
        )

    def _price(self, price: Mapping[str, Any]) -> str:
        t, tiers = self.t, price["tiers"]
        told = []
        for tier in tiers:
            one = t("{amount} for {per}").format(amount=self._money(tier["price"]), per=f"{price['per']:,}")
            bound = tier["up_to"] and t("up to {units}: {price}").format(units=f"{tier['up_to']:,}", price=one)
            told.append(bound or (t("then {price}").format(price=one) if len(tiers) > 1 else one))
        if price["free"]:
            told.insert(0, t("{units} free").format(units=f"{price['free']:,}"))
        if price["scheme"] == "volume" and len(tiers) > 1:
            told.append(t("all at the last step reached"))
        if price["scheme"] == "package":
            told.append(t("begun packages count whole"))
        return t("; ").join(told)

    def _sums(self) -> Iterator[tuple[str, str]]:
        invoice, t = self.invoice, self.t
        rounding = sum(levy.rounding for levy in invoice.levies)
        if rounding:
            yield t("Rounding"), self._money(rounding)
        if invoice.tax:
            yield t("Net"), self._money(invoice.net)
        for levy in invoice.levies:
            yield from self._levy(levy)
        yield t("Total"), self._money(invoice.total)
        if invoice.wallet:
            yield t("Paid from the wallet"), self._money(-invoice.wallet)

    def _levy(self, levy: Levy) -> Iterator[tuple[str, str]]:
        if levy.of is not None and levy.tax:
            t = self.t
            template = t("{name} {rate} on {net}")
            named = template.format(name=levy.of.name, rate=percent(levy.of.rate), net=self._money(levy.net))
            yield named, self._money(levy.tax)

    def _notes(self) -> Iterator[str]:
        invoice, t = self.invoice, self.t
        template = t("Late: {events} of these events ({amount}) happened in {month} and came after its invoice.")
        for late in invoice.late:
            yield template.format(events=f"{late.events:,}", amount=self._money(late.amount), month=late.month)
        if not invoice.credits:
            covered = t("Usage: lines {first} to {last} of the ledger, months by the clock of {zone}.")
            details = invoice.details
            yield covered.format(first=details.after + 1, last=details.through, zone=details.time_zone)


def _units(t: Translate) -> dict[str, str]:
    return {
        "requests": t("Requests"),
        "texts": t("Texts"),
        "rows": t("Rows"),
        "tokens": t("Tokens"),
        "prompt_tokens": t("Prompt tokens"),
        "completion_tokens": t("Completion tokens"),
        "minutes": t("Minutes"),
    }


def _count(quantity: int, scale: int) -> str:
    """A quantity of the ledger's units in units of sale, with its thousands grouped.

    >>> _count(1_234_567, 1), _count(90_000, 60_000)
    ('1,234,567', '1.5')
    """
    sold = (Decimal(quantity) / scale).quantize(Decimal("0.0001")).normalize()
    return f"{sold:,f}"
