"""Projects that write, and their stages: a language model from the project's texts, or a pretrained one tuned."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from argosy.core.errors import MissingError
from argosy.core.stage import Stage
from argosy.project.schema import Project
from argosy.project.stages import (
    clean,
    dedupe,
    read,
    split,
    text_base,
    text_baselines,
    text_evaluate,
    text_model,
    text_quantise,
    text_report,
    text_samples,
    text_train,
)


def data_stages(project: Project, folder: Path) -> list[Stage[Any]]:
    """From the files to the split: a row is a document, or a question with its answer."""
    return [read.stage(project, folder), clean.stage(project), dedupe.stage(project), split.stage(project)]


def stages(project: Project, folder: Path, cache: Path, *, inexact: bool = False) -> list[Stage[Any]]:
    """All stages of a project that writes, in the order they run."""
    trained = text_train.stage(project, inexact=inexact)
    return [
        *data_stages(project, folder),
        text_base.stage(project, folder, cache),
        text_baselines.stage(project),
        trained,
        text_quantise.stage(project),
        text_evaluate.stage(project),
        text_samples.stage(project),
        text_report.stage(project, trained.params),
        text_model.stage(project),
    ]


def require_packages() -> None:
    """Raise MissingError in an install that can only serve."""
    missing = [name for name in ("torch", "transformers") if find_spec(name) is None]
    if missing:
        raise MissingError(
            "Building needs {missing}, which this install does not have.",
            mend="pip install 'argosy[train]'",
            missing=", ".join(missing),
        )
