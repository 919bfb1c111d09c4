"""What the verbs of an assistant open: its project, and the model that it built."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from argosy.config import file
from argosy.config.places import find_model
from argosy.core.errors import ProjectError
from argosy.project.selling.shop import Shop
from argosy.project.supporting.beside import Beside, open_beside
from argosy.project.supporting.live import store_of
from argosy.store.database import Database


def home_of(folder: Path) -> Shop:
    """The project in a folder; raises ProjectError for one that builds no assistant."""
    project = file.load(folder)
    if not project.supports:
        raise ProjectError(
            "This project builds no assistant.",
            where="argosy.toml",
            mend="Begin one: argosy init DIR --template support",
        )
    return Shop(project=project, folder=folder)


@contextmanager
def beside(folder: Path) -> Iterator[Beside]:
    """The assistant that a project built last, over what would be known were it to serve now."""
    home = home_of(folder)
    with open_beside(home, find_model(folder).resolve()) as opened:
        yield opened


@contextmanager
def stored(folder: Path) -> Iterator[tuple[Shop, Database]]:
    """A project with its store."""
    home = home_of(folder)
    with store_of(home) as database:
        yield home, database
