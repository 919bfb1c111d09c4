"""Extensions for tests: modules written beside a project, and a process that knows nothing of them afterwards."""

import itertools
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from argosy.core import extension
from argosy.core.extension import opened

_NUMBERS = itertools.count()
MODULE = '''
"""A step, a source, a metric of labels and one of numbers, and a task."""

import numpy as np
import polars as pl

from argosy.core.errors import DataError
from argosy.core.extension import Extension
from argosy.data.files.sources import Source
from argosy.evaluate.metrics import Form, Metric, Ratios, mean
from argosy.evaluate.tasks.measure import Task


def no_shout(text: str) -> str:
    """Without exclamation marks."""
    return text.replace("!", "").replace("！", "")


def pipes(raw: bytes, columns: list[str], name: str) -> pl.DataFrame:
    """The first line names the columns."""
    head, *rows = [line.split("|") for line in raw.decode("utf-8", "replace").splitlines()] or [[]]
    for number, row in enumerate(rows, start=2):
        if len(row) != len(head):
            raise DataError("Expected {most} cells.", where=f"{name}, row {number}", most=len(head))
    columns = {title: [row[at] or None for row in rows] for at, title in enumerate(head)}
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def kept(truth: np.ndarray, scores: np.ndarray) -> Ratios:
    """The share of rows that cost nothing, where to miss label 0 costs three times as much."""
    weight = np.where(truth == 0, 3.0, 1.0)
    return Ratios(over=(weight * (truth == scores.argmax(axis=1)))[:, None], under=weight[:, None])


def within_one(truth: np.ndarray, said: np.ndarray) -> Ratios:
    """The share of numbers that are off by one at most."""
    return mean(np.abs(truth - said) <= 1)


def grades(truth: np.ndarray, said: np.ndarray) -> dict[str, Ratios]:
    """How far grades are off."""
    return {"off_by": mean(np.abs(truth - said), Form.POSITIVE)}


EXTENSION = Extension(
    name="NAME",
    steps={"no_shout": no_shout},
    sources={".pipes": Source(table=pipes, first=2, sample="text|label\\n好|a\\nbad|b\\n".encode())},
    metrics={"kept": Metric(task="classify", of=kept), "within_one": Metric(task="regress", of=within_one)},
    tasks={"grades": Task(name="grades", units="rows", metrics=grades, lower=frozenset({"off_by"}), like="regress")},
)
'''


def close_extensions(modules: Iterable[str]) -> None:
    """Forget what was opened, so that names are free again."""
    for module in modules:
        extension._OPEN.pop(module, None)


@contextmanager
def closing() -> Iterator[None]:
    """Afterwards what was opened in between is closed, and its modules and places are forgotten."""
    before, places, modules = set(opened()), list(sys.path), set(sys.modules)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", "")
        try:
            yield
        finally:
            added = set(opened()) - before
            close_extensions(added)
            for name in added & (sys.modules.keys() - modules):
                del sys.modules[name]
            sys.path[:] = places


def write_module(folder: Path, text: str = MODULE) -> str:
    """Write a module of a name that no other test has into ``folder``; its name."""
    name = f"our_things_{next(_NUMBERS)}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(text.replace('"NAME"', f'"{name}"'), encoding="utf-8")
    return name
