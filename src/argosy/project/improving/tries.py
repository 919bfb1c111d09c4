"""The tries to improve a project: a folder each, its record, and when the next one is due."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from argosy.config import file
from argosy.core.artifact import write_atomically

FOLDER = ".argosy/improve"
RECORD = "improvement.json"
ROWS = "rows-*.jsonl"
"""The files of a try that hold texts."""
NEW = "new"
"""How a row of new traffic is marked in them; a row without the mark was known before."""
_KEPT = 3  # tries, beside those that a champion came of
_NICE = 10  # how far behind other processes a try that the server began stands
_BEGUN = "begun"  # when the server began the last one
_DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    """A try: ``decision`` is ``promote`` or ``keep``, ``why`` the stable word for the reason; ``at`` microseconds.

    ``champion`` and ``challenger`` are {version, digest}; ``rows`` counts the new rows by source, ``dropped`` by reason
    those left out; ``places_file`` names them without their texts. ``looked`` says how often the rows of each kind have
    judged a challenger. ``build`` is the challenger's project and ``places_file`` its file, below the project's folder.
    """

    number: int
    at: int
    model: str
    champion: Mapping[str, Any]
    rows: Mapping[str, int]
    dropped: Mapping[str, int]
    rows_digest: str
    decision: str
    why: str
    figures: Mapping[str, Any] = field(default_factory=dict)
    method: str = ""
    places_file: str = ""
    build: str = ""
    challenger: Mapping[str, Any] | None = None
    judged: Mapping[str, Any] | None = None
    looked: Mapping[str, int] = field(default_factory=dict)
    rollout: str | None = None
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What ``to_json`` told."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in told.items() if name in known})


def place_of(folder: Path, number: int) -> Path:
    """The folder of a try."""
    return folder / FOLDER / str(number)


def places(folder: Path) -> Sequence[Path]:
    """The folders of the tries, the oldest first; the last one may be under way."""
    found = (path for path in (folder / FOLDER).glob("*") if path.name.isdecimal() and path.is_dir())
    return sorted(found, key=lambda path: int(path.name))


def tries(folder: Path) -> list[Improvement]:
    """The records that stand, the oldest first."""
    return [_read(place) for place in places(folder) if (place / RECORD).is_file()]


def next_number(folder: Path) -> int:
    """The number of the next try: that of the last one where it was stopped before its end."""
    found = places(folder)
    return int(found[-1].name) + (found[-1] / RECORD).is_file() if found else 1


def save(folder: Path, done: Improvement) -> None:
    """Keep the record of a try, and make room: of tries before the last few what was built goes.

    The rows and the record of one that a version came of stay.
    """
    place = place_of(folder, done.number)
    place.mkdir(parents=True, exist_ok=True)
    write_atomically(place / RECORD, json.dumps(done.to_json(), ensure_ascii=False, indent=1) + "\n")
    for old in places(folder)[:-_KEPT]:
        came_of_it = (old / RECORD).is_file() and _read(old).challenger is not None
        shutil.rmtree(old / ".argosy" if came_of_it else old, ignore_errors=True)


def made(folder: Path, digest: str) -> Improvement | None:
    """The try that a release came of, by the release's digest."""
    found = [one for one in tries(folder) if (one.challenger or {}).get("digest") == digest]
    return found[-1] if found else None


def due(folder: Path, now: int) -> bool:
    """Whether ``[improve] every_days`` have passed since the last try, or a day since one that came to no end.

    ``now`` is microseconds since the epoch.
    """
    days = file.load(folder).improve.every_days
    last = max((one.at for one in tries(folder)), default=None)
    begun = folder / FOLDER / _BEGUN
    tried = int(begun.read_text(encoding="utf-8")) if begun.is_file() else None
    if days == 0 or (tried is not None and now - tried < _DAY):
        return False
    return last is None or now - last >= days * _DAY


def start(folder: Path, now: int) -> "subprocess.Popen[bytes]":
    """Begin a try in a process of its own that lets others go first; the project's lock keeps it the only one.

    What it says goes to a log beside the tries. ``now`` is microseconds since the epoch.
    """
    place = folder / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    write_atomically(place / _BEGUN, str(now))
    with (place / "log.txt").open("wb") as log:
        command = [sys.executable, "-m", "argosy", "improve", str(folder), "--yes"]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
    os.setpriority(os.PRIO_PROCESS, process.pid, _NICE)
    return process


def _read(place: Path) -> Improvement:
    return Improvement.from_json(json.loads((place / RECORD).read_text(encoding="utf-8")))
