"""Present values and rates of return: numpy-financial's documented values, and what has none or several rates."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.errors import ProjectError
from argosy.venture.returns.payback import payback, roi
from argosy.venture.returns.rates import irr, mirr
from argosy.venture.returns.roots import positive_roots
from argosy.venture.returns.value import monthly, npv

LOAN = [-100, 39, 59, 55, 20]


def decimals(flows: Sequence[float]) -> list[Decimal]:
    """Flows as they are written."""
    return [Decimal(str(flow)) for flow in flows]


@pytest.mark.parametrize(
    ("flows", "rates"),
    [
        (LOAN, ["0.28095"]),
        ([-100, 0, 0, 74], ["-0.0955"]),
        ([-100, 100, 0, -7], ["-0.67889", "-0.0833"]),
        ([-100, 100, 0, 7], ["0.06206"]),
        ([-5, 10.5, 1, -8, 1], ["-0.87020", "0.0886", "0.70956"]),
        ([-1, 4, -4], ["1"]),
        ([-1, 4, -4.0001], []),
        ([-1, 4, -3.9999], ["0.990000", "1.010000"]),
        ([-1, 0, 250_000], ["499"]),
        ([-1_000_000, 1], ["-0.999999"]),
        ([100, 39, 59], []),
        ([], []),
        ([0, 0], []),
    ],
)
def test_all_rates_are_found(flows: list[float], rates: list[str]) -> None:
    """The documented examples of numpy-financial's irr, which tells one rate; two of them have more."""
    found = irr(decimals(flows))
    for rate, one in zip(found.rates, rates, strict=True):
        assert rate.quantize(Decimal(one)) == Decimal(one)
    assert (found.only is None) == (len(rates) != 1)


def test_present_values_as_documented() -> None:
    """numpy-financial: −0.0085 for the first flow today; Excel discounts that one, too."""
    flows = decimals(LOAN)
    assert round(npv(Decimal("0.281"), flows, first=0), 8) == Decimal("-0.00847859")
    later = npv(Decimal("0.281"), flows) * Decimal("1.281")
    assert abs(later - npv(Decimal("0.281"), flows, first=0)) < Decimal("1e-20")
    projects = decimals([-40000, 5000, 8000, 12000, 30000])
    assert round(npv(Decimal("0.08"), projects, first=0), 5) == Decimal("3065.22267")


def test_modified_rates() -> None:
    """numpy-financial's mirr; without gains or losses there is none."""
    found = mirr(decimals([-4500, -800, 800, 800, 600]), Decimal("0.08"), Decimal("0.055"))
    assert found is not None
    assert round(found, 10) == Decimal("-0.1830479255")
    assert mirr(decimals([1, 2]), Decimal(0), Decimal(0)) is None
    assert mirr(decimals([-1]), Decimal(0), Decimal(0)) is None


def test_a_rate_of_minus_hundred_percent_is_refused() -> None:
    """Nothing is left to be discounted."""
    with pytest.raises(ProjectError, match="-100 %"):
        npv(Decimal(-1), decimals(LOAN))
    with pytest.raises(ProjectError):
        monthly(Decimal("-1.5"))
    assert round((1 + monthly(Decimal("0.2"))) ** 12, 20) == Decimal("1.2")


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=12))
def test_the_present_value_at_each_rate_is_nothing(flows: list[int]) -> None:
    """And there are no more rates than Descartes allows."""
    values = [Decimal(flow) for flow in flows]
    found = irr(values)
    assert len(found.rates) <= found.changes
    for rate in found.rates:
        worth = sum((value * (1 + rate) ** (len(values) - 1 - at) for at, value in enumerate(values)), Decimal(0))
        assert abs(worth) < Decimal("1e-12") * max(Decimal(1), (1 + rate) ** len(values))


@given(
    st.lists(st.fractions(-3, 3, max_denominator=20), min_size=1, max_size=6),
    st.lists(st.integers(1, 9), max_size=2),
)
def test_the_roots_are_those_a_polynomial_is_made_of(roots: list[Fraction], others: list[int]) -> None:
    """Each once, whether it is there once or several times; factors x² + c have no real root."""
    none: Fraction = Fraction(0)
    whole: list[Fraction] = [Fraction(1)]
    for root in roots:
        whole = [one - root * before for one, before in zip([*whole, none], [none, *whole], strict=True)]
    for other in others:
        whole = [one + other * before for one, before in zip([*whole, none, none], [none, none, *whole], strict=True)]
    scale = lcm(*(one.denominator for one in whole))
    found = positive_roots([Decimal(int(one * scale)) for one in whole])
    assert [float(one) for one in found] == pytest.approx(sorted({float(one) for one in roots if one > 0}))


@pytest.mark.parametrize(
    ("flows", "rate", "periods"),
    [
        ([-100, 60, 60], "0", 3),
        ([-100, 60, 60], "0.05", 3),
        ([-100, 60, 60], "0.2", None),
        ([-100, 120, -60, 50], "0", 4),
        ([-100, 60], "0", None),
        ([10, -5], "0", 0),
        ([], "0", 0),
    ],
)
def test_the_payback_is_for_good(flows: list[float], rate: str, periods: int | None) -> None:
    """A sum that falls below 0 again is not paid back yet; discounted, it takes longer or is never paid back."""
    assert payback(decimals(flows), Decimal(rate)) == periods


def test_the_return_on_what_is_put_in() -> None:
    """300 comes back of 200; where nothing is put in there is no return on it."""
    assert roi(decimals([-100, -100, 300])) == Decimal("0.5")
    assert roi(decimals([-100])) == -1
    assert roi(decimals([5])) is None
