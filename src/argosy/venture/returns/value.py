"""What flows of money are worth today."""

from collections.abc import Sequence
from decimal import Decimal

from argosy.core.errors import ProjectError


def npv(rate: Decimal, flows: Sequence[Decimal], *, first: int = 1) -> Decimal:
    """The net present value: the sum of flow / (1 + rate) ** period; ``rate`` is that of one period.

    The first flow is at period ``first``: 1 is Excel's convention (its NPV discounts the first flow, too), 0 that of
    numpy-financial, where the first flow is today. Raises ProjectError for a rate of −100 % or less.
    """
    held(rate)
    return sum((flow / (1 + rate) ** (first + number) for number, flow in enumerate(flows)), Decimal(0))


def monthly(yearly: Decimal) -> Decimal:
    """The rate a month that compounds to a rate a year: (1 + yearly) ** (1/12) − 1."""
    held(yearly)
    return (1 + yearly) ** (Decimal(1) / 12) - 1


def held(rate: Decimal) -> Decimal:
    """A rate above −100 %; raises ProjectError for others, by which nothing can be discounted."""
    if rate <= -1:
        raise ProjectError(
            "A rate of {rate} % a period discounts nothing.",
            mend="Give a rate above -100 %.",
            rate=f"{rate * 100:f}",
        )
    return rate
