"""The packages that documents, slides and charts are written by, loaded when they are needed."""

from importlib import import_module
from typing import Any

from argosy.core.errors import MissingError

_CALLED = {"docx": "python-docx", "pptx": "python-pptx", "xlsxwriter": "XlsxWriter"}


def package(name: str) -> Any:
    """A module by its name; raises MissingError where its package is not installed."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        first = name.partition(".")[0]
        raise MissingError(
            "The package {name!r} is not installed.",
            mend="pip install 'argosy[venture,pdf]', or take a form that needs less: argosy deck --only xlsx",
            name=_CALLED.get(first, first),
        ) from error
