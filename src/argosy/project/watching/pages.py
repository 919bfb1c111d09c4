"""What the operator's pages show of a service that watches itself, from its books."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.config.places import find_model
from argosy.core.errors import MissingError
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


@dataclass(frozen=True, slots=True, kw_only=True)
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

    @property
    def experiments(self) -> Laboratory:
        """The experiments."""
        return Laboratory(books=self.books, database=self.database)

    def looks(self) -> Sequence[Mapping[str, Any]]:
        """What the last look at each model found."""
        return [{**one.found, "through": one.through} for one in self.alarms.looks()]

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
