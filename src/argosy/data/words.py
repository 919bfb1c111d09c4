"""Texts as words for grouping and naming: English by spaces, Chinese cut by rjieba where it is installed.

Without it every Chinese character stands for itself, and what is named are runs of characters that come together.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

BREAK = ""
"""Stands between words that punctuation parts: no phrase reaches across."""
_MOST = 2_000  # characters of a text that are read: what it is about stands at its beginning
_STEM = 5  # letters by which words of an alphabet are one: refund, refunds, refunded
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_PART = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<word>[^\W_{_HAN}]+(?:['-][^\W_{_HAN}]+)*)|(?P<mark>[^\w\s]+)")
_LINK = re.compile(r"(?:https?://|www\.)[!-~]+|(?<!\w)@\w+")
STOP = frozenset(Path(__file__).with_name("stop_words.txt").read_text(encoding="utf-8").split())
"""Words that name nothing: no name begins or ends with one."""


def words(text: str) -> list[str]:
    """The words of a text in their order, in lower case, with ``BREAK`` where punctuation stands.

    >>> words("Refunds late again, https://a.cn/b why?")
    ['refunds', 'late', 'again', '', 'why', '']
    """
    plain = unicodedata.normalize("NFKC", text[:_MOST].encode("utf-8", "ignore").decode()).casefold()
    return list(_parts(_LINK.sub(" ", plain).replace("’", "'")))


def features(cut: list[str]) -> set[str]:
    """What texts are compared by: the stems of words that say something, and pairs of neighbours."""
    stems = [stem(word) for word in cut]
    single = {
        short for short, word in zip(stems, cut, strict=True) if word not in STOP and (segmented() or len(word) > 1)
    }
    pairs = {f"{one} {two}" for one, two in pairwise(stems) if one and two}
    return single - {BREAK} | pairs


def stem(word: str) -> str:
    """The beginning of a word of an alphabet, without the end of a plural; a Chinese word as it is."""
    return word.removesuffix("s")[:_STEM] if word.isascii() else word


def joined(phrase: tuple[str, ...]) -> str:
    """Words as they are written: with spaces, but not between Chinese ones.

    >>> joined(("card", "fee")), joined(("退款", "太", "慢"))
    ('card fee', '退款太慢')
    """
    text = phrase[0]
    for before, word in pairwise(phrase):
        text += word if is_han(before) and is_han(word) else f" {word}"
    return text


def is_han(word: str) -> bool:
    """Whether a word is written in Chinese characters."""
    return bool(word) and re.match(f"[{_HAN}]", word) is not None


@cache
def segmented() -> bool:
    """Whether Chinese is cut into words here."""
    return find_spec("rjieba") is not None


def _parts(text: str) -> Iterator[str]:
    cut = _cutter()
    for part in _PART.finditer(text):
        if part["han"]:
            yield from cut(part["han"])
        else:
            yield part["word"] or BREAK


@cache
def _cutter() -> Callable[[str], list[str]]:
    if not segmented():
        return list
    import rjieba

    cut: Callable[[str], list[str]] = rjieba.cut
    return cut
