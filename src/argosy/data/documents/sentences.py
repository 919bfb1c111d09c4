"""Where sentences begin and end, in English, in Chinese and where both are mixed.

Rules rather than a model: a cut must be the same on every machine, and a wrong one may never lose a character.
"""

import re

_CLOSERS = "”’」』）】》〉\"')\\]"
_BESIDE = r"\s\u3000-\u303f\u3400-\u9fff\uff00-\uffef"  # what ends an address of the web: white space, Chinese
_URL = rf"(?:https?://|www\.)[^{_BESIDE}]*[^{_BESIDE}.,!?;:)\]'\"]"
_MARK = re.compile(rf"{_URL}|(?P<line>\n)|(?P<mark>[。！？；｡!?]+[。！？!?…]*|…+|\.+)[{_CLOSERS}]*")
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_NEXT = re.compile(r"[ \t\u00a0\u3000]*")
_OPENERS = "“‘「『（【《〈\"'(["
_WORD = re.compile(r"(?:[^\W\d_]+\.)*[^\W\d_]+$|\d+$")
_LOOKED = 24  # characters before a full stop that tell an abbreviation
# Abbreviations that go on whatever follows, those that go on before a number, and those that a capital may follow.
_ALWAYS = "mr mrs ms dr prof st mt sr jr messrs vs e.g i.e eg ie cf viz fig figs ca rev gen col sgt capt lt hon gov sen"
_NUMBERED = "no nos nr p pp art sec ch vol para jan feb mar apr jun jul aug sep sept oct nov dec tel ext"
_EITHER = "etc inc ltd co corp a.m p.m am pm u.s u.k e.u u.n approx incl excl est dept resp al max min attn"
_KINDS = {word: kind for kind in (_ALWAYS, _NUMBERED, _EITHER) for word in kind.split()}


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences as (start, end) in order; between two of them stands nothing but white space.

    A line is never joined to the next one. Decimals, abbreviations, addresses of the web and numbers of a list do not
    end a sentence; quotes and brackets that close belong to the sentence that they close.

    >>> [(0, 27), (28, 33), (33, 36)] == sentences("Pay $3.50, e.g. by Mr. Lee. 可以退吗？可以。")
    True
    """
    found: list[tuple[int, int]] = []
    start, small = 0, text == text.lower()
    for mark in _MARK.finditer(text):
        if mark["line"] or (mark["mark"] and _ends(text, mark, start, small=small)):
            _add(found, text, start, mark.end())
            start = mark.end()
    _add(found, text, start, len(text))
    return found


def _add(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    """Keep what stands there without the white space around it, if there is anything."""
    part = text[start:end]
    if part.strip():
        found.append((start + len(part) - len(part.lstrip()), end - len(part) + len(part.rstrip())))


def _ends(text: str, found: re.Match[str], start: int, *, small: bool) -> bool:
    """Whether a sentence that began at ``start`` ends with this mark; ``small``: the text has no capitals."""
    mark, after = found["mark"], text[found.end() : found.end() + 1]
    if mark[0] in "。！？；｡":
        return True
    apart = not after or after.isspace() or after in _OPENERS
    if mark[0] in "!?":
        return apart or _HAN.match(after) is not None
    if not apart:  # a full stop before a Chinese character ends a sentence of words, not a number
        return mark == "." and _HAN.match(after) is not None and text[found.start() - 1 : found.start()].isalpha()
    space = _NEXT.match(text, found.end())
    follows = text[space.end() : space.end() + 1] if space else ""
    if follows.islower() and not small:
        return False
    return mark != "." or not _abbreviates(text, found.start(), start, follows)


def _abbreviates(text: str, stop: int, start: int, follows: str) -> bool:
    """Whether the full stop at ``stop`` belongs to the word or the number before it."""
    word = _WORD.search(text, max(start, stop - _LOOKED), stop)
    if word is None:
        return False
    name = word[0].lower()
    if (name.isdigit() or len(name) == 1) and not text[start : word.start()].strip(" \t(（"):
        return True  # the number of a list's item
    kind = _KINDS.get(name)
    if kind == _EITHER:
        return follows.islower() or follows.isdigit()
    if kind == _NUMBERED:
        return follows.isdigit()
    return kind == _ALWAYS or (len(name) == 1 and word[0].isupper() and not _HAN.match(name))
