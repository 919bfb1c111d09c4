"""What every reader makes of a document: its blocks, in the order in which they are read."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from argosy.data.documents.faq import pair_of
from argosy.data.documents.plain import is_chinese

Kind = Literal["heading", "question", "text", "item"]
"""A question stands above the blocks that answer it; an item goes on from the line above."""

_ASKED = re.compile(r"(?:Q|Question|FAQ|问题|问|問題|問)\s*\d{0,3}\s*[:：.、)）]\s*(?=\S)", re.IGNORECASE)
_ANSWERED = re.compile(r"(?:A|Answer|答案|回答|答复|答)\s*\d{0,3}\s*[:：.、)）]\s*(?=\S)", re.IGNORECASE)
_BEGINS = re.compile(
    r"(?:how|what|when|where|who|why|which|can|could|do|does|is|are|may|will|should)\s+\S+\s+\S+.*|"
    r"(?:怎么|怎样|如何|为什么|为何|什么是|哪里|哪些|是否|能否|可否|多久|多少).{2,}",
    re.IGNORECASE,
)
_LONGEST_QUESTION = 200  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A heading, a question, a paragraph or an item; ``level`` of a heading, 1 the highest.

    ``page`` and ``row`` tell where it stands, from 1; 0: the form has none.
    """

    text: str
    kind: Kind = "text"
    level: int = 0
    page: int = 0
    row: int = 0


def told_apart(blocks: Iterable[Block]) -> list[Block]:
    """The blocks with their questions told: ``Q:`` and ``A:``, short paragraphs that ask, headings over nothing.

    A question that nothing answers, and a heading that has nothing under it, are text.
    """
    found = [part for block in blocks if block.text for part in _asked(block)]
    for at in range(len(found) - 1, -1, -1):
        block, after = found[at], found[at + 1] if at + 1 < len(found) else None
        if block.kind == "text" and _is_question(block.text) and _is_body(after):
            found[at] = replace(block, kind="question")
        elif _stands_alone(block, after):
            found[at] = replace(block, kind="text", level=0)
    return found


def asks(heading: str) -> bool:
    """Whether a heading is a question."""
    text = heading.strip()
    return len(text) <= _LONGEST_QUESTION and (text.endswith(("?", "？")) or bool(_BEGINS.fullmatch(text)))


def table_blocks(rows: Sequence[Sequence[str]], *, page: int = 0) -> Iterator[Block]:
    """A table's rows, each to be read alone: questions with answers, or each cell behind its column's name."""
    filled = [list(row) for row in rows if any(row)]
    if len(filled) < 2:  # noqa: PLR2004 - a header and a row
        yield from (Block(text=" ".join(filter(None, row)), page=page) for row in filled)
        return
    names = filled[0]
    if pair := pair_of(names):
        for row in filled[1:]:
            cells = dict(zip(names, row, strict=False))
            yield Block(text=cells.get(pair[0], ""), kind="question", page=page)
            yield Block(text=cells.get(pair[1], ""), page=page)
        return
    colon, stop = ("：", "；") if is_chinese(" ".join(names)) else (": ", "; ")
    for row in filled[1:]:
        told = [f"{name}{colon}{cell}" if name else cell for name, cell in _named(names, row) if cell]
        yield Block(text=stop.join(told), kind="item", page=page)


def _named(names: Sequence[str], row: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield from ((names[at] if at < len(names) else "", cell) for at, cell in enumerate(row))


def _asked(block: Block) -> Iterator[Block]:
    """The block, or the questions and answers that its lines are."""
    if block.kind not in ("text", "item"):
        yield block
        return
    kept: list[str] = []
    kind = block.kind
    for line in block.text.split("\n"):
        asked, answered = _ASKED.match(line), _ANSWERED.match(line)
        if (asked or answered) and kept:
            yield replace(block, text="\n".join(kept), kind=kind)
            kept = []
        if asked:
            yield replace(block, text=line[asked.end() :], kind="question")
            kind = "text"
        else:
            kept.append(line[answered.end() :] if answered else line)
    if kept:
        yield replace(block, text="\n".join(kept), kind=kind)


def _is_question(text: str) -> bool:
    return text.endswith(("?", "？")) and len(text) <= _LONGEST_QUESTION and "\n" not in text


def _stands_alone(block: Block, after: Block | None) -> bool:
    """Whether a question has no answer, or a heading nothing under it."""
    if block.kind == "question":
        return not _is_body(after)
    return block.kind == "heading" and (after is None or (after.kind == "heading" and after.level <= block.level))


def _is_body(block: Block | None) -> bool:
    return block is not None and block.kind in ("text", "item")
