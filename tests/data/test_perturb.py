"""Perturbations keep what a reader needs, are the same for a seed, and change every text they apply to."""

import re
import sys
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from argosy.core.errors import MissingError, ProjectError
from argosy.data.confusables import common_characters, homophones, look_alikes, neighbours
from argosy.data.perturb import (
    NEGATIONS,
    PERTURBATIONS,
    PROTECTED,
    RATE,
    _converter,
    perturb,
    perturbation,
    places,
    variants,
)

pytest.importorskip("pypinyin")
pytest.importorskip("opencc")

ENGLISH = "The battery broke after 12 days, do not buy it! Nobody answers [PHONE] 😀"
CHINESE = "物流很快，包装也不错，下次还会再来的！联系 [PHONE:K7Q2M3] 订单 20261 😀"
WORDS = ["不", "好", "的", "物流", "very good", "not", "12", "３", "!", "。", " ", "😀"]
WORDS += ["[PHONE]", "[NAME:K7Q2M3]", "https://a.cn/x"]
TEXTS = st.one_of(
    st.text(min_size=1, max_size=60), st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map("".join)
)
CHANGES_DIGITS = {"full_width", "truncated"}
NAMES = sorted(PERTURBATIONS)


@given(TEXTS, st.sampled_from(NAMES), st.integers(0, 99), st.sampled_from([0.0, 0.1, 0.5, 1.0]))
@example(" ", "emoji_inserted", 0, 0.0)
def test_any_text_is_taken(text: str, name: str, seed: int, rate: float) -> None:
    """The same seed gives the same text; it is empty only where it was; tokens and digits stay as they were."""
    one = PERTURBATIONS[name]
    changed = one.function(text, Random(seed), rate)
    assert one.function(text, Random(seed), rate) == changed
    assert bool(changed.strip()) == bool(text.strip())
    if not one.applies(text):  # how much is cut off hangs on the rate, and whether anything can be
        assert one.function(text, Random(seed), RATE if name == "truncated" else rate) == text
    if name not in CHANGES_DIGITS:
        assert re.findall(r"\d", changed) == re.findall(r"\d", text)
        assert [token for token in PROTECTED.findall(changed) if token in text] == PROTECTED.findall(text)


@pytest.mark.parametrize("name", NAMES)
def test_each_changes_a_text_of_its_languages(name: str) -> None:
    """Where it applies, something is changed; each applies to an ordinary text of each language that it names."""
    ordinary = {"en": ENGLISH, "zh": CHINESE if name != "simplified" else "這個手機很好用"}
    for language in PERTURBATIONS[name].languages:
        text = ordinary[language]
        assert PERTURBATIONS[name].applies(text)
        assert perturb(name, [text], seed=3) != [text]


@pytest.mark.parametrize("name", ["typo", "swap", "drop", "insert", "homophone"])
def test_words_of_negation_stay(name: str) -> None:
    """Edits at every place leave "not", and a Chinese negation is never dropped, doubled or moved."""
    changed = PERTURBATIONS[name].function(ENGLISH, Random(1), 1.0)
    assert re.findall(r"\bnot\b", changed) == ["not"]
    if name != "homophone":
        assert PERTURBATIONS[name].function("我不喜欢", Random(1), 1.0).count("不") == 1
        assert PERTURBATIONS[name].function("不好", Random(1), 1.0).startswith("不")


def test_the_rate_is_the_share_of_the_places() -> None:
    """Of forty places, one in ten."""
    text = "好" * 40
    changed = PERTURBATIONS["homophone"].function(text, Random(1), 0.1)
    assert sum(a != b for a, b in zip(text, changed, strict=True)) == 4


def test_a_text_changes_alike_in_any_company() -> None:
    """Alone or among others, at any place."""
    together = perturb("typo", [CHINESE, ENGLISH, ENGLISH], seed=5)
    assert together[1] == together[2] == perturb("typo", [ENGLISH], seed=5)[0]
    assert perturb("typo", [ENGLISH], seed=6) != perturb("typo", [ENGLISH], seed=5)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("upper", "so good [PHONE] https://a.io/b", "SO GOOD [PHONE] https://a.io/b"),
        ("full_width", "A1 [PHONE]", "Ａ１\u3000[PHONE]"),
        ("traditional", "这个手机", "這個手機"),
        ("simplified", "這個手機", "这个手机"),
        ("emoji_removed", "good 👍🏽 day 1️⃣", "good  day 1️⃣"),
        ("emoji_removed", "😀", "😀"),
        ("truncated", "ab [PHONE:K7Q2M3]", "ab "),
    ],
)
def test_whole_rewrites(name: str, text: str, expected: str) -> None:
    """Exactly so; a keycap keeps its digit, a token is cut off whole, nothing becomes empty."""
    assert PERTURBATIONS[name].function(text, Random(0), 0.1) == expected


def test_an_unknown_name_is_refused_with_those_there_are() -> None:
    """So that a project file can be mended."""
    with pytest.raises(ProjectError, match="look_alike"):
        perturbation("typos")


@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_variants_are_single_edits_inside_their_place(text: str) -> None:
    """What stands before and behind the place stays; all differ from the text and from each other."""
    assert places(text)
    for start, end in places(text):
        made = variants(text, (start, end), Random(2))
        assert made == variants(text, (start, end), Random(2))
        assert len(set(made)) == len(made)
        for variant in made:
            assert variant != text
            assert variant.startswith(text[:start])
            assert variant.endswith(text[end:])


@pytest.mark.parametrize("name", [name for name in NAMES if PERTURBATIONS[name].needs])
def test_a_package_that_is_absent_is_named_with_its_line(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """English text needs none, Chinese text says how to install it."""
    one = PERTURBATIONS[name]
    homophones.cache_clear()
    _converter.cache_clear()
    monkeypatch.setitem(sys.modules, one.needs, None)
    assert not one.applies("plain English")
    with pytest.raises(MissingError, match=one.needs) as missing:
        one.applies(CHINESE)
    assert missing.value.mend.startswith("pip install")


def test_places_are_neither_tokens_nor_short_words() -> None:
    """Words of four letters and more, Chinese characters."""
    text = "not PHONE [PHONE] 好"
    assert [text[start:end] for start, end in places(text)] == ["PHONE", "好"]


def test_the_tables_are_symmetric_where_they_must_be() -> None:
    """Keys lie beside each other both ways; look-alikes are no copies; homophones share their sound."""
    from pypinyin import lazy_pinyin

    assert all(key in neighbours()[other] for key, others in neighbours().items() for other in others)
    assert all(key not in others for key, others in look_alikes().items())
    assert {"已", "未", "免"} <= {look_alikes()[key][0] for key in "己末兔"}
    assert len(common_characters()) == 3755
    assert all(lazy_pinyin(key) == lazy_pinyin(others[0]) for key, others in homophones().items())
    assert NEGATIONS
