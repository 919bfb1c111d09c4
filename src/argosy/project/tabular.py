"""Projects over columns of numbers, and regressions: their stages.

A project is one of these when no Transformer is tuned for it: it names numeric columns, or it predicts a number.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from argosy.core.errors import MissingError
from argosy.core.stage import Stage
from argosy.project.schema import Project
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


def data_stages(project: Project, folder: Path) -> list[Stage[Any]]:
    """From the files to the split."""
    return [read.stage(project, folder), clean.stage(project), tabular_split.stage(project)]


def stages(project: Project, folder: Path) -> list[Stage[Any]]:
    """All stages of a project over columns, in the order they run."""
    return [
        *data_stages(project, folder),
        tabular_rungs.stage(project),
        tabular_select.stage(project),
        tabular_evaluate.stage(project),
        tabular_report.stage(project),
        tabular_model.stage(),
    ]


def require_packages() -> None:
    """Raise MissingError in an install that can only serve; torch is not needed here."""
    missing = [name for name in ("onnx", "skl2onnx") if find_spec(name) is None]
    if missing:
        raise MissingError(
            "Building needs {missing}, which this install does not have.",
            mend="pip install 'argosy[tabular]'",
            missing=", ".join(missing),
        )
