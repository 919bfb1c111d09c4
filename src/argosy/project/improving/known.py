"""What a champion knows: the rows it learnt from, those that may judge its successors, and those that nobody opens."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.config.places import STORE
from argosy.config.schema import Project
from argosy.core.records import Example
from argosy.core.watch import Place
from argosy.infer.folder import told
from argosy.project.building.build import rows as row_stages
from argosy.project.building.run import Progress, run
from argosy.project.improving.tries import NEW, made, place_of
from argosy.stages.data import split
from argosy.stages.data.parting import PARTS

LEARN, OLD, JUDGE = "rows-learn.jsonl", "rows-old.jsonl", "rows-judge.jsonl"
"""The files of a try: what the challenger learns, what it learns again so as not to forget, and what judges it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A text as it was read, its label, and where it came from when it was new."""

    text: str
    label: str
    new: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """``learn`` may be learnt from, ``judge`` shows what is forgotten, ``measured`` are texts of the test rows.

    The test rows take no part: their texts are known so that nothing is learnt from them.
    """

    learn: Sequence[Pair]
    judge: Sequence[Pair]
    measured: Sequence[str]

    @property
    def texts(self) -> list[str]:
        """All of them."""
        return [*(pair.text for pair in (*self.learn, *self.judge)), *self.measured]

    @property
    def labels(self) -> list[str]:
        """The labels that are known."""
        return sorted({pair.label for pair in (*self.learn, *self.judge)})


def known_of(project: Project, folder: Path, release: Path, digest: str, tell: Callable[[Progress], None]) -> Known:
    """What the champion in ``release`` knows; call it while holding the project.

    A champion that came of a try knows the rows of that try. Another knows the rows of the run that made it; where
    these are gone, those that the project's files give now.
    """
    parted = _parted(project, folder, release, tell)
    measured = [_raw(row) for row in split.load_test(parted)]
    try_ = made(folder, digest)
    place = place_of(folder, try_.number) if try_ else None
    if place and (place / LEARN).is_file() and (place / JUDGE).is_file():
        learn = [pair for name in (LEARN, OLD) if (place / name).is_file() for pair in read_pairs(place / name)]
        return Known(learn=_once(learn), judge=read_pairs(place / JUDGE), measured=measured)
    parts = split.load(parted)
    return Known(learn=_pairs(parts["train"]), judge=_pairs(parts["validation"]), measured=measured)


def place_in(pair: Pair) -> Place | None:
    """Where the text of a new row was captured."""
    return None if pair.new is None else (pair.new["tenant"], pair.new["event"], pair.new["index"])


def read_pairs(path: Path) -> list[Pair]:
    """The rows of a file of a try."""
    with path.open(encoding="utf-8") as lines:
        told_of = [json.loads(line) for line in lines]
    return [Pair(text=one["text"], label=one["label"], new=one.get(NEW)) for one in told_of]


def write_pairs(pairs: Iterable[Pair], path: Path) -> None:
    """Write the rows, an object a line."""
    with path.open("w", encoding="utf-8") as file:
        for pair in pairs:
            mark = {} if pair.new is None else {NEW: dict(pair.new)}
            file.write(json.dumps({"text": pair.text, "label": pair.label, **mark}, ensure_ascii=False) + "\n")


def _parted(project: Project, folder: Path, release: Path, tell: Callable[[Progress], None]) -> Path:
    """The parts of the run that made a release in the project's own store, or those of the project as it is now."""
    name = told(release).get("lineage", {}).get("split")
    place = folder / STORE / str(name)
    if name and (place / PARTS[2]).is_dir():
        return place
    return run(folder, row_stages(project, folder), tell).artifacts["split"].path


def _pairs(rows: Iterable[Example]) -> list[Pair]:
    return [Pair(text=_raw(row), label=row.label) for row in rows if row.label is not None]


def _raw(row: Example) -> str:
    return str(row.meta.get("raw", row.text))


def _once(pairs: Iterable[Pair]) -> list[Pair]:
    return list({(pair.text, pair.label): pair for pair in pairs}.values())
