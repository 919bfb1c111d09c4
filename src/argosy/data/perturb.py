"""Changes of a text that leave its label as it is: for measuring robustness and for augmentation.

Each is a pure function ``(text, rng, rate)``: the same generator state gives the same text. ``rate`` is the share of
the places that change, at least one where there is any; whole-text changes take no notice of it. What a reader needs
stays: tokens such as ``[PHONE]`` and addresses of pages are never touched, digits only by ``full_width`` (a wider face)
and ``truncated`` (cut off with the end); letters change inside words of four and more, so that "not" stays "not"; only
particles are dropped from Chinese, and no word of negation is doubled or moved.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from types import MappingProxyType
from typing import Any

from argosy.core.errors import MissingError, ProjectError
from argosy.data.confusables import homophones, look_alikes, neighbours

RATE = 0.1
PROTECTED = re.compile(r"\[[A-Z][A-Z_]*(?::[A-Z0-9]+)?\]|https?://[^\s\u3000-\u9fff]+")
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(r"[A-Za-z]{4,}")
_PLACE = re.compile(rf"[A-Za-z]{{4,}}|[{_HAN}]")
_PAIR = re.compile(rf"(?=([{_HAN}]{{2}}))")
NEGATIONS = frozenset(
    [*"不没无未非别勿莫否", "never", "none", "nothing", "nobody", "neither", "without", "cannot", "hardly"]
)
_PARTICLES = frozenset("的了着过地得吧呢啊吗嘛呀哦")
_NEUTRAL = ("📌", "📦", "📷", "🕒", "🔹", "📎", "🗓️", "💬")
_PICTURE = "\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff"
_EMOJI = re.compile(f"[{_PICTURE}][{_PICTURE}\ufe0f\u200d\u20e3]*")
_GAP = re.compile(rf"(?<=[{_HAN}，。！？；、])(?=[{_HAN}])|(?<=\s)(?=\S)|$")
_INSIDE = re.compile(rf"(?<=[A-Za-z]{{2}})(?=[A-Za-z]{{2}})|(?<=[{_HAN}])(?=[{_HAN}])")
_BLANK = re.compile(r"(?<![\d\s])[ \t\u3000]+(?=\S)|(?<=\d)[ \t\u3000]+(?=[^\d\s])")
_STRONG = re.compile(r"[!?！？。~～…]+")
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}

Edit = tuple[int, int, Sequence[str]]
"""What stands from start to end may become one of these."""
Edits = Callable[[str], Iterator[Edit]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Perturbation:
    """A named change; ``languages`` are those it is meant for, ``applies`` says whether it can change a text.

    ``needs`` is the package without which it raises MissingError.
    """

    name: str
    languages: tuple[str, ...]
    function: Callable[[str, Random, float], str]
    applies: Callable[[str], bool]
    needs: str = ""


def perturbation(name: str) -> Perturbation:
    """The perturbation of this name; raises ProjectError when there is none."""
    if name not in PERTURBATIONS:
        raise ProjectError(
            "There is no perturbation {name!r}; there are {names}.",
            mend="Use one of these names.",
            name=name,
            names=", ".join(PERTURBATIONS),
        )
    return PERTURBATIONS[name]


def perturb(name: str, texts: Sequence[str], *, seed: int, rate: float = RATE) -> list[str]:
    """The texts under a perturbation, those it does not apply to as they are; no text's change hangs on its company."""
    change = perturbation(name).function
    return [change(text, Random(f"{seed}\n{name}\n{text}"), rate) for text in texts]


def places(text: str) -> list[tuple[int, int]]:
    """Start and end of what a single edit may change: words of four and more Latin letters, Chinese characters."""
    kept = _protected(text)
    return [found.span() for found in _PLACE.finditer(text) if not _touches(found.span(), kept)]


