"""Who is promoted: better on new traffic, not worse on old rows, on no slice; and how many rows would tell."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.evaluate.metrics import mean
from argosy.monitor.verdict import Shown, decide, live_weights, one_sided, shown, weighed

MARGIN = 0.03


def rows(champion: float, challenger: float, count: int, *, both: float | None = None) -> Shown:
    """Two models with these shares of right answers; ``both`` is the share that both have right."""
    alike = round(count * (min(champion, challenger) if both is None else both))
    mine, theirs = round(count * champion), round(count * challenger)
    first = np.arange(count) < mine
    second = (np.arange(count) < alike) | ((np.arange(count) >= mine) & (np.arange(count) < mine + theirs - alike))
    return shown(mean(first), mean(second), seed=1)


SAME = rows(0.9, 0.9, 1_000)


@pytest.mark.parametrize(
    ("new", "old", "why"),
    [
        (rows(0.6, 0.8, 200), SAME, "better"),
        (rows(0.6, 0.61, 200), SAME, "not_better"),
        (rows(0.8, 0.6, 200), SAME, "not_better"),
        (rows(0.6, 0.8, 200), rows(0.9, 0.8, 1_000), "forgets"),
        (rows(0.6, 0.8, 200), rows(0.9, 0.89, 1_000), "better"),
        (rows(0.6, 0.8, 200), rows(0.9, 0.9, 60), "may_forget"),
    ],
)
def test_each_case_has_its_verdict(new: Shown, old: Shown, why: str) -> None:
    """A loss within the margin is allowed where a larger one is excluded; few rows exclude nothing."""
    found = decide(new, old, {}, margin=MARGIN)
    assert (found.why, found.promote) == (why, why == "better")


def test_a_slice_that_loses_stops_a_promotion_and_chance_among_many_slices_does_not() -> None:
    """The level is shared among the slices."""
    new, lost, odd = rows(0.6, 0.8, 200), rows(0.9, 0.6, 60), rows(0.9, 0.8, 60)
    found = decide(new, SAME, {"label=a": lost, "label=b": odd}, margin=MARGIN)
    assert (found.why, found.slice) == ("worse_on_slice", "label=a")
    many = {f"label={number}": rows(0.9, 0.9, 60) for number in range(30)}
    assert decide(new, SAME, {**many, "label=x": odd}, margin=MARGIN).promote


def test_the_rows_that_are_needed_would_tell() -> None:
    """With as many rows, and models that differ as these do, the verdict is another one."""
    few = rows(0.60, 0.63, 100, both=0.57)
    needed = decide(few, SAME, {}, margin=MARGIN).needed
    assert needed is not None
    assert decide(rows(0.60, 0.63, 2 * needed, both=0.57), SAME, {}, margin=MARGIN).why == "better"
    unsure = rows(0.9, 0.9, 60)
    more = decide(rows(0.6, 0.8, 200), unsure, {}, margin=MARGIN).needed
    assert more is not None
    assert decide(rows(0.6, 0.8, 200), rows(0.9, 0.9, more), {}, margin=MARGIN).why == "better"
    assert decide(rows(0.8, 0.6, 200), SAME, {}, margin=MARGIN).needed is None


def test_one_sided_chances_halve_the_two_sided_ones() -> None:
    """And are near 1 for a loss."""
    gain, loss = rows(0.6, 0.8, 50).difference, rows(0.8, 0.6, 50).difference
    assert one_sided(gain) == pytest.approx(gain.p / 2)
    assert one_sided(loss) > 0.5


def test_challengers_as_good_are_seldom_promoted() -> None:
    """Of 400 champions with five challengers each that differ by chance alone, one in twenty loses its place."""
    rng = np.random.default_rng(3)
    passed = np.zeros(400, dtype=bool)
    for champion, tried in itertools.product(range(400), range(5)):
        right = rng.random(300) < 0.7
        changed = rng.random(300) < 0.2
        other = np.where(changed, rng.random(300) < 0.5, right)
        fair = np.where(changed, rng.random(300) < 0.5, right)
        found = decide(shown(mean(fair), mean(other), seed=1), SAME, {}, margin=MARGIN, tried=tried)
        passed[champion] |= found.promote
    assert 0.01 < passed.mean() < 0.06


@given(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=60),
    st.dictionaries(st.sampled_from("abcd"), st.integers(0, 500)),
)
def test_weights_bring_labels_to_their_shares_in_traffic(said: list[str], live: dict[str, int]) -> None:
    """Their mean is 1; without traffic all are alike; where none is cut off, shares are those of the traffic."""
    weights = live_weights(said, live, most=1e9)
    assert weights.mean() == pytest.approx(1)
    total = sum(live.get(label, 0) for label in set(said))
    for label in set(said):
        share = weights[np.array(said) == label].sum() / len(said)
        assert share == pytest.approx(live.get(label, 0) / total if total else said.count(label) / len(said))


def test_weighed_rows_count_as_much_as_they_stand_for() -> None:
    """A gain on a tenth of the rows is a gain on half of the traffic where these stand for half of it."""
    champion, challenger = np.arange(100) >= 10, np.ones(100)
    weights = np.where(np.arange(100) < 10, 5.0, 5 / 9)
    found = shown(weighed(mean(champion), weights), weighed(mean(challenger), weights), seed=1)
    assert found.difference.difference == pytest.approx(0.5)
    assert found.difference.low > 0
