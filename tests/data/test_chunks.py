"""A large file is read in chunks as a small one is read whole: the same rows, the same complaints."""

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from argosy.core.errors import ArgosyError
from argosy.data.files import decode, read
from argosy.data.files.read import read_chunks

WHOLE, STREAM = 2**40, 0
CELLS = st.sampled_from(["a", "好", "", " ", '"', "x,y", "\n", "\t", "1", "\\", "\u2028", "\x85"])
LINES = st.lists(st.lists(CELLS, max_size=3).map("".join), max_size=8)
JSON_LINES = st.sampled_from(
    ['{"text": "a", "label": 1.0}', '{"label": "x", " text": "好"}', "", "  ", "[1]", '{"text": "b"', '{"other": null}']
)
uncovered = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)


def _outcome(path: Path, large: int) -> tuple[list[tuple[int, str | None, str | None]], str]:
    """The rows with their numbers, and what is said against the file."""
    rows: list[tuple[int, str | None, str | None]] = []
    try:
        for chunk in read_chunks(path, path.name, ["text", "label"], large=large):
            pairs = zip(chunk.cells["text"], chunk.cells["label"], strict=True)
            rows += [(number, *pair) for number, pair in enumerate(pairs, start=chunk.start)]
    except ArgosyError as error:
        return [], str(error)
    return rows, ""


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
@given(lines=LINES)
@uncovered
def test_any_table_is_read_alike(name: str, lines: list[str], tmp_path: Path) -> None:
    """Quotes, blank rows, rows of the wrong width: rows and errors are those of the whole file."""
    path = tmp_path / name
    path.write_bytes("\n".join(["text,label" if name == "a.csv" else "text\tlabel", *lines]).encode())
    assert _outcome(path, STREAM) == _outcome(path, WHOLE)


@given(lines=st.lists(JSON_LINES, min_size=1, max_size=12))
@uncovered
def test_any_lines_of_json_are_read_alike(lines: list[str], tmp_path: Path) -> None:
    """Missing keys, spaces in names, blank and broken lines."""
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    whole = _outcome(path, WHOLE)
    if "is empty" not in whole[1]:  # a large file is not
        assert _outcome(path, STREAM) == whole


def test_parquet_is_read_alike(tmp_path: Path) -> None:
    """Numbers, dates and nulls become the same strings; no such column is the same message."""
    path = tmp_path / "a.parquet"
    frame = pl.DataFrame({"text": ["a", None, "好"], "label": [1.0, 2.5, None], "n": [1, 2, 3]})
    frame.write_parquet(path)
    assert _outcome(path, STREAM) == _outcome(path, WHOLE)
    assert [row[2] for row in _outcome(path, STREAM)[0]] == ["1", "2.5", None]
    frame.rename({"text": "Text"}).write_parquet(path)
    assert _outcome(path, STREAM) == _outcome(path, WHOLE)
    assert "nearest is 'Text'" in _outcome(path, STREAM)[1]
    path.write_bytes(b"PAR1 and nothing")
    assert "breaks off" in _outcome(path, STREAM)[1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "big5"])
def test_every_encoding_is_read_alike(encoding: str, tmp_path: Path) -> None:
    """Marked or not, of one byte or two."""
    path = tmp_path / "a.csv"
    words = (
        ["這個手機很好用", "送貨太慢，不會再買", "價錢公道"]
        if encoding == "big5"
        else ["物流很快", "质量太差，再也不买了"]
    )
    text = "text,label\r\n" + "".join(f'"{word}，""{number}""",好\r\n' for number in range(40) for word in words)
    path.write_bytes(text.encode(encoding))
    assert _outcome(path, STREAM) == _outcome(path, WHOLE)
    assert _outcome(path, STREAM)[0]


@pytest.mark.parametrize("bad", ["质量太差".encode("gb18030"), b"a\0b"])
def test_a_bad_byte_is_told_with_its_row(bad: bytes, tmp_path: Path) -> None:
    """In a large file too, counted over line breaks in quotes."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"text,label\n" + '"物流很快\n很好",pos\n'.encode() * 30 + bad + b",neg\n")
    assert _outcome(path, STREAM) == _outcome(path, WHOLE)
    assert "a.csv, row 32" in _outcome(path, STREAM)[1]


def test_another_encoding_late_in_a_large_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the part by which the encoding is judged, with its row all the same."""
    monkeypatch.setattr(decode, "_JUDGED", 60)
    path = tmp_path / "a.csv"
    early = 'text,label\n"质量太差，再也不买了",neg\n' + "价格公道,pos\n" * 8
    path.write_bytes(early.encode("gb18030") + "物流很快很好,pos\n".encode())
    assert _outcome(path, STREAM) == _outcome(path, WHOLE)
    assert "a.csv, row 11: The file mixes two encodings" in _outcome(path, STREAM)[1]


def test_quotes_that_mean_nothing_are_found_out_in_a_large_file(tmp_path: Path) -> None:
    """Tab-separated text without quoting, as in ``read_table``."""
    path = tmp_path / "a.tsv"
    path.write_text('text\tlabel\n"Oh\tneg\nso "good"\tpos\n', encoding="utf-8")
    assert [row[1] for row in _outcome(path, STREAM)[0]] == ['"Oh', 'so "good"']


def test_chunks_are_bounded_by_rows_and_by_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few long texts make a chunk, and so do many short ones; row numbers go on."""
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({"text": "x" * 100}) + "\n" for _ in range(300)), encoding="utf-8")
    monkeypatch.setattr(read, "ROWS", 128)
    by_rows = list(read_chunks(path, "a", ["text"], large=STREAM))
    assert [(chunk.start, len(chunk.cells["text"])) for chunk in by_rows] == [(1, 128), (129, 128), (257, 44)]
    monkeypatch.setattr(read, "_CHARACTERS", 6400)
    assert [chunk.start for chunk in read_chunks(path, "a", ["text"], large=STREAM)] == [1, 65, 129, 193, 257]
