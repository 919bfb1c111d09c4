"""What is left of charged money by sold plan and by customer: less the cost of serving, less fees."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from argosy.venture.actual.facts import ZERO, Live, Use, quantity
from argosy.venture.figures import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What one ``unit`` (see ``facts.quantity``) costs in the board's currency, from ``low`` to ``high``."""

    unit: str
    value: Decimal
    low: Decimal
    high: Decimal
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """Money of some months: what was ``charged``, less the ``cost`` of serving, less ``fees``.

    The cost lies from ``cheap`` to ``dear``, as its figures (``behind``) may well be; None where one is not known.
    """

    name: str
    customers: int
    requests: int
    charged: Decimal
    fees: Decimal
    cost: Decimal | None
    cheap: Decimal | None
    dear: Decimal | None
    behind: tuple[Figure, ...]

    @property
    def left(self) -> Decimal | None:
        """The margin."""
        return None if self.cost is None else self.charged - self.fees - self.cost

    @property
    def ends(self) -> tuple[Decimal, Decimal] | None:
        """The margin at the dear and at the cheap end of its cost."""
        if self.cheap is None or self.dear is None:
            return None
        return self.charged - self.fees - self.dear, self.charged - self.fees - self.cheap

    @property
    def share(self) -> Decimal | None:
        """Of what was charged; None where nothing was."""
        return None if self.left is None or not self.charged else self.left / self.charged


Rates = Mapping[str, Collection[Rate]]
"""By sold plan: what serving it costs."""


def by_plan(live: Live, months: Collection[str], rates: Rates, fee: Decimal) -> tuple[Margin, ...]:
    """The plans by what they were charged, the largest first; ``fee`` is the share of revenue that others take."""
    return _by(live, months, rates, fee, lambda one: one.plan)


def by_member(live: Live, months: Collection[str], rates: Rates, fee: Decimal) -> tuple[Margin, ...]:
    """The customers, those with the lowest margin first; who cost something and pays nothing is among them."""
    found = _by(live, months, rates, fee, lambda one: one.member)
    return tuple(sorted(found, key=lambda one: (one.left is None, one.left or ZERO)))


def whole(live: Live, months: Collection[str], rates: Rates, fee: Decimal) -> Margin | None:
    """All together; None where nobody used or paid anything."""
    return next(iter(_by(live, months, rates, fee, lambda _: "")), None)


def _by(
    live: Live, months: Collection[str], rates: Rates, fee: Decimal, key: Callable[[Use], str]
) -> tuple[Margin, ...]:
    groups: dict[str, list[Use]] = {}
    for one in live.uses:
        if one.month in months and (one.requests or one.units or one.charged):
            groups.setdefault(key(one), []).append(one)
    found = [_margin(name, uses, rates, fee) for name, uses in groups.items()]
    return tuple(sorted(found, key=lambda one: (-one.charged, one.name)))


def _margin(name: str, uses: list[Use], rates: Rates, fee: Decimal) -> Margin:
    charged = sum((one.charged for one in uses), ZERO)
    known = all(one.plan in rates for one in uses)
    costs = [_cost(uses, rates, which) if known else None for which in ("value", "low", "high")]
    named = {rate.figure.name: rate.figure for one in uses for rate in rates.get(one.plan, ())}
    return Margin(
        name=name,
        customers=len({one.member for one in uses if one.charged > 0}),
        requests=sum(one.requests for one in uses),
        charged=charged,
        fees=charged * fee,
        cost=costs[0],
        cheap=costs[1],
        dear=costs[2],
        behind=tuple(named.values()),
    )


def _cost(uses: Iterable[Use], rates: Rates, which: str) -> Decimal:
    return sum((getattr(rate, which) * quantity(one, rate.unit) for one in uses for rate in rates[one.plan]), ZERO)
