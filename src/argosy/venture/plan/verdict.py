"""What a plan comes to: years, the lowest cash, the break-even, milestones with what they miss, floors of prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from argosy.venture.graph.model import Model
from argosy.venture.graph.periods import at
from argosy.venture.graph.reckon import Exact
from argosy.venture.plan.parts import Metered, Milestone, Parts, Product, Role, Subscription, Work

FLOWS = "free_cash_flow"
"""The line whose present value the plan is worth."""
YEARLY = ("customers", "revenue", "gross_profit", "ebitda", "net_income", FLOWS, "cash")
"""The lines that are told by year, wherever a plan is shown in brief."""
_YEAR = 12


def years(model: Model, values: Exact, name: str) -> dict[int, Decimal | None]:
    """A line by calendar year: flows added up, stocks at the end; None for ratios and where a value is undefined."""
    kind = model.row(name).kind
    found: dict[int, Decimal | None] = {}
    for year in sorted({one.year for one in model.periods}):
        inside = [value for one, value in zip(model.periods, values[name], strict=True) if one.year == year]
        known = [value for value in inside if value is not None]
        whole = sum(known, Decimal(0)) if kind == "flow" else known[-1] if known else None
        found[year] = None if kind == "ratio" or len(known) < len(inside) else whole
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Cash:
    """The lowest cash and its period; ``out`` is the first period that ends below 0, None where none does."""

    lowest: Decimal
    when: int
    out: int | None


def lowest_cash(values: Exact) -> Cash:
    """How low cash falls, and when it is gone: the runway of this one course of figures."""
    cash = [value for value in values["cash"] if value is not None]
    lowest = min(cash)
    out = next((number for number, value in enumerate(cash) if value < 0), None)
    return Cash(lowest=lowest, when=cash.index(lowest), out=out)


def break_even(values: Exact) -> int | None:
    """The first period from which on no period of the plan has a loss; None where the last one has."""
    income = [value or Decimal(0) for value in values["net_income"]]
    last = max((number for number, value in enumerate(income) if value < 0), default=-1)
    return last + 1 if last + 1 < len(income) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A milestone with the cash, the burn and the people of its period, and what stands in its way.

    ``runway`` are the months that cash lasts by formula, None where nothing is burnt.
    ``missing`` are skills that nobody has by then, ``late`` those of ``after`` that come later; ``unpaid`` tells that
    cash is gone before, ``ownerless`` that nobody of its owner's role is there.
    """

    milestone: Milestone
    period: int
    cash: Decimal
    spent: Decimal
    people: Decimal
    runway: Decimal | None
    missing: tuple[str, ...]
    late: tuple[str, ...]
    unpaid: bool
    ownerless: bool


def milestones(parts: Parts, model: Model, values: Exact) -> list[Reached]:
    """The milestones of the plan in the order of their days."""
    out = lowest_cash(values).out
    days = {one.name: one.on for one in parts.milestones}
    found = []
    for one in sorted(parts.milestones, key=lambda each: each.on):
        period = at(model.periods, one.on)
        if period is None:
            continue
        there = [role for role in parts.roles if _hired(role, values, period)]
        skills = {skill for role in there for skill in role.skills}
        burnt = sum((value or Decimal(0) for value in values["burn"][: period + 1]), Decimal(0))
        found.append(
            Reached(
                milestone=one,
                period=period,
                cash=values["cash"][period] or Decimal(0),
                spent=burnt,
                people=values["people"][period] or Decimal(0),
                runway=values["runway"][period],
                missing=tuple(skill for skill in one.needs if skill not in skills),
                late=tuple(name for name in one.after if name in days and days[name] > one.on),
                unpaid=out is not None and out <= period,
                ownerless=one.owner not in {role.name for role in there},
            )
        )
    return found


def _hired(role: Role, values: Exact, period: int) -> bool:
    return bool(values[f"{role.name}.hired"][period])


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The least price of a stream that leaves a margin, in the plan's last year; ``price`` is today's.

    ``serving`` covers what serving it costs, ``all`` its share, by revenue, of all costs as well.
    """

    name: str
    price: Decimal
    unit: str
    serving: Decimal
    all: Decimal


def floors(parts: Parts, values: Exact, margin: Decimal) -> list[Floor]:
    """Cost / (1 − margin) for each stream that earns in the last year; none where the margin is 100 % or more."""
    if margin >= 1:
        return []
    revenue = _last_year(values, ["revenue"])
    spent = _last_year(values, ["serve", "sell", "build", "run", "fees", "written_off"])
    found = []
    sold: list[Subscription | Metered | Product | Work] = [*parts.subscriptions, *parts.metered]
    for one in [*sold, *parts.products, *parts.work]:
        earned, cost = _last_year(values, [f"{one.name}.revenue"]), _last_year(values, [f"{one.name}.spent"])
        if earned <= 0:
            continue
        price = one.price.value
        found.append(
            Floor(
                name=one.title,
                price=price,
                unit=one.price.unit.text,
                serving=price * cost / earned / (1 - margin),
                all=price * spent / revenue / (1 - margin),
            )
        )
    return found


def _last_year(values: Exact, names: Sequence[str]) -> Decimal:
    return sum((value or Decimal(0) for name in names for value in values[name][-_YEAR:]), Decimal(0))
