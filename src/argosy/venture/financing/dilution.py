"""Protection against dilution: preferred shares that convert into more common shares after a cheaper round.

A share bought at the original price P₀ converts into P₀ / C common shares, where C is its conversion price. Where new
shares cost less than C (the model charter of the National Venture Capital Association, article on adjustments):

- full ratchet: C becomes the new price;
- weighted average: C · (A + M / C) / (A + n), with M the new money, n the shares that it buys, and A the shares of
  before as converted: ``broad`` counts common shares, preferred ones and options, ``narrow`` preferred ones alone.

The price of the new money is what counts; what SAFEs and notes of the same round convert at does not.
"""

from fractions import Fraction
from typing import Literal

from argosy.venture.financing.pricing import Line

Protection = Literal["broad", "narrow", "ratchet"]


def terms(
    kind: Protection, count: Fraction, ratio: Fraction, price: Fraction, counted: Fraction, money: Fraction
) -> tuple[Line, Line]:
    """The common shares that ``count`` protected shares gain: none, or those of the rule, what is more.

    ``ratio`` is what one converts into so far, ``price`` its original price, ``counted`` the A above. The new number of
    common shares is count · price · x by the ratchet, and count · ratio · (A + M · x) / (A + M / C) by the average.
    """
    held = count * ratio
    if kind == "ratchet":
        return Line(), Line(fixed=-held, bought=count * price)
    planned = counted + money * ratio / price
    return Line(), Line(fixed=held * (counted / planned - 1), bought=held * money / planned)
