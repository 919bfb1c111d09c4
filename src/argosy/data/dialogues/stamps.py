"""The times in chat exports, whose days and months stand in an order that only the whole file can tell."""

import re
from collections.abc import Sequence

from argosy.data.times import parse_time

STAMP = (
    r"(?P<date>\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})[,，]?\s*(?:(?:星期|周).\s*)?"
    r"(?P<clock>(?:上午|下午|凌晨|早上|中午|晚上)?\s?\d{1,2}:\d{2}(?::\d{2})?(?:\.\d{1,6})?(?:\s?[AaPp]\.?\s?[Mm]\.?)?)"
)
"""A date and a time of day, as the groups ``date`` and ``clock``."""
_SHORT = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{2,4})")
_MONTHS = 12


def times_of(stamps: Sequence[tuple[str, str]]) -> list[str | None]:
    """Each date with its time of day in ISO 8601; None where nothing tells whether 3/4 is in March or in April.

    A day above 12 anywhere tells it for all; dates with dots begin with the day, times with AM or PM with the month.
    """
    order = _order(stamps)
    return [parse_time(_spelt(date, clock, order)) for date, clock in stamps]


def _order(stamps: Sequence[tuple[str, str]]) -> str:
    """``day`` or ``month``, whichever comes first in short dates; nothing where it cannot be told."""
    found = [match for date, _ in stamps if (match := _SHORT.fullmatch(date))]
    days = any(int(match[1]) > _MONTHS for match in found)
    months = any(int(match[3]) > _MONTHS for match in found)
    if days != months:
        return "day" if days else "month"
    if days or not found:
        return ""
    if all(match[2] == "." for match in found):
        return "day"
    return "month" if any(clock.rstrip(" .")[-1] in "mM" for _, clock in stamps) else ""


def _spelt(date: str, clock: str, order: str) -> str:
    """The time as ``parse_time`` reads it; a short date without an order as it is, which it does not read."""
    marks = clock.replace("中午", "").strip()
    if marks[-1] in "mM.":
        marks = re.sub(r"\s?([AaPp])\.?\s?[Mm]\.?$", lambda found: f" {found[1].upper()}M", marks)
    short = _SHORT.fullmatch(date)
    if short and order:
        day, month = (short[1], short[3]) if order == "day" else (short[3], short[1])
        year = short[4] if len(short[4]) == 4 else f"20{short[4]:0>2}"  # noqa: PLR2004 - digits of a year
        date = f"{year}-{int(month):02}-{int(day):02}"
    return f"{date} {marks}"
