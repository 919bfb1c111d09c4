"""Documents as entries: each piece may be quoted alone."""

import re
from collections.abc import Iterator

from argosy.core.knowledge import Document, Entry, Piece, digest_of

_HAN = re.compile("[\u3400-\u9fff]")
_NUMBERED = re.compile(r"page \d+|row \d+|第 \d+ [页行]")  # tells a place, and nothing of what stands there
_PATH = " › "


def entries_of_document(document: Document, language: str = "") -> list[Entry]:
    """The pieces of a document as entries; ``language`` unless each is to be told by its characters.

    An id hangs on the document's name and the piece's words alone, so that a change above it leaves it as it is.
    """
    found: dict[str, Entry] = {}
    for piece in document.pieces:
        text = document.text[piece.start : piece.end]
        keys = tuple(_keys(document, piece))
        said, count = (document.name, *keys, text), 0
        while (name := f"piece-{digest_of(chr(0).join((*said, str(count))))[:32]}") in found:  # said twice
            count += 1
        found[name] = Entry(
            id=name,
            kind="piece",
            text=text,
            keys=keys,
            document=document.name,
            title=document.title,
            where=piece.where,
            start=piece.start,
            end=piece.end,
            language=language or ("zh" if _HAN.search(text) else "en"),
            at=document.at,
        )
    return list(found.values())


def _keys(document: Document, piece: Piece) -> Iterator[str]:
    """The question that a piece answers, else the headings that it stands under."""
    if piece.question:
        yield piece.question
        return
    headings = [part for part in piece.where.split(_PATH) if not _NUMBERED.fullmatch(part)]
    if key := " ".join(filter(None, dict.fromkeys((document.title, *headings)))):
        yield key
