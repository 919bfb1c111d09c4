"""Plain text as blocks: what stands between blank lines, with lines that were broken for their width joined."""

import re
from collections.abc import Iterator

from argosy.data.documents.blocks import Block
from argosy.data.documents.plain import unwrap

_BLANK = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_OWN = re.compile(
    r"[ \t]*(?:[-*•·●▪◦–]\s|\(?\d{1,3}[.)、．]|（\d{1,3}）|[①-⑳]|[一二三四五六七八九十]{1,3}、|"
    r"(?:Q|A|问|答|Question|Answer|问题|答案)\s*\d{0,3}\s*[:：])",
    re.IGNORECASE,
)
_TITLE = re.compile(
    r"\s*(?:[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十\d]{1,4}[章节条部]\s*)?"
    r"(?!(?:[QA]|问|答)[:：])[^\W\d_][^\n]{0,38}[^\s.!?:;,。！？：；，、…~～]\s*"
)
_BULLET = re.compile(r"[ \t]*[-*•·●▪◦–]\s+")
_WIDE = 55  # columns of the longest line, from which lines are taken to be broken for their width
_FULL = 0.7  # of that width: a line this long goes on in the next
_ENDS = (".", "!", "?", ":", "。", "！", "？", "：", "；", ";")


def text_blocks(text: str) -> Iterator[Block]:
    """The blocks of a text; a short line that stands alone over others is a heading, the first over all of them."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    parts = [lines for part in _BLANK.split(plain) if (lines := [line for line in part.split("\n") if line.strip()])]
    titles = {at for at, lines in enumerate(parts[:-1]) if len(lines) == 1 and _TITLE.fullmatch(lines[0])}
    over = {0, 1} <= titles
    for at, lines in enumerate(parts):
        if at in titles:
            yield Block(text=lines[0], kind="heading", level=1 if over and not at else 2)
            continue
        width = max(map(columns, lines))
        yield from line_blocks(lines, width if width >= _WIDE else 0)


def line_blocks(lines: list[str], width: int, page: int = 0) -> Iterator[Block]:
    """The paragraphs and items of lines that were broken at about ``width`` columns; 0: no line goes on in the next."""
    kept: list[str] = []
    for line in lines:
        if kept and not _goes_on(kept[-1], line, width):
            yield _block(kept, page)
            kept = []
        kept.append(line)
    if kept:
        yield _block(kept, page)


def columns(line: str) -> int:
    """The width of a line, a Chinese character twice that of a Latin one."""
    return len(line) + sum(character > "\u2e7f" for character in line)


def _goes_on(line: str, after: str, width: int) -> bool:
    """Whether the paragraph of a line goes on in the one after it."""
    if not width or _OWN.match(after):
        return False
    return columns(line) >= _FULL * width or (not line.rstrip().endswith(_ENDS) and after.lstrip()[:1].islower())


def _block(lines: list[str], page: int) -> Block:
    bullet = _BULLET.match(lines[0])
    text = unwrap([lines[0][bullet.end() :] if bullet else lines[0], *lines[1:]])
    return Block(text=text, kind="item" if bullet or _OWN.match(lines[0]) else "text", page=page)
