"""JSONL, Parquet and XLSX become frames of strings."""

import io
from collections.abc import Sequence

import polars as pl
import pytest
from xlsxwriter import Workbook

from argosy.core.errors import DataError, Problems
from argosy.data.files.tables import parse_jsonl, parse_parquet, parse_xlsx


def _workbook(**sheets: Sequence[Sequence[object]]) -> bytes:
    buffer = io.BytesIO()
    with Workbook(buffer) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return buffer.getvalue()


def test_jsonl_keeps_lines_and_turns_values_to_strings() -> None:
    """1 and 1.0 are the same label, null and NaN are nothing, a blank line keeps its row."""
    lines = ['{"text": "好", "label": 1}', "", '{"text": "差", "label": 1.0}', '{"label": true, "more": [1, "二"]}']
    frame = parse_jsonl("\n".join([*lines, '{"text": null, "label": NaN}']), "a.jsonl")
    assert frame["label"].to_list() == ["1", None, "1", "true", None]
    assert frame["text"].to_list() == ["好", None, "差", None, None]
    assert frame["more"][3] == '[1, "二"]'


def test_jsonl_names_every_bad_line() -> None:
    """Broken JSON, a bare string and a list are each told with their line."""
    with pytest.raises(Problems) as caught:
        parse_jsonl('{"text": "a"}\n{"text": \n"text"\n{"text": "b"}\n["c"]\n', "a.jsonl")
    assert [problem.where for problem in caught.value.problems] == [f"a.jsonl, row {row}" for row in (2, 3, 5)]


def test_jsonl_with_a_lone_surrogate_is_read() -> None:
    """Half of an emoji, as cut texts have it, does not end the reading."""
    assert parse_jsonl('{"text": "好 \\ud83d"}', "a.jsonl")["text"].to_list() == ["好 ?"]


def test_jsonl_lines_may_have_different_keys() -> None:
    """A key that comes late or goes early leaves nulls where it is not."""
    frame = parse_jsonl('{"a": 1}\n{"b": 2}\n\n{"a": 3, "b": 4}\n{"b": 5}\n', "a.jsonl")
    assert (frame["a"].to_list(), frame["b"].to_list()) == (["1", None, None, "3", None], [None, "2", None, "4", "5"])
    with pytest.raises(DataError, match=r"'\?' is given 2 times"):
        parse_jsonl('{"\\ud800": 1, "\\udc00": 2}', "a.jsonl")


def test_hundreds_of_bad_lines_are_counted() -> None:
    """A file in another format does not fill the screen."""
    with pytest.raises(Problems, match="95 more lines"):
        parse_jsonl("text,label\n" * 100, "a.jsonl")


def test_parquet_numbers_are_labels() -> None:
    """Floats that are whole numbers, booleans and nulls as a person would write them."""
    buffer = io.BytesIO()
    pl.DataFrame({"text": ["a", "b", None], "label": [1.0, 2.5, float("nan")], "n": [1, 2, None]}).write_parquet(buffer)
    frame = parse_parquet(buffer.getvalue(), "a.parquet")
    assert frame["label"].to_list() == ["1", "2.5", None]
    assert frame["n"].to_list() == ["1", "2", None]


@pytest.mark.parametrize("raw", [b"PAR1 but not really", b"text,label\n"])
def test_what_is_no_parquet_or_workbook_is_said(raw: bytes) -> None:
    """A wrong ending of the name gives a clear error."""
    with pytest.raises(DataError, match=r"no Parquet file|breaks off"):
        parse_parquet(raw, "a.parquet")
    with pytest.raises(DataError, match="no XLSX file"):
        parse_xlsx(raw, [], "a.xlsx")


def test_a_damaged_parquet_is_said() -> None:
    """Even where the reader of the format gives up in its own way."""
    buffer = io.BytesIO()
    pl.DataFrame({"text": ["物流很快，包装"] * 9, "n": [1.5] * 9}).write_parquet(buffer)
    whole = buffer.getvalue()
    for at in range(4, len(whole) - 12, 7):
        raw = whole[:at] + b"\xff\xff\xff" + whole[at + 3 :]
        try:
            parse_parquet(raw, "a.parquet")
        except DataError as error:
            assert "no Parquet file" in str(error)  # noqa: PT017 - some bytes do not matter


def test_the_sheet_with_the_columns_is_taken() -> None:
    """Notes before the data and a chart after it do not matter; whole numbers have no fraction."""
    raw = _workbook(notes=[["hello"]], data=[["text", "label"], ["好", 1], ["差", 0.5]], more=[["x"]])
    assert parse_xlsx(raw, ["text", "label"], "a.xlsx").rows() == [("好", "1"), ("差", "0.5")]
    assert parse_xlsx(raw, [], "a.xlsx").columns == ["hello"]


def test_rows_of_a_sheet_keep_their_numbers() -> None:
    """Empty rows between, above and below the data do not shift it."""
    raw = _workbook(data=[["text", "label"], ["a", "x"], [], ["b", "y"]])
    assert parse_xlsx(raw, [], "a.xlsx").rows() == [("a", "x"), (None, None), ("b", "y")]
    late = parse_xlsx(_workbook(data=[[], [], ["text"], ["a"]]), ["text"], "a.xlsx")
    assert (late.columns, late["column 1"].to_list()) == (["column 1"], [None, "text", "a"])


def test_a_workbook_of_empty_sheets_is_empty() -> None:
    """An error, not a frame without columns."""
    with pytest.raises(DataError, match="empty"):
        parse_xlsx(_workbook(a=[], b=[]), [], "a.xlsx")
