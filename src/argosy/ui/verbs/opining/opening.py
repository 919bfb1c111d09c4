"""What the verbs of an opinion monitor open: its project, and what it built, over the project's own store."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from argosy.config import file
from argosy.config.places import find_model
from argosy.core.errors import ProjectError
from argosy.core.opinion import OpinionLog
from argosy.core.watch import Alarm
from argosy.project.selling.shop import Shop
from argosy.serve.gate.opined import Opined

_SECOND = 1_000_000  # microseconds
Counts = Mapping[str, int]
"""What came of a source: ``read`` posts, of these ``new`` ones, of these ``reposts``, and what was ``refused``."""
Tell = Callable[[str, Counts], object]
"""Hears what came of a source so far."""


class LiveOpinion(Opined, Protocol):
    """An opinion monitor at work: what the pages see, and what is done to it beside them."""

    @property
    def log(self) -> OpinionLog:
        """Its texts, stories and counts."""
        ...

    def drain(self, tell: Tell) -> Mapping[str, Counts]:
        """Take what the sources hold now; what came of each."""
        ...

    def backfill(self, files: Sequence[Path], tell: Tell, *, alarms: bool) -> Mapping[str, Counts]:
        """Take old posts out of files, in event time; alarms are raised for the past only with ``alarms``."""
        ...

    def look(self, now: int) -> Sequence[Alarm]:
        """Look at the counts of whole hours; the alarms that opened."""
        ...

    def check(self) -> Sequence[Mapping[str, Any]]:
        """Ask each source once, and keep nothing: ``name kind reachable reason posts more refused sample``."""
        ...

    def explain(self, text: str) -> Mapping[str, Any]:
        """What is read out of a text, and why: as ``explanation``, of one that nobody posted."""
        ...

    def forget(self, *, text: str = "", source: str = "", author: str = "") -> int:
        """Remove a text, those of a source, or those of an author, for good; how many there were. Counts stay."""
        ...


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
    from argosy.project.opining.live import opined_of

    home = home_of(folder)
    with opined_of(home, find_model(folder).resolve()) as live:
        yield live


def clock(at: int, zone: str) -> str:
    """A time in microseconds on the clock of a time zone."""
    return f"{datetime.fromtimestamp(at / _SECOND, ZoneInfo(zone)):%Y-%m-%d %H:%M}"
