"""Profit and loss, cash flow and balance sheet; the balance's two sides are reckoned apart: they could disagree."""

from collections.abc import Sequence
from dataclasses import dataclass

from argosy.venture.graph.expression import ONE, ZERO, Expression, Line, least, most, total
from argosy.venture.graph.model import Heading, Kind
from argosy.venture.plan.income import Stream
from argosy.venture.plan.parts import Parts
from argosy.venture.plan.raising import Notes, noted, raised
from argosy.venture.plan.spending import Spent
from argosy.venture.plan.timeline import HOURS, MONTHS, Writing, begun, paid_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """Money that is not from customers, as lines."""

    opening: Line
    received: Line
    earned: Line
    cost: Line
    drawn: Line
    repaid: Line
    interest: Line
    raised: Line
    notes: Notes


def financing(writing: Writing, parts: Parts) -> Flows:
    """The lines of what is given, lent and paid back."""
    money = parts.money
    for figure in money.behind:
        writing.given(figure)
    begins = begun(writing, "opening", None, "opening")
    opening = writing.sheet.line("opening", begins * writing.given(money.opening), _cash(writing, "Cash at the start"))
    notes = noted(writing, money.notes)
    return Flows(
        raised=raised(writing, money.raised),
        notes=notes,
        opening=opening,
        received=paid_on(writing, "received", money.received, _cash(writing, "Grants and campaigns paid out")),
        earned=paid_on(writing, "earned", money.earned, _profit(writing, "Grants and campaigns earned")),
        cost=paid_on(writing, "campaign_cost", money.cost, _profit(writing, "Fees and rewards of campaigns")),
        drawn=paid_on(writing, "drawn", money.drawn, _cash(writing, "Loans drawn")),
        repaid=paid_on(writing, "repaid", money.repaid, _cash(writing, "Loans repaid")),
        interest=paid_on(writing, "interest", money.interest, _profit(writing, "Interest")),
    )


def revenue(writing: Writing, streams: Sequence[Stream]) -> Line:
    """All that is earned."""
    return writing.sheet.line(
        "revenue",
        total([one.revenue for one in streams]),
        Heading(title="Revenue", section="revenue", dimension=writing.money),
    )


def profit(writing: Writing, earned: Line, spent: Spent, flows: Flows, tax: Expression) -> Line:
    """From revenue down to net income; losses are carried forward against later profits."""
    line = writing.sheet.line
    gross = line("gross_profit", earned - spent.by["serve"] - spent.fees, _profit(writing, "Gross profit"))
    others = total([spent.by["sell"], spent.by["build"], spent.by["run"]])
    ebitda = line("ebitda", gross - others + flows.earned - flows.cost, _profit(writing, "EBITDA"))
    before_tax = line(
        "profit_before_tax",
        ebitda - spent.written_off - flows.interest - flows.notes.accrued,
        _profit(writing, "Profit before tax"),
    )
    losses = Line("losses_carried", 1)
    taxed = line("taxable", most(before_tax - losses, ZERO), _profit(writing, "Taxable profit"))
    line("losses_carried", most(losses - before_tax, ZERO), _profit(writing, "Losses carried forward", "stock"))
    paid = line("tax", taxed * tax, _profit(writing, "Tax on profit"))
    return line("net_income", before_tax - paid, _profit(writing, "Net income"))


def cash(writing: Writing, parts: Parts, streams: Sequence[Stream], spent: Spent, flows: Flows) -> None:
    """Cash from operating, investing and financing, and the cash that is left."""
    line = writing.sheet.line
    _working(writing, parts, streams, spent)
    received = Line("receivables", 1) - Line("receivables") + Line("prepaid") - Line("prepaid", 1)
    owed = Line("payables") - Line("payables", 1)
    operating = line(
        "operating_cash",
        Line("net_income") + spent.written_off + flows.notes.accrued + received + owed + flows.received - flows.earned,
        _cash(writing, "Cash flow from operating"),
    )
    line("free_cash_flow", operating - spent.bought, _cash(writing, "Free cash flow"))
    financed = line(
        "financing_cash",
        flows.drawn - flows.repaid + flows.raised + flows.notes.lent,
        _cash(writing, "Cash flow from financing"),
    )
    line(
        "cash",
        Line("cash", 1) + flows.opening + Line("free_cash_flow") + financed,
        _cash(writing, "Cash at the end", "stock"),
    )


def balance(writing: Writing, spent: Spent, flows: Flows) -> None:
    """What is owned and owed; ``balance_check`` is 0 where both sides agree."""

    def line(name: str, value: Expression, title: str) -> Line:
        heading = Heading(title=title, section="balance", dimension=writing.money, kind="stock")
        return writing.sheet.line(name, value, heading)

    fixed = line("fixed_assets", Line("fixed_assets", 1) + spent.bought - spent.written_off, "Fixed assets")
    assets = line("assets", Line("cash") + Line("receivables") + fixed, "Assets")
    loans = line("loans", Line("loans", 1) + flows.drawn - flows.repaid, "Loans")
    deferred = line(
        "deferred", Line("deferred", 1) + flows.received - flows.earned, "Grants and campaigns not yet earned"
    )
    debts = line("liabilities", Line("payables") + Line("prepaid") + deferred + loans + flows.notes.owed, "Liabilities")
    shares = flows.raised + flows.notes.turned - flows.notes.brought
    paid_in = line("paid_in", Line("paid_in", 1) + flows.opening + shares, "Paid in by owners")
    kept = line("retained", Line("retained", 1) + Line("net_income"), "Retained earnings")
    equity = line("equity", paid_in + kept, "Equity")
    line("balance_check", assets - debts - equity, "Assets less liabilities and equity")


def _working(writing: Writing, parts: Parts, streams: Sequence[Stream], spent: Spent) -> None:
    """What customers owe, what suppliers are owed (not wages), and what is paid ahead, at the end of a period.

    Days of a period's revenue or purchases, at most all of it; months of a period's subscriptions.
    """

    def line(name: str, value: Expression, title: str) -> None:
        heading = Heading(title=title, section="balance", dimension=writing.money, kind="stock")
        writing.sheet.line(name, value, heading)

    working = parts.working
    outside = total(
        [
            *(one.cost for one in streams),
            *(Line(f"{name}.paid") for name in [one.name for one in parts.expenses] + [one.name for one in parts.once]),
            spent.fees,
        ]
    )
    ahead = total([one.revenue for one in streams if one.name in {each.name for each in parts.subscriptions}])
    due = least(writing.given(working.receivable) / HOURS, ONE) if working.receivable is not None else ZERO
    owed = least(writing.given(working.payable) / HOURS, ONE) if working.payable is not None else ZERO
    paid_ahead = writing.given(working.prepaid) / MONTHS if working.prepaid is not None else ZERO
    line("receivables", Line("revenue") * due, "Receivables")
    line("payables", outside * owed, "Payables")
    line("prepaid", ahead * paid_ahead, "Paid ahead by customers")


def _cash(writing: Writing, title: str, kind: Kind = "flow") -> Heading:
    return Heading(title=title, section="cash", dimension=writing.money, kind=kind)


def _profit(writing: Writing, title: str, kind: Kind = "flow") -> Heading:
    return Heading(title=title, section="profit", dimension=writing.money, kind=kind)
