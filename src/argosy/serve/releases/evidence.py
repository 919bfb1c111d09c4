"""What live traffic shows of a canary: each worker counts second by second, and all their evidence multiplies.

A request counts in the window in which it came, once it is answered or has waited longer than nearly all of the
champion's; so an answer that never comes is slow, and counts. Refusals that are the client's doing don't count.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Self

import numpy as np

from argosy.evaluate.sequential import ODDS, Arms, log_factors, log_mixed

QUANTILES = (0.5, 0.95, 0.99)
"""Of the champion's own latency: an answer slower than one of them is a hit."""
_WINDOW = 1.0  # seconds
_KEPT = 2_000  # of the champion's latencies
_FEWEST = 100  # of them before latency counts
_GRACE = 2.0  # times the champion's slowest quantile
_AT_MOST = 1.2  # times the share
_SLACK_SHARE = 0.1  # of a quantile
_ZEROS = (0.0,) * len(ODDS)
Pair = tuple[int, int]


@dataclass(slots=True, kw_only=True)
class Evidence:
    """One worker's counts of one step, or those of all; ``errors`` and ``slowness`` are logarithms by odds.

    ``slowness`` holds those of one quantile after the other. ``agreed`` of ``mirrored`` texts got the same label from
    both versions; ``failed`` counts mirrored requests that the challenger could not answer.
    """

    first: int = 0
    second: int = 0
    first_errors: int = 0
    second_errors: int = 0
    first_seconds: float = 0.0
    second_seconds: float = 0.0
    mirrored: int = 0
    agreed: int = 0
    failed: int = 0
    dropped: int = 0
    mirror_first_seconds: float = 0.0
    mirror_second_seconds: float = 0.0
    errors: Sequence[float] = _ZEROS
    slowness: Sequence[float] = _ZEROS * len(QUANTILES)

    def add(self, other: "Evidence") -> None:
        """Take in what another process counted."""
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            both = mine + theirs if isinstance(mine, int | float) else (np.asarray(mine) + np.asarray(theirs)).tolist()
            setattr(self, one.name, both)

    def count(self, seen: Pair, failed: Pair, slow: Sequence[Pair]) -> None:
        """Take in one window, each count for the champion and the challenger; ``slow`` has one a quantile, or none."""
        self.first, self.second = self.first + seen[0], self.second + seen[1]
        self.first_errors, self.second_errors = self.first_errors + failed[0], self.second_errors + failed[1]
        self.errors = _times(self.errors, [log_factors(_arms(seen, failed))])
        if slow:
            self.slowness = _times(self.slowness, [log_factors(_arms(seen, hits)) for hits in slow])

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**told, "errors": list(map(float, self.errors)), "slowness": list(map(float, self.slowness))}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What ``to_json`` told."""
        return cls(**told)

    @property
    def log_errors(self) -> float:
        """The logarithm of the evidence that the challenger fails more often."""
        return log_mixed(np.asarray(self.errors))

    @property
    def log_slowness(self) -> float:
        """The logarithm of the evidence that the challenger is slower."""
        return log_mixed(np.asarray(self.slowness))


def together(parts: Sequence[Evidence]) -> Evidence:
    """The evidence of all workers."""
    whole = Evidence()
    for part in parts:
        whole.add(part)
    return whole


def threshold(false_alarm: float, steps: int) -> float:
    """The logarithm that evidence must reach: the chance of a false alarm is shared by two tests and all steps."""
    return math.log(2 * steps / false_alarm)


@dataclass(slots=True, eq=False)
class Seen:
    """A request: which arm answers it, when it came, how long it took (None: it still does), whether it failed."""

    second: bool
    start: float
    seconds: float | None = None
    failed: bool = False
    left_out: bool = False


@dataclass(slots=True, eq=False)
class Windows:
    """The requests of one worker by the second in which they came, and the evidence of those that are over.

    ``slack`` is in seconds. Belongs to one thread.
    """

    slack: float
    clock: Callable[[], float] = time.monotonic
    evidence: Evidence = field(default_factory=Evidence)
    _came: int = 0
    _went: int = 0
    _open: deque[tuple[float, list[Seen]]] = field(default_factory=deque)
    _champion: deque[float] = field(default_factory=lambda: deque(maxlen=_KEPT))

    def room(self, share: float) -> bool:
        """Whether the challenger may have one more: never more than a fifth above its share, luck or not."""
        return self._went + 1 <= _AT_MOST * share * (self._came + 1)

    def begin(self, *, second: bool) -> Seen:
        """A request has come."""
        now = self.clock()
        self._came, self._went = self._came + 1, self._went + second
        seen = Seen(second=second, start=now)
        if not self._open or now >= self._open[-1][0] + _WINDOW:
            self._open.append((now, []))
        self._open[-1][1].append(seen)
        return seen

    def end(self, seen: Seen, *, failed: bool = False, left_out: bool = False) -> None:
        """It is answered, has failed, or does not count."""
        seen.seconds, seen.failed, seen.left_out = self.clock() - seen.start, failed, left_out

    def close(self) -> None:
        """Count the windows that are over: so long ago that nearly every request of the champion is answered."""
        now, limits = self.clock(), self._limits()
        grace = max(_WINDOW, _GRACE * limits[-1]) if limits else _WINDOW
        while self._open and now >= self._open[0][0] + _WINDOW + grace:
            self._count(self._open.popleft()[1], limits)

    def _limits(self) -> list[float]:
        """The champion's quantiles up to now; none while too little is known."""
        return list(map(float, np.quantile(self._champion, QUANTILES))) if len(self._champion) >= _FEWEST else []

    def _count(self, window: Sequence[Seen], limits: Sequence[float]) -> None:
        counted = [seen for seen in window if not seen.left_out]
        first, second = ([seen for seen in counted if seen.second is arm] for arm in (False, True))
        failed = (sum(seen.failed for seen in first), sum(seen.failed for seen in second))
        slow = [(self._slower(first, limit), self._slower(second, limit)) for limit in limits]
        self.evidence.count((len(first), len(second)), failed, slow)
        self.evidence.first_seconds += sum(seen.seconds or 0.0 for seen in first)
        self.evidence.second_seconds += sum(seen.seconds or 0.0 for seen in second)
        self._champion.extend(seen.seconds for seen in first if seen.seconds is not None)

    def _slower(self, arm: Sequence[Seen], limit: float) -> int:
        """How many are slower than the champion's ``limit``, the challenger's by more than the slack."""
        bounds = (limit, limit + max(self.slack, _SLACK_SHARE * limit))
        return sum(seen.seconds is None or seen.seconds > bounds[seen.second] for seen in arm)


def _arms(seen: Pair, hits: Pair) -> Arms:
    return Arms(first=seen[0], second=seen[1], first_hits=hits[0], second_hits=hits[1])


def _times(logs: Sequence[float], factors: Sequence[Any]) -> list[float]:
    return list((np.asarray(logs) + np.concatenate(factors)).tolist())
