"""The KPI board of a real ledger, on SQLite and PostgreSQL, against figures reckoned anew from its single lines."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import sqlalchemy as sa
from ledgered import ZONE, Town, at, filled, town

from argosy.config.venture.actual import Actual
from argosy.config.venture.file import load
from argosy.project.venturing.actuals import Board, board
from argosy.project.venturing.ledgers import facts
from argosy.serve.billing.history import Offered, changes
from argosy.serve.billing.invoice import Details, Invoice, draw
from argosy.serve.billing.months import day_of, spans
from argosy.store.invoices import SqlPlans
from argosy.store.ledger import books, tables
from argosy.store.ledger.months import after
from argosy.store.tenants.audit import SqlAudit

VENTURE = """
[venture]
name = "Test"
currency = "CNY"
start = 2027-11-01
months = 24

[[segment]]
name = "shops"
leads = { value = 3, unit = "leads/month", assumed = [2, 7], why = "a test" }
converts = { value = 0.9, unit = "customer/lead", assumed = [0.8, 1], why = "a test" }
churn = { value = 3, unit = "percent/month", assumed = [1, 6], why = "a test" }

[[subscription]]
name = "desk"
segment = "shops"
price = { value = 300, unit = "CNY/customer/month", assumed = [200, 400], why = "a test" }
uses = { value = 900, unit = "requests/customer/month", assumed = [800, 1000], why = "a test" }
cost = { value = 40, unit = "CNY/1k requests", assumed = [20, 80], why = "a test" }
service = { value = 25, unit = "CNY/customer/month", assumed = [10, 50], why = "a test" }

[[fee]]
name = "payments"
share = { value = 1, unit = "percent", assumed = [0.5, 2], why = "a test" }

[actual]
project = "../shop"
plans = { desk = "pro" }
activated = 5
within = 9
"""
MONTHS = ["2027-11", "2027-12", "2028-01", "2028-02", "2028-03"]
Money = dict[str, dict[str, Fraction]]


@pytest.fixture
def place(tmp_path: Path, url: str) -> Iterator[Town]:
    """A shop without tenants, and a venture beside it."""
    (tmp_path / "venture").mkdir()
    (tmp_path / "venture/venture.toml").write_text(VENTURE, encoding="utf-8")
    with town(tmp_path / "shop", "2027-11-01", store=url) as made:
        yield made


def told(place: Town) -> Board:
    """The board of the shop's now."""
    return board(place.folder.parent / "venture", lambda: place.now)


def charged(place: Town, months: list[str]) -> Money:
    """By month and tenant, from invoices divided by their lines, and from single lines where there is none."""
    found: Money = {month: defaultdict(Fraction) for month in months}
    offers = SqlPlans(place.database).offers()
    offered = [Offered(plan=one.plan, name=one.name, currency=one.currency, at=one.at) for one in offers]
    for tenant in place.accounts.tenants():
        entries = [one for one in SqlAudit(place.database).entries(about=tenant.id) if one.about == tenant.id]
        held = changes(entries, offered)
        closed = books_closed(place, tenant.id)
        waiting: list[str] = []
        for month in (one for one in months if one >= f"{day_of(tenant.created, ZONE):%Y-%m}"):
            waiting.append(month)
            kept = [one for one in place.billing.invoices.list(tenant=tenant.id, month=month) if one.state != "void"]
            papers = [Invoice.parse(one.body) for one in kept]
            skipped = not kept and month not in closed and any(one > month for one in closed)
            if not kept:
                lines = (
                    []
                    if skipped
                    else [line for line in books.between(place.database, tenant.id, 0) if line.month in waiting]
                )
                details = Details(
                    number="",
                    tenant=tenant.id,
                    month=month,
                    currency="CNY",
                    after=0,
                    through=0,
                    issued=place.now,
                    due=place.now,
                    time_zone=ZONE,
                    spans=tuple(spans(held, month, ZONE)),
                )
                papers = [draw(lines, place.book, details)]
            if not skipped:
                waiting = []
            named = {paper.details.number: paper for paper in papers}
            for paper in papers:
                of = named[paper.credits] if paper.credits else paper
                scale = Fraction(paper.net, of.net) if of.net else Fraction(0)
                for levy in of.levies:
                    under = [line for line in of.lines if place.book.plan(line.plan).tax == levy.of]
                    whole = sum(line.amount for line in under)
                    for line in under if whole else ():
                        part = Fraction(levy.net * line.amount, whole * 10**6) * scale
                        found[line.month or month][tenant.id] += part
    return {month: {one: paid for one, paid in by.items() if paid > Fraction(1, 10**4)} for month, by in found.items()}


