"""The market from below: exact products of figures, with their ranges and origins."""

from decimal import Decimal

from argosy.venture.figures import Figure, Origin
from argosy.venture.market.size import Line, sized
from argosy.venture.units import unit

D = Decimal


def figure(name: str, value: str, of: str, low: str | None = None, high: str | None = None) -> Figure:
    """An assumption."""
    ends = (None, None) if low is None or high is None else (D(low), D(high))
    origin = Origin(kind="assumed", where="a test")
    return Figure(name=name, value=D(value), unit=unit(of), origin=origin, low=ends[0], high=ends[1])


SHOPS = Line(
    name="shops",
    customers=figure("customers", "120000", "customers"),
    share=figure("share", "30", "percent", "20", "40"),
    price=figure("price", "399", "CNY/customer/month", "299", "499"),
    reachable=figure("reachable", "40", "percent"),
    obtainable=figure("obtainable", "4", "percent", "2", "7"),
)


def test_a_line_is_the_product_of_its_figures() -> None:
    """Exactly: 120,000 x 0.3 x 399 x 12 a year; low and high with all ranges at their ends."""
    tam, sam, som = sized([SHOPS], "CNY").money
    assert (tam.value, tam.low, tam.high) == (D(172_368_000), D(86_112_000), D(287_424_000))
    assert sam.value == D("68947200.00")
    assert (som.value, som.low, som.high) == (D("2757888"), D("688896"), D("8047872"))
    assert sized([SHOPS], "CNY").lines[0].customers[2].value == D(576)


def test_lines_add_up_and_each_names_its_figures() -> None:
    """A price by the year and in another currency; without a share, all have the need."""
    abroad = Line(
        name="abroad",
        customers=figure("a", "100", "customers"),
        share=None,
        price=figure("b", "1200", "USD/customer/year"),
        reachable=figure("c", "50", "percent"),
        obtainable=figure("d", "0.1", "share"),
        rate=figure("USD", "7", "CNY/USD", "6", "8"),
    )
    found = sized([SHOPS, abroad], "CNY")
    alone = sized([abroad], "CNY").money
    assert (alone[0].value, alone[0].low, alone[0].high) == (D(840_000), D(720_000), D(960_000))
    assert alone[2].value == D(42_000)
    assert found.money[0].value == D(172_368_000) + D(840_000)
    assert [one.name for one in found.lines[1].figures] == ["a", "b", "USD", "c", "d"]
    assert all(one.origin.where for line in found.lines for one in line.figures)


def test_no_line_is_no_market() -> None:
    """Nothing, not an error."""
    assert [one.value for one in sized([], "CNY").money] == [0, 0, 0]
