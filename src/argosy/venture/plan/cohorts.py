"""The plan's customers and MRR by the month in which the customers came: its own churn, shared out evenly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from argosy.venture.graph.reckon import Exact

NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """Those who come in period ``began``: customers and MRR in that period and in each later one."""

    began: int
    customers: tuple[Fraction, ...]
    mrr: tuple[Fraction, ...]


def cohorts(values: Exact, segments: Mapping[str, Sequence[str]]) -> tuple[Planned, ...]:
    """The cohorts of all segments, by name with the streams sold to them; periods in which nobody came are left out.

    Of each cohort of a segment the same share leaves in a period, as churn in the plan is the same for all; its
    customers pay what the plan's customers pay. In each period the cohorts' sums are the lines ``customers`` and
    ``mrr`` exactly: they are divided as fractions.
    """
    count = len(values["customers"])
    parts = [_segment(values, name, count) for name in segments]
    rates = [[_rate(values, streams, period) for period in range(count)] for streams in segments.values()]
    found = []
    for began in range(count):
        people = [sum((part[began][at] for part in parts), NOTHING) for at in range(count)]
        weights = [
            sum((part[began][at] * rate[at] for part, rate in zip(parts, rates, strict=True)), NOTHING)
            for at in range(count)
        ]
        found.append((people, weights))
    sums = [sum((weights[at] for _, weights in found), NOTHING) for at in range(count)]
    lines = [Fraction(values["mrr"][at] or 0) for at in range(count)]
    return tuple(
        Planned(
            began=began,
            customers=tuple(people[began:]),
            mrr=tuple(weights[at] / sums[at] * lines[at] if sums[at] else NOTHING for at in range(began, count)),
        )
        for began, (people, weights) in enumerate(found)
        if people[began]
    )


def _segment(values: Exact, name: str, count: int) -> list[list[Fraction]]:
    """By cohort and period: a segment's customers."""
    total, left = ([Fraction(one or 0) for one in values[f"{name}.{line}"]] for line in ("count", "left"))
    found = [[NOTHING] * count for _ in range(count)]
    for period in range(count):
        before = total[period - 1] if period else NOTHING
        stays = (before - left[period]) / before if before else NOTHING
        for began in range(period):
            found[began][period] = found[began][period - 1] * stays
        found[period][period] = total[period] - before * stays
    return found


def _rate(values: Exact, streams: Sequence[str], period: int) -> Fraction:
    return sum((Fraction(values[f"{one}.rate"][period] or 0) for one in streams), NOTHING)
