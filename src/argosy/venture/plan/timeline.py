"""A plan's calendar as lines: how long periods are, when years begin, what begins when."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from argosy.core.errors import ProjectError
from argosy.venture.figures import Figure
from argosy.venture.graph.expression import ONE, ZERO, Expression, Line
from argosy.venture.graph.model import Heading, Sheet
from argosy.venture.graph.periods import Calendar, Period, at
from argosy.venture.units import SHARE, Dimension, currency, dimension

MONTHS = Line("months")
"""The length of a period in months."""
HOURS = Line("hours")
NUMBER = Line("number")
"""1 in the first period."""
YEAR = Line("year")
"""12 months, by which a rate a year becomes the share of a whole year."""
NEW_YEAR = Line("new_year")
"""1 in the first period of each calendar year but the plan's first."""
_DAYS_IN_MONTH = Decimal("365.2425") / 12  # of the Gregorian calendar, on average
_HOURS_IN_DAY = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """A sheet that a plan is written on, the plan's currency, and what one of another currency is in it."""

    sheet: Sheet
    money: Dimension
    rates: Mapping[str, Figure]

    @property
    def rate(self) -> Dimension:
        """Money for each customer and month."""
        return self.money / dimension("customer") / dimension("month")

    def given(self, figure: Figure | None, otherwise: Expression = ZERO) -> Expression:
        """A figure in the plan's currency, or what stands for one that is not in the plan."""
        if figure is None:
            return otherwise
        found: Expression = self.sheet.given(figure)
        for name, power in figure.unit.dimension.powers:
            if name in self.rates and currency(name) != self.money:
                rate = self.sheet.given(self.rates[name])
                found = found * rate if power > 0 else found / rate
        return found

    def on(self, day: date | None, what: str) -> Callable[[Period], Decimal]:
        """1 in the period of a day (None: the first), 0 in others; raises ProjectError for a day outside the plan."""
        number = 0 if day is None else at(self.sheet.periods, day)
        if number is None:
            first, last = self.sheet.periods[0], self.sheet.periods[-1]
            raise ProjectError(
                "The day {day} of {what!r} is outside of the plan, which goes from {first} to {last}.",
                mend="Give a month of the plan, or make the plan longer: [venture] months.",
                day=str(day),
                what=what,
                first=first.label,
                last=last.label,
            )
        return lambda period: Decimal(period.number == number)


def begin(found: tuple[Period, ...], kind: Calendar, code: str, rates: Mapping[str, Figure]) -> Writing:
    """An empty plan over periods of a calendar, with its calendar's lines."""
    writing = Writing(sheet=Sheet(periods=found), money=currency(code), rates=rates)
    lengths = [Decimal(1) if kind == "months" else one.days / _DAYS_IN_MONTH for one in found]
    years = [Decimal(number > 0 and one.year != found[number - 1].year) for number, one in enumerate(found)]
    write = writing.sheet.known
    write("number", [Decimal(one.number + 1) for one in found], _heading("Period", SHARE))
    write("months", lengths, _heading("Length in months", dimension("month")))
    write("hours", [Decimal(one.days * _HOURS_IN_DAY) for one in found], _heading("Length in hours", dimension("hour")))
    write("year", [Decimal(12)] * len(found), _heading("Months of a year", dimension("month")))
    write("new_year", years, _heading("A new year begins", SHARE))
    return writing


def begun(writing: Writing, name: str, since: date | None, about: str) -> Line:
    """A line that is 1 in the period in which something begins, else 0."""
    on = writing.on(since, about)
    return writing.sheet.known(
        f"{name}.begins",
        [on(one) for one in writing.sheet.periods],
        Heading(title="{name}: begins", section="calendar", dimension=SHARE, kind="ratio", about=about),
    )


def growing(first: Expression, begins: Expression, name: str, growth: Expression) -> Expression:
    """``first`` when it begins; each period later so much a month more than before, in the line ``name`` itself."""
    return begins * first + Line(name, 1) * (ONE + growth * MONTHS)


def paid_on(writing: Writing, name: str, amounts: Iterable[tuple[date, Decimal]], heading: Heading) -> Line:
    """A line of amounts, each in the period of its day; those of days behind the plan's last one are left out.

    Raises ProjectError for a day before the plan.
    """
    values = [Decimal(0)] * len(writing.sheet.periods)
    for day, amount in amounts:
        if day >= writing.sheet.periods[-1].end:
            continue
        on = writing.on(day, name)
        values[next(one.number for one in writing.sheet.periods if on(one))] += amount
    return writing.sheet.known(name, values, heading)


def _heading(title: str, of: Dimension) -> Heading:
    return Heading(title=title, section="calendar", dimension=of, kind="ratio")
