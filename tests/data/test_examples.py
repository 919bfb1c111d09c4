"""Columns of groups, times and numbers travel with each row, and what cannot be read in them is told."""

from pathlib import Path

import pytest

from argosy.core.errors import DataError, Problems
from argosy.core.records import Dropped, Example
from argosy.data.examples import Columns, added_up, examples_of, read_examples
from argosy.data.files.read import Chunk


def _file(folder: Path, text: str) -> Path:
    path = folder / "a.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_groups_are_stored_as_digests_times_and_numbers_as_such(tmp_path: Path) -> None:
    """The same customer is the same group, and cannot be read from it; an empty cell is no group."""
    path = _file(
        tmp_path,
        "text,label,who,when,price\n好,a,张三 13800138000,2026年3月1日,1.5\n"
        "bad,b, 张三 13800138000 ,46082,2\nok,a,,2026-03-02,3\n",
    )
    rows = list(read_examples([path], text="text", label="label", group="who", time="when", numeric=["price"]))
    first, second, third = [row.meta for row in rows if isinstance(row, Example)]
    assert first["group"] == second["group"]
    assert "138" not in str(first["group"])
    assert "group" not in third
    assert [first["time"], second["time"]] == ["2026-03-01T00:00:00"] * 2
    assert (first["numeric"], third["numeric"]) == ([1.5], [3.0])


def test_a_row_without_a_time_is_dropped(tmp_path: Path) -> None:
    """It could stand before or after the others."""
    rows = list(
        read_examples(
            [_file(tmp_path, "text,label,when\na,x,2026-03-01\nb,y,\n")], text="text", label="label", time="when"
        )
    )
    assert [row.reason for row in rows if isinstance(row, Dropped)] == ["untimed"]


def test_cells_that_are_no_time_or_number_are_told_together(tmp_path: Path) -> None:
    """A unit, a comma, a date that could be two: each with its row and how to write it."""
    path = _file(tmp_path, 'text,label,when,kg,eur\na,x,3/4/2026,1,"3,5"\nb,y,2026-03-01,12 kg,4\n')
    with pytest.raises(Problems) as caught:
        read_examples([path], text="text", label="label", time="when", numeric=["kg", "eur"])
    told = str(caught.value)
    assert [problem.where for problem in caught.value.problems] == ["a.csv, row 2", "a.csv, row 3", "a.csv, row 2"]
    assert [word for word in ("3/4/2026", "12 kg", "3,5", "2026-03-01 14:05") if word not in told] == []


def test_rows_of_numbers_need_no_text(tmp_path: Path) -> None:
    """A row of empty cells is none."""
    path = _file(tmp_path, "age,price,risk\n30,1.5,low\n,,\n41,2,high\n")
    rows = list(read_examples([path], text=None, label="risk", numeric=["age", "price"]))
    assert [row.meta.get("numeric") if isinstance(row, Example) else row.reason for row in rows] == [
        [30.0, 1.5],
        "empty",
        [41.0, 2.0],
    ]


def test_a_number_to_predict_must_be_one() -> None:
    """A unit in the target is told as in any column of numbers."""
    chunk = Chunk(file="a.csv", start=2, cells={"text": ["a", "b"], "price": ["12", "13 元"]})
    _, (problem,) = examples_of(chunk, Columns(text="text", label="price", truth=True))
    assert problem.where == "a.csv, row 3"
    assert "13 元" in str(problem)


def test_a_mistake_on_many_rows_is_one_message_with_their_number() -> None:
    """The place is that of the first; a file in chunks says the same as a file in one piece."""
    told = [DataError("{column!r} is bad ({count} such rows).", where=f"row {n}", column="a", count=n) for n in (2, 3)]
    (problem,) = added_up([*told])
    assert str(problem) == "row 2: 'a' is bad (5 such rows)."
