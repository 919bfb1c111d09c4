"""Rows between stages: examples as numbered Parquet files, dropped rows as JSONL that a person can read.

A folder of examples is written and read a file at a time, so that what is in memory does not grow with the rows.
"""

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, islice
from pathlib import Path
from typing import overload

import numpy as np
import polars as pl
from numpy.typing import NDArray

from argosy.core.records import Dropped, Example

DROPPED = "dropped.jsonl"
Write = Callable[[str], object]
"""Takes a line of the file of dropped rows."""
_ROWS = 16_384  # of a file
_SCHEMA = {"id": pl.String, "text": pl.String, "label": pl.String, "meta": pl.String}


class Stored(Sequence[Example]):
    """The examples of a folder, read a file at a time as they are asked for."""

    def __init__(self, path: Path) -> None:
        self._files = files(path)
        self._ends = _ends(self._files)
        self._held: tuple[int, list[Example]] = (-1, [])

    def __len__(self) -> int:
        return self._ends[-1]

    def __iter__(self) -> Iterator[Example]:
        for file in self._files:
            yield from stream_file(file)

    @overload
    def __getitem__(self, place: int) -> Example: ...
    @overload
    def __getitem__(self, place: slice) -> list[Example]: ...
    def __getitem__(self, place: int | slice) -> Example | list[Example]:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        at = range(len(self))[place]
        number = bisect_right(self._ends, at)
        if self._held[0] != number:
            self._held = (number, list(stream_file(self._files[number])))
        return self._held[1][at - (self._ends[number - 1] if number else 0)]

    def take(self, places: Sequence[int]) -> list[Example]:
        """The examples at these places, in this order, every file read once."""
        found = {at: self[at] for at in sorted(set(places))}
        return [found[at] for at in places]


def sort_out(results: Iterable[Example | Dropped]) -> tuple[list[Example], list[Dropped]]:
    """What a step let through, and what it did not."""
    kept: list[Example] = []
    dropped: list[Dropped] = []
    for result in results:
        if isinstance(result, Dropped):
            dropped.append(result)
        else:
            kept.append(result)
    return kept, dropped


def save(examples: Iterable[Example], path: Path) -> None:
    """Write examples into the new folder ``path``, their ``meta`` as JSON."""
    rows = iter(examples)
    number = 0
    while (part := list(islice(rows, _ROWS))) or not number:
        save_frame(frame_of(part), path, number)
        number += 1


def save_frame(frame: pl.DataFrame, path: Path, number: int) -> None:
    """Write one numbered file of a folder; the numbers give the order."""
    path.mkdir(exist_ok=True)
    frame.write_parquet(path / f"{number:06}.parquet", compression="lz4")


def frame_of(examples: Sequence[Example]) -> pl.DataFrame:
    """The columns id, text, label and meta, as they are stored."""
    columns = {
        "id": [example.id for example in examples],
        "text": [example.text for example in examples],
        "label": [example.label for example in examples],
        "meta": [json.dumps(dict(example.meta), ensure_ascii=False, sort_keys=True) for example in examples],
    }
    return pl.DataFrame(columns, schema=_SCHEMA)


def files(path: Path) -> list[Path]:
    """The files of a folder of examples, in order."""
    return sorted(path.glob("*.parquet"))


def stream(path: Path) -> Iterator[Example]:
    """Read what ``save`` wrote, a file at a time."""
    return iter(Stored(path))


def stream_file(file: Path) -> Iterator[Example]:
    """The examples of one file of a folder."""
    return _examples(pl.read_parquet(file))


def load(path: Path) -> list[Example]:
    """Read what ``save`` wrote into memory."""
    return list(stream(path))


def column(path: Path, name: str) -> pl.Series:
    """One column of all examples: id, text, label or meta (JSON)."""
    return pl.concat([pl.read_parquet(file, columns=[name]) for file in files(path)])[name]


def noted_in(frame: pl.DataFrame, name: str) -> pl.Series:
    """What ``meta`` holds under a name in these rows, as strings; null where it holds nothing."""
    return frame.select(pl.col("meta").str.json_path_match(f"$.{name}").alias(name))[name]


def texts_at(path: Path) -> Callable[[NDArray[np.int64]], list[str]]:
    """A function from ascending places to the texts there, which reads the files that hold them."""
    found = files(path)
    ends = _ends(found)

    def texts(places: NDArray[np.int64]) -> list[str]:
        bounds = np.searchsorted(places, [0, *ends])
        parts = zip(found, [0, *ends[:-1]], bounds[:-1], bounds[1:], strict=True)
        return [
            text
            for file, start, first, last in parts
            if first < last
            for text in pl.read_parquet(file, columns=["text"])["text"].gather(places[first:last] - start)
        ]

    return texts


def with_note(frame: pl.DataFrame, name: str, values: pl.Series) -> pl.DataFrame:
    """Stored examples with one plain word or number more (nothing where null) in ``meta``, where the name is new."""
    texts = values.cast(pl.String).alias(name)
    added = pl.concat_str(pl.col("meta").str.head(-1), pl.lit(f', "{name}": "'), pl.col(name), pl.lit('"}'))
    filled = frame.with_columns(texts).with_columns(
        pl.when(pl.col(name).is_null()).then(pl.col("meta")).otherwise(added).alias("meta")
    )
    return filled.drop(name)


def save_dropped(dropped: Iterable[Dropped], path: Path) -> None:
    """Write what was dropped and why, a JSON object a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(map(dropped_line, dropped))


def dropped_line(item: Dropped) -> str:
    """The line of one dropped row."""
    example = item.example
    return _dropped_line(example.id, item.reason, example.label, example.text)


def dropped_lines(frame: pl.DataFrame, reasons: Iterable[str]) -> Iterator[str]:
    """The same lines for stored examples, the reason of each beside them."""
    rows = zip(frame["id"], reasons, frame["label"], frame["text"], strict=True)
    return (_dropped_line(*row) for row in rows)


def reasons(*paths: Path) -> dict[str, int]:
    """How many rows were dropped for each reason, over several files, most first."""
    counts: Counter[str] = Counter()
    for path in paths:
        with path.open(encoding="utf-8", newline="\n") as lines:
            counts.update(json.loads(line)["reason"] for line in lines)
    return dict(counts.most_common())


def as_arrays(examples: Sequence[Example], labels: Sequence[str]) -> tuple[list[str], list[int]]:
    """The texts and the column of each one's label."""
    columns = {label: index for index, label in enumerate(labels)}
    pairs = [(example.text, columns[str(example.label)]) for example in examples]
    return [text for text, _ in pairs], [index for _, index in pairs]


def _ends(found: Sequence[Path]) -> list[int]:
    """Where the rows of each file end, counted over all of them."""
    return list(accumulate(pl.scan_parquet(file).select(pl.len()).collect().item() for file in found))


def _examples(frame: pl.DataFrame) -> Iterator[Example]:
    names: dict[str | None, str | None] = {}
    for id_, text, label, meta in frame.iter_rows():
        kept = names.setdefault(label, label)  # one string a label, not one a row
        yield Example(id=id_, text=text, label=kept, meta=json.loads(meta))


def _dropped_line(id_: str, reason: str, label: str | None, text: str) -> str:
    return json.dumps({"id": id_, "reason": reason, "label": label, "text": text}, ensure_ascii=False) + "\n"
