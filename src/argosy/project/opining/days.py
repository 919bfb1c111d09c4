"""Days and hours on people's clock: holidays of the project file, the day of a brief."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from argosy.config.opinion import Opinion
from argosy.core.errors import ProjectError

_SECOND = 1_000_000


def spans(wish: Opinion) -> list[tuple[int, int]]:
    """Beginning and end of each holiday in microseconds; raises ProjectError for one that is no day or span."""
    return [(bounds_of(first, wish.time_zone)[0], bounds_of(last, wish.time_zone)[1]) for first, last in _days(wish)]


def bounds_of(day: date, zone: str) -> tuple[int, int]:
    """Beginning and end of a day there, in microseconds."""
    begin = datetime.combine(day, time(), ZoneInfo(zone))
    end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return int(begin.timestamp()) * _SECOND, int(end.timestamp()) * _SECOND


def day_of(at: int, zone: str) -> date:
    """The day there."""
    return datetime.fromtimestamp(at / _SECOND, UTC).astimezone(ZoneInfo(zone)).date()


def parsed(day: str) -> date:
    """A day as ``2026-11-23``; raises ProjectError for any other word."""
    try:
        return date.fromisoformat(day)
    except ValueError as error:
        raise ProjectError(
            "Expected a day, found {found!r}.", mend="Write it as 2026-11-23.", found=day[:40]
        ) from error


def _days(wish: Opinion) -> Iterator[tuple[date, date]]:
    for written in wish.holidays:
        first, _, last = written.partition("/")
        yield parsed(first), parsed(last or first)
