"""Protection against dilution: the charter's formulas, held to the conversion prices that rounds come to."""

from fractions import Fraction

import pytest
from captables import company, held, series
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.errors import ProjectError
from argosy.venture.financing.dilution import Protection
from argosy.venture.financing.ocf.register import Register
from argosy.venture.financing.ownership import before
from argosy.venture.financing.rounds import Closed, close


def first(options: int = 0) -> Register:
    """1,600,000 common shares and 400,000 of a Series A at $5."""
    return close(company(founders=1_600_000 - options, options=options), series(8_000_000, 2_000_000)).register


def down(kind: Protection, pre_money: int = 6_000_000, method: str = "pre_money", options: int = 0) -> Closed:
    """$1.5M more, at $3 a share by the pre-money method."""
    terms = series(pre_money, {"next": 1_500_000}, name="Series B", method=method)
    return close(first(options), terms, {"Series A": kind})


@pytest.mark.parametrize("options", [0, 100_000])
@pytest.mark.parametrize(
    ("kind", "price"),
    [
        ("ratchet", Fraction(3)),
        ("broad", 5 * Fraction(2_000_000 + 300_000, 2_000_000 + 500_000)),
        ("narrow", 5 * Fraction(400_000 + 300_000, 400_000 + 500_000)),
    ],
)
def test_the_conversion_price_after_a_cheaper_round(kind: Protection, price: Fraction, options: int) -> None:
    """From $5: to $3, to $4.60, and to $3.89; options count as shares in the broad average."""
    found = down(kind, options=options)
    assert found.price == 3
    assert found.adjusted == {"Series A": 5 / price}
    assert held(found.register)["fund"] == 400_000 * 5 / price


@pytest.mark.parametrize("kind", ["ratchet", "broad", "narrow"])
def test_the_price_counts_what_protection_gains(kind: Protection) -> None:
    """By the percent-ownership method new money gets a fifth whatever the others gain, and the formula still holds."""
    found = down(kind, method="percent")
    total = before(found.register)
    assert held(found.register)["next"] / total == Fraction(1, 5)
    gained = held(found.register)["fund"] - 400_000
    assert found.price * (2_000_000 + gained) == 6_000_000
    counted = {"broad": 2_000_000, "narrow": 400_000}.get(kind)
    new = found.price if counted is None else 5 * (counted + Fraction(300_000)) / (counted + found.sold)
    assert found.adjusted["Series A"] == 5 / new


@pytest.mark.parametrize("pre_money", [10_000_000, 30_000_000])
def test_no_protection_takes_effect_at_the_same_price_or_above(pre_money: int) -> None:
    """Nor is a class adjusted twice for one round: the next one starts from the adjusted price."""
    for kind in ("ratchet", "broad", "narrow"):
        assert down(kind, pre_money).adjusted == {}
    cheap = down("ratchet")
    again = close(cheap.register, series(30_000_000, {"last": 1}, name="Series C"), {"Series A": "ratchet"})
    assert again.adjusted == {}
    assert held(again.register)["fund"] == held(cheap.register)["fund"]


def test_a_ratchet_in_a_round_that_is_worth_less_than_it_has_no_price() -> None:
    """The class paid $2M: a valuation of $2M leaves nothing for the others."""
    with pytest.raises(ProjectError, match="no price"):
        down("ratchet", 2_000_000, "percent")


@settings(max_examples=60, deadline=None)
@given(pre_money=st.integers(2_000_001, 40_000_000), method=st.sampled_from(["percent", "pre_money"]))
def test_a_ratchet_gains_most_and_a_broad_average_least(pre_money: int, method: str) -> None:
    """And nobody loses shares by any."""
    broad, narrow, ratchet = (
        held(down(kind, pre_money, method).register)["fund"] for kind in ("broad", "narrow", "ratchet")
    )
    assert 400_000 <= broad <= narrow <= ratchet
