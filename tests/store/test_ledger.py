"""The ledger's contract, the same on SQLite and PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from books_of_tests import DAY, Clock, Tiers, ask, got

from argosy.core.account import Limits
from argosy.core.ledger import LedgerError, RefusedError, Reply
from argosy.store.database import Database
from argosy.store.ledger import bookkeeping, books, replies
from argosy.store.ledger.sql import SqlLedger


@pytest.fixture
def clock() -> Clock:
    """A clock in November 2026."""
    return Clock()


@pytest.fixture
def ledger(database: Database, clock: Clock) -> Iterator[SqlLedger]:
    """A ledger that gives texts away and sells more."""
    opened = SqlLedger(database, Tiers(), clock=clock)
    yield opened
    opened.close()


def test_lines_have_marginal_amounts_that_add_up_to_the_months_price(ledger: SqlLedger) -> None:
    """Eight texts are free; of eight more, two are; the lines' sum is the price of all of them."""
    amounts = [
        got(ledger.settle(got(ledger.reserve(ask(name, texts=8))), {"texts": 8})).usage.amount for name in ("e1", "e2")
    ]
    assert amounts == [0, 6_000]
    lines = list(ledger.between("ten_a", 0))
    assert [(line.seq, line.event, line.month, line.quantities) for line in lines] == [
        (1, "e1", "2026-11", {"texts": 8}),
        (2, "e2", "2026-11", {"texts": 8}),
    ]


def test_an_event_is_charged_once_and_its_reply_kept(ledger: SqlLedger) -> None:
    """A second settle of the same event gets the first receipt and the first reply, and adds nothing."""
    reply = Reply(asked="ab" * 32, status=200, media_type="application/json", body='{"é": "中"}'.encode())
    first = got(ledger.settle(got(ledger.reserve(ask("e", texts=12))), {"texts": 12}, reply))
    again = got(ledger.settle(got(ledger.reserve(ask("e", texts=12))), {"texts": 3}))
    assert not first.repeated
    assert again.repeated
    assert again.usage == first.usage
    assert again.reply == reply
    assert ledger.replied("ten_a", "e") == again
    assert ledger.replied("ten_b", "e") is None
    assert len(list(ledger.between("ten_a", 0))) == 1


def test_a_budget_is_never_passed(ledger: SqlLedger) -> None:
    """Reservations count as spent until they are settled, released or abandoned; then their rest is free."""
    limits = Limits(budget=5_000)
    first = got(ledger.reserve(ask("e1", tokens=1_000, limits=limits)))
    with pytest.raises(RefusedError) as refused:
        got(ledger.reserve(ask("e2", tokens=1_000, limits=limits)))
    assert refused.value.why == "budget"
    got(ledger.settle(first, {"completion_tokens": 500}))
    second = got(ledger.reserve(ask("e2", tokens=1_000, limits=limits)))
    got(ledger.release(second))
    third = got(ledger.reserve(ask("e3", tokens=1_166, limits=limits)))
    ledger.abandon(third)
    last = got(ledger.reserve(ask("e4", tokens=1_166, limits=limits)))
    assert got(ledger.settle(last, {"completion_tokens": 1_166})).usage.amount == 3_498
    with pytest.raises(RefusedError):
        got(ledger.reserve(ask("e5", tokens=1, limits=limits)))


def test_a_quota_counts_units(ledger: SqlLedger) -> None:
    """A quota of texts is used up by texts alone."""
    limits = Limits(quota={"texts": 5})
    got(ledger.settle(got(ledger.reserve(ask("e1", texts=5, limits=limits))), {"texts": 4}))
    got(ledger.settle(got(ledger.reserve(ask("e2", texts=1, tokens=9, limits=limits))), {"texts": 1}))
    with pytest.raises(RefusedError) as refused:
        got(ledger.reserve(ask("e3", texts=1, limits=limits)))
    assert refused.value.why == "quota"
    assert got(ledger.reserve(ask("e4", tokens=7, limits=limits)))


def test_a_prepaid_tenant_spends_its_wallet(ledger: SqlLedger, database: Database, clock: Clock) -> None:
    """What is paid in may be spent, and no more; the same reference pays in once."""
    limits = Limits(prepaid=True)
    with pytest.raises(RefusedError) as refused:
        got(ledger.reserve(ask("e0", tokens=1, limits=limits)))
    assert refused.value.why == "wallet"
    for _ in range(2):
        assert bookkeeping.credit(database, "ten_a", "EUR", 300, reference="pay_1", reason="card", clock=clock) == 300
    got(ledger.settle(got(ledger.reserve(ask("e1", tokens=100, limits=limits))), {"completion_tokens": 60}))
    assert books.balance(database, "ten_a", "2026-11") == books.Balance(
        month="2026-11", used={"completion_tokens": 60}, spent={"EUR": 180}, wallets={"EUR": 120}
    )
    assert got(ledger.reserve(ask("e2", tokens=40, limits=limits)))


