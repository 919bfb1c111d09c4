"""Money: integers inside, decimals at the edge."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.errors import ProjectError
from argosy.serve.billing import money


@given(st.integers(-(10**17), 10**17))
def test_written_and_read_again_it_is_the_same(micro: int) -> None:
    """No amount changes on its way through text."""
    assert money.parse(money.plain(micro, 2)) == micro


@pytest.mark.parametrize("text", ["", "1,000", "¥2", "1e3", "0.0000001", "２", "nan", " 1", "1.", "+1", "1\n"])
def test_what_is_no_plain_decimal_number_is_refused(text: str) -> None:
    """Nothing is guessed about money."""
    with pytest.raises(ProjectError, match="Expected an amount"):
        money.parse(text)


@given(st.integers(-(10**15), 10**15), st.sampled_from(sorted(money.CURRENCIES)))
def test_what_is_payable_has_the_digits_of_its_currency_and_is_the_nearest(micro: int, currency: str) -> None:
    """Rounding to what can be paid is half-even."""
    step = 10 ** (6 - money.digits(currency))
    paid = money.to_minor(micro, currency)
    assert paid == round(Fraction(micro, step)) * step


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**9))
def test_quotients_are_rounded_as_exact_fractions_are(dividend: int, divisor: int) -> None:
    """Integers alone give what exact fractions give."""
    assert money.half_even(dividend, divisor) == round(Fraction(dividend, divisor))


def test_halves_go_to_the_even_neighbour() -> None:
    """Half-even, away from no side."""
    assert [money.half_even(half, 2) for half in (1, 3, 5, -1, -3)] == [0, 2, 2, 0, -2]


@pytest.mark.parametrize(
    ("micro", "currency", "language", "said"),
    [
        (1_234_500_000, "CNY", "zh", "¥1,234.50"),
        (1_234_500_000, "CNY", "en", "CN¥1,234.50"),
        (-2_000, "USD", "en", "−$0.002"),
        (5_000_000, "JPY", "en", "¥5"),
        (1_000, "KWD", "zh", "KWD 0.001"),
    ],
)
def test_amounts_are_said_as_people_write_them(micro: int, currency: str, language: str, said: str) -> None:
    """The sign of the currency, groups of three digits, and no digit that says nothing."""
    assert money.show(micro, currency, language) == said


def test_an_unknown_currency_is_refused() -> None:
    """A currency that ISO 4217 does not know has no digits."""
    with pytest.raises(ProjectError, match="XBT"):
        money.digits("XBT")


@given(st.decimals(-(10**9), 10**9, places=6))
def test_decimals_are_taken_exactly(value: Decimal) -> None:
    """Six digits behind the point are kept."""
    assert money.parse(f"{value:f}") == int(value * 10**6)
