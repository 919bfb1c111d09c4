"""A stranger's file: which columns, which languages."""

import polars as pl
import pytest

from argosy.core.errors import DataError
from argosy.data.labels.guess import Guess, guess

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
