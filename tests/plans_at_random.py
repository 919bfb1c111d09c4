"""Strategies for plans and usage, shared by the tests of what is sold."""

from hypothesis import strategies as st

from argosy.serve.billing.plan import EVERY, SALES, Plan, Price, Tax, Tier

MODELS = ("small", "large")
prices = st.integers(0, 5_000_000)


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    """One to four tiers, dearer or cheaper as they go up."""
    bounds = sorted(draw(st.sets(st.integers(1, 300), max_size=3)))
    return tuple(Tier(up_to=bound, price=draw(prices)) for bound in [*bounds, None])


@st.composite
def a_price(draw: st.DrawFn, unit: str | None = None, models: tuple[str, ...] = (EVERY,)) -> Price:
    """A price of any scheme."""
    scheme = draw(st.sampled_from(("graduated", "volume", "package")))
    steps = draw(tiers()) if scheme != "package" else (Tier(up_to=None, price=draw(prices)),)
    return Price(
        unit=unit or draw(st.sampled_from(sorted(SALES))),
        per=draw(st.sampled_from((1, 3, 7, 100, 1000))),
        tiers=steps,
        free=draw(st.sampled_from((0, 0, 1, 50))),
        scheme=scheme,
        models=models,
    )


@st.composite
def plans(draw: st.DrawFn, name: str = "any") -> Plan:
    """A plan with prices for every model, and one of its own for the large one."""
    units = draw(st.sets(st.sampled_from(("requests", "texts", "rows", "tokens", "minutes")), min_size=1))
    every = [draw(a_price(unit)) for unit in sorted(units)]
    own = [draw(a_price(unit, ("large",))) for unit in sorted(units) if draw(st.booleans())]
    tax = draw(
        st.none()
        | st.builds(Tax, name=st.just("VAT"), rate=st.sampled_from((60_000, 130_000, 1)), inclusive=st.booleans())
    )
    return Plan(
        name=name,
        currency=draw(st.sampled_from(("CNY", "USD", "JPY", "KWD"))),
        prices=(*every, *own),
        monthly=draw(prices),
        commitment=draw(st.sampled_from((0, 99_000_000))),
        tax=tax,
    )
