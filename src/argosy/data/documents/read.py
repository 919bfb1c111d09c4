"""From a file to a document: its form by the end of its name, its text and its pieces."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from argosy.core.errors import DataError, MachineError
from argosy.core.knowledge import Document
from argosy.data.documents.blocks import Block
from argosy.data.documents.markdown import markdown_blocks
from argosy.data.documents.pdf import pdf_blocks
from argosy.data.documents.pieces import assemble
from argosy.data.documents.plain import plain
from argosy.data.documents.questions import question_blocks
from argosy.data.documents.text import text_blocks
from argosy.data.documents.web import decoded, page_blocks
from argosy.data.documents.word import word_blocks
from argosy.data.files.decode import decode
from argosy.data.files.foreign import HEAD, refuse_foreign

_MARKDOWN, _PAGES, _TEXT = (".md", ".markdown"), (".html", ".htm", ".xhtml"), (".txt",)
_TABLES = (".csv", ".tsv", ".xlsx")
SUFFIXES = (*_MARKDOWN, *_PAGES, *_TEXT, ".pdf", ".docx", *_TABLES)
"""The ends of the names of files that are read."""
_MAGIC = {".pdf": b"%PDF-", ".docx": b"PK\x03\x04"}
_BINARY = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf")
_START = 1024  # bytes, within which a PDF must begin
_TITLE = 200  # characters


def read_document(path: Path, name: str) -> Document:
    """The document in a file, which messages and citations call ``name``; equal bytes give an equal document.

    Raises DataError for a file that is empty, of another form than its name says, or without text that can be quoted.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise MachineError("The file cannot be read: {reason}.", where=name, reason=reason) from error
    _check(raw, path, name)
    title, blocks = _blocks(raw, path, name)
    text, pieces = assemble(blocks)
    if not pieces:
        raise DataError(
            "The file holds no text that could be quoted.", where=name, mend="Put some text into it, or remove it."
        )
    return Document(
        name=name,
        title=(plain(title).replace("\n", " ") or _first_heading(blocks) or path.stem)[:_TITLE],
        text=text,
        digest=hashlib.sha256(raw).hexdigest(),
        pieces=pieces,
    )


def _blocks(raw: bytes, path: Path, name: str) -> tuple[str, Sequence[Block]]:
    suffix = path.suffix.lower()
    if suffix in _TABLES:
        return "", list(question_blocks(path, name))
    if suffix == ".pdf":
        return pdf_blocks(raw, name)
    if suffix == ".docx":
        return word_blocks(raw, name)
    if suffix in _PAGES:
        return page_blocks(decoded(raw, name))
    text = decode(raw, name, quoted=False).removeprefix("\ufeff")
    return markdown_blocks(text) if suffix in _MARKDOWN else ("", list(text_blocks(text)))


def _check(raw: bytes, path: Path, name: str) -> None:
    """Raise DataError where the bytes are not what the name promises."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise DataError(
            "Files ending in {suffix!r} cannot be read as documents; these can: {formats}.",
            where=name,
            mend="Save it in one of these forms.",
            suffix=path.suffix,
            formats=", ".join(SUFFIXES),
        )
    if not raw.strip(b"\r\n\t \xef\xbb\xbf"):
        raise DataError("The file is empty.", where=name, mend="Put some text into it, or remove it.")
    magic = _MAGIC.get(suffix)
    if magic and magic not in raw[:_START]:
        raise _otherwise(suffix, name)
    if suffix in _TABLES or suffix in _TEXT:
        refuse_foreign(raw[:HEAD], suffix, name)
    elif magic is None and raw.startswith(_BINARY):
        raise _otherwise(suffix, name)


def _otherwise(suffix: str, name: str) -> DataError:
    return DataError(
        "The name ends in {suffix!r}, but the file does not begin as such a file does.",
        where=name,
        mend="Rename it to what it is, or copy it again.",
        suffix=suffix,
    )


def _first_heading(blocks: Sequence[Block]) -> str:
    return next((plain(block.text) for block in blocks if block.kind == "heading"), "").replace("\n", " ")
