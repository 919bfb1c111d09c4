"""The plan: which stages stand and which must run, decided by keys over everything that a stage depends on."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from argosy.config.places import LOCK, STORE
from argosy.core.artifact import Artifact, digest_file, open_artifact, write_atomically
from argosy.core.extension import owners
from argosy.core.source import digest_code
from argosy.core.stage import Stage, counted, names
from argosy.core.version import __version__
from argosy.infer.processor import instruction_set


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the lock: the stage's key, the artifact made under it, and the digests of the ``files`` it read."""

    key: str
    artifact: str
    digest: str
    seconds: float
    files: Mapping[str, str] = field(default_factory=dict)


def key(stage: Stage[Any], inputs: Mapping[str, str]) -> str:
    """The stage's key from its own parts and the digests of its inputs (stage name → digest), in hexadecimal."""
    ends = {path.suffix.lower() for path in stage.files.values()}  # by which sources are looked up
    parts = {
        "name": stage.name,
        "params": counted(stage.params),
        "inputs": dict(sorted(inputs.items())),
        "files": digests(stage),
        "code": digest_code(stage.run.__module__, *stage.code, *owners([*names(stage.params), *ends])),
        "argosy": __version__,
        "packages": {name: _version(name) for name in stage.packages},
        "machine": instruction_set() if stage.machine else "",
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def digests(stage: Stage[Any]) -> dict[str, str]:
    """The digests of the files that a stage reads from outside the build, by name."""
    return {name: digest_file(path) for name, path in sorted(stage.files.items())}


def standing(folder: Path, stage: Stage[Any], stage_key: str, lock: Mapping[str, Entry]) -> Artifact | None:
    """The artifact of a stage whose key stands and whose folder is whole; None when it must run."""
    entry = lock.get(stage.name)
    if entry is None or entry.key != stage_key:
        return None
    path = folder / STORE / entry.artifact
    if not path.is_dir():
        return None
    artifact = open_artifact(path)
    return artifact if artifact.digest == entry.digest else None


def read_lock(folder: Path) -> dict[str, Entry]:
    """The lock of a project; empty when nothing was built yet."""
    path = folder / LOCK
    if not path.is_file():
        return {}
    stages = json.loads(path.read_text(encoding="utf-8"))["stages"]
    return {name: Entry(**entry) for name, entry in stages.items()}


def write_lock(folder: Path, lock: Mapping[str, Entry], order: Sequence[str]) -> None:
    """Store the lock with its stages in the order of the build."""
    stages = {name: _told(lock[name]) for name in order if name in lock}
    write_atomically(folder / LOCK, json.dumps({"argosy": __version__, "stages": stages}, indent=1) + "\n")


def _told(entry: Entry) -> dict[str, Any]:
    told = asdict(entry)
    return told if entry.files else {name: value for name, value in told.items() if name != "files"}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
