"""The key figures of each month: who came, used, paid, stayed and left.

A tenant is active in a month in which it was answered at least one request, and a customer in one in which it was
charged more than nothing, without tax and less credits. A month that is not over is told so far.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from argosy.evaluate.intervals import Interval
from argosy.venture.actual.chance import Share, each
from argosy.venture.actual.facts import ZERO, Live, Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Activated is who was answered ``activated`` requests ``within`` days; trials have ``pays_within`` days."""

    activated: int = 10
    within: int = 14
    pays_within: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """What new, returning, growing, shrinking and leaving customers changed of the month before."""

    new: Decimal
    returned: Decimal
    expansion: Decimal
    contraction: Decimal
    churned: Decimal
    grr: Interval | None
    nrr: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month: ``kept`` is of those active in the month before, ``churn`` of its customers.

    ``activated`` and ``paid`` are of those created in the month; ``new`` customers never paid before.
    """

    month: str
    over: bool
    created: int
    activated: Share
    paid: Share
    active: int
    kept: Share
    requests: int
    customers: int
    new: int
    returned: int
    churn: Share
    charged: Decimal
    bridge: Bridge


def monthly(live: Live, rules: Rules) -> tuple[Month, ...]:
    """All months in order."""
    charged, answered = live.charged(), live.answered()
    since = first_paid(live)
    found: list[Month] = []
    seen: set[str] = set()
    paid_before: Mapping[str, Decimal] = {}
    used_before: Mapping[str, int] = {}
    for month in live.months:
        paid, used = charged[month], answered[month]
        born = [one for one in live.members if f"{one.created:%Y-%m}" == month]
        found.append(
            Month(
                month=month,
                over=month != live.months[-1],
                created=len(born),
                activated=activated(born, live.today, rules),
                paid=converted(born, since, live.today, rules),
                active=len(used),
                kept=Share(hits=len(used_before.keys() & used.keys()), rows=len(used_before)),
                requests=sum(used.values()),
                customers=len(paid),
                new=len(paid.keys() - seen),
                returned=len((paid.keys() & seen) - paid_before.keys()),
                churn=Share(hits=len(paid_before.keys() - paid.keys()), rows=len(paid_before)),
                charged=sum(paid.values(), ZERO),
                bridge=_bridge(paid_before, paid, seen),
            )
        )
        seen |= paid.keys()
        paid_before, used_before = paid, used
    return tuple(found)


def activated(members: list[Member], today: date, rules: Rules) -> Share:
    """Those who were answered enough in their first days; who has not had the days yet waits."""
    ripe = [one for one in members if today > one.created + timedelta(days=rules.within)]
    hits = sum(one.early >= rules.activated for one in ripe)
    return Share(hits=hits, rows=len(ripe), waiting=len(members) - len(ripe))


def converted(members: list[Member], since: Mapping[str, date], today: date, rules: Rules) -> Share:
    """Trials that were charged within their days; who has not had the days yet waits, whether charged or not."""
    days = timedelta(days=rules.pays_within)
    trials = [one for one in members if one.trial]
    ripe = [one for one in trials if today > one.created + days]
    hits = sum(one.id in since and since[one.id] <= one.created + days for one in ripe)
    return Share(hits=hits, rows=len(ripe), waiting=len(trials) - len(ripe))


def first_paid(live: Live) -> dict[str, date]:
    """The first day on which a tenant was charged, of months that came to more than nothing."""
    charged = live.charged()
    found: dict[str, date] = {}
    for one in live.uses:
        if one.since is not None and one.member in charged[one.month]:
            found[one.member] = min(one.since, found.get(one.member, one.since))
    return found


def pooled(months: tuple[Month, ...], count: int) -> tuple[Share, Share]:
    """Churn of customers and retention of active tenants over the last ``count`` months that are over, a month each."""
    last = [one for one in months if one.over][-count:]
    churn = Share(hits=sum(one.churn.hits for one in last), rows=sum(one.churn.rows for one in last))
    kept = Share(hits=sum(one.kept.hits for one in last), rows=sum(one.kept.rows for one in last))
    return churn, kept


def _bridge(before: Mapping[str, Decimal], now: Mapping[str, Decimal], seen: set[str]) -> Bridge:
    """The steps from the sum of ``before`` to that of ``now``; GRR and NRR as quotients over the customers before."""
    stayed = before.keys() & now.keys()
    names = sorted(before)
    under = [float(before[one]) for one in names]
    kept = [float(min(before[one], now.get(one, ZERO))) for one in names]
    return Bridge(
        new=sum((now[one] for one in now.keys() - seen), ZERO),
        returned=sum((now[one] for one in (now.keys() & seen) - before.keys()), ZERO),
        expansion=sum((max(now[one] - before[one], ZERO) for one in stayed), ZERO),
        contraction=sum((max(before[one] - now[one], ZERO) for one in stayed), ZERO),
        churned=sum((before[one] for one in before.keys() - now.keys()), ZERO),
        grr=each(kept, under, share=True),
        nrr=each([float(now.get(one, ZERO)) for one in names], under),
    )
