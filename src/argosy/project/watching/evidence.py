"""What shows that a signal left its usual course: how far, since when, whose traffic it is, and texts of it."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from argosy.core.signals import Tally
from argosy.core.watch import Finding, Place
from argosy.monitor.baseline import Course
from argosy.monitor.detect import Episode
from argosy.monitor.making import OF_MODEL, Traffic
from argosy.monitor.parts import by_tenant
from argosy.project.watching.books import Books, Said
from argosy.serve.watching.looking import language

_SHOWN = 5  # texts
_TIMES = 7  # as many periods before a change as in it, times this
Order = Callable[[Said], float]


def finding_of(books: Books, traffic: Traffic, model: str, course: Course, episode: Episode) -> Finding:
    """A signal's stay away from its usual course as what an alarm tells."""
    series, periods = course.series, traffic.periods
    during = slice(episode.since, episode.fired + 1)
    weights = series.weights[during]
    value = float(np.average(np.nan_to_num(series.values[during]), weights=weights))
    since, at = int(periods.starts[episode.since]), int(periods.starts[episode.fired]) + periods.every
    slices = _slices(books, traffic, model, course, episode)
    return Finding(
        model=model,
        signal=series.signal,
        slice=series.slice,
        direction="up" if episode.size > 0 else "down",
        since=since,
        at=at,
        value=value,
        usual=float(np.average(course.usual[during], weights=weights)),
        size=abs(episode.size),
        examples=_examples(books.said(model, since, at), course, slices, rising=episode.size > 0),
        slices=slices,
    )


def _slices(books: Books, traffic: Traffic, model: str, course: Course, episode: Episode) -> dict[str, float]:
    """Whose the change is, against the watched ones of several times as many periods before it."""
    periods, watched = traffic.periods, ~traffic.missing
    during = range(episode.since, episode.fired + 1)
    before = range(max(0, episode.since - _TIMES * len(during)), episode.since)

    def tallies(some: range) -> Iterator[Tally]:
        start, end = (periods.start + at * periods.every for at in (some.start, some.stop))
        for one in books.signals.between(start, end):
            if one.model == model and watched[periods.of(one.start)]:
                yield one

    lengths = int(watched[before.start : before.stop].sum()), int(watched[during.start : during.stop].sum())
    return by_tenant(tallies(before), tallies(during), course.series, lengths)


def _examples(said: Sequence[Said], course: Course, slices: dict[str, float], *, rising: bool) -> tuple[Place, ...]:
    """The places of texts that show the change best; none for what no text shows."""
    signal, _, kind = course.series.signal, *course.series.slice.partition("=")[1:]
    known: dict[str, Order] = {
        "confidence": lambda one: one.probability or 0.0,
        "abstained": lambda one: -(one.probability or 0.0),
        "length": lambda one: len(one.text),
        "label": lambda one: one.label == kind,
        "language": lambda one: language(one.text) == kind,
    }
    if signal == "traffic":
        tenant = (course.series.slice or next(iter(slices), "")).partition("=")[2]
        return _spread([one for one in said if one.place[0] == tenant])
    if signal not in known:
        return ()
    order = known[signal]
    some = [one for one in said if signal not in OF_MODEL or one.label is not None]
    best = sorted(some, key=order, reverse=rising)
    if signal in {"label", "language"}:
        return _spread([one for one in best if order(one) == rising])
    return tuple(one.place for one in best[:_SHOWN])


def _spread(said: Sequence[Said]) -> tuple[Place, ...]:
    """A few, evenly over the time."""
    places = np.linspace(0, len(said) - 1, min(_SHOWN, len(said))).astype(int)
    return tuple(said[place].place for place in places)
