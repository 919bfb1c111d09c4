"""Reads the header of a GGUF file: what it says of itself, without its weights."""

import mmap
import struct
from pathlib import Path
from typing import Any

from argosy.core.errors import DataError

MAGIC = b"GGUF"
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9


def read_header(file: Path) -> dict[str, Any]:
    """The values by name; a list is told by its length alone. Raises DataError when it is no GGUF file.

    The format is that of version 2 and 3, little-endian: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
    """
    try:
        with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            cursor = _Cursor(data)
            return dict(cursor.entry() for _ in range(cursor.begin()))
    except (OSError, ValueError, struct.error, KeyError) as error:
        raise DataError(
            "This is not a GGUF file that can be read: {reason}.",
            where=str(file),
            mend="Download the file again; Git LFS pointers and halves of files look like this.",
            reason=error,
        ) from error


class _Cursor:
    """Reads values one after the other."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = 0

    def begin(self) -> int:
        """Read the beginning; how many entries follow."""
        magic, version, _, entries = self.numbers("4sIQQ")
        if magic != MAGIC or version not in {2, 3}:
            reason = f"it begins with {magic!r}, version {version}"
            raise ValueError(reason)
        return int(entries)

    def numbers(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from("<" + form, self._data, self._at)
        self._at += struct.calcsize("<" + form)
        return found

    def entry(self) -> tuple[str, Any]:
        return self._text(), self._value(self.numbers("I")[0])

    def _text(self) -> str:
        start = self._skip_text()
        return self._data[start : self._at].decode("utf-8", "replace")

    def _skip_text(self) -> int:
        """Go behind a text; where it starts."""
        (size,) = self.numbers("Q")
        start, self._at = self._at, self._at + size
        if self._at > len(self._data):
            reason = "it ends too early"
            raise ValueError(reason)
        return start

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._text()
        if kind != _ARRAY:
            return self.numbers(_NUMBERS[kind])[0]
        inner, count = self.numbers("IQ")
        if inner in _NUMBERS:
            self._at += count * struct.calcsize(_NUMBERS[inner])
        else:
            for _ in range(count):
                self._skip_text() if inner == _STRING else self._value(inner)
        return count
