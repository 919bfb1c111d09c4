"""Rates at which flows of money break even."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import pairwise

from argosy.venture.returns.value import held, npv

_DIGITS = 40
_STEPS = 2_000
_LOW, _HIGH = Decimal("0.0001"), Decimal(100)  # of 1 + rate: from −99.99 % to +9,900 % a period
_CLOSE = Decimal(10) ** -30


@dataclass(frozen=True, slots=True, kw_only=True)
class Irr:
    """All rates found at which the present value is 0, in rising order: none, one, or several, which decide nothing.

    By Descartes' rule of signs there are at most ``changes`` of them; a rate at which the value touches 0 and does not
    cross it is not found.
    """

    rates: tuple[Decimal, ...]
    changes: int

    @property
    def only(self) -> Decimal | None:
        """The rate where there is exactly one."""
        return self.rates[0] if len(self.rates) == 1 else None


def irr(flows: Sequence[Decimal]) -> Irr:
    """The internal rates of return of a period: those at which ``npv`` is 0, between −99.99 % and 9,900 %."""
    signs = [flow > 0 for flow in flows if flow]
    changes = sum(one != other for one, other in pairwise(signs))
    if not changes:
        return Irr(rates=(), changes=0)
    with localcontext(prec=_DIGITS):
        ratio = (_HIGH / _LOW) ** (Decimal(1) / _STEPS)
        grid = [_LOW * ratio**step for step in range(_STEPS + 1)]
        values = [_worth(flows, one) for one in grid]
        found = [one - 1 for one, value in zip(grid, values, strict=True) if not value]
        for (low, below), (high, above) in pairwise(zip(grid, values, strict=True)):
            if below * above < 0:
                found.append(_between(flows, low, high) - 1)
    return Irr(rates=tuple(sorted(+one for one in found)), changes=changes)


def mirr(flows: Sequence[Decimal], finance: Decimal, reinvest: Decimal) -> Decimal | None:
    """The modified internal rate of return: losses financed at one rate, gains earning another until the end.

    (future value of the gains / present value of the losses) ** (1 / (n − 1)) − 1, as Excel's MIRR; None where there
    are no gains or no losses.
    """
    last = len(flows) - 1
    gains = sum((flow * (1 + held(reinvest)) ** (last - at) for at, flow in enumerate(flows) if flow > 0), Decimal(0))
    losses = -npv(finance, [min(flow, Decimal(0)) for flow in flows], first=0)
    if not gains or not losses or not last:
        return None
    return (gains / losses) ** (Decimal(1) / last) - 1


def _worth(flows: Sequence[Decimal], growth: Decimal) -> Decimal:
    """The flows' worth at the end of the last period, whose sign is that of the present value."""
    whole = Decimal(0)
    for flow in flows:
        whole = whole * growth + flow
    return whole


def _between(flows: Sequence[Decimal], low: Decimal, high: Decimal) -> Decimal:
    """Where the worth crosses 0, by bisection."""
    below = _worth(flows, low)
    while high - low > _CLOSE * high:
        middle = (low + high) / 2
        value = _worth(flows, middle)
        if not value:
            return middle
        low, high = (middle, high) if value * below > 0 else (low, middle)
    return (low + high) / 2
