"""Vesting: cliffs, months of any length, leaving, and what a sale brings forward."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.errors import ProjectError
from argosy.venture.financing.vesting import Vesting, vested

FOUR = Vesting(start=date(2027, 1, 15), months=48, cliff=12)
SHARES = Fraction(4_800_000)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 12, 1), 0),
        (date(2028, 1, 14), 0),
        (date(2028, 1, 15), 1_200_000),
        (date(2028, 2, 14), 1_200_000),
        (date(2028, 2, 15), 1_300_000),
        (date(2029, 1, 15), 2_400_000),
        (date(2031, 1, 14), 4_700_000),
        (date(2031, 1, 15), 4_800_000),
        (date(2040, 1, 1), 4_800_000),
    ],
)
def test_four_years_with_a_cliff_of_one(day: date, expected: int) -> None:
    """Nothing before the cliff, a quarter on its day, then a 48th each month."""
    assert vested(SHARES, FOUR, day) == expected


@pytest.mark.parametrize(
    ("start", "day", "months"),
    [
        (date(2028, 2, 29), date(2029, 2, 27), 11),
        (date(2028, 2, 29), date(2029, 2, 28), 12),
        (date(2028, 2, 29), date(2032, 2, 28), 47),
        (date(2028, 2, 29), date(2032, 2, 29), 48),
        (date(2027, 1, 31), date(2027, 2, 27), 0),
        (date(2027, 1, 31), date(2027, 2, 28), 1),
        (date(2028, 1, 31), date(2028, 2, 28), 0),
        (date(2028, 1, 31), date(2028, 2, 29), 1),
        (date(2028, 1, 31), date(2028, 4, 30), 3),
    ],
)
def test_leap_years_and_ends_of_months(start: date, day: date, months: int) -> None:
    """The same day of the month, or its last day."""
    assert vested(Fraction(48), Vesting(start=start, months=48), day) == months


def test_quarters_and_whole_shares() -> None:
    """Steps of three months; what is not whole is cut, and comes at the end."""
    quarterly = Vesting(start=date(2027, 1, 1), months=7, every=3)
    days = [date(2027, month, 1) for month in (3, 4, 6, 7, 8)]
    assert [vested(Fraction(100), quarterly, day) for day in days] == [0, 42, 42, 85, 100]
    assert vested(Fraction(1, 3), quarterly, date(2027, 8, 1)) == Fraction(1, 3)


def test_who_leaves_keeps_what_vested() -> None:
    """Years later too."""
    left = date(2029, 1, 20)
    assert vested(SHARES, FOUR, date(2035, 1, 1), left=left) == 2_400_000
    assert vested(SHARES, FOUR, date(2028, 1, 15), left=left) == 1_200_000
    assert vested(SHARES, FOUR, date(2035, 1, 1), left=date(2027, 12, 31)) == 0


def test_a_sale_brings_forward_what_was_agreed() -> None:
    """Half of the rest at once (single trigger); all where the holder is dismissed within a year (double trigger)."""
    sold = date(2029, 1, 15)
    single = Vesting(start=date(2027, 1, 15), months=48, cliff=12, single=Fraction(1, 2))
    assert vested(SHARES, single, date(2029, 1, 14), sold=sold) == 2_300_000
    assert vested(SHARES, single, sold, sold=sold) == 3_600_000
    assert vested(SHARES, single, date(2030, 1, 15), sold=sold) == 4_200_000
    double = Vesting(start=date(2027, 1, 15), months=48, cliff=12, double=Fraction(1))
    assert vested(SHARES, double, sold, sold=sold) == 2_400_000
    day = date(2035, 1, 1)
    assert vested(SHARES, double, day, sold=sold, left=date(2029, 6, 20)) == SHARES
    assert vested(SHARES, double, day, sold=sold, left=date(2030, 2, 20)) == 3_700_000
    assert vested(SHARES, double, day, sold=sold, left=date(2028, 12, 20)) == 2_300_000


@pytest.mark.parametrize(("months", "cliff", "every"), [(12, 13, 1), (0, 0, 1), (12, 0, 0), (12, -1, 1)])
def test_terms_out_of_order_are_refused(months: int, cliff: int, every: int) -> None:
    """A cliff after the end, no months, no steps."""
    with pytest.raises(ProjectError, match="cliff"):
        vested(SHARES, Vesting(start=date(2027, 1, 1), months=months, cliff=cliff, every=every), date(2027, 1, 1))


@given(
    first=st.dates(date(2026, 1, 1), date(2034, 1, 1)),
    next_=st.dates(date(2026, 1, 1), date(2034, 1, 1)),
    start=st.dates(date(2026, 1, 1), date(2029, 1, 1)),
    shares=st.integers(0, 10_000_000),
    cliff=st.integers(0, 48),
    every=st.integers(1, 12),
)
def test_what_is_earned_never_falls(first: date, next_: date, start: date, shares: int, cliff: int, every: int) -> None:
    """And is between nothing and all."""
    terms = Vesting(start=start, months=48, cliff=cliff, every=every)
    low, high = (vested(Fraction(shares), terms, day) for day in sorted((first, next_)))
    assert 0 <= low <= high <= shares
