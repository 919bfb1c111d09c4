"""Grants, crowdfunding, and the tables of ``venture.toml`` that they come from."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from argosy.config.venture.funding import Crowdfunding, Grant, Loan
from argosy.core.errors import ProjectError
from argosy.venture.financing import crowdfunding, grants, loans


def given_as(value: object, unit: str) -> dict[str, object]:
    """A sourced input."""
    return {"value": value, "unit": unit, "sourced": "a contract", "date": date(2026, 11, 1)}


def grant(**more: object) -> grants.Grant:
    """A grant of 90,000 over four months, but for what is given."""
    table = {"name": "city", "amount": given_as(90_000, "CNY"), "on": "2027-01", "months": 4, **more}
    return Grant.model_validate(table).grant()


def test_a_grant_pays_its_share_late_and_is_earned_over_the_work() -> None:
    """Half of 100,000, in two parts, two months late; earned in four equal months."""
    found = grant(
        costs=given_as(100_000, "CNY"),
        share=given_as(50, "percent"),
        milestones=[{"on": "2027-02", "share": 0.4}, {"on": "2027-05", "share": 0.6}],
        late=2,
    )
    assert grants.payable(found) == 50_000
    rows = grants.months(found)
    assert [(one.day.month, one.received, one.recognised, one.deferred) for one in rows] == [
        (1, 0, 12_500, -12_500),
        (2, 0, 12_500, -25_000),
        (3, 0, 12_500, -37_500),
        (4, 20_000, 12_500, -30_000),
        (7, 30_000, 0, 0),
    ]


def test_a_grant_without_milestones_comes_at_the_beginning_and_is_deferred() -> None:
    """What came and is not yet earned is a liability."""
    rows = grants.months(grant())
    assert (rows[0].received, rows[0].deferred) == (90_000, 67_500)
    assert rows[-1].deferred == 0


def test_milestones_release_the_whole_grant() -> None:
    """Parts that do not add up to one are refused."""
    with pytest.raises(ProjectError, match="do not release the whole"):
        grants.months(grant(milestones=[{"on": "2027-02", "share": 0.4}]))


@settings(max_examples=50, deadline=None)
@given(amount=st.decimals("0.01", 10**6, places=2), months=st.integers(1, 60), late=st.integers(0, 30))
def test_a_grant_is_received_and_earned_to_the_cent(amount: Decimal, months: int, late: int) -> None:
    """Nothing is lost by rounding."""
    rows = grants.months(grant(amount=given_as(amount, "CNY"), months=months, late=late))
    assert sum(one.received for one in rows) == sum(one.recognised for one in rows) == amount
    assert rows[-1].deferred == 0


CAMPAIGN = {
    "name": "first",
    "goal": given_as(50_000, "USD"),
    "backers": given_as(1000, "customer"),
    "pledge": given_as(100, "USD/customer"),
    "ends": "2027-03",
    "delivers": "2027-09",
    "late": 1,
    "failed": given_as(2, "percent"),
    "platform": given_as(5, "percent"),
    "provider": given_as(3, "percent"),
    "fixed": given_as("0.2", "USD/customer"),
    "reward": given_as(40, "USD/customer"),
    "refunded": given_as(10, "percent"),
}


def test_a_campaign_owes_rewards_until_they_are_delivered() -> None:
    """1,000 pledges of 100, of which 2 % fail and 10 % are paid back."""
    paid, delivered = crowdfunding.months(Crowdfunding.model_validate(CAMPAIGN).campaign())
    assert (paid.day, paid.collected, paid.fees, paid.earned, paid.owed) == (date(2027, 4, 1), 98_000, 8_036, 0, 98_000)
    assert (delivered.day, delivered.refunds, delivered.rewards) == (date(2027, 9, 1), 9_800, 35_280)
    assert (delivered.earned, delivered.owed) == (88_200, 0)
    assert paid.cash + delivered.cash == 98_000 - 8_036 - 9_800 - 35_280


def test_all_or_nothing_pays_nothing_below_its_goal() -> None:
    """One short of the goal is as good as nothing, unless what comes is kept."""
    short = {**CAMPAIGN, "goal": given_as(100_001, "USD")}
    assert crowdfunding.months(Crowdfunding.model_validate(short).campaign()) == ()
    kept = Crowdfunding.model_validate({**short, "model": "keep_it_all"}).campaign()
    assert crowdfunding.reached(kept)
    assert crowdfunding.months(kept)[0].collected == 98_000


def test_rewards_delivered_before_the_money_comes_are_owed_to_nobody() -> None:
    """Both in one month."""
    early = Crowdfunding.model_validate({**CAMPAIGN, "delivers": "2027-03"}).campaign()
    (only,) = crowdfunding.months(early)
    assert (only.collected, only.earned, only.owed) == (98_000, 88_200, 0)


def test_a_loan_of_the_file_has_a_twelfth_of_the_rate_a_month() -> None:
    """3.6 % a year of 100,000 are 300 a month."""
    table = {
        "name": "bank",
        "amount": given_as(100_000, "CNY"),
        "rate": given_as("3.6", "percent/year"),
        "on": "2027-06",
        "months": 12,
        "kind": "interest_only",
    }
    assert loans.schedule(Loan.model_validate(table).loan())[0].interest == 300


def test_a_unit_that_is_no_money_is_refused() -> None:
    """A grant of customers."""
    with pytest.raises(ValidationError, match="expected a unit such as money"):
        Grant.model_validate({"name": "city", "amount": given_as(1, "customer"), "on": "2027-01", "months": 4})
