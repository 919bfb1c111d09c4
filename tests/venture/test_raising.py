"""What owners and notes put into a plan: cash, what is owed with interest, and shares in the end."""

from datetime import date
from decimal import Decimal

import pytest
from planned import given, head, planned, venture

from argosy.venture.graph.reckon import exact

NOTE = {"name": "bridge", "on": "2027-03", "amount": given("100000", "CNY"), "rate": given("6", "percent/year")}
SAFE = {"name": "angel", "on": "2027-02", "amount": given("50000", "CNY")}
ROUND = {
    "name": "series_a",
    "on": "2027-09",
    "pre_money": given("4000000", "CNY"),
    "investors": {"fund": given("900000", "CNY"), "angel": given("100000", "CNY")},
}
FOUNDERS = {"formed": "2026-06", "founder": [{"name": "lin", "shares": 1000}]}


def values(start: str = "2027-01", **equity: object) -> dict[str, list[Decimal]]:
    """The lines of a plan of nothing but its shares."""
    found = planned(venture(head(12, start), opening=given("10", "CNY"), equity={**FOUNDERS, **equity}))
    return {name: [value or Decimal(0) for value in line] for name, line in exact(found).items()}


def test_a_note_is_owed_with_its_interest_until_it_turns_into_shares() -> None:
    """6 % of 184 days from March to September of 365; no cash moves when it turns."""
    found = values(note=[NOTE], round=[ROUND], safe=[SAFE])
    interest = Decimal(100_000) * 6 / 100 * 184 / 365
    assert found["notes"][7] == pytest.approx(100_000 + interest, abs=Decimal("1e-20"))
    assert found["notes"][8] == 0
    assert found["notes_turned"][8] == pytest.approx(100_000 + interest, abs=Decimal("1e-20"))
    assert found["cash"][11] == 10 + 50_000 + 100_000 + 1_000_000
    assert found["paid_in"][11] - found["cash"][11] == pytest.approx(interest, abs=Decimal("1e-20"))
    assert sum(found["net_income"]) == pytest.approx(-interest, abs=Decimal("1e-20"))
    assert all(abs(one) < Decimal("1e-20") for one in found["balance_check"])


def test_what_was_raised_before_the_plan_is_in_its_opening() -> None:
    """A note is owed from the first month on, with the interest so far; a SAFE and a round bring no cash again."""
    found = values("2027-05", note=[NOTE], safe=[SAFE])
    days = (date(2027, 5, 1) - date(2027, 3, 1)).days
    assert found["notes"][0] == pytest.approx(
        100_000 * (1 + Decimal(6) / 100 * (days + 31) / 365), abs=Decimal("1e-20")
    )
    assert found["cash"][0] == 10
    assert found["raised"][0] == found["notes_lent"][0] == 0
    assert all(abs(one) < Decimal("1e-20") for one in found["balance_check"])
    later = values("2027-10", note=[NOTE], round=[ROUND])
    assert set(later["notes"]) == {0}


def test_what_comes_behind_the_plan_is_not_in_it() -> None:
    """Neither cash nor a debt."""
    found = values("2026-01", note=[NOTE], round=[ROUND], safe=[SAFE])
    assert set(found["raised"]) == set(found["notes"]) == {0}


def test_figures_of_rounds_are_figures_of_the_plan() -> None:
    """They vary in draws as any other."""
    found = planned(venture(head(12), equity={**FOUNDERS, "round": [ROUND], "note": [NOTE]}))
    assert {"series_a.investors.fund", "bridge.amount", "bridge.rate"} <= set(found.figures)
