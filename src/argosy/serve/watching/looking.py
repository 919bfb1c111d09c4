"""What is seen of a text itself, without keeping it: its length and language, of a sample of all texts."""

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

_SECOND = 1_000_000  # microseconds
_GOLDEN = 0.6180339887498949  # the multiples of the golden ratio lie evenly between 0 and 1
_LONG = 500  # characters whose language is looked at
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_WEIGHT = 3  # a character of another script says as much as so many Latin letters, about
_MOSTLY = 0.75


class Sample:
    """Which texts are looked at: all while they are few, of many about ``rate`` a second, by the hash of the event."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._share, self._came, self._since = 1.0, 0, 0

    def adapt(self, steady: int) -> None:
        """Take the share that fits what came in the last second, if that is over; ``steady`` is now, in µs."""
        if (passed := steady - self._since) >= _SECOND:
            self._share = min(1.0, self._rate * passed / _SECOND / max(self._came, 1))
            self._came, self._since = 0, steady

    def places(self, event: str, texts: int) -> Sequence[int]:
        """The places of an event's texts that are in the sample."""
        self._came += texts
        if self._share == 1:
            return range(texts)
        start = hash(event) % 2**32 / 2**32
        return [place for place in range(texts) if (start + place * _GOLDEN) % 1 < self._share]


class Look(NamedTuple):
    """What is kept of a text until it is looked at: how long it is, and its beginning."""

    characters: int
    beginning: str

    @classmethod
    def at(cls, text: str) -> "Look":
        """Of a whole text."""
        return cls(len(text), text[:_LONG])

    def names(self) -> tuple[str, str, str]:
        """The counts that it adds one to."""
        length = int(2 * math.log2(1 + self.characters))
        return "read", f"length:{length}", f"language:{language(self.beginning)}"


def language(text: str) -> str:
    """``zh``, ``en``, both ``mixed``, or ``other``, by the script of its letters alone.

    >>> [language(text) for text in ("这个 app 很好用", "fast delivery", "iPhone battery 坏了", "ありがとう", "42")]
    ['zh', 'en', 'mixed', 'other', 'other']
    """
    letters, latin, han = (sum(map(len, script.findall(text))) for script in (_LETTERS, _LATIN, _HAN))
    whole = _WEIGHT * (letters - latin) + latin
    if not whole or _WEIGHT * han + latin < _MOSTLY * whole:
        return "other"
    if _WEIGHT * han >= _MOSTLY * whole:
        return "zh"
    return "en" if latin >= _MOSTLY * whole else "mixed"