def variants(text: str, place: tuple[int, int], rng: Random, *, each: int = 3) -> list[str]:
    """The text with one typo, homophone or look-alike inside ``place``: at most ``each`` of a kind, all different."""
    start, end = place
    kept = _protected(text)
    found: dict[str, None] = {}
    for edits in (_typos, _swaps, _homophones, _look_alikes):
        made = [
            text[:a] + new + text[b:]
            for a, b, news in edits(text)
            if start <= a and b <= end and not _touches((a, b), kept)
            for new in news
        ]
        found.update(dict.fromkeys(rng.sample(made, min(each, len(made)))))
    return [variant for variant in found if variant != text]


def _protected(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in PROTECTED.finditer(text)]


def _touches(span: tuple[int, int], kept: Sequence[tuple[int, int]]) -> bool:
    """Whether an edit lies inside a protected part or across its edge; beside it is allowed."""
    start, end = span
    return any((start < last and first < end) or first < start < last for first, last in kept)


def _at_places(name: str, languages: tuple[str, ...], edits: Edits, needs: str = "") -> Perturbation:
    """A perturbation that makes some of the possible edits."""

    def possible(text: str) -> list[Edit]:
        # with the place behind an address, which would become a part of it
        kept = [(start, end + (text[start] == "h")) for start, end in _protected(text)]
        return [edit for edit in edits(text) if not _touches(edit[:2], kept)]

    def change(text: str, rng: Random, rate: float) -> str:
        found = possible(text)
        count = min(len(found), max(1, round(rate * len(found))))
        edge, changed = len(text) + 1, text
        for start, end, news in sorted(rng.sample(found, count), key=lambda edit: edit[:2], reverse=True):
            new = rng.choice(news)
            if end <= edge:  # two edits of one place: the later one alone
                changed, edge = changed[:start] + new + changed[end:], start
        return changed if changed.strip() else text

    return Perturbation(
        name=name, languages=languages, function=change, applies=lambda text: bool(possible(text)), needs=needs
    )


def _of_whole(name: str, languages: tuple[str, ...], rewrite: Callable[[str], str], needs: str = "") -> Perturbation:
    """A perturbation that rewrites everything but the protected parts."""

    def whole(text: str) -> str:
        parts, last = [], 0
        for start, end in _protected(text):
            parts += [rewrite(text[last:start]), text[start:end]]
            last = end
        changed = "".join([*parts, rewrite(text[last:])])
        return changed if changed.strip() else text

    return Perturbation(
        name=name,
        languages=languages,
        function=lambda text, _rng, _rate: whole(text),
        applies=lambda text: whole(text) != text,
        needs=needs,
    )


def _inner(text: str) -> Iterator[int]:
    """Places of the letters inside words of four and more: not the first, not the last."""
    for word in _WORD.finditer(text):
        yield from range(word.start() + 1, word.end() - 1)


def _typos(text: str) -> Iterator[Edit]:
    for place in _inner(text):
        yield place, place + 1, neighbours()[text[place]]


def _swaps(text: str) -> Iterator[Edit]:
    for word in _WORD.finditer(text):
        pairs = ((place, text[place : place + 2]) for place in range(word.start() + 1, word.end() - 2))
        yield from ((place, place + 2, (pair[::-1],)) for place, pair in pairs if pair[0] != pair[1])
    for found in _PAIR.finditer(text):
        if found[1][0] != found[1][1] and NEGATIONS.isdisjoint(found[1]):
            yield found.start(), found.start() + 2, (found[1][::-1],)


def _drops(text: str) -> Iterator[Edit]:
    yield from ((place, place + 1, ("",)) for place in _inner(text))
    yield from ((place, place + 1, ("",)) for place, character in enumerate(text) if character in _PARTICLES)


def _inserts(text: str) -> Iterator[Edit]:
    for place in _inner(text):
        yield place, place, (text[place], *neighbours()[text[place]])
    for found in re.finditer(rf"[{_HAN}]", text):
        if found[0] not in NEGATIONS:
            yield found.end(), found.end(), (found[0],)


def _homophones(text: str) -> Iterator[Edit]:
    if not text.isascii():
        yield from _mapped(text, homophones())


def _look_alikes(text: str) -> Iterator[Edit]:
    yield from _mapped(text, look_alikes())


