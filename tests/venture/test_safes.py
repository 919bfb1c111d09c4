"""SAFEs and notes in a priced round: the figures of Y Combinator's guide, exact and as printed; terms and bounds.

The guide is the "Post-Money Safe User Guide" (https://www.ycombinator.com/documents), appendix II. Its figures are cut
to whole shares and its prices rounded to four decimals before they are used again, so that what it prints differs from
the exact rationals in the sixth digit. Each test holds both: the exact one, and the printed one made as the guide does.
"""

from datetime import date
from fractions import Fraction
from math import floor

import pytest
from captables import DAY, START, company, free, held, safe, series

from argosy.core.errors import ProjectError
from argosy.venture.financing.ocf.register import Register
from argosy.venture.financing.ownership import before
from argosy.venture.financing.rounds import close
from argosy.venture.financing.safes import owed

A, B = safe("A", 200_000, 4_000_000), safe("B", 800_000, 8_000_000)
OLD = safe("A", 200_000, 3_800_000, post_money=False)
FIFTH = Fraction(1, 5)


def abc(*safes: object) -> Register:
    """The guide's company: 9,250,000 shares, 300,000 options, 350,000 promised, 100,000 free: 10,000,000."""
    return company(*safes, founders=9_250_000, options=650_000, free=100_000)  # type: ignore[arg-type]


def cents(price: Fraction) -> Fraction:
    """A price as the guide rounds it, to four decimals."""
    return round(price, 4)


def test_the_first_example_of_the_guide() -> None:
    """$5M at $15M; the pool grows by 1,695,000 shares; B buys its part. $1.1144, printed total 17,946,424.

    The exact total is 17,946,274.5: the guide divides $5M by the price rounded down to $1.1144, and so sells 150.7 more
    shares than at the exact $1.11443..., while it cuts 1.2 shares of before.
    """
    found = close(abc(A, B), series(15_000_000, 5_000_000, growth=Fraction(1_695_000), follows=("B",)))
    assert found.price == Fraction(51_000, 45_763)
    assert [one.shares for one in found.conversions] == [Fraction(10_000_000, 17), Fraction(20_000_000, 17)]
    assert [one.price for one in found.conversions] == [Fraction(34, 100), Fraction(68, 100)]
    assert found.sold == Fraction(228_815_000, 51)
    assert before(found.register) == Fraction(915_260_000, 51)
    assert float(before(found.register)) == pytest.approx(17_946_274.5, abs=0.02)
    assert held(found.register)["B"] == Fraction(20_000_000, 17) + found.sold / 10

    whole = 10_000_000 / (1 - Fraction(15, 100))
    assert floor(whole) == 11_764_705
    parts = [floor(floor(whole) * part) for part in (Fraction(5, 100), Fraction(10, 100))]
    assert parts == [588_235, 1_176_470]
    assert [floor(one.shares) for one in found.conversions] == parts
    price = cents(15_000_000 / (floor(whole) + Fraction(1_695_000)))
    assert price == cents(found.price) == Fraction("1.1144")
    sold = floor(5_000_000 / price)
    assert (sold, floor(Fraction(sold, 10))) == (4_486_719, 448_671)
    assert floor(whole) + 1_695_000 + sold == 17_946_424
    assert 17_946_424 - before(found.register) == (sold - found.sold) - (whole - floor(whole))


def test_the_pool_of_the_first_example_as_a_target() -> None:
    """A pool of 10 % needs 1,694,570.1 shares; the guide takes 1,695,000."""
    found = close(abc(A, B), series(15_000_000, 5_000_000, pool=Fraction(1, 10)))
    assert found.growth == Fraction(374_500_000, 221)
    assert free(found.register) / before(found.register) == Fraction(1, 10)
    assert found.price == Fraction(2_210, 1_983)


def test_a_round_below_one_cap() -> None:
    """$2.2M at $8.8M: B takes the price, A its cap; $0.6577, printed total 16,724,684, exact 16,724,583.3.

    Price and B's shares depend on each other. The guide divides by the rounded price, which is below the exact one.
    """
    found = close(abc(A, B), series(8_800_000, 2_200_000, growth=Fraction(1_573_000)))
    assert found.price == Fraction(2_400, 3_649)
    assert [one.shares for one in found.conversions] == [Fraction(1_771_000, 3), Fraction(3_649_000, 3)]
    assert [one.stock_class for one in found.conversions] == ["Series A-2", "Series A"]
    assert before(found.register) == Fraction(50_173_750, 3)

    price = cents(found.price)
    bought = floor(800_000 / price)
    capped = floor(floor((10_000_000 + bought) / Fraction(95, 100)) * Fraction(5, 100))
    sold = floor(2_200_000 / price)
    assert (price, bought, capped, sold) == (Fraction("0.6577"), 1_216_360, 590_334, 3_344_990)
    assert 10_000_000 + bought + capped + 1_573_000 + sold == 16_724_684


