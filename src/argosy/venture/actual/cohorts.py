"""Customers by the month in which they first paid: how many still pay, and how much, month after month."""

from dataclasses import dataclass
from decimal import Decimal

from argosy.venture.actual.chance import Share
from argosy.venture.actual.facts import ZERO, Live


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Who first paid in ``month``: customers and money at age 0, 1, … months, as far as months are over.

    Who pauses is missing then, and counts again after. A first month is mostly charged for a part of it.
    """

    month: str
    customers: tuple[int, ...]
    charged: tuple[Decimal, ...]

    @property
    def size(self) -> int:
        """How many began."""
        return self.customers[0]

    def share(self, age: int) -> Share:
        """Those who pay at an age, of those who began."""
        return Share(hits=self.customers[age], rows=self.size)


def cohorts(live: Live) -> tuple[Cohort, ...]:
    """The triangle over the months that are over; months in which nobody began are left out."""
    charged = live.charged()
    began: dict[str, list[str]] = {month: [] for month in live.over}
    seen: set[str] = set()
    for month in live.over:
        began[month] = sorted(charged[month].keys() - seen)
        seen |= charged[month].keys()
    found = []
    for place, month in enumerate(live.over):
        if not began[month]:
            continue
        paid = [[charged[later].get(one, ZERO) for one in began[month]] for later in live.over[place:]]
        found.append(
            Cohort(
                month=month,
                customers=tuple(sum(one > 0 for one in each) for each in paid),
                charged=tuple(sum(each, ZERO) for each in paid),
            )
        )
    return tuple(found)


def at_age(found: tuple[Cohort, ...], age: int) -> Share:
    """All cohorts that are old enough together."""
    old = [one for one in found if len(one.customers) > age]
    return Share(hits=sum(one.customers[age] for one in old), rows=sum(one.size for one in old))
