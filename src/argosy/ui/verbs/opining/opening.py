"""What the verbs of an opinion monitor open: its project, and what it built, over the project's own store."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from argosy.config import file
from argosy.config.places import find_model
from argosy.core.errors import ProjectError
from argosy.project.opining.live import LiveOpinion, opined_of
from argosy.project.selling.shop import Shop

_SECOND = 1_000_000  # microseconds


def home_of(folder: Path) -> Shop:
    """The project in a folder; raises ProjectError for one that builds no opinion monitor."""
    project = file.load(folder)
    if project.task != "opinion":
        raise ProjectError(
            "This project builds no opinion monitor.",
            where="argosy.toml",
            mend="Begin one: argosy init DIR --template opinion",
        )
    return Shop(project=project, folder=folder)


@contextmanager
def opened(folder: Path) -> Iterator[LiveOpinion]:
    """The monitor that a project built last."""
    home = home_of(folder)
    with opined_of(home, find_model(folder).resolve()) as live:
        yield live


def clock(at: int, zone: str) -> str:
    """A time in microseconds on the clock of a time zone."""
    return f"{datetime.fromtimestamp(at / _SECOND, ZoneInfo(zone)):%Y-%m-%d %H:%M}"
