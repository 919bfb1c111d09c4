"""CSV and TSV: the right delimiter, the right rows, and the row that is broken."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.errors import ArgosyError, DataError, Problems
from argosy.data.files.delimited import parse_delimited

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


def _rows(text: str, own: str = ",") -> list[tuple[str | None, ...]]:
    return parse_delimited(text, own, "a.csv").rows()


@given(st.lists(st.tuples(CELLS, CELLS.filter(str.strip)), min_size=1), st.sampled_from(",;\t|"))
def test_what_a_spreadsheet_writes_is_read_back(rows: list[tuple[str, str]], delimiter: str) -> None:
    """Quotes, delimiters and line breaks within fields survive; empty cells are null."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("text", "label"), *rows])
    assert _rows(file.getvalue(), delimiter) == [(text or None, label) for text, label in rows]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_another_delimiter_than_promised_is_read_rightly(delimiter: str) -> None:
    """A .csv with semicolons, tabs or bars reads as such, even with commas in its texts."""
    text = f"text{delimiter}label\nslow, but good{delimiter}pos\nbad, bad, bad{delimiter}neg\n"
    assert _rows(text) == [("slow, but good", "pos"), ("bad, bad, bad", "neg")]


def test_semicolons_in_texts_do_not_make_a_delimiter() -> None:
    """The promised delimiter stands when it fits, and when nothing fits."""
    assert _rows("text,label\ngood; fast; fine,pos\nbad; slow; sad,neg\n")[0] == ("good; fast; fine", "pos")
    assert _rows("text\ngood; fast\nbad; slow\n") == [("good; fast",), ("bad; slow",)]


def test_a_broken_row_does_not_hide_the_delimiter() -> None:
    """The row is named under the delimiter that the others have."""
    with pytest.raises(DataError, match=r"a\.csv, row 3: The row has 3 fields, the header has 2"):
        _rows("text;label\nslow, but good;pos\nbad; slow;neg\nfine;pos\n")


def test_an_open_quote_names_the_row_where_it_opened() -> None:
    """Not the end of the file, where parsers notice it, and counted over quoted line breaks."""
    with pytest.raises(DataError, match=r"a\.csv, row 3: The quoting is broken"):
        _rows('text,label\n"two\nlines",pos\n"never closed,neg\nfine,pos\nfine,pos\n')
    with pytest.raises(DataError, match="row 2"):
        _rows('text,label\n"he said "no" to me",neg\nfine,pos\n')


def test_quotes_inside_an_unquoted_field_are_characters() -> None:
    """Five inches stay five inches."""
    assert _rows('text,label\n5" screen,pos\n') == [('5" screen', "pos")]


def test_tabs_without_any_quoting_are_read() -> None:
    """In a tab-separated file whose quotes do not pair, quotes are characters."""
    assert _rows('text\tlabel\n"Oh\tneg\nso "good"\tpos\n', "\t") == [('"Oh', "neg"), ('so "good"', "pos")]


def test_rows_of_the_wrong_width_are_all_named() -> None:
    """Too many and too few fields are told together, the later ones as a number."""
    text = "text,label\nfine,pos\nslow, but good,pos\nshort\n" + "a,b,c\n" * 7 + "fine,neg\n"
    with pytest.raises(Problems) as caught:
        _rows(text)
    places = [problem.where for problem in caught.value.problems]
    assert places == ["a.csv, row 3", "a.csv, row 4", "a.csv, row 5", "a.csv, row 6", "a.csv, row 7", "a.csv"]
    assert "4 more rows" in str(caught.value)


def test_empty_fields_at_the_end_are_forgiven() -> None:
    """Excel writes commas for columns that were emptied, and rows of nothing below the table."""
    assert _rows("text,label\ngood,pos,,\n,\n\nbad,neg\n,,\n\n") == [
        ("good", "pos"),
        (None, None),
        (None, None),
        ("bad", "neg"),
    ]


def test_a_title_above_the_column_names_is_said() -> None:
    """When every row is wider than the first, the first is no header."""
    with pytest.raises(DataError, match="not in row 1"):
        _rows("Export of 2024\ntext,label\ngood,pos\nbad,neg\n")


def test_a_column_named_twice_is_refused() -> None:
    """Nobody could say which of the two is meant; nameless columns get numbers."""
    with pytest.raises(DataError, match="'text' is given 2 times"):
        _rows("text,text\na,b\n")
    assert parse_delimited(",text,\n0,a,b\n", ",", "a.csv").columns == ["column 1", "text", "column 3"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_all_systems(end: str) -> None:
    """Unix, Windows and the old Mac."""
    assert _rows(end.join(["text,label", "good,pos", "bad,neg", ""])) == [("good", "pos"), ("bad", "neg")]


@given(st.text(st.sampled_from('ab",;\t\n\r |'), max_size=60))
def test_any_text_is_a_table_or_a_clear_error(text: str) -> None:
    """No input ends in an exception of a library."""
    try:
        parse_delimited(text, ",", "a.csv")
    except ArgosyError as error:
        assert str(error).startswith("a.csv")  # noqa: PT017 - either outcome is right


def test_the_limit_of_the_csv_module_is_put_back() -> None:
    """Reading long fields leaves no trace in the process."""
    before = csv.field_size_limit()
    assert len(_rows(f"text,label\n{'x' * 200_000},pos\n")[0][0] or "") == 200_000
    assert csv.field_size_limit() == before
