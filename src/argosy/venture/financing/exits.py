"""The exit table: what each holder gets at one price of the venture after another, and where that changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from argosy.core.errors import ProjectError
from argosy.venture.financing.waterfall import Breakpoint, Claim, breakpoints, settle

_NONE = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """What holders get where the venture is sold for ``value``; with ``costs`` the payouts add up to it.

    ``price`` is what a common share gets, ``converted`` who converts or exercises, ``turns`` what begins here.
    """

    value: Fraction
    costs: Fraction
    price: Fraction
    payouts: Mapping[str, Fraction]
    converted: frozenset[str]
    turns: tuple[Breakpoint, ...]


def exit_table(
    claims: Sequence[Claim],
    held: Mapping[str, Mapping[str, Fraction]],
    values: Sequence[Fraction],
    costs: Fraction = _NONE,
) -> tuple[Exit, ...]:
    """Exits at the given prices and at all breakpoints, from the lowest on.

    ``held`` is who holds how many shares (or how much money) of each claim, by its name; a claim's payout is shared by
    it. The sale itself takes the share ``costs``, before all others. Raises ProjectError for a claim that nobody holds,
    and for costs that leave nothing.
    """
    if not 0 <= costs < 1:
        raise ProjectError("The costs of an exit are no share below 1: {costs}.", costs=costs)
    turns: dict[Fraction, list[Breakpoint]] = {}
    for point in breakpoints(claims):
        turns.setdefault(point.value / (1 - costs), []).append(point)
    return tuple(_exit(claims, held, value, costs, turns.get(value, ())) for value in sorted({*values, *turns}))


def _exit(
    claims: Sequence[Claim],
    held: Mapping[str, Mapping[str, Fraction]],
    value: Fraction,
    costs: Fraction,
    turns: Sequence[Breakpoint],
) -> Exit:
    found = settle(claims, value * (1 - costs))
    payouts: dict[str, Fraction] = {}
    for one, payout in zip(claims, found.payouts, strict=True):
        for holder, part in _parts(one, held).items():
            payouts[holder] = payouts.get(holder, _NONE) + payout * part
    return Exit(
        value=value,
        costs=value * costs,
        price=found.price,
        payouts=payouts,
        converted=found.converted,
        turns=tuple(turns),
    )


def _parts(claim: Claim, held: Mapping[str, Mapping[str, Fraction]]) -> Mapping[str, Fraction]:
    amounts = held.get(claim.name, {})
    whole = sum(amounts.values(), _NONE)
    if not whole:
        raise ProjectError("Nobody holds {name!r}.", mend="Give its holders, or leave it out.", name=claim.name)
    return {holder: amount / whole for holder, amount in amounts.items()}
