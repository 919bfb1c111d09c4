"""Columns of true and of predicted answers as each task measures them: what a cell may hold, and what is told if not.

A list or an object in a cell is JSON: in a CSV file as text, in JSON lines as it is.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from argosy.core.errors import ArgosyError, DataError, raise_all
from argosy.data.numeric import parse_column
from argosy.evaluate.metrics import Undefined
from argosy.evaluate.tasks.spans import spans

NO_SCORES = Undefined(reason="Labels were given, not probabilities; there is no order of the rows to measure.")
_RANKED = ("roc_auc", "pr_auc")
_SHOWN = 40  # characters of a cell in a message
CELL_MESSAGES = MappingProxyType(
    {
        "label": "The column {column!r} is empty on {count} rows; a label is expected on each. This is the first.",
        "labels": "Expected a JSON list of labels in {column!r}, found {found} ({count} such rows).",
        "scores": "Expected a JSON object of probabilities in {column!r}, found {found} ({count} such rows).",
        "tags": "Expected a JSON list of tags, or of [start, stop, kind] spans, in {column!r}, found {found} ({count} "
        "such rows).",
        "numbers": "Expected a JSON list of finite numbers in {column!r}, found {found} ({count} such rows).",
    }
)
MEND_MESSAGES = MappingProxyType(
    {
        "label": "Fill them in; an answer that was not given may have a label of its own, such as none.",
        "labels": 'Write ["a", "b"], and [] where there is none.',
        "scores": 'Write {{"a": 0.9, "b": 0.1}}, each from 0 to 1; a label that is left out has 0.',
        "tags": 'Write ["B-PER", "I-PER", "O"], one tag a token, or [[0, 2, "PER"]]; [] for no spans.',
        "numbers": "Write [0.9, 0.2, 0.4], one number a document, in the same order in every column.",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The cells [rows] of one column, and the file and row of each."""

    name: str
    cells: Sequence[str | None]
    places: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Truth and predictions in the form that the task's metrics take, by column.

    ``undefined`` says for a column why it has no figure for some metrics, by metric.
    """

    truth: Any
    predicted: Mapping[str, Any]
    undefined: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


Reader = Callable[[Column, Sequence[Column]], Answers]


def _classify(truth: Column, predicted: Sequence[Column]) -> Answers:
    """Labels; predictions are labels too, or objects of probabilities by label."""
    true = _parsed(truth, "label", _label)
    said = {column.name: _shares(column, "label", _label) for column in predicted}
    names = sorted({*true, *(name for rows in said.values() for row in rows for name in row)})
    place = {name: number for number, name in enumerate(names)}
    return Answers(
        truth=np.array([place[label] for label in true]),
        predicted={name: _matrix(rows, place) for name, rows in said.items()},
        undefined=_unranked(predicted),
    )


def _multi_label(truth: Column, predicted: Sequence[Column]) -> Answers:
    """Lists of labels; predictions are lists too, or objects of scores by label."""
    true = [dict.fromkeys(row, 1.0) for row in _parsed(truth, "labels", _labels)]
    said = {column.name: _shares(column, "labels", _labels) for column in predicted}
    place = {name: number for number, name in enumerate(sorted({name for row in true for name in row}))}
    for rows in said.values():
        for name in sorted({name for row in rows for name in row} - place.keys()):
            place[name] = len(place)
    if not place:
        raise DataError("No row has a label, and none is predicted.", mend="Name other columns.")
    return Answers(
        truth=_matrix(true, place) > 0,
        predicted={name: _matrix(rows, place) for name, rows in said.items()},
        undefined=_unranked(predicted),
    )


def _tagging(truth: Column, predicted: Sequence[Column]) -> Answers:
    """One list a sentence: BIO or BIOES tags, or spans."""
    true = _parsed(truth, "tags", _tags)
    said = {column.name: _parsed(column, "tags", _tags) for column in predicted}
    for column in (truth, *predicted):
        _check_tags(column, said.get(column.name, true))
    raise_all([problem for column in predicted for problem in _uneven_tags(column, true, said[column.name])])
    return Answers(truth=true, predicted=said)


def _numbers(truth: Column, predicted: Sequence[Column]) -> Answers:
    """A number a row."""
    columns = {column.name: parse_column(column.cells, column.name, column.places) for column in (truth, *predicted)}
    raise_all([_of_file(problem) for _, problems in columns.values() for problem in problems])
    values = {name: found for name, (found, _) in columns.items()}
    return Answers(truth=values.pop(truth.name), predicted=values)


def _retrieval(truth: Column, predicted: Sequence[Column]) -> Answers:
    """A list a query: the grade of each document, and the score that it was given."""
    true = _parsed(truth, "numbers", _figures)
    said = {column.name: _parsed(column, "numbers", _figures) for column in predicted}
    raise_all(_irrelevant(truth, true))
    raise_all([problem for column in predicted for problem in _uneven_scores(column, true, said[column.name])])
    return Answers(truth=true, predicted=said)


def _generation(truth: Column, predicted: Sequence[Column]) -> Answers:
    """Texts; an empty cell is an empty answer."""
    return Answers(truth=_texts(truth), predicted={column.name: _texts(column) for column in predicted})


def _language_model(truth: Column, predicted: Sequence[Column]) -> Answers:
    """Texts, and the negative log-likelihood of each in nats."""
    columns = {column.name: parse_column(column.cells, column.name, column.places) for column in predicted}
    problems = [_of_file(problem) for _, found in columns.values() for problem in found]
    for column in predicted:
        below = np.flatnonzero(columns[column.name][0] < 0)
        if len(below):
            problems.append(
                DataError(
                    "The column {column!r} holds {found}: the negative log-likelihood of a text is never below 0.",
                    where=column.places[below[0]],
                    mend="Write the sum over the tokens of -ln p, in nats.",
                    column=column.name,
                    found=str(column.cells[below[0]]),
                )
            )
    raise_all(problems)
    return Answers(truth=_texts(truth), predicted={name: found for name, (found, _) in columns.items()})


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "classify": _classify,
        "multi_label": _multi_label,
        "tagging": _tagging,
        "regress": _numbers,
        "similarity": _numbers,
        "retrieval": _retrieval,
        "generation": _generation,
        "language_model": _language_model,
    }
)


def _parsed(column: Column, kind: str, parse: Callable[[str], Any]) -> list[Any]:
    """What each cell holds; raises DataError at the first of the cells that ``parse`` finds no sense in (None)."""
    found = [None if cell is None else parse(cell) for cell in column.cells]
    bad = [place for place, value in enumerate(found) if value is None]
    if bad:
        cell = column.cells[bad[0]]
        raise DataError(
            CELL_MESSAGES[kind],
            where=column.places[bad[0]],
            mend=MEND_MESSAGES[kind],
            column=column.name,
            found="–" if cell is None else repr(cell[:_SHOWN]),
            count=len(bad),
        )
    return found


def _shares(column: Column, kind: str, parse: Callable[[str], Any]) -> list[dict[str, float]]:
    """Scores by label, whether a column holds them or labels alone."""
    if _has_scores(column):
        return _parsed(column, "scores", _scores)
    rows = _parsed(column, kind, parse)
    return [dict.fromkeys([row] if isinstance(row, str) else row, 1.0) for row in rows]


def _has_scores(column: Column) -> bool:
    """Whether the first cell that is filled holds a JSON object."""
    return isinstance(_json(next((cell for cell in column.cells if cell), "")), dict)


def _unranked(predicted: Sequence[Column]) -> dict[str, dict[str, str]]:
    return {column.name: dict.fromkeys(_RANKED, NO_SCORES.reason) for column in predicted if not _has_scores(column)}


def _matrix(rows: Sequence[Mapping[str, float]], place: Mapping[str, int]) -> np.ndarray:
    """Scores [rows, labels]."""
    scores = np.zeros((len(rows), len(place)))
    for number, row in enumerate(rows):
        for name, score in row.items():
            scores[number, place[name]] = score
    return scores


def _of_file(problem: ArgosyError) -> ArgosyError:
    """A cell that is no number, mended in the file: there is no project here."""
    mend = "Write a finite number on every row, or leave these rows out." if "[data]" in problem.mend else problem.mend
    return DataError(problem.message, where=problem.where, mend=mend, **problem.values)


def _texts(column: Column) -> list[str]:
    return [cell or "" for cell in column.cells]


def _label(cell: str) -> str | None:
    return cell.strip() or None


def _labels(cell: str) -> list[str] | None:
    found = _json(cell)
    return found if isinstance(found, list) and all(isinstance(name, str) for name in found) else None


def _scores(cell: str) -> dict[str, float] | None:
    found = _json(cell)
    if not isinstance(found, dict) or not found or not all(map(_is_figure, found.values())):
        return None
    return found if all(0 <= score <= 1 for score in found.values()) else None


def _tags(cell: str) -> list[Any] | None:
    found = _json(cell)
    if not isinstance(found, list):
        return None
    if all(isinstance(tag, str) for tag in found):
        return found
    return [tuple(span) for span in found] if all(map(_is_span, found)) else None


def _figures(cell: str) -> np.ndarray | None:
    found = _json(cell)
    if not isinstance(found, list) or not found or not all(map(_is_figure, found)):
        return None
    return np.array(found, dtype=np.float64)


def _json(cell: str) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return None


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_span(value: object) -> bool:
    match value:
        case [int(start), int(stop), str()]:
            return 0 <= start < stop
    return False


def _check_tags(column: Column, found: Sequence[Any]) -> None:
    """Raise DataError, with its row, for a tag that is none."""
    for place, tags in zip(column.places, found, strict=True):
        try:
            spans([tag for tag in tags if isinstance(tag, str)])
        except DataError as error:
            raise DataError(error.message, where=place, mend=error.mend, **error.values) from error


def _uneven_tags(column: Column, true: Sequence[Any], said: Sequence[Any]) -> list[ArgosyError]:
    """The first sentence that has other tokens in the column than in truth."""
    for place, one, other in zip(column.places, true, said, strict=True):
        tags = [all(isinstance(tag, str) for tag in side) for side in (one, other)]
        if all(tags) and len(one) != len(other):
            return [
                DataError(
                    "The sentence has {expected} tokens, and {column!r} has {found} tags for it.",
                    where=place,
                    mend="Predict one tag a token; cut neither side.",
                    expected=len(one),
                    column=column.name,
                    found=len(other),
                )
            ]
    return []


def _uneven_scores(column: Column, true: Sequence[Any], said: Sequence[Any]) -> list[ArgosyError]:
    for place, one, other in zip(column.places, true, said, strict=True):
        if len(one) != len(other):
            return [
                DataError(
                    "The query has {expected} documents, and {column!r} has {found} scores for it.",
                    where=place,
                    mend="Write one score a document, in the order of the grades.",
                    expected=len(one),
                    column=column.name,
                    found=len(other),
                )
            ]
    return []


def _irrelevant(truth: Column, grades: Sequence[Any]) -> list[ArgosyError]:
    bad = [place for place, one in enumerate(grades) if not (one > 0).any()]
    if not bad:
        return []
    return [
        DataError(
            "No document is relevant to the query ({count} such rows).",
            where=truth.places[bad[0]],
            mend="A grade above 0 is relevant; leave out queries that have no such document.",
            count=len(bad),
        )
    ]
