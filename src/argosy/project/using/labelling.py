"""Label the texts of a file of any size: read in slices, labelled at the engine's full pace, gone on with after a kill.

The file is looked through once before any work: what is wrong with it is told then, and how far there is to go.
Slices are cut by the rows alone and labelled in blocks of texts of like length, so that a labelling that was
interrupted writes the same bytes as one that was not. While the engine scores a block, the next ones are read into
tokens.
"""

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from argosy.config.places import find_model
from argosy.core.artifact import MANIFEST, digest_file, digest_text
from argosy.core.engine import Reading, Staged
from argosy.core.errors import DataError, StoppedError
from argosy.core.records import Prediction
from argosy.core.version import __version__
from argosy.data.files.table import Table, open_table
from argosy.data.files.write import line_bytes, longest_cell, refuse_oversize, suffix_of, write_table
from argosy.infer.engines.staged import staged
from argosy.project.using.model import Model, load, with_answers
from argosy.project.using.unfinished import Unfinished, unfinished

ROWS = 4_096  # of a slice: what is written at once, and lost at most by a kill
_BLOCK = 512  # texts that the engine is asked for at once
_AHEAD = 3  # blocks in work


class Listener(Protocol):
    """Whoever shows how a labelling goes."""

    def look(self) -> None:
        """A large file is looked through, which takes some seconds for a million rows."""
        ...

    def begin(self, rows: int, characters: int, standing: int, changed: str | None) -> None:
        """What is to be done; ``standing`` rows are labelled already. ``changed`` names why others are not used."""
        ...

    def advance(self, characters: int) -> None:
        """So many characters more are read, labelled now or before."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """What was done: ``rows`` in the file, of which ``standing`` had been labelled by a run that was interrupted.

    ``texts_per_s`` is of the others; ``truncated`` counts the texts that the model did not read to their end.
    """

    rows: int
    file: str
    seconds: float
    texts_per_s: float
    truncated: int
    standing: int


@dataclass(frozen=True, slots=True)
class _Size:
    """What a look through the file found; ``longest`` is its longest cell, in characters."""

    rows: int = 0
    characters: int = 0
    longest: int = 0


@dataclass(slots=True)
class _Slice:
    """Rows of the file and their answers, as far as they are there."""

    frame: pl.DataFrame
    answers: list[Prediction | None]
    missing: int
    truncated: int = 0


@dataclass(frozen=True, slots=True)
class _Answers:
    """What the engine said of a block, and of how many texts it read the beginning alone."""

    predictions: list[Prediction]
    truncated: int


@dataclass(frozen=True, slots=True)
class _Block:
    """Texts of a slice, and the rows they stand in."""

    slice: _Slice
    rows: Sequence[int]
    texts: Sequence[str]


def label_file(
    folder: Path, source: Path, column: str, target: Path, listener: Listener, engine: str | None = None
) -> Labelled:
    """Write ``target``: every column of ``source``, and what the model of ``folder`` says of the texts in ``column``.

    Raises DataError for what is wrong with the file, BusyError when another process writes the target, MachineError
    when the system refuses, StoppedError on ctrl-C.
    """
    suffix, place = suffix_of(target), find_model(folder)
    with unfinished(target) as part:
        try:
            return _labelled(place, part, open_table(source, column), listener, engine, suffix)
        except KeyboardInterrupt as error:
            raise StoppedError(
                "Stopped; the rows that were labelled are kept.",
                where=str(target),
                mend="The same command goes on from there.",
            ) from error


def _labelled(
    place: Path, part: Unfinished, table: Table, listener: Listener, engine: str | None, suffix: str
) -> Labelled:
    """Look through the file, go on from where it stands, and give the target its name."""
    start, stamp = time.perf_counter(), _stamp(table.path)
    if table.frame is None:
        listener.look()
    size = _survey(table)
    if suffix == ".xlsx":
        refuse_oversize(size.rows, size.longest, part.target)
    model = load(place, engine)
    changed = part.resume(_origin(place, model, table, suffix))
    standing = part.journal.rows
    listener.begin(size.rows, size.characters, standing, changed)
    begun = time.perf_counter()
    _label(model, table, part, suffix, listener)
    seconds = time.perf_counter() - begun
    if _stamp(table.path) != stamp:
        raise DataError(
            "The file was changed while it was being labelled.", where=table.path.name, mend="Label it again."
        )
    _finish(part, suffix, table)
    return Labelled(
        rows=part.journal.rows,
        file=str(part.target),
        seconds=round(time.perf_counter() - start, 3),
        texts_per_s=round((part.journal.rows - standing) / seconds, 1),
        truncated=part.journal.truncated,
        standing=standing,
    )


def _stamp(source: Path) -> tuple[int, int]:
    found = source.stat()
    return found.st_size, found.st_mtime_ns


def _survey(table: Table) -> _Size:
    rows = characters = longest = 0
    for frame in table.slices(ROWS):
        rows += frame.height
        characters += _characters(frame, table.column)
        longest = max(longest, longest_cell(frame))
    return _Size(rows, characters, longest)


def _characters(frame: pl.DataFrame, column: str) -> int:
    """The characters of the texts, and one for each: an empty text is work too."""
    return frame.height + int(frame[column].str.len_chars().sum())


def _origin(place: Path, model: Model, table: Table, suffix: str) -> dict[str, str]:
    """What the rows depend on."""
    return {
        "file": digest_file(table.path),
        "model": f"{_digest(place)} {model.engine.name} {__version__}",
        "column": f"{table.column} {suffix}",
    }


def _digest(place: Path) -> str:
    """The digest of a model's folder: that of its manifest, or of all its files where it has none."""
    if (place / MANIFEST).is_file():
        return digest_file(place / MANIFEST)
    files = sorted(path for path in place.rglob("*") if path.is_file())
    return digest_text("\n".join(f"{path.relative_to(place)} {digest_file(path)}" for path in files))


