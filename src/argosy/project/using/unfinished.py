"""A file that is written over hours and can be gone on with: its rows so far beside it, and a journal of them.

Rows are flushed to the disk before the journal counts them, so what the journal says is there. The lock goes with
its process: a killed one frees the target.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path

from argosy.core.artifact import machine_error, write_atomically
from argosy.core.errors import BusyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """What is written so far, and from what: ``origin`` names each thing that the rows depend on, with its digest."""

    origin: Mapping[str, str]
    rows: int = 0
    bytes: int = 0
    truncated: int = 0


class Unfinished:
    """The rows of ``target`` so far, in a file beside it that this process alone writes."""

    def __init__(self, target: Path, file: FileIO) -> None:
        self.target = target
        self.path = _beside(target)
        self.journal = Journal(origin={})
        self._file = file

    def resume(self, origin: Mapping[str, str]) -> str | None:
        """Go on with what was written from the same ``origin``; what else was there is thrown away.

        The name of what changed since, where something was written from another origin.
        """
        kept = self._read()
        differing = [name for name in origin if kept and kept.origin.get(name) != origin[name]]
        whole = kept is not None and not differing and self._file.seek(0, os.SEEK_END) >= kept.bytes
        self.journal = kept if kept is not None and whole else Journal(origin=origin)
        self._file.truncate(self.journal.bytes)
        self._file.seek(self.journal.bytes)
        return differing[0] if kept and kept.rows and differing else None

    def add(self, raw: bytes, rows: int, truncated: int) -> None:
        """Rows behind those that are there; raises MachineError when the system refuses, and what was there stays."""
        before = self.journal
        try:
            rest = memoryview(raw)
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            raise machine_error(error, self.target) from error
        self.journal = Journal(
            origin=before.origin,
            rows=before.rows + rows,
            bytes=before.bytes + len(raw),
            truncated=before.truncated + truncated,
        )
        write_atomically(_journal(self.target), json.dumps(asdict(self.journal), indent=1))

    def finish(self) -> None:
        """The rows become the target, at once."""
        try:
            self.path.replace(self.target)
        except OSError as error:
            raise machine_error(error, self.target) from error
        _journal(self.target).unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove the rows, of which the target was made in another form."""
        self.path.unlink(missing_ok=True)
        _journal(self.target).unlink(missing_ok=True)

    def _read(self) -> Journal | None:
        """The journal; None when there is none that can be read."""
        try:
            return Journal(**json.loads(_journal(self.target).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None


@contextmanager
def unfinished(target: Path) -> Iterator[Unfinished]:
    """The unfinished ``target``, held; raises BusyError when another process writes it."""
    with _held(target) as file:
        yield Unfinished(target, file)


@contextmanager
def _held(target: Path) -> Iterator[FileIO]:
    """The file of the rows, locked; the process that held it may have just renamed it, so the name is looked up again.

    A file without a row is not left behind.
    """
    path = _beside(target)
    while True:
        try:
            file = FileIO(path, "a+")
        except OSError as error:
            raise machine_error(error, target) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BusyError(
                    "Another process is writing this file.",
                    where=str(target),
                    mend="Wait for it, or choose another name with --out.",
                ) from error
            if not _is(path, file):
                continue
            try:
                yield file
            finally:
                if _is(path, file) and not path.stat().st_size:
                    path.unlink()
            return


def _is(path: Path, file: FileIO) -> bool:
    """Whether the open file is the one that has the name now."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _beside(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def _journal(target: Path) -> Path:
    return target.with_name(f"{target.name}.part.json")
