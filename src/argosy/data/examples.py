"""From cells to examples: every row becomes an example or is dropped with a reason; nothing is lost silently."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from argosy.core.errors import ArgosyError, DataError, Problems, raise_all
from argosy.core.records import Dropped, Example
from argosy.data.clean import LONGEST_TEXT
from argosy.data.files.read import Chunk, read_chunks, short_names
from argosy.data.labels.checks import is_void
from argosy.data.numeric import parse_column
from argosy.data.times import parse_times

_SHOWN = 200  # characters kept of a text that is too long
_ADDED = ("count", "others")  # values of a message that add up when it is told for several chunks
_GROUP_BYTES = 12
Reader = Callable[[Path, str, Sequence[str]], Iterator[Chunk]]
"""From a file, what messages call it and the wanted columns to its rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which column holds what; ``truth`` says that the label is a number to predict. ``rename`` maps labels.

    With an ``answer`` the text is a question; the rows of a question are one group, unless a column groups them.
    """

    text: str | None
    label: str | None
    group: str | None = None
    time: str | None = None
    numeric: Sequence[str] = ()
    truth: bool = False
    rename: Mapping[str, str] = field(default_factory=dict)
    answer: str | None = None

    @property
    def wanted(self) -> list[str]:
        """The names, each once."""
        names = [self.text, self.label, self.group, self.time, self.answer, *self.numeric]
        return list(dict.fromkeys(name for name in names if name is not None))


def read_examples(
    paths: Sequence[Path],
    *,
    text: str | None,
    label: str | None,
    rename: Mapping[str, str] | None = None,
    group: str | None = None,
    time: str | None = None,
    numeric: Sequence[str] = (),
) -> Iterator[Example | Dropped]:
    """Each row as an example named by file and row, or dropped: ``examples_of`` says why.

    ``rename`` maps spellings of labels to those that are meant. Reads every file before the first example, so that
    all their problems are told at once.
    """
    columns = Columns(text=text, label=label, group=group, time=time, numeric=numeric, rename=rename or {})
    chunks: list[Chunk] = []
    problems: list[ArgosyError] = []
    for chunk in chunks_of(paths, columns.wanted):
        if isinstance(chunk, ArgosyError):
            problems.append(chunk)
        else:
            chunks.append(chunk)
    raise_all(problems)
    parts = [examples_of(chunk, columns) for chunk in chunks]
    raise_all(added_up(problem for _, told in parts for problem in told))
    return (row for rows, _ in parts for row in rows)


def chunks_of(
    paths: Sequence[Path], wanted: Sequence[str], read: Reader = read_chunks
) -> Iterator[Chunk | ArgosyError]:
    """The chunks of every file in order; what is wrong with one of them comes in its place, and the next is read."""
    for path, name in zip(paths, short_names(paths), strict=True):
        try:
            yield from read(path, name, wanted)
        except Problems as error:
            yield from error.problems
        except DataError as error:
            yield error


def examples_of(chunk: Chunk, columns: Columns) -> tuple[list[Example | Dropped], list[ArgosyError]]:
    """The rows of a chunk, and what is wrong with their times and numbers (each kind of mistake once).

    A row is dropped when it is ``empty``, ``too_long``, ``unlabelled``, ``unanswered``, or ``untimed`` where asked for.
    ``meta`` has file, row and raw text; group (a digest), time (ISO 8601), numeric (floats in order), answer if named.
    """
    count = len(next(iter(chunk.cells.values())))
    blank: Sequence[str | None] = [None] * count
    texts = chunk.cells[columns.text] if columns.text is not None else blank
    labels = chunk.cells[columns.label] if columns.label is not None else blank
    rows = [_row(chunk, at, texts[at] or "", labels[at], columns) for at in range(count)]
    kept = [at for at, row in enumerate(rows) if isinstance(row, Example)]
    more, problems = _more(chunk, kept, columns)
    for at, meta in zip(kept, more, strict=True):
        rows[at] = _with(rows[at], meta, timed=columns.time is not None)
    return rows, problems


def added_up(problems: Iterable[ArgosyError]) -> list[ArgosyError]:
    """Each kind of mistake in a column once, where it was met first, with all its rows counted."""
    first: dict[tuple[str, object], ArgosyError] = {}
    for problem in problems:
        known = first.setdefault((problem.message, problem.values.get("column")), problem)
        if known is not problem:
            for name in _ADDED:
                if name in known.values:
                    rows = int(str(problem.values[name])) + (name == "others")
                    known.values[name] = int(str(known.values[name])) + rows
    return list(first.values())


def group_of(value: str) -> str:
    """What stands for a group: enough to tell groups apart, and not the customer's name or number itself."""
    return hashlib.blake2b(value.encode(), digest_size=_GROUP_BYTES, person=b"argosy group").hexdigest()


