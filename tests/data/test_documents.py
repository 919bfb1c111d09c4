"""Files of plain text as documents."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.errors import DataError
from argosy.data.clean import clean_text
from argosy.data.examples import Columns, examples_of
from argosy.data.files.documents import LONGEST, blocks, read_documents

POEM = "床前明月光，\n疑是地上霜。"


def read(path: Path, *wanted: str) -> list[str | None]:
    """The first wanted column of a file."""
    return [cell for chunk in read_documents(path, path.name, wanted) for cell in chunk.cells[wanted[0]]]


def test_blank_lines_part_documents_and_line_ends_stay(tmp_path: Path) -> None:
    """A poem keeps its lines, whatever the file's line ends and its encoding are."""
    path = tmp_path / "poems.txt"
    path.write_bytes(
        f"\r\n{POEM}\r\n \t\r\n\r\n独坐幽篁里，\r\n弹琴复长啸。\r\n".replace("\r\n疑", "\n疑").encode("gb18030")
    )
    assert read(path, "text") == [POEM, "独坐幽篁里，\n弹琴复长啸。"]
    assert read(path, "file") == ["poems.txt", "poems.txt"]


def test_a_long_block_is_cut_where_a_sentence_ends() -> None:
    """Nothing is lost, and no part is longer than a page."""
    text = "他走了很远的路。" * 4000
    parts = blocks(text)
    assert "".join(parts) == text
    assert max(map(len, parts)) <= LONGEST
    assert all(part.endswith("。") for part in parts)


@given(st.text(alphabet="ab。 \n\r\t", max_size=60))
def test_no_letter_is_lost_and_no_document_is_blank(text: str) -> None:
    """Whatever stands between line ends comes out, in order."""
    found = blocks(text)
    assert all(part.strip() for part in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path: Path) -> None:
    """A damaged file is named with the place of the first bad byte."""
    path = tmp_path / "bad.txt"
    path.write_bytes("好的一行\n".encode() * 3 + b"\xff\xfe\x00\xd8 broken \x81\n" + "又一行".encode() * 3)
    with pytest.raises(DataError) as caught:
        read(path, "text")
    assert "bad.txt" in str(caught.value)


def test_a_column_that_plain_text_does_not_have(tmp_path: Path) -> None:
    """What [data] asks for in vain is named; an empty file too."""
    path = tmp_path / "a.txt"
    path.write_text("text", encoding="utf-8")
    with pytest.raises(DataError, match="'author'"):
        read(path, "text", "author")
    path.write_text("\n \n", encoding="utf-8")
    with pytest.raises(DataError, match="empty"):
        read(path, "text")


def test_a_question_without_an_answer_is_dropped_with_its_reason(tmp_path: Path) -> None:
    """The rows of one question are one group, so that no part knows the question of another."""
    path = tmp_path / "faq.csv"
    path.write_text("q,a\nWho?,I.\nWho?,You.\nWhy?,\n怎么退货？,联系客服。\n", encoding="utf-8")
    (chunk,) = read_documents(path, path.name, ["q", "a"])
    rows, problems = examples_of(chunk, Columns(text="q", label=None, answer="a"))
    assert problems == []
    assert [getattr(row, "reason", None) for row in rows] == [None, None, "unanswered", None]
    first, second, _, last = (getattr(row, "meta", {}) for row in rows)
    assert (first["answer"], last["answer"]) == ("I.", "联系客服。")
    assert first["group"] == second["group"] != last["group"]


def test_a_text_to_be_continued_keeps_its_lines() -> None:
    """The step for lines takes away what nobody sees, and no more."""
    assert clean_text(f"  {POEM} \t\r\n\n\n\n\n    indented\n", ["lines"]) == f"{POEM}\n\n    indented"
