"""What was changed between two texts that are alike: whether one is edited, or the frame of another message's facts."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from rapidfuzz.distance import Indel, Levenshtein, Opcode

_TOKEN = re.compile(
    r"\d+(?:[.,:/]\d+)*|[^\W\d_\u2e80-\U0003ffff]+(?:['\u2019][A-Za-z]+)?|(?=[^\W_])[\u2e80-\U0003ffff]"
)
_WIDE = "\u2e80"  # the character from which scripts are written without spaces
_SPELT = 0.6  # words that are alike to this are one, misspelt
_BEGUN = 3  # letters of a word that was cut
_SINGLE, _FEW = 0.08, 2  # of the characters of a Chinese text may be others one by one, and two in any
_REWORDED = 0.05  # of a text's letters may be other words
_ENDS = 0.12  # with those that stand at its ends
_EARNEST = 10  # letters in one place, a Chinese character being two
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


Run = tuple[int, int, int]
"""Tokens that are equal: where they begin in the one text and in the other, and how many they are."""


class Block(NamedTuple):
    """A stretch that differs: its tokens in the one text and in the other; ``inner`` where both go on at its sides."""

    one: list[str]
    other: list[str]
    inner: bool


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Two texts, the tokens of each (a word, a number, a Chinese character), what is equal and what differs, in order.

    ``compared`` are the texts, of which the longer one ends where a shorter one was cut; ``left`` is the share of it
    that is compared.
    """

    compared: tuple[str, str]
    left: float
    tokens: tuple[list[str], list[str]]
    runs: list[Run]
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
        codes = [code for code in _opcodes(*tokens) if code.tag == "equal"]
        runs = [(code.src_start, code.dest_start, code.src_end - code.src_start) for code in codes]
        return cls(
            compared=(" ".join(tokens[0]), " ".join(tokens[1])),
            left=left,
            tokens=(tokens[0], tokens[1]),
            runs=runs,
            blocks=list(_blocks(tokens[0], tokens[1], runs)),
        )

    @property
    def led(self) -> float:
        """How much more stands in front of one text, as a share of the longer one's letters."""
        for start, other_start, length in self.runs:
            if _earnest(self.tokens[0][start : start + length]):
                return self._more(slice(None, start), slice(None, other_start))
        return 1.0

    @property
    def trailed(self) -> float:
        """How much more stands behind one text."""
        for start, other_start, length in reversed(self.runs):
            if _earnest(self.tokens[0][start : start + length]):
                return self._more(slice(start + length, None), slice(other_start + length, None))
        return 1.0

    def other_facts(self) -> bool:
        """Whether a number, a name, a negation or more than a few words stand in the place of others."""
        told = self._told
        if any(block.inner and _negates(block.one) != _negates(block.other) for block in told):
            return True
        replaced = [block for block in told if block.one and block.other]
        if any(_is_fact(block.one, block.other) for block in replaced):
            return True
        characters = max(map(_size, self.tokens))
        single = [block for block in replaced if _is_single(block)]
        words = [block for block in replaced if not _is_single(block)]
        inner, every = (sum(_longer(block) for block in words if block.inner or ends) for ends in (False, True))
        if inner > _REWORDED * characters or every > _ENDS * characters:
            return True
        return sum(map(_longer, single)) > max(_FEW, _SINGLE * characters)

    @cached_property
    def _told(self) -> list[Block]:
        """The stretches, less what only moved and what is the same but for its spelling."""
        moved = self._only(0) & self._only(1)
        kept = [
            Block(
                [token for token in block.one if token.casefold() not in moved],
                [token for token in block.other if token.casefold() not in moved],
                block.inner,
            )
            for block in self.blocks
        ]
        return [_spelt(block) for block in kept]

    def _only(self, side: int) -> Counter[str]:
        return Counter(token.casefold() for block in self.blocks for token in (block.one, block.other)[side])

    def _more(self, part: slice, other_part: slice) -> float:
        sizes = _size(self.tokens[0][part]), _size(self.tokens[1][other_part])
        return abs(sizes[0] - sizes[1]) / max(map(_size, self.tokens))


def _longer(block: Block) -> int:
    return max(_size(block.one), _size(block.other))


def _is_single(block: Block) -> bool:
    """Whether a Chinese character stands in the place of one or two others, as typing errors leave it."""
    return min(len(block.one), len(block.other)) == 1 and min(block.one[0], block.other[0]) >= _WIDE


def _earnest(run: Sequence[str]) -> bool:
    """Whether so much is equal that both texts are in the same place, by more than a word that both happen to have."""
    return _size(run) + sum(token >= _WIDE for token in run) >= _EARNEST


def _size(tokens: Sequence[str]) -> int:
    return sum(map(len, tokens))


def _beginning(tokens: list[str], part: list[str]) -> list[str]:
    """The tokens up to where the part, a beginning of them with small edits, ends."""
    some = tokens[: len(part) + len(part) // 4 + 2]
    for last in _opcodes(part, some)[-1:]:
        if last.tag == "insert" and last.src_start == len(part):
            return some[: last.dest_start]
    return some[: len(part)]


def _opcodes(one: Sequence[str], other: Sequence[str]) -> list[Opcode]:
    return list(Levenshtein.opcodes([token.casefold() for token in one], [token.casefold() for token in other]))


def _blocks(one: list[str], other: list[str], runs: Sequence[Run]) -> Iterator[Block]:
    start, other_start = 0, 0  # of the stretch that differs just now
    for stop, other_stop, length in [*runs, (len(one), len(other), 0)]:
        if stop > start or other_stop > other_start:
            inner = (start > 0 or other_start > 0) and (stop < len(one) or other_stop < len(other))
            yield Block(one[start:stop], other[other_start:other_stop], inner)
        start, other_start = stop + length, other_stop + length


def _spelt(block: Block) -> Block:
    """The stretch without the words of one side that stand on the other, spelt or parted otherwise, or cut."""
    left, right = "".join(block.one).casefold(), "".join(block.other).casefold()
    if left == right:
        return Block([], [], block.inner)
    ones, others = list(block.one), list(block.other)
    for word in block.one:
        meant = next((one for one in others if _is_spelt(word.casefold(), one.casefold())), None)
        if meant is not None:
            ones.remove(word)
            others.remove(meant)
    if ones and others and _is_spelt("".join(ones).casefold(), "".join(others).casefold()):
        return Block([], [], block.inner)
    return Block(ones, others, block.inner)


def _is_spelt(one: str, other: str) -> bool:
    if one[0] >= _WIDE or other[0] >= _WIDE or any(character.isdecimal() for character in one + other):
        return False
    begun = min(len(one), len(other)) >= _BEGUN and (one.startswith(other) or other.startswith(one))
    return begun or Indel.normalized_similarity(one, other) >= _SPELT


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


def _negates(tokens: Sequence[str]) -> bool:
    words = [token.casefold() for token in tokens]
    return any(word in _NOT or word.endswith(("n't", "n\u2019t")) for word in words)
