"""Old posts out of files, each counted in the hour in which it was published, so that the usual course is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from argosy.core.errors import ProjectError
from argosy.core.watch import Alarm
from argosy.opinion.sources.folder import FolderSource
from argosy.opinion.stories.sketch import sketches
from argosy.project.opining.intake import Tally, drain
from argosy.project.opining.live import LiveOpinion, Tell
from argosy.project.opining.sources import fields_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What came of each file, and the alarms that opened."""

    files: dict[str, dict[str, int]]
    alarms: tuple[Alarm, ...]


def backfill(live: LiveOpinion, files: Sequence[Path], source: str, tell: Tell, *, alarms: bool) -> Filled:
    """Take the posts of files as those of a ``source``, whose columns they have; each counts once, however it comes.

    What is over raises no alarm, unless ``alarms`` are wished for; what lasts does. Raises ProjectError where the
    project has no such source; an empty name means the only one that reads files.
    """
    known = live.home.project.opinion.sources
    folders = [name for name, one in known.items() if one.kind == "folder"]
    name = source or (folders[0] if len(folders) == 1 else "")
    if name not in known:
        raise ProjectError(
            "It is not said whose posts these are.",
            where="argosy opinion backfill --as",
            mend="Name a source of the project file: {known}",
            known=", ".join(known) or "–",
        )
    told = {
        str(file): _filled(live, FolderSource(name, file, fields=fields_of(known[name]), whole=True), tell)
        for file in files
    }
    opened = live.looking.look(live.clock(), since=0 if alarms else live.clock())
    return Filled(files=told, alarms=tuple(opened))


def _filled(live: LiveOpinion, source: FolderSource, tell: Tell) -> dict[str, int]:
    def heard(name: str, tally: Tally) -> None:
        tell(name, tally.to_json())

    (tally,) = drain([source], live.models.reader, live.log, sketches, clock=live.clock, tell=heard).values()
    return tally.to_json()
