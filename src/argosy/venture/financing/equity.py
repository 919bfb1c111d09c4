"""A venture's shares from its founding on: SAFEs, notes and rounds in their order, a register after each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from argosy.venture.financing.dilution import Protection
from argosy.venture.financing.ocf.register import Convertible, Register, Stakeholder, Stock, StockClass, StockPlan
from argosy.venture.financing.ownership import ownership
from argosy.venture.financing.rounds import Closed, Round, close
from argosy.venture.financing.vesting import Vesting, vested

_COMMON = "common"
_POOL = "pool"
_NONE = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Founder:
    """Who founds the company, with common shares; what has not vested when a founder ``leaves`` falls back."""

    name: str
    shares: Fraction
    vesting: Vesting | None = None
    leaves: date | None = None

    def earned(self, day: date, sold: date | None) -> Fraction:
        """The shares that have vested by the end of a day; all, where none vest."""
        return (
            self.shares if self.vesting is None else vested(self.shares, self.vesting, day, left=self.leaves, sold=sold)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Equity:
    """All that happens to a company's shares; ``sold`` is when the company is, for vesting.

    ``pool`` are shares for awards from the beginning. A round converts what was issued before it or on its day.
    """

    company: str
    country: str
    currency: str
    formed: date
    founders: tuple[Founder, ...]
    pool: Fraction = _NONE
    convertibles: tuple[Convertible, ...] = ()
    rounds: tuple[Round, ...] = ()
    sold: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The register after an event, called by its name; ``closed`` where it was a round.

    ``parts`` is what each holder owns of all shares, fully diluted, in all 1; an empty name is what the pool has free.
    ``vested`` are the founders' shares that have vested.
    """

    name: str
    day: date
    register: Register
    parts: Mapping[str, Fraction]
    vested: Mapping[str, Fraction]
    closed: Closed | None = None


Event = Founder | Convertible | Round | None


def history(equity: Equity) -> tuple[Stage, ...]:
    """The company at its founding, after each SAFE, note, round and leaving of a founder, and when it is sold.

    On one day SAFEs and notes come first, then rounds. Raises ProjectError for rounds that have no price, and for SAFEs
    that own the whole company.
    """
    register = _founded(equity)
    stages = [_stage("founding", equity.formed, register, equity)]
    protected: dict[str, Protection] = {}
    for name, day, event in _events(equity):
        closed = None
        if isinstance(event, Convertible):
            register = _issued(register, event)
        elif isinstance(event, Round):
            known = {one.id for one in register.classes}
            closed = close(register, event, protected)
            register = closed.register
            if event.protection:
                protected |= {one.id: event.protection for one in register.classes if one.id not in known}
        elif isinstance(event, Founder):
            register = _left(register, event, equity.sold)
        register = replace(register, day=day)
        stages.append(_stage(name, day, register, equity, closed))
    return tuple(stages)


def _events(equity: Equity) -> Sequence[tuple[str, date, Event]]:
    found: list[tuple[str, date, Event]] = [(one.id, one.day, one) for one in equity.convertibles]
    found += [(one.name, one.day, one) for one in equity.rounds]
    found += [(one.name, one.leaves, one) for one in equity.founders if one.leaves]
    found += [("exit", equity.sold, None)] if equity.sold else []
    return sorted(found, key=lambda one: one[1])


def _founded(equity: Equity) -> Register:
    return Register(
        id=equity.company,
        company=equity.company,
        formed=equity.formed,
        country=equity.country,
        day=equity.formed,
        currency=equity.currency,
        holders=tuple(Stakeholder(id=one.name, name=one.name) for one in equity.founders),
        classes=(
            StockClass(id=_COMMON, name=_COMMON, preferred=False, prefix="CS-", authorized=None, seniority=_NONE),
        ),
        plans=(StockPlan(id=_POOL, name=_POOL, reserved=equity.pool, stock_class=_COMMON),) if equity.pool else (),
        securities=tuple(
            Stock(
                id=f"{one.name}:{_COMMON}",
                holder=one.name,
                day=equity.formed,
                stock_class=_COMMON,
                quantity=one.shares,
                price=_NONE,
            )
            for one in equity.founders
        ),
    )


def _issued(register: Register, one: Convertible) -> Register:
    known = any(each.id == one.holder for each in register.holders)
    holders = () if known else (Stakeholder(id=one.holder, name=one.holder, institution=True),)
    return replace(register, holders=(*register.holders, *holders), securities=(*register.securities, one))


def _left(register: Register, founder: Founder, sold: date | None) -> Register:
    """The founder's shares are those that vested."""
    kept = founder.earned(founder.leaves or register.day, sold)
    own = f"{founder.name}:{_COMMON}"
    others = (one for one in register.securities if one.id != own)
    still = (replace(one, quantity=kept) for one in register.securities if one.id == own and isinstance(one, Stock))
    return replace(register, securities=(*(still if kept else ()), *others))


def _stage(name: str, day: date, register: Register, equity: Equity, closed: Closed | None = None) -> Stage:
    parts: dict[str, Fraction] = {}
    for one in ownership(register):
        parts[one.holder] = parts.get(one.holder, _NONE) + one.share
    return Stage(
        name=name,
        day=day,
        register=register,
        parts=parts,
        vested={one.name: one.earned(day, equity.sold) for one in equity.founders},
        closed=closed,
    )
