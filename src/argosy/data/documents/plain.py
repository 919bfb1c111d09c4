"""Text as a reader sees it: composed characters, single spaces, and nothing that is invisible."""

import re
import unicodedata
from collections.abc import Iterable

from argosy.data.clean import TEXT_STEPS

# Joiners are spelling in some scripts and in emoji; between Latin and Chinese characters they only hide a word.
_JOINER = re.compile("(?<![\u0590-\u1cff\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]+")
# Characters that look like nothing: tags, fillers, selectors of variants (that of emoji stays)
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0e\uffa0\U000e0000-\U000e0fff]+"
)
_FOLDED = re.compile("[\u2e80-\u2fdf\uf900-\ufaff\ufb00-\ufb06]")  # radicals and ligatures that PDF has for characters
_SPACES = re.compile(r"[^\S\n]+")
_ROUND = re.compile(r" ?\n ?")
_HAN = "\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uff00-\uffef"
_HAN_END, _HAN_START = re.compile(f"[{_HAN}]\\Z"), re.compile(f"[{_HAN}]")
_SOFT = "\u00ad\ufffe\x02"  # hyphens that only a line's end shows
_LETTER = re.compile(r"[^\W\d_]")
_CHINESE = re.compile("[\u3400-\u9fff]")


def plain(text: str) -> str:
    r"""The text without invisible characters, composed (NFC), with single spaces and its lines.

    >>> plain("re\u200bfund \u2028 in\u00a0 3\tdays\u200d.")
    'refund\nin 3 days.'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\v", "\n")
    text = TEXT_STEPS["control"](text) if not text.isascii() or not text.isprintable() else text
    if not text.isascii():
        text = _JOINER.sub("", _UNSEEN.sub("", text))
        text = _FOLDED.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
        text = unicodedata.normalize("NFC", text)
    return _ROUND.sub("\n", _SPACES.sub(" ", text)).strip()


def unwrap(lines: Iterable[str]) -> str:
    r"""The lines of one paragraph as one: no space where Chinese goes on, none where a soft hyphen breaks a word.

    >>> unwrap(["七个工", "作日 or a", "busi\u00ad", "ness week"])
    '七个工作日 or a business week'
    """
    joined = ""
    for line in map(str.strip, lines):
        if not line:
            continue
        broken = joined.endswith(tuple(_SOFT))
        glued = broken or not joined or (_HAN_END.search(joined[-1:]) and _HAN_START.match(line))
        joined = joined.rstrip(_SOFT) + (line if glued else f" {line}")
    return joined


def is_chinese(text: str) -> bool:
    """Whether at least a third of the letters are Chinese characters."""
    return 3 * len(_CHINESE.findall(text)) >= max(1, len(_LETTER.findall(text)))
