"""Small companies to hold rounds, SAFEs and protections to."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

from argosy.venture.financing.ocf.register import (
    Award,
    Convertible,
    Register,
    Stakeholder,
    Stock,
    StockClass,
    StockPlan,
)
from argosy.venture.financing.ownership import before, issued
from argosy.venture.financing.rounds import Round

START, DAY = date(2026, 1, 1), date(2027, 1, 1)
COMMON = StockClass(id="common", name="common", preferred=False, prefix="CS-", authorized=None, seniority=Fraction(0))


def company(*convertibles: Convertible, founders: int = 1_000_000, options: int = 0, free: int = 0) -> Register:
    """Common shares of ``founders``, options that one engineer has, what the pool has free, SAFEs and notes."""
    stock = Stock(
        id="founders",
        holder="founders",
        day=START,
        stock_class="common",
        quantity=Fraction(founders),
        price=Fraction(0),
    )
    award = Award(
        id="options",
        holder="engineer",
        day=START,
        plan="pool",
        stock_class="common",
        kind="OPTION",
        quantity=Fraction(options),
        strike=Fraction(0),
    )
    names = dict.fromkeys(("founders", "engineer", *(one.holder for one in convertibles)))
    plan = StockPlan(id="pool", name="pool", reserved=Fraction(options + free), stock_class="common")
    return Register(
        id="abc",
        company="ABC",
        formed=START,
        country="US",
        day=START,
        currency="USD",
        holders=tuple(Stakeholder(id=name, name=name) for name in names),
        classes=(COMMON,),
        plans=(plan,) if options or free else (),
        securities=(stock, *((award,) if options else ()), *convertibles),
    )


def safe(
    name: str, amount: int, cap: int | None = None, discount: Fraction | None = None, **more: object
) -> Convertible:
    """A post-money SAFE of the first day, or what ``more`` says."""
    one = Convertible(
        id=name,
        holder=name,
        day=START,
        instrument="SAFE",
        amount=Fraction(amount),
        cap=None if cap is None else Fraction(cap),
        discount=discount,
    )
    return replace(one, **more)  # type: ignore[arg-type]  # the fields of a SAFE, by their names


def series(pre_money: int, money: int | Mapping[str, int], **more: object) -> Round:
    """A Series A at this valuation."""
    given = {"fund": money} if isinstance(money, int) else money
    one = Round(
        name="Series A",
        day=DAY,
        pre_money=Fraction(pre_money),
        investors={name: Fraction(amount) for name, amount in given.items()},
    )
    return replace(one, **more)  # type: ignore[arg-type]  # the fields of a round, by their names


def held(register: Register) -> dict[str, Fraction]:
    """The common shares of each holder, without SAFEs and notes."""
    found: dict[str, Fraction] = {}
    for one, _, shares in issued(register):
        found[one.holder] = found.get(one.holder, Fraction(0)) + shares
    return found


def free(register: Register) -> Fraction:
    """What the pool has free."""
    return before(register) - sum(held(register).values())
