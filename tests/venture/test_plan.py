"""The monthly plan: by hand, by its identities under any figures, and what a hurried founder gets wrong."""

from decimal import Decimal

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from planned import example, given, head, planned, venture

from argosy.core.errors import ArgosyError, ProjectError
from argosy.venture.graph.reckon import Exact, exact

SHOPS = {
    "name": "shops",
    "customers": given("10", "customers"),
    "new": given("2", "customers/month"),
    "churn": given("10", "percent/month"),
}
DESK = {"name": "desk", "segment": "shops", "price": given("100", "CNY/customer/month")}
CENT = Decimal("0.000001")


def close(found: Exact, name: str, *wanted: str) -> None:
    """The first values of a line."""
    assert [None if one is None else round(one, 6) for one in found[name][: len(wanted)]] == [
        Decimal(one).quantize(CENT) for one in wanted
    ]


def test_customers_and_revenue_by_hand() -> None:
    """Ten at the start and two more; later a tenth leaves and two come."""
    found = exact(planned(venture(segment=[SHOPS], subscription=[DESK])))
    close(found, "shops.count", "12", "12.8", "13.52")
    close(found, "desk.revenue", "1200", "1280", "1352")
    close(found, "mrr_churned", "0", "120", "128")
    assert found["grr"][0] is None
    assert found["grr"][1] == Decimal("0.9")


def test_what_is_owed_moves_cash_and_not_profit() -> None:
    """Customers who pay after 15.5 of January's 31 days owe half of its revenue at its end."""
    whole = venture(segment=[SHOPS], subscription=[DESK], working={"receivable": given("15.5", "days")})
    found = exact(planned(whole))
    close(found, "net_income", "1200")
    close(found, "receivables", "600")
    close(found, "cash", "600")


def test_losses_are_carried_forward_before_tax_is_paid() -> None:
    """A loss of 1,000 shields the first 1,000 of later profits."""
    once = {"name": "filing", "function": "run", "amount": given("2200", "CNY"), "on": "2027-01"}
    whole = venture(segment=[SHOPS], subscription=[DESK], once=[once], tax={"profit": given("25", "percent")})
    found = exact(planned(whole))
    close(found, "profit_before_tax", "-1000", "1280", "1352")
    close(found, "tax", "0", "70", "338")


def test_people_come_when_customers_ask_for_them() -> None:
    """One is hired; from 12 customers on it takes more than one."""
    role = {
        "name": "care",
        "function": "serve",
        "hires": ["2027-01"],
        "leaves": [],
        "serves": given("10", "customers/person"),
        "wage": given("1000", "CNY/person/month"),
        "charges": given("30", "percent"),
    }
    found = exact(planned(venture(segment=[SHOPS], subscription=[DESK], role=[role])))
    close(found, "care.paid", "1560", "1664")
    close(found, "gross_profit", "-360")


def test_a_loan_is_cash_and_debt_and_its_interest_alone_is_a_cost() -> None:
    """1,200 lent in January, paid back in three equal parts with a percent a month; a third of that is subsidised."""
    loan = {
        "name": "bank",
        "amount": given("1200", "CNY"),
        "rate": given("12", "percent/year"),
        "subsidy": given("4", "percent/year"),
        "on": "2027-01",
        "months": 3,
        "kind": "equal",
    }
    found = exact(planned(venture(loan=[loan], opening=given("100", "CNY"))))
    close(found, "loans", "1200", "800", "400", "0")
    close(found, "net_income", "0", "-8", "-5.33", "-2.67")
    close(found, "cash", "1300", "892", "486.67", "84")


def test_a_grant_is_earned_by_work_and_a_campaign_by_delivery() -> None:
    """What was paid before is owed until then."""
    grant = {"name": "office", "amount": given("900", "CNY"), "on": "2027-01", "months": 3}
    campaign = {
        "name": "crowd",
        "goal": given("500", "CNY"),
        "backers": given("10", "customers"),
        "pledge": given("100", "CNY/customer"),
        "platform": given("5", "percent"),
        "ends": "2027-02",
        "delivers": "2027-04",
    }
    found = exact(planned(venture(grant=[grant], crowdfunding=[campaign])))
    close(found, "cash", "900", "1850", "1850", "1850")
    close(found, "deferred", "600", "1300", "1000", "0")
    close(found, "net_income", "300", "250", "300", "1000")
    assert set(found["balance_check"]) == {Decimal(0)}


def test_a_loan_in_another_currency_is_refused() -> None:
    """It would be counted as if it were the plan's."""
    loan = {"name": "bank", "amount": given("1", "USD"), "rate": given("1", "percent/year"), "on": "2027-01"}
    with pytest.raises(ProjectError, match="expected CNY"):
        planned(venture(loan=[{**loan, "months": 3}]))


