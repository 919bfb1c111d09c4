"""The curve of a training: one record a step and one an evaluation; readable without torch."""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One step: ``loss`` a unit, the learning ``rate``, the gradient's ``norm`` before clipping, ``units`` trained on.

    Units are rows, or tokens that have a target, as the batch counts them; epochs count from 1.
    """

    step: int
    epoch: int
    loss: float
    rate: float
    norm: float
    units: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRecord:
    """One evaluation: the mean ``loss`` since the one before, and the validation ``score``."""

    step: int
    epoch: int
    loss: float
    score: float


Record = StepRecord | ScoreRecord
Log = Callable[[Record], None]
_KINDS: dict[str, type[StepRecord] | type[ScoreRecord]] = {"step": StepRecord, "score": ScoreRecord}


def to_line(record: Record) -> str:
    """A line of JSON; what is no number is null."""
    kind = "step" if isinstance(record, StepRecord) else "score"
    figures = {name: value if math.isfinite(value) else None for name, value in asdict(record).items()}
    return json.dumps({"kind": kind, **figures}) + "\n"


def read(path: Path) -> list[Record]:
    """The records of a file of lines, in their order; a last line that a fault cut is left out."""
    return list(_records(path)) if path.is_file() else []


def earlier(records: list[Record], first: Record) -> list[Record]:
    """Those before ``first``, with which a training goes on."""
    return [record for record in records if _place(record) < _place(first)]


def _place(record: Record) -> tuple[int, bool]:
    return record.step, isinstance(record, ScoreRecord)


def _records(path: Path) -> Iterator[Record]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                told = json.loads(line)
                kind = _KINDS[told.pop("kind")]
                figures: dict[str, Any] = {name: math.nan if value is None else value for name, value in told.items()}
                yield kind(**figures)
