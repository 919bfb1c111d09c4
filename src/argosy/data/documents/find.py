"""Which files are documents: those that patterns name, inside one folder."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from argosy.core.errors import DataError, MissingError
from argosy.data.documents.read import SUFFIXES

_WILD = frozenset("*?[")


def documents_of(patterns: Iterable[str], folder: Path) -> list[Path]:
    """The files that the patterns name, each once, sorted; a glob names those that can be read, if there are any.

    Raises MissingError for a file that is not there, DataError for what leads out of the folder, by a link too.
    """
    root = folder.resolve()
    found: set[Path] = set()
    for pattern in patterns:
        if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
            raise _outside(pattern)
        for path in _named(pattern, folder):
            if not path.resolve().is_relative_to(root):
                raise _outside(path.relative_to(folder).as_posix())
            found.add(path)
    return sorted(found)


def _named(pattern: str, folder: Path) -> Iterator[Path]:
    if _WILD.isdisjoint(pattern):
        if not (folder / pattern).is_file():
            raise MissingError(
                "There is no such document.",
                where=pattern,
                mend="Put it there, or correct `documents` in [support].",
            )
        yield folder / pattern
        return
    for path in folder.glob(pattern):
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(("~$", ".")) and path.is_file():
            yield path


def _outside(name: str) -> DataError:
    return DataError(
        "This leads out of the project's folder.",
        where=name,
        mend="Copy the documents into the folder and name them there.",
    )
