"""Twins are dropped, and rows that contradict each other are not trained on."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.records import Dropped, Example
from argosy.data.dedupe import DROPS, drop_twins, near_twins, twin_key

LABELLED = st.lists(st.tuples(st.sampled_from(["a", "A", "b", "ß", "ss", "好"]), st.sampled_from(["x", "y", None])))


def _examples(pairs: list[tuple[str, str | None]]) -> list[Example]:
    return [Example(id=str(number), text=text, label=label) for number, (text, label) in enumerate(pairs)]


def test_the_first_of_equal_rows_stays() -> None:
    """Texts that differ by case alone are twins."""
    rows = list(drop_twins(_examples([("Good", "x"), ("bad", "y"), ("good", "x"), ("Good", "x")])))
    assert [row.id for row in rows if isinstance(row, Example)] == ["0", "1"]
    assert [(row.example.id, row.reason) for row in rows if isinstance(row, Dropped)] == [
        ("2", "exact_twin"),
        ("3", "exact_twin"),
    ]


def test_rows_that_contradict_each_other_all_go() -> None:
    """Nobody knows which label is right, not even by counting."""
    rows = drop_twins(_examples([("good", "x"), ("good", "x"), ("GOOD", "y"), ("bad", "y")]))
    assert [row.reason if isinstance(row, Dropped) else row.text for row in rows] == [*["conflicting_label"] * 3, "bad"]


@given(LABELLED)
def test_nothing_is_lost_and_no_twin_is_left(pairs: list[tuple[str, str | None]]) -> None:
    """Every row comes out once, in order; what is kept is unique and was never contradicted."""
    examples = _examples(pairs)
    rows = list(drop_twins(examples))
    assert [row.example if isinstance(row, Dropped) else row for row in rows] == examples
    kept = [row for row in rows if isinstance(row, Example)]
    assert len({twin_key(row.text) for row in kept}) == len(kept)
    for row in kept:
        assert len({one.label for one in examples if twin_key(one.text) == twin_key(row.text)} - {None}) <= 1


def test_near_twins_of_one_label_go_and_those_that_disagree_stay_together() -> None:
    """The first of each label stays; a cluster of one label is no cluster any more."""
    clusters, labels = np.array([0, 0, 2, 0, 2, 5, 0]), np.array([1, 1, 1, 0, 1, 0, 0])
    found, together = near_twins(clusters, labels)
    assert [DROPS[code] for code in found] == ["", "near_twin", "", "", "near_twin", "", "near_twin"]
    assert together.tolist() == [0, -1, -1, 0, -1, -1, -1]
