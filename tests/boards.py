"""A board in memory, for tests of what follows one; the real one is in the store."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeVar

from argosy.serve.evidence import Evidence
from argosy.serve.releases import Line, Paired, Pairs

T = TypeVar("T")


def done(value: T) -> "Future[T]":
    """A future that has its result."""
    future: Future[T] = Future()
    future.set_result(value)
    return future


@dataclass
class MemoryBoard:
    """A Board that tests may look into."""

    kept: dict[str, Line] = field(default_factory=dict)
    noted: dict[tuple[str, int, str], Evidence] = field(default_factory=dict)
    pairs: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    moves: list[Line] = field(default_factory=list)

    def lines(self) -> Mapping[str, Line]:
        """The lines."""
        return dict(self.kept)

    def evidence(self, rollout: str, step: int) -> Sequence[Evidence]:
        """What was noted."""
        return [told for (known, at, _), told in self.noted.items() if (known, at) == (rollout, step)]

    def note(self, rollout: str, step: int, worker: str, evidence: Evidence) -> "Future[None]":
        """Note it."""
        self.noted[rollout, step, worker] = evidence
        return done(None)

    def pair(self, rollout: str, answers: Pairs) -> "Future[None]":
        """Keep them."""
        self.pairs.update(answers)
        return done(None)

    def labelled(self, rollout: str) -> Paired:
        """Nothing came."""
        return Paired()

    def move(self, before: Line, after: Line, by: str) -> "Future[bool]":
        """Move the line, if it stands where it was seen."""
        if self.kept[before.model].revision != before.revision:
            return done(False)
        self.kept[after.model] = after
        self.moves.append(after)
        return done(True)