def test_a_model_without_a_price_is_refused(ledger: SqlLedger) -> None:
    """Nothing is reserved for what cannot be priced."""
    with pytest.raises(RefusedError) as refused:
        got(ledger.reserve(ask("e", texts=1, model="unpriced")))
    assert refused.value.why == "price"


def test_more_than_was_reserved_is_the_callers_error(ledger: SqlLedger) -> None:
    """Quantities above the bound are refused, and the reservation stands."""
    held = got(ledger.reserve(ask("e", texts=2)))
    for wrong in ({"texts": 3}, {"rows": 1}, {"texts": -1}):
        with pytest.raises(ValueError, match=r"texts|rows"):
            got(ledger.settle(held, wrong))
    assert got(ledger.settle(held, {"texts": 2})).usage.seq == 1


def test_what_is_given_up_after_it_was_settled_is_taken_back(ledger: SqlLedger) -> None:
    """The void line has the charge's quantities, negative; the event may be charged anew."""
    held = got(ledger.reserve(ask("e", texts=12)))
    got(ledger.settle(held, {"texts": 12}))
    ledger.abandon(held)
    again = got(ledger.settle(got(ledger.reserve(ask("e", texts=11))), {"texts": 11}))
    assert not again.repeated
    lines = list(ledger.between("ten_a", 0))
    assert [(line.kind, dict(line.quantities), line.amount) for line in lines] == [
        ("charge", {"texts": 12}, 2_000),
        ("void", {"texts": -12}, -2_000),
        ("charge", {"texts": 11}, 1_000),
    ]


def test_lines_tell_the_version_that_answered(ledger: SqlLedger) -> None:
    """A charge and its void line have the reservation's version, a charge anew its own; without one it is empty."""
    held = got(ledger.reserve(replace(ask("e", texts=12), version="2")))
    receipt = got(ledger.settle(held, {"texts": 12}))
    ledger.abandon(held)
    got(ledger.settle(got(ledger.reserve(replace(ask("e", texts=12), version="3"))), {"texts": 12}))
    got(ledger.settle(got(ledger.reserve(ask("f", texts=1))), {"texts": 1}))
    assert receipt.usage.version == "2"
    assert [line.version for line in ledger.between("ten_a", 0)] == ["2", "2", "3", ""]


def test_a_stream_that_is_released_is_charged_for_what_was_recorded(ledger: SqlLedger) -> None:
    """Released with progress: a line of it; abandoned: none."""
    held = got(ledger.reserve(ask("e1", tokens=100)))
    got(ledger.record(held, {"completion_tokens": 10}))
    got(ledger.record(held, {"completion_tokens": 20}))
    got(ledger.release(held))
    other = got(ledger.reserve(ask("e2", tokens=100)))
    got(ledger.record(other, {"completion_tokens": 10}))
    ledger.abandon(other)
    with pytest.raises(LedgerError):
        got(ledger.record(other, {"completion_tokens": 11}))
    assert [(line.event, dict(line.quantities)) for line in ledger.between("ten_a", 0)] == [
        ("e1", {"completion_tokens": 20})
    ]


def test_a_reply_is_kept_for_a_while_and_its_line_for_ever(database: Database) -> None:
    """Afterwards the receipt has no reply; the event is still charged once."""
    clock = Clock()
    ledger = SqlLedger(database, Tiers(), clock=clock, keep_replies=DAY)
    reply = Reply(asked="ab" * 32, status=200, media_type="text/plain", body=b"yes")
    got(ledger.settle(got(ledger.reserve(ask("e", texts=1, subject="sub_1"))), {"texts": 1}, reply))
    clock.now += 2 * DAY
    receipt = ledger.replied("ten_a", "e")
    assert receipt is not None
    assert receipt.reply is None
    assert receipt.usage.subject == "sub_1"
    assert not got(database.write(lambda connection: replies.expire(connection, clock())))
    with database.reading() as connection:
        assert replies.find(connection, "ten_a", "e", 0) is None
    assert got(ledger.settle(got(ledger.reserve(ask("e", texts=1))), {"texts": 1})).repeated
    ledger.close()
