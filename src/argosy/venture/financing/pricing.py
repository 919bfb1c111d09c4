"""The price of a round, solved exactly: pool, SAFEs, notes and protected shares depend on it, and it on them.

Let x be the shares that one unit of new money buys (the price is 1/x), N the shares of before, s what converting
securities take in all, and D the growth of the pool. Who converts takes the most of some terms, each of which is a
straight line in x, s and D (``Line``); so does the pool. The price is where

    N + D + s = value · x        (converting shares inside the valuation: ``inside``)
    N + D = value · x            (outside of it)

1. For given choices of terms all this is linear, and solved in closed form (``_solved``).
2. At its solution each takes the best of its terms, and the new choices are solved again. Terms never fall with s and
   D, so better choices leave less for the rest, and x can only rise: no choices come twice, there are finitely many,
   and the last are those that nobody would leave. No tolerance, no rounding.
3. The least s and D that satisfy everybody are maxima of lines, so convex in x; what the valuation leaves over them is
   concave and negative at x = 0. Where there is a solution the steps end at the least x, the highest price; where
   choices leave no solution there is none at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from argosy.core.errors import ProjectError

_NONE = Fraction(0)


class Line(NamedTuple):
    """Shares as ``fixed`` + ``bought`` · x + ``taken`` · s + ``pool`` · D; the last three are 0 or more."""

    fixed: Fraction = _NONE
    bought: Fraction = _NONE
    taken: Fraction = _NONE
    pool: Fraction = _NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """The price of a share, the growth of the pool, and what each of those who convert takes, in their order."""

    price: Fraction
    growth: Fraction
    taken: tuple[Fraction, ...]


class _Point(NamedTuple):
    bought: Fraction
    taken: Fraction
    pool: Fraction

    def of(self, line: Line) -> Fraction:
        return line.fixed + line.bought * self.bought + line.taken * self.taken + line.pool * self.pool

    def best(self, chosen: Line, terms: Sequence[Line]) -> Line:
        """The terms that give the most here; what was chosen where it gives as much."""
        better = max(terms, key=self.of)
        return better if self.of(better) > self.of(chosen) else chosen


def pool_terms(before: Fraction, free: Fraction, money: Fraction, target: Fraction) -> tuple[Line, Line]:
    """The growth of a pool whose free part shall be ``target`` of all shares after the round; it never shrinks.

    ``free`` is its part of ``before``: free + D = target · (before + D + s + money · x).
    """
    rest = 1 - target
    grown = Line(fixed=(target * before - free) / rest, bought=target * money / rest, taken=target / rest)
    return Line(), grown


def solve(
    before: Fraction,
    value: Fraction,
    terms: Sequence[Sequence[Line]],
    growth: Sequence[Line],
    *,
    inside: bool,
) -> Solution:
    """The highest price at which everybody takes the best of their ``terms`` and the pool that of its ``growth``.

    ``before`` are all shares of before, above 0; ``value`` the valuation that the price comes from. Raises ProjectError
    where SAFEs own the whole company, and where what they and the pool take is worth more than the valuation.
    """
    chosen, grown = [one[0] for one in terms], growth[0]
    while True:
        point = _solved(before, value, chosen, grown, inside=inside)
        again = [point.best(line, one) for line, one in zip(chosen, terms, strict=True)]
        pool = point.best(grown, growth)
        if again == chosen and pool == grown:
            return Solution(price=1 / point.bought, growth=point.pool, taken=tuple(point.of(line) for line in chosen))
        chosen, grown = again, pool


def _solved(before: Fraction, value: Fraction, chosen: Sequence[Line], grown: Line, *, inside: bool) -> _Point:
    """x, s and D for given choices: three linear equations."""
    whole = Line(*(sum(column, _NONE) for column in zip(*chosen, strict=True))) if chosen else Line()
    kept = 1 - whole.taken - whole.pool * grown.taken
    if kept <= 0:
        raise ProjectError(
            "The SAFEs own {percent} % of the company before any new money: nothing is left for its founders.",
            mend="Raise their caps, or lower their amounts.",
            percent=f"{float(100 * (1 - kept)):.1f}",
        )
    taken = (whole.fixed + whole.pool * grown.fixed) / kept
    per_bought = (whole.bought + whole.pool * grown.bought) / kept
    pool = grown.fixed + grown.taken * taken
    pool_per_bought = grown.bought + grown.taken * per_bought
    left = value - pool_per_bought - (per_bought if inside else _NONE)
    if left <= 0:
        raise ProjectError(
            "The round has no price: what converts and the pool are worth more than the valuation of {value}.",
            mend="Raise the valuation, or lower the pool and what converts.",
            value=f"{float(value):,.0f}",
        )
    bought = (before + pool + (taken if inside else _NONE)) / left
    return _Point(bought, taken + per_bought * bought, pool + pool_per_bought * bought)
