"""Reposts meet and are told from quotes with a comment and from the same frame with other facts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.opinion import Sketch
from argosy.opinion.stories.bare import bare
from argosy.opinion.stories.sketch import same, sketches

STORY = {
    "en": "Shares of Northwind fell sharply on Monday after the carmaker recalled 40,000 vans because of faulty brakes",
    "zh": "北风汽车周一股价大幅下跌，此前该公司宣布因刹车故障召回四万辆货车，涉及今年上半年生产的全部车型",
}
REPOSTS = {
    "en": [
        "RT @desk: {} https://t.co/a1b2",
        "BREAKING: {} #northwind #recall",
        "{} - Reuters",
        "😡😡 {} via @carnews",
        "MT @one: RT @two: {}",
        "{} (Source: Reuters)",
    ],
    "zh": [
        "//@车友:{}",
        "转发微博 {} http://t.cn/A6",
        "【快讯】{}（来源：新华网）",
        "{} #北风汽车# 😡",
        "{} ——新华社",
        "#召回# {} 查看全文",
    ],
}
QUOTES = {
    "en": "This is simply not true, my brother works there: {}",
    "zh": "这完全是造谣，我哥就在那里上班：{}",
}
OTHER_FACTS = {
    "en": [("Northwind", "Southgate"), ("40,000", "90,000"), ("fell", "rose")],
    "zh": [("北风", "南门"), ("四万", "九万"), ("下跌", "上涨"), ("跌", "涨")],
}
CASES = [(language, frame) for language, frames in REPOSTS.items() for frame in frames]


def sketch(text: str) -> Sketch:
    """The sketch of one post."""
    return sketches([text])[0]


def meet(one: str, other: str) -> bool:
    """Whether two posts are compared and are found to say the same."""
    first, second = sketches([one, other])
    return (first.digest == second.digest or bool(set(first.bands) & set(second.bands))) and same(one, other)


@pytest.mark.parametrize(("language", "frame"), CASES)
def test_what_a_repost_adds_is_no_other_story(language: str, frame: str) -> None:
    """Marks, sources, links, hashtags, emoji and headings go."""
    assert meet(STORY[language], frame.format(STORY[language]))


@pytest.mark.parametrize(
    ("language", "edited"),
    [
        ("en", STORY["en"].replace("sharply", "sharpley").replace("because", "becuase")),
        ("en", STORY["en"].replace("faulty brakes", "brakes faulty")),
        ("en", STORY["en"].upper() + "!!!"),
        ("en", "".join(chr(ord(c) + 0xFEE0) if "a" <= c <= "z" else c for c in STORY["en"]).replace("ｖａｎｓ", "vns")),
        ("en", STORY["en"][:70] + "… https://t.co/x"),
        ("en", STORY["en"][:75] + "..."),
        ("zh", STORY["zh"].replace("该公司", "该司")),
        ("zh", STORY["zh"].replace("，", " ")),
        ("zh", STORY["zh"][:28] + "…全文"),
        ("zh", "北風汽車週一股價大幅下跌，此前該公司宣布因剎車故障召回四萬輛貨車，涉及今年上半年生產的全部車型"),
    ],
)
def test_a_repost_with_small_edits_is_the_story(language: str, edited: str) -> None:
    """Typos, moved words, other marks, a cut end, the other script."""
    if "風" in edited:
        pytest.importorskip("opencc")
    assert meet(STORY[language], edited)


@pytest.mark.parametrize("language", list(STORY))
def test_a_comment_of_ones_own_is_a_text_of_ones_own(language: str) -> None:
    """A quote under a judgement is no repost."""
    assert not same(STORY[language], QUOTES[language].format(STORY[language]))


@pytest.mark.parametrize(
    ("language", "old", "new"), [(language, *pair) for language, pairs in OTHER_FACTS.items() for pair in pairs]
)
def test_the_same_frame_with_another_fact_is_another_story(language: str, old: str, new: str) -> None:
    """One name, number or direction in another's place."""
    assert old in STORY[language]
    assert not same(STORY[language], STORY[language].replace(old, new))


def test_a_negation_makes_another_story() -> None:
    """One word turns the meaning."""
    assert not same(
        "The bank will pay the dividend this year says its chairman",
        "The bank will not pay the dividend this year says its chairman",
    )


def test_short_texts_meet_only_when_equal() -> None:
    """In these one character may turn the meaning, and a hashtag is what they say."""
    one, other = sketches(["要退款！", "不要退款"])
    assert one.bands == other.bands == ()
    assert not same("要退款！", "不要退款")
    assert sketch("要退款 😀").digest == one.digest
    assert sketch("I hate #rain").digest != sketch("I hate #snow").digest


def test_texts_of_links_or_emoji_alone_stay_apart() -> None:
    """Nothing is left of them to be alike in."""
    assert (
        len({sketch(text).digest for text in ["😀", "😡", "https://a.cn/b", "https://a.cn/c", "RT @x: http://a.b"]})
        == 5
    )


@given(st.lists(st.text(max_size=60) | st.sampled_from([*STORY.values(), "RT @x: a", "#", "…"]), max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_text_has_one_sketch_whatever_stands_beside_it(texts: list[str]) -> None:
    """Also where it is junk."""
    assert sketches(texts) == [sketch(text) for text in texts]
    assert all(0 <= band < 2**63 for one in sketches(texts) for band in one.bands)
    assert all(same(text, text) for text in texts)


@given(st.text(max_size=80), st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_who_is_compared_first_does_not_matter(one: str, other: str) -> None:
    """The verdict is the same from both sides."""
    assert same(one, other) == same(other, one)


@pytest.mark.parametrize("junk", ["RT" + " " * 50_000, "." * 50_000, "#" * 50_000, "@a " * 9_000, "\u2026 " * 9_000])
def test_junk_takes_no_time(junk: str) -> None:
    """No pattern tries every way to part it."""
    assert same(STORY["en"] + junk, STORY["en"] + junk)
    assert not same(STORY["zh"] + junk, STORY["en"] + junk)


def test_what_is_bare_stays_bare() -> None:
    """What was taken away is away."""
    for language, frame in CASES:
        once = bare(frame.format(STORY[language]))
        assert bare(once) == once
