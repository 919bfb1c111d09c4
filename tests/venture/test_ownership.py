"""Who owns what of a register, and who gets what of an exit: YC's own figures, and what has to hold of any."""

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from argosy.core.errors import ProjectError
from argosy.ui.cli import main
from argosy.venture.financing.ocf.register import (
    Award,
    Convertible,
    Register,
    Stakeholder,
    Stock,
    StockClass,
    StockPlan,
)
from argosy.venture.financing.ownership import converted, exits, ownership

DAY = date(2026, 1, 1)
SAMPLE = Path(__file__).parent / "acme-holdings"
COMMON = StockClass(id="c", name="Common", preferred=False, prefix="CS", authorized=None)
PREFERRED = StockClass(
    id="p",
    name="Series A",
    preferred=True,
    prefix="PA",
    authorized=None,
    price=Fraction(1),
    preference=Fraction(1),
    ratio=Fraction(1),
)


def safe(name: str, amount: int, cap: int, *, post: bool = True) -> Convertible:
    """A SAFE with a cap."""
    return Convertible(
        id=name, holder=name, day=DAY, instrument="SAFE", amount=Fraction(amount), cap=Fraction(cap), post_money=post
    )


def stock(name: str, of: StockClass, count: int) -> Stock:
    """Shares of a class."""
    return Stock(id=name, holder=name, day=DAY, stock_class=of.id, quantity=Fraction(count), price=Fraction(1))


def register(*securities: Stock | Award | Convertible, plans: tuple[StockPlan, ...] = ()) -> Register:
    """A company of these securities."""
    holders = tuple(Stakeholder(id=name, name=name) for name in dict.fromkeys(one.holder for one in securities))
    return Register(
        id="r",
        company="Test",
        formed=DAY,
        country="US",
        day=DAY,
        currency="USD",
        holders=holders,
        classes=(COMMON, PREFERRED),
        plans=plans,
        securities=securities,
    )


def test_safes_of_the_guide() -> None:
    """YC's guide of post-money SAFEs: 10,000,000 shares, $200,000 at a cap of $4M and $800,000 at $8M.

    It prints 11,764,705 shares in all, of which 588,235 and 1,176,470: the exact values, cut to whole shares.
    """
    found = register(
        stock("founders", COMMON, 10_000_000), safe("first", 200_000, 4_000_000), safe("next", 800_000, 8_000_000)
    )
    shares = converted(found)
    assert {name: int(count) for name, count in shares.items()} == {"first": 588_235, "next": 1_176_470}
    assert int(10_000_000 + sum(shares.values())) == 11_764_705
    assert [one.share for one in ownership(found)] == [Fraction(17, 20), Fraction(1, 20), Fraction(1, 10)]


def test_a_pre_money_cap_counts_the_shares_of_before() -> None:
    """A tenth of the cap buys a tenth of the shares that were there, so an eleventh of all."""
    found = register(stock("founders", COMMON, 1_000), safe("old", 100, 1_000, post=False))
    assert converted(found) == {"old": 100}


def test_safes_above_the_whole_are_refused() -> None:
    """Two that own half each leave nothing."""
    with pytest.raises(ProjectError, match="nothing is left"):
        ownership(register(stock("founders", COMMON, 10), safe("a", 5, 10), safe("b", 5, 10)))


def test_a_million_for_a_fifth_converts_above_five_millions() -> None:
    """1x, non-participating: below it takes its million, from $5M on a fifth."""
    found = register(stock("founders", COMMON, 4_000_000), stock("fund", PREFERRED, 1_000_000))
    covered, low, even, high = exits(found, [Fraction(3_000_000), Fraction(10_000_000)])
    assert [turn.turn for turn in covered.turns] == ["covered"]
    assert low.payouts == {"founders": 2_000_000, "fund": 1_000_000}
    assert [turn.turn for turn in even.turns] == ["converts"]
    assert (int(even.value), int(even.payouts["fund"])) == (5_000_000, 1_000_000)
    assert high.payouts == {"founders": 8_000_000, "fund": 2_000_000}
    assert high.converted >= {"Series A"}
    assert exits(found, [Fraction(10_000_000)], Fraction(1, 10))[-1].payouts["fund"] == 1_800_000


def test_what_a_plan_has_left_is_held_by_nobody_and_gets_nothing() -> None:
    """It dilutes, and takes no part in an exit; an option below its strike is left."""
    plan = StockPlan(id="plan", name="Options", reserved=Fraction(100), stock_class="c")
    award = Award(
        id="one",
        holder="engineer",
        day=DAY,
        plan="plan",
        stock_class="c",
        kind="OPTION",
        quantity=Fraction(40),
        strike=Fraction(5),
    )
    found = register(stock("founders", COMMON, 900), award, plans=(plan,))
    owned = ownership(found)
    assert {one.holder: int(one.shares) for one in owned} == {"founders": 900, "engineer": 40, "": 60}
    assert sum(one.share for one in owned) == 1
    by_value = {one.value: one for one in exits(found, [Fraction(900), Fraction(9_200)])}
    low, high = by_value[Fraction(900)], by_value[Fraction(9_200)]
    assert low.payouts == {"founders": 900, "engineer": 0}
    assert high.payouts == {"founders": 9_000, "engineer": 200}


def test_a_package_of_the_format_is_shown_and_written_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The format's own sample; what was written reads the same; a file is not overwritten."""
    assert main(["captable", "show", str(SAMPLE), "--exit", "10,000,000"]) == 0
    first = capsys.readouterr().out
    assert "10,000,000" in first
    out = tmp_path / "cap table.zip"
    assert main(["captable", "write", str(SAMPLE), str(out)]) == 0
    assert main(["captable", "write", str(SAMPLE), str(out)]) == 3
    capsys.readouterr()
    assert main(["captable", "show", str(out), "--exit", "10000000"]) == 0
    again = capsys.readouterr().out
    assert [line for line in again.splitlines() if "not read" not in line] == [
        line for line in first.splitlines() if "not read" not in line
    ]


@pytest.mark.parametrize(("value", "code"), [("ten", 3), ("-5", 3)])
def test_an_exit_that_is_none_is_refused(value: str, code: int) -> None:
    """No amount, or less than nothing."""
    assert main(["captable", "show", str(SAMPLE), "--exit", value]) == code
