"""The tree of a page, in HTML or in what trafilatura makes of it, as blocks, however deep it is."""

import re
from collections.abc import Iterator
from typing import Any

from argosy.data.documents.blocks import Block, Kind, table_blocks
from argosy.data.documents.packages import package

_WITHIN_LINES = (
    "a abbr b bdi bdo big cite code data del dfn em font graphic hi i ins kbd label mark q ref rp rt ruby s samp small "
    "span strike strong sub sup time tt u var wbr"
)
_INLINE = frozenset(_WITHIN_LINES.split())
_BREAKS, _LISTS, _ITEMS = ("br", "lb"), ("ol", "ul", "list"), ("li", "item", "dd")
_PARTS = ("p", "ul", "ol", "list", "table", "h1", "h2", "h3", "h4", "h5", "h6", "head")
_HEADING = re.compile(r"h([1-6])")
_UNKNOWN = 3  # the level of a heading that tells none
_SPACE = re.compile(r"\s+")


def tree_blocks(root: Any) -> Iterator[Block]:
    """The blocks below an element of lxml."""
    reading = _Reading()
    walk = package("lxml.etree").iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if not isinstance(element.tag, str):
            continue
        if event == "end":
            yield from reading.close(element, last=element is root)
        elif element.tag == "table" and (rows := _rows(element)):
            yield from reading.open(element)
            yield from table_blocks(rows)
            walk.skip_subtree()
        else:
            yield from reading.open(element)
            reading.add(element.text, kept="pre" in (element.tag, getattr(element.getparent(), "tag", "")))


class _Reading:
    """The text since the last block, and what the elements around it make of it."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._kinds: list[tuple[Kind, int]] = [("text", 0)]
        self._numbers: list[int] = []  # of the next item of each list around, 0 where items have none

    def add(self, text: str | None, *, kept: bool = False) -> None:
        """Put text at the end; its own lines are ``kept`` or one."""
        told = text or ""
        self._parts.append(told if kept else _SPACE.sub(" ", told))

    def open(self, element: Any) -> Iterator[Block]:
        """The block that ends where this element begins, if it is no part of a line."""
        tag = element.tag
        if tag in _BREAKS:
            self._parts.append("\n")
        if tag in _INLINE or tag in _BREAKS:
            return
        yield from self._flush()
        self._kinds.append(self._kind(element))
        if tag in _LISTS:
            self._numbers.append(int("ol" in (tag, element.get("rend"))))
        elif tag in _ITEMS and self._numbers and self._numbers[-1]:
            self._parts.append(f"{self._numbers[-1]}. ")
            self._numbers[-1] += 1

    def close(self, element: Any, *, last: bool) -> Iterator[Block]:
        """The block that ends with this element; what follows the ``last`` one is no part of the tree."""
        if element.tag not in _INLINE and element.tag not in _BREAKS:
            yield from self._flush()
            self._kinds.pop()
            if element.tag in _LISTS:
                self._numbers.pop()
        if not last:
            self.add(element.tail)

    def _flush(self) -> Iterator[Block]:
        text = "\n".join(line.strip() for line in "".join(self._parts).strip().split("\n"))
        self._parts.clear()
        kind, level = self._kinds[-1]
        if text:
            yield Block(text=" ".join(text.split()) if kind == "heading" else text, kind=kind, level=level)

    def _kind(self, element: Any) -> tuple[Kind, int]:
        """What text in this element is; paragraphs in an item are parts of the item."""
        tag = element.tag
        if tag in ("head", "summary") or _HEADING.fullmatch(tag):
            level = _HEADING.fullmatch(tag) or _HEADING.fullmatch(element.get("rend") or "")
            return "heading", int(level[1]) if level else _UNKNOWN
        if tag == "dt" or (element.get("rend") or "").startswith("dt"):
            return "text", 0  # a term, which may be a question
        if tag in _ITEMS:
            return "item", 0
        return self._kinds[-1] if self._kinds[-1][0] == "item" else ("text", 0)


def _rows(table: Any) -> list[list[str]]:
    """The cells of a table of data; none for one that only lays out what is more than cells."""
    if any(len(list(cell.iter(*_PARTS))) > 1 for cell in table.iter("td", "th", "cell")):
        return []
    return [
        [
            " ".join(" ".join(block.text for block in tree_blocks(cell)).split())
            for cell in row.iterchildren("td", "th", "cell")
        ]
        for row in table.iter("tr", "row")
    ]