def books_closed(place: Town, tenant: str) -> set[str]:
    """The months that were closed by themselves."""
    with place.database.reading() as connection:
        query = sa.select(tables.closings.c.month).where(tables.closings.c.tenant == tenant)
        return set(connection.scalars(query))


def answered(place: Town) -> dict[tuple[str, str], int]:
    """By tenant and month: charges less those taken back."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for tenant in place.accounts.tenants():
        for line in books.between(place.database, tenant.id, 0):
            found[tenant.id, line.month] += 1 if line.kind == "charge" else -1
    return {key: count for key, count in found.items() if count}


@pytest.mark.parametrize("seed", [1, 2])
def test_each_figure_is_that_of_the_single_lines(place: Town, seed: int) -> None:
    """Tenants pause, return, change plans, are suspended, get money back; not every month is invoiced."""
    filled(place, seed, MONTHS, 14)
    place.go("2028-04-03")
    found = told(place)
    months = [*MONTHS, "2028-04"]
    assert list(found.live.months) == months
    money, used = charged(place, months), answered(place)
    members = {one.id: one for one in place.accounts.tenants()}
    before: set[str] = set()
    ever: set[str] = set()
    for one in found.months:
        paying = set(money[one.month])
        active = {tenant for tenant, month in used if month == one.month}
        was = {tenant for tenant, month in used if after(month) == one.month}
        assert one.customers == len(paying), one.month
        assert abs(Fraction(one.charged) - sum(money[one.month].values())) < Fraction(1, 10**3)
        assert (one.new, one.returned) == (len(paying - ever), len(paying & ever - before))
        assert (one.churn.hits, one.churn.rows) == (len(before - paying), len(before))
        assert (one.active, one.kept.hits, one.kept.rows) == (len(active), len(was & active), len(was))
        assert one.requests == sum(count for (_, month), count in used.items() if month == one.month)
        born = [each for each in members.values() if f"{day_of(each.created, ZONE):%Y-%m}" == one.month]
        assert one.created == len(born)
        bridge = one.bridge
        moved = bridge.new + bridge.returned + bridge.expansion - bridge.contraction - bridge.churned
        earlier = sum((each.charged for each in found.months if after(each.month) == one.month), Decimal(0))
        assert earlier + moved == one.charged
        before, ever = paying, ever | paying
    _activation(place, found)
    _cohorts(found, money)
    _margins(found, money)


def _activation(place: Town, found: Board) -> None:
    """From each tenant's own lines: nine days of microseconds from its creation."""
    today = day_of(place.now, ZONE)
    hits = rows = 0
    for one in place.accounts.tenants():
        if today <= day_of(one.created, ZONE) + timedelta(days=9):
            continue
        early = [
            line for line in books.between(place.database, one.id, 0) if line.at < one.created + 9 * 86_400 * 10**6
        ]
        rows += 1
        hits += sum(1 if line.kind == "charge" else -1 for line in early) >= 5
    assert (found.activation.hits, found.activation.rows) == (hits, rows)
    assert found.activation.waiting == len(place.accounts.tenants()) - rows


