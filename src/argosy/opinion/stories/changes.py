"""What was changed between two texts that are alike: whether one is edited, or the frame of another message's facts."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from rapidfuzz.distance import Indel, Levenshtein

_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_\u2e80-\uffff]+(?:['\u2019][a-z]+)?|[\u2e80-\uffff]")
_WIDE = "\u2e80"  # the character from which scripts are written without spaces
_SPELT = 0.6  # words that are alike to this are one, misspelt
_SINGLE = 0.04  # of the characters of a Chinese text may each be another one, and one in any
_REWORDED = 0.05  # of a text's letters may be other words
_NUMERALS = frozenset("一二三四五六七八九十百千万亿两零〇")
_NOT = frozenset(
    [*"不没未无非否假", "not", "no", "never", "none", "without", "cannot", "false", "fake", "denies", "denied"]
)
# fmt: off
_MORE = frozenset([
    *"涨升增买多高好胜赢盈进上", "up", "rise", "rises", "rose", "gain", "gains", "higher", "more", "above", "buy",
    "bought", "beat", "beats", "win", "wins", "won", "increase", "increased", "good", "best", "love", "raises",
    "raised",
])
_LESS = frozenset([
    *"跌降减卖空低坏负输亏出下", "down", "fall", "falls", "fell", "loss", "losses", "lower", "less", "below", "sell",
    "sold", "miss", "misses", "lose", "loses", "lost", "decrease", "decreased", "bad", "worst", "hate", "cuts", "cut",
])
# fmt: on


class Block(NamedTuple):
    """A stretch that differs: its tokens in the one text and in the other; ``inner`` where both go on at its sides."""

    one: list[str]
    other: list[str]
    inner: bool


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Two texts, the tokens of each (a word, a number, a Chinese character), and the stretches that differ.

    ``compared`` are the texts, of which the longer one ends where a shorter one was cut; ``left`` is the share of it
    that is compared.
    """

    compared: tuple[str, str]
    left: float
    tokens: tuple[list[str], list[str]]
    blocks: list[Block]

    @classmethod
    def between(cls, one: str, other: str, cut: tuple[bool, bool]) -> "Changes":
        """The changes between two texts, of which each may have been cut at its end."""
        tokens = [_TOKEN.findall(text) for text in (one, other)]
        left = 1.0
        lengths = [_size(each) for each in tokens]
        shorter = int(lengths[1] < lengths[0])
        if cut[shorter]:
            part = tokens[shorter] if tokens[shorter][-1] >= _WIDE else tokens[shorter][:-1]  # the last may be cut
            tokens[shorter] = part
            tokens[1 - shorter] = _beginning(tokens[1 - shorter], part)
            left = _size(part) / max(lengths[1 - shorter], 1)
        blocks = list(_blocks(*tokens))
        return cls(
            compared=(" ".join(tokens[0]), " ".join(tokens[1])), left=left, tokens=(tokens[0], tokens[1]), blocks=blocks
        )

    @property
    def led(self) -> float:
        """How much more stands in front of one text, as a share of the longer one's letters."""
        return self._more(self.blocks[:1], at_start=True)

    @property
    def trailed(self) -> float:
        """How much more stands behind one text."""
        return self._more(self.blocks[-1:], at_start=False)

    def other_facts(self) -> bool:
        """Whether a number, a name, a negation or more than a few words stand in the place of others."""
        replaced = self._replaced
        if any(_is_fact(block.one, block.other) for block in replaced):
            return True
        if any(block.inner and _negated(block) for block in self.blocks):
            return True
        characters = max(map(_size, self.tokens))
        single = [block for block in replaced if len(block.one) == len(block.other) == 1 and block.one[0] >= _WIDE]
        words = sum(max(_size(block.one), _size(block.other)) for block in replaced if block not in single)
        return len(single) > max(1, _SINGLE * characters) or words > _REWORDED * characters

    @cached_property
    def _replaced(self) -> list[Block]:
        """The stretches that stand in each other's place, less what only moved or is misspelt."""
        moved = self._only(0) & self._only(1)
        kept = [
            Block(*([token for token in side if token.casefold() not in moved] for side in block[:2]), block.inner)
            for block in self.blocks
        ]
        return [block for block in kept if block.one and block.other and not _spelt(block.one, block.other)]

    def _only(self, side: int) -> Counter[str]:
        return Counter(token.casefold() for block in self.blocks for token in block[side])

    def _more(self, blocks: Sequence[Block], *, at_start: bool) -> float:
        for block in blocks:
            bounds = [
                (side[: len(part)] if at_start else side[len(side) - len(part) :]) == part
                for side, part in zip(self.tokens, block[:2], strict=True)
            ]
            if not block.inner and all(bounds):
                return abs(_size(block.one) - _size(block.other)) / max(map(_size, self.tokens))
        return 0.0


def _size(tokens: Sequence[str]) -> int:
    return sum(map(len, tokens))


def _beginning(tokens: list[str], part: list[str]) -> list[str]:
    """The tokens up to where the part, a beginning of them with small edits, ends."""
    some = tokens[: len(part) + len(part) // 4 + 2]
    last = Levenshtein.opcodes([t.casefold() for t in part], [t.casefold() for t in some]).as_list()[-1:]
    for kind, start, stop, other_start, _ in last:
        if kind == "insert" and start == stop == len(part):
            return some[:other_start]
    return some[: len(part)]


def _blocks(one: list[str], other: list[str]) -> Iterator[Block]:
    ones, others = [token.casefold() for token in one], [token.casefold() for token in other]
    held: list[int] = []
    for kind, *bounds in [
        *Levenshtein.opcodes(ones, others).as_list(),
        ("equal", len(one), len(one), len(other), len(other)),
    ]:
        if kind != "equal":
            held = [held[0], bounds[1], held[2], bounds[3]] if held else list(bounds)
        elif held:
            start, stop, other_start, other_stop = held
            inner = (start > 0 or other_start > 0) and (stop < len(one) or other_stop < len(other))
            yield Block(one[start:stop], other[other_start:other_stop], inner)
            held = []


def _spelt(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether words are the same but for their spelling, or for where they are parted."""
    left, right = "".join(one).casefold(), "".join(other).casefold()
    if any(character.isdecimal() for character in left + right) or left[0] >= _WIDE or right[0] >= _WIDE:
        return left == right
    return Indel.normalized_similarity(left, right) >= _SPELT


def _is_fact(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether numbers, names, opposites or longer Chinese words stand in each other's place."""
    sides = (one, other)
    if all(any(token[0].isdecimal() or token in _NUMERALS for token in side) for side in sides):
        return True
    if all(any(token[0].isupper() and not token.isupper() for token in side) for side in sides):
        return True
    if all(sum(token >= _WIDE for token in side) > 1 for side in sides):
        return True
    words, others = ({token.casefold() for token in side} for side in sides)
    return bool((words & _MORE and others & _LESS) or (words & _LESS and others & _MORE))


def _negated(block: Block) -> bool:
    one, other = (
        any(token.casefold() in _NOT or token.casefold().endswith(("n't", "n\u2019t")) for token in side)
        for side in block[:2]
    )
    return one != other
