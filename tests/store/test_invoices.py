"""Invoices in the database, drawn up from a real ledger: closed months, numbers, states, credit notes, reminders."""

import random
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa
from projects import SHOP

from argosy.config.file import parse
from argosy.core.errors import DataError, MissingError
from argosy.core.ledger import Ask
from argosy.core.tenant import Party, Tenant
from argosy.project.selling.billing import UNPAID, Billing, Papers
from argosy.project.selling.dunning import outbox, remind, send
from argosy.project.selling.offers import offer_plans
from argosy.project.selling.shop import Shop
from argosy.serve.billing.invoice import Invoice
from argosy.store.database import Database
from argosy.store.ledger import bookkeeping
from argosy.store.ledger.sql import SqlLedger
from argosy.store.tenants.audit import SqlAudit

DAY = 86_400_000_000
NOVEMBER = 1_793_462_400_000_000  # 2026-11-01 00:00 in Shanghai
DECEMBER = NOVEMBER + 30 * DAY
FILE = (
    SHOP
    + """
[sell]
[seller]
title = "Chang Feng"
[plans.standard]
monthly = "30.00"
due_days = 15
suspend_days = 10
[[plans.standard.prices]]
unit = "texts"
price = "0.002"
[plans.standard.tax]
rate = "6%"
"""
)


class Clock:
    """A clock that tests set."""

    def __init__(self, at: int) -> None:
        self.at = at

    def __call__(self) -> int:
        """The time."""
        return self.at


@pytest.fixture
def clock() -> Clock:
    """At the beginning of November."""
    return Clock(NOVEMBER)


