"""How far a file was read, so that what is appended is read once, and a file of the same name is not mistaken for it.

Places are bytes (of what is in it, where a file is compressed). A file is what it was as long as the bytes before the
place are the same at both of their ends: then it may be renamed, copied or moved to another disk. What is shorter, or
begins in another way, is new.
"""

import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

_END = 1024  # bytes at each end by which a file is known again
_BLOCK = 4 << 20  # bytes read at once
_LONGEST = 16 << 20  # of a record
_KEPT = 1 << 16  # bytes of a longer one in which its end is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """``at``: bytes that were read; ``mark``: the digest of their ends; ``stamp``: the file as it was at its end."""

    at: int = 0
    mark: str = ""
    stamp: str = ""

    @classmethod
    def read(cls, offset: str) -> Self:
        """The place that ``str`` told; the beginning for an empty one."""
        return cls(**json.loads(offset)) if offset else cls()

    def __str__(self) -> str:
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Bytes of a file from ``begin`` to ``end``; ``raw``: None where they are too many, ``whole``: its end is there."""

    begin: int
    end: int
    raw: bytes | None
    whole: bool = True


Cut = Callable[[bytes], list[int]]
"""The ends of the whole records in bytes that begin with one."""


def stamp(path: Path) -> str:
    """What changes whenever a file is written."""
    told = path.stat()
    return f"{told.st_ino}:{told.st_size}:{told.st_mtime_ns}"


def opened(path: Path) -> io.BufferedIOBase:
    """The file, unpacked where its name ends in ``.gz``."""
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def continues(path: Path, place: Place) -> bool:
    """Whether the file begins with what was read up to this place."""
    if not place.at:
        return False
    with opened(path) as file:
        return mark(file, place.at) == place.mark


def mark(file: io.BufferedIOBase, at: int) -> str:
    """The digest of both ends of the first ``at`` bytes; empty where the file has fewer."""
    try:
        file.seek(0)
        head = file.read(min(at, _END))
        file.seek(max(0, at - _END))
        tail = file.read(min(at, _END))
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return ""
    whole = len(head) == len(tail) == min(at, _END)
    return hashlib.blake2b(head + tail, digest_size=12).hexdigest() if whole else ""


def records(file: io.BufferedIOBase, at: int, cut: Cut) -> Iterator[Record]:
    """The records from a place on, at last what is no whole one yet; one that is too long has no bytes.

    Raises OSError for what cannot be read or unpacked.
    """
    file.seek(at)
    held, begin, dropped = b"", at, False
    while block := _block(file):
        held += block
        ends = cut(held)
        before = 0
        for end in ends:
            raw = None if dropped or end - before > _LONGEST else held[before:end]
            yield Record(begin=begin if dropped else at + before, end=at + end, raw=raw)
            before, dropped, begin = end, False, at + end
        held, at = held[before:], at + before
        if len(held) > _LONGEST:
            gone = (len(held) - _KEPT) // 4 * 4  # whole characters, in any encoding of lines
            dropped, at, held = True, at + gone, held[gone:]
    if held:
        raw = None if dropped else held
        yield Record(begin=begin if dropped else at, end=at + len(held), raw=raw, whole=False)


def _block(file: io.BufferedIOBase) -> bytes:
    """The next bytes; none at the end, and where a compressed file is not yet written to its end."""
    try:
        return file.read1(_BLOCK)
    except EOFError:
        return b""