def _label(model: Model, table: Table, part: Unfinished, suffix: str, listener: Listener) -> None:
    """Label what is not labelled yet, slice by slice, and write each as soon as it is whole."""
    for block, answers in _answered(staged(model.engine), _blocks(table, part.journal.rows, listener)):
        found = block.slice
        for row, answer in zip(block.rows, answers.predictions, strict=True):
            found.answers[row] = answer
        found.missing -= len(block.rows)
        found.truncated += answers.truncated
        listener.advance(len(block.texts) + sum(map(len, block.texts)))
        if not found.missing:
            labelled = with_answers(found.frame, [one for one in found.answers if one is not None])
            raw = line_bytes(labelled, _lines_of(suffix), first=part.journal.rows == 0)
            part.add(raw, labelled.height, found.truncated)


def _blocks(table: Table, standing: int, listener: Listener) -> Iterator[_Block]:
    """The texts of the slices that are not ``standing``, in blocks of like length."""
    passed = 0
    for frame in table.slices(ROWS):
        passed += frame.height
        if passed <= standing:
            listener.advance(_characters(frame, table.column))
            continue
        texts = [text or "" for text in frame[table.column].to_list()]
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        whole = _Slice(frame, [None] * len(texts), len(texts))
        for start in range(0, len(order), _BLOCK):
            rows = order[start : start + _BLOCK]
            yield _Block(whole, rows, [texts[row] for row in rows])


def _answered(engine: Staged, blocks: Iterable[_Block]) -> Iterator[tuple[_Block, _Answers]]:
    """Each block with its answers, in order; the next ones are in work already."""
    waiting: deque[tuple[_Block, Future[_Answers]]] = deque()

    def score(read: Future[list[Reading]]) -> _Answers:
        readings = read.result()
        return _Answers(list(engine.score(readings)), sum(reading.truncated for reading in readings))

    with ThreadPoolExecutor(1, "argosy-score") as scoring, ThreadPoolExecutor(1, "argosy-read") as reading:
        try:
            for block in blocks:
                waiting.append((block, scoring.submit(score, reading.submit(engine.read, block.texts))))
                if len(waiting) == _AHEAD:
                    yield _next(waiting)
            while waiting:
                yield _next(waiting)
        finally:
            for _, answers in waiting:
                answers.cancel()


def _next(waiting: deque[tuple[_Block, Future[_Answers]]]) -> tuple[_Block, _Answers]:
    block, answers = waiting.popleft()
    return block, answers.result()


def _lines_of(suffix: str) -> str:
    """How the rows are kept until all are there: a workbook cannot be gone on with, so it is made of lines."""
    return ".jsonl" if suffix == ".xlsx" else suffix


def _finish(part: Unfinished, suffix: str, table: Table) -> None:
    if suffix != ".xlsx":
        part.finish()
        return
    write_table(pl.read_ndjson(part.path, schema=_schema(table)), part.target)
    part.discard()


def _schema(table: Table) -> dict[str, pl.DataType]:
    """The columns of the labelled table."""
    empty = pl.DataFrame(schema=dict.fromkeys(table.columns, pl.String))
    return dict(with_answers(empty, []).schema)
