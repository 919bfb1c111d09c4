"""From blocks to a document: one text, and the pieces of it that can be quoted alone.

A piece has about 40 to 120 words (80 to 250 Chinese characters). It ends where a heading, a question, a paragraph or an
item does; only a longer paragraph is cut, between sentences. A sentence beyond twice that length is cut at its commas.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from argosy.core.knowledge import Piece
from argosy.data.documents.blocks import Block, asks, told_apart
from argosy.data.documents.plain import is_chinese, plain
from argosy.data.documents.sentences import sentences

_LEAST, _MOST = 40.0, 120.0  # words; two Chinese characters weigh as one
_UNIT = re.compile("(?P<han>[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])|[^\\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_LETTERS = 12  # of a word: longer runs weigh as several
_CLAUSE = ("，", "、", "；", ", ", "; ", " ")  # where a sentence too long is cut, best first
_COLONS = (":", "：")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """A block at its place in the text, with the headings above it and the question that it answers."""

    start: int
    end: int
    block: Block
    path: tuple[str, ...]
    question: str
    group: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """A sentence that is not cut; ``most`` is how heavy the piece that it is part of may be."""

    start: int
    end: int
    weight: float
    opens: bool
    most: float
    span: _Span


def assemble(blocks: Iterable[Block]) -> tuple[str, tuple[Piece, ...]]:
    """The text of a document out of its blocks, and its pieces in order; none of them overlap."""
    parts = [block for block in blocks if block.text]
    text, spans = _laid_out(told_apart(_plained(parts)))
    chinese = is_chinese(text)
    found: list[Piece] = []
    for _, run in groupby(spans, key=lambda span: span.group):
        for first, end in _cut(text, list(run)):
            found.append(
                Piece(
                    start=first.start,
                    end=end,
                    where=_where(first.span, chinese=chinese),
                    question=first.span.question,
                )
            )
    return text, tuple(found)


def _plained(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        if text := plain(block.text):
            yield Block(text=text, kind=block.kind, level=block.level, page=block.page, row=block.row)


def _laid_out(blocks: Sequence[Block]) -> tuple[str, list[_Span]]:
    """The blocks one below the other, and where those that can be quoted stand."""
    parts: list[str] = []
    spans: list[_Span] = []
    headings: list[tuple[int, str]] = []
    question, group, at = "", 0, 0
    for block in blocks:
        gap = ("\n" if block.kind == "item" else "\n\n") if parts else ""
        parts += [gap, block.text]
        at += len(gap)
        if block.kind == "heading":
            headings = [*((level, name) for level, name in headings if level < block.level), (block.level, block.text)]
            question = block.text if asks(block.text) else ""
            group += 1
        elif block.kind == "question":
            question, group = block.text, group + 1
        else:
            path = tuple(name for _, name in headings)
            end = at + len(block.text)
            spans.append(_Span(start=at, end=end, block=block, path=path, question=question, group=group))
        at += len(block.text)
    return "".join(parts), spans


def _cut(text: str, run: Sequence[_Span]) -> Iterator[tuple[_Unit, int]]:
    """The first unit and the end of each piece of blocks that stand together."""
    piece: list[_Unit] = []
    weight = 0.0
    for unit in (unit for span in run for unit in _units(text, span)):
        full = weight + unit.weight > max(unit.most, piece[-1].most if piece else 0.0)
        ripe = unit.opens and weight >= _LEAST and not text.endswith(_COLONS, 0, piece[-1].end)
        if piece and (full or ripe):
            yield piece[0], piece[-1].end
            piece, weight = [], 0.0
        piece.append(unit)
        weight += unit.weight
    if piece:
        yield piece[0], piece[-1].end


def _units(text: str, span: _Span) -> Iterator[_Unit]:
    """The sentences of a block; one block too long for a piece is cut into parts of about equal weight."""
    parts = [
        (span.start + start + begin, span.start + start + end)
        for start, stop in sentences(text[span.start : span.end])
        for begin, end in _clauses(text[span.start + start : span.start + stop])
    ]
    weights = [_weight(text[start:end]) for start, end in parts]
    total = sum(weights)
    most = _MOST if total <= _MOST else total / math.ceil(total / _MOST) + max(weights) / 2
    for at, ((start, end), weight) in enumerate(zip(parts, weights, strict=True)):
        yield _Unit(start=start, end=end, weight=weight, opens=at == 0, most=min(most, _MOST), span=span)


def _clauses(sentence: str) -> Iterator[tuple[int, int]]:
    """The sentence whole, or in parts where it is far too long to be one."""
    start, weight = 0, _weight(sentence)
    size = math.ceil(len(sentence) * _MOST / weight) if weight > 2 * _MOST else len(sentence)  # characters
    while len(sentence) - start > size:
        window = sentence[start : start + size]
        cut = next((at + len(mark) for mark in _CLAUSE if (at := window.rfind(mark, size // 2)) >= 0), size)
        if part := window[:cut].strip():
            begin = start + len(window[:cut]) - len(window[:cut].lstrip())
            yield begin, begin + len(part)
        start += cut
    if rest := sentence[start:].strip():
        yield len(sentence) - len(rest), len(sentence)


def _weight(text: str) -> float:
    """How long a text is to a reader, in words."""
    found = _UNIT.finditer(text)
    return sum(0.5 if unit["han"] else max(1.0, (unit.end() - unit.start()) / _LETTERS) for unit in found)


def _where(span: _Span, *, chinese: bool) -> str:
    """The headings above the block, and its page or row, in the language of the document."""
    page, row = span.block.page, span.block.row
    place = f"第 {page} 页" if chinese else f"page {page}"
    line = f"第 {row} 行" if chinese else f"row {row}"
    return " › ".join([*span.path, *([place] if page else []), *([line] if row else [])])
