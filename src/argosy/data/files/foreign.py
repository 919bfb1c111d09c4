"""Files whose name promises another form than their first bytes hold: a workbook called .csv, a page of the web."""

import re

from argosy.core.errors import ArgosyError, DataError

_ZIP, _OLE, _PARQUET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1"
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x28\xb5\x2f\xfd")
_SHOWN = (b"%PDF-", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|table|meta|\?xml)\b", re.IGNORECASE)
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*)?\{\s*\"")
_POINTER = b"version https://git-lfs.github.com/spec/"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_TEXT = (".csv", ".tsv", ".jsonl", ".ndjson", ".txt", ".md")
HEAD = 2**16  # bytes that are looked at


def refuse_foreign(head: bytes, suffix: str, where: str) -> None:
    """Raise DataError when the first bytes of a file are those of another form than its name ends in."""
    if error := _foreign(head, suffix, where):
        raise error


def _foreign(head: bytes, suffix: str, where: str) -> ArgosyError | None:
    if head.startswith(_OLE):
        return _of_office(head, where)
    if head.startswith(_POINTER):
        return DataError(
            "This is a pointer of Git LFS, not the file it stands for.",
            where=where,
            mend="Fetch the file itself: git lfs pull",
        )
    if head.startswith(_PACKED) or (head.startswith(_ZIP) and suffix in _TEXT and not _is_workbook(head)):
        return DataError("The file is packed.", where=where, mend="Unpack it, and name the file that was inside.")
    if head.startswith(_SHOWN) or _PAGE.match(head):
        return DataError(
            "This is a page or a picture to look at (HTML, XML, PDF, RTF or an image), not a table.",
            where=where,
            mend="Open it in the program it came from, and save the table as CSV in UTF-8 or as XLSX.",
        )
    if suffix in (".csv", ".tsv") and _JSON.match(head):
        return _misnamed(".jsonl", suffix, where)
    found = ".xlsx" if head.startswith(_ZIP) else ".parquet" if head.startswith(_PARQUET) else "text"
    fits = found == suffix or (found == "text" and suffix in _TEXT)
    return None if fits else _misnamed(found, suffix, where)


def _is_workbook(head: bytes) -> bool:
    return b"xl/" in head or b"[Content_Types].xml" in head


def _of_office(head: bytes, where: str) -> ArgosyError:
    if _ENCRYPTED in head:
        return DataError(
            "The workbook is protected by a password.",
            where=where,
            mend="Open it, save a copy without the password as XLSX, and name the copy.",
        )
    return DataError(
        "This is a workbook of the old kind (.xls).",
        where=where,
        mend="Open it, and save it as XLSX or as CSV in UTF-8.",
    )


def _misnamed(found: str, suffix: str, where: str) -> ArgosyError:
    if found == "text":
        return DataError(
            "The name ends in {suffix!r}, but the file is text or damaged: it does not begin as such a file does.",
            where=where,
            mend="If it opens in a text editor, rename it to .csv or .jsonl; if not, copy or download it again.",
            suffix=suffix,
        )
    return DataError(
        "The name ends in {suffix!r}, but the file is of the kind {found!r}.",
        where=where,
        mend="Rename it so that it ends in {found!r}.",
        suffix=suffix,
        found=found,
    )
