"""Where a classifier errs: what it takes for what, the errors it is surest of, and rows whose label may be wrong.

A row is suspected by the rule of confident learning (Northcutt, Jiang and Chuang, JAIR 2021;70:1373): another label's
probability reaches the mean that this label's own rows have. It is a suspicion, to be looked at by a person: the test
rows are measured as they are.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from argosy.evaluate.intervals import Interval, share
from argosy.evaluate.metrics import Floats, Integers

_TEXTS = 3  # shown of each confusion
_LABELS = 12  # of a matrix that can still be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """So many ``rows`` of the label ``truth`` were called ``predicted``, and their share of the label's rows."""

    truth: str
    predicted: str
    rows: int
    share: Interval
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A row whose answer is not its label, with the probabilities of both; ``row`` is its place, from 0."""

    row: int
    text: str
    truth: str
    predicted: str
    confidence: float
    probability_of_truth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """The commonest confusions, the surest errors, and the rows that are suspected of a wrong label, worst first.

    ``suspected`` counts all of these; ``suspects`` holds the first of them. ``matrix`` counts the rows of each of
    ``labels`` (lines) by what they were called (columns), with the ``recall`` of each (None without rows); all three
    are empty for many labels.
    """

    rows: int
    wrong: Interval
    labels: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]
    recall: tuple[Interval | None, ...]
    confusions: tuple[Confusion, ...]
    confident: tuple[Mistake, ...]
    suspected: int
    suspects: tuple[Mistake, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values, each share with its interval; no baseline is compared here, so ``versus`` is null."""
        told = asdict(self)
        told["wrong"]["versus"] = None
        for figure in (*(one["share"] for one in told["confusions"]), *filter(None, told["recall"])):
            figure["versus"] = None
        return told


def analyse(texts: Sequence[str], truth: Integers, scores: Floats, labels: Sequence[str], *, most: int = 10) -> Errors:
    """What went wrong on some rows, at least one: label numbers [rows] and probabilities [rows, labels].

    No list is longer than ``most``.
    """
    predicted = scores.argmax(axis=1)
    sure = scores[np.arange(len(truth)), predicted]
    wrong = np.flatnonzero(predicted != truth)
    surest = wrong[np.argsort(-sure[wrong], kind="stable")]
    suspects = _suspects(truth, predicted, scores)
    matrix = _matrix(truth, predicted, len(labels))

    def mistake(row: int) -> Mistake:
        return Mistake(
            row=row,
            text=texts[row],
            truth=labels[truth[row]],
            predicted=labels[predicted[row]],
            confidence=float(sure[row]),
            probability_of_truth=float(scores[row, truth[row]]),
        )

    return Errors(
        rows=len(truth),
        wrong=share(len(wrong) / len(truth), len(truth)),
        labels=tuple(labels) if len(matrix) else (),
        matrix=tuple(tuple(line) for line in matrix.tolist()),
        recall=tuple(_recall(int(line[place]), int(line.sum())) for place, line in enumerate(matrix)),
        confusions=_confusions(texts, truth, predicted, labels, surest)[:most],
        confident=tuple(mistake(int(row)) for row in surest[:most]),
        suspected=len(suspects),
        suspects=tuple(mistake(int(row)) for row in suspects[:most]),
    )


def _confusions(
    texts: Sequence[str], truth: Integers, predicted: Integers, labels: Sequence[str], surest: Integers
) -> tuple[Confusion, ...]:
    """Each pair of labels that was confused, the commonest first; the texts are those of the surest errors."""
    rows_of: dict[tuple[int, int], list[int]] = {}
    for row in surest.tolist():
        rows_of.setdefault((int(truth[row]), int(predicted[row])), []).append(row)
    totals = np.bincount(truth, minlength=len(labels))
    return tuple(
        Confusion(
            truth=labels[true],
            predicted=labels[said],
            rows=len(rows),
            share=share(len(rows) / int(totals[true]), int(totals[true])),
            texts=tuple(texts[row] for row in rows[:_TEXTS]),
        )
        for (true, said), rows in sorted(rows_of.items(), key=lambda item: (-len(item[1]), item[0]))
    )


def _matrix(truth: Integers, predicted: Integers, labels: int) -> Integers:
    """Rows by label and by answer [labels, labels]; without a line where there are too many labels to be read."""
    if labels > _LABELS:
        return np.zeros((0, labels), dtype=np.int64)
    return np.bincount(truth * labels + predicted, minlength=labels**2).reshape(labels, labels)


def _recall(right: int, rows: int) -> Interval | None:
    return share(right / rows, rows) if rows else None


def _suspects(truth: Integers, predicted: Integers, scores: Floats) -> Integers:
    """The suspected rows, those with the widest gap between answer and label first."""
    rows = np.arange(len(truth))
    own = np.array([_mean_or_one(scores[truth == label, label]) for label in range(scores.shape[1])])
    gap = scores[rows, predicted] - scores[rows, truth]
    suspected = np.flatnonzero((predicted != truth) & (scores[rows, predicted] >= own[predicted]))
    return suspected[np.argsort(-gap[suspected], kind="stable")]


def _mean_or_one(values: Floats) -> float:
    return float(values.mean()) if len(values) else 1.0
