"""Rates at which flows of money break even."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import pairwise

from argosy.venture.returns.roots import positive_roots
from argosy.venture.returns.value import held, npv

_DIGITS = 40
_KEPT = 20  # digits of the largest flow; cents of a quadrillion are told apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Irr:
    """All rates above −100 % at which the present value is 0, in rising order: none, one, or several.

    Several decide nothing. By Descartes' rule of signs there are at most ``changes`` of them.
    """

    rates: tuple[Decimal, ...]
    changes: int

    @property
    def only(self) -> Decimal | None:
        """The rate where there is exactly one."""
        return self.rates[0] if len(self.rates) == 1 else None


def irr(flows: Sequence[Decimal]) -> Irr:
    """The internal rates of return of a period: those at which ``npv`` is 0, all of them, whichever flow is the first.

    Flows are taken to 20 digits of the largest one.
    """
    largest = max((abs(flow) for flow in flows), default=Decimal(0))
    if not largest:
        return Irr(rates=(), changes=0)
    with localcontext(prec=_DIGITS):
        least = Decimal((0, (1,), largest.adjusted() - _KEPT))
        kept = [flow.quantize(least) for flow in flows]
        signs = [flow > 0 for flow in kept if flow]
        changes = sum(one != other for one, other in pairwise(signs))
        return Irr(rates=tuple(root - 1 for root in positive_roots(kept)), changes=changes)


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
