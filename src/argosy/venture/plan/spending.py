"""People, expenses, assets: what is spent beside what each sale costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import get_args

from argosy.venture.figures import Figure
from argosy.venture.graph.expression import ONE, ZERO, Expression, Line, most, number, reaches, total
from argosy.venture.graph.model import Heading, Kind
from argosy.venture.graph.periods import at
from argosy.venture.plan.income import Stream
from argosy.venture.plan.parts import Asset, Expense, Function, Once, Parts, Role
from argosy.venture.plan.timeline import HOURS, MONTHS, NEW_YEAR, NUMBER, YEAR, Writing, begun
from argosy.venture.units import Dimension, dimension

PERSON = dimension("person")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """The lines of what is spent, by function, of fees, and of assets: bought, and written off."""

    by: dict[Function, Line]
    fees: Line
    bought: Line
    written_off: Line


def spending(writing: Writing, parts: Parts, streams: Sequence[Stream], count: Line, revenue: Line) -> Spent:
    """All spending of a plan; ``count`` are all customers, ``revenue`` all that is earned."""
    lines: dict[Function, list[Expression]] = {function: [] for function in get_args(Function)}
    people = []
    for role in parts.roles:
        heads, wages = _role(writing, role, count)
        lines[role.function].append(wages)
        people.append(heads)
    for expense in parts.expenses:
        lines[expense.function].append(_expense(writing, expense))
    once = [
        *parts.once,
        *(
            Once(name=one.name, title=one.title, function="build", amount=one.cost, on=one.on)
            for one in parts.milestones
            if one.cost is not None
        ),
    ]
    for one in once:
        lines[one.function].append(_once(writing, one))
    for stream in streams:
        lines["serve"].append(stream.cost)
    writing.sheet.line("people", total(list(people)), _heading("People", "people", "stock", PERSON))
    fees = writing.sheet.line(
        "fees",
        revenue * total([writing.given(one.share) for one in parts.fees]) if parts.fees else ZERO,
        Heading(title="Fees on revenue", section="costs", dimension=writing.money),
    )
    return Spent(
        by={function: _function(writing, function, lines[function]) for function in lines},
        fees=fees,
        bought=_bought(writing, parts.assets),
        written_off=_written_off(writing, parts.assets),
    )


_TITLES: dict[Function, str] = {
    "serve": "Serving customers",
    "sell": "Sales and marketing",
    "build": "Research and development",
    "run": "General and administration",
}


def _function(writing: Writing, function: Function, lines: list[Expression]) -> Line:
    return writing.sheet.line(
        function, total(lines), Heading(title=_TITLES[function], section="costs", dimension=writing.money)
    )


def _role(writing: Writing, role: Role, count: Line) -> tuple[Line, Line]:
    """The people of a role, and what they are paid with charges."""
    sheet = writing.sheet
    hired = sheet.known(
        f"{role.name}.hired", _hired(writing, role), _heading("{name}: hired", "people", "stock", PERSON, role.title)
    )
    heads: Line = hired
    if role.serves is not None:
        heads = sheet.line(
            f"{role.name}.heads",
            most(hired, count / writing.given(role.serves)),
            _heading("{name}: people", "people", "stock", PERSON, role.title),
        )
    wage = sheet.line(
        f"{role.name}.wage",
        _rising(f"{role.name}.wage", writing.given(role.wage), _yearly(writing, role.raises)),
        _heading("{name}: wage a month", "people", "ratio", writing.money / PERSON / dimension("month"), role.title),
    )
    paid = sheet.line(
        f"{role.name}.paid",
        heads * wage * MONTHS * (ONE + writing.given(role.charges)),
        Heading(title="{name}: wages with charges", section="people", dimension=writing.money, about=role.title),
    )
    return heads, paid


def _hired(writing: Writing, role: Role) -> list[Decimal]:
    """How many are paid in each period; raises ProjectError for a day outside of the plan."""
    found = []
    for one in role.hires:
        if one < writing.sheet.periods[0].start:
            found.append(0)
        else:
            begins = writing.on(one, role.name)
            found.append(next(period.number for period in writing.sheet.periods if begins(period)))
    left = [at(writing.sheet.periods, one) for one in role.leaves]
    return [
        Decimal(
            sum(begins <= period.number for begins in found)
            - sum(ends is not None and ends <= period.number for ends in left)
        )
        for period in writing.sheet.periods
    ]


def _rising(name: str, first: Expression, raises: Expression | None) -> Expression:
    """``first`` in the first period, later as before, and more at each new year; in the line ``name`` itself."""
    begins = reaches(ONE, NUMBER)
    before = Line(name, 1)
    return begins * first + (before if raises is None else before * (ONE + NEW_YEAR * raises))


def _yearly(writing: Writing, raises: Figure | None) -> Expression | None:
    """A rate a year as a share of each new year."""
    return None if raises is None else writing.given(raises) * YEAR


def _expense(writing: Writing, one: Expense) -> Line:
    sheet = writing.sheet
    time = dimension("hour") if ("hour", -1) in one.amount.unit.dimension.powers else dimension("month")
    rate = sheet.line(
        f"{one.name}.rate",
        _rising(f"{one.name}.rate", writing.given(one.amount), _yearly(writing, one.raises)),
        _heading("{name}: rate", "costs", "ratio", writing.money / time, one.title),
    )
    first, last = writing.sheet.periods[0].start, writing.sheet.periods[-1].end
    runs = [
        Decimal((one.since or first) < period.end and period.start < (one.until or last))
        for period in writing.sheet.periods
    ]
    on = sheet.known(
        f"{one.name}.runs", runs, _heading("{name}: is paid", "calendar", "ratio", dimension("share"), one.title)
    )
    return sheet.line(
        f"{one.name}.paid",
        on * rate * (HOURS if time == dimension("hour") else MONTHS),
        Heading(title="{name}", section="costs", dimension=writing.money, about=one.title),
    )


def _once(writing: Writing, one: Once) -> Line:
    begins = begun(writing, one.name, one.on, one.title)
    return writing.sheet.line(
        f"{one.name}.paid",
        begins * writing.given(one.amount),
        Heading(title="{name}", section="costs", dimension=writing.money, about=one.title),
    )


def _bought(writing: Writing, assets: Sequence[Asset]) -> Line:
    bought = [begun(writing, asset.name, asset.on, asset.title) * writing.given(asset.price) for asset in assets]
    return writing.sheet.line(
        "bought", total(bought), Heading(title="Assets bought", section="cash", dimension=writing.money)
    )


def _written_off(writing: Writing, assets: Sequence[Asset]) -> Line:
    """Straight-line depreciation, from the period of the purchase on."""
    parts: list[Expression] = []
    for asset in assets:
        number_bought = writing.on(asset.on, asset.name)
        begins = next(period.number for period in writing.sheet.periods if number_bought(period))
        used = [Decimal(begins <= period.number < begins + asset.life) for period in writing.sheet.periods]
        line = writing.sheet.known(
            f"{asset.name}.used",
            used,
            _heading("{name}: is written off", "calendar", "ratio", dimension("share"), asset.title),
        )
        parts.append(line * writing.given(asset.price) / number(asset.life))
    return writing.sheet.line(
        "written_off", total(parts), Heading(title="Depreciation", section="profit", dimension=writing.money)
    )


def _heading(title: str, section: str, kind: Kind, of: Dimension, about: str = "") -> Heading:
    return Heading(title=title, section=section, dimension=of, kind=kind, about=about)
