"""What is written is read back, and opens in Excel as it was."""

from pathlib import Path

import polars as pl
import pytest

from argosy.core.errors import DataError, MachineError
from argosy.data.files.read import read_table
from argosy.data.files.write import write_table

FRAME = pl.DataFrame({
    "text": ["=1+1", "https://example.com", '说"好",\n然后走了', " 007 ", "😀", "-1"],
    "label": ["1", "2.0", "正面", None, "+x", "@y"],
})  # fmt: skip


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.xlsx"])
def test_tables_survive_the_round_trip(tmp_path: Path, name: str) -> None:
    """No text becomes a formula, a link or a number; nulls stay empty."""
    write_table(FRAME, tmp_path / name)
    assert read_table(tmp_path / name).equals(FRAME)


def test_csv_begins_with_the_mark_that_excel_needs(tmp_path: Path) -> None:
    """Without it Excel in China reads UTF-8 as GB18030."""
    write_table(FRAME, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbftext,label")


def test_what_does_not_fit_a_sheet_is_refused_and_the_old_file_stays(tmp_path: Path) -> None:
    """Excel would cut the cell without a word."""
    write_table(FRAME, tmp_path / "a.xlsx")
    with pytest.raises(DataError, match="longest cell has 32768 characters"):
        write_table(pl.DataFrame({"text": ["x" * 32_768]}), tmp_path / "a.xlsx")
    assert read_table(tmp_path / "a.xlsx").equals(FRAME)
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]


def test_numbers_are_written_as_numbers(tmp_path: Path) -> None:
    """Probabilities stay numbers in JSONL."""
    write_table(pl.DataFrame({"p": [0.5], "text": ["好"]}), tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl").read_text(encoding="utf-8") == '{"p":0.5,"text":"好"}\n'


def test_other_endings_and_missing_folders_are_errors(tmp_path: Path) -> None:
    """The name decides the format; a folder that is not there is the system's refusal."""
    with pytest.raises(DataError, match=r"'\.txt' cannot be written"):
        write_table(FRAME, tmp_path / "a.txt")
    with pytest.raises(MachineError):
        write_table(FRAME, tmp_path / "no" / "a.csv")
