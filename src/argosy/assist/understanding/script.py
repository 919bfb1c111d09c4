"""What a message is made of: its language, its characters as they are compared, and as much of it as is read."""

import re
import unicodedata
from collections.abc import Callable
from importlib.util import find_spec
from typing import Literal

from argosy.data.script import to_simplified

FIRST, LAST = 1_500, 500  # characters read of a long message: what it opens and what it ends with
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_COMMON = re.compile(
    r"\b(?:i|my|me|you|your|it|is|are|was|the|a|an|to|of|for|in|on|and|but|not|how|what|when|where|why|which|can|do|does|did"
    r"|has|have|will|would|this|that|please|with|from)\b",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s")
_BLANKS = re.compile(r"[^\S\n]+")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SYMBOLS = frozenset({"So", "Sk"})
Language = Literal["zh", "en"]
Simplify = Callable[[str], str]


def language_of(text: str) -> Language | None:
    """Chinese where it has two of its characters for each common English word; None where a text has neither script.

    >>> language_of("iPhone 15 Pro Max 怎么退"), language_of("Where is my 订单?"), language_of("12 👍")
    ('zh', 'en', None)
    """
    han, words = len(_HAN.findall(text)), len(_COMMON.findall(text))
    if not han:
        return "en" if _LATIN.search(text) else None
    return "zh" if han >= 2 * words else "en"


def simplifier() -> Simplify:
    """Traditional characters to simplified ones, where OpenCC is installed; else nothing changes."""
    return to_simplified if find_spec("opencc") else str


def clipped(text: str) -> str:
    """A long message without its middle, cut between words where there are any."""
    if len(text) <= FIRST + LAST:
        return text
    head, tail = text[:FIRST], text[-LAST:]
    ends = [found.start() for found in _SPACE.finditer(head, FIRST * 3 // 4)]
    starts = [found.end() for found in _SPACE.finditer(tail, 0, LAST // 4)]
    return f"{head[: ends[-1]] if ends else head}\n{tail[starts[0] :] if starts else tail}"


def plain(text: str) -> str:
    """The text without emoji and unseen characters, wide forms made narrow but for Chinese punctuation.

    >>> plain("ＡＢ１２ 怎么退？ 😡😡")
    'AB12 怎么退？'
    """
    kept = "".join(map(_narrow, text))
    return _BLANKS.sub(" ", kept).strip()


def _narrow(character: str) -> str:
    if character.isascii():
        return character if character.isprintable() or character == "\n" else " "
    kind = unicodedata.category(character)
    if kind in _UNSEEN or kind in _SYMBOLS or "\ufe00" <= character <= "\ufe0f":
        return " " if kind != "Cf" else ""
    if "\uff01" <= character <= "\uff5e" and character.isalnum():
        return chr(ord(character) - 0xFEE0)
    return "'" if character == "\u2019" else character


def says(text: str) -> bool:
    """Whether there is a letter or a digit."""
    return any(character.isalnum() for character in text)
