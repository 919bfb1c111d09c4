"""Stored answers go out as a sheet and come back decided, whatever Excel does to it."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.errors import DataError
from argosy.project.supporting.sheet import Decision, read_sheet, write_sheet

IDS = ("ans_0", "ans_1", "ans_2", "ans_3")


def answer(name: str, **more: Any) -> dict[str, Any]:
    """A stored answer as the desk tells it."""
    told = {
        "keys": ["怎么退货？", "How do I return it?"],
        "text": "打开我的订单，点申请售后。",
        "slots": ["order", "date"],
    }
    told |= {"given": 12, "agents": ["小林", "Ann"], "last": 1_770_000_000_000_000, "approved": None}
    return {"id": name, **told, "conflicts": [], "expired": [], **more}


def cells(path: Path) -> list[list[str]]:
    """The rows of a CSV file, header first."""
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def save(path: Path, rows: Sequence[Sequence[str]], *, delimiter: str = ",", encoding: str = "utf-8-sig") -> None:
    """As a person's program saves it."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter).writerows(rows)
    path.write_bytes(buffer.getvalue().encode(encoding))


def filled(path: Path, decisions: Sequence[tuple[str, str]]) -> list[list[str]]:
    """The sheet with a decision and new words in each row."""
    rows = cells(path)
    at, words = rows[0].index("decision"), rows[0].index("new text")
    for row, (decision, text) in zip(rows[1:], decisions, strict=True):
        row[at], row[words] = decision, text
    return rows


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(",", "utf-8-sig"), (";", "utf-8-sig"), (";", "gb18030"), ("\t", "utf-16")]
)
def test_a_sheet_comes_back_however_excel_saves_it(tmp_path: Path, delimiter: str, encoding: str) -> None:
    """Commas, semicolons or tabs; with a byte order mark or in GB18030; words of both languages."""
    path = tmp_path / "answers.csv"
    assert write_sheet(map(answer, IDS), path) == 4
    decisions = [("approve", ""), ("通过", "新的说法；请看，“我的订单”\n第二行"), ("拒绝", ""), ("", "")]
    save(path, filled(path, decisions), delimiter=delimiter, encoding=encoding)
    read = read_sheet(path, IDS)
    assert read.problems == ()
    assert read.decisions == (
        Decision(id="ans_0", approved=True),
        Decision(id="ans_1", approved=True, text="新的说法；请看，“我的订单”\n第二行"),
        Decision(id="ans_2", approved=False),
    )


def test_the_sheet_tells_what_one_needs_to_decide(tmp_path: Path) -> None:
    """Questions, how often and by whom, and what contradicts it or is over; Excel knows the file for UTF-8."""
    conflict = {"kept": "ans_1", "kept_text": "30 days", "kept_at": 1_770_000_000_000_000, "dropped": "ans_0",
                "dropped_text": "14 days", "dropped_at": None, "question": "?", "difference": "number"}  # fmt: skip
    path = tmp_path / "answers.csv"
    gone = [{"reason": "superseded", "told": "ans_1", "id": "ans_0", "text": ""}]
    write_sheet([answer("ans_0", conflicts=[conflict], expired=gone, approved=True)], path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    header, row = cells(path)
    told = dict(zip(header, row, strict=True))
    assert told["questions"] == "怎么退货？\nHow do I return it?"
    assert (told["given"], told["agents"], told["last"]) == ("12", "小林, Ann", "2026-02-02")
    assert "14 days" in told["conflicts"]
    assert "2026-02-02 30 days" in told["conflicts"]
    assert told["expired"] == "superseded ans_1"
    assert (told["decision"], told["slots"]) == ("approve", "order, date")


def test_a_bad_row_costs_no_other_row(tmp_path: Path) -> None:
    """Unknown ids, words that are no decision, words without one, an answer twice: each is told with its row."""
    path = tmp_path / "answers.csv"
    write_sheet(map(answer, IDS), path)
    rows = filled(path, [("approve", ""), ("perhaps", ""), ("", "other words"), ("refuse", "")])
    rows += [["ans_9", *rows[1][1:]], ["ans_3", *rows[1][1:]], ["", *rows[1][1:]]]
    save(path, rows)
    read = read_sheet(path, IDS)
    assert read.decisions == (Decision(id="ans_0", approved=True),)
    told = [str(problem) for problem in read.problems]
    assert [problem.where for problem in read.problems] == [f"answers.csv, row {row}" for row in (3, 4, 5, 6, 7, 8)]
    for part, one in zip(
        ("'perhaps'", "no decision", "2 rows", "'ans_9'", "2 rows", "no stored answer ''"), told, strict=True
    ):
        assert part in one


def test_a_customers_words_never_become_a_formula(tmp_path: Path) -> None:
    """What Excel would run has an apostrophe before it; written back by hand, the apostrophe goes."""
    path = tmp_path / "answers.csv"
    write_sheet([answer("ans_0", keys=["=HYPERLINK(1)"], text="+1 on us")], path)
    assert cells(path)[1][1:3] == ["'=HYPERLINK(1)", "'+1 on us"]
    save(path, filled(path, [("approve", "'+1 on us")]))
    assert read_sheet(path, IDS).decisions == (Decision(id="ans_0", approved=True, text="+1 on us"),)


def test_columns_may_be_moved_and_left_out(tmp_path: Path) -> None:
    """Only ids and decisions are needed; a file without them is refused."""
    path = tmp_path / "answers.csv"
    save(path, [["decision", "note", "id"], ["拒绝", "旧政策", "ans_2"]])
    assert read_sheet(path, IDS).decisions == (Decision(id="ans_2", approved=False),)
    save(path, [["decision", "note"], ["拒绝", "旧政策"]])
    with pytest.raises(DataError, match="id"):
        read_sheet(path, IDS)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30), min_size=1, max_size=4))
def test_whatever_the_words_the_row_comes_back(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    """Quotes, commas, marks of all scripts: the id and the decision stay with their row."""
    path = tmp_path_factory.mktemp("sheet") / "answers.csv"
    write_sheet([answer(f"ans_{at}", text=text, approved=True) for at, text in enumerate(words)], path)
    read = read_sheet(path, [f"ans_{at}" for at in range(len(words))])
    assert (read.decisions, read.problems) == (
        tuple(Decision(id=f"ans_{at}", approved=True) for at in range(len(words))), ()
    )  # fmt: skip
