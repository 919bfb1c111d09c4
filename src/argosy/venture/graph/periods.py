"""The periods of a plan: calendar months, or the 4, 4 and 5 weeks of a year of 52 or 53 weeks."""

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Literal

Calendar = Literal["months", "4-4-5"]
_WEEKS = (4, 4, 5)
_IN_YEAR = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From its first day on, until the day before ``end``; ``year`` is that of the calendar, ``number`` from 0 on."""

    number: int
    start: date
    end: date
    year: int
    label: str

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days


def periods(start: date, count: int, kind: Calendar = "months") -> tuple[Period, ...]:
    """``count`` periods from ``start`` on: the first day of a month, or any day of the first week of 4-4-5.

    A year of 4-4-5 has a 53rd week, in its last period, where the Monday that is nearest to 1 January asks for it.
    """
    bounds = list(islice(_months(start) if kind == "months" else _weeks(start), count))
    return tuple(
        Period(number=number, start=first, end=end, year=year, label=label)
        for number, (first, end, year, label) in enumerate(bounds)
    )


def at(found: Sequence[Period], day: date) -> int | None:
    """The number of the period in which a day lies; None outside of the plan."""
    return next((one.number for one in found if one.start <= day < one.end), None)


def _months(start: date) -> Iterator[tuple[date, date, int, str]]:
    first = start.replace(day=1)
    while True:
        end = first + timedelta(days=calendar.monthrange(first.year, first.month)[1])
        yield first, end, first.year, f"{first:%Y-%m}"
        first = end


def _weeks(start: date) -> Iterator[tuple[date, date, int, str]]:
    year = start.year + 1 if start >= _new_year(start.year + 1) else start.year
    year -= start < _new_year(year)
    while True:
        first, next_year = _new_year(year), _new_year(year + 1)
        for number in range(_IN_YEAR):
            end = first + timedelta(weeks=_WEEKS[number % 3])
            end = next_year if number == _IN_YEAR - 1 else end
            if end > start:
                yield first, end, year, f"{year}-P{number + 1:02}"
            first = end
        year += 1


def _new_year(year: int) -> date:
    """The Monday that is nearest to 1 January."""
    first = date(year, 1, 1)
    return first + timedelta(days=-first.weekday() if first.weekday() <= 3 else 7 - first.weekday())  # noqa: PLR2004 - Thursday