def test_a_pre_money_safe_beside_a_post_money_one() -> None:
    """$5M at $15M, growth 1,700,000: $1.1115, printed total 17,993,718, exact 17,993,762.2.

    The guide divides $200,000 by $0.3248 and goes on from there; its new shares are rounded, not cut. It names the
    price of its first example, $1.1144, beside shares that are $5M / $1.1115.
    """
    found = close(abc(OLD, B), series(15_000_000, 5_000_000, growth=Fraction(1_700_000)))
    assert [one.shares for one in found.conversions] == [Fraction(11_700_000, 19), Fraction(201_700_000, 171)]
    assert found.price == Fraction(25_650, 23_077)
    assert before(found.register) == Fraction(9_230_800_000, 513)

    old = floor(200_000 / cents(Fraction(3_800_000, 11_700_000)))
    whole = floor((10_000_000 + old) / Fraction(9, 10))
    price = cents(Fraction(15_000_000, whole + 1_700_000))
    sold = round(5_000_000 / price)
    assert (old, whole, whole // 10, price, sold) == (615_763, 11_795_292, 1_179_529, Fraction("1.1115"), 4_498_426)
    assert whole + 1_700_000 + sold == 17_993_718


def test_a_pre_money_safe_where_the_other_takes_the_price() -> None:
    """$2.2M at $8.8M, growth 1,575,000: printed $0.6566; shares 609,198, 1,218,397 and 3,350,594; total 16,753,189.

    The exact ones differ in the fifth digit, by the guide's rounding.
    """
    found = close(abc(OLD, B), series(8_800_000, 2_200_000, growth=Fraction(1_575_000)))
    assert found.price == Fraction(304, 463)
    exact = [*(one.shares for one in found.conversions), found.sold, before(found.register)]
    assert exact == [
        Fraction(11_575_000, 19),
        Fraction(23_150_000, 19),
        Fraction(63_662_500, 19),
        Fraction(318_312_500, 19),
    ]
    assert [float(one) for one in exact] == pytest.approx([609_198, 1_218_397, 3_350_594, 16_753_189], rel=1e-4)


def test_a_discount_is_taken_off_the_price_and_counts_in_a_cap() -> None:
    """$1M at 20 % less and $1M at a cap of $10M: the capped one owns a tenth of what there is, the other included."""
    discounted = safe("discount", 1_000_000, discount=FIFTH)
    found = close(
        company(safe("cap", 1_000_000, 10_000_000), discounted, founders=8_000_000), series(12_000_000, 3_000_000)
    )
    assert found.price == Fraction(191, 160)
    shares = {one.id: one.shares for one in found.conversions}
    assert shares == {"cap": Fraction(192_000_000, 191), "discount": Fraction(200_000_000, 191)}
    assert shares["cap"] * 10 == 8_000_000 + sum(shares.values())
    assert {one.id: one.price for one in found.conversions}["discount"] == found.price * (1 - FIFTH)


@pytest.mark.parametrize(("pre_money", "better"), [(2_000_000, "price"), (10_000_000, "discount"), (40_000_000, "cap")])
def test_of_cap_and_discount_the_better_one_is_taken(pre_money: int, better: str) -> None:
    """A discount is always better than the price alone; a cap only where the round is far above it."""
    one = safe("one", 1_000_000, 10_000_000, None if better == "price" else FIFTH)
    found = close(company(one, founders=8_000_000), series(pre_money, 1_000_000))
    (it,) = found.conversions
    expected = {
        "price": found.price,
        "discount": found.price * Fraction(4, 5),
        "cap": 10_000_000 / (8_000_000 + it.shares),
    }
    assert it.price == expected[better] == min(expected[name] for name in {better, "price", "cap"})


@pytest.mark.parametrize(("pre_money", "like"), [(12_000_000, "discount"), (48_000_000, "cap")])
def test_most_favoured_nation_takes_the_best_later_terms(pre_money: int, like: str) -> None:
    """Of two later SAFEs the one that proves better in the round; earlier ones do not count, nor their amounts."""
    later = date(2026, 6, 1)
    favoured = safe("favoured", 500_000, mfn=True, day=date(2026, 2, 1))
    register = company(
        safe("early", 100_000, 1_000_000),
        favoured,
        safe("cap", 1_000_000, 10_000_000, day=later),
        safe("discount", 1_000_000, discount=FIFTH, day=later),
        founders=8_000_000,
    )
    found = close(register, series(pre_money, pre_money // 4))
    prices = {one.id: one.price for one in found.conversions}
    assert prices["favoured"] == prices[like] == min(prices["cap"], prices["discount"])
    assert prices["early"] < prices["favoured"]


def test_most_favoured_nation_without_later_ones_takes_the_price() -> None:
    """And so does a SAFE without any terms."""
    found = close(company(safe("one", 100, mfn=True)), series(1_000_000, 100))
    assert [one.price for one in found.conversions] == [found.price]


def test_a_note_converts_with_simple_interest() -> None:
    """By days of a year of 365: 8 % on $1M over a leap year are $80,219.18."""
    note = safe("note", 1_000_000, instrument="NOTE", rate=Fraction(8, 100), day=date(2028, 1, 1))
    assert owed(note, date(2028, 1, 1)) == 1_000_000
    assert owed(note, date(2029, 1, 1)) == 1_000_000 * (1 + Fraction(8, 100) * Fraction(366, 365))
    note = safe("note", 1_000_000, instrument="NOTE", rate=Fraction(8, 100), post_money=False)
    found = close(company(note), series(10_000_000, 1_000_000))
    assert [one.shares * found.price for one in found.conversions] == [1_080_000]
    assert (DAY - START).days == 365


@pytest.mark.parametrize("caps", [(10, 5, 5), (10, 8, 4)])
def test_safes_that_own_the_whole_are_refused(caps: tuple[int, int, int]) -> None:
    """Half and half, or more: nothing is left, at whatever price."""
    whole, first, next_ = caps
    register = company(safe("a", first, whole), safe("b", next_ + 1, whole))
    with pytest.raises(ProjectError, match="nothing is left"):
        close(register, series(1_000_000, 100_000))


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (safe("one", 100, 0), "cap"),
        (safe("one", 100, discount=Fraction(1)), "discount"),
        (safe("one", 100, discount=Fraction(-1, 5)), "discount"),
    ],
)
def test_terms_out_of_bounds_are_refused(one: object, said: str) -> None:
    """A cap of nothing, a discount of all."""
    with pytest.raises(ProjectError, match=said):
        close(company(one), series(1_000_000, 100))  # type: ignore[arg-type]  # a SAFE
