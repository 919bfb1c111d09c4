"""A stranger's file: which columns, which languages."""

import polars as pl
import pytest

from argosy.core.errors import DataError
from argosy.data.labels.guess import Guess, guess, guess_time

TEXTS = [
    "The delivery was late and the box broken",
    "I would buy this again",
    "Not worth the money at all",
    "Works well",
]


def _frame(**columns: list[str]) -> pl.DataFrame:
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


@pytest.mark.parametrize(("text", "label"), [("text", "label"), ("评论内容", "情感"), ("Review", "Sentiment")])
def test_usual_names_in_both_languages(text: str, label: str) -> None:
    """Whatever the case and the words around them."""
    frame = _frame(
        id=list("abcdefgh"), **{label: ["pos", "neg"] * 4, text: [f"{one} {n}" for n in "12" for one in TEXTS]}
    )
    assert guess(frame) == Guess(text=text, label=label, task="classify", languages=("en",))


def test_unusual_names_go_by_looks() -> None:
    """The long unlike cells are the text, the few repeated values the label; ids and numbers are neither."""
    frame = _frame(
        a=[str(n) for n in range(8)],
        b=["x", "y"] * 4,
        c=[f"{one} {n}" for n in "ab" for one in TEXTS],
        d=["0.5", "0.25"] * 4,
        e=["3", "4"] * 4,
        f=["http://example.com/a-very-long-address-that-stands-in-every-row-of-the-file"] * 8,
    )
    assert (guess(frame).text, guess(frame).label) == ("c", "b")


def test_numbers_serve_as_labels_when_nothing_else_does() -> None:
    """Codes of classes are common in Chinese data sets."""
    frame = _frame(body=["物流很快", "质量很差", "包装不错", "再也不买"], score=["1", "0", "1", "0"])
    assert guess(frame) == Guess(text="body", label="score", task="classify", languages=("zh",))


def test_two_languages_are_seen() -> None:
    """In the order of their frequency."""
    frame = _frame(text=[*TEXTS, "物流很快，包装也好", "质量太差，退货了"], label=["a", "b"] * 3)
    assert guess(frame).languages == ("en", "zh")


def test_a_file_without_labels_has_none() -> None:
    """Texts alone can still be predicted."""
    assert guess(_frame(text=TEXTS, id=["1", "2", "3", "4"])).label is None


def test_no_text_is_an_error() -> None:
    """Numbers alone, or nothing at all."""
    with pytest.raises(DataError, match="No column looks like text: 'a', 'b'"):
        guess(pl.DataFrame({"a": ["1", "2"], "b": [None, None]}, schema={"a": pl.String, "b": pl.String}))


@pytest.mark.parametrize(
    ("columns", "time"),
    [
        ({"正文": ["好", "坏"], "发布时间": ["2026-11-01 10:00", "2026-11-02 11:30"]}, "发布时间"),
        ({"text": ["a", "b"], "seen": ["2026-11-01", None], "created_at": ["2026-10-01", "2026-10-02"]}, "created_at"),
        ({"text": ["a", "b"], "when": ["2026-11-01T10:00:00Z", "2026-11-02T10:00:00Z"]}, "when"),
        ({"text": ["a", "b"], "id": ["1793750400", "1793750401"], "time": ["soon", "later"]}, None),
    ],
)
def test_the_column_of_times_is_found_by_its_cells_and_its_name(
    columns: dict[str, list[str | None]], time: str | None
) -> None:
    """Numbers may count anything, and a name alone makes no time."""
    assert guess_time(pl.DataFrame(columns)) == time
