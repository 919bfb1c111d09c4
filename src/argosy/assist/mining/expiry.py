"""Answers that hold no more: those that name a day that is over, and those that nobody gave for long."""

import re
from datetime import UTC, date, datetime, timedelta

from argosy.assist.mining.mined import Expired, Stored
from argosy.data.slots import values

_DAY = 86_400_000_000  # microseconds
_HALF_YEAR = 183  # days
_SINCE = re.compile(
    r"(?:since|from|as of|after|starting|effective|beginning|自从?|从|從|自|起于)(?: on| the)?\s*$", re.IGNORECASE
)
_ONWARD = re.compile(r"^\s*(?:起|开始|開始|以后|以後|之后|之後|onwards?\b|后|後)", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DIGITS = re.compile(r"\d+")


def expired_of(answer: Stored, now: int, stale_days: int) -> Expired | None:
    """Why an answer is out of date at ``now`` (microseconds since the epoch), if it is; ``stale_days`` 0: never old."""
    over = past_date(answer.text, answer.last, now)
    if over is not None:
        return Expired(id=answer.id, text=answer.text, reason="past_date", told=over.isoformat())
    if stale_days and answer.last is not None and now - answer.last > stale_days * _DAY:
        return Expired(id=answer.id, text=answer.text, reason="not_given", told=_day(answer.last).isoformat())
    return None


def past_date(text: str, said: int | None, now: int) -> date | None:
    """The last day that a text names, where all days that it names are over; days since when something holds are none.

    ``said`` tells the year where the text does not.

    >>> past_date("The sale ends on 3 May 2025.", None, 1_780_000_000_000_000)
    datetime.date(2025, 5, 3)
    >>> past_date("自2025年5月3日起免运费", None, 1_780_000_000_000_000)
    """
    days = []
    for slot in values(text):
        if slot.name != "date" or _SINCE.search(text[: slot.start]) or _ONWARD.search(text[slot.end :]):
            continue
        day = _parsed(slot.value, _day(said if said is not None else now))
        if day is not None:
            days.append(day)
    return max(days) if days and max(days) < _day(now) else None


def _day(at: int) -> date:
    return datetime.fromtimestamp(at / 1e6, UTC).date()


def _parsed(value: str, near: date) -> date | None:
    """The day of a date in one of the forms of data.slots; a month alone ends on its last day."""
    numbers = [int(number) for number in _DIGITS.findall(value)]
    month = next((place for place, name in enumerate(_MONTHS, 1) if re.search(rf"\b{name}", value.lower())), None)
    year = next((number for number in numbers if number > 31), None)  # noqa: PLR2004 - no day and no month
    rest = [number for number in numbers if number <= 31]  # noqa: PLR2004 - the same
    if "/" in value and len(rest) == 3:  # noqa: PLR2004 - the year in two digits
        year, rest = 2000 + rest[2], rest[:2]
    if month is None:
        if not rest:
            return None
        month, rest = rest[0], rest[1:]
        if "/" in value and month > 12:  # noqa: PLR2004 - the day stands first
            month, rest = rest[0], [month]
    return _made(year, month, rest[0] if rest else None, near)


def _made(year: int | None, month: int, day: int | None, near: date) -> date | None:
    try:
        if day is None:
            if year is None:
                return None
            return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        if year is not None:
            return date(year, month, day)
        told = date(near.year, month, day)
        return told.replace(year=near.year + 1) if (near - told).days > _HALF_YEAR else told
    except ValueError:  # no such day
        return None
