"""A priced round: what converts, the pool, the price and the new shares; a register goes in, the next one comes out.

Shares and prices are exact fractions, and nothing is rounded: a cap table in whole shares cuts the fractions off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from argosy.core.errors import ProjectError
from argosy.venture.financing import dilution, safes
from argosy.venture.financing.dilution import Protection
from argosy.venture.financing.ocf.register import (
    Award,
    Convertible,
    Participation,
    Register,
    Stakeholder,
    Stock,
    StockClass,
    StockPlan,
)
from argosy.venture.financing.ownership import before, issued
from argosy.venture.financing.pricing import Line, Solution, pool_terms, solve

Method = Literal["percent", "pre_money", "dollars"]
"""What the valuation covers: SAFEs and notes too, so that new money buys its percentage; not them; or them at cost.

The percent-ownership, pre-money and dollars-invested methods of Cooley, "Calculating share price with outstanding
convertible notes or SAFEs".
"""
_NONE = Fraction(0)
_ONE = Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A series of preferred shares sold on a day, at the valuation ``pre_money``, for the money of ``investors``.

    After it ``pool`` of all shares is free for awards, or the pool has grown by ``growth`` shares, both before the new
    money. Holders in ``follows`` use their right to buy what keeps their part, out of the round. A share's preference
    is ``preference`` · price; ``senior`` is paid before earlier series, others beside the most senior of them.
    """

    name: str
    day: date
    pre_money: Fraction
    investors: Mapping[str, Fraction]
    pool: Fraction | None = None
    growth: Fraction = _NONE
    method: Method = "percent"
    preference: Fraction = _ONE
    participation: Participation = "none"
    cap: Fraction | None = None
    senior: bool = True
    follows: tuple[str, ...] = ()
    protection: Protection | None = None

    @property
    def money(self) -> Fraction:
        """What is invested in all."""
        return sum(self.investors.values(), _NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A SAFE or a note that became ``shares`` of a class, at a ``price`` each."""

    id: str
    holder: str
    stock_class: str
    shares: Fraction
    price: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A round after its closing: the register, the price of a new share, and what changed."""

    register: Register
    price: Fraction
    growth: Fraction
    sold: Fraction
    conversions: tuple[Conversion, ...] = ()
    adjusted: Mapping[str, Fraction] = field(default_factory=dict)
    """Classes whose protection took effect, with what one of their shares converts into from now on."""


def close(register: Register, terms: Round, protected: Mapping[str, Protection] | None = None) -> Closed:
    """Close a round: convert all SAFEs and notes, adjust ``protected`` classes, let the pool grow, sell new shares.

    The new class is called by the round's name. What converts for less than the round's price becomes a
    class of its own, whose preference is what was paid (Y Combinator's Safe Preferred Stock). The new price counts what
    protected classes gain, except by the pre-money method. Raises ProjectError for a company without shares, for money
    or a valuation that is not above 0, and for what ``pricing.solve`` refuses.
    """
    _hold(register, terms)
    convertibles = [one for one in register.securities if isinstance(one, Convertible)]
    guarded = [
        (one, kind) for one in register.classes if (kind := (protected or {}).get(one.id)) and _count(register, one)
    ]
    found = _priced(register, terms, convertibles, guarded)
    taken = dict(zip((one.id for one in convertibles), found.taken, strict=False))
    gained = {one.id: shares for (one, _), shares in zip(guarded, found.taken[len(convertibles) :], strict=True)}
    classes = tuple(_adjusted(register, one, gained.get(one.id, _NONE)) for one in register.classes)
    series = _series(register, terms, found.price)
    conversions, shadows = _converted(convertibles, taken, terms, series)
    converted = replace(
        register,
        day=terms.day,
        holders=_holders(register, terms),
        classes=(*classes, series, *shadows),
        securities=(
            *(one for one in register.securities if not isinstance(one, Convertible)),
            *(_stock(one.id, one.holder, one.stock_class, one.shares, one.price, terms.day) for one in conversions),
        ),
    )
    return Closed(
        register=_grown(_sold(converted, terms, series, terms.money / found.price), found.growth),
        price=found.price,
        growth=found.growth,
        sold=terms.money / found.price,
        conversions=conversions,
        adjusted={one.id: one.ratio or _ONE for one in classes if gained.get(one.id)},
    )


def _hold(register: Register, terms: Round) -> None:
    if terms.pre_money <= 0 or terms.money <= 0 or min(terms.investors.values()) < 0:
        raise ProjectError(
            "The round {name!r} needs a valuation and money above 0.",
            mend="Give `pre_money` and `investors`.",
            name=terms.name,
        )
    if terms.pool is not None and not 0 <= terms.pool < 1:
        raise ProjectError(
            "The pool after the round {name!r} is no share below 1: {found}.", name=terms.name, found=float(terms.pool)
        )
    if not any(shares for *_, shares in issued(register)):
        raise ProjectError(
            "There are no shares before the round {name!r}: it has no price.",
            mend="Give the founders' shares.",
            name=terms.name,
        )
    if any(one.id == terms.name for one in register.classes):
        raise ProjectError(
            "There are shares of {name!r} already.", mend="Give the round another name.", name=terms.name
        )


def _priced(
    register: Register,
    terms: Round,
    convertibles: Sequence[Convertible],
    guarded: Sequence[tuple[StockClass, Protection]],
) -> Solution:
    whole, money = before(register), terms.money
    held = sum((shares for *_, shares in issued(register)), _NONE)
    asks = [safes.terms(one, convertibles, whole, terms.day) for one in convertibles]
    preferred = sum((_count(register, one) * (one.ratio or _ONE) for one in register.classes if one.preferred), _NONE)
    asks += [
        dilution.terms(
            kind,
            _count(register, one),
            one.ratio or _ONE,
            one.price or _NONE,
            preferred if kind == "narrow" else held,
            money,
        )
        for one, kind in guarded
    ]
    pool = (Line(fixed=terms.growth),) if terms.pool is None else pool_terms(whole, whole - held, money, terms.pool)
    lent = sum((safes.owed(one, terms.day) for one in convertibles), _NONE)
    value = terms.pre_money + (lent if terms.method == "dollars" else _NONE)
    return solve(whole, value, asks, pool, inside=terms.method != "pre_money")


def _count(register: Register, kind: StockClass) -> Fraction:
    held = (one.quantity for one in register.securities if isinstance(one, Stock) and one.stock_class == kind.id)
    return sum(held, _NONE)


def _adjusted(register: Register, kind: StockClass, gained: Fraction) -> StockClass:
    return replace(kind, ratio=(kind.ratio or _ONE) + gained / _count(register, kind)) if gained else kind


def _series(register: Register, terms: Round, price: Fraction) -> StockClass:
    most = max((one.seniority for one in register.classes if one.preferred), default=_NONE)
    return StockClass(
        id=terms.name,
        name=terms.name,
        preferred=True,
        prefix=f"{terms.name}-",
        authorized=None,
        seniority=most + 1 if terms.senior or not most else most,
        price=price,
        preference=terms.preference,
        participation=terms.participation,
        cap=terms.cap,
        ratio=_ONE,
        converts_to=next((one.id for one in register.classes if not one.preferred), None),
    )


def _converted(
    convertibles: Sequence[Convertible], taken: Mapping[str, Fraction], terms: Round, series: StockClass
) -> tuple[tuple[Conversion, ...], tuple[StockClass, ...]]:
    """The conversions, and a class for each price below the round's."""
    prices = {one.id: safes.owed(one, terms.day) / taken[one.id] for one in convertibles if taken[one.id]}
    lower = sorted({price for price in prices.values() if price != series.price}, reverse=True)
    names = {price: f"{series.id}-{number}" for number, price in enumerate(lower, start=2)}
    shadows = tuple(
        replace(series, id=name, name=name, prefix=f"{name}-", price=price) for price, name in names.items()
    )
    conversions = tuple(
        Conversion(
            id=one.id, holder=one.holder, stock_class=names.get(price, series.id), shares=taken[one.id], price=price
        )
        for one in convertibles
        if (price := prices.get(one.id))
    )
    return conversions, shadows


def _sold(register: Register, terms: Round, series: StockClass, shares: Fraction) -> Register:
    """The new shares: first those of holders who keep their part, the rest by what investors give."""
    whole = before(register)
    held: dict[str, Fraction] = {}
    for one, _, count in issued(register):
        held[one.holder] = held.get(one.holder, _NONE) + count
    followed = {holder: shares * held.get(holder, _NONE) / whole for holder in dict.fromkeys(terms.follows)}
    rest = shares - sum(followed.values(), _NONE)
    bought = {holder: rest * money / terms.money for holder, money in terms.investors.items()}
    for holder, count in followed.items():
        bought[holder] = bought.get(holder, _NONE) + count
    new = tuple(
        _stock(f"{terms.name}:{holder}", holder, series.id, count, series.price or _NONE, terms.day)
        for holder, count in bought.items()
        if count
    )
    return replace(register, securities=(*register.securities, *new))


def _stock(id_: str, holder: str, kind: str, count: Fraction, price: Fraction, day: date) -> Stock:
    return Stock(id=id_, holder=holder, day=day, stock_class=kind, quantity=count, price=price)


def _holders(register: Register, terms: Round) -> tuple[Stakeholder, ...]:
    known = {one.id for one in register.holders}
    new = [name for name in (*terms.investors, *terms.follows) if name not in known]
    return (*register.holders, *(Stakeholder(id=name, name=name, institution=True) for name in dict.fromkeys(new)))


def _grown(register: Register, growth: Fraction) -> Register:
    """The first plan grown, so far that all of the growth is free; a new one where there is none."""
    if not growth:
        return register
    if not register.plans:
        common = next((one.id for one in register.classes if not one.preferred), register.classes[0].id)
        return replace(register, plans=(StockPlan(id="pool", name="pool", reserved=growth, stock_class=common),))
    first, *others = register.plans
    awards = (one.quantity for one in register.securities if isinstance(one, Award) and one.plan == first.id)
    reserved = max(first.reserved, sum(awards, _NONE)) + growth
    return replace(register, plans=(replace(first, reserved=reserved), *others))
