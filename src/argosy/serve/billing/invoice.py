"""An invoice: a pure function of the ledger's lines, the plans' versions and what it is told of the two parties."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal, Protocol, Self

from argosy.core.ledger import Usage
from argosy.core.tenant import Party
from argosy.serve.billing.money import half_even, to_minor
from argosy.serve.billing.months import Span, length, month_of
from argosy.serve.billing.plan import Plan, Price, Tax

VERSION = 1
_MILLION = 1_000_000
LineKind = Literal["usage", "correction", "share", "monthly", "commitment", "credit"]


class Plans(Protocol):
    """Where published plans are found."""

    def plan(self, id_: str) -> Plan:
        """The version with this id."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What an invoice is told beside usage and plans.

    It covers the ledger's lines with ``after`` < seq ≤ ``through`` in ``currency``, ``wallet`` micro-units of which
    were taken from the tenant's wallet. ``issued`` and ``due`` are microseconds since the epoch. ``spans`` are the days
    of the month by plan. ``item`` and ``tax_code`` are for the Chinese fapiao.
    """

    number: str
    tenant: str
    month: str
    currency: str
    after: int
    through: int
    issued: int
    due: int
    time_zone: str
    spans: tuple[Span, ...] = ()
    wallet: int = 0
    seller: Party = field(default_factory=Party)
    buyer: Party = field(default_factory=Party)
    item: str = ""
    tax_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line: ``amount`` micro-units for ``quantity`` of ``unit`` (in the ledger's units), or for ``days`` of a month.

    ``models`` are the quantities by model; ``price`` is the price as its plan has it; ``rate`` is parts of a million.
    """

    kind: LineKind
    plan: str
    amount: int
    text: str = ""
    month: str = ""
    unit: str = ""
    quantity: int = 0
    models: Mapping[str, int] = field(default_factory=dict)
    price: Mapping[str, Any] = field(default_factory=dict)
    rate: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Levy:
    """What one tax (``of``; None: none) comes to; ``rounding`` is what makes its lines payable."""

    of: Tax | None
    rounding: int
    net: int
    tax: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """Usage of an earlier month that came after its invoice, and stands on this one."""

    month: str
    events: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """What a tenant owes for a month; ``due`` is ``total`` less what came from the wallet, in what can be paid.

    A credit note is one with the number that it ``credits`` and amounts below zero.
    """

    details: Details
    lines: tuple[Line, ...]
    levies: tuple[Levy, ...]
    late: tuple[Late, ...] = ()
    charged: int = 0
    net: int
    tax: int
    total: int
    wallet: int = 0
    due: int
    credits: str | None = None

    def canonical(self) -> str:
        """The invoice as JSON, the same for the same invoice."""
        told = {"version": VERSION, **asdict(self)}
        return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)

    @classmethod
    def parse(cls, canonical: str) -> Self:
        """The invoice that ``canonical`` told."""
        told = json.loads(canonical)
        details = told["details"]
        dated = [
            {**span, **{end: date.fromisoformat(span[end]) for end in ("first", "last")}} for span in details["spans"]
        ]
        parties = {name: Party(**details[name]) for name in ("seller", "buyer")}
        levies = [{**levy, "of": Tax(**levy["of"]) if levy["of"] else None} for levy in told["levies"]]
        del told["version"]
        parts = {
            "details": Details(**{**details, **parties, "spans": tuple(Span(**span) for span in dated)}),
            "lines": tuple(Line(**line) for line in told["lines"]),
            "levies": tuple(Levy(**levy) for levy in levies),
            "late": tuple(Late(**late) for late in told["late"]),
        }
        return cls(**{**told, **parts})

    @property
    def digest(self) -> str:
        """SHA-256 of ``canonical``."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


@dataclass(slots=True)
class _Sum:
    """What a tenant used and was charged under one plan."""

    totals: dict[tuple[str, str], int] = field(default_factory=dict)
    charged: int = 0

    def add(self, usage: Usage) -> None:
        self.charged += usage.amount
        for unit, quantity in usage.quantities.items():
            name = usage.model, unit
            self.totals[name] = self.totals.get(name, 0) + quantity


def draw(usages: Iterable[Usage], plans: Plans, details: Details) -> Invoice:
    """The invoice over ``usages``, which are read once; its usage lines add up to what the ledger charged."""
    sums: dict[tuple[str, str], _Sum] = {}
    late: dict[str, tuple[int, int]] = {}
    for usage in usages:
        if usage.currency != details.currency:
            continue
        sums.setdefault((usage.plan, usage.month), _Sum()).add(usage)
        happened = month_of(usage.at, details.time_zone)
        if happened < usage.month == details.month:
            events, amount = late.get(happened, (0, 0))
            late[happened] = events + 1, amount + usage.amount
    named = dict.fromkeys([*(span.plan for span in details.spans), *sorted(plan for plan, _ in sums)])
    known = [plan for plan in map(plans.plan, named) if plan.currency == details.currency]
    ordered = [(name, sums[name]) for name in sorted(sums)]
    parts = {plan: {month: part for (id_, month), part in ordered if id_ == plan.id} for plan in known}
    lines = [line for plan in known for line in _lines(plan, parts[plan], details)]
    return _totalled(
        lines,
        {plan.id: plan.tax for plan in known},
        details,
        late=tuple(Late(month=month, events=n, amount=amount) for month, (n, amount) in sorted(late.items())),
        charged=sum(part.charged for part in sums.values()),
    )


def credit(original: Invoice, amount: int, reason: str, details: Details) -> Invoice:
    """The credit note that takes ``amount`` micro-units off ``original``, tax included, in its taxes' shares."""
    back = -to_minor(amount, details.currency)
    levies, left = [], back
    for place, levy in enumerate(original.levies):
        last = place == len(original.levies) - 1
        whole = levy.net + levy.tax
        gross = left if last else to_minor(back * whole, details.currency, original.total)
        left -= gross
        tax = to_minor(gross * levy.tax, details.currency, whole) if whole else 0
        levies.append(Levy(of=levy.of, rounding=0, net=gross - tax, tax=tax))
    plan = original.lines[0].plan if original.lines else ""
    return Invoice(
        details=details,
        lines=(Line(kind="credit", plan=plan, amount=back, text=reason),),
        levies=tuple(levies),
        net=sum(levy.net for levy in levies),
        tax=sum(levy.tax for levy in levies),
        total=back,
        due=back,
        credits=original.details.number,
    )


