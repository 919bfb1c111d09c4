"""Priced rounds: the three methods by which notes convert, pools, rights to follow; and what has to hold of any."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from captables import DAY, company, free, held, safe, series
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from argosy.core.errors import ProjectError
from argosy.venture.financing import safes
from argosy.venture.financing.ocf.read import read
from argosy.venture.financing.ocf.register import Convertible, Register
from argosy.venture.financing.ocf.write import write
from argosy.venture.financing.ownership import before, exits, ownership
from argosy.venture.financing.rounds import Closed, Method, close

SEVENTY = Fraction(7, 10)


@pytest.mark.parametrize(
    ("method", "price", "shares", "total", "percent"),
    [
        ("pre_money", Fraction(8), Fraction(1_250_000, 7), Fraction(10_000_000, 7), [70.0, 12.5, 17.5]),
        ("percent", Fraction(46, 7), Fraction(5_000_000, 23), Fraction(35_000_000, 23), [65.71, 14.29, 20.0]),
        ("dollars", Fraction(53, 7), Fraction(10_000_000, 53), Fraction(77_000_000, 53), [68.83, 12.99, 18.18]),
    ],
)
def test_the_three_methods_of_cooley(
    method: Method, price: Fraction, shares: Fraction, total: Fraction, percent: list[float]
) -> None:
    """$2M at $8M, notes of $1M at 30 % less, 1,000,000 shares: printed $8.00, $6.57 and $7.57, and these percentages.

    Cooley, "Calculating share price with outstanding convertible notes or SAFEs"; its prices are rounded to cents.
    """
    note = safe("note", 1_000_000, discount=1 - SEVENTY, instrument="NOTE")
    found = close(company(note), series(8_000_000, 2_000_000, method=method))
    assert found.price == price
    assert f"{float(price):.2f}" == {"pre_money": "8.00", "percent": "6.57", "dollars": "7.57"}[method]
    assert [one.shares for one in found.conversions] == [shares]
    assert before(found.register) == total
    owned = held(found.register)
    assert [round(float(100 * owned[name] / total), 2) for name in ("founders", "note", "fund")] == percent


def test_a_million_for_a_fifth_converts_above_five_millions(tmp_path: Path) -> None:
    """$1M at $4M, 1x and non-participating; the register goes through the waterfall and the Open Cap Format."""
    found = close(company(founders=4_000_000), series(4_000_000, 1_000_000))
    assert {one.holder: one.share for one in ownership(found.register)} == {
        "founders": Fraction(4, 5),
        "fund": Fraction(1, 5),
    }
    paid = {one.value: one for one in exits(found.register, [Fraction(3_000_000), Fraction(10_000_000)])}
    assert paid[Fraction(3_000_000)].payouts == {"founders": 2_000_000, "fund": 1_000_000}
    assert [turn.turn for turn in paid[Fraction(5_000_000)].turns] == ["converts"]
    assert paid[Fraction(10_000_000)].payouts == {"founders": 8_000_000, "fund": 2_000_000}
    write(found.register, tmp_path / "cap.zip", made=datetime(2027, 1, 1, tzinfo=UTC))
    assert read(tmp_path / "cap.zip") == found.register


def test_a_pool_inside_the_valuation_is_paid_by_those_of_before() -> None:
    """$2M at $8M with 20 % free afterwards: the founders keep 60 %, so 1,000,000 / 0.6 shares at $6."""
    found = close(company(), series(8_000_000, 2_000_000, pool=Fraction(1, 5)))
    assert before(found.register) == Fraction(5_000_000, 3)
    assert found.price == 6
    assert found.growth == Fraction(1_000_000, 3)
    assert [round(float(one.share), 3) for one in ownership(found.register)] == [0.6, 0.2, 0.2]


@pytest.mark.parametrize(("method", "price"), [("percent", Fraction(31, 22)), ("pre_money", None), ("dollars", None)])
def test_the_circle_of_pool_price_and_caps_closes(method: Method, price: Fraction | None) -> None:
    """A pre-money cap counts the pool, the pool a share of all, all the SAFEs, and the price all of them."""
    register = company(
        safe("post", 1_000_000, 10_000_000), safe("pre", 500_000, 5_000_000, post_money=False), founders=8_000_000
    )
    found = close(register, series(16_000_000, 4_000_000, pool=Fraction(1, 10), method=method))
    assert price in (None, found.price)
    assert free(found.register) == before(found.register) / 10
    post, pre = (one.shares for one in found.conversions)
    assert post * 10 == 8_000_000 + post + pre
    assert pre * 10 == 8_000_000 + found.growth
    valued = 8_000_000 + found.growth + (post + pre if method != "pre_money" else 0)
    assert found.price * valued == 16_000_000 + (1_500_000 if method == "dollars" else 0)


def test_a_pool_that_is_large_enough_stays() -> None:
    """Nothing is taken back; what is awarded already is not free."""
    found = close(company(options=100, free=999_900), series(1_000_000, 1_000_000, pool=Fraction(1, 10)))
    assert found.growth == 0
    assert free(found.register) == 999_900
    found = close(company(options=1_000_000), series(1_000_000, 1_000_000, pool=Fraction(1, 10)))
    assert found.growth == before(found.register) / 10


def test_those_who_follow_keep_their_part() -> None:
    """Of a second round the fund buys its fifth; the money of the round stays what it is."""
    first = close(company(founders=4_000_000), series(4_000_000, 1_000_000))
    second = close(first.register, series(8_000_000, {"next": 2_000_000}, name="Series B", follows=("fund",)))
    total = before(second.register)
    owned = held(second.register)
    assert owned["fund"] / total == Fraction(1, 5)
    assert owned["next"] / total == Fraction(1, 5) * Fraction(4, 5)
    assert second.sold * second.price == 2_000_000


def test_ranks_and_preferences_of_a_round() -> None:
    """The later one first, or beside the earlier; what converted for less has what was paid as its preference."""
    first = close(company(safe("angel", 100_000, 1_000_000)), series(4_000_000, 1_000_000))
    for senior, expected in ((True, 2), (False, 1)):
        second = close(first.register, series(8_000_000, 2_000_000, name="B", senior=senior, preference=Fraction(3, 2)))
        ranks = {one.id: one.seniority for one in second.register.classes}
        assert ranks == {"common": 0, "Series A": 1, "Series A-2": 1, "B": expected}
    classes = {one.id: one for one in first.register.classes}
    (angel,) = first.conversions
    assert angel.stock_class == "Series A-2"
    assert classes["Series A-2"].price == angel.price == 100_000 / angel.shares


@pytest.mark.parametrize(
    ("register", "more", "said"),
    [
        (company(founders=0), {}, "no shares"),
        (company(founders=0, free=100), {}, "no shares"),
        (company(), {"pre_money": Fraction(0)}, "above 0"),
        (company(), {"investors": {"fund": Fraction(0)}}, "above 0"),
        (company(), {"investors": {}}, "above 0"),
        (company(), {"pool": Fraction(1)}, "share below 1"),
        (company(), {"pool": Fraction(9, 10)}, "no price"),
        (company(safe("one", 9_000_000)), {}, "no price"),
        (company(safe("one", 900_000, 1_000_000)), {"pool": Fraction(8, 10)}, "no price"),
        (company(), {"name": "common"}, "already"),
    ],
)
def test_rounds_without_a_price_are_refused(register: Register, more: dict[str, object], said: str) -> None:
    """No shares, no money, a pool that leaves nothing, SAFEs worth more than the valuation."""
    with pytest.raises(ProjectError, match=said):
        close(register, replace(series(8_000_000, 2_000_000), **more))  # type: ignore[arg-type]  # its fields, by name


amounts = st.integers(10_000, 2_000_000)
parts = st.one_of(st.none(), st.fractions(Fraction(1, 100), Fraction(1, 2), max_denominator=100))


@st.composite
def _safe(draw: st.DrawFn, name: str) -> Convertible:
    cap = draw(st.one_of(st.none(), st.integers(1_000_000, 30_000_000)))
    return safe(
        name,
        draw(amounts),
        cap,
        draw(parts),
        post_money=draw(st.booleans()),
        mfn=draw(st.booleans()),
        day=draw(st.dates(DAY.replace(year=2026), DAY)),
        rate=draw(parts),
    )


registers = st.builds(
    company,
    _safe("a"),
    _safe("b"),
    _safe("c"),
    founders=st.integers(1, 10_000_000),
    options=st.integers(0, 1_000_000),
    free=st.integers(0, 3_000_000),
)


def closed(register: Register, **more: object) -> Closed:
    """A round that has a price."""
    try:
        return close(register, series(12_000_000, 3_000_000, **more))
    except ProjectError:
        assume(False)
        raise


@settings(max_examples=150, deadline=None)
@given(register=registers, pool=parts, method=st.sampled_from(["percent", "pre_money", "dollars"]))
def test_any_round_adds_up(register: Register, pool: Fraction | None, method: str) -> None:
    """Ownership is 1 in all, nobody loses shares, the price is that of the method, the pool reaches its target."""
    found = closed(register, pool=pool, method=method)
    assert sum(one.share for one in ownership(found.register)) == 1
    was, now = held(register), held(found.register)
    assert all(now[name] >= shares for name, shares in was.items())
    converted = sum(one.shares for one in found.conversions)
    valued = before(register) + found.growth + (converted if method != "pre_money" else 0)
    lent = sum(safes.owed(one, DAY) for one in register.securities if isinstance(one, Convertible))
    assert found.price * valued == 12_000_000 + (lent if method == "dollars" else 0)
    assert found.price * found.sold == 3_000_000
    assert before(found.register) == before(register) + found.growth + converted + found.sold
    if method == "percent":
        assert now["fund"] / before(found.register) == Fraction(1, 5)
    reached = free(found.register) / before(found.register)
    assert found.growth >= 0
    assert pool is None or reached == pool or (found.growth == 0 and reached > pool)


@settings(max_examples=150, deadline=None)
@given(register=registers, pool=parts)
def test_everybody_takes_the_best_of_their_terms(register: Register, pool: Fraction | None) -> None:
    """The most of price, discount and cap, each reckoned from what the round came to."""
    found = closed(register, pool=pool)
    convertibles = [one for one in register.securities if isinstance(one, Convertible)]
    shares = {one.id: one.shares for one in found.conversions}
    earlier = before(register)
    for one in convertibles:
        amount = safes.owed(one, DAY)
        best = [amount / found.price]
        for terms in (one, *(other for other in convertibles if one.mfn and other.day > one.day)):
            counted = earlier + (sum(shares.values()) if terms.post_money else found.growth)
            best += [amount * counted / terms.cap] if terms.cap else []
            best += [amount / found.price / (1 - terms.discount)] if terms.discount else []
        assert shares[one.id] == max(best)


@settings(max_examples=100, deadline=None)
@given(
    amount=st.integers(1, 5_000_000),
    cap=st.integers(5_000_001, 9_000_000),
    free_=st.integers(0, 1_000_000),
    pool=st.one_of(st.none(), st.fractions(0, Fraction(1, 4), max_denominator=100)),
)
def test_a_post_money_safe_owns_its_part_before_the_new_money(
    amount: int, cap: int, free_: int, pool: Fraction | None
) -> None:
    """Exactly amount / cap of all shares but the new ones and the pool's growth; at least that, below its cap."""
    found = closed(company(safe("one", amount, cap), free=free_), pool=pool)
    (it,) = found.conversions
    part = it.shares / (before(found.register) - found.sold - found.growth)
    assert part == Fraction(amount, cap) or (part > Fraction(amount, cap) and it.price == found.price)
