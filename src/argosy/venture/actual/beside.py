"""The plan's lines beside what happened, and which of its figures the ledger contradicts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from argosy.venture.actual.chance import Share, each, summed
from argosy.venture.actual.facts import ZERO, Charged, Live, quantity
from argosy.venture.actual.monthly import Rules, converted, first_paid
from argosy.venture.figures import Figure
from argosy.venture.units import unit

Kind = Literal["leads", "came", "left", "count", "requests", "revenue", "mrr"]
Planned = Mapping[str, Mapping[str, Decimal]]
"""By the name of a line: its values by month."""
_Parts = Sequence[tuple[str, Sequence[Decimal]]]  # by month: what each customer adds


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """A stream of the plan, and the sold plans whose customers are the segment's; ``unit`` is what they use."""

    name: str
    title: str
    segment: str
    segment_title: str
    plans: frozenset[str]
    unit: str = "requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A month's value in the plan and in fact, from ``low`` to ``high``: how far chance alone moves such a sum."""

    month: str
    over: bool
    plan: Decimal
    actual: Decimal
    low: float
    high: float | None

    @property
    def difference(self) -> Decimal:
        """The actual less the planned."""
        return self.actual - self.plan

    @property
    def differs(self) -> bool:
        """Whether chance alone does not explain the difference."""
        return float(self.plan) < self.low or (self.high is not None and float(self.plan) > self.high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the plan over the months that both know; ``about`` is the stream's or the segment's title."""

    name: str
    kind: Kind
    about: str
    points: tuple[Beside, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A figure of the ledger in ``unit``: of ``rows`` customers, trials or months of customers."""

    key: str
    unit: str
    rows: int
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A figure of the plan and what was measured of it.

    ``contradicted``: it lies outside of the measured interval; ``beyond``: so does all of the range it was given.
    """

    figure: Figure
    measured: Measured
    contradicted: bool
    beyond: bool


def lines(live: Live, sold: Sequence[Sold], planned: Planned, leads: str | None) -> tuple[Line, ...]:
    """Every line that both know, MRR first; ``leads`` is the one segment whose trials the plan counts."""
    everything = live.sold(frozenset[str]().union(*(one.plans for one in sold)))
    found = [_line(live, "mrr", "mrr", "", _money(everything), planned)]
    if leads is not None:
        trials = [f"{one.created:%Y-%m}" for one in live.members if one.trial]
        born = [(month, _ones(trials.count(month))) for month in live.months]
        title = next((one.segment_title for one in sold if one.segment == leads), leads)
        found.append(_line(live, f"{leads}.leads_now", "leads", title, born, planned))
    for segment in dict.fromkeys(one.segment for one in sold):
        found += _customers(live, [one for one in sold if one.segment == segment], planned)
    for one in sold:
        part = live.sold(one.plans)
        found.append(_line(live, f"{one.name}.requests", "requests", one.title, _used(part, one.unit), planned))
        found.append(_line(live, f"{one.name}.revenue", "revenue", one.title, _money(part), planned))
    return tuple(one for one in found if one.points)


def measures(live: Live, sold: Sequence[Sold], rules: Rules, months: int, leads: str | None) -> tuple[Measured, ...]:
    """What the ledger says of the plan's figures, by their names, over the last ``months`` that are over."""
    found: list[Measured | None] = []
    trials = converted(list(live.members), first_paid(live), live.today, rules)
    found += [_share("trial_to_paid", "customer/lead", trials)]
    if leads is not None:
        found.append(_share(f"{leads}.converts", "customer/lead", trials))
    for segment in dict.fromkeys(one.segment for one in sold):
        charged = live.sold(_plans(sold, segment)).charged()
        found.append(_share(f"{segment}.churn", "percent/month", churn(live, charged, months), scale=100))
    for one in sold:
        part = live.sold(one.plans)
        dimension = one.unit.removesuffix("s")
        uses, paid = _per_customer(part, live.over[-months:], one.unit)
        found.append(_mean(f"{one.name}.uses", f"{dimension}s/customer/month", uses, paid))
        money, _ = _per_customer(part, live.over[-months:], "")
        found.append(_mean(f"{one.name}.arpa", f"{live.currency}/customer/month", money, paid))
    return tuple(one for one in found if one is not None)


def churn(live: Live, charged: Charged, months: int) -> Share:
    """Customers who left, of those of the month before, over the last months that are over, a month each."""
    pairs = list(zip(live.over, live.over[1:], strict=False))[-months:]
    before = [(charged[earlier].keys(), charged[later].keys()) for earlier, later in pairs]
    return Share(hits=sum(len(was - now) for was, now in before), rows=sum(len(was) for was, _ in before))


def held(figures: Mapping[str, Figure], measured: Sequence[Measured]) -> tuple[Held, ...]:
    """The plan's figures that were measured, except those that are read from the same measurement already."""
    found = []
    for one in measured:
        figure = figures.get(one.key)
        if figure is None or figure.origin.kind == "measured" or one.low is None or one.high is None:
            continue
        low, high = (float(unit(one.unit).base(Decimal(repr(end)))) for end in (one.low, one.high))
        bottom, top = figure.spread or (figure.base, figure.base)
        found.append(
            Held(
                figure=figure,
                measured=one,
                contradicted=not low <= float(figure.base) <= high,
                beyond=float(top) < low or float(bottom) > high,
            )
        )
    return tuple(found)


def _customers(live: Live, sold: Sequence[Sold], planned: Planned) -> list[Line]:
    segment, title = sold[0].segment, sold[0].segment_title
    charged = live.sold(_plans(sold, segment)).charged()
    names: dict[Kind, list[tuple[str, list[Decimal]]]] = {"came": [], "count": []}
    left: list[Beside] = []
    plan = planned.get(f"{segment}.left", {})
    before: Collection[str] = frozenset()
    for month in live.months:
        now = charged[month].keys()
        names["came"].append((month, _ones(len(now - set(before)))))
        names["count"].append((month, _ones(len(now))))
        gone = Share(hits=len(set(before) - now), rows=len(before))
        if month in plan:
            ends = gone.interval
            reach = (0.0, None) if ends is None else (ends.low * gone.rows, ends.high * gone.rows)
            left.append(_point(live, month, plan[month], Decimal(gone.hits), reach))
        before = now
    made = [_line(live, f"{segment}.{kind}", kind, title, points, planned) for kind, points in names.items()]
    return [made[0], Line(name=f"{segment}.left", kind="left", about=title, points=tuple(left)), made[1]]


def _line(live: Live, name: str, kind: Kind, about: str, parts: _Parts, planned: Planned) -> Line:
    plan = planned.get(name, {})
    points = [
        _point(live, month, plan[month], sum(found, ZERO), summed([float(one) for one in found]))
        for month, found in parts
        if month in plan
    ]
    return Line(name=name, kind=kind, about=about, points=tuple(points))


def _point(live: Live, month: str, plan: Decimal, actual: Decimal, ends: tuple[float, float | None]) -> Beside:
    over = month != live.months[-1]
    return Beside(month=month, over=over, plan=plan, actual=actual, low=ends[0], high=ends[1])


def _plans(sold: Sequence[Sold], segment: str) -> frozenset[str]:
    return frozenset[str]().union(*(one.plans for one in sold if one.segment == segment))


def _ones(count: int) -> list[Decimal]:
    """A part of 1 for each; of none, a part of 0, so that an empty count has an upper end."""
    return [Decimal(1)] * count or [ZERO]


def _money(live: Live) -> _Parts:
    return [(month, list(paid.values())) for month, paid in live.charged().items()]


def _used(live: Live, unit_name: str) -> _Parts:
    found: dict[str, dict[str, int]] = {month: {} for month in live.months}
    for one in live.uses:
        found[one.month][one.member] = found[one.month].get(one.member, 0) + quantity(one, unit_name)
    return [(month, [Decimal(one) for one in used.values() if one > 0]) for month, used in found.items()]


def _per_customer(live: Live, months: Collection[str], unit_name: str) -> tuple[list[float], list[float]]:
    """By customer: what was used (of no unit: charged) in the months in which it paid, and how many these were."""
    charged = live.charged()
    sums: dict[str, float] = {}
    paid: dict[str, float] = {}
    for one in live.uses:
        if one.month in months and one.member in charged[one.month]:
            used = quantity(one, unit_name) if unit_name else float(one.charged)
            sums[one.member] = sums.get(one.member, 0.0) + used
    for month in months:
        for member in charged[month]:
            paid[member] = paid.get(member, 0.0) + 1
    return [sums[member] for member in sorted(paid)], [paid[member] for member in sorted(paid)]


def _share(key: str, text: str, share: Share, scale: int = 1) -> Measured | None:
    found = share.interval
    if found is None:
        return None
    return Measured(
        key=key,
        unit=text,
        rows=share.rows,
        value=found.value * scale,
        low=found.low * scale,
        high=found.high * scale,
    )


def _mean(key: str, text: str, over: Sequence[float], under: Sequence[float]) -> Measured | None:
    if not under:
        return None
    found = each(over, under)
    value = sum(over) / sum(under)
    low, high = (None, None) if found is None else (found.low, found.high)
    return Measured(key=key, unit=text, rows=len(over), value=value, low=low, high=high)
