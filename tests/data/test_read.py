"""Files become examples with ids that lead back to the row, and nothing is lost on the way."""

from pathlib import Path

import polars as pl
import pytest

from argosy.core.errors import DataError, MissingError, Problems
from argosy.core.records import Dropped, Example
from argosy.data.clean import LONGEST_TEXT
from argosy.data.examples import read_examples
from argosy.data.files.read import expand, read_table
from argosy.data.files.write import write_table

ROWS = {"text": ["很好", "too bad"], "label": ["pos", "neg"]}


def _read(path: Path, text: str = "text", label: str | None = "label") -> list[Example | Dropped]:
    return list(read_examples([path], text=text, label=label))


def _file(folder: Path, text: str, name: str = "train.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.xlsx", "a.parquet", "a.tsv"])
def test_every_format_gives_the_same_examples(tmp_path: Path, name: str) -> None:
    """The same rows, whatever they are stored in."""
    frame, path = pl.DataFrame(ROWS), tmp_path / name
    match path.suffix:
        case ".parquet":
            frame.write_parquet(path)
        case ".tsv":
            frame.write_csv(path, separator="\t")
        case _:
            write_table(frame, path)
    assert [(row.text, row.label) for row in _read(path) if isinstance(row, Example)] == list(
        zip(*ROWS.values(), strict=True)
    )


def test_ids_name_file_and_row_as_a_spreadsheet_shows_it(tmp_path: Path) -> None:
    """The header is row 1; line breaks in quotes and blank lines do not shift what follows."""
    path = _file(tmp_path, 'text,label\n"two\nlines",pos\n\nthree,neg\n')
    first, blank, last = _read(path)
    assert isinstance(first, Example)
    assert (first.id, first.meta["row"], first.meta["raw"]) == ("train.csv:2", 2, "two\nlines")
    assert isinstance(blank, Dropped)
    assert isinstance(last, Example)
    assert last.id == "train.csv:4"


def test_rows_that_cannot_be_used_are_dropped_with_a_reason(tmp_path: Path) -> None:
    """Empty texts, missing labels and texts without end are told apart, and each row comes out once."""
    path = _file(tmp_path, f"text,label\n   ,pos\ngood,\nbad,neg\n{'长' * (LONGEST_TEXT + 1)},pos\n")
    rows = _read(path)
    assert [row.reason for row in rows if isinstance(row, Dropped)] == ["empty", "unlabelled", "too_long"]
    long = rows[-1]
    assert isinstance(long, Dropped)
    assert (long.example.meta["characters"], len(long.example.text)) == (LONGEST_TEXT + 1, 200)


def test_a_field_of_fifty_megabytes_costs_one_row(tmp_path: Path) -> None:
    """The row is dropped and the rows around it are read."""
    path = _file(tmp_path, f'text,label\nfine,pos\n"{"long, " * 8_000_000}",neg\nok,neg\n')
    assert [type(row).__name__ for row in _read(path)] == ["Example", "Dropped", "Example"]


def test_labels_are_renamed_as_the_project_says(tmp_path: Path) -> None:
    """A map from spelling to spelling, nothing else touched."""
    path = _file(tmp_path, "text,label\na,Positve\nb,positive\nc, positive\n")
    rows = read_examples([path], text="text", label="label", rename={"Positve": "positive"})
    assert [row.label for row in rows if isinstance(row, Example)] == ["positive", "positive", " positive"]


def test_without_a_label_column_every_text_is_an_example(tmp_path: Path) -> None:
    """Prediction reads files that have no labels."""
    assert [row.label for row in _read(_file(tmp_path, "text\na\nb\n"), label=None) if isinstance(row, Example)] == [
        None,
        None,
    ]


def test_a_missing_column_offers_the_nearest_name(tmp_path: Path) -> None:
    """Both wrong names are told at once; case does not hide the nearest."""
    with pytest.raises(Problems) as caught:
        _read(_file(tmp_path, "Text,lable\na,b\n"))
    assert "nearest is 'Text'" in str(caught.value)
    assert "nearest is 'lable'" in str(caught.value)