@pytest.fixture
def billing(database: Database, clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Billing:
    """The books of a shop whose plans are offered."""
    return _billing(database, clock, FILE, tmp_path_factory)


def _billing(database: Database, clock: Clock, file: str, folders: pytest.TempPathFactory) -> Billing:
    project = parse(tomllib.loads(file))
    offer_plans(database, project, clock=clock)
    shop = Shop(project=project, folder=folders.mktemp("shop"))
    return Billing(shop=shop, database=database, book=offer_plans(database, project, clock=clock), clock=clock)


def _tenant(billing: Billing) -> str:
    wish = Tenant(id="", name="Acme", plan="standard", currency="CNY", billing=Party(email="pay@acme.example"))
    return billing.accounts.create_tenant(wish, "test").result().id


def _use(billing: Billing, tenant: str, *texts: int, prepaid: bool = False) -> None:
    """Charge events, each of some texts, by a ledger of their own."""
    ledger = SqlLedger(billing.database, billing.book, time_zone=billing.zone, clock=billing.clock)
    account = billing.accounts.tenant(tenant)
    try:
        for number, count in enumerate(texts):
            ask = Ask(
                tenant=tenant,
                event=f"{billing.clock()}-{number}",
                key="key_1",
                model="m",
                route="/v1/classify",
                plan=billing.book.current(account.price or account.plan, "CNY"),
                currency="CNY",
                at_most={"requests": 1, "texts": count},
                limits=replace(account.limits, prepaid=prepaid),
            )
            held = ledger.reserve(ask).result()
            ledger.settle(held, {"requests": 1, "texts": count}).result()
    finally:
        ledger.close()


def test_a_month_is_invoiced_once_and_adds_up(billing: Billing, clock: Clock) -> None:
    """The month is closed, the number is the first, and the amount is what the ledger charged and the subscription."""
    tenant = _tenant(billing)
    clock.at = NOVEMBER + 3 * DAY
    _use(billing, tenant, 1000, 1, 333)
    draft = billing.draft(tenant, "2026-11")[0]
    clock.at = DECEMBER + 1
    (made,) = billing.issue(tenant, "2026-11")
    assert made.number == "INV-2026-000001"
    assert made.total == 2_670_000 + 30_000_000 == draft.total
    assert Invoice.parse(made.body).charged == 2_668_000
    assert billing.issue(tenant, "2026-11") == [made]
    assert [one.number for one in billing.invoices.list()] == [made.number]


def test_a_month_that_runs_is_not_invoiced(billing: Billing) -> None:
    """Only a draft can be looked at."""
    tenant = _tenant(billing)
    with pytest.raises(DataError, match="not over"):
        billing.issue(tenant, "2026-11")
    assert billing.draft(tenant, "2026-11")[0].details.number == "–"


def test_an_invoice_is_rebuilt_byte_for_byte_after_the_plan_has_changed(
    billing: Billing, clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The version that the ledger charged by is kept; a change in mid-month has both on the invoice."""
    tenant = _tenant(billing)
    _use(billing, tenant, 1000)
    clock.at = NOVEMBER + 10 * DAY
    dearer = _billing(
        billing.database, clock, FILE.replace("0.002", "0.003").replace("30.00", "60.00"), tmp_path_factory
    )
    _use(dearer, tenant, 1000)
    clock.at = DECEMBER
    (made,) = dearer.issue(tenant, "2026-11")
    lines = [(line.kind, line.amount, line.days) for line in Invoice.parse(made.body).lines]
    assert lines == [
        ("usage", 2_000_000, 0),
        ("monthly", 10_000_000, 10),
        ("usage", 3_000_000, 0),
        ("monthly", 40_000_000, 20),
    ]
    later = _billing(billing.database, clock, FILE.replace("0.002", "0.004"), tmp_path_factory)
    assert later.rebuild(made.number).canonical() == made.body


def test_a_custom_price_is_charged_and_invoiced(
    database: Database, clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A tenant with a plan of its own pays by it."""
    own = FILE + '[plans.acme]\nextends = "standard"\n[[plans.acme.prices]]\nunit = "texts"\nprice = "0.001"\n'
    billing = _billing(database, clock, own, tmp_path_factory)
    tenant = _tenant(billing)
    billing.accounts.change_tenant(tenant, lambda known: replace(known, price="acme"), "test").result()
    _use(billing, tenant, 1000)
    assert [line.amount for line in billing.draft(tenant, "2026-11")[0].lines] == [1_000_000, 30_000_000]


def test_numbers_have_no_gap_though_many_are_issued_at_once(billing: Billing, clock: Clock) -> None:
    """Sequential by seller and year; what fails takes no number."""
    tenants = [_tenant(billing) for _ in range(6)]
    clock.at = DECEMBER
    with ThreadPoolExecutor(6) as pool:
        made = [
            one.number for kept in pool.map(lambda tenant: billing.issue(tenant, "2026-11"), tenants) for one in kept
        ]
    assert sorted(made) == [f"INV-2026-{number:06}" for number in range(1, 7)]
    clock.at = DECEMBER + 40 * DAY
    assert billing.issue(tenants[0], "2026-12")[0].number == "INV-2027-000001"


def test_what_comes_after_the_invoice_is_on_the_next(billing: Billing, clock: Clock) -> None:
    """No line is on two invoices, and none is on no invoice, though the clock was set back."""
    tenant = _tenant(billing)
    _use(billing, tenant, 100)
    clock.at = DECEMBER
    (first,) = billing.issue(tenant, "2026-11")
    clock.at = NOVEMBER + 5 * DAY
    _use(billing, tenant, 50)
    clock.at = DECEMBER + 31 * DAY
    (second,) = billing.issue(tenant, "2026-12")
    covered = [
        (Invoice.parse(one.body).details.after, Invoice.parse(one.body).details.through) for one in (first, second)
    ]
    assert covered == [(0, 1), (1, 2)]
    invoice = Invoice.parse(second.body)
    assert invoice.charged == 100_000
    assert [(late.month, late.amount) for late in invoice.late] in ([], [("2026-11", 100_000)])


def test_states_go_one_way_and_each_step_is_in_the_audit_log(billing: Billing, clock: Clock) -> None:
    """Draft, sent, paid; what is paid can be neither sent nor taken back."""
    tenant = _tenant(billing)
    clock.at = DECEMBER
    number = billing.issue(tenant, "2026-11")[0].number
    send(billing, number)
    billing.pay(number)
    assert billing.pay(number).state == "paid"
    with pytest.raises(DataError, match="paid"):
        billing.void(number)
    actions = [entry.action for entry in SqlAudit(billing.database).entries(about=number)]
    assert actions == ["invoice.issue", "invoice.sent", "invoice.paid"]
    with pytest.raises(MissingError, match="INV-1"):
        billing.pay("INV-1")


def test_a_void_invoice_makes_room_for_another(billing: Billing, clock: Clock) -> None:
    """The same lines under a new number."""
    tenant = _tenant(billing)
    _use(billing, tenant, 100)
    clock.at = DECEMBER
    (first,) = billing.issue(tenant, "2026-11")
    billing.void(first.number)
    (second,) = billing.issue(tenant, "2026-11")
    assert (second.number, second.total) == ("INV-2026-000002", first.total)


def test_credit_notes_take_off_no_more_than_was_billed(billing: Billing, clock: Clock) -> None:
    """In parts, then the rest: the invoice is settled, and nothing is left to credit."""
    tenant = _tenant(billing)
    clock.at = DECEMBER
    (made,) = billing.issue(tenant, "2026-11")
    with pytest.raises(DataError, match="draft"):
        billing.credit(made.number, 1_000_000, "outage")
    send(billing, made.number)
    note = billing.credit(made.number, 10_000_000, "outage")
    assert (note.total, note.number, note.credits) == (-10_000_000, "INV-2026-000002", made.number)
    assert billing.owed(billing.invoices.find(made.number)) == 20_000_000
    assert billing.rebuild(note.number).canonical() == note.body
    with pytest.raises(DataError, match=r"20\.00 are left"):
        billing.credit(made.number, 20_010_000, "all")
    billing.credit(made.number, None, "all")
    assert billing.invoices.find(made.number).state == "paid"


def test_prepaid_usage_leaves_only_the_rest_to_pay(billing: Billing, clock: Clock) -> None:
    """What was taken from the wallet is on the invoice, and taken off."""
    tenant = _tenant(billing)
    bookkeeping.credit(billing.database, tenant, "CNY", 5_000_000, reference="pay-1", reason="paid in", clock=clock)
    _use(billing, tenant, 1000, prepaid=True)
    clock.at = DECEMBER
    (made,) = billing.issue(tenant, "2026-11")
    assert (made.total, made.owed) == (32_000_000, 30_000_000)


def test_who_does_not_pay_is_reminded_then_suspended_and_let_in_when_paid(billing: Billing, clock: Clock) -> None:
    """By the days of the plan; asked twice on a day, nothing happens twice."""
    tenant = _tenant(billing)
    clock.at = DECEMBER
    (made,) = billing.issue(tenant, "2026-11")
    send(billing, made.number)
    clock.at = DECEMBER + 15 * DAY
    assert remind(billing) == []
    clock.at += 1
    assert [(done.number, done.stage) for done in remind(billing)] == [(made.number, "overdue")]
    assert remind(billing) == []
    assert billing.accounts.tenant(tenant).suspended is None
    clock.at += 10 * DAY
    assert [done.stage for done in remind(billing)] == ["suspended"]
    assert remind(billing) == []
    assert billing.accounts.tenant(tenant).suspended == UNPAID
    letters = sorted(path.name for path in outbox(billing).iterdir())
    assert letters == [f"{made.number}-{stage}.eml" for stage in ("overdue", "sent", "suspended")]
    billing.pay(made.number)
    assert billing.accounts.tenant(tenant).suspended is None


def test_who_owes_nothing_after_a_credit_is_let_in(billing: Billing, clock: Clock) -> None:
    """A part leaves the tenant suspended, the rest does not."""
    tenant = _tenant(billing)
    clock.at = DECEMBER
    (made,) = billing.issue(tenant, "2026-11")
    send(billing, made.number)
    clock.at = DECEMBER + 26 * DAY
    assert [done.stage for done in remind(billing)] == ["overdue", "suspended"]
    billing.credit(made.number, 10_000_000, "outage")
    assert billing.accounts.tenant(tenant).suspended == UNPAID
    billing.credit(made.number, None, "outage")
    assert billing.accounts.tenant(tenant).suspended is None


def test_a_tenant_suspended_for_another_reason_stays_so(billing: Billing, clock: Clock) -> None:
    """Paying ends only the suspension for not paying."""
    tenant = _tenant(billing)
    clock.at = DECEMBER
    (made,) = billing.issue(tenant, "2026-11")
    billing.accounts.suspend(tenant, "abuse", "test").result()
    send(billing, made.number)
    billing.pay(made.number)
    assert billing.accounts.tenant(tenant).suspended == "abuse"


def test_what_was_written_cannot_be_changed(billing: Billing, clock: Clock) -> None:
    """Triggers refuse it, whoever asks; the state alone may change."""
    tenant = _tenant(billing)
    clock.at = DECEMBER
    billing.issue(tenant, "2026-11")
    for change in (
        "UPDATE invoices SET total = 0",
        "DELETE FROM invoices",
        "UPDATE plans SET body = ''",
        "DELETE FROM plan_offers",
    ):
        with pytest.raises((sa.exc.DBAPIError, DataError)) as refused:
            billing.database.write(lambda connection, change=change: connection.execute(sa.text(change))).result()
        assert "kept as it was written" in str(refused.value) + str(refused.value.__cause__)


def test_tenants_see_their_own_sent_invoices(billing: Billing, clock: Clock) -> None:
    """Neither drafts nor those of others, which the operator sees; in every form."""
    tenant, other = _tenant(billing), _tenant(billing)
    clock.at = DECEMBER
    number = billing.issue(tenant, "2026-11")[0].number
    papers = Papers(billing.database)
    assert (list(papers.of_tenant(tenant)), papers.paper(tenant, number, "json", "en")) == ([], None)
    assert [(head.id, head.tenant, head.state) for head in papers.of_all()] == [(number, tenant, "draft")]
    assert papers.of_all(other) == []
    assert papers.paper(None, number, "json", "en") is not None
    send(billing, number)
    (head,) = papers.of_tenant(tenant)
    assert (head.id, head.state, head.total) == (number, "sent", 30_000_000)
    paper = papers.paper(tenant, number, "csv", "zh")
    assert paper is not None
    assert paper.name == f"{number}.csv"
    assert papers.paper(other, number, "json", "en") is None
    assert papers.paper(tenant, "INV-9", "json", "en") is None
    assert papers.paper(tenant, number, "exe", "en") is None


def test_every_micro_unit_of_the_ledger_is_on_exactly_one_invoice(
    database: Database, clock: Clock, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Random usage, plans of every scheme changed in mid-month, wallets, two months: the difference is 0."""
    chance = random.Random(6)
    tariffs = [
        'unit = "texts"\nper = 7\nprice = "0.01"',
        'unit = "texts"\nscheme = "package"\nper = 100\nprice = "0.333333"\nfree = 50',
        'unit = "texts"\nscheme = "volume"\nper = 3\ntiers = [{up_to = 400, price = "0.02"}, {price = "0.005"}]',
        'unit = "texts"\nper = 9\ntiers = [{up_to = 300, price = "0.01"}, {price = "0.007"}]',
    ]
    head, _, tail = FILE.partition('unit = "texts"\nprice = "0.002"')
    tenant = ""
    for step in range(8):
        clock.at = NOVEMBER + step * 7 * DAY
        billing = _billing(database, clock, head + tariffs[step % 4] + tail, tmp_path_factory)
        tenant = tenant or _tenant(billing)
        bookkeeping.credit(database, tenant, "CNY", 10**7, reference=f"pay-{step}", reason="paid in", clock=clock)
        _use(billing, tenant, *(chance.randrange(1, 200) for _ in range(6)), prepaid=chance.random() < 0.5)
    clock.at = DECEMBER + 31 * DAY
    made = [billing.issue(tenant, month)[0] for month in ("2026-11", "2026-12")]
    with database.reading() as connection:
        charged = connection.scalar(sa.text("SELECT sum(amount) FROM ledger_lines"))
    invoices = [Invoice.parse(one.body) for one in made]
    lines = [line for invoice in invoices for line in invoice.lines]
    assert sum(invoice.charged for invoice in invoices) == charged
    assert sum(line.amount for line in lines if line.kind == "usage") == charged
    assert not [line for line in lines if line.kind == "correction"]
    assert all(billing.rebuild(one.number).canonical() == one.body for one in made)
