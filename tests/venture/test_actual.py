"""What a ledger's facts come to: months, bridge, cohorts, intervals, margins; and the plan's own cohorts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planned import example, head, planned, venture
from planned import given as sourced
from scipy.stats import chi2

from argosy.venture.actual.beside import Sold, held, lines, measures
from argosy.venture.actual.chance import Share, each, summed
from argosy.venture.actual.cohorts import at_age, cohorts
from argosy.venture.actual.facts import Live, Member, Use
from argosy.venture.actual.margins import Rate, by_member, by_plan, whole
from argosy.venture.actual.monthly import Rules, converted, first_paid, monthly, pooled
from argosy.venture.figures import Figure, Origin
from argosy.venture.graph.reckon import Exact, exact
from argosy.venture.plan.cohorts import cohorts as planned_cohorts
from argosy.venture.units import unit

MONTHS = ("2027-11", "2027-12", "2028-01", "2028-02", "2028-03")
SHOPS = Sold(name="desk", title="Desk", segment="shops", segment_title="Shops", plans=frozenset({"pro"}))


def live(paid: dict[str, list[int]], requests: int = 0) -> Live:
    """Tenants by what each was charged in each of the months."""
    members = tuple(
        Member(id=name, title=name.upper(), created=date(2027, 11, 1), trial=True, early=0) for name in paid
    )
    uses = tuple(
        Use(
            member=name,
            month=month,
            plan="pro",
            requests=requests,
            charged=Decimal(amount),
            since=date.fromisoformat(f"{month}-05") if amount else None,
        )
        for name, amounts in paid.items()
        for month, amount in zip(MONTHS, amounts, strict=False)
        if amount or requests
    )
    return Live(currency="CNY", today=date(2028, 3, 9), months=MONTHS, members=members, uses=uses)


def figure(name: str, value: str, text: str, low: str | None = None, high: str | None = None) -> Figure:
    """A figure of the plan."""
    ends = [None if end is None else Decimal(end) for end in (low, high)]
    origin = Origin(kind="assumed", where="a guess")
    return Figure(name=name, value=Decimal(value), unit=unit(text), origin=origin, low=ends[0], high=ends[1])


Lives = st.dictionaries(
    st.text("abc", min_size=1, max_size=3), st.lists(st.integers(0, 400), min_size=5, max_size=5), max_size=8
).map(live)


@given(Lives)
def test_the_bridge_leads_from_month_to_month(facts: Live) -> None:
    """Each month is the one before with its steps, to the last digit; GRR is at most 1 and at most NRR."""
    before = Decimal(0)
    for one in monthly(facts, Rules()):
        bridge = one.bridge
        assert before + bridge.new + bridge.returned + bridge.expansion - bridge.contraction - bridge.churned == (
            one.charged
        )
        if bridge.grr is not None and bridge.nrr is not None:
            assert bridge.grr.value <= min(1, bridge.nrr.value + 1e-12)
        before = one.charged


@given(Lives)
def test_cohorts_are_all_customers_of_a_month(facts: Live) -> None:
    """Their customers and money at each month's age sum to the month, and every customer is in one of them."""
    found = cohorts(facts)
    charged = facts.charged()
    for place, month in enumerate(facts.over):
        old = [(one, place - facts.over.index(one.month)) for one in found if one.month <= month]
        assert sum(one.customers[age] for one, age in old) == len(charged[month])
        assert sum((one.charged[age] for one, age in old), Decimal(0)) == sum(charged[month].values(), Decimal(0))
    if found:
        assert at_age(found, 0).hits == at_age(found, 0).rows == len(set().union(*map(charged.get, facts.over)))


def test_nobody_one_tenant_and_no_customer_are_told() -> None:
    """Shares of nothing have no interval; one customer has no spread; nothing is measured of what is not there."""
    nobody = live({})
    assert [(one.customers, one.churn.interval, one.bridge.grr) for one in monthly(nobody, Rules())] == [
        (0, None, None)
    ] * 5
    assert (cohorts(nobody), whole(nobody, MONTHS, {}, Decimal(0))) == ((), None)
    assert measures(nobody, [SHOPS], Rules(), 12, "shops") == ()
    alone = live({"a": [0, 300, 300, 300, 0]}, requests=7)
    found = {each.key: each for each in measures(alone, [SHOPS], Rules(), 12, None)}
    assert (found["desk.uses"].value, found["desk.uses"].low) == (7.0, None)
    assert found["shops.churn"].value == 0
    assert found["shops.churn"].high == pytest.approx(65.8, abs=0.1)  # Wilson of 0 of 2, in percent
    unpaid = live({"a": [0] * 5, "b": [0] * 5}, requests=3)
    assert {each.key for each in measures(unpaid, [SHOPS], Rules(), 12, None)} == {"trial_to_paid"}
    assert cohorts(unpaid) == ()


