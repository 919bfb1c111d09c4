"""What the operator's pages show of a service that watches itself, from its books."""

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from argosy.config.places import find_model
from argosy.core.errors import MissingError
from argosy.core.experiment import Experiments, Status
from argosy.core.watch import Alarm, Message, Place
from argosy.infer.folder import told
from argosy.project.improving.experimenting import Laboratory
from argosy.project.watching.addresses import targets_of
from argosy.project.watching.books import Books
from argosy.project.watching.rounds import now
from argosy.store.database import Database
from argosy.store.watching.alarms import SqlAlarms
from argosy.store.watching.labelling import SqlLabelling
from argosy.store.watching.messages import SqlMessages

_FRESH = 60.0  # s for which the standing of the experiments is shown as it was reckoned


class Standings:
    """Experiments as they stood within the last minute: to judge one reads all that was said since it began.

    However many look at once, it is reckoned once.
    """

    def __init__(self, experiments: Experiments, steady: Callable[[], float] = time.monotonic) -> None:
        self._experiments, self._steady = experiments, steady
        self._lock = threading.Lock()
        self._known: Sequence[Status] = ()
        self._until = -1.0

    def statuses(self) -> Sequence[Status]:
        """All, the newest first."""
        with self._lock:
            if self._steady() >= self._until:
                self._known = self._experiments.statuses()
                self._until = self._steady() + _FRESH
            return self._known


@dataclass(frozen=True, kw_only=True)
class WatchPages:
    """A served project as ``serve.gate.watched.Watched``."""

    books: Books
    database: Database

    @property
    def alarms(self) -> SqlAlarms:
        """The alarms."""
        return SqlAlarms(self.database)

    @property
    def labelling(self) -> SqlLabelling:
        """The texts that people label."""
        return SqlLabelling(self.database)

    @cached_property
    def experiments(self) -> Standings:
        """The experiments."""
        return Standings(Laboratory(books=self.books, database=self.database))

    def looks(self) -> Sequence[Mapping[str, Any]]:
        """What the last look at each model found."""
        return [{**one.found, "through": one.through} for one in self.alarms.looks() if "signals" in one.found]

    def messages(self, alarm: str) -> Sequence[Message]:
        """What was told of an alarm, to whom."""
        return SqlMessages(self.database).of(alarm)

    def acknowledge(self, alarm: str, by: str, *, usual: bool) -> Alarm:
        """Note who has seen it; ``usual``: the level since it began is the usual one. Raises MissingError."""
        targets = targets_of(self.books.shop.project.watch.send)
        return self.alarms.acknowledge(alarm, by, at=now(), usual=usual, targets=targets).result()

    def texts(self, places: Collection[Place]) -> Mapping[Place, str]:
        """The captured texts at these places, as long as they are kept."""
        return self.books.captures.texts(places) if self.books.captures else {}

    def labels(self, model: str) -> Sequence[str]:
        """The labels of the champion, or of the built model where none was released."""
        line = self.books.releases.shelf.lines().get(model)
        try:
            place = self.books.releases.place(model, line.champion) if line else find_model(self.books.shop.folder)
        except MissingError:
            return ()
        return tuple(told(Path(place)).get("labels", ()))
