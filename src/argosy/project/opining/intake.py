"""What sources say goes into the log: each source in a thread of its own, or all of them once.

A batch counts in one transaction with its offsets, and its source is told only then: whatever ends a process, what it
had in hand comes again, and what counted already is known by its id.
"""

import logging
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from argosy.core.opinion import Analyst, Batch, Opinion, OpinionLog, Post, Refused, Sketch, Source
from argosy.opinion.sources.fields import now, sound
from argosy.project.watching.apart import reason

error_log = logging.getLogger("argosy.error")
Sketcher = Callable[[Sequence[str]], Sequence[Sketch]]
"""The sketch of each text, in their order."""
_MINUTE = 60_000_000
_PATIENCE = 20.0  # s for what is under way at the end
_NAP = 0.1  # s after an empty poll, of a source that waits for none
_LONGEST_PAUSE = 60.0  # s between two tries of a source that is not reached, unless it is asked more rarely anyway
_FEWEST, _MOST = 64, 256  # posts of a batch
_BRISK, _SLOW = 0.25, 1.0  # s that a batch takes: below the one more are taken at once, beyond the other fewer


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of a source so far: ``reposts`` are new texts of a story that was known.

    ``read`` counts what it gave, known or not. ``trouble`` is why it is not heard; empty while it is. ``behind``: it
    has more to give than was taken, or was not asked yet.
    """

    read: int = 0
    new: int = 0
    reposts: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    trouble: str = ""
    behind: bool = True

    def to_json(self) -> dict[str, int]:
        """The counts."""
        return {"read": self.read, "new": self.new, "reposts": self.reposts, "refused": self.refused.total()}


class Intake:
    """One source on its way into the log; one thread uses it."""

    def __init__(
        self, source: Source, analyst: Analyst, log: OpinionLog, sketch: Sketcher, clock: Callable[[], int] = now
    ) -> None:
        self.source = source
        self.tally = Tally()
        self._analyst, self._log, self._sketch, self._clock = analyst, log, sketch, clock
        self._most = _FEWEST
        self._noted: int | None = None  # when the log last heard of this source

    def step(self) -> Batch:
        """Take what the source gives next: what it was. Raises whatever keeps it from being taken, which may pass."""
        name, log = self.source.name, self._log
        before = log.offsets(name)
        given = self.source.poll(before, self._most)
        began, at = time.monotonic(), self._clock()
        fresh = self._fresh(given.posts)
        sketched, refused = self._understood(fresh)
        batch = replace(given, posts=[one.post for one, _ in sketched], refused=[*given.refused, *refused])
        if batch.posts or self._tells(batch, before, at):
            sketches = {one.post.id: sketch for one, sketch in sketched}
            taken = log.take(name, batch, [one for one, _ in sketched], sketches, now=at).result()
            self._noted = at
            self.tally.new += len(taken.new)
            self.tally.reposts += len(taken.new) - len(taken.stories)
        self.tally.read += len(given.posts)
        self.tally.refused.update(one.reason for one in batch.refused)
        self.source.kept(given)
        self.tally.behind = given.more
        self._most = size(self._most, time.monotonic() - began, more=given.more)
        return given

    def heard(self) -> None:
        """Say that it is heard again, where it was not."""
        if self.tally.trouble:
            error_log.warning("%s is heard again", self.source.name)
        self.tally.trouble = ""

    def failed(self, error: Exception) -> None:
        """Say why it is not heard, unless that was said last."""
        said = reason(error)
        if said != self.tally.trouble:
            error_log.error("%s is not heard and is tried again: %s", self.source.name, said)
        self.tally.trouble, self.tally.behind = said, False

    def _fresh(self, posts: Sequence[Post]) -> list[Post]:
        """Those that are not known, each once."""
        by_id = {post.id: post for post in map(_storable, reversed(posts))}  # of two, the first stays
        known = self._log.known(by_id) if by_id else set()
        return [post for name, post in reversed(by_id.items()) if name not in known]

    def _tells(self, batch: Batch, before: Mapping[str, str], at: int) -> bool:
        """Whether a batch without new posts is worth a transaction; that a source answered is, each minute."""
        moved = any(before.get(part) != place for part, place in batch.offsets.items())
        return moved or self._noted is None or at - self._noted >= _MINUTE

    def _understood(self, posts: Sequence[Post]) -> tuple[list[tuple[Opinion, Sketch]], list[Refused]]:
        """What is read out of posts, and those out of which nothing can be; raises where nothing is read out of any."""
        if not posts:
            return [], []
        try:
            return self._read(posts), []
        except Exception as error:  # noqa: BLE001 - one spoilt post keeps no other from being read
            if len(posts) == 1:
                self._read([replace(posts[0], key="", title="", text="text")])  # raises where it is not this post's
                error_log.error("%s: a post cannot be read and is left out: %s", self.source.name, reason(error))
                return [], [Refused(source=self.source.name, where=posts[0].key, reason="not_read")]
        middle = len(posts) // 2
        (first, bad), (last, worse) = self._understood(posts[:middle]), self._understood(posts[middle:])
        return first + last, bad + worse

    def _read(self, posts: Sequence[Post]) -> list[tuple[Opinion, Sketch]]:
        opinions = self._analyst.read(posts)
        return list(zip(opinions, self._sketch([one.text for one in opinions]), strict=True))


@contextmanager
def listening(
    sources: Sequence[Source],
    analyst: Analyst,
    log: OpinionLog,
    sketch: Sketcher,
    *,
    every: Mapping[str, float],
    clock: Callable[[], int] = now,
) -> Iterator[Mapping[str, Tally]]:
    """Take what sources say while the block runs, and close them; what came of each is counted in the tallies.

    ``every`` names the seconds between two polls of a source; one that is not named waits for posts by itself.
    """
    ended = threading.Event()
    intakes = [Intake(source, analyst, log, sketch, clock) for source in sources]
    threads = [
        threading.Thread(
            target=_listen,
            args=(one, every.get(one.source.name, 0.0), ended),
            name=f"argosy-hears-{one.source.name}",
            daemon=True,
        )
        for one in intakes
    ]
    for thread in threads:
        thread.start()
    try:
        yield {one.source.name: one.tally for one in intakes}
    finally:
        ended.set()
        deadline = time.monotonic() + _PATIENCE
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))


def drain(
    sources: Sequence[Source],
    analyst: Analyst,
    log: OpinionLog,
    sketch: Sketcher,
    *,
    clock: Callable[[], int] = now,
    tell: Callable[[str, Tally], object] | None = None,
) -> Mapping[str, Tally]:
    """Take what waits at each source, and close it; what came of each. One that is not reached is told of and left.

    Posts count in the hours in which they were published, however late they come. ``tell`` hears of each batch.
    """
    tallies = {}
    for source in sources:
        intake = Intake(source, analyst, log, sketch, clock)
        tallies[source.name] = intake.tally
        try:
            while intake.step().more:
                if tell:
                    tell(source.name, intake.tally)
        except Exception as error:  # noqa: BLE001 - the others are read
            intake.failed(error)
        finally:
            source.close()
        if tell:
            tell(source.name, intake.tally)
    return tallies


def size(now_at: int, seconds: float, *, more: bool) -> int:
    """How many posts to take at once after a batch of ``now_at`` at most took that long; ``more`` still wait.

    >>> size(64, 0.1, more=True), size(64, 0.1, more=False), size(256, 2.0, more=True)
    (128, 64, 128)
    """
    if seconds > _SLOW:
        return max(_FEWEST, now_at // 2)
    return min(_MOST, now_at * 2) if more and seconds < _BRISK else now_at


def pause(failures: int, every: float, chance: float) -> float:
    """Seconds until a source that failed so often is tried again: the longer the more often, half of it by chance.

    >>> [pause(times, 0, 1.0) for times in (1, 2, 3, 100)], pause(3, 0, 0.0), pause(100, 300, 1.0)
    ([1.0, 2.0, 4.0, 60.0], 2.0, 300.0)
    """
    longest = max(_LONGEST_PAUSE, every)
    return min(longest, 2.0 ** min(failures - 1, 30)) * (1 + chance) / 2


def _listen(intake: Intake, every: float, ended: threading.Event) -> None:
    failures = 0
    draw = secrets.SystemRandom()
    try:
        while not ended.is_set():
            try:
                given = intake.step()
            except Exception as error:  # noqa: BLE001 - what serves must go on
                if not ended.is_set():
                    intake.failed(error)
                failures += 1
                ended.wait(pause(failures, every, draw.random()))
                continue
            failures = 0
            intake.heard()
            if not given.more:
                ended.wait(every or (0.0 if given.posts else _NAP))
    finally:
        intake.source.close()


def _storable(post: Post) -> Post:
    """The post without characters that no database takes, from whatever source."""
    words = {name: getattr(post, name) for name in ("key", "text", "title", "author", "url", "language")}
    spoilt: dict[str, Any] = {name: sound(word) for name, word in words.items() if sound(word) != word}
    return replace(post, **spoilt) if spoilt else post