def test_who_pauses_has_left_and_comes_back() -> None:
    """A month of pause is a churn and a return, in the same cohort all the time."""
    facts = live({"a": [100, 0, 100, 100, 0], "b": [50, 60, 40, 40, 40]})
    found = monthly(facts, Rules())
    assert [(one.new, one.returned, one.churn.hits, one.churn.rows) for one in found] == [
        (2, 0, 0, 0),
        (0, 0, 1, 2),
        (0, 1, 0, 1),
        (0, 0, 0, 2),
        (0, 0, 1, 2),
    ]
    assert [one.over for one in found] == [True] * 4 + [False]
    assert (found[1].bridge.churned, found[1].bridge.expansion) == (100, 10)
    assert (found[2].bridge.returned, found[2].bridge.contraction) == (100, 20)
    (cohort,) = cohorts(facts)
    assert (cohort.customers, cohort.charged) == ((2, 1, 2, 2), (150, 60, 140, 140))
    assert pooled(found, 12)[0] == Share(hits=1, rows=5)  # the month that runs is left out
    assert pooled(found, 2)[0] == Share(hits=0, rows=3)


def test_trials_wait_until_their_days_are_over() -> None:
    """On the last day they still wait, the day after they count; a payment on the last day is in time."""
    facts = live({"a": [0, 9, 0, 0, 0], "b": [0, 0, 9, 0, 0]})
    since = first_paid(facts)
    assert since == {"a": date(2027, 12, 5), "b": date(2028, 1, 5)}
    members = list(facts.members)
    rules = Rules(pays_within=34)
    assert converted(members, since, date(2027, 12, 5), rules) == Share(hits=0, rows=0, waiting=2)
    assert converted(members, since, date(2027, 12, 6), rules) == Share(hits=1, rows=2)
    assert converted(members, since, date(2028, 3, 1), replace(rules, pays_within=33)) == Share(hits=0, rows=2)


@pytest.mark.parametrize("count", [1, 4, 30])
def test_a_sum_of_ones_has_the_interval_of_a_count(count: int) -> None:
    """Garwood's: quantiles of chi-square; of unequal parts it is wider, as fewer customers carry it."""
    low, high = summed([1.0] * count)
    assert low == pytest.approx(chi2.ppf(0.025, 2 * count) / 2)
    assert high == pytest.approx(chi2.ppf(0.975, 2 * count + 2) / 2)
    few = summed([float(count)])
    assert high is not None
    assert few[1] is not None
    assert few[0] <= low
    assert few[1] >= high


def test_an_empty_count_has_an_upper_end_and_empty_money_none() -> None:
    """3.69 customers are in reach of none; of money nobody knows what one would bring."""
    assert summed([0.0]) == (0.0, pytest.approx(3.6889, abs=1e-4))
    assert summed([]) == (0.0, None)


def test_a_mean_needs_customers_who_differ() -> None:
    """One customer, or equal ones, tell nothing of the others."""
    assert each([5.0], [1.0]) is None
    assert each([5.0, 5.0], [1.0, 1.0]) is None
    found = each([5.0, 9.0, 30.0, 2.0], [1.0, 2.0, 3.0, 1.0])
    assert found is not None
    assert found.value == pytest.approx(46 / 7)
    assert found.low < found.value < found.high


def test_lines_stand_beside_the_plan_in_months_that_both_know() -> None:
    """With what chance alone moves; a month that runs is there but is not over."""
    facts = live({name: [0, 300, 300, 0, 300] for name in "abcd"}, requests=5)
    plan = {
        "shops.count": {"2027-12": Decimal(4), "2028-01": Decimal(30), "2028-03": Decimal(4)},
        "shops.left": {"2028-01": Decimal(0), "2028-02": Decimal("0.1")},
        "mrr": {"2028-02": Decimal(5)},
        "desk.requests": {"2028-01": Decimal(20)},
    }
    found = {one.name: one.points for one in lines(facts, [SHOPS], plan, None)}
    assert found.keys() == plan.keys()
    assert [(one.month, one.over, one.actual, one.differs) for one in found["shops.count"]] == [
        ("2027-12", True, 4, False),
        ("2028-01", True, 4, True),
        ("2028-03", False, 4, False),
    ]
    assert [(one.actual, one.differs) for one in found["shops.left"]] == [(0, False), (4, True)]
    assert [(one.actual, one.high, one.differs) for one in found["mrr"]] == [(0, None, False)]
    assert found["desk.requests"][0].difference == 0


