"""Rows are stored in files of bounded size and come back as they were, in order."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from argosy.core.records import Dropped, Example
from argosy.stages.data import rows

WORDS = st.from_regex(r"[\w-]{1,8}", fullmatch=True)


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows a file."""
    monkeypatch.setattr(rows, "_ROWS", 3)


def _examples(count: int) -> list[Example]:
    return [
        Example(id=f"a.csv:{n}", text=f"词 {n}", label="xy"[n % 2] if n % 5 else None, meta={"row": n, "group": str(n)})
        for n in range(count)
    ]


@pytest.mark.usefixtures("small_files")
@pytest.mark.parametrize("count", [0, 1, 3, 8])
def test_examples_come_back_by_iteration_place_and_column(count: int, tmp_path: Path) -> None:
    """Whole, one by one, from the end, a slice, in any order, or one column only."""
    examples = _examples(count)
    rows.save(iter(examples), tmp_path / "pool")
    stored = rows.Stored(tmp_path / "pool")
    assert rows.load(tmp_path / "pool") == list(stored) == [stored[at] for at in range(len(stored))] == examples
    assert list(stored[1:-1]) == examples[1:-1]
    assert stored.take(range(count)[::-2]) == examples[::-1][::2]
    assert rows.column(tmp_path / "pool", "label").to_list() == [example.label for example in examples]
    with pytest.raises(IndexError):
        stored[count]


@pytest.mark.usefixtures("small_files")
def test_texts_are_fetched_from_the_files_that_hold_them(tmp_path: Path) -> None:
    """Ascending places over several files."""
    rows.save(_examples(10), tmp_path / "pool")
    texts = rows.texts_at(tmp_path / "pool")
    assert texts(np.array([0, 2, 3, 9])) == ["词 0", "词 2", "词 3", "词 9"]
    assert texts(np.array([], dtype=np.int64)) == []


@given(st.lists(st.none() | WORDS, min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_note_is_added_to_what_is_known(notes: list[str | None]) -> None:
    """A word, a number; nothing where there is none."""
    frame = rows.frame_of([Example(id=str(at), text="a", meta={"row": at}) for at in range(len(notes))])
    noted = rows.with_note(frame, "language", pl.Series(notes, dtype=pl.String))
    metas = [json.loads(meta) for meta in noted["meta"]]
    assert rows.noted_in(noted, "language").to_list() == notes
    assert metas == [{"row": at} | ({} if note is None else {"language": note}) for at, note in enumerate(notes)]


def test_dropped_rows_are_lines_that_are_counted(tmp_path: Path) -> None:
    """Line separators inside a text do not end a line."""
    path = tmp_path / rows.DROPPED
    rows.save_dropped([Dropped(example=Example(id="a:2", text="x\u2028y\nz"), reason="empty")] * 2, path)
    assert rows.reasons(path, path) == {"empty": 4}
    assert json.loads(path.read_text(encoding="utf-8").split("\n")[0])["text"] == "x\u2028y\nz"
