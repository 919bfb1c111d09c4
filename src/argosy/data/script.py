"""Traditional and simplified Chinese, told apart and folded by OpenCC (the extra ``chinese``)."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache

from argosy.core.errors import MissingError

_TAKEN = re.compile("[^\x00\ud800-\udfff]+")  # characters that OpenCC takes: it ends at a null, and refuses halves
_HAN = ((0x3400, 0x4DC0), (0x4E00, 0xA000))  # the code points of most characters, from and before
_MOST = 0.2  # of the characters that tell: this many of the other script are quotations and variants


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripts:
    """Texts by script; ``either`` are those whose characters both scripts share, ``none`` those without any."""

    simplified: int = 0
    traditional: int = 0
    mixed: int = 0
    either: int = 0
    none: int = 0

    def to_json(self) -> dict[str, int]:
        """As a mapping."""
        return asdict(self)


def to_simplified(text: str) -> str:
    """The text in simplified characters, phrase by phrase (頭髮 → 头发, but 著名 stays); what is simplified stays.

    Raises MissingError when OpenCC is not installed.
    """
    if text.isascii():
        return text
    convert = _converter("t2s")
    while (simple := convert(text)) != text:
        text = simple
    return text


@cache
def folding() -> Mapping[int, str]:
    """Traditional characters → simplified ones, one by one, for ``str.translate``: it keeps a text's length.

    For comparing alone, where 著 and 着 may be one. Empty where OpenCC is not installed.
    """
    every = [chr(code) for first, last in _HAN for code in range(first, last)]
    try:
        simple = _converter("t2s")("\n".join(every)).split("\n")
    except MissingError:
        return {}
    return {ord(one): other for one, other in zip(every, simple, strict=True) if one != other and len(other) == 1}


def script(text: str) -> str:
    """``simplified``, ``traditional``, ``mixed``, ``either`` or ``none``, by the characters that OpenCC would change.

    Raises MissingError when OpenCC is not installed.
    """
    if not any("\u3400" <= character <= "\u9fff" for character in text):
        return "none"
    traditional, simplified = _changed(text, "t2s"), _changed(text, "s2t")
    if not traditional + simplified:
        return "either"
    share = traditional / (traditional + simplified)
    return "traditional" if share >= 1 - _MOST else "simplified" if share <= _MOST else "mixed"


def scripts(texts: Iterable[str]) -> Scripts:
    """How many texts are in which script; raises MissingError when OpenCC is not installed."""
    return Scripts(**Counter(map(script, texts)))


def _changed(text: str, configuration: str) -> int:
    other = _converter(configuration)(text)
    return sum(one != new for one, new in zip(text, other, strict=False))  # phrases keep their length but for a few


@cache
def _converter(configuration: str) -> Callable[[str], str]:
    try:
        from opencc import OpenCC
    except ImportError as error:
        raise MissingError(
            "Chinese script is told and folded by the package OpenCC, which is not installed.",
            mend="Install it:  pip install 'argosy[chinese]'",
        ) from error
    convert: Callable[[str], str] = OpenCC(configuration).convert
    return lambda text: _TAKEN.sub(lambda part: convert(part[0]), text)
