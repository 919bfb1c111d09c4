"""The text as the rules read it: one width, nothing invisible, what is redacted already as one character."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from argosy.core.personal import KINDS
from argosy.data.redact.spans import Span

_MATHS = range(0x1D400, 0x1D800)  # 𝟏𝟑𝟖 is 138 in another face
_PLAIN = {
    code: folded
    for code in (0x3000, *range(0xFF01, 0xFF5F), 0xFFE0, 0xFFE1, 0xFFE5, *_MATHS)
    if len(folded := unicodedata.normalize("NFKC", chr(code))) == 1
}
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc"), "-")
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2009\u202f\t"), " ")
_FACES = {**_PLAIN, **_DASHES, **_SPACES}
_INVISIBLE = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_TOKEN = rf"\[(?:{'|'.join(KINDS).upper()})(?::[A-Z2-7]{{6,32}})?\]"
_APART = re.compile(rf"([{_INVISIBLE}]+)|{_TOKEN}")
_DONE = "\ufffc"  # stands for what is redacted: no letter, no digit
PSEUDONYM = re.compile(rf"\[({'|'.join(KINDS).upper()}):[A-Z2-7]{{6,32}}\]")


@dataclass(frozen=True, slots=True)
class Working:
    """``text`` as rules read it, and the place in the original of each of its characters."""

    text: str
    places: Sequence[int]

    @classmethod
    def of(cls, original: str) -> "Working":
        """The working form of a text as it came."""
        text = original if original.isascii() else original.translate(_FACES)
        whole = cls(text, range(len(text)))
        return whole._with([(match.start(), match.end(), "" if match[1] else _DONE) for match in _APART.finditer(text)])

    def original(self, span: Span) -> Span:
        """A span of the working text where it stands in the original."""
        return Span(start=self.places[span.start], end=self.places[span.end - 1] + 1, kind=span.kind)

    def without(self, spans: Sequence[Span]) -> "Working":
        """With these spans (in order, not overlapping) redacted."""
        return self._with([(span.start, span.end, _DONE) for span in spans])

    def places_to_read(self) -> Iterator[int]:
        """The places of the original that are not redacted."""
        return (place for place, character in zip(self.places, self.text, strict=True) if character != _DONE)

    def _with(self, changes: Sequence[tuple[int, int, str]]) -> "Working":
        if not changes:
            return self
        texts: list[str] = []
        places: list[int] = []
        last = 0
        for start, end, put in changes:
            texts += (self.text[last:start], put)
            places += self.places[last:start]
            places += self.places[start : start + len(put)]
            last = end
        places += self.places[last:]
        return Working("".join((*texts, self.text[last:])), places)
