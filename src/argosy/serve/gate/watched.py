"""How a service watches itself, as its pages see it: looks at the models, alarms, texts to label, experiments."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from argosy.core.experiment import Experiments
from argosy.core.labelling import Labelling
from argosy.core.watch import Alarm, Message, Place


class Alarms(Protocol):
    """The alarms that were opened, and what became of them."""

    def all(self, *, model: str | None = None, still: bool = False, limit: int = 1000) -> Sequence[Alarm]:
        """Alarms, the newest first: of a model, or of all; ``still`` open alone."""
        ...

    def one(self, alarm: str) -> Alarm:
        """An alarm; raises MissingError where it is not known."""
        ...


class Watched(Protocol):
    """What the service knows of its own models; all of it blocks."""

    @property
    def alarms(self) -> Alarms:
        """The alarms."""
        ...

    @property
    def labelling(self) -> Labelling:
        """The texts that people label."""
        ...

    @property
    def experiments(self) -> Experiments:
        """The experiments."""
        ...

    def looks(self) -> Sequence[Mapping[str, Any]]:
        """What the last look at each model found, as JSON; see ``project.watching.look``."""
        ...

    def messages(self, alarm: str) -> Sequence[Message]:
        """What was told of an alarm, to whom."""
        ...

    def acknowledge(self, alarm: str, by: str, *, usual: bool) -> Alarm:
        """Note who has seen it; ``usual``: the level since it began is the usual one. Raises MissingError."""
        ...

    def texts(self, places: Collection[Place]) -> Mapping[Place, str]:
        """The captured texts at these places, as long as they are kept."""
        ...

    def labels(self, model: str) -> Sequence[str]:
        """The labels that a model gives."""
        ...
