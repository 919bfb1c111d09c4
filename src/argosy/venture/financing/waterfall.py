"""Who gets what of an exit: preferences by rank, then the common shares, each class taking the better of its choices.

Every holder of preferred shares may keep the preference or convert to common shares, and options are exercised where
that pays; what one chooses changes what a common share gets, and so what the others choose. The choices that stand
together (a Nash equilibrium) follow from one number, the price of a common share:

1. What a class asks at a price never falls as the price rises (``Claim.asks``), nor does the sum of all. So exactly
   one sum of asks equals the money at hand, and all prices at which it does give each class the same.
2. At this price nobody gains by choosing otherwise. If a class that keeps its preference converted and gained, the
   others would hold less of the same money while the price had not fallen, yet asks do not fall as the price rises: a
   contradiction. A class that converted gets more than all its preference could ever pay, and so does not go back.
3. While the preferences are not all covered, the price is 0 and a class that converted would give up its place in the
   order for a part of what was left over after it.

Terms as in the model charter of the National Venture Capital Association, article on liquidation: a preference is a
multiple of the original issue price; a participating class shares with common, perhaps up to a total (its cap, the
preference included); a non-participating one gets the greater of the preference and what its common shares would get.
All amounts are exact rationals, so that payouts add up to the exit to the last digit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Literal

from argosy.core.errors import ProjectError

_NONE = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one class of shares, one grant of options or one debt may ask of an exit.

    ``shares`` are the common shares that it is, converts into or is exercised for; ``preference`` comes before all
    common shares, higher ``rank`` first, equal ranks side by side. ``ceiling`` is the most that a participating class
    gets without converting (None: no limit); ``strike`` is paid for each share when it is exercised. A debt has a
    preference and no shares, common shares have no preference.
    """

    name: str
    shares: Fraction = _NONE
    preference: Fraction = _NONE
    participates: bool = False
    ceiling: Fraction | None = None
    strike: Fraction = _NONE
    rank: Fraction = _NONE

    def asks(self, price: Fraction) -> Fraction:
        """What it takes when a common share gets ``price`` and every preference is covered; never falls with it."""
        return max(self._kept(price), self._shared(price))

    def shares_out(self, price: Fraction) -> bool:
        """Whether it converts, or is exercised, at this price: only where that gives more."""
        return self._shared(price) > self._kept(price)

    def turns(self) -> list[tuple[Fraction, "Turn"]]:
        """The prices of a common share at which it changes what it does, and what it does from there on."""
        if not self.shares:
            return []
        if not self.preference:
            return [(self.strike, "exercises")] if self.strike else []
        if not self.participates:
            return [(self.preference / self.shares, "converts")]
        if self.ceiling is None:
            return []
        capped = max(self.ceiling - self.preference, _NONE) / self.shares
        return [(capped, "capped"), (max(self.ceiling, self.preference) / self.shares, "converts")]

    def _shared(self, price: Fraction) -> Fraction:
        return self.shares * max(price - self.strike, _NONE)

    def _kept(self, price: Fraction) -> Fraction:
        if not self.participates:
            return self.preference
        whole = self.preference + self._shared(price)
        return whole if self.ceiling is None else min(whole, max(self.ceiling, self.preference))


Turn = Literal["covered", "exercises", "capped", "converts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What each claim gets of an exit, in the claims' order; they add up to ``value``.

    Options get what remains after their strike. ``price`` is what a common share gets; ``converted`` are the names of
    those that convert or are exercised.
    """

    value: Fraction
    price: Fraction
    payouts: tuple[Fraction, ...]
    converted: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakpoint:
    """An exit at which something changes: from ``value`` on the claim is covered, exercises, is capped or converts."""

    value: Fraction
    name: str
    turn: Turn


def settle(claims: Sequence[Claim], value: Fraction) -> Outcome:
    """Share out an exit of ``value`` (0 or more) to claims, each choosing what is best for it (see above).

    Raises ProjectError for a negative value, and where money is left that nobody has a claim on.
    """
    if value < 0:
        raise ProjectError("An exit cannot be worth less than nothing: {value}.", value=value)
    if value < _asked(claims, _NONE):
        return Outcome(value=value, price=_NONE, payouts=_by_rank(claims, value), converted=frozenset())
    price = _clearing(claims, value)
    return Outcome(
        value=value,
        price=price,
        payouts=tuple(one.asks(price) for one in claims),
        converted=frozenset(one.name for one in claims if one.shares_out(price)),
    )


def breakpoints(claims: Sequence[Claim]) -> tuple[Breakpoint, ...]:
    """All exits at which the share of anybody in a further unit of money changes, from the lowest on."""
    found = []
    sum_so_far = _NONE
    for _, tier in _tiers(claims):
        sum_so_far += sum(one.preference for one in tier)
        found += [Breakpoint(value=sum_so_far, name=one.name, turn="covered") for one in tier if one.preference]
    for one in claims:
        found += [Breakpoint(value=_asked(claims, price), name=one.name, turn=turn) for price, turn in one.turns()]
    return tuple(sorted(found, key=lambda point: point.value))


def _asked(claims: Sequence[Claim], price: Fraction) -> Fraction:
    return sum((one.asks(price) for one in claims), _NONE)


def _clearing(claims: Sequence[Claim], value: Fraction) -> Fraction:
    """The lowest price at which all claims together ask for ``value``: between two turns asks are straight lines."""
    turns = sorted({_NONE, *(price for one in claims for price, _ in one.turns())})
    for low, high in pairwise((*turns, turns[-1] + 1)):
        asked, slope = _asked(claims, low), (_asked(claims, high) - _asked(claims, low)) / (high - low)
        last = low == turns[-1]
        if value == asked:
            return low
        if slope and (last or value <= asked + slope * (high - low)):
            return low + (value - asked) / slope
    raise ProjectError(
        "An exit of {value} leaves money that nobody has a claim on: there are no shares.",
        mend="Give who holds shares.",
        value=value,
    )


def _tiers(claims: Sequence[Claim]) -> list[tuple[Fraction, list[Claim]]]:
    ordered = sorted(claims, key=lambda one: -one.rank)
    return [(rank, list(tier)) for rank, tier in groupby(ordered, key=lambda one: one.rank)]


def _by_rank(claims: Sequence[Claim], value: Fraction) -> tuple[Fraction, ...]:
    """Preferences alone, higher ranks first; equal ones share what is left by what they ask."""
    share: dict[Fraction, Fraction] = {}
    for rank, tier in _tiers(claims):
        asked = sum((one.preference for one in tier), _NONE)
        share[rank] = min(value / asked, Fraction(1)) if asked else _NONE
        value -= asked * share[rank]
    return tuple(one.preference * share[one.rank] for one in claims)
