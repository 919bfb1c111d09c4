"""Which plan a tenant had when; what is due of unpaid invoices; usage as other systems take it in."""

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.ledger import UNITS, Usage
from argosy.core.tenant import Entry
from argosy.serve.billing.dunning import Owed, letter, stages
from argosy.serve.billing.exports import EXPORTS, export
from argosy.serve.billing.history import Offered, changes

DAY = 86_400_000_000


def _entry(at: int, action: str, **details: Any) -> Entry:
    return Entry(seq=at, at=at, actor="cli:0", action=action, about="ten_1", details=details, previous="", hash="")


def _offer(at: int, plan: str, name: str = "standard") -> Offered:
    return Offered(plan=plan, name=name, currency="CNY", at=at)


def test_a_tenant_has_the_version_that_is_offered_under_its_plans_name() -> None:
    """A new version holds from its offer on; a price of its own, an end, and a beginning anew are told by the log."""
    entries = [
        _entry(10, "tenant.create", plan="standard", price=None, currency="CNY", limits={}, suspended=None),
        _entry(20, "tenant.set", limits=[{}, {"budget": 1}]),
        _entry(40, "tenant.set", price=[None, "acme"]),
        _entry(50, "tenant.set", price=["acme", None], changed=["name"]),
        _entry(60, "tenant.suspend", suspended=[None, "unpaid"]),
        _entry(70, "tenant.suspend", suspended=["unpaid", "closed"]),
        _entry(80, "tenant.resume", suspended=["closed", None]),
    ]
    offers = [_offer(15, "s@1"), _offer(30, "s@2"), _offer(5, "a@1", "acme")]
    found = [(change.at, change.plan) for change in changes(entries, offers)]
    assert found == [(10, "s@1"), (30, "s@2"), (40, "a@1"), (50, "s@2"), (70, None), (80, "s@2")]


def test_a_tenant_that_was_given_a_version_keeps_it() -> None:
    """An id stands for itself, whatever is offered later."""
    entries = [_entry(10, "tenant.create", plan="s@1", price=None, currency="CNY", suspended=None)]
    assert [change.plan for change in changes(entries, [_offer(5, "s@1"), _offer(20, "s@2")])] == ["s@1"]


def _owed(**parts: Any) -> Owed:
    told = {"number": "INV-1", "tenant": "ten_1", "currency": "CNY", "owed": 5_000_000, "due": DAY, "suspend_days": 3}
    return Owed(**{**told, **parts})


@pytest.mark.parametrize(
    ("owed", "now", "reached"),
    [
        (_owed(), DAY, []),
        (_owed(), DAY + 1, ["overdue"]),
        (_owed(), 4 * DAY, ["overdue", "suspended"]),
        (_owed(suspend_days=None), 400 * DAY, ["overdue"]),
        (_owed(suspend_days=0), DAY + 1, ["overdue", "suspended"]),
        (_owed(owed=0), 400 * DAY, []),
    ],
)
def test_stages_are_reached_by_the_day_alone(owed: Owed, now: int, reached: list[str]) -> None:
    """Overdue when it is past due, suspended the plan's days after that; nothing where nothing is owed."""
    assert stages(owed, now) == reached


@pytest.mark.parametrize("language", ["en", "zh"])
def test_letters_name_number_amount_and_days(language: str) -> None:
    """What is owed, by when, and what happens then."""
    for stage in ("sent", "overdue", "suspended"):
        subject, text = letter(_owed(), stage, language, "UTC")  # type: ignore[arg-type]
        assert "INV-1" in subject
        assert "5.00" in text
    assert "1970-01-05" in letter(_owed(), "overdue", language, "UTC")[1]


quantities = st.dictionaries(st.sampled_from(UNITS), st.integers(-5, 10**9), max_size=4)
usages = st.builds(
    Usage,
    tenant=st.sampled_from(("ten_1", "ten_2")),
    seq=st.integers(1, 10**6),
    event=st.text(max_size=9),
    kind=st.sampled_from(("charge", "void")),
    key=st.just("key_1"),
    model=st.text(max_size=9),
    route=st.just("/v1/classify"),
    plan=st.just("p"),
    currency=st.just("CNY"),
    quantities=quantities,
    amount=st.integers(-(10**9), 10**9),
    at=st.integers(0, 2 * 10**15),
    month=st.just("2026-11"),
)


@given(st.lists(usages, max_size=5, unique_by=lambda usage: (usage.tenant, usage.seq)))
def test_every_export_tells_every_quantity_once_under_an_identifier_of_its_own(lines: list[Usage]) -> None:
    """Sums are those of the ledger; identifiers are the same again, and never twice."""
    for form in ("stripe", "openmeter", "lago"):
        told = [json.loads(line) for line in export(lines, form)]  # type: ignore[arg-type]
        ids = [_identifier(one) for one in told]
        assert len(set(ids)) == len(ids)
        assert ids == [_identifier(json.loads(line)) for line in export(iter(lines), form)]  # type: ignore[arg-type]
        assert sum(map(_value, told)) == sum(sum(line.quantities.values()) for line in lines)
    rows = list(csv.DictReader(io.StringIO("".join(export(lines, "csv")), newline="")))
    assert [row["event"] for row in rows] == [line.event for line in lines]
    assert sum(int(row[unit]) for row in rows for unit in UNITS) == sum(sum(one.quantities.values()) for one in lines)


def _identifier(told: dict[str, Any]) -> str:
    found = told.get("identifier") or told.get("id") or told["event"]["transaction_id"]
    assert len(found) <= 100
    return str(found)


def _value(told: dict[str, Any]) -> int:
    place = told.get("payload") or told.get("data") or told["event"]["properties"]
    return int(place["value"])


def test_the_fields_are_those_that_each_system_asks_for() -> None:
    """Names, kinds and times as their references have them."""
    usage = Usage(
        tenant="ten_1",
        seq=1,
        event="req_1",
        kind="charge",
        key="key_1",
        model="m",
        route="/v1/classify",
        plan="p",
        currency="CNY",
        quantities={"texts": 3},
        amount=6000,
        at=1_793_462_400_500_000,
        month="2026-11",
    )
    told = {form: json.loads(next(export([usage], form, {"ten_1": "cus_9"}))) for form in EXPORTS if form != "csv"}
    stripe, lago, meter = told["stripe"], told["lago"]["event"], told["openmeter"]
    assert (stripe["event_name"], stripe["timestamp"]) == ("argosy_texts", 1_793_462_400)
    assert stripe["payload"] == {"stripe_customer_id": "cus_9", "value": "3", "model": "m"}
    assert (meter["specversion"], meter["type"], meter["subject"]) == ("1.0", "argosy.texts", "cus_9")
    assert meter["time"] == "2026-10-31T16:00:00.500000Z"
    assert (lago["code"], lago["external_subscription_id"], lago["timestamp"]) == (
        "argosy_texts",
        "cus_9",
        "1793462400.5",
    )
    assert list(export([replace(usage, quantities={"texts": 0})], "lago")) == []
