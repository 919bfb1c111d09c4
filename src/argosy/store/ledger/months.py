"""Billing months in a time zone."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from argosy.core.errors import ProjectError

QUARTER = 900 * 10**6  # µs: zones begin their months on quarters of an hour
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DECEMBER = 12


class Calendar:
    """Months such as ``2026-11`` by the clock of a time zone (IANA's name); raises ProjectError for an unknown one."""

    def __init__(self, time_zone: str) -> None:
        try:
            self._zone = ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ProjectError(
                "There is no time zone {name!r}.",
                mend="Name one such as Europe/Berlin or Asia/Shanghai.",
                name=time_zone,
            ) from error
        self._month = lru_cache(maxsize=1024)(self._find)

    def month(self, at: int) -> str:
        """The month of a time in microseconds since the epoch.

        >>> Calendar("Asia/Shanghai").month(1_793_462_400_000_000)  # 2026-10-31 16:00 UTC
        '2026-11'
        """
        return self._month(at // QUARTER)

    def day(self, at: int) -> str:
        """The day of a time in microseconds since the epoch, such as ``2026-11-01``."""
        return self._local(at).date().isoformat()

    def days(self, at: int) -> list[str]:
        """The days of the month up to that of a time, in order."""
        today = self._local(at).date()
        return [today.replace(day=number).isoformat() for number in range(1, today.day + 1)]

    def _find(self, quarter: int) -> str:
        local = self._local(quarter * QUARTER)
        return f"{local.year:04}-{local.month:02}"

    def _local(self, at: int) -> datetime:
        return (_EPOCH + timedelta(microseconds=at)).astimezone(self._zone)


def after(month: str) -> str:
    """The month after; of none, none.

    >>> after("2026-12"), after("")
    ('2027-01', '')
    """
    if not month:
        return ""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + 1:04}-01" if number == _DECEMBER else f"{year:04}-{number + 1:02}"
