"""The liquidation waterfall: golden cases, and what must hold of every cap table."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.errors import ProjectError
from argosy.venture.financing.exits import exit_table
from argosy.venture.financing.waterfall import Claim, breakpoints, settle

MILLION = Fraction(10**6)
COMMON = Claim(name="common", shares=Fraction(8_000_000))
SERIES_A = Claim(name="A", shares=Fraction(2_000_000), preference=MILLION)


@pytest.mark.parametrize(
    ("value", "preferred"),
    [(0, 0), (400_000, 400_000), (1_000_000, 1_000_000), (5_000_000, 1_000_000), (6_000_000, 1_200_000)],
)
def test_a_million_for_a_fifth_converts_above_five_million(value: int, preferred: int) -> None:
    """The golden case: 1x, non-participating, $1M for 20 %."""
    found = settle([COMMON, SERIES_A], Fraction(value))
    assert found.payouts == (value - preferred, preferred)
    assert found.converted == ({"A"} | {"common"} if value > 5_000_000 else {"common"} if value > MILLION else set())


def test_breakpoints_are_where_the_choice_turns() -> None:
    """The preference is covered at 1M, conversion begins at 5M."""
    found = [(one.value, one.name, one.turn) for one in breakpoints([COMMON, SERIES_A])]
    assert found == [(MILLION, "A", "covered"), (5 * MILLION, "A", "converts")]


def test_full_participation_takes_the_preference_and_a_share() -> None:
    """1M and a fifth of the other 5M."""
    preferred = Claim(name="A", shares=Fraction(2), preference=MILLION, participates=True)
    assert settle([Claim(name="common", shares=Fraction(8)), preferred], 6 * MILLION).payouts == (
        4 * MILLION,
        2 * MILLION,
    )


def test_capped_participation_stops_at_the_cap_and_converts_later() -> None:
    """1x, cap 3x, 20 %: capped from 11M (1M and a fifth of 10M) to 15M, where a fifth is 3M."""
    preferred = Claim(name="A", shares=Fraction(2), preference=MILLION, participates=True, ceiling=3 * MILLION)
    claims = [Claim(name="common", shares=Fraction(8)), preferred]
    assert [(one.value / MILLION, one.turn) for one in breakpoints(claims)] == [
        (1, "covered"),
        (11, "capped"),
        (15, "converts"),
    ]
    assert [settle(claims, n * MILLION).payouts[1] / MILLION for n in (6, 11, 13, 15, 20)] == [2, 3, 3, 3, 4]


def test_ranks_are_paid_in_order_and_equals_by_what_they_ask() -> None:
    """A note, a senior class, two equal ones."""
    claims = [
        COMMON,
        Claim(name="note", preference=Fraction(100), rank=Fraction(9)),
        Claim(name="B", shares=Fraction(1), preference=Fraction(300), rank=Fraction(2)),
        Claim(name="A1", shares=Fraction(1), preference=Fraction(100), rank=Fraction(1)),
        Claim(name="A2", shares=Fraction(1), preference=Fraction(300), rank=Fraction(1)),
    ]
    assert settle(claims, Fraction(60)).payouts == (0, 60, 0, 0, 0)
    assert settle(claims, Fraction(500)).payouts == (0, 100, 300, 25, 75)


def test_options_are_exercised_only_in_the_money() -> None:
    """At a strike of 2, with 90 other shares, from 180 on."""
    claims = [
        Claim(name="common", shares=Fraction(90)),
        Claim(name="options", shares=Fraction(10), strike=Fraction(2)),
    ]
    assert settle(claims, Fraction(180)).converted == {"common"}
    found = settle(claims, Fraction(280))
    assert (found.price, found.payouts) == (3, (270, 10))
    assert [(one.value, one.turn) for one in breakpoints(claims)] == [(180, "exercises")]


def test_money_without_an_owner_and_negative_exits_are_refused() -> None:
    """A debt alone cannot take more than it is owed."""
    with pytest.raises(ProjectError, match="nobody"):
        settle([Claim(name="loan", preference=Fraction(5))], Fraction(6))
    assert settle([Claim(name="loan", preference=Fraction(5))], Fraction(5)).payouts == (5,)
    with pytest.raises(ProjectError, match="less than nothing"):
        settle([COMMON], Fraction(-1))


SMALL = st.integers(1, 12).map(Fraction)


@st.composite
def tables(draw: st.DrawFn) -> list[Claim]:
    """Common shares, perhaps options and a debt, and one to three classes of preferred shares."""
    found = [Claim(name="common", shares=draw(SMALL))]
    if draw(st.booleans()):
        found.append(Claim(name="options", shares=draw(SMALL), strike=draw(SMALL) / 4))
    if draw(st.booleans()):
        found.append(Claim(name="debt", preference=draw(SMALL), rank=Fraction(9)))
    for number in range(draw(st.integers(1, 3))):
        preference, kind = draw(SMALL), draw(st.sampled_from(["none", "full", "capped"]))
        found.append(
            Claim(
                name=f"P{number}",
                shares=draw(SMALL),
                preference=preference,
                participates=kind != "none",
                ceiling=preference * draw(st.integers(1, 3)) if kind == "capped" else None,
                rank=Fraction(draw(st.integers(0, 2))),
            )
        )
    return found


VALUES = st.integers(0, 400).map(lambda n: Fraction(n, 4))


@settings(max_examples=150, deadline=None)
@given(tables(), VALUES)
def test_cash_is_conserved(claims: list[Claim], value: Fraction) -> None:
    """To the last digit."""
    found = settle(claims, value)
    assert sum(found.payouts) == value
    assert all(one >= 0 for one in found.payouts)


@settings(max_examples=150, deadline=None)
@given(tables(), VALUES, VALUES)
def test_a_larger_exit_gives_nobody_less(claims: list[Claim], value: Fraction, more: Fraction) -> None:
    """Payouts are monotone in the exit."""
    smaller, larger = settle(claims, value), settle(claims, value + more)
    assert all(a <= b for a, b in zip(smaller.payouts, larger.payouts, strict=True))


@settings(max_examples=150, deadline=None)
@given(tables())
def test_payouts_are_straight_between_breakpoints(claims: list[Claim]) -> None:
    """Half way between two breakpoints each gets half of what it gets at both: no turn was left out."""
    points = sorted({Fraction(0), *(one.value for one in breakpoints(claims))})
    for low, high in zip(points, [*points[1:], points[-1] + 10], strict=True):
        middle, ends = (
            settle(claims, (low + high) / 2),
            zip(settle(claims, low).payouts, settle(claims, high).payouts, strict=True),
        )
        assert middle.payouts == tuple((a + b) / 2 for a, b in ends)


def fixed(claims: list[Claim], value: Fraction, choices: tuple[bool, ...]) -> list[Fraction]:
    """Payouts when who converts or exercises is fixed: preferences by rank, then rounds of equal prices up to caps."""
    kept = [
        Claim(name=one.name, preference=Fraction(0 if choice else one.preference), rank=one.rank)
        for one, choice in zip(claims, choices, strict=True)
    ]
    left, paid = value, [Fraction(0)] * len(claims)
    for rank in sorted({one.rank for one in kept}, reverse=True):
        tier = [n for n, one in enumerate(kept) if one.rank == rank]
        asked = sum(kept[n].preference for n in tier)
        for n in tier:
            paid[n] = kept[n].preference * (min(left / asked, 1) if asked else 0)
        left -= min(left, asked)
    sharing = {
        n
        for n, (one, choice) in enumerate(zip(claims, choices, strict=True))
        if one.shares and (choice or (one.participates and one.preference))
    }
    strikes = {n: claims[n].strike if choices[n] else Fraction(0) for n in sharing}
    left += sum((strikes[n] * claims[n].shares for n in sharing), Fraction(0))
    while sharing and left > 0:
        room = {
            n: (claims[n].ceiling - paid[n]) / claims[n].shares
            for n in sharing
            if not choices[n] and claims[n].ceiling is not None
        }
        step = min([left / sum(claims[n].shares for n in sharing), *room.values()])
        for n in sharing:
            paid[n] += step * claims[n].shares
        left -= step * sum(claims[n].shares for n in sharing)
        sharing -= {n for n, free in room.items() if free == step}
    return [amount - strikes.get(n, 0) * claims[n].shares * (n in strikes) for n, amount in enumerate(paid)]


@settings(max_examples=100, deadline=None)
@given(tables(), VALUES)
def test_no_class_gains_by_choosing_otherwise(claims: list[Claim], value: Fraction) -> None:
    """Against a waterfall with fixed choices, written for the test alone: what is settled is an equilibrium of it."""
    found = settle(claims, value)
    choices = tuple(one.name in found.converted or one.name == "common" for one in claims)
    assert fixed(claims, value, choices) == list(found.payouts)
    for n, one in enumerate(claims):
        if one.shares and one.name != "common":
            other = (*choices[:n], not choices[n], *choices[n + 1 :])
            assert fixed(claims, value, other)[n] <= found.payouts[n]


@settings(max_examples=40, deadline=None)
@given(tables(), VALUES)
def test_every_equilibrium_pays_the_same(claims: list[Claim], value: Fraction) -> None:
    """All choices tried: whichever of them nobody wants to leave give the payouts that were settled."""
    free = [one.shares > 0 and one.name != "common" for one in claims]
    for choices in product(
        *((False, True) if may else (one.name == "common",) for one, may in zip(claims, free, strict=True))
    ):
        paid = fixed(claims, value, choices)
        if sum(paid) != value or any(amount < 0 for amount in paid):
            continue
        better = any(
            may and fixed(claims, value, (*choices[:n], not choices[n], *choices[n + 1 :]))[n] > paid[n]
            for n, may in enumerate(free)
        )
        assert better or paid == list(settle(claims, value).payouts)


HELD = {"common": {"ann": Fraction(3), "ben": Fraction(1)}, "A": {"fund": Fraction(1), "ann": Fraction(1)}}


def test_the_exit_table_has_every_price_and_every_breakpoint() -> None:
    """A tenth goes to the sale itself, so that the fund converts above 5M of 0.9."""
    rows = exit_table([COMMON, SERIES_A], HELD, [10 * MILLION, Fraction(0)], Fraction(1, 10))
    assert [one.value * 9 / 10 / MILLION for one in rows] == [0, 1, 5, 9]
    assert [[point.turn for point in one.turns] for one in rows] == [[], ["covered"], ["converts"], []]
    assert all(sum(one.payouts.values()) + one.costs == one.value for one in rows)
    assert rows[-1].payouts == {"ann": 6_300_000, "ben": 1_800_000, "fund": 900_000}


def test_claims_without_holders_and_costs_of_everything_are_refused() -> None:
    """Neither is guessed."""
    with pytest.raises(ProjectError, match="Nobody holds 'A'"):
        exit_table([COMMON, SERIES_A], {"common": HELD["common"]}, [MILLION])
    with pytest.raises(ProjectError, match="no share below 1"):
        exit_table([COMMON], HELD, [MILLION], Fraction(1))
