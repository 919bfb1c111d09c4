"""Word documents (DOCX) as blocks: headings, paragraphs, items and tables in their order."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from argosy.core.errors import DataError
from argosy.data.documents.blocks import Block, Kind, table_blocks
from argosy.data.documents.packages import package

_HEADING = re.compile(r"(?:heading|标题|標題)\s*(\d)", re.IGNORECASE)
_UNPACKED = 2**28  # bytes of text in a file, above which it is an attack
_AGAIN = "Open it in the program it came from, and save it again as DOCX without a password."


def word_blocks(raw: bytes, name: str) -> tuple[str, list[Block]]:
    """The title that the file tells (empty: none), and the blocks; raises DataError for what is no such file."""
    docx = package("docx")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            size = sum(entry.file_size for entry in packed.infolist() if entry.filename.endswith(".xml"))
        if size > _UNPACKED:
            raise DataError(
                "The file unpacks to {size} MB of text.", where=name, mend="Save it in parts.", size=size // 2**20
            )
        document = docx.Document(io.BytesIO(raw))
        return (document.core_properties.title or "").strip(), list(_blocks(document))
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError, package("docx.opc.exceptions").OpcError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(
            "This is no DOCX file that can be read: {reason}.", where=name, mend=_AGAIN, reason=reason
        ) from error


def _blocks(document: Any) -> Iterator[Block]:
    for part in document.iter_inner_content():
        if hasattr(part, "rows"):
            yield from table_blocks([_cells(row) for row in part.rows])
            continue
        kind, level = _kind(part)
        yield Block(text=_shown(part), kind=kind, level=level)


def _kind(paragraph: Any) -> tuple[Kind, int]:
    style = (paragraph.style.name if paragraph.style is not None else "") or ""
    if style.lower() == "title":
        return "heading", 1
    if found := _HEADING.match(style):
        return "heading", int(found[1])
    listed = paragraph._p.pPr is not None and paragraph._p.pPr.numPr is not None  # noqa: SLF001 - not in its surface
    return ("item" if listed or style.lower().startswith("list") else "text"), 0


def _shown(paragraph: Any) -> str:
    """The text of a paragraph without that which is marked as hidden."""
    runs = (run for part in paragraph.iter_inner_content() for run in getattr(part, "runs", [part]))
    return "".join(run.text for run in runs if not run.font.hidden)


def _cells(row: Any) -> list[str]:
    """The texts of a row's cells, one for cells that are merged."""
    cells = list(row.cells)
    own = [cell for at, cell in enumerate(cells) if not at or cell._tc is not cells[at - 1]._tc]  # noqa: SLF001
    return [" ".join(" ".join(_shown(one) for one in cell.paragraphs).split()) for cell in own]
