"""Plain text as documents: the blocks between blank lines, so that a poem, a letter or a paragraph is one of them.

A block longer than a reader's page is cut where a line ends, or a sentence, or where it must be.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from argosy.core.errors import DataError, MachineError
from argosy.data.files.decode import decode
from argosy.data.files.foreign import HEAD, refuse_foreign
from argosy.data.files.read import Chunk, read_chunks

PLAIN = (".txt", ".md")
TEXT, FILE = "text", "file"  # the columns that a file of plain text has
LONGEST = 10_000  # characters of a document
_ROWS = 4_096  # of a chunk
_BLANK = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_ENDS = ("\n", "。", "！", "？", ". ", "! ", "? ", "，", " ")  # where to cut, best first


def read_documents(path: Path, name: str, wanted: Sequence[str]) -> Iterator[Chunk]:
    """The rows of a table, or the documents of a file of plain text; ``name`` is what messages call it.

    Plain text has the columns ``text`` and ``file``; its rows are its documents, from 1. Raises DataError, or several.
    """
    if path.suffix.lower() not in PLAIN:
        yield from read_chunks(path, name, wanted)
        return
    if unknown := [column for column in wanted if column not in (TEXT, FILE)]:
        raise DataError(
            "A file of plain text has the columns text and file, and no column {column!r}.",
            where=name,
            mend="Take that line out of [data], or give the texts as CSV or JSONL.",
            column=unknown[0],
        )
    found = blocks(_text(path, name))
    if not found:
        raise DataError("The file is empty.", where=name, mend="Put some text into it.")
    for start in range(0, len(found), _ROWS):
        texts = found[start : start + _ROWS]
        cells = {TEXT: texts, FILE: [name] * len(texts)}
        yield Chunk(file=name, start=start + 1, cells={column: cells[column] for column in wanted})


def blocks(text: str) -> list[str]:
    r"""The documents of a text.

    >>> blocks("床前明月光，\n疑是地上霜。\n\n \nRoses are red.\n")
    ['床前明月光，\n疑是地上霜。', 'Roses are red.']
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    parts = (part.strip("\n") for part in _BLANK.split(plain))
    return [piece for part in parts if part.strip() for piece in _pieces(part)]


def _pieces(block: str) -> Iterator[str]:
    """The block in parts of at most ``LONGEST`` characters."""
    while len(block) > LONGEST:
        cut = _cut(block)
        yield block[:cut].strip("\n")
        block = block[cut:].strip("\n")
    if block.strip():
        yield block


def _cut(block: str) -> int:
    """Where the first part ends: at the last good place in its second half."""
    for end in _ENDS:
        found = block.rfind(end, LONGEST // 2, LONGEST)
        if found >= 0:
            return found + len(end)
    return LONGEST


def _text(path: Path, name: str) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise MachineError("The file cannot be read: {reason}.", where=name, reason=reason) from error
    refuse_foreign(raw[:HEAD], path.suffix.lower(), name)
    return decode(raw, name, quoted=False)
