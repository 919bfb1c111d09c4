"""How many shares a SAFE or a note takes in a round: by its cap, its discount or the round's price, what is most.

Sources: Y Combinator's forms and user guides of the post-money SAFE (its capitalisation counts all that converts, and
not the growth of the pool) and of the earlier, pre-money one (which counts the growth of the pool, and nothing that
converts). Notes convert principal and simple interest; their cap counts shares as that of a SAFE of the same kind.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

from argosy.core.errors import ProjectError
from argosy.venture.financing.ocf.register import Convertible
from argosy.venture.financing.pricing import Line

_YEAR = 365


def owed(one: Convertible, day: date) -> Fraction:
    """What converts on a day: the amount, with simple interest by actual days of a year of 365."""
    years = Fraction((day - one.day).days, _YEAR)
    return one.amount * (1 + (one.rate or 0) * years)


def terms(one: Convertible, all_: Sequence[Convertible], before: Fraction, day: date) -> tuple[Line, ...]:
    """What it may convert by, the round's price first; ``before`` are all shares before the round.

    With most favoured nation the terms of any one instrument that was issued later may be taken, whole; the holder is
    held to take those that prove best in this round. Raises ProjectError for a cap or a discount out of bounds.
    """
    amount = owed(one, day)
    later = [other for other in all_ if one.mfn and one.day < other.day <= day]
    return (Line(bought=amount), *(line for each in (one, *later) for line in _terms(each, amount, before)))


def _terms(one: Convertible, amount: Fraction, before: Fraction) -> Iterator[Line]:
    if one.discount:
        if not 0 < one.discount < 1:
            raise ProjectError(
                "The discount of {name!r} is no share below 1: {found}.", name=one.id, found=float(one.discount)
            )
        yield Line(bought=amount / (1 - one.discount))
    if one.cap is None:
        return
    if one.cap <= 0:
        raise ProjectError("The cap of {name!r} is not above 0: {found}.", name=one.id, found=float(one.cap))
    part = amount / one.cap
    yield Line(fixed=part * before, taken=part) if one.post_money else Line(fixed=part * before, pool=part)
