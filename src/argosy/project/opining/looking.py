"""The look at what was counted: each topic and each entity is held against its usual course, and surges raise alarms.

A look follows from the log and the time alone, so a restart in the middle of a surge changes nothing: a surge is known
by the hour in which it showed, and raises one alarm. Each whole hour is judged once; an hour that had not been heard
when it was judged, since the sources were silent, is judged when its texts have come.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from argosy.config.opinion import Opinion
from argosy.core.opinion import HOUR, Cell, Heard, OpinionLog, Story
from argosy.core.signals import SURGE
from argosy.core.watch import Alarm, Finding
from argosy.monitor.surges.series import Counted
from argosy.monitor.surges.silence import silent
from argosy.monitor.surges.watch import Course, Surge, severity, surges
from argosy.project.opining.days import spans
from argosy.store.watching.alarms import Looked, SqlAlarms

MEMORY = 84 * 24
"""Hours that a look reads at least: twelve weeks, so that each hour of the week was heard a dozen times."""
_BLOCK = 28 * 24 * HOUR  # by which the beginning of what is read moves on: what is known of past hours stays
_LATE = 60_000_000  # µs after the slowest source's turn at which an hour is whole
_STREAMS = frozenset({"redis", "kafka", "webhook", "folder", "mail"})  # kinds that are read at once
_PAUSE = 300_000_000  # µs between two looks at the same hours, which late texts may have changed
_LEAST = 0.5  # of the usual texts that must have been heard, or the hour is missing
_FEW = 3  # negative stories below which a surge of a topic that is hardly spoken of is no alarm
_STORIES, _TEXTS = 5, 8  # that are shown as evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The courses of all topics and entities through the end of the last whole hour, and which hours are missing."""

    through: int
    starts: np.ndarray[Any, Any]
    missing: np.ndarray[Any, Any]
    courses: Mapping[str, Course]
    silent: Mapping[str, int]


