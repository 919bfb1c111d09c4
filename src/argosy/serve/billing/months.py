"""The days of a billing month, and which plan each of them belongs to."""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from argosy.core.errors import ProjectError

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])\Z", re.ASCII)
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From ``at`` (microseconds since the epoch) on, a tenant has the plan with this id; None: none any more."""

    at: int
    plan: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days of a month, both ends included, that belong to a plan."""

    plan: str
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


def first_day(month: str) -> date:
    """The first day of a month such as ``2026-11``; raises ProjectError for anything else."""
    if not (found := _MONTH.match(month)):
        raise ProjectError("Expected a month such as 2026-11, found {found!r}.", where="--month", found=month)
    return date(int(found[1]), int(found[2]), 1)


def length(month: str) -> int:
    """The days of a month."""
    first = first_day(month)
    return monthrange(first.year, first.month)[1]


def day_of(at: int, zone: str) -> date:
    """The day in ``zone`` of a time in microseconds since the epoch."""
    return datetime.fromtimestamp(at // _SECOND, UTC).astimezone(ZoneInfo(zone)).date()


def month_of(at: int, zone: str) -> str:
    """The month in ``zone`` of a time in microseconds since the epoch."""
    return f"{day_of(at, zone):%Y-%m}"


def spans(changes: Sequence[Change], month: str, zone: str) -> list[Span]:
    """Which days of ``month`` belong to which plan: a day to the last plan that was in force on it.

    ``changes`` are in the order of time. The day a tenant starts or ends with counts.
    """
    first = first_day(month)
    found: list[Span] = []
    for day in (first + timedelta(days=number) for number in range(length(month))):
        plan = _plan_on(changes, day, zone)
        if plan is None:
            continue
        if found and found[-1].plan == plan and found[-1].last == day - timedelta(days=1):
            found[-1] = Span(plan=plan, first=found[-1].first, last=day)
        else:
            found.append(Span(plan=plan, first=day, last=day))
    return found


def _plan_on(changes: Sequence[Change], day: date, zone: str) -> str | None:
    days = [day_of(change.at, zone) for change in changes]
    overnight = [change.plan for change, on in zip(changes, days, strict=True) if on < day][-1:]
    today = [change.plan for change, on in zip(changes, days, strict=True) if on == day]
    return next((plan for plan in reversed([*overnight, *today]) if plan is not None), None)
