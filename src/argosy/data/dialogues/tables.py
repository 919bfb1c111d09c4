"""Dialogues in tables: a row a turn, or a row a question with its answer."""

from collections.abc import Iterator
from pathlib import Path

from argosy.core.errors import ArgosyError, DataError, raise_all
from argosy.data.dialogues.columns import Account, Columns
from argosy.data.dialogues.said import Said, kept
from argosy.data.documents.faq import pair_of
from argosy.data.examples import added_up
from argosy.data.files.header import nearest
from argosy.data.files.read import Chunk, read_chunks, read_table, streamed
from argosy.data.times import parse_times

_NAMED = 12  # columns that a message names


def table_turns(path: Path, name: str, columns: Columns, account: Account) -> Iterator[Said]:
    """The turns of a table in the order of its rows.

    Raises DataError where the columns are neither those of turns nor those of questions and answers.
    """
    turn = [columns.dialogue, columns.speaker, columns.text]
    found = _names(path, name, turn)
    wanted, pair = turn, None
    if not set(turn) <= set(found):
        pair = pair_of(found)
        if pair is None:
            raise_all(_missing(turn, found, name))
        wanted = list(pair or ())
    if columns.time is not None and (columns.time in found or pair is None):
        wanted = [*wanted, columns.time]
    problems: list[ArgosyError] = []
    for chunk in read_chunks(path, name, wanted):
        times = _times(chunk, columns, problems)
        rows = _pairs(chunk, pair, times) if pair else _turns(chunk, columns, times)
        yield from (said for said in rows if kept(said, account))
    raise_all(added_up(problems))


def _turns(chunk: Chunk, columns: Columns, times: list[str | None]) -> Iterator[Said]:
    cells = (chunk.cells[name] for name in (columns.dialogue, columns.speaker, columns.text))
    for dialogue, speaker, text, time in zip(*cells, times, strict=True):
        yield Said(dialogue=(dialogue or "").strip(), speaker=(speaker or "").strip(), text=text or "", time=time)


def _pairs(chunk: Chunk, pair: tuple[str, str], times: list[str | None]) -> Iterator[Said]:
    cells = (chunk.cells[name] for name in pair)
    for row, (question, answer, time) in enumerate(zip(*cells, times, strict=True), start=chunk.start):
        place = f"{chunk.file}:{row}"
        yield Said(dialogue=place, speaker="", text=question or "", time=time, role="customer")
        yield Said(dialogue=place, speaker="", text=answer or "", time=time, role="agent")


def _times(chunk: Chunk, columns: Columns, problems: list[ArgosyError]) -> list[str | None]:
    count = len(next(iter(chunk.cells.values())))
    if columns.time is None or columns.time not in chunk.cells:
        return [None] * count
    places = [f"{chunk.file}, row {chunk.start + at}" for at in range(count)]
    times, told = parse_times(chunk.cells[columns.time], columns.time, places)
    problems += told
    return times


def _names(path: Path, name: str, wanted: list[str]) -> list[str]:
    rows = streamed(path, name)
    return rows.names(path, name) if rows else read_table(path, wanted).columns


def _missing(wanted: list[str], found: list[str], where: str) -> list[ArgosyError]:
    """One error that names every column of turns that is not there, and those that are."""
    missing = [name for name in wanted if name not in found]
    return [
        DataError(
            "A row a turn needs the columns {wanted}, and {missing} is not there; the first row names {found}.",
            where=where,
            mend="Name them in the project file: dialogue and speaker in [support], text in [data]{near}.",
            wanted=", ".join(map(repr, wanted)),
            missing=", ".join(map(repr, missing)),
            found=", ".join(repr(column[:40]) for column in found[:_NAMED]),
            near="".join(f"; {name!r} → {near!r}" for name in missing if (near := nearest(name, found))),
        )
    ]
