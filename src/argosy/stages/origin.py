"""Where a base model came from, and where it lies in the artifact of the stage *base*."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from argosy.models.source import Base

MODEL = "model"
_FILE = "origin.json"


def write(out: Path, base: Base, trim: Mapping[str, Any] | None = None) -> None:
    """Store whence ``base`` is and what was trimmed of it."""
    write_record(out, {**asdict(base), "trim": trim})


def write_record(out: Path, record: Mapping[str, Any]) -> None:
    """Store a record that ``read`` gives back; where on this machine the base lies is no part of it."""
    kept = {name: value for name, value in record.items() if name != "path"}
    (out / _FILE).write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")


def read(folder: Path) -> dict[str, Any] | None:
    """The record in ``folder``: name, licence, origin, digest, trim; None for a base that begins from nothing."""
    file = folder / _FILE
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None
