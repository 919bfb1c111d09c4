"""Points in time as people write them, in one spelling that sorts as time does."""

import re
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from argosy.core.errors import ArgosyError, DataError

_YEARS = range(1900, 2200)
_EXCEL_DAYS = (20_000, 80_000)  # 1954 to 2119, as the serial numbers of spreadsheets
_SECONDS = (10**8, 10**11)  # 1973 to 5138; a thousand times that in milliseconds
_EXCEL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - all times here are UTC, or of one unknown zone
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]")
_HOURS = re.compile(r"(\d{1,2})[时点](?:(\d{1,2})分?)?(?:(\d{1,2})秒)?")
_DAY = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_SHORT_CLOCK = re.compile(r"(?<=[ T])(\d):(?=\d\d)")
_AFTERNOON = {"上午": " AM", "凌晨": " AM", "早上": " AM", "下午": " PM", "晚上": " PM"}
_FORMATS = (
    "%Y-%m-%d %I:%M:%S %p",
    "%Y-%m-%d %I:%M %p",
    "%Y-%m-%d %p %I:%M:%S",
    "%Y-%m-%d %p %I:%M",
    "%d %B %Y",
    "%d %b %Y",
    "%B %d %Y",
    "%b %d %Y",
    "%d %b %Y %H:%M:%S",
    "%d %b %Y %H:%M",
    "%b %d %Y %H:%M:%S",
    "%b %d %Y %H:%M",
    "%a %b %d %H:%M:%S %z %Y",
    "%a %b %d %H:%M:%S %Y",
    "%Y%m%d",
    "%Y%m%d%H%M%S",
    "%Y-%m",
)


def parse_time(cell: str) -> str | None:
    """The time in a cell as ISO 8601 to the microsecond (UTC where the cell names a zone), or None.

    Reads ISO 8601, dates with year, month and day in this order, Chinese ones, names of months, seconds and
    milliseconds since 1970, and the serial numbers of spreadsheets. ``3/4/2026`` could be two days and is not read.

    >>> parse_time("2026年3月1日 下午2:05"), parse_time("1772330700"), parse_time("46082.5"), parse_time("3/4/2026")
    ('2026-03-01T14:05:00', '2026-03-01T02:05:00', '2026-03-01T12:00:00', None)
    """
    plain = " ".join(unicodedata.normalize("NFKC", cell).split())
    found = _of_number(plain) if _NUMBER.fullmatch(plain) else None
    found = found or _of_words(_western(plain))
    if found is None or found.year not in _YEARS:
        return None
    return (found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found).isoformat()


def parse_times(
    cells: Sequence[str | None], column: str, places: Sequence[str]
) -> tuple[list[str | None], list[ArgosyError]]:
    """The time of each cell (None where it is empty or none), with one problem for all cells that are no time."""
    found = [parse_time(cell) if cell and cell.strip() else None for cell in cells]
    bad = [at for at, (cell, time) in enumerate(zip(cells, found, strict=True)) if cell and cell.strip() and not time]
    if not bad:
        return found, []
    problem = DataError(
        "The column {column!r} holds {found!r}, which is not read as a time ({count} such rows).",
        where=places[bad[0]],
        mend="Write it as 2026-03-01 or 2026-03-01 14:05: year, month, day.",
        column=column,
        found=str(cells[bad[0]]).strip()[:40],
        count=len(bad),
    )
    return found, [problem]


def _of_number(plain: str) -> datetime | None:
    number = float(plain)
    if _EXCEL_DAYS[0] <= number < _EXCEL_DAYS[1]:
        return _EXCEL_ZERO + timedelta(seconds=round(number * 86_400))
    if len(plain) in (8, 14):  # a date without marks: 20260301, 20260301140500
        return None
    for unit in (1, 1000, 1_000_000):
        if _SECONDS[0] * unit <= number < _SECONDS[1] * unit:
            return _EPOCH + timedelta(seconds=number / unit)
    return None


def _western(plain: str) -> str:
    """Chinese dates and dates with other marks in the spelling of ISO 8601, months before commas."""
    plain = _CHINESE.sub(lambda found: f"{found[1]}-{found[2]}-{found[3]} ", plain)
    plain = _HOURS.sub(lambda found: f"{found[1]}:{found[2] or '00'}:{found[3] or '00'}", plain)
    plain = _DAY.sub(lambda found: f"{found[1]}-{int(found[3]):02}-{int(found[4]):02}", plain)
    for word, mark in _AFTERNOON.items():
        plain = plain.replace(word, mark + " ")
    return _SHORT_CLOCK.sub(r"0\1:", " ".join(plain.replace(",", " ").split()))


def _of_words(plain: str) -> datetime | None:
    with suppress(ValueError):
        return datetime.fromisoformat(plain)
    for form in _FORMATS:
        with suppress(ValueError):
            return datetime.strptime(plain, form)  # noqa: DTZ007 - a zone is kept where the form has one
    with suppress(ValueError):
        return parsedate_to_datetime(plain)
    return None
