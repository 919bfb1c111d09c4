"""Rows between stages: examples as Parquet, dropped rows as JSONL that a person can read."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from argosy.core.records import Dropped, Example

EXAMPLES = "examples.parquet"
DROPPED = "dropped.jsonl"
_SCHEMA = {"id": pl.String, "text": pl.String, "label": pl.String, "meta": pl.String}


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


def save(examples: Sequence[Example], path: Path) -> None:
    """Write examples, their ``meta`` as JSON."""
    columns = {
        "id": [example.id for example in examples],
        "text": [example.text for example in examples],
        "label": [example.label for example in examples],
        "meta": [json.dumps(dict(example.meta), ensure_ascii=False, sort_keys=True) for example in examples],
    }
    pl.DataFrame(columns, schema=_SCHEMA).write_parquet(path)


def load(path: Path) -> list[Example]:
    """Read what ``save`` wrote."""
    rows = pl.read_parquet(path).iter_rows()
    return [Example(id=id_, text=text, label=label, meta=json.loads(meta)) for id_, text, label, meta in rows]


def save_dropped(dropped: Iterable[Dropped], path: Path) -> None:
    """Write what was dropped and why, a JSON object a line."""
    with path.open("w", encoding="utf-8") as file:
        for item in dropped:
            row = {"id": item.example.id, "reason": item.reason, "label": item.example.label, "text": item.example.text}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def reasons(*paths: Path) -> dict[str, int]:
    """How many rows were dropped for each reason, over several files, most first."""
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").split("\n") if line]
    counts = Counter(json.loads(line)["reason"] for line in lines)
    return dict(counts.most_common())


def as_arrays(examples: Sequence[Example], labels: Sequence[str]) -> tuple[list[str], list[int]]:
    """The texts and the column of each one's label."""
    column = {label: index for index, label in enumerate(labels)}
    return [example.text for example in examples], [column[str(example.label)] for example in examples]
