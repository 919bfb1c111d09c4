"""What the queue asks people for, and the round trip of its table through spreadsheets."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from persons import Clock, project_in

from argosy.config.file import parse
from argosy.core.captured import Captured
from argosy.core.errors import ArgosyError, MissingError, Problems
from argosy.core.feedback import Feedback
from argosy.core.labelling import Item
from argosy.project.improving.queue import Queue, Shown, queue_in
from argosy.project.improving.sheet import read_sheet, same, write_sheet
from argosy.store.database import Database, sqlite_url
from argosy.store.upgrade import upgrade

LABELS = ("good", "bad", "1")
TEXTS = [
    "=SUM(A1:A9) what is this charge",
    "物流很快 😀，包装也好",
    'two\nlines, a "quote"',
    "0012345678901234",
    "broke after a day",
    "refund please",
]


def answered(number: int, text: str, share: float, *, at: int) -> Captured:
    """A text and an answer that is so sure."""
    told = {"index": 0, "label": "good", "probabilities": {"good": share, "bad": 1 - share}}
    common = {"tenant": "ten_a", "subject": "", "event": f"e{number}", "model": "shop", "version": "1", "at": at}
    return Captured(**common, asked={"input": text}, answer={"data": [told]})


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    """The queue of a project with forty captured texts, the later ones less sure."""
    folder = project_in(tmp_path / "p", "legitimate_interests")
    database = Database(sqlite_url(tmp_path / "books.db"))
    upgrade(database)
    project = parse(tomllib.loads((folder / "argosy.toml").read_text(encoding="utf-8")))
    queue = queue_in(project, folder, database)
    at = Clock().at
    texts = [f"parcel {number * 7919} went to {number * 104729}, who never saw it" for number in range(40)]
    queue.captures.keep([answered(n, text, 1 - n / 80, at=at - 40 + n) for n, text in enumerate(texts)])
    chat = {"tenant": "ten_a", "subject": "", "event": "chat", "model": "shop", "version": "1", "at": at - 1}
    queue.captures.keep([Captured(**chat, asked={"messages": []}, answer="hello")])
    yield queue
    database.close()


def events(queue: Queue) -> dict[str, Item]:
    """The items by their events."""
    return {item.place[1]: item for item in queue.kept.items("shop")}


def test_the_doubtful_are_asked_for_with_some_at_random(queue: Queue) -> None:
    """Ten texts: eight of the least sure, two that chance drew; two of the ten for two people; none again."""
    added = queue.ask(Clock().at, count=10)
    assert (added.offered, added.asked, added.random, added.twice) == (40, 10, 2, 2)
    items = events(queue).values()
    doubtful = [item for item in items if item.why["weight"] == 0]
    assert min(item.why["doubt"] for item in doubtful) > 0.7
    assert sum(item.why["weight"] for item in items) == pytest.approx(40)
    assert sum(item.wanted for item in items) == 12
    again = queue.ask(Clock().at, count=100)
    assert (again.offered, again.asked) == (30, 30)
    with pytest.raises(MissingError, match="without a label was captured in the last 10 days"):
        queue.ask(Clock().at)


def test_feedback_says_what_is_worth_asking(queue: Queue) -> None:
    """A text that a customer gave a label is not asked for; one whose sure answer was called bad is."""
    said = {"tenant": "ten_a", "model": "shop", "index": 0, "at": Clock().at - 5}
    for event, word in (("e39", {"label": "bad"}), ("e0", {"rating": -1}), ("e1", {"rating": 1})):
        queue.feedback.add(Feedback(id=f"fb_{event}", event=event, **said, **word)).result()
    for _ in range(3):
        queue.ask(Clock().at, count=10)
    found = events(queue)
    assert "e39" not in found
    assert found["e0"].why["doubt"] == 1


def test_what_was_labelled_is_known(queue: Queue) -> None:
    """Texts with their labels as long as they are kept; a person is not handed again what that person labelled."""
    queue.ask(Clock().at, count=10)
    single = [one for one in queue.shown("open") if one.item.wanted == 1]
    queue.kept.take({one.item.id: "good" for one in single}, "ann")
    assert [(one.text, one.item.label) for one in queue.shown("done")] == [(one.text, "good") for one in single]
    assert queue.text(single[0].item.place) == single[0].text
    assert [one.item.wanted for one in queue.shown("open", without="ann")] == [2, 2]
    queue.captures.retain(Clock().at)
    assert (queue.shown(), queue.text(single[0].item.place)) == ([], None)


def test_random_texts_tell_how_good_the_answers_are(queue: Queue) -> None:
    """Where the sure half of the answers is right: about half, by the random ones, whatever the chosen ones say."""
    assert queue.right() is None
    queue.ask(Clock().at, count=30)
    items = queue.kept.items("shop")
    queue.kept.take({item.id: "good" if item.why["doubt"] < 0.5 else "bad" for item in items}, "ann")
    queue.kept.take({item.id: item.label or "bad" for item in queue.kept.items("shop")}, "bo")
    found = queue.right()
    assert found is not None
    true = np.mean([item.label == "good" for item in queue.kept.items("shop", "done") if item.why["weight"]])
    assert found.value == pytest.approx(true)
    assert found.low < 0.5 < found.high
    assert found.high - found.low > 0.5  # six texts tell little


@pytest.fixture
def shown() -> list[Shown]:
    """Texts that spreadsheets treat badly."""
    common = {"model": "shop", "at": 1, "wanted": 1, "why": {}, "state": "open"}
    return [
        Shown(item=Item(id=f"lab_{n}", place=("ten_a", f"e{n}", 0), **common), text=text)
        for n, text in enumerate(TEXTS)
    ]


def known(shown: list[Shown]) -> dict[str, str | None]:
    """The texts by their ids."""
    return {one.item.id: one.text for one in shown}


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".jsonl"])
def test_a_table_goes_out_and_comes_back(shown: list[Shown], tmp_path: Path, ending: str) -> None:
    """Whatever its form: the labels by their ids, in any case, as numbers; what is left empty is left."""
    path = tmp_path / f"标签{ending}"
    write_sheet(path, shown, LABELS)
    if ending == ".csv":
        raw = path.read_bytes()
        assert raw.startswith(b"\xef\xbb\xbfid,text,label,good | bad | 1")
        assert b"'=SUM" in raw
        frame = pl.read_csv(path, infer_schema=False)
    else:
        frame = pl.read_excel(path).cast(pl.String) if ending == ".xlsx" else pl.read_ndjson(path)
    filled = frame.with_columns(pl.Series("label", ["good", "BAD", " ｇｏｏｄ", "1.0", None, "bad"]))
    back = tmp_path / f"back{ending}"
    {".csv": filled.write_csv, ".xlsx": filled.write_excel, ".jsonl": filled.write_ndjson}[ending](back)
    found = read_sheet(back, known(shown), LABELS)
    assert dict(found.labels) == {"lab_0": "good", "lab_1": "bad", "lab_2": "good", "lab_3": "1", "lab_5": "bad"}
    assert (found.empty, found.gone) == (1, 0)


def test_what_excel_saves_in_chinese_is_read(shown: list[Shown], tmp_path: Path) -> None:
    """GB18030 with semicolons: what the encoding lost, a long number and an apostrophe are the text all the same."""
    path = tmp_path / "filled.csv"
    rows = [
        "id;text;label",
        "lab_0;'=SUM(A1:A9) what is this charge;good",
        "lab_1;物流很快 ?，包装也好;bad",
        "lab_3;1.23457E+13;bad",
    ]
    path.write_bytes("\r\n".join(rows).encode("gb18030"))
    assert dict(read_sheet(path, known(shown), LABELS).labels) == {"lab_0": "good", "lab_1": "bad", "lab_3": "bad"}


def test_everything_wrong_is_told_at_once_with_its_row(shown: list[Shown], tmp_path: Path) -> None:
    """Unknown labels and ids, texts of other rows, a text with two labels; a text that is gone is no problem."""
    path = tmp_path / "filled.csv"
    rows = [
        ("lab_0", TEXTS[0], "goood"),
        ("lab_9", "who", "good"),
        ("lab_1", TEXTS[4], "good"),
        ("lab_4", TEXTS[4], "good"),
        ("lab_4", TEXTS[4], "bad"),
        ("lab_5", TEXTS[5], "bad"),
    ]
    pl.DataFrame(rows, schema=["id", "text", "label"], orient="row").write_csv(path)
    with pytest.raises(Problems) as caught:
        read_sheet(path, known(shown), LABELS)
    told = [str(problem) for problem in caught.value.problems]
    for row, words in zip(
        (2, 3, 4, 6), ("'goood'; the nearest is 'good'", "'lab_9'", "lab_1", "bad, good"), strict=True
    ):
        assert any(f"row {row}" in one and words in one for one in told), (row, words, told)
    assert len(told) == 4
    rows = [("lab_5", TEXTS[5], "bad"), ("lab_4", TEXTS[4], "card lost"), ("lab_3", TEXTS[3], "")]
    pl.DataFrame(rows, schema=["id", "text", "label"], orient="row").write_csv(path)
    found = read_sheet(path, {**known(shown), "lab_5": None}, LABELS, others=True)
    assert (dict(found.labels), found.empty, found.gone) == ({"lab_4": "card lost"}, 1, 1)


def test_a_table_without_labels_or_columns_is_told(shown: list[Shown], tmp_path: Path) -> None:
    """An unfilled table, and one without its texts."""
    path = tmp_path / "sheet.csv"
    write_sheet(path, shown, LABELS)
    with pytest.raises(MissingError, match="No row has a label yet"):
        read_sheet(path, known(shown), LABELS)
    path.write_text("id,label\nlab_0,good\n", encoding="utf-8")
    with pytest.raises(ArgosyError, match="text"):
        read_sheet(path, known(shown), LABELS)


@given(st.text(), st.text("物流快慢ab"), st.text("物流快慢ab"))
def test_texts_are_told_apart(text: str, one: str, other: str) -> None:
    """A text is itself, behind an apostrophe and with other blanks too; other letters make another text."""
    assert same(text, text)
    assert same(f"={text}", f"'={text}")
    assert same(f"{text} \r\n{text}", f"{text}\n {text}")
    assert same(one, other) == (one == other)