def _cohorts(found: Board, money: Money) -> None:
    over = list(found.live.over)
    first = {}
    for month in over:
        for tenant in money[month]:
            first.setdefault(tenant, month)
    for one in found.cohorts:
        mine = {tenant for tenant, month in first.items() if month == one.month}
        later = over[over.index(one.month) :]
        assert one.customers == tuple(len(mine & set(money[month])) for month in later)
        wanted = [sum(money[month].get(tenant, 0) for tenant in mine) for month in later]
        assert all(
            abs(Fraction(got) - want) < Fraction(1, 10**3) for got, want in zip(one.charged, wanted, strict=True)
        )
    assert sum(one.size for one in found.cohorts) == len(first)


def _margins(found: Board, money: Money) -> None:
    """What plans and customers are left with comes to the same; fees are one percent."""
    assert found.whole is not None
    assert found.whole.cost is None  # free is no line of the plan, and [actual] has no cost
    for each in (found.plans, found.members):
        assert sum(one.charged for one in each) == found.whole.charged
        assert sum(one.requests for one in each) == found.whole.requests
    pro = next(one for one in found.plans if one.name == "pro")
    paying = sum(use.charged > 0 for use in found.live.uses if use.plan == "pro" and use.month in found.spent)
    assert pro.cost == Decimal("0.04") * pro.requests + 25 * paying
    assert pro.left == pro.charged - pro.charged / 100 - pro.cost
    assert pro.ends is not None
    assert pro.ends[0] < pro.left < pro.ends[1]


def test_months_begin_in_the_zone_of_billing(place: Town) -> None:
    """Half past midnight in Shanghai is the day before in UTC; a request then is of the new month."""
    tenant = place.tenant("Night")
    place.now = at("2027-12-31", 23)
    place.ask(tenant, 2)
    place.now = at("2028-01-01", 0)
    place.ask(tenant, 3)
    found = told(place)
    assert [(one.month, one.requests, one.over) for one in found.months[-2:]] == [
        ("2027-12", 2, True),
        ("2028-01", 3, False),
    ]
    assert found.live.today == date(2028, 1, 1)


def test_a_part_of_a_leap_month_is_charged_by_its_days(place: Town) -> None:
    """The last 15 of 29 days at 300 a month, tax in it; invoiced or not yet, the same."""
    place.go("2028-02-15")
    place.tenant("Leap", "pro")
    place.go("2028-03-01", 0)
    drawn = told(place)
    place.issue("2028-02")
    kept = told(place)
    paid = Decimal("155.17") - Decimal("8.78")  # 300 · 15 / 29, and 6 % of it in it
    for found in (drawn, kept):
        assert [(one.month, one.charged) for one in found.months if one.over] == [("2028-02", paid)]
        assert found.months[-1].customers == 1


def test_who_gets_all_money_back_is_no_customer(place: Town) -> None:
    """A credit note of the whole; of a part, the rest is what was charged. A voided invoice waits to be drawn again."""
    whole, part = place.tenant("Whole", "pro"), place.tenant("Part", "pro")
    place.go("2027-12-01", 0)
    place.issue("2027-11")
    for tenant, amount in ((whole, None), (part, 100 * 10**6)):
        (made,) = place.billing.invoices.list(tenant=tenant, month="2027-11")
        place.billing.credit(made.number, amount, "a mistake")
    found = told(place)
    net = Decimal(300) - Decimal("16.98") - (Decimal(100) - Decimal("5.66"))
    assert found.live.charged()["2027-11"] == {part: net}
    place.now = at("2028-01-01", 0)
    place.issue("2027-12")
    (made,) = place.billing.invoices.list(tenant=part, month="2027-12")
    place.billing.void(made.number)
    assert told(place).live.charged()["2027-12"][part] == Decimal(300) - Decimal("16.98")