def test_another_currency_is_converted_and_without_a_rate_refused() -> None:
    """A price in dollars, at 7 yuan."""
    dollars = {**DESK, "price": given("10", "USD/customer/month")}
    rates = {"USD": given("7", "CNY/USD")}
    close(exact(planned(venture(segment=[SHOPS], subscription=[dollars], currencies=rates))), "desk.revenue", "840")
    with pytest.raises(ProjectError, match="currency"):
        planned(venture(segment=[SHOPS], subscription=[dollars]))


def test_hours_of_a_leap_year_cost_more() -> None:
    """A machine by the hour: February of 2028 has 29 days."""
    expense = {"name": "servers", "function": "serve", "amount": given("1", "CNY/hour")}
    found = exact(planned(venture(head(months=14), expense=[expense])))
    assert [found["servers.paid"][number] for number in (1, 13)] == [28 * 24, 29 * 24]


def test_periods_of_weeks_earn_by_their_length() -> None:
    """Of 4 and of 5 weeks; the last one of 2026, which has 53, of 6."""
    whole = venture(head(4, "2026-12-29", "4-4-5"), segment=[SHOPS], subscription=[DESK])
    found = exact(planned(whole))
    days = [round(one * Decimal("30.436875")) for one in found["months"] if one is not None]
    assert days == [42, 28, 28, 35]


@pytest.mark.parametrize("tables", [{}, {"segment": [SHOPS]}, {"subscription": [DESK], "segment": [SHOPS]}])
def test_a_plan_of_little_is_a_plan(tables: dict[str, object]) -> None:
    """Nothing, customers who pay nothing, revenue without a cost: undefined where there is no divisor."""
    found = exact(planned(venture(head(months=18), **tables)))
    assert set(found["balance_check"]) == {Decimal(0)}
    assert found["runway"][17] is None


def test_without_churn_a_customer_has_no_stated_worth() -> None:
    """LTV divides by churn: without it there is none, and nothing fails."""
    still = {**SHOPS, "churn": given("0", "percent/month")}
    found = exact(planned(venture(segment=[still], subscription=[DESK])))
    assert found["ltv"] == (None,) * 12
    assert found["grr"][1] == 1


def test_no_line_leaves_the_market_or_goes_below_nobody() -> None:
    """A market of 13; and a churn of more than all."""
    small = {**SHOPS, "limit": given("13", "customers")}
    found = exact(planned(venture(segment=[small], subscription=[DESK])))
    assert max(one for one in found["shops.count"] if one is not None) == 13
    gone = {**SHOPS, "churn": given("150", "percent/month")}
    assert min(one for one in exact(planned(venture(segment=[gone])))["shops.count"] if one is not None) >= 0


@settings(max_examples=25, deadline=None)
@drawn(st.lists(st.decimals("0.05", "3", places=2), min_size=51, max_size=51))
def test_the_books_agree_under_any_figures(factors: list[Decimal]) -> None:
    """The balance balances, and the MRR bridge ends where MRR is, whatever the figures."""
    plan = example()
    changed = {
        name: one.base * factor for (name, one), factor in zip(sorted(plan.figures.items()), factors, strict=False)
    }
    found = exact(plan.with_figures(changed))
    assert max(abs(one) for one in found["balance_check"] if one is not None) < CENT
    steps = {name: found[f"mrr_{name}"] for name in ("opened", "new", "expansion", "contraction", "churned")}
    before = Decimal(0)
    for number, mrr in enumerate(found["mrr"]):
        step = {name: values[number] or Decimal(0) for name, values in steps.items()}
        ends = before + step["opened"] + step["new"] + step["expansion"] - step["contraction"] - step["churned"]
        assert mrr is not None
        assert abs(mrr - ends) < CENT
        before = mrr


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({"segment": [{**SHOPS, "churn": given("1", "percnt/month")}]}, "percent"),
        ({"segment": [{**SHOPS, "churn": given("1", "CNY")}]}, "share/month"),
        ({"segment": [{**SHOPS, "churn": {"value": 1, "unit": "percent/month"}}]}, "where it comes from"),
        ({"segment": [{**SHOPS, "churn": "@lost"}]}, "'lost' is not there"),
        ({"segment": [{**SHOPS, "chrun": 1}]}, "Did you mean 'churn'"),
        ({"segment": [SHOPS, SHOPS]}, "stands 2 times"),
        ({"subscription": [DESK]}, "segment 'shops'"),
        ({"once": [{"name": "a", "function": "run", "amount": given("1", "CNY"), "on": "2031-01"}]}, "outside"),
    ],
)
def test_what_is_wrong_is_said(tables: dict[str, object], said: str) -> None:
    """Unknown units, wrong ones, no origin, unknown names, names twice, days outside the plan."""
    with pytest.raises(ArgosyError, match=said):
        planned(venture(None, **tables))
