"""What is known of every row in numbers, so that millions of rows can be compared without their texts in memory."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from argosy.data.dedupe import Codes, Keys, codes_of, twin_keys
from argosy.data.labels.checks import Tally, place_of
from argosy.data.language import detect
from argosy.data.sketch import SKETCH, sketches
from argosy.stages.data import rows
from argosy.stages.data.crew import Task, spread

_TYPES: Mapping[str, Any] = {"keys": np.uint64, "ranks": np.uint64, "times": "datetime64[us]", "sketches": SKETCH}
_CODED = ("labels", "languages", "groups", "clusters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What the numbers of labels, languages, groups and clusters stand for; shared by the rows that are compared."""

    labels: dict[str, int] = field(default_factory=dict)
    languages: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    clusters: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Of each row [rows]: digest of its text, rank by lot, number of its label and so on (-1: none), time, characters.

    ``times`` is not-a-time where a row has none. A column that was not asked for is empty.
    """

    keys: Keys
    ranks: Keys
    labels: Codes
    languages: Codes
    groups: Codes
    clusters: Codes
    times: NDArray[np.datetime64]
    lengths: NDArray[np.int64]
    sketches: NDArray[np.void]

    def __len__(self) -> int:
        return len(self.labels)


def read_index(
    path: Path, scratch: Path, names: Names, columns: Collection[str], *, seed: int = 0, languages: Sequence[str] = ()
) -> Index:
    """The index of a folder of examples, its other columns empty; new names are added.

    ``seed`` is that of the ranks; ``languages`` are those to tell apart. ``scratch`` is a new folder that is gone then.
    """
    scratch.mkdir()
    wish = {"columns": list(columns), "seed": seed, "languages": list(languages)}
    tasks: list[Task] = [
        {**wish, "file": str(file), "out": str(scratch / f"{file.stem}.npz")} for file in rows.files(path)
    ]
    total = len(rows.Stored(path))
    whole: dict[str, NDArray[Any]] = {
        one.name: np.empty(total if one.name in columns else 0, _TYPES.get(one.name, np.int64)) for one in fields(Index)
    }
    start = 0
    for task, result in zip(tasks, spread(describe_file, tasks), strict=True):
        with np.load(task["out"]) as told:
            for name in told.files:
                values = told[name]
                if name in _CODED:
                    values = np.append(codes_of(result["names"][name], getattr(names, name)), -1)[values]
                whole[name][start : start + len(values)] = values
        start += result["rows"]
        Path(task["out"]).unlink()
    scratch.rmdir()
    return Index(**whole)


def describe_file(task: Mapping[str, Any]) -> Task:
    """The index of one file, written to a file of numbers; its names by number."""
    frame = pl.read_parquet(task["file"])
    texts = frame["text"].to_list()
    columns: Mapping[str, Callable[[], Any]] = {
        "keys": lambda: twin_keys(texts),
        "ranks": lambda: twin_keys(texts, task["seed"]),
        "labels": frame["label"].to_list,
        "languages": lambda: detect(texts, task["languages"]) if task["languages"] else [None] * len(texts),
        "groups": rows.noted_in(frame, "group").to_list,
        "clusters": rows.noted_in(frame, "cluster").to_list,
        "times": lambda: np.array(rows.noted_in(frame, "time").fill_null("NaT").to_list(), dtype="datetime64[us]"),
        "lengths": lambda: frame["text"].str.len_chars().to_numpy(),
        "sketches": lambda: sketches(texts),
    }
    found = {name: columns[name]() for name in task["columns"]}
    names: dict[str, dict[str, int]] = {name: {} for name in _CODED if name in found}
    found |= {name: codes_of(found[name], known) for name, known in names.items()}
    np.savez(task["out"], **found)
    return {"rows": len(texts), "names": {name: list(known) for name, known in names.items()}}


def tally_at(path: Path, chosen: NDArray[np.int64], labels: Codes, names: Names) -> dict[str, Tally]:
    """The tally of every label of the rows at these places (ascending), in the order in which they come."""
    given = labels[chosen]
    found, first, counts = np.unique(given[given >= 0], return_index=True, return_counts=True)
    places = chosen[given >= 0][first]
    examples = rows.Stored(path).take(places.tolist())
    known = list(names.labels)
    return {
        known[found[at]]: Tally(count=int(counts[at]), place=place_of(examples[at], ""))
        for at in np.argsort(first).tolist()
    }