def _lines(plan: Plan, parts: Mapping[str, _Sum], details: Details) -> Iterator[Line]:
    """The lines of one plan: usage month by month, then what stands beside it."""
    for month, part in parts.items():
        used = list(_usage_lines(plan, month, part))
        yield from used
        left = part.charged - sum(line.amount for line in used)
        if left:
            yield Line(kind="correction", plan=plan.id, month=month, amount=left)
    charged = sum(part.charged for part in parts.values())
    for share in plan.shares:
        amount = half_even(charged * share.rate, _MILLION)
        yield Line(kind="share", plan=plan.id, text=share.name, rate=share.rate, amount=amount)
    title, days = plan.title or plan.name, sum(span.days for span in details.spans if span.plan == plan.id)
    if plan.monthly and days:
        amount = _of_month(plan.monthly, days, details.month)
        yield Line(kind="monthly", plan=plan.id, text=title, days=days, amount=amount)
    lacking = _of_month(plan.commitment, days, details.month) - charged
    if plan.commitment and days and lacking > 0:
        yield Line(kind="commitment", plan=plan.id, text=title, days=days, amount=lacking)


def _usage_lines(plan: Plan, month: str, part: _Sum) -> Iterator[Line]:
    for price, by_model in plan.parts(part.totals).items():
        quantity = sum(by_model.values())
        yield Line(
            kind="usage",
            plan=plan.id,
            month=month,
            unit=price.unit,
            quantity=quantity,
            models=by_model,
            price=_told(price),
            amount=price.amount(quantity),
        )


def _told(price: Price) -> dict[str, Any]:
    told = asdict(price)
    return {**told, "models": list(price.models), "tiers": [asdict(tier) for tier in price.tiers]}


def _of_month(amount: int, days: int, month: str) -> int:
    return half_even(amount * days, length(month))


def _totalled(
    lines: Sequence[Line], taxes: Mapping[str, Tax | None], details: Details, *, late: tuple[Late, ...], charged: int
) -> Invoice:
    sums: dict[Tax | None, int] = {}
    for line in lines:
        sums[taxes[line.plan]] = sums.get(taxes[line.plan], 0) + line.amount
    levies = tuple(_levy(tax, amount, details.currency) for tax, amount in sums.items())
    net, tax = sum(levy.net for levy in levies), sum(levy.tax for levy in levies)
    wallet = min(to_minor(details.wallet, details.currency), max(0, net + tax))
    return Invoice(
        details=details,
        lines=tuple(lines),
        levies=levies,
        late=late,
        charged=charged,
        net=net,
        tax=tax,
        total=net + tax,
        wallet=wallet,
        due=net + tax - wallet,
    )


def _levy(tax: Tax | None, amount: int, currency: str) -> Levy:
    """Net and tax of what the lines under one tax add up to, rounded to what can be paid."""
    payable = to_minor(amount, currency)
    if tax is None:
        return Levy(of=None, rounding=payable - amount, net=payable, tax=0)
    levied = to_minor(payable * tax.rate, currency, _MILLION + tax.rate if tax.inclusive else _MILLION)
    net = payable - levied if tax.inclusive else payable
    return Levy(of=tax, rounding=payable - amount, net=net, tax=levied)
