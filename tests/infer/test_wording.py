"""Stop words and stems are part of the model's file: what was fitted is what is served."""

from importlib import metadata

import numpy as np
import pytest

from argosy.core.errors import MissingError
from argosy.infer.engines.linear import Card, Vocabulary
from argosy.infer.wording import PLAIN, Wording

pytest.importorskip("rjieba")
pytest.importorskip("snowballstemmer")
STOP_WORDS = frozenset({"the", "were", "也", "的", "会"})


@pytest.fixture
def wording() -> Wording:
    """Stop words and stems of both languages."""
    return Wording.of(stop_words=STOP_WORDS, stem=True)


def test_a_plain_wording_changes_nothing() -> None:
    """Character n-grams as they are."""
    texts = ["the deliveries  were late", "物流的速度", ""]
    assert PLAIN.apply(texts) == texts


def test_stop_words_go_and_words_are_stemmed(wording: Wording) -> None:
    """Punctuation and emoji stay where they are."""
    assert wording.apply(["the deliveries were late 😊!", "don’t", ""]) == ["deliveri late 😊!", "don’t", ""]


def test_a_chinese_stop_word_goes_as_a_word_and_not_as_a_character(wording: Wording) -> None:
    """``的`` leaves; ``目的`` (the aim) and ``会议`` (the meeting) stay."""
    assert wording.apply(["会议的目的"]) == ["会议 目的"]


def test_without_stop_words_chinese_is_left_alone() -> None:
    """Only English words have stems."""
    assert Wording.of(stop_words=frozenset(), stem=True).apply(["会议的目的 running"]) == ["会议的目的 run"]


def test_the_wording_travels_with_the_vocabulary(wording: Wording) -> None:
    """What was stored weighs texts as before."""
    made = Card(labels=("a", "b"), vocabulary=Vocabulary(["la", "物流"], [2, 3], 9, wording))
    read = Card.from_json(made.to_json())
    assert read.vocabulary.wording == wording
    texts = ["the late ones", "物流也快"]
    before, after = made.vocabulary.weigh(texts), read.vocabulary.weigh(texts)
    assert np.array_equal(before.columns, after.columns)
    assert before.values == pytest.approx(after.values)


def test_another_version_of_a_package_is_refused(wording: Wording, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may cut words otherwise, so that the served model would not be the measured one."""
    monkeypatch.setattr("argosy.infer.wording.version", lambda name: "0.0.1")
    with pytest.raises(MissingError, match=r"rjieba .*0\.0\.1"):
        wording.apply(["text"])


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""

    def absent(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr("argosy.infer.wording.version", absent)
    with pytest.raises(MissingError, match=r"argosy\[words\]"):
        Wording.of(stop_words=frozenset(), stem=True)