def test_a_header_below_the_first_row_is_found(tmp_path: Path) -> None:
    """The row with the wanted names is named."""
    with pytest.raises(DataError, match="stand in row 3"):
        _read(_file(tmp_path, "Export,\n,\ntext,label\na,b\n"))


def test_a_file_without_a_header_shows_what_stands_there(tmp_path: Path) -> None:
    """The first row's cells are quoted, and the mend says to add a header."""
    with pytest.raises(DataError, match=r"row 1: None of .* the first row reads 'ham', 'Go until jurong'"):
        _read(_file(tmp_path, "ham\tGo until jurong\nspam\tWin a prize\n"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("\ufeff\r\n", "is empty"),
        ("text,label\n", "no rows below"),
        ("text,label\n,\n\n", "no rows below"),
    ],
)
def test_files_without_rows_are_refused(tmp_path: Path, text: str, message: str) -> None:
    """Empty, a byte order mark alone, a header alone, a header with blank rows."""
    with pytest.raises(DataError, match=message):
        _read(_file(tmp_path, text))


def test_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    """The second file is read although the first is broken."""
    paths = [_file(tmp_path, 'text,label\n"open,pos\n', "a.csv"), _file(tmp_path, "text\nb\n", "b.csv")]
    with pytest.raises(Problems) as caught:
        read_examples(paths, text="text", label="label")
    assert [problem.where for problem in caught.value.problems] == ["a.csv, row 2", "b.csv"]


def test_files_of_one_name_keep_different_ids(tmp_path: Path) -> None:
    """The folder joins the id where the name alone would not do."""
    for folder in ("zh", "en"):
        (tmp_path / folder).mkdir()
        _file(tmp_path / folder, "text,label\na,b\n")
    paths = expand("*/train.csv", tmp_path)
    rows = read_examples(paths, text="text", label="label")
    assert [row.id for row in rows if isinstance(row, Example)] == ["en/train.csv:2", "zh/train.csv:2"]


def test_expand_takes_files_globs_and_chinese_names_with_spaces(tmp_path: Path) -> None:
    """A name with brackets is a name first; Excel's lock files and other formats are left out of a glob."""
    for name in ("评论 数据.csv", "a[1].csv", "~$a.xlsx", "notes.md"):
        _file(tmp_path, "text\na\n", name)
    assert expand("评论 数据.csv", tmp_path) == [tmp_path / "评论 数据.csv"]
    assert expand("a[1].csv", tmp_path) == [tmp_path / "a[1].csv"]
    assert [path.name for path in expand("*", tmp_path)] == ["a[1].csv", "评论 数据.csv"]
    assert expand(str(tmp_path / "a*.csv"), Path("/")) == [tmp_path / "a[1].csv"]


def test_expand_offers_the_nearest_name(tmp_path: Path) -> None:
    """A mistyped file, nothing like it, a pattern without a match and a folder each get their own words."""
    _file(tmp_path, "text\na\n")
    with pytest.raises(MissingError, match=r"nearest name is 'train\.csv'"):
        expand("trian.csv", tmp_path)
    with pytest.raises(MissingError, match=r"name another file: train\.csv"):
        expand("q*.jsonl", tmp_path)
    with pytest.raises(MissingError):
        expand("no/such/folder.csv", tmp_path)
    with pytest.raises(DataError, match=r"folder; .*\n.*\*\.csv"):
        expand(".", tmp_path)


def test_an_unknown_ending_lists_the_known_ones(tmp_path: Path) -> None:
    """Old workbooks and plain text are refused with what would do."""
    with pytest.raises(DataError, match=r"'\.xls' cannot be read; these can: \.csv"):
        read_table(_file(tmp_path, "text\na\n", "old.xls"))
