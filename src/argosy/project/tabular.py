"""Projects over columns of numbers, and regressions: their stages, and building them.

A project is one of these when no Transformer is tuned for it: it names numeric columns, or it predicts a number.
"""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from argosy.core.errors import MissingError
from argosy.core.stage import Stage
from argosy.project.file import Project
from argosy.project.places import MODEL
from argosy.project.run import Done, Progress, alone, run
from argosy.project.stages import (
    clean,
    read,
    tabular_evaluate,
    tabular_model,
    tabular_report,
    tabular_rungs,
    tabular_select,
    tabular_split,
)


def stages(project: Project, folder: Path) -> list[Stage[Any]]:
    """All stages of a project over columns, in the order they run."""
    return [
        read.stage(project, folder),
        clean.stage(project),
        tabular_split.stage(project),
        tabular_rungs.stage(project),
        tabular_select.stage(project),
        tabular_evaluate.stage(project),
        tabular_report.stage(project),
        tabular_model.stage(),
    ]


def build(project: Project, folder: Path, tell: Callable[[Progress], None], *, wait: float = -1) -> Done:
    """Bring the project up to date and let ``model`` in its folder name the newest model.

    Raises MissingError in an install that can only serve, BusyError when another run holds the project too long.
    """
    from argosy.project.build import _point

    require_packages()
    with alone(folder, wait):
        done = run(folder, stages(project, folder), tell)
        _point(folder / MODEL, done.artifacts["model"].path)
    return done


def require_packages() -> None:
    """Raise MissingError in an install that can only serve; torch is not needed here."""
    missing = [name for name in ("onnx", "skl2onnx") if find_spec(name) is None]
    if missing:
        raise MissingError(
            "Building needs {missing}, which this install does not have.",
            mend="pip install 'argosy[tabular]'",
            missing=", ".join(missing),
        )
