"""Splits are stratified, repeatable, and share no text."""

import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.errors import DataError, ProjectError
from argosy.core.records import Example
from argosy.data.dedupe import twin_key
from argosy.data.split import LATE, Shares, assign_by_time, split, together


def _examples(count: int, *, labels: int = 2, language: str = "en") -> list[Example]:
    return [
        Example(id=f"a.csv:{row}", text=f"{language} text {row}", label=f"L{row % labels}", meta={"language": language})
        for row in range(count)
    ]


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from("xyz")), min_size=30), st.integers(0, 9))
def test_no_text_is_in_two_splits(pairs: list[tuple[int, str]], seed: int) -> None:
    """Even where twins were not dropped before; and every row is in exactly one split."""
    rows = [
        Example(id=str(at), text=f"Text {n}" if at % 2 else f"text {n}", label=y) for at, (n, y) in enumerate(pairs)
    ]
    try:
        parts = split(rows, seed=seed)
    except DataError:
        assert len({twin_key(row.text) for row in rows}) < 30  # few texts may not fill three splits
        return
    keys = [{twin_key(row.text) for row in part} for part in (parts.train, parts.validation, parts.test)]
    assert sum(map(len, keys)) == len(set.union(*keys))
    assert sorted(row.id for row in (*parts.train, *parts.validation, *parts.test)) == sorted(row.id for row in rows)


def test_each_class_and_language_has_its_share() -> None:
    """Eight to one to one within every label of every language."""
    parts = split([*_examples(200, language="en"), *_examples(60, language="zh", labels=3)], seed=3)
    kinds = Counter((row.label, row.meta["language"]) for row in parts.test)
    assert kinds == {("L0", "en"): 10, ("L1", "en"): 10, ("L0", "zh"): 2, ("L1", "zh"): 2, ("L2", "zh"): 2}
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (208, 26, 26)


def test_the_order_of_rows_does_not_matter_but_the_seed_does() -> None:
    """The same seed gives the same test set however the file is sorted."""
    rows = _examples(100)
    shuffled = random.Random(1).sample(rows, len(rows))
    first = {row.id for row in split(rows, seed=7).test}
    assert {row.id for row in split(shuffled, seed=7).test} == first
    assert {row.id for row in split(rows, seed=8).test} != first


def test_a_new_row_moves_few_old_ones() -> None:
    """The test set stays comparable while data grow."""
    rows = _examples(1000)
    before, after = split(rows[:990], seed=0).test, split(rows, seed=0).test
    assert len({row.id for row in before} - {row.id for row in after}) <= 5


def test_small_classes_are_in_every_split() -> None:
    """Three rows of a class are enough for one in each."""
    rows = [*_examples(97, labels=1), *(Example(id=str(n), text=f"rare {n}", label="rare") for n in range(3))]
    parts = split(rows, seed=0)
    assert all(any(row.label == "rare" for row in part) for part in (parts.train, parts.validation, parts.test))


def test_beside_a_given_test_set_there_are_two_parts() -> None:
    """A share of nothing is a part of nothing."""
    parts = split(_examples(49), seed=0, shares=Shares(train=0.9, validation=0.1, test=0))
    assert (len(parts.train) + len(parts.validation), parts.test) == (49, ())


def test_too_few_rows_are_an_error() -> None:
    """Two rows cannot fill three splits."""
    with pytest.raises(DataError, match="2 rows are too few"):
        split(_examples(2), seed=0)


@pytest.mark.parametrize("shares", [Shares(train=0), Shares(train=0.9), Shares(train=1.2, validation=-0.1, test=-0.1)])
def test_impossible_shares_are_refused(shares: Shares) -> None:
    """They must be positive and add up to one."""
    with pytest.raises(ProjectError, match="add up to 1"):
        split(_examples(30), seed=0, shares=shares)


@given(st.lists(st.tuples(st.integers(0, 25), st.sampled_from("xyz")), min_size=60, max_size=200), st.integers(0, 9))
@settings(deadline=None)
def test_no_group_is_in_two_splits(pairs: list[tuple[int, str]], seed: int) -> None:
    """However unlike in size the groups are, whatever labels their rows have."""
    rows = [
        Example(id=str(at), text=f"text {at}", label=label, meta={"group": f"g{group}"})
        for at, (group, label) in enumerate(pairs)
    ]
    try:
        parts = split(rows, seed=seed)
    except DataError:
        assert len({group for group, _ in pairs}) < 12  # few groups may not fill three splits
        return
    groups = [{row.meta["group"] for row in part} for part in (parts.train, parts.validation, parts.test)]
    assert sum(map(len, groups)) == len(set.union(*groups))


def test_groups_keep_the_shares() -> None:
    """Of rows, not of groups; and of each label."""
    rows = [
        Example(id=str(at), text=f"text {at}", label="xy"[at % 2], meta={"group": f"g{at // 5}"}) for at in range(1000)
    ]
    parts = split(rows, seed=1)
    assert [len(parts.train), len(parts.validation), len(parts.test)] == pytest.approx([800, 100, 100], abs=10)
    assert Counter(row.label for row in parts.test)["x"] == pytest.approx(50, abs=10)


def test_rows_are_one_unit_by_any_of_their_names() -> None:
    """A group joins what a cluster joins, and a row without either is a unit of its own."""
    units = together(np.array([0, 0, 1, -1, -1]), np.array([-1, 7, -1, 7, -1]))
    assert len(set(units.tolist())) == 3
    assert units[0] == units[1] == units[3]


def test_time_divides_in_order_and_ties_go_to_the_earlier_part() -> None:
    """Validation is later than training, the test later than both."""
    days = np.array("2026-03-01", "datetime64[us]") + np.array([9, 8, 7, 7, 7, 5, 4, 3, 2, 1]) * np.timedelta64(1, "D")
    found = assign_by_time(days, np.arange(10), Shares(train=0.5, validation=0.3, test=0.2))
    assert found.tolist() == [2, 2, 1, 1, 1, 0, 0, 0, 0, 0]
    found = assign_by_time(days, np.arange(10), Shares(train=0.6, validation=0.2, test=0.2))
    assert found.tolist() == [2, 1, 0, 0, 0, 0, 0, 0, 0, 0]
    with pytest.raises(DataError, match="too few"):
        assign_by_time(days[2:5], np.arange(3), Shares())


def test_a_group_stays_where_it_began() -> None:
    """Its later rows are in no part: known from training in their own, from the future in the earlier one."""
    times = np.arange(10).astype("datetime64[D]").astype("datetime64[us]")
    units = np.array([0, 1, 2, 3, 4, 5, 0, 6, 7, 6])
    found = assign_by_time(times, units, Shares(train=0.6, validation=0.2, test=0.2))
    assert found.tolist() == [0, 0, 0, 0, 0, 0, LATE, 1, 2, LATE]
