"""The positive roots of a polynomial, all of them: counted exactly by Sturm's theorem, then closed in on."""

from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm

_DIGITS = 40
_CLOSE = Fraction(1, 10**45)
Whole = list[int]
"""Coefficients, that of the highest power first; the first one is not 0."""


def positive_roots(coefficients: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """The distinct roots above 0 in rising order, each to 40 digits; the highest power's coefficient first.

    Roots at which the polynomial touches 0 and does not cross it are among them. Sturm (1829): the changes of sign in
    the chain of the polynomial, its derivative and their negated remainders, at the lower end of an interval less
    those at the upper one, are the roots between; where Descartes' rule of signs allows one alone, it is not needed.
    """
    whole = _whole(coefficients)
    changes = _changes(whole)
    if not changes:
        return ()
    low, high = _bounds(whole)
    if changes == 1:
        return (_decimal(_closed(whole, low, high)),)
    chain = _chain(whole)
    if len(chain[-1]) > 1:  # roots that are there twice: without their copies
        whole = _quotient(whole, chain[-1])
        chain = _chain(whole)
    return tuple(_decimal(_closed(whole, *one)) for one in _isolated(chain, low, high))


def _whole(coefficients: Sequence[Decimal]) -> Whole:
    """Whole numbers in the same proportion, without the powers that are 0 at both ends."""
    found = [Fraction(one) for one in coefficients]
    while found and not found[0]:
        found.pop(0)
    while found and not found[-1]:
        found.pop()
    return _scaled(found)


def _scaled(found: Sequence[Fraction]) -> Whole:
    scale = lcm(*(one.denominator for one in found))
    return _primitive([int(one * scale) for one in found])


def _primitive(found: Whole) -> Whole:
    """Divided by what all coefficients share, a positive number."""
    shared = gcd(*found) or 1
    return [one // shared for one in found]


def _changes(values: Sequence[int]) -> int:
    signs = [one > 0 for one in values if one]
    return sum(one != other for one, other in pairwise(signs))


def _bounds(whole: Whole) -> tuple[Fraction, Fraction]:
    """Powers of 2 between which all positive roots lie (Cauchy's bound, of the polynomial and of its reverse)."""
    above = 1 + max(abs(one) for one in whole) // abs(whole[0]) + 1
    below = 1 + max(abs(one) for one in whole) // abs(whole[-1]) + 1
    return Fraction(1, 1 << below.bit_length()), Fraction(1 << above.bit_length())


def _chain(whole: Whole) -> list[Whole]:
    """Sturm's chain, each member up to a positive factor; the last one is the greatest common divisor."""
    degree = len(whole) - 1
    found = [whole, _primitive([one * (degree - place) for place, one in enumerate(whole[:-1])])]
    while len(found[-1]) > 1:
        rest = _remainder(found[-2], found[-1])
        if not rest:
            break
        found.append(_primitive([-one for one in rest]))
    return found


def _remainder(of: Whole, by: Whole) -> Whole:
    """A positive multiple of the remainder."""
    rest, head = list(of), by[0]
    while len(rest) >= len(by):
        first = rest[0] if head > 0 else -rest[0]
        rest = [abs(head) * one for one in rest]
        for place, one in enumerate(by):
            rest[place] -= first * one
        rest.pop(0)
    while rest and not rest[0]:
        rest.pop(0)
    return rest


def _quotient(of: Whole, by: Whole) -> Whole:
    """``of`` / ``by``, which divides it, up to a factor."""
    rest = [Fraction(one) for one in of]
    found: list[Fraction] = []
    while len(rest) >= len(by):
        found.append(rest[0] / by[0])
        for place, one in enumerate(by):
            rest[place] -= found[-1] * one
        rest.pop(0)
    return _scaled(found)


def _value(whole: Whole, at: Fraction) -> int:
    """The value's sign times a positive number."""
    above, below, power, found = at.numerator, at.denominator, 1, 0
    for one in whole:
        found = found * above + one * power
        power *= below
    return found


def _isolated(chain: Sequence[Whole], low: Fraction, high: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Intervals (low, high] in rising order, each with one root of the first member."""

    def signs(at: Fraction) -> int:
        return _changes([_value(one, at) for one in chain])

    found, open_ = [], [(low, high, signs(low), signs(high))]
    while open_:
        low, high, before, after = open_.pop()
        if before - after == 1:
            found.append((low, high))
        if before - after > 1:
            middle = _middle(low, high)
            between = signs(middle)
            open_ += [(middle, high, between, after), (low, middle, before, between)]
    return found


def _closed(whole: Whole, low: Fraction, high: Fraction) -> Fraction:
    """The single root in (low, high], by bisection."""
    last = _value(whole, high)
    while last and high - low > _CLOSE * low:
        middle = _middle(low, high)
        value = _value(whole, middle)
        if not value:
            return middle
        low, high = (low, middle) if (value > 0) == (last > 0) else (middle, high)
    return high


def _middle(low: Fraction, high: Fraction) -> Fraction:
    """The middle; of a wide interval, a power of 2 by which its ends are about as far apart."""
    if high <= 4 * low:
        return (low + high) / 2
    ratio = high / low
    return low * (1 << ((ratio.numerator // ratio.denominator).bit_length() // 2))


def _decimal(value: Fraction) -> Decimal:
    with localcontext(prec=_DIGITS):
        return Decimal(value.numerator) / value.denominator
