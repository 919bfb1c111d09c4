"""PDF as blocks: lines by their baselines, paragraphs by the gaps between them, headings by the size of letters."""

import ctypes
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, quantiles
from typing import Any

from argosy.core.errors import DataError
from argosy.data.documents.blocks import Block
from argosy.data.documents.packages import package
from argosy.data.documents.plain import unwrap
from argosy.data.documents.text import columns, line_blocks

_LARGER = 1.12  # times the size of the text, from which a short line is a heading
_HEADING = 120  # characters of a heading at most
_LEVELS = 6
_APART = 1.35  # times the usual distance of lines, which parts paragraphs
_MARGIN = 0.1  # of a page's height, in which running titles and page numbers stand
_REPEATED = 0.5  # of the pages
_RUNNING = 40  # characters of a line with a page number
_FEWEST = 3  # pages, below which nothing is taken to be repeated
_FIGURES = re.compile(r"\d+")
_ENDS = (".", "!", "?", "。", "！", "？", "；", ":", "：")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line of a page (from 1), the size of its letters and the height of its baseline, in points.

    ``margin``: it stands at the top or the bottom of the page.
    """

    text: str
    page: int
    size: float
    height: float
    margin: bool


def pdf_blocks(raw: bytes, name: str) -> tuple[str, list[Block]]:
    """The title that the file tells (empty: none) and its blocks.

    Raises DataError for a file that needs a password, that is none, or that holds pictures of text alone.
    """
    pdfium = package("pypdfium2")
    try:
        document = pdfium.PdfDocument(raw)
    except pdfium.PdfiumError as error:
        raise _unreadable(error, name) from error
    try:
        title = document.get_metadata_value("Title").strip()
        pages = [_lines(document, number) for number in range(len(document))]
    except pdfium.PdfiumError as error:
        raise _unreadable(error, name) from error
    finally:
        document.close()
    if not any(pages):
        raise DataError(
            "None of the {count} pages holds text: they are pictures of it.",
            where=name,
            mend="Let a program recognise the characters (OCR) and save the result as PDF with text.",
            count=len(pages),
        )
    return title, list(_blocks(_without_repeated(pages)))


def _unreadable(error: Exception, name: str) -> DataError:
    if "password" in str(error).lower():
        return DataError(
            "The file is protected by a password.", where=name, mend="Save a copy of it without the password."
        )
    return DataError(
        "This is no PDF file that can be read: {reason}.",
        where=name,
        mend="Copy or download it again.",
        reason=str(error).rstrip("."),
    )


def _lines(document: Any, number: int) -> list[_Line]:
    """The lines of a page in the order of the file."""
    page = document[number]
    text, tall = page.get_textpage(), page.get_height()
    try:
        found: list[_Line] = []
        at = 0
        for line in text.get_text_range().split("\n"):
            words = line.strip()
            if any(character.isalnum() for character in words):
                size, height = _measured(text.raw, at + line.index(words[0]))
                margin = not _MARGIN * tall <= height <= (1 - _MARGIN) * tall
                found.append(_Line(text=words, page=number + 1, size=size, height=height, margin=margin))
            at += len(line) + 1
        return found
    finally:
        text.close()
        page.close()


def _measured(text: Any, at: int) -> tuple[float, float]:
    """The size of the letter at this place of the page's text, and the height of its baseline."""
    raw = package("pypdfium2.raw")
    index = max(0, raw.FPDFText_GetCharIndexFromTextIndex(text, at))
    x, y, matrix = ctypes.c_double(), ctypes.c_double(), raw.FS_MATRIX()
    raw.FPDFText_GetCharOrigin(text, index, x, y)
    raw.FPDFText_GetMatrix(text, index, matrix)
    scale = (matrix.c**2 + matrix.d**2) ** 0.5 or 1.0
    return round(raw.FPDFText_GetFontSize(text, index) * scale, 1), y.value


def _without_repeated(pages: Sequence[Sequence[_Line]]) -> Iterator[_Line]:
    """The lines without running titles and page numbers: those in a margin that most pages have at the same height.

    Nothing that ends as a sentence does is one of them.
    """
    shares = Counter(key for page in pages for key in {_key(line) for line in page if line.margin})
    least = _REPEATED * len(pages) if len(pages) >= _FEWEST else len(pages) + 1
    for line in (line for page in pages for line in page):
        if not line.margin or line.text[-1] in _ENDS or shares[_key(line)] < least:
            yield line


def _key(line: _Line) -> tuple[str, int]:
    """What tells a running line from others: a short one, which may hold a page's number, has no figures of its own."""
    return _FIGURES.sub("0", line.text) if len(line.text) <= _RUNNING else line.text, round(line.height)


def _blocks(lines: Iterable[_Line]) -> Iterator[Block]:
    """Headings, and the paragraphs of the lines between them."""
    found = list(lines)
    letters: Counter[float] = Counter()
    for line in found:
        letters[line.size] += len(line.text)
    usual = letters.most_common(1)[0][0] if letters else 0.0
    larger = sorted((size for size in letters if size > _LARGER * usual), reverse=True)
    levels = {size: min(at, _LEVELS) for at, size in enumerate(larger, start=1)}
    steps = [one.height - two.height for one, two in pairwise(found) if one.size == two.size == usual]
    step = median([step for step in steps if step > 0] or [1.2 * usual])
    width = int(quantiles([0, *(columns(line.text) for line in found)], n=10)[-1])
    for part in _parts(found, step):
        text = unwrap(line.text for line in part)
        if part[0].size in levels and len(text) <= _HEADING:
            yield Block(text=text, kind="heading", level=levels[part[0].size], page=part[0].page)
        else:
            yield from line_blocks([line.text for line in part], width, part[0].page)


def _parts(lines: Sequence[_Line], step: float) -> Iterator[list[_Line]]:
    """Lines that stand together; a paragraph that a page's end breaks is one."""
    part: list[_Line] = []
    for line in lines:
        if part and not _together(part[-1], line, step):
            yield part
            part = []
        part.append(line)
    if part:
        yield part


def _together(line: _Line, after: _Line, step: float) -> bool:
    if abs(line.size - after.size) > 0.1 * line.size:
        return False
    if line.page != after.page or after.height > line.height:  # the next page, or the next column
        return not line.text.endswith(_ENDS) and not after.text[0].isupper()
    return line.height - after.height <= _APART * step
