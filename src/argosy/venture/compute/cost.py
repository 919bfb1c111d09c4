"""What serving costs, with the hours in which machines wait for requests."""

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from argosy.core.errors import ProjectError
from argosy.venture.compute.shapes import HOURS, Shape

_SECONDS = 3600
_DAYS = Fraction(3652425, 120000)  # of a month of the Gregorian calendar, on average
MONTH_HOURS = Decimal("730.485")
"""The hours of that month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A month of serving: machines that always run, their hours, the share of them that is used, and what it costs.

    ``busy`` is requests / what the machines could have answered within the bound; ``thousand`` is the cost of 1,000
    requests and ``million`` of 1M tokens, with idle hours, None without requests; ``full`` is that of 1,000 requests
    if no hour were idle.
    """

    requests: Decimal
    machines: int
    hours: Decimal
    busy: float
    cost: Decimal
    thousand: Decimal | None
    million: Decimal | None
    full: Decimal


def served(
    requests: Decimal,
    shape: Shape,
    rate: float,
    hourly: Decimal,
    tokens: Decimal | None = None,
    *,
    scales: bool = False,
) -> Served:
    """A month of ``requests`` on machines that each answer ``rate`` a second, at ``hourly`` an hour each.

    There are as many machines as the highest moment needs, one at least, at all hours; where it ``scales``, as many as
    each hour's highest moment needs. Raises ProjectError for a rate that is not above 0 or requests below 0.
    """
    if rate <= 0 or requests < 0:
        raise ProjectError(
            "{requests} requests a month cannot be served at {rate} a second.",
            mend="Give requests of 0 or more, and a rate above 0.",
            requests=requests,
            rate=rate,
        )
    day = Fraction(requests) / _DAYS
    needed = [max(1, math.ceil(day * part * shape.burst / _SECONDS / Fraction(rate))) for part in shape.hours]
    machines = max(needed)
    whole = MONTH_HOURS * (Decimal(sum(needed)) / HOURS if scales else machines)
    cost = whole * hourly
    could = whole * _SECONDS * Decimal(rate)
    thousand = cost / requests * 1000 if requests else None
    return Served(
        requests=requests,
        machines=machines,
        hours=whole,
        busy=float(requests / could),
        cost=cost,
        thousand=thousand,
        million=None if thousand is None or not tokens else thousand * 1000 / tokens,
        full=hourly / _SECONDS / Decimal(rate) * 1000,
    )
