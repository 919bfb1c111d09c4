"""Documents that are followed while the assistant serves: changed ones are put in, deleted ones are quoted no more.

Each process notices changes by the files' times; one of them reads what changed and puts it into the knowledge, and all
follow the knowledge. A document that cannot be read stays as it was last read, and is told once.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Literal

from argosy.core.errors import MachineError, MissingError
from argosy.core.knowledge import Entry, Knowledge
from argosy.data.documents.find import documents_of
from argosy.project.watching.apart import reason
from argosy.project.watching.rounds import now
from argosy.store.watching.turns import SqlTurns

_SECOND = 1_000_000
_EVERY = 2 * _SECOND  # between two looks of whoever's turn it is
_HOLD = 300 * _SECOND  # a look that takes longer is begun by another process too
_NAP = 1.0  # s between two looks at the files' times, and at the knowledge
_PATIENCE = 10.0  # s for what is under way at the end
error_log = logging.getLogger("argosy.error")
Read = Callable[[Path, str], Sequence[Entry]]
"""The entries of a file that is known by a name; it raises for one that cannot be read."""
Stamp = tuple[int, int, int, int]
"""What tells a changed file without reading it: its size, times and place on the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What became of a document: ``said`` is why a broken one could not be read."""

    document: str
    what: Literal["put", "removed", "broken"]
    said: str = ""


class Follower:
    """The documents of a folder that ``patterns`` name, and the knowledge that follows them.

    ``prepare`` is given the entries of a document before they are put in.
    """

    def __init__(
        self,
        folder: Path,
        patterns: Sequence[str],
        knowledge: Knowledge,
        read: Read,
        prepare: Callable[[Sequence[Entry]], object] = len,
    ) -> None:
        self._folder = folder
        self._patterns = patterns
        self._knowledge = knowledge
        self._read = read
        self._prepare = prepare
        self._seen: dict[str, tuple[Stamp, str]] | None = None  # with the digest of the bytes

    def differs(self) -> bool:
        """Whether any file is another one than at the last look, by their times alone."""
        seen = self._seen
        return seen is None or {name: _stamp(path) for name, path in self._files().items()} != {
            name: stamp for name, (stamp, _) in seen.items()
        }

    def look(self) -> list[Change]:
        """Put in what changed since the last look, and take out what is no longer there; what was done.

        Those that cannot be read are told in the log. Raises MachineError when the folder is gone, and takes nothing
        out then.
        """
        files, seen = self._files(), self._seen or {}
        changes: list[Change] = []
        found: dict[str, tuple[Stamp, str]] = {}
        for name, path in files.items():
            stamp, digest = seen.get(name, (None, ""))
            if _stamp(path) == stamp:
                found[name] = seen[name]
                continue
            found[name], change = self._taken(name, path, digest)
            changes += [change] if change else []
        known = {entry.document for entry in self._knowledge.entries() if entry.kind == "piece"}
        for name in sorted(known - files.keys()):
            self._knowledge.replace(name, [])
            changes.append(Change(document=name, what="removed"))
        self._seen = found
        for change in changes:
            if change.what == "broken":
                error_log.error("%s stays as it was last read: %s", change.document, change.said)
        return changes

    def _files(self) -> dict[str, Path]:
        if not self._folder.is_dir():
            raise MachineError(
                "The folder of the documents is gone; what was read of them still serves.",
                where=str(self._folder),
                mend="Bring it back, or start the service where it is.",
            )
        found = []
        for pattern in self._patterns:
            try:
                found += documents_of([pattern], self._folder)
            except MissingError:  # a file named in full was deleted
                continue
        return {path.relative_to(self._folder).as_posix(): path for path in sorted(found)}

    def _taken(self, name: str, path: Path, digest: str) -> tuple[tuple[Stamp, str], Change | None]:
        """How a file looks now, and what was done about it."""
        stamp = _stamp(path)  # before it is read: a change meanwhile is met at the next look
        try:
            found = sha256(path.read_bytes()).hexdigest()
            entries = self._read(path, name) if found != digest else ()
        except Exception as error:  # noqa: BLE001 - whatever a file does to its reader, the others are followed
            return (stamp, ""), Change(document=name, what="broken", said=reason(error))
        if found == digest:
            return (stamp, digest), None
        before = self._knowledge.generation
        self._prepare(entries)
        changed = self._knowledge.replace(name, entries) != before
        return (stamp, found), Change(document=name, what="put") if changed else None


@contextmanager
def following(
    follower: Follower, refresh: Callable[[], object], turns: SqlTurns, job: str, *, nap: float = _NAP
) -> Iterator[None]:
    """Follow documents while the block runs; ``refresh`` takes up what this process, or another, put in.

    ``job`` names the followed documents among the processes of a database. Failures are told and tried again.
    """
    ended = threading.Event()
    works: tuple[Callable[[], object], ...] = (partial(_round, follower, turns, job), refresh)
    said = [""] * len(works)

    def run() -> None:
        while not ended.is_set():
            for place, work in enumerate(works):
                said[place] = _done(work, said[place])
            ended.wait(nap)

    thread = threading.Thread(target=run, name="argosy-documents", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(_PATIENCE)


def _done(work: Callable[[], object], last: str) -> str:
    """Why a work failed, told unless it is what was said ``last``; empty when it did not."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - what serves must go on
        said = reason(error)
        if said != last:
            error_log.error("documents: %s", said)
        return said
    return ""


def _round(follower: Follower, turns: SqlTurns, job: str) -> None:
    at = now()
    if not (follower.differs() and turns.take(job, at, at + _HOLD, first=at)):
        return
    try:
        follower.look()
    finally:
        turns.put_off(job, now() + _EVERY).result()


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:  # deleted just now: the next look does not list it
        return 0, 0, 0, 0
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
