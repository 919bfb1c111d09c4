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
    people = [[sum((part[one][at] for part in parts), NOTHING) for at in range(count)] for one in range(count)]
    paying = [
        [
            sum((part[one][at] * rate[at] for part, rate in zip(parts, rates, strict=True)), NOTHING)
            for at in range(count)
        ]
        for one in range(count)
    ]
    customers, mrr = _divided(values, "customers", people), _divided(values, "mrr", paying)
    return tuple(
        Planned(began=one, customers=tuple(customers[one][one:]), mrr=tuple(mrr[one][one:]))
        for one in range(count)
        if people[one][one]
    )


def _divided(values: Exact, name: str, weights: list[list[Fraction]]) -> list[list[Fraction]]:
    """A line by cohort and period, as the weights are; its own decimals are rounded, so that it is not their sum."""
    line = [Fraction(one or 0) for one in values[name]]
    sums = [sum(column, NOTHING) for column in zip(*weights, strict=True)]
    return [
        [weight / whole * value if whole else NOTHING for weight, whole, value in zip(row, sums, line, strict=True)]
        for row in weights
    ]


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
