"""The deletion test tells explanations that hold from those that do not; spans stay with the given text."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.data.clean import clean_text
from argosy.evaluate.doubts.explain import (
    DeletionTest,
    Faithfulness,
    Trust,
    gather,
    locate,
    most_faithful,
    summarise,
    without,
)
from argosy.evaluate.metrics import Floats

TEXT = "the parcel came late and broken 物流太慢 but the box was blue"
STRONG = {"late": 2.0, "broken": 3.0, "慢": 2.5}


def shares(texts: Sequence[str]) -> Floats:
    """A model that looks at three words alone."""
    return np.array([1 / (1 + math.exp(3 - sum(w for word, w in STRONG.items() if word in text))) for text in texts])


def words(text: str = TEXT) -> list[tuple[int, int]]:
    """The spans of the words and Chinese characters."""
    spans = [(place, place + 1) for place in range(len(text)) if text[place] != " "]
    return [(token.start, token.end) for token in gather(text, spans, [0.0] * len(spans))]


def weights(spans: Sequence[tuple[int, int]]) -> list[float]:
    """What the model looks at."""
    return [STRONG.get(TEXT[start:end], 0.0) for start, end in spans]


def test_what_the_model_looks_at_is_faithful() -> None:
    """Nothing drawn at random makes the probability fall as far."""
    verdict = DeletionTest(TEXT, words(), shares, seed=0).judge(weights(words()))
    assert verdict.faithful
    assert verdict.drop > verdict.random + 0.3
    assert verdict.p < 0.05


def test_the_opposite_and_the_flat_are_not_faithful() -> None:
    """An explanation that names everything but the reasons is marked, and one without an opinion too."""
    deletions = DeletionTest(TEXT, words(), shares, seed=0)
    assert not deletions.judge([-weight for weight in weights(words())]).faithful
    assert (
        not DeletionTest(TEXT, words(), lambda texts: np.full(len(texts), 0.7), seed=0).judge(weights(words())).faithful
    )


def test_random_scores_are_seldom_called_faithful() -> None:
    """About one in twenty."""
    deletions = DeletionTest(TEXT, words(), shares, seed=0)
    rng = np.random.default_rng(1)
    called = [deletions.judge(rng.normal(size=len(words()))).faithful for _ in range(400)]
    assert np.mean(called) < 0.09


@pytest.mark.parametrize("text", ["", "late", "好"])
def test_a_text_of_one_token_proves_nothing(text: str) -> None:
    """There is no other token to compare with."""
    spans = words(text)
    verdict = DeletionTest(text, spans, shares, seed=0).judge([1.0] * len(spans))
    assert verdict == Faithfulness(faithful=False, p=1.0, drop=0.0, random=0.0, draws=0)


def test_pieces_become_words_and_chinese_characters_stay() -> None:
    """Scores of what becomes one are added; blanks belong to nobody."""
    text = "unhappy, 很差"
    tokens = gather(text, [(0, 2), (2, 7), (7, 9), (9, 10), (10, 11)], [1.0, 2.0, 0.5, 3.0, 4.0])
    assert [(token.piece, token.score) for token in tokens] == [("unhappy", 3.0), (",", 0.5), ("很", 3.0), ("差", 4.0)]
    assert all(text[token.start : token.end] == token.piece for token in tokens)


@pytest.mark.parametrize(
    ("raw", "piece"),
    [
        ("Ｗｏｎｄｅｒｆｕｌ hotel", "wonderful"),
        ("a &amp; b  wonderful", "wonderful"),
        ("a &amp; b", "&"),
        ("\u200bcaf\u0065\u0301 wonderful", "café"),
        ("电话１３８ 很好", "138"),
    ],
)
def test_a_cleaned_piece_is_found_in_the_given_text(raw: str, piece: str) -> None:
    """Wide letters, entities, accents and white space changed on the way."""
    clean = clean_text(raw).lower()
    start = clean.index(piece)
    spans = locate(raw, clean)[start : start + len(piece)]
    found = raw[spans[0][0] : spans[-1][1]]
    assert clean_text(found).lower() == piece


@given(st.text(max_size=40))
def test_every_cleaned_character_has_a_place_in_order(raw: str) -> None:
    """Whatever is given."""
    clean = clean_text(raw)
    spans = locate(raw, clean)
    assert len(spans) == len(clean)
    assert all(0 <= start <= end <= len(raw) for start, end in spans)
    assert spans == sorted(spans)


def test_a_replaced_number_stands_for_all_of_it() -> None:
    """A mask that a text step put in place of something: its pieces are one token."""
    raw, clean = "call 13812345678 now", "call [PHONE] now"
    places = locate(raw, clean)
    tokens = gather(raw, [places[5], places[6], places[11]], [1.0, 2.0, 3.0])
    assert [(token.piece, token.score) for token in tokens] == [("13812345678", 6.0)]


def test_spans_are_removed_and_nothing_else() -> None:
    """In any order."""
    assert without("很好 and cheap", [(3, 6), (0, 1)]) == "好  cheap"


def checks(gains: Sequence[float]) -> Trust:
    """Verdicts with such gains over chance."""
    return summarise(
        [Faithfulness(faithful=gain > 0.1, p=0.02, drop=gain + 0.1, random=0.1, draws=59) for gain in gains]
    )


def test_the_method_for_the_report_is_the_most_faithful_one() -> None:
    """And none where no method is shown to be better than chance."""
    trust = {"weak": checks([0.1, 0.2, 0.15]), "strong": checks([0.4, 0.5, 0.45]), "wild": checks([1.0, -0.9, 0.8])}
    assert most_faithful(trust) == "strong"
    assert most_faithful({"wild": trust["wild"], "one": checks([0.9])}) is None
    assert trust["strong"].share.value == 1
    assert trust["strong"].gain.low < 0.45 < trust["strong"].gain.high
