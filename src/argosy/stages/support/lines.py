"""Records of the stages as lines of JSON."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A question that a person answered: ``answer`` is the id of the entry, ``at`` in microseconds if it is known."""

    question: str
    answer: str
    dialogue: str
    at: int | None
    language: str

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """One row a line."""
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def read(path: Path) -> Iterator[dict[str, Any]]:
    """What ``write`` wrote."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
