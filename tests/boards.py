"""A board in memory, for tests of what follows one; the real one is in the store."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from argosy.serve.releases.evidence import Evidence
from argosy.serve.releases.versions import Line, Paired, Pairs, Version

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

    def versions(self, model: str) -> Sequence[Version]:
        """Six of them."""
        return [
            Version(
                model=model, number=one, digest=f"{one}" * 64, kind="embed" if one == 6 else "classify", at=one, by="t"
            )
            for one in range(1, 7)
        ]

    def history(self, model: str) -> Sequence[Mapping[str, Any]]:
        """What was champion."""
        return [{"at": one.since, "champion": one.champion} for one in self.moves]

    def move(self, before: Line, after: Line, by: str) -> "Future[bool]":
        """Move the line, if it stands where it was seen."""
        if self.kept[before.model].revision != before.revision:
            return done(False)
        self.kept[after.model] = after
        self.moves.append(after)
        return done(True)
