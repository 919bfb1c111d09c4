"""Texts as terms for lexical search, in English and Chinese alike.

Chinese is folded to simplified characters (OpenCC) and cut into words (rjieba); pairs of neighbouring characters stand
beside the words, so that a word cut otherwise is still found. Where a package is missing, the pairs alone are left,
which ``versions`` tells. English words lose their commonest endings (a short Porter); numbers and product codes stay
whole.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from itertools import pairwise

from argosy.data.script import to_simplified

SEGMENTER, FOLDER = "rjieba", "opencc"
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\U00020000-\U000323af"  # with kana, which is cut by pairs
_TERM = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<word>[^\W_{_HAN}]+(?:['’./_-](?=[^\W_{_HAN}])[^\W_{_HAN}]+)*)")
_INNER = re.compile(r"[./_-]")
_VOWEL = re.compile("[aeiouy]")
_SHORTEST = 3  # letters that an ending leaves


def terms(text: str) -> list[str]:
    """The terms of a text in their order; of a text that cannot be written as UTF-8, what can be.

    >>> terms("Refunds for order A-1032?")
    ['refund', 'for', 'order', 'a-1032']
    """
    return terms_of(fold(text))


def terms_of(folded: str) -> list[str]:
    """The terms of a text that is folded already."""
    found: list[str] = []
    for match in _TERM.finditer(folded):
        found += _of_han(match["han"]) if match["han"] else _of_word(match["word"])
    return found


def fold(text: str) -> str:
    """The text in the one spelling that is compared: NFKC, without case, in simplified characters, single spaces."""
    plain = unicodedata.normalize("NFKC", text.encode("utf-8", "ignore").decode("utf-8")).casefold()
    return " ".join(simplified(plain).split())


def simplified(text: str) -> str:
    """The text in simplified characters; as it is where OpenCC is not installed."""
    return to_simplified(text) if _has(FOLDER) else text


def versions() -> dict[str, str]:
    """The version of each package that terms hang on; empty for one that is not installed."""
    return {name: _installed(name) for name in (SEGMENTER, FOLDER)}


def _of_han(run: str) -> list[str]:
    cut = _segmenter()
    words = cut(run) if cut else []
    seen = set(words)
    pairs = [first + second for first, second in pairwise(run)] or [run]
    return words + [pair for pair in pairs if pair not in seen]


def _of_word(word: str) -> list[str]:
    if any(character.isdigit() for character in word):
        return [word]
    return [_stem(part.replace("’", "'")) for part in _INNER.split(word)]


@lru_cache(maxsize=65_536)
def _stem(word: str) -> str:
    """An English word without its plural, ``-ed`` or ``-ing``; other words stay.

    >>> [_stem(word) for word in ("charges", "charged", "charging", "policies", "stopped", "address", "bring")]
    ['charg', 'charg', 'charg', 'policy', 'stop', 'address', 'bring']
    """
    word = word.removesuffix("'s")
    if not word.isascii() or len(word) <= _SHORTEST:
        return word
    if word.endswith("ies") and len(word) > _SHORTEST + 1:
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= _SHORTEST and _VOWEL.search(rest):
            word = rest[:-1] if rest[-1] == rest[-2] and rest[-1] not in "lsz" else rest
            break
    return word[:-1] if word.endswith("e") and len(word) > _SHORTEST else word


@cache
def _segmenter() -> Callable[[str], list[str]] | None:
    if not _has(SEGMENTER):
        return None
    import rjieba

    cut: Callable[[str], list[str]] = rjieba.cut
    return cut


@cache
def _has(package: str) -> bool:
    return find_spec(package) is not None


@cache
def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
