"""When what was put in is back, and how much more it is."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate

from argosy.venture.returns.value import held


def payback(flows: Sequence[Decimal], rate: Decimal = Decimal(0)) -> int | None:
    """The periods until what was put in is back for good: from the end of this one on, the sum is never below 0.

    With a rate of a period the flows are discounted, each from the end of its period (the discounted payback period).
    0 where nothing has to come back, None where it does not come back within the flows. Raises ProjectError for a rate
    of −100 % or less.
    """
    held(rate)
    sums = accumulate(flow / (1 + rate) ** (number + 1) for number, flow in enumerate(flows))
    last = max((number + 1 for number, whole in enumerate(sums) if whole < 0), default=0)
    return last + 1 if 0 < last < len(flows) else None if last else 0


def roi(flows: Sequence[Decimal]) -> Decimal | None:
    """The return on investment: (all that comes back − all that is put in) / all that is put in; not discounted.

    Put in are the flows below 0, come back those above it. None where nothing is put in.
    """
    invested = -sum((flow for flow in flows if flow < 0), Decimal(0))
    return sum(flows, Decimal(0)) / invested if invested else None