def _mapped(text: str, table: Mapping[str, str]) -> Iterator[Edit]:
    yield from ((place, place + 1, table[character]) for place, character in enumerate(text) if character in table)


def _cases(text: str) -> Iterator[Edit]:
    for place, character in enumerate(text):
        other = character.swapcase()
        if other != character and len(other) == 1:
            yield place, place + 1, (other,)


def _emoji(text: str) -> Iterator[Edit]:
    if text.strip():  # an emoji would be all that a blank text says
        yield from ((found.start(), found.start(), _NEUTRAL) for found in _GAP.finditer(text))


def _spaces(text: str, space: str) -> Iterator[Edit]:
    yield from ((found.start(), found.start(), (space,)) for found in _INSIDE.finditer(text))


def _no_spaces(text: str) -> Iterator[Edit]:
    yield from ((*found.span(), ("",)) for found in _BLANK.finditer(text))


def _no_punctuation(text: str) -> Iterator[Edit]:
    for place, character in enumerate(text):
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        if unicodedata.category(character).startswith("P") and not (before.isdigit() or after.isdigit()):
            latin = before.isascii() and before.isalpha() and after.isalpha() and character not in "'’"
            yield place, place + 1, (" " if latin else "",)


def _more_punctuation(text: str) -> Iterator[Edit]:
    yield from ((*found.span(), (found[0] * 2, found[0] * 3)) for found in _STRONG.finditer(text))


def _truncate(text: str, _rng: Random, rate: float) -> str:
    """The end cut off: ``rate`` of the characters, at least one and at most half; a protected part goes whole."""
    cut = len(text) - min(max(1, round(rate * len(text))), len(text) // 2)
    cut = next((start for start, end in _protected(text) if start < cut < end), cut)
    return text[:cut] if text[:cut].strip() else text


@cache
def _converter(configuration: str) -> Any:
    try:
        from opencc import OpenCC
    except ImportError as error:
        raise MissingError(
            "Traditional and simplified Chinese need the package {name!r}.",
            mend="pip install 'argosy[chinese]'",
            name="opencc",
        ) from error
    return OpenCC(configuration)


def _converted(configuration: str) -> Callable[[str], str]:
    return lambda text: text if text.isascii() else str(_converter(configuration).convert(text))


_BOTH, _EN, _ZH = ("en", "zh"), ("en",), ("zh",)
PERTURBATIONS: Mapping[str, Perturbation] = MappingProxyType(
    {
        one.name: one
        for one in (
            _at_places("typo", _EN, _typos),
            _at_places("swap", _BOTH, _swaps),
            _at_places("drop", _BOTH, _drops),
            _at_places("insert", _BOTH, _inserts),
            _at_places("homophone", _ZH, _homophones, needs="pypinyin"),
            _at_places("look_alike", _BOTH, _look_alikes),
            _of_whole("upper", _EN, str.upper),
            _of_whole("lower", _EN, str.lower),
            _at_places("random_case", _EN, _cases),
            _at_places("emoji_inserted", _BOTH, _emoji),
            _of_whole("emoji_removed", _BOTH, lambda text: _EMOJI.sub("", text)),
            _at_places("spaces_inserted", _BOTH, lambda text: _spaces(text, " ")),
            _at_places("full_width_spaces", _ZH, lambda text: _spaces(text, "\u3000")),
            _at_places("spaces_removed", _BOTH, _no_spaces),
            _at_places("punctuation_removed", _BOTH, _no_punctuation),
            _at_places("punctuation_repeated", _BOTH, _more_punctuation),
            _of_whole("full_width", _BOTH, lambda text: text.translate(_WIDE)),
            _of_whole("traditional", _ZH, _converted("s2t"), needs="opencc"),
            _of_whole("simplified", _ZH, _converted("t2s"), needs="opencc"),
            Perturbation(
                name="truncated",
                languages=_BOTH,
                function=_truncate,
                applies=lambda text: _truncate(text, Random(0), RATE) != text,
            ),
        )
    }
)
