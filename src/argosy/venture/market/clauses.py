"""Clauses: the parts of a text that speak of one thing each, by sentences, contrasts and commas."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from argosy.data.documents.sentences import sentences

_MOST = 2_000  # characters of a text that are read
_CLAUSES = 40  # of a text
_CONTRAST = re.compile(
    r"[,，、]?\s{0,2}(?:\b(?:but|however|yet|while|whereas|although|though)\b"
    r"|但是|但|然而|不过|可是|反而|相反|倒是|(?<![从因反进])而(?![且言已]))[,，]?\s*",
    re.IGNORECASE,
)
_COMMA = re.compile(r"[,，;；]\s*|\s[-\u2013]\s|\s?(?:--|\u2014)[-\u2014]*+\s*|~+")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[^\W\d_\u3400-\u9fff\uf900-\ufaff]+")
_WORDS, _CHARACTERS = 3, 3  # below which a part says nothing alone: words, or Chinese characters


class Clause(NamedTuple):
    """A part of the text at place ``voice``."""

    voice: int
    text: str


def clauses(texts: Sequence[str]) -> list[Clause]:
    """The clauses of all texts, in their order; what holds no letter, such as emoji alone, has none.

    >>> [part.text for part in clauses(["Setup was easy, but the price is far too high. 回复快，价格也不贵"])]
    ['Setup was easy', 'the price is far too high.', '回复快', '价格也不贵']
    """
    return [Clause(voice, part) for voice, text in enumerate(texts) for part in _of_text(text[:_MOST])]


def _of_text(text: str) -> list[str]:
    found: list[str] = []
    for begin, end in sentences(text):
        found += _joined([part for half in _CONTRAST.split(text[begin:end]) for part in _COMMA.split(half)])
    return found[:_CLAUSES]


def _joined(parts: Sequence[str]) -> Iterator[str]:
    """Parts with those that are too short put to their neighbour: lists, calls, numbers."""
    held = ""
    for part in parts:
        held = f"{held}, {part.strip()}" if held else part.strip()
        if _says(part):
            yield held
            held = ""
    if _says(held, least=1):
        yield held


def _says(part: str, least: int | None = None) -> bool:
    letters = len(_HAN.findall(part))
    return letters >= (least or _CHARACTERS) or len(_WORD.findall(part)) >= (least or _WORDS)
