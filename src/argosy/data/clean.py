"""The text steps: named, pure, idempotent, and applied the same way in training, `predict` and `serve`.

A model stores the names of the steps it was trained behind; a step whose behaviour changes gets a new name.
This module needs no table library, so that serving stays light.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from html.entities import html5
from itertools import count
from types import MappingProxyType

import ftfy

from argosy.core.errors import ProjectError
from argosy.core.extension import blaming, find
from argosy.core.records import Dropped, Example

_ROUNDS = 100  # after which steps that do not let a text rest must at least make it shorter
LONGEST_TEXT = 100_000  # characters; a longer text is a mistake or an attack, not something to classify
# `&amp;amp;lt;` in one go, whatever its depth: unwrapping level by level would take quadratic time.
_AMPERSANDS = re.compile(r"&(?:(?:amp|AMP|#0*38|#[xX]0*26);)+")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_WHITE = re.compile(r"\s+")
_EMPTY_LINES = re.compile(r"\n{3,}")
# Full-width letters and digits are those of ASCII in a wider face; full-width punctuation is proper Chinese and stays.
_WIDE = {code: code - 0xFEE0 for first, last in ("０９", "ＡＺ", "ａｚ") for code in range(ord(first), ord(last) + 1)}
# Invisible and of no use to a reader; the joiners U+200C and U+200D stay, emoji and some scripts are spelt with them.
_INVISIBLE = "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
_CONTROL = re.compile(rf"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff{_INVISIBLE}]")
_LINE_ENDS = str.maketrans({"\u2028": "\n", "\u2029": "\n"})


def _mojibake(text: str) -> str:
    return text if text.isascii() else ftfy.fix_encoding(text)


def _entities(text: str) -> str:
    while "&" in text:
        before = text
        text = _ENTITY.sub(_unescaped, _AMPERSANDS.sub("&", text))
        if text == before:
            break
    return text


def _unescaped(entity: re.Match[str]) -> str:
    """The characters an entity stands for; itself when HTML has no such name (and never a name's beginning)."""
    name = entity[0][1:]
    return html.unescape(entity[0]) if name.startswith("#") else html5.get(name, entity[0])


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _width(text: str) -> str:
    return text if text.isascii() else text.translate(_WIDE)


def _control(text: str) -> str:
    return _CONTROL.sub("", text.translate(_LINE_ENDS))


def _space(text: str) -> str:
    return _WHITE.sub(" ", text).strip()


def _lines(text: str) -> str:
    """No white space ends a line, and one empty line at most stands between two others."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return _EMPTY_LINES.sub("\n\n", "\n".join(line.rstrip() for line in plain.split("\n"))).strip()


def _redact(text: str, kinds: Collection[str] | None = None) -> str:
    from argosy.data.redact import KINDS, mask  # its rules' tables are read when a model first needs them

    return mask(text, KINDS if kinds is None else kinds)


def _simplified(text: str) -> str:
    from argosy.data.script import to_simplified  # its tables are read by those who fold

    return to_simplified(text)


TEXT_STEPS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "mojibake": _mojibake,
        "entities": _entities,
        "nfc": _nfc,
        "width": _width,
        "control": _control,
        "space": _space,
        "lines": _lines,
        "redact": _redact,
        "simplified": _simplified,
    }
)
DEFAULT_STEPS: tuple[str, ...] = ("mojibake", "entities", "nfc", "width", "control", "space", "redact")
_REMOVE, _REDACT = "remove=", "redact="


def removal(phrase: str) -> str:
    """The name of the step that cuts a phrase out of every text, as it stands there after cleaning.

    >>> clean_text("Sent from my phone. It broke", [*DEFAULT_STEPS, removal("Sent from my phone.")])
    'It broke'
    """
    return _REMOVE + clean_text(phrase)


def redaction(kinds: Collection[str]) -> str:
    """The name of the step that masks these kinds of personal data alone.

    >>> clean_text("Ask for Li: 138 0013 8000, li@example.com", [redaction(["email"])])
    'Ask for Li: 138 0013 8000, [EMAIL]'
    """
    return _REDACT + "+".join(sorted(kinds))


def clean_text(text: str, steps: Sequence[str] = DEFAULT_STEPS) -> str:
    r"""The text behind the named steps, repeated until none changes it: one may uncover work for another.

    Raises ProjectError for a step that neither this version nor an open extension brings, and for steps that undo each
    other's work.

    >>> clean_text("ＡＢＣ１２３，&lt;很好&gt; \u200b cafÃ©")
    'ABC123，<很好> café'
    """
    functions = _functions(steps)
    for done in count():
        before = text
        for function in functions:
            text = function(text)
        if text == before:
            break
        if done >= _ROUNDS and len(text) >= len(before):
            raise ProjectError(
                "The steps {steps} never let a text rest.",
                where="[data] steps",
                mend="Take out the one that undoes another's work, or that adds to its own.",
                steps=", ".join(steps),
            )
    return text


def clean(examples: Iterable[Example], steps: Sequence[str] = DEFAULT_STEPS) -> Iterator[Example | Dropped]:
    """Each example with its text cleaned, or dropped as it was: ``empty``, or ``no_language`` (no letter in it)."""
    _functions(steps)
    for example in examples:
        text = clean_text(example.text, steps)
        if not text:
            yield Dropped(example=example, reason="empty")
        elif not any(character.isalpha() for character in text):
            yield Dropped(example=example, reason="no_language")
        else:
            yield replace(example, text=text)


def _functions(steps: Sequence[str]) -> list[Callable[[str], str]]:
    return [_function(name) for name in steps]


def _function(name: str) -> Callable[[str], str]:
    if name.startswith(_REDACT):
        return partial(_redact, kinds=frozenset(name.removeprefix(_REDACT).split("+")))
    if name.startswith(_REMOVE) and len(name) > len(_REMOVE):
        phrase = name.removeprefix(_REMOVE)
        return lambda text: text.replace(phrase, "")
    step: Callable[[str], str] = find("steps", name, TEXT_STEPS)
    return step if name in TEXT_STEPS else partial(_step_of_others, name, step)


def _step_of_others(name: str, step: Callable[[str], str], text: str) -> str:
    with blaming(name):
        return step(text)
