"""Traditional and simplified Chinese are told apart and folded; without OpenCC the extra is named."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.errors import MissingError
from argosy.data import script as module
from argosy.data.script import folding, script, scripts, to_simplified

pytest.importorskip("opencc")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("這個產品真的很不錯", "traditional"),
        ("这个产品真的很不错", "simplified"),
        ("这个很贵，那個不貴", "mixed"),
        ("好看", "either"),
        ("good! 123", "none"),
        ("", "none"),
    ],
)
def test_the_script_is_told_by_the_characters_that_differ(text: str, kind: str) -> None:
    """What both scripts share tells nothing."""
    assert script(text) == kind


def test_scripts_are_counted() -> None:
    """Every text once."""
    assert scripts(["這個", "这个", "ok", "這個產品"]).to_json() == {
        "simplified": 1,
        "traditional": 2,
        "mixed": 0,
        "either": 0,
        "none": 1,
    }


def test_folding_looks_at_phrases_and_leaves_the_rest() -> None:
    """頭髮 is hair, 發展 development; 著名 is simplified already."""
    assert to_simplified("頭髮發展，著名的 App!") == "头发发展，著名的 App!"


def test_folding_every_character_twice_is_folding_it_once() -> None:
    """The text step must not depend on how often it is applied."""
    for first in range(0x3400, 0xA000, 64):
        text = "\n".join(map(chr, range(first, first + 64)))
        assert to_simplified(to_simplified(text)) == to_simplified(text)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=30))
def test_folding_texts_twice_is_folding_them_once(text: str) -> None:
    """Phrases included."""
    assert to_simplified(to_simplified(text)) == to_simplified(text)


def test_without_opencc_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where Chinese is met at all."""
    module._converter.cache_clear()
    monkeypatch.setitem(sys.modules, "opencc", None)
    assert to_simplified("plain") == "plain"
    with pytest.raises(MissingError, match=r"argosy\[chinese\]"):
        to_simplified("這個")
    module._converter.cache_clear()


def test_folding_keeps_every_character_in_its_place() -> None:
    """One for one, so that a place in the folded text is the place in the text."""
    table = folding()
    assert "這個產品，A 😀".translate(table) == "这个产品，A 😀"
    assert all(isinstance(simple, str) and len(simple) == 1 for simple in table.values())
    assert not any(ord(simple) in table for simple in "这个产品".translate(table))


def test_folding_does_nothing_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts are compared as they are."""
    monkeypatch.setitem(sys.modules, "opencc", None)
    module._converter.cache_clear()
    folding.cache_clear()
    assert folding() == {}
    module._converter.cache_clear()
    folding.cache_clear()
