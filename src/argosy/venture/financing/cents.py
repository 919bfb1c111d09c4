"""Money in whole cents, split so that the parts add up to the whole; and the days on which it is paid."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """The amount in whole cents; half a cent is rounded away from 0, as banks do.

    >>> cents(Decimal("2.345"))
    Decimal('2.35')
    """
    return amount.quantize(CENT, ROUND_HALF_UP)


def split(amount: Decimal, weights: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """An amount of whole cents by weights, in whole cents that add up to it: each sum so far is the rounded one.

    >>> split(Decimal(1), [Decimal(1)] * 3)
    (Decimal('0.33'), Decimal('0.34'), Decimal('0.33'))
    """
    whole, so_far, paid, parts = sum(weights, Decimal(0)), Decimal(0), Decimal(0), []
    for weight in weights:
        so_far += weight
        until = cents(amount * so_far / whole)
        parts.append(until - paid)
        paid = until
    return tuple(parts)


def later(day: date, months: int) -> date:
    """The same day some months later; the last day of a shorter month.

    >>> later(date(2028, 1, 31), 1)
    datetime.date(2028, 2, 29)
    """
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))
