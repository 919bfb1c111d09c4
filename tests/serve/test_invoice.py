"""Invoices: what they add up to, which days they charge, and that they can be drawn again."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans_at_random import MODELS, plans

from argosy.core.errors import ProjectError
from argosy.core.ledger import UNITS, Quantities, RefusedError, Usage
from argosy.serve.billing.invoice import Details, Invoice, credit, draw
from argosy.serve.billing.money import digits
from argosy.serve.billing.months import Change, Span, first_day, spans
from argosy.serve.billing.plan import Plan, Price, Share, Tax, Tier
from argosy.serve.billing.pricing import PriceBook

ZONE = "Asia/Shanghai"
DAY = 86_400_000_000
NOVEMBER = 1_793_462_400_000_000  # 2026-11-01 00:00 in Shanghai, microseconds
DETAILS = Details(
    number="INV-2026-000001",
    tenant="ten_1",
    month="2026-11",
    currency="CNY",
    after=0,
    through=9,
    issued=NOVEMBER + 30 * DAY,
    due=NOVEMBER + 45 * DAY,
    time_zone=ZONE,
)
TEXTS = Price(unit="texts", per=1000, tiers=(Tier(up_to=None, price=2_000_000),))


def _charged(events: Sequence[tuple[Plan, str, Quantities]], at: int = NOVEMBER) -> list[Usage]:
    """The lines that a ledger writes: each event costs what the month costs with it, less what it cost before."""
    book = PriceBook({plan.id: plan for plan, _, _ in events})
    totals: dict[str, dict[tuple[str, str], int]] = {}
    lines = []
    for seq, (plan, model, quantities) in enumerate(events, start=1):
        known = totals.setdefault(plan.id, {})
        before = book.amount(plan.id, known)
        for unit, quantity in quantities.items():
            known[model, unit] = known.get((model, unit), 0) + quantity
        amount = book.amount(plan.id, known) - before
        lines.append(_usage(seq, plan, model, quantities, amount, at))
    return lines


def _usage(seq: int, plan: Plan, model: str, quantities: Quantities, amount: int, at: int) -> Usage:
    return Usage(
        tenant="ten_1",
        seq=seq,
        event=f"req_{seq}",
        kind="charge",
        key="key_1",
        model=model,
        route="/v1/classify",
        plan=plan.id,
        currency=plan.currency,
        quantities=quantities,
        amount=amount,
        at=at,
        month="2026-11",
    )


def _plan(**parts: object) -> Plan:
    return replace(Plan(name="p", currency="CNY", prices=(TEXTS,)), **parts)  # type: ignore[arg-type]


def _drawn(plan: Plan, texts: int, days: int = 30, **details: object) -> Invoice:
    span = Span(plan=plan.id, first=date(2026, 11, 1), last=date(2026, 11, days))
    lines = _charged([(plan, "m", {"texts": texts})]) if texts else []
    return draw(lines, PriceBook({plan.id: plan}), replace(DETAILS, spans=(span,), **details))  # type: ignore[arg-type]


@given(first=plans("first"), second=plans("second"), data=st.data())
def test_an_invoice_adds_up_to_what_the_ledger_charged(first: Plan, second: Plan, data: st.DataObject) -> None:
    """Not a micro-unit is lost or added: any plans, any usage, a change of plans and back, taxes of every kind."""
    second = replace(second, currency=first.currency)
    quantities = st.dictionaries(st.sampled_from(UNITS), st.integers(0, 700), min_size=1)
    event = st.tuples(st.sampled_from((first, second)), st.sampled_from(MODELS), quantities)
    lines = _charged(data.draw(st.lists(event, max_size=12)))
    held = (Span(plan=first.id, first=date(2026, 11, 1), last=date(2026, 11, 9)),)
    held += (Span(plan=second.id, first=date(2026, 11, 10), last=date(2026, 11, 30)),)
    book = PriceBook({first.id: first, second.id: second})
    invoice = draw(lines, book, replace(DETAILS, currency=first.currency, spans=held))

    used = sum(line.amount for line in invoice.lines if line.kind == "usage")
    assert used == sum(line.amount for line in lines) == invoice.charged
    whole = sum(line.amount for line in invoice.lines) + sum(levy.rounding for levy in invoice.levies)
    added = sum(levy.tax for levy in invoice.levies if levy.of and not levy.of.inclusive)
    assert invoice.total == whole + added == invoice.net + invoice.tax == invoice.due
    step = 10 ** (6 - digits(first.currency))
    assert all(amount % step == 0 for amount in (invoice.net, invoice.tax, invoice.total))
    assert all(abs(levy.rounding) * 2 <= step for levy in invoice.levies)
    again = draw(iter(lines), book, replace(DETAILS, currency=first.currency, spans=held))
    assert again.canonical() == invoice.canonical()
    assert json.loads(invoice.canonical())["total"] == invoice.total


def test_lines_of_another_currency_are_not_on_it() -> None:
    """Each currency has an invoice of its own."""
    dollars = _plan(currency="USD")
    yuan = _plan()
    lines = _charged([(dollars, "m", {"texts": 1000}), (yuan, "m", {"texts": 500})])
    book = PriceBook({plan.id: plan for plan in (dollars, yuan)})
    assert draw(lines, book, DETAILS).charged == 1_000_000
    assert draw(lines, book, replace(DETAILS, currency="USD")).charged == 2_000_000


def test_what_was_charged_otherwise_stands_on_a_line_of_its_own() -> None:
    """Should the ledger have charged other than the plan says, the invoice says what was charged."""
    plan = _plan()
    lines = [replace(line, amount=line.amount + 7) for line in _charged([(plan, "m", {"texts": 1000})])]
    invoice = draw(lines, PriceBook({plan.id: plan}), DETAILS)
    assert [(line.kind, line.amount) for line in invoice.lines] == [("usage", 2_000_000), ("correction", 7)]


def test_a_part_of_a_month_pays_its_days() -> None:
    """Ten of thirty days of a subscription, and of a commitment with the usage taken off."""
    invoice = _drawn(_plan(monthly=99_000_000, commitment=30_000_000), texts=1500, days=10)
    assert [(line.kind, line.amount, line.days) for line in invoice.lines] == [
        ("usage", 3_000_000, 0),
        ("monthly", 33_000_000, 10),
        ("commitment", 7_000_000, 10),
    ]


def test_a_commitment_that_is_used_up_adds_nothing() -> None:
    """Only what lacks is a line."""
    assert [line.kind for line in _drawn(_plan(commitment=2_000_000), texts=1000).lines] == ["usage"]


def test_shares_are_of_the_usage() -> None:
    """A fee of 10 % and a discount of 5 %, each rounded once."""
    shares = (Share(name="Support", rate=100_000), Share(name="Partner", rate=-50_000))
    lines = _drawn(_plan(shares=shares), texts=1000).lines
    assert [(line.text, line.amount) for line in lines[1:]] == [("Support", 200_000), ("Partner", -100_000)]


@pytest.mark.parametrize(("inclusive", "net", "tax"), [(False, 106_000_000, 6_360_000), (True, 100_000_000, 6_000_000)])
def test_tax_is_in_the_prices_or_added(inclusive: bool, net: int, tax: int) -> None:  # noqa: FBT001
    """Six in a hundred of the net amount."""
    levy = Tax(name="VAT", rate=60_000, inclusive=inclusive)
    invoice = _drawn(_plan(tax=levy), texts=53_000)
    assert (invoice.net, invoice.tax, invoice.total) == (net, tax, net + tax)


def test_what_the_wallet_paid_is_not_due() -> None:
    """Prepaid usage leaves the rest to pay."""
    invoice = _drawn(_plan(monthly=5_000_000), texts=1000, wallet=2_000_000)
    assert (invoice.total, invoice.wallet, invoice.due) == (7_000_000, 2_000_000, 5_000_000)


def test_late_usage_is_marked_with_its_month() -> None:
    """What happened in October and came after October's invoice stands on November's, and is said to."""
    plan = _plan()
    lines = _charged([(plan, "m", {"texts": 1000}), (plan, "m", {"texts": 500})], at=NOVEMBER - 1)
    lines[1] = replace(lines[1], at=NOVEMBER)
    (late,) = draw(lines, PriceBook({plan.id: plan}), DETAILS).late
    assert (late.month, late.events, late.amount) == ("2026-10", 1, 2_000_000)


def test_a_plan_that_was_never_published_cannot_be_drawn() -> None:
    """No price is made up."""
    with pytest.raises(RefusedError):
        draw(_charged([(_plan(), "m", {"texts": 1})]), PriceBook({}), DETAILS)


@given(
    tax=st.none() | st.builds(Tax, name=st.just("VAT"), rate=st.integers(0, 300_000), inclusive=st.booleans()),
    part=st.integers(1, 100),
)
def test_a_credit_note_takes_back_net_and_tax_in_their_shares(tax: Tax | None, part: int) -> None:
    """Its parts add up, and a credit over the whole takes back exactly what was billed."""
    original = _drawn(_plan(tax=tax, monthly=7_770_000), texts=12_345)
    note = credit(original, original.total * part // 100, "outage", replace(DETAILS, number="INV-2026-000002"))
    assert note.total == note.net + note.tax <= 0
    assert note.credits == original.details.number
    whole = credit(original, original.total, "all", DETAILS)
    assert (whole.net, whole.tax) == (-original.net, -original.tax)


def test_a_day_belongs_to_the_last_plan_that_was_in_force_on_it() -> None:
    """Start in mid-month, a change, a change and back on the same day, an end."""
    at = NOVEMBER + 9 * DAY
    changes = [
        Change(at=at, plan="a"),
        Change(at=at + 5 * DAY, plan="b"),
        Change(at=at + 5 * DAY + 1, plan="a"),
        Change(at=at + 10 * DAY + 7, plan="b"),
        Change(at=at + 12 * DAY + 7, plan=None),
    ]
    held = [(span.plan, span.first.day, span.last.day, span.days) for span in spans(changes, "2026-11", ZONE)]
    assert held == [("a", 10, 19, 10), ("b", 20, 22, 3)]
    assert spans(changes, "2026-10", ZONE) == spans(changes, "2026-12", ZONE) == []


def test_days_are_those_of_the_billing_time_zone() -> None:
    """A minute before midnight in Shanghai is another day there than in UTC."""
    held = spans([Change(at=NOVEMBER - 60_000_000, plan="a")], "2026-10", ZONE)
    assert [(span.first, span.days) for span in held] == [(date(2026, 10, 31), 1)]
    assert spans([Change(at=NOVEMBER - 60_000_000, plan="a")], "2026-10", "America/New_York")[0].days == 1


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "26-01", "2026-01-01", "", "２026-01"])
def test_what_is_no_month_is_refused(month: str) -> None:
    """A month has four digits, a dash and two digits."""
    with pytest.raises(ProjectError, match="such as 2026-11"):
        first_day(month)
