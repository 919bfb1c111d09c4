"""Cells as numbers, and what is said where they are none."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.records import Dropped, Example
from argosy.data.numeric import (
    check_columns,
    check_targets,
    drop_repeats,
    parse_column,
    parse_number,
    repeats_by_chance,
)


def problem(cell: str) -> str:
    """What is said of one bad cell, in English."""
    values, problems = parse_column(["1", cell], "weight", ["a.csv, row 2", "a.csv, row 3"])
    assert math.isnan(values[1])
    (found,) = problems
    return str(found)


def rows(numbers: Sequence[Sequence[float]], labels: Sequence[str]) -> list[Example]:
    """Examples of numbers without texts."""
    return [
        Example(id=f"a.csv:{row}", text="", label=label, meta={"numeric": list(values)})
        for row, (values, label) in enumerate(zip(numbers, labels, strict=True))
    ]


@given(st.floats(min_value=-1e149, max_value=1e149))
def test_every_finite_number_comes_back(number: float) -> None:
    """What Python writes is read as it was, in either width of digits."""
    assert parse_number(repr(number)) == number
    assert parse_number(f" {repr(number).translate(str.maketrans('0123456789', '０１２３４５６７８９'))} ") == number


@given(st.text(max_size=20))
def test_any_text_is_a_number_or_told(text: str) -> None:
    """No cell is too odd: it is read, or there is one problem that names column, row and a mend."""
    values, problems = parse_column([text], "weight", ["a.csv, row 2"])
    assert math.isnan(values[0]) == bool(problems)
    assert all(one.where == "a.csv, row 2" and one.mend for one in problems)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("", "no number"),
        ("  ", "no number"),
        ("N/A", "no number"),
        ("缺失", "no number"),
        ("nan", "cannot be calculated with"),
        ("-inf", "cannot be calculated with"),
        ("1e200", "cannot be calculated with"),
        ("1e999", "cannot be calculated with"),
        ("#DIV/0!", "cannot be calculated with"),
        ("3,5", "3.5"),
        ("1,234", "1.234 / 1234"),
        ("1.234,56", "1234.56"),
        ("1,234,567", "1234567"),
        ("12 kg", "such as 12,"),
        ("¥3.5万", "such as 35000,"),
        ("2亿元", "such as 200000000,"),
        ("85%", "such as 85,"),
        ("2026-11-22", "[data] time"),
        ("22/11/2026", "[data] time"),
        ("2026年11月22日", "[data] time"),
        ("12:30", "[data] time"),
        ("large", "the word 'large'"),
        ("是", "the word '是'"),
    ],
)
def test_each_kind_of_bad_cell_has_its_mend(cell: str, words: str) -> None:
    """The place, the column and the right way to write it are named."""
    told = problem(cell)
    assert told.startswith("a.csv, row 3: ")
    assert "'weight'" in told
    assert words in told


def test_a_kind_is_told_once_with_its_count() -> None:
    """A thousand cells with a unit are one problem, at the first of them; another kind is another problem."""
    cells = [*["12 kg"] * 1000, "large", "5"]
    _, problems = parse_column(cells, "weight", [f"a.csv, row {row}" for row in range(2, 1004)])
    assert [one.where for one in problems] == ["a.csv, row 2", "a.csv, row 1002"]
    assert problems[0].values["count"] == 1000


def test_a_column_that_never_varies_is_told() -> None:
    """One value teaches nothing, whatever it is."""
    numbers = np.array([[1.0, 5.0], [2.0, 5.0], [3.5, 5.0]])
    (found,) = check_columns(numbers, ("a", "b"), ["1", "2", "3"], "a.csv")
    assert "'b' is 5 on every row" in str(found)


def test_a_copy_of_the_target_is_told() -> None:
    """Another unit or another sign of what is to be predicted is the answer itself; a good column is not."""
    rng = np.random.default_rng(0)
    target = rng.normal(20, 5, 50)
    numbers = np.column_stack([target * 1.8 + 32, -target, target + rng.normal(0, 1e-3, 50), rng.normal(0, 1, 50)])
    found = check_columns(
        numbers, ("fahrenheit", "minus", "near", "noise"), [repr(one) for one in target.tolist()], "a.csv"
    )
    assert [one.values["column"] for one in found] == ["fahrenheit", "minus"]


def test_codes_of_the_labels_are_told() -> None:
    """A column with one value for each label is the label; one that merely separates them is not."""
    labels = ["good", "bad", "fair"] * 20
    codes = np.array([{"good": 7.0, "bad": 3.0, "fair": 4.0}[label] for label in labels])
    spread = codes * 10 + np.random.default_rng(0).normal(0, 1, 60)
    found = check_columns(np.column_stack([codes, spread]), ("code", "spread"), labels, "a.csv")
    assert [one.values["column"] for one in found] == ["code"]


@pytest.mark.parametrize(("values", "words"), [([3.0] * 20, "nothing to predict"), ([0.0, 1.0] * 10, '"classify"')])
def test_targets_that_are_no_numbers_to_predict_are_told(values: list[float], words: str) -> None:
    """One value, or two."""
    assert words in str(check_targets(np.array(values), "a.csv")[0])
    assert check_targets(np.arange(20.0), "a.csv") == []


def test_copied_rows_go_and_chance_repeats_stay() -> None:
    """Equal rows of fine columns are copies; of a few yes-or-no columns they are as many observations."""
    rng = np.random.default_rng(0)
    fine = rows([*rng.normal(0, 1, (60, 3)).tolist()] * 2, ["a", "b"] * 60)
    assert not repeats_by_chance(fine)
    assert sum(isinstance(one, Dropped) for one in drop_repeats(fine)) == 60
    assert repeats_by_chance(rows(rng.integers(0, 2, (60, 3)).tolist(), ["a", "b"] * 30))


def test_equal_measurements_with_other_results_stay() -> None:
    """Two rows that differ in the target alone are noise, not copies."""
    found = list(drop_repeats(rows([[0.123], [0.123], [0.5]], ["1.5", "1.6", "2.0"])))
    assert not any(isinstance(one, Dropped) for one in found)
