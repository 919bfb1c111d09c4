"""Artifacts: folders that are either whole or not there.

A folder is written aside, its files are flushed to the disk, the manifest comes last, and one rename puts it in its
place. A folder without a manifest is never read, so a process killed at any moment leaves nothing half done.
"""

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from argosy.core.errors import MachineError, MissingError

MANIFEST = "manifest.json"
_ASIDE = ".aside-"
_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A whole folder; ``digest`` is the SHA-256 of its manifest, which holds the digest of every file."""

    kind: str
    digest: str
    path: Path


class Draft:
    """A folder being written; ``artifact`` is there once it is whole."""

    def __init__(self, path: Path, kind: str) -> None:
        self.path = path
        self.kind = kind
        self._sealed: Artifact | None = None

    @property
    def artifact(self) -> Artifact:
        """The whole artifact; only after the ``writing`` block ended."""
        if self._sealed is None:
            raise RuntimeError(self.kind)
        return self._sealed

    def seal(self, store: Path) -> None:
        """Flush the files, write the manifest, and move the folder to its place."""
        self._sealed = _seal(self, store)


def digest_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_text(text: str) -> str:
    """SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def writing(store: Path, kind: str) -> Iterator[Draft]:
    """A draft folder that becomes ``store/<kind>-<digest>`` when the block ends without an error.

    Raises MachineError when the disk is full or the folder is read-only; nothing is left behind then.
    """
    try:
        store.mkdir(parents=True, exist_ok=True)
        draft = Draft(Path(tempfile.mkdtemp(prefix=_ASIDE, dir=store)), kind)
    except OSError as error:
        raise machine_error(error, store) from error
    try:
        yield draft
        draft.seal(store)
    except OSError as error:
        if error.errno in (*_FULL, *_FORBIDDEN):
            raise machine_error(error, store) from error
        raise
    finally:
        shutil.rmtree(draft.path, ignore_errors=True)


def open_artifact(path: Path) -> Artifact:
    """The whole artifact at ``path``; raises MissingError when it has no manifest."""
    manifest = path / MANIFEST
    if not manifest.is_file():
        raise MissingError("This is no whole artifact: it has no {name}.", where=str(path), name=MANIFEST)
    text = manifest.read_text(encoding="utf-8")
    return Artifact(kind=str(json.loads(text)["kind"]), digest=digest_text(text), path=path)


def damaged_files(artifact: Artifact) -> list[str]:
    """The files whose bytes are not those of the manifest any more, missing ones included."""
    listed = json.loads((artifact.path / MANIFEST).read_text(encoding="utf-8"))["files"]
    return [name for name, digest in listed.items() if not _matches(artifact.path / name, digest)]


def sweep(store: Path) -> None:
    """Remove what killed processes left aside; call it only while holding the project's lock."""
    for folder in store.glob(f"{_ASIDE}*"):
        shutil.rmtree(folder, ignore_errors=True)


def write_atomically(path: Path, text: str) -> None:
    """Replace a small text file so that a reader sees the old or the new one, never a part."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)
            os.replace(name, path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise machine_error(error, path) from error


def machine_error(error: OSError, path: Path) -> MachineError:
    """The plain words for what the operating system refused at ``path``."""
    if error.errno in _FULL:
        return MachineError(
            "The disk is full; what was built before is untouched.",
            where=str(path),
            mend="Free some space (`argosy clean` removes cached results) and run the same command again.",
        )
    if error.errno in _FORBIDDEN:
        return MachineError(
            "The folder cannot be written.",
            where=str(path),
            mend="Give yourself write permission or copy the project to a folder of your own.",
        )
    return MachineError("The system refused: {reason}.", where=str(path), reason=error.strerror or str(error))


def _matches(path: Path, digest: str) -> bool:
    return path.is_file() and digest_file(path) == digest


def _seal(draft: Draft, store: Path) -> Artifact:
    files = sorted(path for path in draft.path.rglob("*") if path.is_file())
    for path in files:
        _flush(path)
    listed = {path.relative_to(draft.path).as_posix(): digest_file(path) for path in files}
    text = json.dumps({"kind": draft.kind, "files": listed}, indent=1, sort_keys=True)
    manifest = draft.path / MANIFEST
    manifest.write_text(text, encoding="utf-8")
    _flush(manifest)
    digest = digest_text(text)
    place = store / f"{draft.kind}-{digest[:16]}"
    if not (place / MANIFEST).is_file():
        draft.path.chmod(0o755)
        os.replace(draft.path, place)
        _flush(store)
    return Artifact(kind=draft.kind, digest=digest, path=place)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
