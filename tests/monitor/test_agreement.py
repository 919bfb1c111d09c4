"""Krippendorff's alpha against published examples and its definition, its interval against the truth."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.monitor.agreement import agreement, by_label


def units_of(*observers: str) -> list[list[str]]:
    """The labels of each unit, from each observer's in a string, a point where none was given."""
    return [[label for label in unit if label != "."] for unit in zip(*observers, strict=True)]


@pytest.mark.parametrize(
    ("units", "alpha", "paired", "differ"),
    [
        (units_of("0100000010", "1110010000"), 0.095, 10, 4),
        (units_of("aabbdcccedda", "babbbccceddd"), 0.692, 12, 3),
        (units_of("123321412...", "1233224125.3", ".3332342251.", "12332441251."), 0.743, 11, 3),
    ],
)
def test_examples_that_were_worked_out_by_hand(units: list[list[str]], alpha: float, paired: int, differ: int) -> None:
    """Those of Krippendorff (2011): B with two labels, C with five, D with four observers and gaps."""
    found = agreement(units)
    assert found.alpha is not None
    assert round(found.alpha.value, 3) == alpha
    assert found.alpha.low < found.alpha.value < found.alpha.high
    assert (found.units, found.differ) == (paired, differ)


@given(st.lists(st.lists(st.sampled_from(["a", "b", "c", None]), min_size=3, max_size=3), min_size=2, max_size=30))
def test_it_is_one_less_what_differs_within_units_over_what_would_by_chance(ratings: list[list[str | None]]) -> None:
    """Pair by pair, as alpha is defined: each unit's pairs share out its labels, chance draws from all of them."""
    units = [unit for unit in ([label for label in unit if label] for unit in ratings) if len(unit) > 1]
    given_ = [label for unit in units for label in unit]
    found = agreement(units).alpha
    if found is None:
        assert len(set(given_)) <= 1
        return
    within = sum(sum(a != b for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in units) / len(given_)
    chance = sum(a != b for a, b in permutations(given_, 2)) / (len(given_) * (len(given_) - 1))
    assert found.value == pytest.approx(1 - within / chance)


def test_what_says_nothing_is_left_out() -> None:
    """A unit with one label does not count; labels that are all the same tell nothing of agreement."""
    assert agreement([["a"], ["b"], []]).alpha is None
    assert agreement([]).units == 0
    same = agreement([["a", "a"]] * 30 + [["b"]])
    assert (same.alpha, same.units, same.labels, same.differ) == (None, 30, 60, 0)


def test_agreement_is_told_for_each_label() -> None:
    """Two labels that are taken for each other have low figures, the third a high one."""
    told = by_label([["a", "b"], ["b", "a"], ["a", "a"], ["b", "b"]] * 5 + [["c", "c"]] * 20)
    values = {name: one.alpha.value for name, one in told.items() if one.alpha}
    assert values["c"] == 1
    assert values["a"] == values["b"] < 0.5
    assert told["c"].alpha is not None
    assert told["c"].alpha.low < 0.95  # that 40 agree does not show that all would


def test_intervals_hold_the_true_alpha() -> None:
    """Of 300 samples of 40 units in which few pairs differ, 93 % or more have the true figure in their interval."""
    rng = np.random.default_rng(7)

    def labels(units: int) -> np.ndarray:
        true = rng.choice(3, size=units, p=[0.7, 0.2, 0.1])
        wrong = rng.random((2, units)) < 0.1
        return np.where(wrong, rng.choice(3, size=(2, units), p=[0.7, 0.2, 0.1]), true).T

    whole = agreement(labels(40_000).astype(str).tolist()).alpha
    assert whole is not None
    found = [agreement(labels(40).astype(str).tolist()).alpha for _ in range(300)]
    held = [one.low <= whole.value <= one.high for one in found if one]
    assert np.mean(held) >= 0.93
