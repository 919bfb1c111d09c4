"""The packages that read and write XLSX, which an install that only serves may lack."""

from importlib import import_module
from types import ModuleType

from argosy.core.errors import MissingError


def reader() -> ModuleType:
    """``fastexcel``; raises MissingError where it is not installed."""
    return _package("fastexcel")


def writer() -> ModuleType:
    """``xlsxwriter``; raises MissingError where it is not installed."""
    return _package("xlsxwriter")


def _package(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise MissingError(
            "Excel files need the package {name!r}, which is not installed.",
            mend="pip install 'argosy[excel]', or save the file as CSV.",
            name=name,
        ) from error
