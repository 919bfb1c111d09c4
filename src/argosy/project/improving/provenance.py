"""Where a model came from: its rows and its run, kept beside its release so that no later build takes it away."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from argosy.config import file
from argosy.config.places import STORE
from argosy.config.schema import FILE
from argosy.core.artifact import MANIFEST, open_artifact, write_atomically
from argosy.core.errors import ArgosyError
from argosy.infer.folder import NAME, told
from argosy.project.building.plan import Entry, read_lock
from argosy.project.building.site import site_of
from argosy.stages import results
from argosy.stages.data import read

FOLDER = "lineage"
_FORMAT = 1
_SECOND = 1_000_000  # microseconds
_REPORT, _READ, _MODEL = "report", "read", "model"
Facts = Mapping[str, Any]


def provenance(place: Path, folder: Path) -> dict[str, Any]:
    """The record of the model in ``place``, as plain values; what is not known any more is None or empty.

    ``home`` is the project that built it, as seen from ``folder``; the digests of ``rows.files`` are those of the files
    that were read. ``built`` is microseconds since the epoch.
    """
    place = place.resolve()
    described, home = told(place), _home_of(place)
    digest = open_artifact(place).digest if (place / MANIFEST).is_file() else ""
    lock = _lock_of(home, digest) if home else {}
    measured = _measured(home, described.get("lineage", {})) if home else {}
    made = {**described.get("lineage", {}), **measured.get("lineage", {}), _MODEL: place.name}
    return {
        "format": _FORMAT,
        "name": described.get("name", ""),
        "task": described.get("task", ""),
        "digest": digest,
        "home": os.path.relpath(home, folder) if home else None,
        "metrics": described.get("metrics", {}).get("metrics", {}),
        "rows": _rows(home, measured, lock),
        "run": {
            "argosy": measured.get("argosy"),
            "seed": measured.get("seed"),
            "size": measured.get("size"),
            "machine": measured.get("machine") or described.get("built_on"),
            "built": _written(place),
            "base": described.get("base"),
            "licence": described.get("data"),
            "stages": list(_stages(lock, made)),
        },
    }


def keep(place: Path, folder: Path, release: str) -> None:
    """Keep the record of the model in ``place`` under the digest of its ``release``; what is kept already stays."""
    target = _record(folder, release)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        record = provenance(place, folder)
        write_atomically(target, json.dumps(record, ensure_ascii=False, indent=1) + "\n")


def kept(folder: Path, release: str) -> dict[str, Any] | None:
    """What ``keep`` wrote of a release."""
    target = _record(folder, release)
    return dict(json.loads(target.read_text(encoding="utf-8"))) if target.is_file() else None


def twin(release: Path, homes: Sequence[Path]) -> Path | None:
    """The built model in one of the projects ``homes`` whose files are those of a release."""
    wanted = _files(release)
    built = (place for home in homes for place in sorted((home / STORE).glob("model-*")))
    return next((place for place in built if wanted and _files(place) == wanted), None)


def _record(folder: Path, release: str) -> Path:
    return folder / FOLDER / f"{release[:16]}.json"


def _home_of(place: Path) -> Path | None:
    """The project in whose store a model lies; None for one that was brought from elsewhere."""
    home = place.parent.parent.parent
    return home if place.parent == home / STORE and (home / FILE).is_file() else None


def _lock_of(home: Path, digest: str) -> dict[str, Entry]:
    """The lock, while it is that of the run that made the model."""
    lock = read_lock(home)
    return lock if _MODEL in lock and lock[_MODEL].digest == digest else {}


def _files(place: Path) -> Any:
    manifest = place / MANIFEST
    return json.loads(manifest.read_text(encoding="utf-8"))["files"] if manifest.is_file() else None


def _written(place: Path) -> int | None:
    """When the model became whole."""
    described = place / NAME  # linked into a release with its time, unlike the manifest
    return int(described.stat().st_mtime * _SECOND) if described.is_file() else None


def _measured(home: Path, lineage: Mapping[str, str]) -> dict[str, Any]:
    """The record of the run whose stages left this model; empty once it is cleaned away."""
    for folder in sorted((home / STORE).glob(f"{_REPORT}-*")):
        record = results.load(folder) if (folder / results.FILE).is_file() else {}
        both = record.get("lineage", {}).keys() & lineage.keys()
        if both and all(record["lineage"][name] == lineage[name] for name in both):
            return record
    return {}


def _rows(home: Path | None, measured: Facts, lock: Mapping[str, Entry]) -> dict[str, Any]:
    data = measured.get("data", {})
    return {
        "files": list(_data_files(home, lock)) if home else [],
        "read": data.get("read"),
        "kept": data.get("kept"),
        "dropped": data.get("dropped", {}),
        "parts": data.get("splits", {}),
        "labels": data.get("label_counts", {}),
    }


def _data_files(home: Path, lock: Mapping[str, Entry]) -> Iterator[dict[str, str | None]]:
    """The data files by role and name, with the digests that they had when they were read."""
    entry = lock.get(_READ)
    digests = dict(entry.files) if entry else {}
    try:
        paths = dict(read.stage(file.load(home), site_of(home)).files)
    except (ArgosyError, OSError):  # the project has moved on, or its files are gone
        paths = {}
    for name in sorted({*digests, *paths}):
        path = os.path.relpath(paths[name], home) if name in paths else None
        yield {"name": name, "path": path, "digest": digests.get(name)}


def _stages(lock: Mapping[str, Entry], made: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Each stage with its artifact; with key, digest and seconds while the lock is of this run."""
    for name, entry in lock.items():
        told_of = {"key": entry.key, "digest": entry.digest, "seconds": entry.seconds}
        yield {"stage": name, "artifact": entry.artifact, **told_of}
    for name, artifact in sorted(made.items()):
        if name not in lock:
            yield {"stage": name, "artifact": artifact, "key": None, "digest": None, "seconds": None}
