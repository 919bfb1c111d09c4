"""Each worker follows the releases: loads what is asked for, tells what it counted, and moves a release on or back.

Every worker may decide, from the evidence of all; the first one does, since a line is moved from the revision that was
seen. What was decided is heard by every worker with its next look.
"""

import asyncio
import logging
import math
import secrets
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from argosy.core.errors import MissingError
from argosy.evaluate.sequential import log_paired
from argosy.serve.answers.catalogue import Catalogue
from argosy.serve.answers.work import Engine
from argosy.serve.releases import versions as releases
from argosy.serve.releases.evidence import Evidence, threshold, together
from argosy.serve.releases.lane import Lane
from argosy.serve.releases.versions import Line, Paired, Shelf

_LOG = logging.getLogger("argosy.releases")
_MICROSECONDS = 1_000_000
_STARTS = 2  # the champion, or its predecessor
_FAILING = 0.01  # share of mirrored texts that a challenger may fail to answer
ACTOR = "argosy"
"""Who moves a release where nobody does."""
Open = Callable[[str, int], Engine]
"""Loads a version of a model, checks its probes and warms it; raises ArgosyError when it is not what was built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """What a service needs to follow releases; the engines that it starts with count as never released."""

    board: Shelf
    open: Open
    every: float = 0.5  # seconds between two looks


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """Whether a challenger may leave the shadow, and the stable word that says why or why not."""

    passed: bool
    why: str


def quality(line: Line, evidence: Evidence) -> Passed:
    """What labelled rows and live agreement say before exposure.

    Shown by rows: not ``margin`` worse. Shown by agreement: the two differ on fewer than ``margin`` of the live texts,
    so no truth could set them further apart. Each may be wrong with half of ``false_pass``.
    """
    plan, wanted = line.plan, math.log(2 / line.plan.false_pass)
    replay = line.replay or Paired()
    if evidence.failed > _FAILING * evidence.mirrored:
        return Passed(passed=False, why="fails")
    if log_paired(replay.won, replay.lost, replay.alike, at_most=-plan.margin) >= wanted:
        return Passed(passed=True, why="rows")
    answered = evidence.mirrored - evidence.failed
    if log_paired(0, answered - evidence.agreed, evidence.agreed, at_most=-plan.margin) >= wanted:
        return Passed(passed=True, why="agreement")
    worse = log_paired(replay.lost, replay.won, replay.alike, at_most=0.0) >= wanted
    return Passed(passed=False, why="worse" if worse else "too_few_rows")


def judge(line: Line, evidence: Evidence, labels: Paired | None = None, *, now: int) -> Line | None:
    """Where a canary goes from here: back, to the next share, up, or (None) nowhere yet.

    ``labels`` are what feedback showed beside those of the line.
    """
    if line.phase != "canary":
        return None
    plan = line.plan
    limit = threshold(plan.false_alarm, len(plan.shares))
    labels = (line.labels or Paired()).and_(labels or Paired())
    if evidence.log_errors >= limit:
        return releases.roll_back(line, now=now, reason="errors")
    if evidence.log_slowness >= limit:
        return releases.roll_back(line, now=now, reason="latency")
    if log_paired(labels.lost, labels.won, labels.alike, at_most=plan.margin) >= math.log(1 / plan.false_alarm):
        return releases.roll_back(line, now=now, reason="quality")
    if now - line.since < plan.hold_seconds * _MICROSECONDS or evidence.second < plan.least:
        return None
    return releases.advance(line, now=now) if line.step + 1 < len(plan.shares) else _last(line, labels, now)


def _last(line: Line, labels: Paired, now: int) -> Line | None:
    """At the last share, held long enough: up, if as many labels came as were asked for."""
    plan = line.plan
    if labels.rows < plan.labels:
        late = now - line.since >= plan.label_seconds * _MICROSECONDS and line.reason != "too_few_labels"
        return replace(line, reason="too_few_labels", revision=line.revision + 1) if late else None
    return releases.promote(line, now=now, reason="held") if plan.promote else None


@asynccontextmanager
async def following(catalogue: Catalogue, releases: Releases | None) -> AsyncIterator[None]:
    """Follow the releases, if there are any, while the block runs; what is live is loaded before it begins.

    Raises MissingError when a champion cannot be loaded.
    """
    if releases is None:
        yield
        return
    follower = Follower(catalogue, releases)
    await follower.start()
    task = asyncio.create_task(follower.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await follower.aclose()


class Follower:
    """Keeps one process's catalogue as the board says; ``step`` is one look, ``run`` looks until cancelled."""

    def __init__(self, catalogue: Catalogue, releases: Releases) -> None:
        self._catalogue = catalogue
        self._board, self._open, self._every = releases.board, releases.open, releases.every
        self._worker = f"wrk_{secrets.token_hex(8)}"
        self._tasks: set[asyncio.Task[None]] = set()
        self._tried: set[tuple[str, int, int]] = set()  # model, version, revision: loaded once each

    async def run(self) -> None:
        """Look again and again; a board that does not answer changes nothing."""
        told = False
        while True:
            try:
                await self.step()
                told = False
            except Exception as error:  # noqa: BLE001 - a database that is away for a while ends no service
                if not told:
                    _LOG.error("the releases cannot be read (%s); what answers goes on", type(error).__name__)
                told = True
            await asyncio.sleep(self._every)

    async def start(self) -> None:
        """Load what is live; where that fails, what was live before it."""
        for _ in range(_STARTS):
            await self.step()
            await self.aclose()
        await self.step()
        for name, line in (await asyncio.to_thread(self._board.lines)).items():
            if name in self._catalogue.names and line.champion not in self._catalogue.lane(name).numbers:
                raise MissingError(
                    "Version {number} of {model}, the champion, cannot be loaded.",
                    mend="Say which one is to answer: argosy release promote VERSION",
                    number=line.champion,
                    model=name,
                )

    async def step(self) -> None:
        """Take up what was decided, load and drop versions, tell what was counted, and decide."""
        lines = await asyncio.to_thread(self._board.lines)
        for name in self._catalogue.names:
            if line := lines.get(name):
                await self._follow(self._catalogue.lane(name), line)

    async def aclose(self) -> None:
        """Wait for what is being loaded or drained."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _follow(self, lane: Lane, line: Line) -> None:
        needed = line.loaded | lane.wanted
        for number in needed - lane.numbers:
            if (line.model, number, line.revision) not in self._tried:
                self._tried.add((line.model, number, line.revision))
                self._spawn(self._load(lane, line, number))
        if line.champion in lane.numbers:
            lane.follow(line)
            for number in lane.numbers - needed:
                self._spawn(lane.drop(number))
        if lane.line.phase != "steady" and lane.line.rollout == line.rollout:
            await self._tell(lane)

    async def _tell(self, lane: Lane) -> None:
        line, evidence, board = lane.line, lane.evidence(), self._board
        step = line.step if line.phase == "canary" else releases.SHADOW_STEP
        pairs = lane.mirror.take_pairs() if lane.mirror else {}

        def tell() -> Line | None:
            board.note(line.rollout, step, self._worker, evidence).result()
            if pairs:
                board.pair(line.rollout, pairs).result()
            whole, labels = together(board.evidence(line.rollout, step)), board.labelled(line.rollout)
            return judge(line, whole, labels, now=time.time_ns() // 1000)

        after = await asyncio.to_thread(tell)
        if after and await self._move(line, after) and after.champion in lane.numbers:
            lane.follow(after)

    async def _load(self, lane: Lane, line: Line, number: int) -> None:
        try:
            lane.put(number, await asyncio.to_thread(self._open, line.model, number))
        except Exception as error:  # noqa: BLE001 - a version that cannot be loaded, for whatever reason, is not served
            _LOG.error("version %s of %s cannot be loaded: %s", number, line.model, error)
            now = time.time_ns() // 1000
            if number == line.challenger or (number == line.champion and line.previous is not None):
                await self._move(line, releases.roll_back(line, now=now, reason="not_loaded"))

    async def _move(self, before: Line, after: Line) -> bool:
        return await asyncio.to_thread(lambda: self._board.move(before, after, ACTOR).result())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
