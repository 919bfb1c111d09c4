"""The packages that sources are read with, which an install without the extra ``opinion`` lacks."""

from importlib import import_module
from types import ModuleType

from argosy.core.errors import MissingError


def package(name: str) -> ModuleType:
    """The module of this name; raises MissingError where its package is not installed."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise MissingError(
            "This kind of source needs the package {name!r}, which is not installed.",
            mend="pip install 'argosy[opinion]'",
            name=name.partition(".")[0],
        ) from error
