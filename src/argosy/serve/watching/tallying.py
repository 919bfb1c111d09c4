"""What one worker counted and has not seen written yet, by slot, model, version and tenant; pure, it knows no clock.

Counts only grow and are handed out whole, under an id that is new whenever a tally begins. So a slot that is met again
after its tally was written and let go, as when somebody sets the clock back, begins another tally beside the first, and
what is written twice counts once.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from argosy.core.signals import SLOT, Tally

JUMP = 60_000_000
"""Microseconds by which the wall clock must leave the monotonic one between two looks to have jumped."""
_SECOND = 1_000_000
_ASLEEP = 10 * _SECOND  # a process that did not look for longer was stopped, not up
_MOST = 10_000  # tallies that wait


class Of(NamedTuple):
    """Whose traffic; all empty for a worker's sign of life."""

    model: str = ""
    version: str = ""
    tenant: str = ""


class Moment(NamedTuple):
    """Now, by both clocks in microseconds: ``wall`` since the epoch, ``steady`` since some time that never changes."""

    wall: int
    steady: int


LIFE = Of()


@dataclass(slots=True)
class _Open:
    id: str
    counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    written: bool = False


class Tallies:
    """The tallies of one worker, whose name nobody else ever has; not for several threads at once.

    At most ``most`` wait; what would begin another one is not counted but in ``dropped``, how often that happened.
    """

    def __init__(self, worker: str, host: str, *, most: int = _MOST) -> None:
        self.dropped = 0
        self._worker, self._host, self._most = worker, host, most
        self._open: dict[tuple[int, Of], _Open] = {}
        self._begun = 0
        self._looked: Moment | None = None
        self._lived: int | None = None  # until when, by the steady clock, its time was counted
        self._rest = 0  # microseconds that it was up and that make no whole second yet

    def slot(self, now: Moment) -> int:
        """The start of the slot of now; a clock that jumped since the last look is told by the slots on both sides."""
        start, before = _slot(now.wall), self._looked
        self._looked = now
        if before is not None:
            expected = before.wall + now.steady - before.steady
            if abs(now.wall - expected) > JUMP:
                for side in {_slot(expected), start}:
                    self.counts(side, LIFE)["jumps"] += 1
        return start

    def counts(self, start: int, of: Of) -> defaultdict[str, int]:
        """The counts of a slot, to be added to at once."""
        found = self._open.get((start, of))
        if found is None:
            if len(self._open) >= self._most:
                self.dropped += 1
                return defaultdict(int)
            self._begun += 1
            found = self._open[start, of] = _Open(f"{self._worker}-{self._begun}")
        found.written = False
        return found.counts

    def live(self, now: Moment) -> None:
        """The worker is up: the time since the last sign of life counts, unless it was stopped meanwhile."""
        self._rest += min(now.steady - self._lived, _ASLEEP) if self._lived is not None else 0
        self._lived = now.steady
        seconds, self._rest = divmod(self._rest, _SECOND)
        if seconds:
            self.counts(self.slot(now), LIFE)["up"] += seconds

    def due(self, wall: int) -> list[Tally]:
        """What is not written as it is now; of what is, the tallies of other slots than the one of ``wall`` are let go.

        Until ``written`` hears of them, tallies stay due, with the same ids.
        """
        start = _slot(wall)
        for key in [key for key, one in self._open.items() if one.written and key[0] != start]:
            del self._open[key]
        return [
            Tally(id=one.id, **of._asdict(), host=self._host, start=slot, at=wall, counts=dict(one.counts))
            for (slot, of), one in self._open.items()
            if not one.written
        ]

    def written(self, tallies: Sequence[Tally]) -> None:
        """These were written; those that were added to since stay due."""
        for tally in tallies:
            one = self._open.get((tally.start, Of(tally.model, tally.version, tally.tenant)))
            if one is not None and one.id == tally.id and one.counts == tally.counts:
                one.written = True


def _slot(wall: int) -> int:
    return wall - wall % SLOT
