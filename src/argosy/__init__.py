"""From your own text to a model product that is measured, served and sold."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "Artifact": "core.artifact",
    "ArgosyError": "core.errors",
    "BusyError": "core.errors",
    "DataError": "core.errors",
    "GateError": "core.errors",
    "MachineError": "core.errors",
    "MissingError": "core.errors",
    "Problems": "core.errors",
    "StoppedError": "core.errors",
    "ProjectError": "core.errors",
    "Classifier": "core.engine",
    "Delta": "core.records",
    "Dropped": "core.records",
    "Example": "core.records",
    "GenerationSettings": "core.records",
    "Generator": "core.engine",
    "Message": "core.records",
    "Prediction": "core.records",
    "Stage": "core.stage",
    "EchoEngine": "infer.echo",
    "Model": "project.model",
    "Project": "project.schema",
    "Comparison": "project.compare",
    "Fitted": "project.fit",
    "Outcome": "train.recipe",
    "Recipe": "train.recipe",
    "Scores": "project.scoring",
    "build": "project.build",
    "compare": "project.compare",
    "explain": "project.attribution",
    "fit": "project.fit",
    "load": "project.model",
    "load_project": "project.file",
    "open_generator": "project.text",
    "results": "project.build",
    "score": "project.scoring",
}
_ORIGINAL = {"GenerationSettings": "Settings", "load_project": "load"}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604 - the names are the keys of the table above

if TYPE_CHECKING:
    from argosy.core.artifact import Artifact
    from argosy.core.engine import Classifier, Generator
    from argosy.core.errors import (
        ArgosyError,
        BusyError,
        DataError,
        GateError,
        MachineError,
        MissingError,
        Problems,
        ProjectError,
        StoppedError,
    )
    from argosy.core.records import Delta, Dropped, Example, Message, Prediction
    from argosy.core.records import Settings as GenerationSettings
    from argosy.core.stage import Stage
    from argosy.infer.echo import EchoEngine
    from argosy.project.attribution import explain
    from argosy.project.build import build, results
    from argosy.project.compare import Comparison, compare
    from argosy.project.file import load as load_project
    from argosy.project.fit import Fitted, fit
    from argosy.project.model import Model, load
    from argosy.project.schema import Project
    from argosy.project.scoring import Scores, score
    from argosy.project.text import open_generator
    from argosy.train.recipe import Outcome, Recipe


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that ``import argosy`` stays instant."""
    if name not in _HOMES:
        message = f"module 'argosy' has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(import_module(f"argosy.{_HOMES[name]}"), _ORIGINAL.get(name, name))
    globals()[name] = value
    return value
