"""Which tokens an answer stands on, and whether that is true: the deletion test.

A good explanation names the tokens that the answer needs: without them the label's probability falls further than
without as many tokens drawn at random. The fall is averaged over several numbers of tokens (comprehensiveness over
bins, DeYoung et al., ERASER, ACL 2020) and measured on the engine that serves. An explanation that is not better than
chance is told as such.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from argosy.evaluate.intervals import LEVEL, Interval, quantile_of_t, share
from argosy.evaluate.metrics import Floats

DRAWS = 59
SHARES = (0.1, 0.2, 0.3, 0.5)  # of the tokens, removed together
SIGNIFICANT = 1 - LEVEL
_FAR = 4_000
_SPELT = re.compile(r"[^\W_\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")  # letters of scripts that part words by blanks

Span = tuple[int, int]
Shares = Callable[[Sequence[str]], Floats]
"""The probability of the explained label [texts], by the engine that serves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """``piece`` is ``text[start:end]``; a positive score speaks for the label, a negative one against it."""

    start: int
    end: int
    piece: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Faithfulness:
    """The deletion test: how far the probability falls without the top tokens, and without random ones.

    ``p`` is the share of ``draws`` that do as well; ``faithful`` says that it is below 5 %.
    """

    faithful: bool
    p: float
    drop: float
    random: float
    draws: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What speaks for ``label`` in ``text``; spans are characters of the text as it was given."""

    text: str
    label: str
    probability: float
    method: str
    tokens: tuple[Token, ...]
    faithful: Faithfulness

    def to_json(self) -> dict[str, Any]:
        """Plain values, tokens in the order of the text."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """A method over many texts: the ``share`` with a faithful explanation, and the mean ``gain`` over chance.

    The gain is the fall of the probability less that of random deletions, with its 95 % interval.
    """

    texts: int
    share: Interval
    gain: Interval

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


class DeletionTest:
    """Random deletions from one text, answered once; every explanation of the text is held against them."""

    def __init__(self, text: str, spans: Sequence[Span], shares: Shares, *, seed: int, draws: int = DRAWS) -> None:
        self._text = text
        self._spans = spans
        self._shares = shares
        self._sizes = _sizes(len(spans))
        rng = np.random.default_rng(seed)
        orders = [rng.permutation(len(spans)).tolist() for _ in range(draws if self._sizes else 0)]
        whole, *falls = self._falls(orders)
        self.probability = whole
        self._random = np.array(falls)

    def judge(self, scores: ArrayLike) -> Faithfulness:
        """The verdict on one score for each span."""
        order = np.argsort(-np.asarray(scores), kind="stable").tolist()
        if not self._sizes:
            return Faithfulness(faithful=False, p=1.0, drop=0.0, random=0.0, draws=0)
        _, drop = self._falls([order])
        draws = len(self._random)
        p = float(1 + np.sum(self._random >= drop)) / (1 + draws)
        random = float(self._random.mean())
        return Faithfulness(faithful=p < SIGNIFICANT, p=p, drop=drop, random=random, draws=draws)

    def _falls(self, orders: Sequence[Sequence[int]]) -> list[float]:
        """The probability of the whole text, and for each order of the spans the mean fall without its first ones."""
        taken = [[frozenset(order[:size]) for size in self._sizes] for order in orders]
        distinct = list(dict.fromkeys([frozenset[int](), *(one for sets in taken for one in sets)]))
        answers = self._shares([without(self._text, [self._spans[place] for place in one]) for one in distinct])
        known = dict(zip(distinct, answers.tolist(), strict=True))
        whole = float(known[frozenset()])
        return [whole, *(whole - float(np.mean([known[one] for one in sets])) for sets in taken)]


def without(text: str, spans: Sequence[Span]) -> str:
    """The text without some spans that do not overlap.

    >>> without("not good at all", [(4, 8)])
    'not  at all'
    """
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return text


def locate(given: str, read: str) -> list[Span]:
    """For each character of ``read``, which was made of ``given`` by cleaning, the span in ``given`` it came from.

    What was cut off behind a character belongs to it, up to the next blank (``&amp;`` stands behind ``&``). Where the
    texts differ, what stands behind the first 4,000 characters is not looked for: no model reads that far.
    """
    if given == read:
        return [(place, place + 1) for place in range(len(given))]
    left, right = ([_key(character) for character in text[:_FAR]] for text in (given, read))
    spans: list[Span] = []
    for change, start, end, first, last in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if change == "delete" and spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], start + _solid(given[start:end]))
        elif end - start == last - first:
            spans.extend((place, place + 1) for place in range(start, end))
        else:
            spans.extend([(start, end)] * (last - first))
    return spans + [(len(given), len(given))] * (len(read) - len(spans))


def gather(text: str, spans: Sequence[Span], scores: Sequence[float]) -> tuple[Token, ...]:
    """Tokens that a reader can see: pieces of one word, and what stands on the same characters, become one.

    Chinese characters and punctuation stay on their own; scores of what becomes one are added.
    """
    parts: list[tuple[int, int, float]] = []
    for (start, end), score in sorted(zip(spans, scores, strict=True)):
        first, last = _trim(text, start, end)
        if first == last:
            continue
        if parts and (first < parts[-1][1] or (first == parts[-1][1] and _joined(text, first))):
            before = parts.pop()
            parts.append((before[0], max(last, before[1]), before[2] + score))
        else:
            parts.append((first, last, score))
    return tuple(Token(start=start, end=end, piece=text[start:end], score=score) for start, end, score in parts)


def summarise(checks: Sequence[Faithfulness]) -> Trust:
    """A method's faithfulness over texts, one check each; at least one."""
    gains = np.array([check.drop - check.random for check in checks])
    return Trust(
        texts=len(checks),
        share=share(float(np.mean([check.faithful for check in checks])), len(checks)),
        gain=_mean(gains),
    )


def most_faithful(trust: Mapping[str, Trust]) -> str | None:
    """The method with the largest gain, the first of equals; None when none is shown to be better than chance."""
    sound = [name for name, one in trust.items() if one.gain.low > 0]
    return max(sound, key=lambda name: trust[name].gain.value, default=None)


def _sizes(tokens: int) -> list[int]:
    """How many tokens are removed, each number once and never all of them.

    >>> _sizes(20), _sizes(3), _sizes(1)
    ([2, 4, 6, 10], [1, 2], [])
    """
    return sorted({math.ceil(share * tokens) for share in SHARES} & set(range(1, tokens)))


def _solid(text: str) -> int:
    """How many characters stand before the first blank."""
    return next((place for place, character in enumerate(text) if character.isspace()), len(text))


def _key(character: str) -> str:
    return unicodedata.normalize("NFKC", character).lower()


def _trim(text: str, start: int, end: int) -> Span:
    """The span without the blanks around it."""
    piece = text[start:end]
    first = start + len(piece) - len(piece.lstrip())
    return first, max(first, start + len(piece.rstrip()))


def _joined(text: str, place: int) -> bool:
    """Whether the characters on both sides of ``place`` belong to one word."""
    return bool(_SPELT.match(text[place - 1]) and _SPELT.match(text[place]))


def _mean(values: Floats) -> Interval:
    """A mean with its interval by Student's t; without a spread to see it reaches as far as a figure can."""
    value = float(values.mean())
    if len(values) == 1:
        return Interval(value=value, low=-1.0, high=1.0)
    half = float(quantile_of_t(len(values) - 1) * values.std(ddof=1) / math.sqrt(len(values)))
    return Interval(value=value, low=value - half, high=value + half)
