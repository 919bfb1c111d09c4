"""Sentences of both languages: where they end, and that no character is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.data.documents.sentences import sentences

PIECES = st.sampled_from(
    ["。", "！", "? ", ". ", "…", "\n", " ", "”", "e.g. ", "3.5", "https://a.cn/b?c=1", "好", "Ok", "1. "]
)


def cut(text: str) -> list[str]:
    """The sentences as texts."""
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs $3.50. Pay now!", ["It costs $3.50.", "Pay now!"]),
        (
            "Mr. Lee, e.g. of Acme Inc. in the U.S. today, left.",
            ["Mr. Lee, e.g. of Acme Inc. in the U.S. today, left."],
        ),
        ("We open at 9 a.m. Please call No. 5.", ["We open at 9 a.m.", "Please call No. 5."]),
        ("可以退吗？可以。请保留“发票。”谢谢！", ["可以退吗？", "可以。", "请保留“发票。”", "谢谢！"]),
        (
            "See https://x.com/a.b?c=d. Then 看 www.a.com。好",
            ["See https://x.com/a.b?c=d.", "Then 看 www.a.com。", "好"],
        ),
        ("1. Open the box. 2. Close it.", ["1. Open the box.", "2. Close it."]),
        ("1.打开设置\n2.点击保存", ["1.打开设置", "2.点击保存"]),
        ('He said "No." (Yes.) Wait... what?', ['He said "No."', "(Yes.)", "Wait... what?"]),
        ("can you help? it broke. thanks", ["can you help?", "it broke.", "thanks"]),
        ("我想……退货。快！！", ["我想……退货。", "快！！"]),
        ("😀😀", ["😀😀"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_cuts_where_a_reader_would(text: str, expected: list[str]) -> None:
    """Abbreviations, decimals, addresses and numbers of lists end no sentence; quotes stay with theirs."""
    assert cut(text) == expected


@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=30).map("".join))
def test_sentences_part_a_text_without_loss(text: str) -> None:
    """Sentences are in order, begin and end with a character, and only white space stands between them."""
    at = 0
    for start, end in sentences(text):
        assert at <= start < end
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        at = end
    assert not text[at:].strip()


def test_a_long_line_is_cut_at_its_marks() -> None:
    """Ten thousand characters in one line are as many sentences as they hold."""
    assert len(sentences("好的，谢谢您。" * 1500)) == 1500
    assert sentences("a" * 10_000) == [(0, 10_000)]
