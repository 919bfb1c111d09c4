"""The queue as a table for people, and the filled table read back, whatever a spreadsheet made of it."""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from argosy.core.errors import ArgosyError, DataError, MissingError, raise_all
from argosy.data.files.header import missing_columns, nearest
from argosy.data.files.read import first_row, read_table
from argosy.data.files.write import suffix_of, write_table
from argosy.project.improving.queue import Shown

ID, TEXT, LABEL = "id", "text", "label"
_FORMULA = ("=", "+", "-", "@", "\t")  # what a spreadsheet takes for the start of one
_DIGITS = 1e-5  # that a spreadsheet keeps of a long number


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What a filled table says: a label for each item by its id, rows without one, and rows whose text is gone."""

    labels: Mapping[str, str]
    empty: int
    gone: int


def write_sheet(path: Path, shown: Sequence[Shown], labels: Sequence[str]) -> None:
    """Write .csv, .xlsx or .jsonl with an empty column for the label; the header of the last one names the labels.

    In CSV an apostrophe keeps a spreadsheet from running a text as a formula. Raises DataError for another ending.
    """
    guarded = suffix_of(path) == ".csv"
    texts = [f"'{one.text}" if guarded and one.text.startswith(_FORMULA) else one.text for one in shown]
    columns = {ID: [one.item.id for one in shown], TEXT: texts, LABEL: [None] * len(shown)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    if labels:
        frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(" | ".join(labels)))
    write_table(frame, path)


def read_sheet(path: Path, known: Mapping[str, str | None], labels: Sequence[str], *, others: bool = False) -> Filled:
    """The labels of a filled table; ``known`` are the texts of all items by their ids, None of those that are gone.

    A label is one of ``labels``, or with ``others`` any. Raises DataError, or all that is wrong at once, and then
    nothing of the table counts.
    """
    frame = read_table(path, [ID, LABEL])
    raise_all(missing_columns(frame, [ID, TEXT, LABEL], path.name))
    rows = _Rows(path=path, known=known, labels=labels, others=others)
    problems: list[ArgosyError] = []
    found: defaultdict[str, set[str]] = defaultdict(set)
    gone = 0
    for at, (item, text, cell) in enumerate(frame.select(ID, TEXT, LABEL).iter_rows()):
        where = f"{path.name}, row {first_row(path) + at}"
        if not (cell or "").strip():
            continue
        told = rows.read(where, (item or "").strip(), text or "", cell.strip())
        if isinstance(told, ArgosyError):
            problems.append(told)
        elif told is None:
            gone += 1
        else:
            found[told[0]].add(told[1])
            if len(found[told[0]]) > 1:
                problems.append(_two_labels(where, found[told[0]]))
    raise_all(problems)
    if not found and not gone:
        raise MissingError("No row has a label yet.", where=path.name, mend="Fill the column {label!r}.", label=LABEL)
    return Filled(labels={item: label for item, (label,) in found.items()}, empty=_empty(frame), gone=gone)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """How the rows of one table are read."""

    path: Path
    known: Mapping[str, str | None]
    labels: Sequence[str]
    others: bool

    def read(self, where: str, item: str, text: str, cell: str) -> tuple[str, str] | ArgosyError | None:
        """An item's id and label; what is wrong with the row; None where its text is gone by now."""
        if item not in self.known:
            return DataError(
                "No text with the id {item!r} was asked for.",
                where=where,
                mend="Take the id from the table that `argosy labels sheet` wrote, or delete the row.",
                item=item,
            )
        ours = self.known[item]
        if ours is None:
            return None
        if not same(ours, text):
            return DataError(
                "The text is not the one that {item} names, so that the label may belong to another row: {text!r}.",
                where=where,
                mend="Sort all columns together or none; a new table: argosy labels sheet",
                item=item,
                text=text[:60],
            )
        label = _meant(cell, self.labels)
        if label is None and not self.others:
            return DataError(
                "There is no label {cell!r}; the nearest is {near!r}.",
                where=where,
                mend="Choose one of: {labels}. Where it is a new topic, say so: --new",
                cell=cell,
                near=nearest(cell, self.labels, 0.0),
                labels=", ".join(self.labels),
            )
        return item, label or cell


def same(ours: str, theirs: str) -> bool:
    r"""Whether a cell is the text that was written, through a spreadsheet: blanks, lost characters, numbers.

    >>> same("=a\r\nb 😀", "'=a b ?"), same("00123456789012", "1.23457E+11"), same("good", "bad")
    (True, True, False)
    """
    if _plain(ours) == _plain(theirs) or _plain(_in_gb18030(ours)) == _plain(theirs):
        return True
    one, other = _number(ours), _number(theirs)
    return one is not None and other is not None and abs(one - other) <= _DIGITS * abs(one)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).removeprefix("'").split())


def _in_gb18030(text: str) -> str:
    """What is left of a text in the encoding that a Chinese spreadsheet saves CSV in."""
    return text.encode("gbk", "replace").decode("gbk")


def _number(text: str) -> float | None:
    try:
        return float(text.strip().removeprefix("'"))
    except ValueError:
        return None


def _meant(cell: str, labels: Sequence[str]) -> str | None:
    """The label that a cell names: as it is, in other case or width, or as a number in another form."""
    if cell in labels:
        return cell
    for alike in (_folded, _number):
        meant = alike(cell)
        found = [label for label in labels if meant is not None and alike(label) == meant]
        if len(found) == 1:
            return found[0]
    return None


def _folded(text: str) -> str:
    return _plain(text).casefold()


def _two_labels(where: str, labels: set[str]) -> ArgosyError:
    return DataError(
        "The same text has several labels here: {labels}.",
        where=where,
        mend="Keep one row of it.",
        labels=", ".join(sorted(labels)),
    )


def _empty(frame: pl.DataFrame) -> int:
    return int(frame.select((pl.col(LABEL).fill_null("").str.strip_chars() == "").sum()).item())
