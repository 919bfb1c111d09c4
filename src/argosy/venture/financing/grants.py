"""Grants and subsidies: paid by milestones, a share of the costs, late; earned over the months of the work."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from argosy.core.errors import ProjectError
from argosy.venture.figures import Figure
from argosy.venture.financing.cents import cents, later, split

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """At most ``amount``, and at most ``share`` of the ``costs`` of the work, over ``months`` from the day ``on``.

    ``milestones`` are days and the parts of the grant that they release; the money comes ``late`` months after. Without
    costs and share the whole amount is paid.
    """

    name: str
    amount: Figure
    on: date
    months: int
    milestones: tuple[tuple[date, Decimal], ...]
    costs: Figure | None = None
    share: Figure | None = None
    late: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantMonth:
    """A month of a grant; ``deferred`` is what came in before it was earned (below 0: earned and not yet paid)."""

    day: date
    received: Decimal
    recognised: Decimal
    deferred: Decimal


def payable(grant: Grant) -> Decimal:
    """What the funder pays in all: the amount, or its share of the costs where that is less."""
    if grant.costs is None or grant.share is None:
        return cents(grant.amount.base)
    return cents(min(grant.amount.base, grant.costs.base * grant.share.base))


def months(grant: Grant) -> tuple[GrantMonth, ...]:
    """Cash and income month by month, from the first day to the last in whole cents; both add up to ``payable``.

    Income is recognised evenly over the work, as IAS 20 (12) asks where the costs run evenly: not when cash comes.
    Raises ProjectError where the parts of the milestones are not one whole, and for work of no months.
    """
    if grant.months < 1 or sum(part for _, part in grant.milestones) != 1:
        raise ProjectError(
            "The milestones of the grant {name!r} do not release the whole of it.",
            mend="Give `milestones` whose parts add up to 1, and one month or more.",
            name=grant.name,
        )
    whole = payable(grant)
    parts = split(whole, [part for _, part in grant.milestones])
    cash = by_month([(later(day, grant.late), part) for (day, _), part in zip(grant.milestones, parts, strict=True)])
    earned = split(whole, [Decimal(1)] * grant.months)
    income = by_month([(later(grant.on, number), part) for number, part in enumerate(earned)])
    found, deferred = [], _ZERO
    for day in sorted({*cash, *income}):
        received, recognised = cash.get(day, _ZERO), income.get(day, _ZERO)
        deferred += received - recognised
        found.append(GrantMonth(day=day, received=received, recognised=recognised, deferred=deferred))
    return tuple(found)


def by_month(amounts: list[tuple[date, Decimal]]) -> Mapping[date, Decimal]:
    """Amounts of days by the first day of their month."""
    found: dict[date, Decimal] = {}
    for day, amount in amounts:
        first = day.replace(day=1)
        found[first] = found.get(first, _ZERO) + amount
    return found
