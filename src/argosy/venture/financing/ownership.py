"""Who owns what of a register, and who gets what of an exit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from argosy.core.errors import ProjectError
from argosy.venture.financing.exits import Exit, exit_table
from argosy.venture.financing.ocf.register import Award, Convertible, Register, Stock, StockClass
from argosy.venture.financing.waterfall import Claim

_NONE = Fraction(0)
_ONE = Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """What a holder has of one class, plan or convertible, as common shares; ``share`` is of all, fully diluted."""

    holder: str
    what: str
    shares: Fraction
    share: Fraction


def ownership(register: Register) -> tuple[Owned, ...]:
    """All holdings as common shares: preferred ones converted, options exercised, SAFEs with a cap converted.

    What a plan has reserved and not awarded is held by nobody (an empty holder). Shares of the whole add up to 1.
    Raises ProjectError for SAFEs that own the whole company, or more.
    """
    names = {one.id: one.name for one in register.holders}
    found = [(names[one.holder], what, shares) for one, what, shares in _as_common(register)]
    found += [("", one.name, left) for one in register.plans if (left := _left(register, one.id, one.reserved))]
    whole = sum((shares for *_, shares in found), _NONE)
    return tuple(
        Owned(holder=holder, what=what, shares=shares, share=shares / whole if whole else _NONE)
        for holder, what, shares in found
    )


def exits(register: Register, values: Sequence[Fraction], costs: Fraction = _NONE) -> tuple[Exit, ...]:
    """Exits at these values, and at all breakpoints: see ``exit_table``.

    SAFEs and notes get their money back, or convert by their cap where that is better. Interest of notes is not
    counted, nor are shares that nobody was awarded.
    """
    claimed = list(_claims(register))
    names = {one.id: one.name for one in register.holders}
    held: dict[str, dict[str, Fraction]] = {}
    for claim, holders in claimed:
        parts = held.setdefault(claim.name, {})
        for holder, amount in holders:
            parts[names[holder]] = parts.get(names[holder], _NONE) + amount
    return exit_table([claim for claim, _ in claimed], held, values, costs)


def converted(register: Register) -> dict[str, Fraction]:
    """The common shares that each SAFE or note with a cap becomes before new money, by its id.

    A post-money one owns amount / cap of all shares, itself and the others included; a pre-money one gets
    amount / (cap / shares before any of them). Sources: Y Combinator's user guides of both kinds of SAFE.
    """
    capped = [one for one in register.securities if isinstance(one, Convertible) and one.cap]
    shares = before(register)
    earlier = {one.id: one.amount * shares / (one.cap or _ONE) for one in capped if not one.post_money}
    owned = {one.id: one.amount / (one.cap or _ONE) for one in capped if one.post_money}
    whole = sum(owned.values(), _NONE)
    if whole >= 1:
        raise ProjectError(
            "The SAFEs own {percent} % of the company before any new money: nothing is left for its founders.",
            mend="Raise their caps, or lower their amounts.",
            percent=f"{float(100 * whole):.1f}",
        )
    total = (shares + sum(earlier.values(), _NONE)) / (1 - whole)
    return earlier | {name: part * total for name, part in owned.items()}


def before(register: Register) -> Fraction:
    """All shares, awards and reserves as common shares, without convertibles."""
    held = sum((shares for one, _, shares in issued(register)), _NONE)
    return held + sum((_left(register, one.id, one.reserved) for one in register.plans), _NONE)


def issued(register: Register) -> Iterator[tuple[Stock | Award, str, Fraction]]:
    """Each security that is no convertible, its class or plan, and the common shares that it is."""
    classes = {one.id: one for one in register.classes}
    plans = {one.id: one for one in register.plans}
    for one in register.securities:
        if isinstance(one, Stock):
            yield one, classes[one.stock_class].name, one.quantity * _ratio(classes[one.stock_class])
        elif isinstance(one, Award):
            plan = plans.get(one.plan or "")
            stock = classes.get(one.stock_class or (plan.stock_class if plan else ""))
            yield one, plan.name if plan else one.kind, one.quantity * (_ratio(stock) if stock else _ONE)


def _as_common(register: Register) -> Iterator[tuple[Stock | Award | Convertible, str, Fraction]]:
    yield from issued(register)
    shares = converted(register)
    for one in register.securities:
        if isinstance(one, Convertible):
            yield one, one.instrument, shares.get(one.id, _NONE)


def _left(register: Register, plan: str, reserved: Fraction) -> Fraction:
    awarded = sum((one.quantity for one in register.securities if isinstance(one, Award) and one.plan == plan), _NONE)
    return max(reserved - awarded, _NONE)


def _ratio(one: StockClass) -> Fraction:
    return one.ratio or _ONE


def _claims(register: Register) -> Iterator[tuple[Claim, list[tuple[str, Fraction]]]]:
    """The claims with who holds what part of each: a class decides as one, awards and convertibles by themselves."""
    for kind in register.classes:
        held = [one for one in register.securities if isinstance(one, Stock) and one.stock_class == kind.id]
        count = sum((one.quantity for one in held), _NONE)
        if count:
            yield _of_class(kind, count), [(one.holder, one.quantity) for one in held]
    shares = converted(register)
    for one, what, number in issued(register):
        if isinstance(one, Award):
            yield Claim(name=f"{what} {one.id}", shares=number, strike=one.strike or _NONE), [(one.holder, _ONE)]
    most = max((one.seniority for one in register.classes), default=_NONE) + 1
    for each in register.securities:
        if isinstance(each, Convertible):
            name = f"{each.instrument} {each.id}"
            yield (
                Claim(name=name, shares=shares.get(each.id, _NONE), preference=each.amount, rank=most),
                [(each.holder, _ONE)],
            )


def _of_class(kind: StockClass, count: Fraction) -> Claim:
    preference = count * (kind.price or _NONE) * (kind.preference or _NONE) if kind.preferred else _NONE
    return Claim(
        name=kind.name,
        shares=count * _ratio(kind),
        preference=preference,
        participates=kind.participation != "none",
        ceiling=count * (kind.price or _NONE) * kind.cap if kind.participation == "capped" and kind.cap else None,
        rank=kind.seniority,
    )