def _row(chunk: Chunk, at: int, words: str, given: str | None, columns: Columns) -> Example | Dropped:
    row = chunk.start + at
    named = columns.rename.get(given, given) if given else None
    meta = {"file": chunk.file, "row": row, "raw": words[:LONGEST_TEXT]}
    example = Example(id=f"{chunk.file}:{row}", text=words[:LONGEST_TEXT], label=named, meta=meta)
    if columns.text is None:
        empty = not any((cells[at] or "").strip() for cells in chunk.cells.values())
    else:
        empty = not words.strip() or is_void(words)
    if empty:
        return Dropped(example=example, reason="empty")
    if len(words) > LONGEST_TEXT:
        return Dropped(example=_shown(example, len(words)), reason="too_long")
    if columns.label is not None and not (named or "").strip():
        return Dropped(example=example, reason="unlabelled")
    if columns.answer is not None:
        return _answered(example, chunk.cells[columns.answer][at] or "")
    return example


def _answered(example: Example, answer: str) -> Example | Dropped:
    """The example with its answer in ``meta``; too long where question and answer together are."""
    if not answer.strip() or is_void(answer):
        return Dropped(example=example, reason="unanswered")
    if len(example.text) + len(answer) > LONGEST_TEXT:
        return Dropped(example=_shown(example, len(example.text) + len(answer)), reason="too_long")
    return replace(example, meta={**example.meta, "answer": answer, "group": group_of(example.text.strip())})


def _more(chunk: Chunk, kept: Sequence[int], columns: Columns) -> tuple[list[dict[str, object]], list[ArgosyError]]:
    """What group, time and numeric columns say of the kept rows."""
    if not (columns.group or columns.time or columns.numeric or columns.truth):
        return [{} for _ in kept], []
    places = [f"{chunk.file}, row {chunk.start + at}" for at in kept]
    problems: list[ArgosyError] = []
    more: list[dict[str, object]] = [{} for _ in kept]
    if columns.group is not None:
        for meta, at in zip(more, kept, strict=True):
            if value := (chunk.cells[columns.group][at] or "").strip():
                meta["group"] = group_of(value)
    if columns.time is not None:
        times, told = parse_times([chunk.cells[columns.time][at] for at in kept], columns.time, places)
        problems += told
        for meta, time in zip(more, times, strict=True):
            meta.update({"time": time} if time else {})
    numbers = []
    for name in columns.numeric:
        values, told = parse_column([chunk.cells[name][at] for at in kept], name, places)
        problems += told
        numbers.append(values.tolist())
    for meta, row in zip(more, zip(*numbers, strict=True), strict=True) if numbers else ():
        meta["numeric"] = list(row)
    if columns.truth and columns.label is not None:
        problems += parse_column([chunk.cells[columns.label][at] for at in kept], columns.label, places)[1]
    return more, problems


def _with(row: Example | Dropped, meta: Mapping[str, object], *, timed: bool) -> Example | Dropped:
    if isinstance(row, Dropped) or not (meta or timed):
        return row
    example = Example(id=row.id, text=row.text, label=row.label, meta={**row.meta, **meta})
    return Dropped(example=example, reason="untimed") if timed and "time" not in meta else example


def _shown(example: Example, characters: int) -> Example:
    """The beginning of an example whose text is too long to keep; the whole of it stays in the user's file."""
    start = example.text[:_SHOWN]
    meta = {**example.meta, "raw": start, "characters": characters}
    return Example(id=example.id, text=start, label=example.label, meta=meta)