@dataclass(slots=True, eq=False, kw_only=True)
class Looking:
    """Looks at the log of the monitor ``name``; threads may share it."""

    name: str
    wish: Opinion
    log: OpinionLog
    alarms: SqlAlarms
    targets: Sequence[str] = ()
    behind: Callable[[], bool] = lambda: False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _seen: Seen | None = None
    _at: int = 0

    @property
    def model(self) -> str:
        """The name under which looks and alarms are kept: no model's, which is looked at for itself."""
        return f"opinion/{self.name}"

    def through(self, now: int) -> int:
        """The end of the last hour that is whole: every source had its turn since."""
        slow = [one.every_seconds for one in self.wish.sources.values() if one.kind not in _STREAMS]
        return (now - _LATE - int(max(slow, default=0) * 1e6)) // HOUR * HOUR

    def seen(self, now: int) -> Seen:
        """The courses as of now; reckoned once an hour, and whenever ``look`` does."""
        with self._lock:
            if self._seen is None or self._seen.through != self.through(now):
                self._seen = self._reckon(now)
            return self._seen

    def forget(self) -> None:
        """Reckon the courses anew when they are asked for: a person said what is usual."""
        with self._lock:
            self._seen = None

    def look(self, now: int, *, since: int | None = None) -> list[Alarm]:
        """Judge what was not judged, open and close alarms; those that were opened.

        Nothing is judged while sources are ``behind``, for an hour at most: what they still hold is of hours that look
        calm till then. Nor within minutes of the look before, unless an hour became whole.
        ``since``: judge the hours from then on, whatever was judged before; what lasts is told of in any case.
        """
        before = self.alarms.looked(self.model)
        if since is None and not self._due(before, now):
            return []
        with self._lock:
            self._seen, self._at = self._reckon(now), now
            found = self._seen
        judged = _judged(before, found) if since is None else since
        if since is None and before is not None and judged >= found.through and before.through >= found.through:
            return []
        known = self.alarms.all(model=self.model)
        fresh = [
            (self._finding(part, course, surge), surge.stands)
            for part, course in found.courses.items()
            for surge in course.surges[-1:]
            if _opens(surge, found, judged)
            and _stories_of(course, surge) >= _FEW
            and not _is_known(known, part, _end(found, surge.fired))
        ]
        for alarm, surge in _standing(known, found):
            if surge.stands:  # since the look that opened it, perhaps
                self.alarms.announce(alarm.id, at=now, targets=self.targets).result()
        away = {part for part, course in found.courses.items() if course.surges and course.surges[-1].closed is None}
        back = [one.id for one in known if one.closed is None and one.finding.slice not in away]
        opened = []
        for finding, stands in fresh:
            if not stands:  # shown on the pages, and sent to nobody
                opened.append(self.alarms.open(finding, at=now).result())
        looked = Looked(model=self.model, at=now, through=found.through, found=_shown(found))
        concluded = self.alarms.conclude(
            looked,
            before=before.through if before else None,
            found=[finding for finding, stands in fresh if stands],
            back=back,
            targets=self.targets,
        ).result()
        return [one for one in [*opened, *(concluded or ())] if one]

    def _due(self, before: Looked | None, now: int) -> bool:
        """Whether there may be something to judge."""
        if before is None:
            return not self.behind()
        if self.behind() and now - before.at < HOUR:
            return False
        return self.through(now) > before.through or abs(now - self._at) >= _PAUSE

    def _reckon(self, now: int) -> Seen:
        through = self.through(now)
        start = (through - MEMORY * HOUR) // _BLOCK * _BLOCK
        heard = self.log.heard(start, through)
        first = min((one.start for one in heard if one.published), default=through)
        starts = np.arange(first, through, HOUR, dtype=np.int64)
        exposure, quiet = _exposure(heard, starts, self.wish)
        missing = exposure < _LEAST
        cells = self.log.cells(first, through)
        counted = _counted(cells, starts, exposure, missing)
        restarts: dict[str, list[int]] = defaultdict(list)
        for (_, part), times in self.alarms.restarts(self.model).items():
            restarts[part] += times
        found = surges(
            counted,
            false_alarms=self.wish.false_alarms,
            false_share=self.wish.false_share,
            holidays=spans(self.wish),
            restarts=restarts,
        )
        return Seen(
            through=through,
            starts=starts,
            missing=missing,
            courses={one.series.name: one for one in found},
            silent=quiet,
        )

    def _finding(self, part: str, course: Course, surge: Surge) -> Finding:
        starts = course.series.starts
        since, at = int(starts[surge.since]), int(starts[surge.fired]) + HOUR
        kind, _, name = part.partition("=")
        wanted = {"topic": name} if kind == "topic" else {"entity": name}
        stories = self.log.stories(since, at, sentiment="negative", most=_STORIES, **wanted)
        during = slice(surge.since, surge.fired + 1)
        return Finding(
            model=self.model,
            signal=SURGE,
            slice=part,
            direction="up",
            since=since,
            at=at,
            value=float(np.nanmean(course.series.counts[during])),
            usual=float(np.nanmean(course.expected[during])),
            size=float(np.nansum(course.scores[during]) / np.sqrt(surge.fired + 1 - surge.since)),
            p_value=surge.p_value,
            examples=tuple(("", text, 0) for text in self._texts(stories)),
            slices=_slices(self.log.cells(since, at, **wanted), kind),
            severity=severity(surge.ratio, surge.excess),
            stories=tuple(one.id for one in stories),
        )

    def _texts(self, stories: Sequence[Story]) -> list[str]:
        each = max(1, _TEXTS // max(len(stories), 1))
        return [kept.id for story in stories for kept in self.log.texts(story.id, each)][:_TEXTS]


def _exposure(heard: Sequence[Heard], starts: Any, wish: Opinion) -> tuple[Any, dict[str, int]]:
    """The share of the usual texts whose sources were heard, by hour; and since when each source is silent now."""
    place = {int(start): index for index, start in enumerate(starts)}
    published: dict[str, Any] = defaultdict(lambda: np.zeros(len(starts)))
    polls: dict[str, Any] = defaultdict(lambda: np.zeros(len(starts)))
    for one in heard:
        if one.start in place:
            published[one.source][place[one.start]] += one.published
            polls[one.source][place[one.start]] += one.polls
    total, present, quiet = np.zeros(len(starts)), np.zeros(len(starts)), {}
    for name, counts in published.items():
        source = wish.sources.get(name)
        asked = np.flatnonzero(polls[name] > 0)
        polls[name][: asked[0] if len(asked) else None] = 1  # texts of before anybody asked: only their pace can tell
        lost = silent(counts, polls[name], longest=source.silent_hours if source else 0.0)
        usual = counts.mean() if len(counts) else 0.0
        total += usual
        present += usual * ~lost
        if len(lost) and lost[-1]:
            kept = np.flatnonzero(~lost)
            quiet[name] = int(starts[kept[-1]]) + HOUR if len(kept) else int(starts[0])
    return np.where(total > 0, present / np.maximum(total, 1e-12), 0.0), quiet


def _counted(cells: Sequence[Cell], starts: Any, exposure: Any, missing: Any) -> list[Counted]:
    """Negative stories an hour of each topic (of all texts) and of each entity (on all topics)."""
    place = {int(start): index for index, start in enumerate(starts)}
    found: dict[str, Any] = {}
    for one in cells:
        part = f"entity={one.entity}" if one.entity else f"topic={one.topic}"
        counts = found.setdefault(part, np.zeros(len(starts)))
        if one.sentiment == "negative" and one.start in place:
            counts[place[one.start]] += one.stories
    return [
        Counted(name=part, starts=starts, counts=np.where(missing, np.nan, counts), exposure=exposure)
        for part, counts in sorted(found.items())
    ]


def _slices(cells: Sequence[Cell], kind: str) -> dict[str, float]:
    """The languages that the negative stories are in, by their shares."""
    by: dict[str, int] = defaultdict(int)
    for one in cells:
        if one.sentiment == "negative" and bool(one.entity) == (kind == "entity"):
            by[f"language={one.language}"] += one.stories
    total = sum(by.values())
    return {name: count / total for name, count in sorted(by.items())} if total else {}


def _judged(before: Looked | None, found: Seen) -> int:
    """Up to when the hours were judged: all those before a look were, but those that had not been heard then."""
    if before is None:
        return found.through
    missed = {int(start) for start in before.found.get("missing", ())}
    come = [int(start) for start, gone in zip(found.starts, found.missing, strict=True) if start in missed and not gone]
    return min([before.through, *come])


def _opens(surge: Surge, found: Seen, judged: int) -> bool:
    """Whether there is something to alarm for: what lasts, or what showed in an hour that was not judged yet."""
    return surge.closed is None or _end(found, surge.fired) > judged


def _standing(known: Sequence[Alarm], found: Seen) -> Iterator[tuple[Alarm, Surge]]:
    """The alarms that are open, with their surges."""
    for one in known:
        course = found.courses.get(one.finding.slice)
        if one.closed is None and course and course.surges and course.surges[-1].closed is None:
            yield one, course.surges[-1]


def _stories_of(course: Course, surge: Surge) -> float:
    """How many negative stories a surge has had so far."""
    last = None if surge.closed is None else surge.closed + 1
    return float(np.nansum(course.series.counts[surge.since : last]))


def _is_known(known: Sequence[Alarm], part: str, at: int) -> bool:
    return any(one.finding.slice == part and one.finding.at == at for one in known)


def _end(found: Seen, period: int) -> int:
    return int(found.starts[period]) + HOUR


def _shown(found: Seen) -> dict[str, Any]:
    """What is kept of a look."""
    return {
        "kind": "surges",
        "series": len(found.courses),
        "missing": [int(start) for start, gone in zip(found.starts, found.missing, strict=True) if gone],
        "silent": dict(found.silent),
    }
