"""One look at the models of a service: read the books, score each signal, open and close alarms, keep what was found.

A look follows from the books and the time alone. Each whole period is judged once: of several processes that look, one
writes (see ``store.watching.alarms``). An alarm stands as long as its signal is away from its usual course; labels
that come late change what is shown, and open nothing for a time that is over.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from argosy.core.watch import Alarm, Finding
from argosy.monitor.baseline import DAY, MEMORY, Course, courses
from argosy.monitor.contract import share_out
from argosy.monitor.detect import Episode
from argosy.monitor.making import OF_MODEL, Periods, Traffic, counted, series_of
from argosy.monitor.series import Series
from argosy.project.selling.shop import Shop
from argosy.project.watching import showing
from argosy.project.watching.addresses import targets_of
from argosy.project.watching.books import Books, books_of
from argosy.project.watching.daily import DRIFT, QUALITY, Daily, drifting, rating
from argosy.project.watching.evidence import finding_of
from argosy.store.database import Database
from argosy.store.watching.alarms import Looked, SqlAlarms

SETTLED = 60_000_000
"""Microseconds after its end at which a period is whole: every worker has written what it counted."""
MONTH = 30 * DAY
SHOWN = 7
"""Days of points that are kept for people's screens."""
WORSE: Mapping[str, int] = {"errors": 1, "refused": 1, "latency_p50": 1, "latency_p95": 1, "cost": 1, QUALITY: -1}
"""Signals of which one direction alone, a rise or a fall, is bad news; of all others either is."""
_MINUTE = 60_000_000
_BLOCK = 28 * DAY  # by which the beginning of what is read moves on
_Key = tuple[str, str]  # signal, slice


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look at a model found for the time ``through`` the end of the last period, and the alarms it opened."""

    model: str
    at: int
    through: int
    found: Mapping[str, Any]
    opened: Sequence[Alarm] = ()


@dataclass(frozen=True, slots=True)
class _Model:
    """A model under a look, and what is known of it already."""

    books: Books
    alarms: SqlAlarms
    traffic: Traffic
    name: str
    now: int
    before: Looked | None
    open: Mapping[_Key, Alarm]
    restarts: Mapping[_Key, Sequence[int]]
    champions: Sequence[tuple[int, str]]
    series: Sequence[Series]

    @property
    def signals(self) -> list[str]:
        """The signals that are watched, or will be once there are texts or feedback."""
        return [*(one.signal for one in self.series), DRIFT, QUALITY]

    @property
    def through(self) -> int:
        return self.traffic.periods.end

    @property
    def judged(self) -> int | None:
        """The end of the last period that was judged before; of a look whose clock was ahead all but the last one."""
        if self.before is None:
            return None
        every = self.traffic.periods.every
        return self.before.through if self.before.at <= self.now + 2 * every else self.through - every

    def anew(self, signal: str, slice_: str = "") -> tuple[int, ...]:
        """When the usual course of a signal begins again: somebody said so, or another version became the champion.

        Texts do not change by another version; what they are held against does, if an alarm had said that they had.
        The period in which the champion changed is missing, and the new course begins with it.
        """
        told = self.restarts.get((signal, slice_), ())
        promoted = [at for at, _ in self.champions[1:]] if signal in OF_MODEL | {QUALITY, DRIFT} else []
        if signal == DRIFT:
            drifts = [one for one in self.alarms.all(model=self.name) if one.finding.signal == DRIFT]
            promoted = [at for at in promoted if any(one.opened <= at < (one.closed or self.now) for one in drifts)]
        every = self.traffic.periods.every
        return tuple(sorted({*told, *(at // every * every for at in promoted)}))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watched:
    """A signal with its stays away from the usual course, in periods of ``step`` from ``start`` on."""

    key: _Key
    start: int
    step: int
    episodes: Sequence[Episode]
    finding: Callable[[Episode], Finding]

    @property
    def last(self) -> Episode | None:
        """The last stay away that is bad news."""
        wrong = WORSE.get(self.key[0])
        told = [one for one in self.episodes if wrong is None or one.size * wrong > 0]
        return told[-1] if told else None

    def opens(self, judged: int) -> Finding | None:
        """What to alarm for: a stay that lasts, or that began to show after ``judged``, whether or not it is over."""
        last = self.last
        if last is None or (last.closed is not None and self.start + (last.fired + 1) * self.step <= judged):
            return None
        return self.finding(last)


def look(shop: Shop, database: Database, now: int, *, days: int = SHOWN) -> list[Look]:
    """Look at every model that is served; ``days`` says how many days of points each ``found`` has."""
    targets = targets_of(shop.project.watch.send)
    books, periods = books_of(shop, database), _periods(shop, now)
    traffic = counted(books.signals.between(periods.start, periods.end), periods, books.champions)
    names = sorted({*books.names(), *traffic.models})
    models = [_opened(books, SqlAlarms(database), traffic, name, now) for name in names]
    signals = [signal for model in models for signal in model.signals]
    return [_look_at(model, signals, targets, days) for model in models]


def _periods(shop: Shop, now: int) -> Periods:
    """Whole periods up to now: those that a baseline remembers, from a beginning that seldom moves."""
    every = shop.project.watch.every_minutes * _MINUTE
    end = (now - SETTLED) // every * every
    start = (end - MEMORY * DAY) // _BLOCK * _BLOCK // every * every
    return Periods(start=start, every=every, count=(end - start) // every)


def _opened(books: Books, alarms: SqlAlarms, traffic: Traffic, name: str, now: int) -> _Model:
    return _Model(
        books=books,
        alarms=alarms,
        traffic=traffic,
        name=name,
        now=now,
        before=alarms.looked(name),
        open={(one.finding.signal, one.finding.slice): one for one in alarms.all(model=name, still=True)},
        restarts=alarms.restarts(name),
        champions=books.champions(name),
        series=series_of(traffic, name, per_hour=books.shop.project.cost.machine_per_hour),
    )


def _look_at(model: _Model, signals: Sequence[str], targets: Sequence[str], days: int) -> Look:
    """Look at a model, one of several, which share the contract with all their ``signals``."""
    daily = list(_daily(model))
    rate = _rate(model.books.shop, signals)
    found = _courses(model, rate * model.traffic.periods.every / MONTH)
    watched = [*_of_courses(model, found), *_of_days(model, daily, rate * DAY / MONTH)]
    opening, back = _changes(model, watched)
    shown = _shown(model, found, daily, len(signals), days)
    looked = Looked(model=model.name, at=model.now, through=model.through, found=shown)
    before = model.before.through if model.before else None
    opened = None
    if model.judged is None or model.judged < model.through:
        opened = model.alarms.conclude(looked, before=before, found=opening, back=back, targets=targets).result()
    whole = {**shown, **_alarms(model)}
    return Look(model=model.name, at=model.now, through=model.through, found=whole, opened=opened or ())


def _daily(model: _Model) -> Iterator[Daily]:
    known = model.before.found if model.before else {}
    drift, quality = (known.get(name) or {} for name in (DRIFT, QUALITY))
    for found in (
        drifting(model.books, model.name, drift, model.through, anew=max(model.anew(DRIFT), default=0)),
        rating(model.books, model.name, quality, model.through),
    ):
        if found:
            yield found


def _rate(shop: Shop, signals: Sequence[str]) -> float:
    """The false alarms that each signal may raise in a month; one that alarms in one direction alone counts half."""
    tests = sum(0.5 if signal in WORSE else 1.0 for signal in signals)
    return share_out(shop.project.watch.false_alarms, max(math.ceil(tests), 1), 1)


def _courses(model: _Model, rate: float) -> list[Course]:
    """The course of each series; those whose usual course begins anew at the same times are followed together."""
    alike: dict[tuple[int, ...], list[Series]] = defaultdict(list)
    for one in model.series:
        alike[model.anew(one.signal, one.slice)].append(one)
    found = [course for anew, some in alike.items() for course in courses(some, rate=rate, restarts=anew)]
    place = {id(one): number for number, one in enumerate(model.series)}
    return sorted(found, key=lambda course: place[id(course.series)])


def _of_courses(model: _Model, found: Sequence[Course]) -> Iterator[_Watched]:
    periods = model.traffic.periods
    for course in found:
        yield _Watched(
            key=(course.series.signal, course.series.slice),
            start=periods.start,
            step=periods.every,
            episodes=[one for one in course.episodes if not _tied(course, one)],
            finding=partial(finding_of, model.books, model.traffic, model.name, course),
        )


def _tied(course: Course, episode: Episode) -> bool:
    """Whether all values of a stay are the middle one of the past: then chance alone, which breaks ties, made it."""
    values = course.series.values
    during = values[episode.since : episode.closed]
    before = values[: episode.since]
    known = during[~np.isnan(during)]
    return not np.isnan(before).all() and bool(np.all(known == np.nanmedian(before)))


def _of_days(model: _Model, daily: Sequence[Daily], rate: float) -> Iterator[_Watched]:
    for one in daily:
        stays = one.episodes(rate, model.anew(one.signal), model.through)
        yield _Watched(key=(one.signal, ""), start=one.start, step=DAY, episodes=stays, finding=one.finding)


def _changes(model: _Model, watched: Sequence[_Watched]) -> tuple[list[Finding], list[str]]:
    """What alarms are to be opened for, and which ones are over."""
    judged = model.through if model.judged is None else model.judged
    away = {one.key for one in watched if one.last and one.last.closed is None}
    found = [one.opens(judged) for one in watched if one.key not in model.open]
    return [one for one in found if one], [alarm.id for key, alarm in model.open.items() if key not in away]


def _shown(model: _Model, found: Sequence[Course], daily: Sequence[Daily], series: int, days: int) -> dict[str, Any]:
    """What people's screens show of the look, as JSON; the alarms have a table of their own."""
    periods, project = model.traffic.periods, model.books.shop.project
    alive = np.flatnonzero(model.traffic.alive > 0)
    points = days * DAY // periods.every
    shown = {
        "model": model.name,
        "version": model.champions[-1][1] if model.champions else "",
        "every": periods.every,
        "since": int(periods.starts[alive[0]]) if len(alive) else None,
        "currency": project.cost.currency,
        "per_hour": project.cost.machine_per_hour,
        "capture": project.privacy.capture,
        "false_alarms": project.watch.false_alarms,
        "series": series,
        "signals": [showing.signal(course, points) for course in found],
        DRIFT: None,
        QUALITY: None,
        **{one.signal: one.shown for one in daily},
    }
    return dict(showing.plain(shown))


def _alarms(model: _Model) -> dict[str, Any]:
    """The alarms that are open, and how many were opened in the last 30 days."""
    known = model.alarms.all(model=model.name)
    recent = [one for one in known if one.opened >= model.now - MONTH]
    return {"alarms": [asdict(one) for one in known if one.closed is None], "alarms_30_days": len(recent)}
