"""Plans and their prices: what usage costs, and what one more event can cost at most."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans_at_random import MODELS, a_price, plans

from argosy.core.ledger import UNITS, RefusedError
from argosy.serve.billing.plan import Plan, Price, Tier, parse
from argosy.serve.billing.pricing import PriceBook

ONE = Tier(up_to=None, price=2_000_000)
quantities = st.integers(0, 400) | st.integers(0, 10**7)


@given(price=a_price(), before=quantities, more=quantities, data=st.data())
def test_no_event_costs_more_than_its_bound(price: Price, before: int, more: int, data: st.DataObject) -> None:
    """The reservation covers the charge, whatever was used before and however little of it: for every scheme."""
    used = data.draw(st.integers(0, more))
    assert price.amount(before + used) - price.amount(before) <= price.most(more)


def test_less_that_costs_more_is_within_the_bound() -> None:
    """Who reserves up to the cheaper step and stays below it pays the dearer one."""
    tiers = (Tier(up_to=10, price=1_000_000), Tier(up_to=None, price=100_000))
    price = Price(unit="texts", scheme="volume", tiers=tiers)
    assert [price.most(texts) for texts in (1, 10, 20)] == [1_000_000, 10_000_000, 10_000_000]


@given(plan=plans(), data=st.data())
def test_no_event_of_several_units_costs_more_than_its_bound(plan: Plan, data: st.DataObject) -> None:
    """The bound of an event holds over all its units and whatever other models used."""
    amounts = st.dictionaries(st.sampled_from(UNITS), st.integers(0, 500))
    before = {(model, unit): quantity for model in MODELS for unit, quantity in data.draw(amounts).items()}
    event, model = {"requests": 1, **data.draw(amounts)}, data.draw(st.sampled_from(MODELS))
    book = PriceBook({plan.id: plan})
    try:
        most = book.most(plan.id, model, event)
    except RefusedError:
        return
    after = dict(before)
    for unit, quantity in event.items():
        after[model, unit] = after.get((model, unit), 0) + quantity
    assert book.amount(plan.id, after) - book.amount(plan.id, before) <= most


@given(plan=plans())
def test_a_plan_told_and_read_again_is_the_same_plan(plan: Plan) -> None:
    """A plan's id stands for all that it says."""
    again = parse(plan.canonical())
    assert (again, again.id) == (plan, plan.id)


def _book(*prices: Price) -> tuple[PriceBook, str]:
    plan = Plan(name="p", currency="CNY", prices=prices)
    return PriceBook({plan.id: plan}), plan.id


def _cost(price: Price, quantity: int) -> int:
    pricing, plan = _book(price)
    return pricing.amount(plan, {("m", price.units[0]): quantity})


def test_the_free_units_are_free() -> None:
    """An allowance is taken off before anything is priced."""
    price = Price(unit="texts", per=1000, tiers=(ONE,), free=1000)
    assert [_cost(price, texts) for texts in (0, 1000, 1001, 2000)] == [0, 0, 2000, 2_000_000]


def test_graduated_tiers_price_each_unit_where_it_lies() -> None:
    """Ten at 1, the next at 0.5."""
    price = Price(unit="requests", tiers=(Tier(up_to=10, price=1_000_000), Tier(up_to=None, price=500_000)))
    assert [_cost(price, n) for n in (10, 11, 20)] == [10_000_000, 10_500_000, 15_000_000]


def test_volume_tiers_price_all_units_by_the_total() -> None:
    """Past the bound all are cheaper; one event may even lower the bill."""
    tiers = (Tier(up_to=10, price=1_000_000), Tier(up_to=None, price=500_000))
    price = Price(unit="requests", scheme="volume", tiers=tiers)
    assert [_cost(price, n) for n in (10, 11, 20)] == [10_000_000, 5_500_000, 10_000_000]


def test_a_begun_package_is_paid_whole() -> None:
    """1,001 texts are two packages of a thousand."""
    price = Price(unit="texts", per=1000, scheme="package", tiers=(ONE,))
    assert [_cost(price, n) for n in (1, 1000, 1001)] == [2_000_000, 2_000_000, 4_000_000]


def test_minutes_are_sold_and_milliseconds_counted() -> None:
    """Thirty seconds are half a minute; tokens of both kinds count together."""
    assert _cost(Price(unit="minutes", tiers=(ONE,)), 30_000) == 1_000_000
    pricing, plan = _book(Price(unit="tokens", per=1000, tiers=(ONE,)))
    assert pricing.amount(plan, {("m", "prompt_tokens"): 400, ("m", "completion_tokens"): 100}) == 1_000_000


def test_each_line_is_rounded_half_even_once() -> None:
    """2.5 micro-units are 2, 3.5 are 4, and three lines of a third add up to nothing."""
    half = Price(unit="texts", per=2, tiers=(Tier(up_to=None, price=1),))
    assert [_cost(half, n) for n in (1, 3, 5, 7)] == [0, 2, 2, 4]


def test_a_model_of_its_own_price_does_not_pay_the_common_one() -> None:
    """A price that names the model goes before the one for every model."""
    every = Price(unit="texts", tiers=(ONE,))
    large = Price(unit="texts", tiers=(Tier(up_to=None, price=9_000_000),), models=("large",))
    pricing, plan = _book(every, large)
    assert pricing.amount(plan, {("large", "texts"): 1, ("small", "texts"): 1}) == 11_000_000


def test_a_whole_budget_can_be_spent_to_its_last_unit() -> None:
    """Where a unit costs whole micro-units, the bound is what is charged."""
    price = Price(unit="texts", per=1000, tiers=(ONE,))
    assert price.most(1) == 2000


@pytest.mark.parametrize(
    ("model", "event"), [("other", {"texts": 1}), ("small", {"prompt_tokens": 5, "requests": 1}), ("other", {})]
)
def test_what_has_no_price_is_refused(model: str, event: dict[str, int]) -> None:
    """Neither an unknown model nor a route whose units are not sold is given away."""
    pricing, plan = _book(Price(unit="texts", tiers=(ONE,), models=("small",)))
    with pytest.raises(RefusedError) as refused:
        pricing.most(plan, model, event)
    assert refused.value.why == "price"


def test_an_unknown_plan_is_refused_and_one_published_since_is_found() -> None:
    """A plan's version is looked up once more before it is refused."""
    plan = Plan(name="p", currency="CNY", prices=(Price(unit="texts", tiers=(ONE,)),))
    with pytest.raises(RefusedError, match="no prices"):
        PriceBook({}).amount(plan.id, {})
    assert PriceBook({}, {plan.id: plan}.get).most(plan.id, "m", {"texts": 1}) == 2_000_000
