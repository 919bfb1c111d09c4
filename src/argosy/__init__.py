"""From your own text to a model product that is measured, served and sold."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from argosy.core.version import __version__

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
    "EchoEngine": "infer.engines.echo",
    "Model": "project.using.model",
    "Project": "config.schema",
    "Comparison": "project.building.compare",
    "Fitted": "project.using.fit",
    "Outcome": "train.recipe",
    "Recipe": "train.recipe",
    "Scores": "project.using.scoring",
    "build": "project.building.build",
    "compare": "project.building.compare",
    "explain": "stages.classify.attribution",
    "fit": "project.using.fit",
    "load": "project.using.model",
    "load_project": "config.file",
    "open_generator": "project.using.text",
    "results": "project.building.build",
    "score": "project.using.scoring",
}
_ORIGINAL = {"GenerationSettings": "Settings", "load_project": "load"}

__all__ = ["__version__", *_HOMES]  # noqa: PLE0604 - the names are the keys of the table above

if TYPE_CHECKING:
    from argosy.config.file import load as load_project
    from argosy.config.schema import Project
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
    from argosy.infer.engines.echo import EchoEngine
    from argosy.project.building.build import build, results
    from argosy.project.building.compare import Comparison, compare
    from argosy.project.using.fit import Fitted, fit
    from argosy.project.using.model import Model, load
    from argosy.project.using.scoring import Scores, score
    from argosy.project.using.text import open_generator
    from argosy.stages.classify.attribution import explain
    from argosy.train.recipe import Outcome, Recipe


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that ``import argosy`` stays instant."""
    if name not in _HOMES:
        message = f"module 'argosy' has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(import_module(f"argosy.{_HOMES[name]}"), _ORIGINAL.get(name, name))
    globals()[name] = value
    return value
