"""Who is next: texts that wait, by length, and when each one's turn is.

A text's turn is the engine's clock when its request came, plus eight times the tokens of its own request before it;
the clock counts the tokens taken. So a large request moves on by an eighth of what the engine does at least, and takes
all that is left over, while a small one never waits for the whole of a large one. Turns never move, so none starves.
"""

import asyncio
import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from argosy.core.engine import Reading
from argosy.infer.batches import MULTIPLE
from argosy.infer.recall import Answer

T = TypeVar("T")
_SHARES = 8
_PARTS = 4  # of a run: a large request has one of them, so that its runs are short
_NEAR = 2  # texts up to this many times as long or as short share a run


@dataclass(slots=True, eq=False, kw_only=True)
class Request(Generic[T]):
    """Texts that came together (``came`` by the clock) and what has become of them.

    ``done`` is told when every text has its answer; nobody waits for a request that is ``gone``. ``tokens`` were lined
    up so far, and the first ``read`` texts were read; ``tokenize`` and ``compute`` are the seconds spent on it.
    """

    texts: Sequence[str]
    came: int
    done: asyncio.Future[None]
    gone: bool = False
    read: int = 0
    tokens: int = 0
    answers: dict[int, Answer[T]] = field(default_factory=dict)
    tokenize: float = 0.0
    compute: float = 0.0


@dataclass(slots=True, order=True)
class Waiting(Generic[T]):
    """A text that was read: the ``place``-th of its request."""

    turn: int
    number: int
    request: Request[T] = field(compare=False)
    place: int = field(compare=False)
    reading: Reading = field(compare=False)


class Turns(Generic[T]):
    """Texts in line for runs of at most ``run_tokens`` tokens, padding included; a longer text is a run of its own.

    One request has at most a quarter of a run: 256 tokens cost no more each than 1,024, and hold up others less.
    """

    def __init__(self, run_tokens: int) -> None:
        self.clock = 0
        self._run_tokens = run_tokens
        self._number = 0
        self._lines: dict[int, list[Waiting[T]]] = {}  # by padded length, in units of MULTIPLE; each a heap by turn

    def __len__(self) -> int:
        return sum(map(len, list(self._lines.values())))

    def add(self, request: Request[T], place: int, reading: Reading) -> None:
        """Put a text in line behind those of its request."""
        turn = request.came + _SHARES * request.tokens
        request.tokens += reading.tokens
        self._number += 1
        line = self._lines.setdefault(-(-max(reading.tokens, 1) // MULTIPLE), [])
        heapq.heappush(line, Waiting(turn, self._number, request, place, reading))

    def take(self) -> list[Waiting[T]]:
        """The next run: the text whose turn is first, and texts of nearly its length by their turns; or nothing."""
        heads = {length: line[0] for length, line in list(self._lines.items()) if self._tidy(length, line)}
        if not heads:
            return []
        lead = min(heads, key=heads.__getitem__)
        near = [length for length in heads if length <= _NEAR * lead and lead <= _NEAR * length]
        run: list[Waiting[T]] = []
        longest = lead
        for length in sorted(near, key=lambda length: abs(length - lead)):
            longest = self._fill(run, length, longest)
        self.clock += sum(waiting.reading.tokens for waiting in run)
        return run

    def _fill(self, run: list[Waiting[T]], length: int, longest: int) -> int:
        """Add texts of one length to a run while there is room; the run's longest length then."""
        line, width = self._lines[length], max(length, longest)
        while self._tidy(length, line) and (not run or self._has_room(run, line[0].request, width * MULTIPLE)):
            run.append(heapq.heappop(line))
            longest = width
        return longest

    def _has_room(self, run: list[Waiting[T]], request: Request[T], width: int) -> bool:
        """Whether one more text may join: the run has room, and its request has not had its part."""
        had = sum(waiting.request is request for waiting in run)
        part = not had or (had + 1) * width * _PARTS <= self._run_tokens
        return part and (len(run) + 1) * width <= self._run_tokens

    def _tidy(self, length: int, line: list[Waiting[T]]) -> bool:
        """Drop what nobody waits for from the head of a line; whether anything is left."""
        while line and line[0].request.gone:
            heapq.heappop(line)
        if not line:
            self._lines.pop(length, None)
        return bool(line)
