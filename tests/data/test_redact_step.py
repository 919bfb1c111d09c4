"""Redaction as a step over examples, pseudonyms, and recognisers."""

import importlib
import sys

import pytest

from argosy.core.errors import MissingError
from argosy.core.records import Example
from argosy.data.redact import Pseudonyms, Redaction, chinese_names, fold_pseudonyms, mask, presidio, redact, together
from argosy.data.redact.spans import Span


def test_text_and_raw_text_are_redacted_and_counted_once() -> None:
    """Nothing personal is left in what is stored, and the report says how much of each kind there was."""
    step = Redaction()
    raw = "电话１３８００１３８０００，a@b.com"
    example = Example(id="1", text="电话13800138000，a@b.com", label="x", meta={"raw": raw, "row": 7})
    assert step(example) == Example(
        id="1", text="电话[PHONE]，[EMAIL]", label="x", meta={"raw": "电话[PHONE]，[EMAIL]", "row": 7}
    )
    assert step.counts == {"phone": 1, "email": 1}


def test_a_clean_example_is_passed_on_as_it_is() -> None:
    """No copy is made of what holds nothing personal."""
    example = Example(id="1", text="很好", meta={"row": 1})
    assert Redaction()(example) is example


def test_personal_data_in_the_raw_text_alone_goes_too() -> None:
    """The raw text may hold what cleaning took out of the text."""
    example = Example(id="1", text="好", meta={"raw": "好<a@b.com>"})
    assert Redaction()(example).meta["raw"] == "好<[EMAIL]>"


def test_one_value_one_pseudonym_under_one_key() -> None:
    """The same person is the same token in text and raw text; another key makes other tokens."""
    key = bytes(32)
    told = redact("+86 138-0013-8000，13800138000，13900139000", Pseudonyms(key))
    first, second, third = told.split("，")
    assert first == second != third
    assert fold_pseudonyms(told) == "[PHONE]，[PHONE]，[PHONE]"
    assert mask(told) == "[PHONE]，[PHONE]，[PHONE]"
    assert redact("13800138000", Pseudonyms()) != first
    assert redact("13800138000", Pseudonyms(key)) == first


def test_recognisers_work_together() -> None:
    """Several recognisers are one."""
    one = lambda text: [Span(start=0, end=1, kind="name")]  # noqa: E731
    two = lambda text: [Span(start=1, end=2, kind="address")]  # noqa: E731
    assert redact("ab", lambda kind, _: f"<{kind}>", recognise=together(one, two)) == "<name><address>"


def test_chinese_names_are_found_by_tags() -> None:
    """A full name goes, whatever stands around it."""
    pytest.importorskip("rjieba")
    assert (
        redact("我叫张凤兰，住在附近", lambda kind, _: f"[{kind.upper()}]", recognise=chinese_names())
        == "我叫[NAME]，住在附近"
    )


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Presidio or the segmenter the error names the line that installs it."""
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    monkeypatch.setitem(sys.modules, "rjieba", None)
    with pytest.raises(MissingError, match=r"pip install 'argosy\[names\]'"):
        presidio({"en": "en_core_web_sm"})
    with pytest.raises(MissingError, match="rjieba"):
        chinese_names()


def test_the_text_step_needs_no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Serving masks without Presidio or a segmenter."""
    for name in ("presidio_analyzer", "rjieba"):
        monkeypatch.setitem(sys.modules, name, None)
    assert importlib.reload(importlib.import_module("argosy.data.redact")).mask("13800138000") == "[PHONE]"
