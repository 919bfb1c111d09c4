"""The lines of a file in whatever encoding, and where a record of CSV or a message of a mailbox ends."""

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass

from argosy.core.errors import DataError
from argosy.data.files.decode import encoding_of

_WIDE = {  # mark → encoding behind it; UTF-32 first: its mark begins with that of UTF-16
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_LONGEST_QUOTED = 1 << 20  # bytes behind which a quote is taken for one that nobody closed
_PRIVATE = re.compile("[\ue000-\uf8ff]")  # characters of no script, which GB18030 makes of other encodings


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """How bytes are read: ``wide`` is UTF-16 or UTF-32, empty for encodings in which a line's end is one byte.

    ``head`` are the first bytes of the file, by which an encoding other than UTF-8 is judged.
    """

    head: bytes
    wide: str = ""

    @property
    def newline(self) -> bytes:
        """The bytes of a line's end."""
        return "\n".encode(self.wide or "ascii")

    def text(self, raw: bytes) -> str | None:
        """The text of a record without a byte order mark; None for bytes that are no text."""
        found = _read(raw, self.wide or "utf-8")
        if found is None and not self.wide:
            with suppress(DataError):
                found = _read(raw, encoding_of(self.head + b"\n" + raw, "", quoted=False))
                found = None if found and _PRIVATE.search(found) else found
        if found is None or "\0" in found:
            return None
        return found.removeprefix("\ufeff")


def script_of(head: bytes) -> Script:
    """How a file is read that begins with these bytes."""
    for found, encoding in _WIDE.items():
        if head.startswith(found):
            return Script(head=head, wide=encoding)
    if b"\0" in head:
        with suppress(DataError):
            encoding = encoding_of(head[: len(head) // 4 * 4], "", quoted=False)
            return Script(head=head, wide=encoding if encoding in _WIDE.values() else "")
    return Script(head=head)


def ends_of_lines(raw: bytes, script: Script) -> list[int]:
    """Behind each line's end."""
    mark, ends, at = script.newline, list[int](), 0
    while (found := raw.find(mark, at)) >= 0:
        if found % len(mark):  # halves of two characters
            at = found + 1
            continue
        at = found + len(mark)
        ends.append(at)
    return ends


def ends_of_rows(raw: bytes, script: Script) -> list[int]:
    """Behind each line's end that no quotes enclose."""
    quote, ends, quotes, before = '"'.encode(script.wide or "ascii"), list[int](), 0, 0
    for end in ends_of_lines(raw, script):
        quotes += raw.count(quote, before, end)
        before = end
        if quotes % 2 == 0 or end - (ends[-1] if ends else 0) > _LONGEST_QUOTED:
            ends.append(end)
            quotes = 0
    return ends


def ends_of_messages(raw: bytes) -> list[int]:
    """Behind each message of an mbox: before each line ``From `` below an empty one."""
    ends, at = list[int](), 0
    while (found := raw.find(b"\nFrom ", at)) >= 0:
        at = found + 1
        if raw[max(0, found - 2) : found].replace(b"\r", b"\n").endswith(b"\n"):
            ends.append(at)
    return ends


def _read(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None