def test_a_figure_outside_of_the_interval_is_contradicted() -> None:
    """In its own unit; beyond, where all of its range lies outside; what is read from the ledger is not held to it."""
    facts = live({name: [300, 300 if name < "m" else 0, 0, 0, 0] for name in "abcdefghijklmnopqrst"})
    (churn,) = (one for one in measures(facts, [SHOPS], Rules(), 12, None) if one.key == "shops.churn")
    assert (churn.rows, churn.value) == (32, pytest.approx(100 * 20 / 32))
    for value, low, high, wanted in (
        ("60", "50", "70", (False, False)),
        ("3", "1", "90", (True, False)),
        ("3", "1", "6", (True, True)),
    ):
        plan = figure("shops.churn", value, "percent/month", low, high)
        (one,) = held({"shops.churn": plan}, [churn])
        assert (one.contradicted, one.beyond) == wanted
    yearly = figure("shops.churn", "7.2", "share/year")  # 60 % a month
    assert not held({"shops.churn": yearly}, [churn])[0].contradicted
    own = replace(
        figure("shops.churn", "3", "percent/month"), origin=Origin(kind="measured", where="ledger:shops.churn")
    )
    assert held({"shops.churn": own}, [churn]) == ()


def test_margins_take_off_what_serving_costs() -> None:
    """By request and by month of a customer, with the range of the cost; unknown where one plan has no cost."""
    facts = live({"a": [300, 300, 0, 0, 0], "b": [0, 0, 0, 0, 0]}, requests=100)
    dear = figure("c", "0.1", "CNY/request", "0.05", "0.4")
    request = Rate(unit="requests", value=dear.value, low=Decimal("0.05"), high=Decimal("0.4"), figure=dear)
    flat = figure("s", "20", "CNY/customer/month")
    service = Rate(unit="months", value=flat.value, low=flat.value, high=flat.value, figure=flat)
    rates = {"pro": [request, service]}
    (plan,) = by_plan(facts, MONTHS[:2], rates, Decimal("0.01"))
    assert (plan.charged, plan.fees, plan.cost, plan.left) == (600, 6, 80, 514)
    assert plan.ends == (600 - 6 - 200, 600 - 6 - 60)
    assert plan.share == Decimal(514) / 600
    assert [figure.name for figure in plan.behind] == ["c", "s"]
    assert [(one.name, one.left, one.share) for one in by_member(facts, MONTHS[:2], rates, Decimal(0))] == [
        ("b", -20, None),
        ("a", 540, Decimal("0.9")),
    ]
    assert by_plan(facts, MONTHS, {}, Decimal(0))[0].left is None


def test_the_plans_cohorts_sum_to_its_lines() -> None:
    """Exactly, in each month of the example: customers of all segments, MRR of all streams."""
    _sums(exact(example()), {"shops": ["desk", "mining"], "platforms": ["answers"]})


@given(churn=st.integers(0, 100), opening=st.integers(0, 90), limit=st.integers(0, 120))
def test_cohorts_sum_for_any_churn(churn: int, opening: int, limit: int) -> None:
    """None leaves, all leave, the market is full, customers are there at the start."""
    segment = {
        "name": "shops",
        "customers": sourced(str(opening), "customers"),
        "new": sourced("7", "customers/month"),
        "churn": sourced(str(churn), "percent/month"),
        "limit": sourced(str(limit), "customers"),
        "since": "2027-03",
    }
    sold = {"name": "desk", "segment": "shops", "price": sourced("99.9", "CNY/customer/month")}
    found = exact(planned(venture(head(months=9), segment=[segment], subscription=[sold])))
    _sums(found, {"shops": ["desk"]})


def _sums(values: Exact, segments: Mapping[str, Sequence[str]]) -> None:
    found = planned_cohorts(values, segments)
    for period in range(len(values["customers"])):
        old = [(one, period - one.began) for one in found if one.began <= period]
        assert sum((one.customers[age] for one, age in old), Fraction(0)) == Fraction(values["customers"][period])
        assert sum((one.mrr[age] for one, age in old), Fraction(0)) == Fraction(values["mrr"][period])
    assert all(one.customers[0] > 0 for one in found)
    for one in found:
        assert all(now <= before + Fraction(1, 10**30) for before, now in pairwise(one.customers))
