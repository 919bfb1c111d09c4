"""The text steps are pure, idempotent and do what their names say."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.errors import ProjectError
from argosy.core.records import Dropped, Example
from argosy.data.clean import DEFAULT_STEPS, TEXT_STEPS, clean, clean_text, removal

PIECES = [
    "&amp;",
    "amp;",
    "&#38;",
    "#x26;",
    "&",
    "&lt;",
    "lt;",
    "&#8203;",
    "\u200b",
    "ａｍｐ",
    ";",
    "é",
    "Ã©",
    "â€™",
    "\u0301",
]
PIECES += [
    "e",
    "\0",
    "\x85",
    "\u3000",
    "\r\n",
    "很好，",
    "😀",
    "\u200d",
    "&notit;",
    "&#xD800;",
    "\ud83d",
    "क\u093c",
    "ﾞ",
    "&nbsp;",
]
MESSES = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=25).map("".join))


@given(MESSES)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    """What a model is served is what it was trained on, even when its input was cleaned before."""
    once = clean_text(text)
    assert clean_text(once) == once


@pytest.mark.parametrize("name", DEFAULT_STEPS)
@given(text=MESSES)
def test_each_step_alone_is_idempotent(name: str, text: str) -> None:
    """A project may choose its steps."""
    once = clean_text(text, [name])
    assert TEXT_STEPS[name](once) == once


@given(MESSES)
def test_clean_texts_can_be_stored(text: str) -> None:
    """No control character, no lone surrogate, no white space but single spaces inside."""
    cleaned = clean_text(text)
    assert cleaned.encode().decode() == cleaned
    assert cleaned == " ".join(cleaned.split())
    assert all(character.isprintable() or character in "\u200c\u200d" or ord(character) > 0x7F for character in cleaned)


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("cafe\u0301", "café"),
        ("caf\u00c3\u00a9 â€™s best", "café ’s best"),
        ("ï¼šå¥½", "：好"),
        ("A &amp;amp;amp; B &lt;3 &#24456;&#x597D;", "A & B <3 很好"),
        ("?a=1&copy=2&notit; R&D AT&T;", "?a=1&copy=2&notit; R&D AT&T;"),
        ("Ａｐｐｌｅ１２３，很好！（推荐）", "Apple123，很好！（推荐）"),
        ("a\0b\x07c\ufeffd\u200be\u202ef", "abcdef"),
        (" a\u3000b\u00a0\t c\r\n\u2028d ", "a b c d"),
        ("👩\u200d👩\u200d👧 ❤\ufe0f", "👩\u200d👩\u200d👧 ❤\ufe0f"),
        ("“引号”……——《书》", "“引号”……——《书》"),
    ],
)
def test_what_is_mended_and_what_is_kept(raw: str, cleaned: str) -> None:
    """Damage goes; Chinese punctuation, emoji sequences and ampersands that are no entities stay."""
    assert clean_text(raw) == cleaned


def test_personal_data_is_masked_whatever_its_digits_look_like() -> None:
    """Full-width digits, entities and pseudonyms from the stored rows all come to the token that the model knows."""
    assert clean_text("电话１３８１２３４５６７８") == "电话[PHONE]"
    assert clean_text("call &#49;38&#49;2345678 or [PHONE:K7Q2M3XWPA4B]") == "call [PHONE] or [PHONE]"


def test_traditional_characters_are_folded_where_that_is_asked_for() -> None:
    """Never by default: the characters are the writer's."""
    pytest.importorskip("opencc")
    assert clean_text("這個手機很好用 OK") == "這個手機很好用 OK"
    assert clean_text("這個手機很好用 OK", [*DEFAULT_STEPS, "simplified"]) == "这个手机很好用 OK"


@given(st.lists(st.sampled_from(["ab", "a", "b", " ", "好", "Ａ"]), max_size=20).map("".join))
def test_a_removed_phrase_is_nowhere_left(text: str) -> None:
    """Not even where taking it out makes it anew; its own spelling is cleaned like the texts."""
    steps = [*DEFAULT_STEPS, removal(" ab")]
    once = clean_text(text, steps)
    assert "ab" not in once
    assert clean_text(once, steps) == once
    assert clean_text("好评 ＡＰＰ签名", [*DEFAULT_STEPS, removal("ＡＰＰ签名")]) == "好评"


def test_nested_entities_take_no_quadratic_time() -> None:
    """A hundred thousand wrappings around one ampersand are undone in few rounds."""
    assert clean_text("&" + "amp;" * 25_000 + "lt;") == "<"


def test_an_unknown_step_is_an_error() -> None:
    """A model made by another version of Argosy does not run behind other steps silently."""
    with pytest.raises(ProjectError, match="no 'nfkd' among the steps"):
        clean_text("a", ["nfc", "nfkd"])


def test_texts_in_no_language_are_dropped_as_they_were() -> None:
    """Digits, punctuation and emoji have no letter to learn from; the user's own text is kept for the list of drops."""
    texts = ["12345", "！？…… ***", "😀😀", "\u200b", "好 1", "ok"]
    rows = list(clean([Example(id=text, text=text) for text in texts]))
    assert [(row.reason, row.example.text) for row in rows if isinstance(row, Dropped)] == [
        ("no_language", "12345"),
        ("no_language", "！？…… ***"),
        ("no_language", "😀😀"),
        ("empty", "\u200b"),
    ]
    assert [row.text for row in rows if isinstance(row, Example)] == ["好 1", "ok"]


def test_what_is_known_of_an_example_survives_cleaning() -> None:
    """Id, label and the raw text stay as they were."""
    (row,) = clean([Example(id="a:2", text="&lt;b", label=" x ", meta={"raw": "&lt;b"})])
    assert row == Example(id="a:2", text="<b", label=" x ", meta={"raw": "&lt;b"})


def test_the_steps_need_no_table_library() -> None:
    """Serving imports them without polars, torch or a language identifier."""
    heavy = "{'polars', 'torch', 'py3langid', 'fastexcel'}"
    code = f"import sys, argosy.data.clean; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
