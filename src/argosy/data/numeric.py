"""Columns of numbers: what is read as a number, and what is told, with the row and the mend, where a cell is none.

A number is digits with at most one point, a sign and an exponent: ``12``, ``-0.5``, ``1.5e3``, in full-width digits
too. Nothing is guessed: a comma may part thousands or decimals, "12 kg" may stand beside "12 lb".
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import ArgosyError, DataError
from argosy.core.records import Dropped, Example
from argosy.data.dedupe import twin_key

Numbers = NDArray[np.float64]
Cells = tuple[object, ...]

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?\d+(?:[.,' ]\d+)+")
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?:[T ].*)?|\d{2,4}年.*|\d{1,2}:\d{2}(?::\d{2})?.*|\d{4}-\d{1,2}")
_INSIDE = re.compile(r"[+-]?\d+(?:\.\d+)?")
_ABSENT = frozenset({"na", "n/a", "null", "none", "-", "--", "/", "?", "#n/a", "缺失", "无", "暂无", "不详", "未知"})
_INFINITE = re.compile(r"[+-]?(?:nan|inf|infinity)|#(?:div/0!|value!|num!|ref!|name\?|null!)", re.IGNORECASE)
_WORDS = {"万": 10_000, "亿": 100_000_000}
_SIGNS = str.maketrans({"−": "-", "–": "-", "\u00a0": " ", "\u202f": " "})
_LARGEST = 1e150
_SAME = 1e-9  # a correlation so near to 1 is an equation
_EQUATION_ROWS = 10  # fewer points lie on a line by chance
_CHANCE = 0.5  # expected pairs of equal rows, from which on equal rows say nothing


def parse_number(cell: str) -> float | None:
    """The number that a cell holds, or None; from 10¹⁵⁰ on a square is no number any more, so none is.

    >>> parse_number(" 1.5e3 "), parse_number("１２"), parse_number("1,5"), parse_number("nan")
    (1500.0, 12.0, None, None)
    """
    plain = _plain(cell)
    number = float(plain) if _NUMBER.fullmatch(plain) else math.nan
    return number if abs(number) < _LARGEST else None


def parse_column(cells: Sequence[str | None], column: str, places: Sequence[str]) -> tuple[Numbers, list[ArgosyError]]:
    """The numbers of a column, NaN where a cell holds none, with one problem for each kind of bad cell.

    ``places`` names the file and row of each cell; a problem stands where its kind is met first.
    """
    found = [parse_number(cell or "") for cell in cells]
    values = np.array([math.nan if number is None else number for number in found], dtype=np.float64)
    bad: dict[str, list[int]] = {}
    for place in np.flatnonzero(np.isnan(values)).tolist():
        bad.setdefault(_kind(_plain(cells[place] or "")), []).append(place)
    return values, [_told(kind, cells[rows[0]] or "", column, places[rows[0]], len(rows)) for kind, rows in bad.items()]


def check_columns(numbers: Numbers, columns: Sequence[str], truth: Sequence[str], where: str) -> list[ArgosyError]:
    """Columns [rows, columns] that hold one value only, and those that are the target by another name.

    ``truth`` is the target of each row, as it stands in the file: a number to predict, or a label.
    """
    told = [parse_number(cell) for cell in truth]
    target = np.array([number for number in told if number is not None], dtype=np.float64)
    problems = []
    for place, column in enumerate(columns):
        values = numbers[:, place]
        if len(values) and np.all(values == values[0]):
            problems.append(_constant(column, float(values[0]), where))
        elif (len(target) == len(values) and _is_line(values, target)) or _names_labels(values, truth):
            problems.append(_copy(column, where))
    return problems


def check_targets(truth: Numbers, where: str) -> list[ArgosyError]:
    """Whether there are numbers to predict at all: one value teaches nothing, two are classes."""
    distinct = np.unique(truth)
    if len(distinct) == 1:
        return [
            DataError(
                "The target is {value} on every row: there is nothing to predict.",
                where=where,
                mend="Check that [data] label names the right column.",
                value=f"{distinct[0]:g}",
            )
        ]
    if len(distinct) == 2 and len(truth) >= _EQUATION_ROWS:  # noqa: PLR2004 - two values are two classes
        return [
            DataError(
                "The target takes only two values, {values}: these are classes, not numbers to predict.",
                where=where,
                mend='Write task = "classify" in the project file.',
                values=", ".join(f"{value:g}" for value in distinct),
            )
        ]
    return []


def repeats_by_chance(examples: Sequence[Example]) -> bool:
    """Whether rows of these columns may well be equal though nothing was copied: a few columns of few values.

    So it is when the expected number of equal pairs, n(n - 1)/2 · Π Σ p² over the columns, is one half or more.
    """
    return _expected_pairs([cells_of(example) for example in examples]) >= _CHANCE


def drop_repeats(examples: Iterable[Example]) -> Iterator[Example | Dropped]:
    """Drop (``exact_twin``) each row that repeats an earlier one in text, numbers and target."""
    seen: set[Cells] = set()
    for example in examples:
        cells = cells_of(example)
        yield Dropped(example=example, reason="exact_twin") if cells in seen else example
        seen.add(cells)


def cells_of(example: Example) -> Cells:
    """What two rows share exactly when one repeats the other: the text whatever its case, the numbers, the target."""
    numbers = example.meta.get("numeric", [])
    return (twin_key(example.text), *(numbers if isinstance(numbers, list) else []), example.label)


def numbers_of(examples: Iterable[Example]) -> Numbers:
    """The numbers [rows, columns] that ``meta["numeric"]`` holds, in the order of ``[data] numeric``."""
    return np.array([example.meta.get("numeric", []) for example in examples], dtype=np.float64, ndmin=2)


def targets_of(examples: Iterable[Example]) -> Numbers:
    """The numbers to predict [rows], which the labels hold."""
    return np.array([parse_number(example.label or "") for example in examples], dtype=np.float64)


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).translate(_SIGNS).strip()


def _kind(cell: str) -> str:
    if not cell or cell.casefold() in _ABSENT:
        return "empty"
    if _INFINITE.fullmatch(cell) or _NUMBER.fullmatch(cell):  # digits beyond what a number can hold
        return "infinite"
    if _DATE.fullmatch(cell):
        return "date"
    if _COMMA.fullmatch(cell):
        return "comma"
    return "unit" if re.search(r"\d", cell) else "word"


def _told(kind: str, cell: str, column: str, where: str, count: int) -> ArgosyError:
    facts: dict[str, Any] = {"where": where, "column": column, "found": cell.strip()[:40], "count": count}
    match kind:
        case "empty":
            return DataError(
                "The column {column!r} holds no number on {count} rows; this is the first.",
                mend="Fill in the cells, delete these rows, or take the column out of [data].",
                **facts,
            )
        case "infinite":
            return DataError(
                "The column {column!r} holds {found!r}, which cannot be calculated with ({count} such rows).",
                mend="Mend the formula that made it, delete these rows, or take the column out of [data].",
                **facts,
            )
        case "date":
            return DataError(
                "The column {column!r} holds the date or time {found!r}, not a number ({count} such rows).",
                mend="Write a number, such as the days since a fixed date; to split by time, name it in [data] time.",
                **facts,
            )
        case "comma":
            return DataError(
                "The column {column!r} holds {found!r}: a comma or a gap may part decimals or thousands ({count} "
                "such rows).",
                mend="Write a point before the decimals and nothing between thousands: {meant}.",
                meant=_meant(_plain(cell)),
                **facts,
            )
        case "unit":
            return DataError(
                "The column {column!r} holds {found!r}, which is more than a number ({count} such rows).",
                mend="Write the number alone, such as {meant}, in one unit on every row; name it in the column's name.",
                meant=_alone(_plain(cell)),
                **facts,
            )
    return DataError(
        "The column {column!r} holds the word {found!r} where a number is expected ({count} such rows).",
        mend="Write numbers: for a few kinds of thing, a column of 0 and 1 for each kind.",
        **facts,
    )


def _meant(cell: str) -> str:
    """What a cell with commas may mean.

    >>> _meant("1.234,5"), _meant("3,5"), _meant("1,234"), _meant("1,234,567")
    ('1234.5', '3.5', '1.234 / 1234', '1234567')
    """
    parts = re.split(r"[.,' ]", cell)
    whole, last = "".join(parts[:-1]), parts[-1]
    marks = re.findall(r"[.,' ]", cell)
    if len(set(marks)) > 1:
        return f"{whole}.{last}"
    if len(marks) > 1:
        return whole + last
    return f"{whole}.{last} / {whole}{last}" if len(last) == 3 else f"{whole}.{last}"  # noqa: PLR2004 - thousands


def _alone(cell: str) -> str:
    """The number inside a cell, times ten thousand or a hundred million where a Chinese word says so.

    >>> _alone("12 kg"), _alone("¥3.5万"), _alone("约1,200元"), _alone("2亿")
    ('12', '35000', '1200', '200000000')
    """
    inside = _INSIDE.search(cell.replace(",", ""))
    if inside is None:
        return "12.5"
    times = next((factor for word, factor in _WORDS.items() if word in cell), 1)
    return f"{float(inside[0]) * times:.10g}"


def _constant(column: str, value: float, where: str) -> ArgosyError:
    return DataError(
        "The column {column!r} is {value} on every row: nothing can be learnt from it.",
        where=where,
        mend="Take it out of [data] numeric.",
        column=column,
        value=f"{value:g}",
    )


def _copy(column: str, where: str) -> ArgosyError:
    return DataError(
        "The column {column!r} tells the target on every row: it is the answer by another name.",
        where=where,
        mend="Take it out of [data] numeric; when the model is asked, the answer is not known yet.",
        column=column,
    )


def _is_line(values: Numbers, target: Numbers) -> bool:
    """Whether the target is a constant times the column plus another constant, on enough rows to say so."""
    if len(values) < _EQUATION_ROWS or np.ptp(target) == 0:
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(abs(np.corrcoef(values, target)[0, 1]) > 1 - _SAME)


def _names_labels(values: Numbers, truth: Sequence[str]) -> bool:
    """Whether each value stands for one label and each label for one value, labels standing on five rows on average."""
    pairs = set(zip(values.tolist(), truth, strict=True))
    labels = {label for _, label in pairs}
    one_to_one = len(pairs) == len(labels) == len({value for value, _ in pairs})
    return one_to_one and len(labels) > 1 and len(truth) >= _EQUATION_ROWS / 2 * len(labels)


def _expected_pairs(rows: Sequence[Cells]) -> float:
    """Pairs of equal rows to be expected if the columns knew nothing of each other."""
    count = len(rows)
    pairs = count * (count - 1) / 2
    for column in zip(*rows, strict=True):
        shares = np.unique([hash(cell) for cell in column], return_counts=True)[1] / count
        pairs *= float(np.sum(shares**2))
    return pairs
