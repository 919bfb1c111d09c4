"""Predictions that are there already, scored: every column of them against the truth and against the best baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from argosy.core.errors import ArgosyError, DataError, ProjectError, raise_all
from argosy.core.extension import find
from argosy.data.files.header import missing_columns, nearest
from argosy.data.files.read import first_row, read_table
from argosy.evaluate.tasks.measure import TASKS, Sheet, added, measure, plain
from argosy.project.using.answer_columns import READERS, Column

TRUTH = "truth"
PREDICTION = "prediction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The figures of each column of predictions; ``best`` names the column that the others are held against."""

    task: str
    file: str
    units: str
    rows: int
    truth: str
    best: str
    sheets: Mapping[str, Sheet]

    def to_json(self) -> dict[str, Any]:
        """Plain values: ``predictions`` has metrics, undefined and detectable for each column."""
        return {
            "task": self.task,
            "file": self.file,
            "units": self.units,
            "rows": self.rows,
            "truth": self.truth,
            "best": self.best,
            "predictions": {
                name: {
                    "metrics": plain(sheet),
                    "undefined": dict(sheet.undefined),
                    "detectable": dict(sheet.detectable),
                }
                for name, sheet in self.sheets.items()
            },
        }


def score(
    task: str,
    path: str | Path,
    *,
    truth: str = TRUTH,
    predictions: Sequence[str] = (PREDICTION,),
    best: str | None = None,
    seed: int = 7,
) -> Scores:
    """All metrics of ``task`` for each column of predictions in a file, with intervals and paired tests.

    ``best`` names the column of the best baseline, the first one unless said: choose it before you look at these rows.
    Raises ProjectError for a task or a best that is not there, DataError or Problems for what is wrong in the file.
    """
    measured = find("tasks", task, TASKS, where="--task")
    reader = READERS.get(measured.like or task)
    if reader is None:
        raise ProjectError(
            "The task {name!r} does not say whose columns of answers it reads.",
            mend="Give its Task `like`, one of: {known}.",
            name=task,
            known=", ".join(READERS),
        )
    path = Path(path)
    names = list(dict.fromkeys(predictions))
    raise_all(_misnamed(truth, names, best))
    best = best or names[0]
    frame = read_table(path, [truth, *names] if path.suffix.lower() == ".xlsx" else [])  # lists are welcome elsewhere
    raise_all([_renamed(problem) for problem in missing_columns(frame, [truth, *names], path.name)])
    true, *said = _columns(frame, [truth, *names], path)
    try:
        answers = reader(true, said)
        sheets = measure(task, answers.truth, answers.predicted, best=best, seed=seed, more=added(task))
    except DataError as error:
        raise DataError(error.message, where=error.where or path.name, mend=error.mend, **error.values) from error
    return Scores(
        task=task,
        file=path.name,
        units=measured.units,
        rows=frame.height,
        truth=truth,
        best=best,
        sheets={name: _without(sheet, name, best, answers.undefined) for name, sheet in sheets.items()},
    )


def _misnamed(truth: str, names: Sequence[str], best: str | None) -> list[ArgosyError]:
    if not names:
        return [ProjectError("No column of predictions is named.", mend="Name one: --prediction COLUMN")]
    problems: list[ArgosyError] = []
    if truth in names:
        problems.append(
            ProjectError(
                "The column {name!r} is named as the truth and as a prediction.",
                where="--prediction",
                mend="Name another column.",
                name=truth,
            )
        )
    if best is not None and best not in names:
        problems.append(
            ProjectError(
                "The best baseline {name!r} is none of the columns of predictions; the nearest is {near!r}.",
                where="--best",
                mend="Name it with --prediction too.",
                name=best,
                near=nearest(best, names, 0.0),
            )
        )
    return problems


def _renamed(problem: ArgosyError) -> ArgosyError:
    """A column that is not there, as the command line names columns."""
    mend = "Name the columns of the file: --truth COLUMN --prediction COLUMN"
    return DataError(problem.message, where=problem.where, mend=mend, **problem.values)


def _columns(frame: pl.DataFrame, names: Sequence[str], path: Path) -> list[Column]:
    start = first_row(path)
    places = [f"{path.name}, row {start + at}" for at in range(frame.height)]
    return [Column(name=name, cells=frame[name].to_list(), places=places) for name in names]


def _without(sheet: Sheet, name: str, best: str, undefined: Mapping[str, Mapping[str, str]]) -> Sheet:
    """The sheet without the figures that a column cannot have, and without differences to a baseline that has none."""
    reasons = undefined.get(name, {})
    lone = undefined.get(best, {})
    figures = {
        metric: replace(figure, versus=None) if metric in lone else figure
        for metric, figure in sheet.figures.items()
        if metric not in reasons
    }
    return replace(
        sheet,
        figures=figures,
        undefined={**sheet.undefined, **reasons},
        detectable={
            metric: size for metric, size in sheet.detectable.items() if metric in figures and metric not in lone
        },
    )