def test_money_that_is_given_back_is_taken_from_each_plan(place: Town) -> None:
    """In the shares in which it was charged: of a month under two plans nothing is left in either."""
    tenant = place.tenant("Both", "pro")
    place.go("2027-11-11")
    place.change(tenant, "metered")
    place.ask(tenant, 90)
    place.go("2027-12-01", 0)
    place.issue("2027-11")
    (made,) = place.billing.invoices.list(tenant=tenant, month="2027-11")
    before = {one.plan: one.charged for one in told(place).live.uses if one.month == "2027-11"}
    assert before == {"pro": Decimal("94.34"), "metered": Decimal(35)}  # 10 of 30 days without tax; 70 requests
    place.billing.credit(made.number, None, "a mistake")
    after_it = {one.plan: one.charged for one in told(place).live.uses if one.month == "2027-11"}
    assert after_it == {"pro": 0, "metered": 0}


def test_activation_counts_the_first_days_to_the_second(place: Town) -> None:
    """Five requests within nine days of the very moment of creation; a second too late is too late."""
    first, second = place.tenant("In time"), place.tenant("Too late")
    made = {one.id: one.created for one in place.accounts.tenants()}
    end = made[first] + 9 * 86_400 * 10**6
    place.now = end - 10**6
    place.ask(first, 5)
    place.ask(second, 4)
    place.now = end + 10**6
    place.ask(second, 4)
    place.go("2027-11-12")
    found = told(place)
    assert (found.activation.hits, found.activation.rows) == (1, 2)


def test_a_closed_tenant_has_left_and_one_that_owes_is_charged_on(place: Town) -> None:
    """As billing has it: only the suspension that ends a tenant ends its price a month."""
    gone, owing = place.tenant("Gone", "pro"), place.tenant("Owing", "pro")
    place.go("2027-11-20")
    place.accounts.suspend(gone, "closed", "test").result()
    place.accounts.suspend(owing, "unpaid", "test").result()
    place.go("2028-01-02")
    found = told(place)
    assert {month: sorted(paid) for month, paid in found.live.charged().items()} == {
        "2027-11": sorted([gone, owing]),
        "2027-12": [owing],
        "2028-01": [owing],
    }
    assert (found.churn.hits, found.churn.rows) == (1, 2)
    assert sum(one.suspended is not None for one in found.live.members) == 2


def test_trials_pay_in_time_or_later_or_have_time_still(place: Town) -> None:
    """Thirty days by default; who begins with a price a month is no trial; who is too young waits, paid or not."""
    fast, slow, never = (place.tenant(name) for name in ("Fast", "Slow", "Never"))
    place.tenant("Sure", "pro")
    place.go("2027-11-30")
    place.change(fast, "pro")
    place.go("2027-12-20")
    place.change(slow, "pro")
    young = place.tenant("Young", "metered")
    place.ask(young, 30)
    found = told(place)
    assert (found.trials.hits, found.trials.rows, found.trials.waiting) == (1, 3, 1)
    assert never not in {one.name for one in found.members}
    place.go("2028-02-01")
    again = told(place)
    assert (again.trials.hits, again.trials.rows, again.trials.waiting) == (2, 4, 0)


def test_one_state_is_read_while_others_write(place: Town) -> None:
    """Requests counted line by line and the sums of their units are of one moment, whatever is written meanwhile."""
    tenants = [place.tenant(f"Busy {number}") for number in range(3)]
    stop = threading.Event()

    def busy() -> None:
        while not stop.is_set():
            for one in tenants:
                place.ask(one, 5)

    writer = threading.Thread(target=busy)
    writer.start()
    try:
        seen = []
        for _ in range(12):
            live = facts(place.shop, told_actual(place), "CNY", {}, lambda: at("2027-11-02"))
            seen.append(sum(one.requests for one in live.uses))
            assert all(one.requests == one.units["requests"] for one in live.uses)
            assert all(3 * one.requests == one.units["texts"] for one in live.uses)
    finally:
        stop.set()
        writer.join()
    assert seen == sorted(seen)
    assert seen[-1] > seen[0]


def told_actual(place: Town) -> Actual:
    """The table [actual]."""
    return load(place.folder.parent / "venture").actual
