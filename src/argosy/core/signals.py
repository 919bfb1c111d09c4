"""What a service counts of its own traffic, a slot of time after the other: numbers alone, never a text or a person."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

SLOT = 600_000_000
"""Microseconds of a slot; slots begin at whole multiples since the epoch."""
Counts = Mapping[str, int]
"""How often what was seen, by name: ``requests``, ``label:NAME``, ``latency:BIN`` … Counts of two tallies add up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one worker counted in one slot, of one model's version and one tenant.

    ``id`` is new for each worker and slot: noting a tally again replaces it, so nothing counts twice. ``model``,
    ``version`` and ``tenant`` are empty in a worker's sign of life, which says how long it was up on its ``host``.
    ``start`` is the slot's, ``at`` when it was last written: microseconds since the epoch.
    """

    id: str
    model: str
    version: str
    tenant: str
    host: str
    start: int
    at: int
    counts: Counts


class SignalLog(Protocol):
    """Keeps tallies; several processes may use one."""

    def note(self, tallies: Sequence[Tally]) -> "Future[None]":
        """Keep these, each in the place of the one with its id."""
        ...

    def between(self, start: int, end: int) -> Iterator[Tally]:
        """Those of slots that begin from ``start`` on and before ``end``, in the order of their slots."""
        ...
