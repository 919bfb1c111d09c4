"""Files as people bring them: each is read whole, or told with its place and its mend; no row is lost or shifted."""

import io
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from malformed import CELLS, CSV, FORMS, JSON_LINES, KINDS, LABELS, READ, ROWS, TABLES, WORKBOOKS, Odd, Spoilt

from argosy.core.errors import ArgosyError, DataError, Problems, raise_all
from argosy.core.language import translator
from argosy.core.records import Dropped, Example
from argosy.data.examples import read_examples
from argosy.data.files.delimited import parse_delimited, stream_delimited
from argosy.data.files.read import read_chunks
from argosy.data.labels.checks import check_labels, tally


def _read(folder: Path, file: Spoilt | Odd, more: str = "") -> list[Example | Dropped]:
    path = folder / file.name
    path.write_bytes(file.data)
    roles: dict[str, Any] = {"text": "text", **tomllib.loads(more)}
    return list(read_examples([path], label="label", **roles))


def _told(error: ArgosyError) -> tuple[ArgosyError, ...]:
    return error.problems if isinstance(error, Problems) else (error,)


def test_there_are_more_than_thirty_kinds() -> None:
    """Of workbooks, of other forms, of tables, of JSON, of labels and of cells."""
    assert min(map(len, (WORKBOOKS, FORMS, TABLES, JSON_LINES, LABELS, CELLS))) >= 9
    assert len(KINDS) >= 60


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "one text on all rows"])
def test_each_kind_is_told_with_place_and_mend(kind: str, tmp_path: Path) -> None:
    """By the reader, or by the check of the labels; every error names the file and, but for a count, a mend."""
    file = KINDS[kind]
    with pytest.raises(ArgosyError) as caught:
        rows = [row for row in _read(tmp_path, file, file.more) if isinstance(row, Example)]
        raise_all(check_labels(tally(rows), file.name))
    told = _told(caught.value)
    assert [word for word in file.words if word not in str(caught.value)] == []
    assert len(told) == file.errors
    assert {error.exit_code for error in told} == {DataError.exit_code}
    assert all(error.where.startswith(file.name) for error in told)
    assert all(error.mend or "count" in error.values for error in told)


@pytest.mark.parametrize("kind", ["two more commas", "a comma as decimal", "NaN as label", "cut in the middle"])
def test_the_place_is_told_in_chinese(kind: str, tmp_path: Path) -> None:
    """The row stands before the message, and no placeholder is left in it."""
    file = KINDS[kind]
    with pytest.raises(ArgosyError) as caught:
        rows = [row for row in _read(tmp_path, file, file.more) if isinstance(row, Example)]
        raise_all(check_labels(tally(rows), file.name))
    row = file.words[0].removeprefix("row ")
    said = caught.value.render(translator("zh"))
    assert said.startswith(f"{file.name}，第 {row} 行：")
    assert "{" not in said.replace('{"text"', "").replace("{'text'", "")


def test_problems_of_several_files_are_told_together(tmp_path: Path) -> None:
    """A workbook in disguise does not hide the broken row of the next file."""
    disguised, broken = tmp_path / "a.csv", tmp_path / "b.csv"
    disguised.write_bytes(KINDS["a workbook called text"].data)
    broken.write_text(CSV + "one,two,three\n", encoding="utf-8")
    with pytest.raises(Problems) as caught:
        list(read_examples([disguised, broken], text="text", label="label"))
    assert [error.where for error in caught.value.problems] == ["a.csv", "b.csv, row 14"]


@pytest.mark.parametrize("kind", READ)
def test_what_is_only_odd_is_read_whole(kind: str, tmp_path: Path) -> None:
    """Every row is kept or dropped with a reason."""
    file = READ[kind]
    rows = _read(tmp_path, file)
    kept = [row for row in rows if isinstance(row, Example)]
    assert (len(kept), Counter(row.reason for row in rows if isinstance(row, Dropped))) == (
        file.kept,
        dict(file.dropped),
    )
    assert [row.text for row in kept] == [text for text, _ in ROWS]


@pytest.mark.parametrize("kind", [kind for kind in [*TABLES, *JSON_LINES, *FORMS] if len(KINDS[kind].data) > 10])
def test_large_files_are_told_the_same(kind: str, tmp_path: Path) -> None:
    """A file that is read as a stream gives the errors of one that is read whole."""
    file = KINDS[kind]
    path = tmp_path / file.name
    path.write_bytes(file.data)
    told = []
    for large in (0, 2**30):
        with pytest.raises(ArgosyError) as caught:
            for _ in read_chunks(path, file.name, ["text", "label"], large=large):
                pass
        told.append(str(caught.value))
    assert told[0] == told[1]


def test_a_line_for_the_spreadsheet_is_no_row() -> None:
    """Rows are numbered as the spreadsheet shows them, read whole or as a stream."""
    text = "sep=|\r\ntext|label\r\ngood, very|pos\r\nbad|neg\r\n"
    whole = parse_delimited(text, ",", "a.csv")
    assert whole.rows() == [("good, very", "pos"), ("bad", "neg")]
    streamed = stream_delimited(lambda: io.StringIO(text, newline=""), ",", ["text", "label"], "a.csv")
    assert list(streamed) == whole.rows()
    with pytest.raises(DataError, match=r"a\.csv, row 3"):
        parse_delimited(text.replace("bad", "bad|worse"), ",", "a.csv")


@pytest.mark.parametrize(
    "cell",
    [
        "Good, but slow\nthanks",
        "first, second\nthird, fourth\nfifth",
        "Dear shop,\nit broke.\nYours, pos",
        "one line\nand another, pos\nand a third",
    ],
)
def test_texts_of_several_lines_are_no_rows(cell: str) -> None:
    """Commas in an honest text of several lines raise no alarm."""
    text = "text,label\n" + "fine words,pos\nbad words,neg\n" * 5 + f'"{cell}",pos\n'
    assert parse_delimited(text, ",", "a.csv").row(-1) == (cell, "pos")


def test_empty_fields_beyond_the_header_are_forgiven_where_nothing_can_have_shifted() -> None:
    """Columns that were emptied leave commas behind; all other rows have their last value."""
    text = "text,label\ngood,pos,,\nbad,neg\nso-so,neg,\n"
    assert parse_delimited(text, ",", "a.csv").rows() == [("good", "pos"), ("bad", "neg"), ("so-so", "neg")]
    with pytest.raises(Problems, match="shifted"):
        parse_delimited(text + "late,\n", ",", "a.csv")


@pytest.mark.parametrize("label", ["none", "N", "nah", "NaN-like", "null hypothesis", "yes/maybe", "good,bad"])
def test_honest_labels_raise_no_alarm(label: str) -> None:
    """Words that only look like marks of nothing, and lists of words that are no labels themselves."""
    rows = [(f"text {n}", one) for n, one in enumerate([label, "yes", "no"] * 3)]
    examples = [Example(id=str(n), text=text, label=one) for n, (text, one) in enumerate(rows)]
    assert check_labels(tally(examples), "a.csv") == []
