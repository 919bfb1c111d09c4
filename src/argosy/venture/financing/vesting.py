"""Vesting: what of a founder's shares is earned on a day, with a cliff, by months, and at once where it is agreed."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor

from argosy.core.errors import ProjectError
from argosy.venture.financing.cents import later

_NONE = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vesting:
    """Shares earned evenly over ``months`` from ``start`` on, every ``every`` months, none before the ``cliff``.

    Of what is not earned yet, ``single`` is earned when the company is sold; ``double`` of the rest where the holder
    is dismissed within ``window`` months after that.
    """

    start: date
    months: int
    cliff: int = 0
    every: int = 1
    single: Fraction = _NONE
    double: Fraction = _NONE
    window: int = 12


def vested(
    shares: Fraction, terms: Vesting, day: date, *, left: date | None = None, sold: date | None = None
) -> Fraction:
    """The shares earned by the end of a day, in whole ones (cut, not rounded), by somebody who ``left`` on a day.

    A month is over on the day of ``start`` in the next one, or on its last day where it is shorter: what began on
    29 February has a year on 28 February. Raises ProjectError for a cliff after the last month.
    """
    if terms.months < 1 or terms.every < 1 or not 0 <= terms.cliff <= terms.months:
        raise ProjectError(
            "Vesting over {months} months cannot have a cliff of {cliff} and steps of {every}.",
            mend="Give a `cliff` of at most `months`, and `every` of 1 or more.",
            months=terms.months,
            cliff=terms.cliff,
            every=terms.every,
        )
    worked = day if left is None else min(day, left)
    earned = shares * _part(terms, worked)
    if sold is not None and sold <= worked:
        earned += terms.single * (shares - earned)
        if left is not None and left <= day and left <= later(sold, terms.window):
            earned += terms.double * (shares - earned)
    return shares if earned == shares else Fraction(floor(earned))


def _part(terms: Vesting, day: date) -> Fraction:
    if day < terms.start:
        return _NONE
    months = (day.year - terms.start.year) * 12 + day.month - terms.start.month
    months -= later(terms.start, months) > day
    if months >= terms.months:
        return Fraction(1)
    return Fraction(months // terms.every * terms.every, terms.months) if months >= terms.cliff else _NONE
