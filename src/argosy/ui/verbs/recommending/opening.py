"""What the verbs of a recommender open: its project, and what it built, over the project's own store."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from argosy.config import file
from argosy.config.places import find_model
from argosy.core.errors import ProjectError
from argosy.project.recommending.live import LiveRecommendations, live_of
from argosy.project.selling.shop import Shop


def home_of(folder: Path) -> Shop:
    """The project in a folder; raises ProjectError for one that builds no recommender."""
    project = file.load(folder)
    if project.task != "recommend":
        raise ProjectError(
            "This project builds no recommender.",
            where="argosy.toml",
            mend="Begin one: argosy init DIR --template recommend",
        )
    return Shop(project=project, folder=folder)


@contextmanager
def opened(folder: Path) -> Iterator[LiveRecommendations]:
    """The recommender that a project built last."""
    home = home_of(folder)
    with live_of(home, find_model(folder).resolve()) as live:
        yield live
