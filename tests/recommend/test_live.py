"""Exploring: the chances that are logged are the frequencies."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.recommend.live.exploring import chances, explored


def test_logged_chances_are_frequencies() -> None:
    """At the second place, given the first one; also where the best of all was drawn before."""
    rng, best, pool, explore = np.random.default_rng(5), [1, 2], [1, 2, 3, 4], 0.3
    seen: Counter[tuple[int, int]] = Counter()
    told: dict[tuple[int, int], float] = {}
    draws = 40_000
    for _ in range(draws):
        (one, chance_of_one, _), (two, chance_of_two, _) = explored(best, pool, explore, rng)
        seen[one, two] += 1
        told[one, two] = chance_of_one * chance_of_two
    assert sum(told.values()) == pytest.approx(1)
    for pair, chance in told.items():
        assert abs(seen[pair] / draws - chance) < 5 * (chance * (1 - chance) / draws) ** 0.5


@given(st.lists(st.integers(0, 30), unique=True, max_size=12), st.integers(0, 8), st.floats(0, 0.9), st.integers(0, 99))
def test_a_list_holds_each_item_once_and_chances_sum_to_one(pool: list[int], n: int, explore: float, seed: int) -> None:
    """Whatever is drawn; the chance of what stands at a place is the one that ``chances`` tells."""
    best = pool[:n]
    told = explored(best, pool, explore, np.random.default_rng(seed))
    items = [item for item, _, _ in told]
    assert len(items) == len(best)
    assert len(set(items)) == len(items)
    for place, (item, chance, _) in enumerate(told):
        known = chances(best, pool, items[:place], explore)
        assert sum(known.values()) == pytest.approx(1)
        assert known[item] == pytest.approx(chance)
