"""An alarm: what left its usual course, since when, by how much, and what shows it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

Direction = Literal["up", "down", "apart"]
Kind = Literal["opened", "again", "closed"]
"""What a message tells of an alarm; ``again`` that it opened soon after one like it had closed."""
Severity = Literal["", "low", "medium", "high"]
Place = tuple[str, str, int]
"""A text by tenant, event and its place in the request: the text itself stays where the person can have it erased."""

_FIGURES = ("value", "usual", "size")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """That a signal of a model left its usual course.

    ``slice`` is empty for all traffic, else such as ``language=zh``. ``since`` is the start of the period in which the
    change most likely began, ``at`` the end of the one that showed it. ``value`` and ``usual`` are in the signal's
    unit; ``size`` is the difference in standard deviations of a usual period. ``examples`` are captured texts that
    stand for it; ``slices`` tells how much each slice adds to it. ``severity`` and the ``stories`` that are its
    likely cause, the largest first, are told of a surge.
    """

    model: str
    signal: str
    slice: str = ""
    direction: Direction
    since: int
    at: int
    value: float
    usual: float
    size: float
    p_value: float | None = None
    examples: Sequence[Place] = ()
    slices: Mapping[str, float] = field(default_factory=dict)
    severity: Severity = ""
    stories: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values; null for a figure that is not known (nan)."""
        told = asdict(self)
        return told | {name: told[name] if math.isfinite(told[name]) else None for name in _FIGURES}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What ``to_json`` told."""
        figures = {name: math.nan if told[name] is None else told[name] for name in _FIGURES}
        examples = tuple((tenant, event, index) for tenant, event, index in told["examples"])
        stories = tuple(told.get("stories", ()))
        return cls(**{**told, **figures, "examples": examples, "stories": stories})


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A finding that somebody was told of; ``closed`` when the signal had come back, ``acknowledged`` by whom seen.

    ``again`` counts those like it that came before, each soon after the one before had closed. ``usual``: somebody said
    that the level since ``finding.since`` is the usual one from now on. ``owner`` is who deals with it.
    """

    id: str
    finding: Finding
    opened: int
    again: int = 0
    closed: int | None = None
    acknowledged: int | None = None
    by: str = ""
    usual: bool = False
    owner: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "finding": self.finding.to_json()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is told of an alarm to one target (the digest of an address), and how that goes.

    ``due`` is when it is tried next, ``sent`` when it was taken, ``error`` why not the last time.
    """

    alarm: Alarm
    kind: Kind
    target: str
    due: int
    tries: int = 0
    sent: int | None = None
    error: str = ""
