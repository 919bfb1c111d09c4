"""Live quality: the answers of the last four weeks against the feedback that came back, and against what was promised.

A day is scored by its distance from the accuracy on the test rows of the version that answered, in standard errors of
both. Days with few reports, or with too many still to come, say nothing yet; they are scored when the reports are in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy.core.feedback import Feedback
from argosy.core.watch import Place
from argosy.monitor.quality import Answers, Arrivals, Quality, arrivals, quality
from argosy.monitor.trust import Reports, trust
from argosy.project.watching.books import Books, Said
from argosy.project.watching.drifting import DAY, MONTH
from argosy.serve.watching.looking import language

METRIC = "accuracy"
LEAST = 10
"""Reports below which a day says nothing."""
_95 = 3.92  # standard errors in a 95 % interval
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rated:
    """What feedback showed: day by day from ``start`` on, and of the champion's answers together."""

    start: int
    days: Sequence[Quality | None]
    scores: Floats
    whole: Quality | None
    promised: Mapping[str, Mapping[str, float]]
    answers: int
    since: int
    wrong: Mapping[int, Sequence[Place]]

    def to_json(self) -> dict[str, Any] | None:
        """As people's screens show it; None where nobody said anything."""
        if self.whole is None:
            return None
        starts = [self.start + number * DAY for number in range(len(self.days))]
        points = [
            [start, *asdict(day.accuracy).values(), day.reports, day.provisional]
            for start, day in zip(starts, self.days, strict=True)
            if day
        ]
        told = {**asdict(self.whole), "provisional": self.whole.provisional, "answers": self.answers}
        return {**told, "since": self.since, "promised": self.promised, "points": points}


def rated(books: Books, model: str, champions: Sequence[tuple[int, str]], through: int) -> Rated | None:
    """What the feedback of four weeks shows of whole days; None where the books hold no feedback or no captures."""
    start = through // DAY * DAY - MONTH
    words = list(books.feedback.between(start, through, model=model))
    if not words or books.captures is None:
        return None
    surely = {(one.tenant, one.event) for one in words}
    said = [one for one in books.said(model, start, through, surely=surely) if one.label is not None]
    newest = {(one.tenant, one.event, one.index): one for one in words}
    since, version = champions[-1] if champions else (start, "")
    own = [one for one in said if one.at >= since and (not version or one.version == version)]
    heard = _Heard(newest=newest, trusted=_trusted(said, newest), coming=_arrivals(said, newest, through))
    days = [[one for one in said if 0 <= one.at - at < DAY] for at in range(start, through // DAY * DAY, DAY)]
    told = [_quality(day, heard, through) for day in days]
    promises = {name: books.promised(model, name) for name in {*(one for _, one in champions), version}}
    kept = [promises[_champion(champions, start + number * DAY)] for number in range(len(days))]
    return Rated(
        start=start,
        days=told,
        scores=np.array([_score(day, promise.get(METRIC)) for day, promise in zip(told, kept, strict=True)]),
        whole=_quality(own, heard, through),
        promised=promises[version],
        answers=len(own),
        since=max(since, start),
        wrong={number: _wrong(day, newest) for number, day in enumerate(days)},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """What was said last of each text, how far that is trusted, and how reports come in."""

    newest: Mapping[Place, Feedback]
    trusted: Mapping[Place, float]
    coming: Arrivals


def _quality(said: Sequence[Said], heard: _Heard, through: int) -> Quality | None:
    if not said:
        return None
    words = [heard.newest.get(one.place) for one in said]
    given = [one.label or "" for one in said]
    true = [word.label if word else None for word in words]
    numbers = _numbers([*given, *true])
    answers = Answers(
        labels=np.array([numbers[one] for one in given], dtype=np.int64),
        confidence=np.array([one.probability or 0.0 for one in said]),
        tenants=[one.place[0] for one in said],
        languages=[language(one.text) for one in said],
        weights=np.array([one.weight for one in said]),
        right=np.array([np.nan if b is None else float(a == b) for a, b in zip(given, true, strict=True)]),
        truth=np.array([-1 if one is None else numbers[one] for one in true], dtype=np.int64),
        ratings=np.array([(word.rating or 0) if word else 0 for word in words], dtype=np.int64),
        trust=np.array([heard.trusted.get(one.place, 1.0) for one in said]),
    )
    return quality(answers, to_come=heard.coming.to_come(_asked(said), through))


def _trusted(said: Sequence[Said], newest: Mapping[Place, Feedback]) -> dict[Place, float]:
    """What each label that came back weighs, by how its tenant's labels agree with the model and with others'."""
    told = [(one, label) for one in said if one.place in newest and (label := newest[one.place].label) is not None]
    if not told:
        return {}
    numbers = _numbers([*(one.label for one, _ in told), *(label for _, label in told)])
    found = trust(
        Reports(
            texts=np.arange(len(told)),
            sources=[one.place[0] for one, _ in told],
            labels=np.array([numbers[label] for _, label in told], dtype=np.int64),
            predicted=np.array([numbers[one.label or ""] for one, _ in told], dtype=np.int64),
            confidence=np.array([one.probability or 0.0 for one, _ in told]),
            gold=np.full(len(told), -1),
            classes=len(numbers),
        )
    )
    return {one.place: float(weight) for (one, _), weight in zip(told, found.weights, strict=True)}


def _numbers(labels: Iterable[str | None]) -> dict[str, int]:
    return {name: number for number, name in enumerate(sorted({one for one in labels if one is not None}))}


def _arrivals(said: Sequence[Said], newest: Mapping[Place, Feedback], through: int) -> Arrivals:
    known = [(one.at, newest[one.place].at) for one in said if one.place in newest]
    asked, heard = (np.array(side, dtype=np.int64) for side in (zip(*known, strict=True) if known else ((), ())))
    return arrivals(asked, heard, through)


def _asked(said: Sequence[Said]) -> NDArray[np.int64]:
    return np.array([one.at for one in said], dtype=np.int64)


def _score(day: Quality | None, promise: Mapping[str, float] | None) -> float:
    """How many standard errors a day lies above the promise; nan of one that says nothing."""
    if day is None or promise is None or day.provisional or day.reports < LEAST:
        return float("nan")
    value, own = promise["value"], (promise.get("high", 0.0) - promise.get("low", 0.0)) / _95
    share = min(max(value, 0.5 / day.effective), 1 - 0.5 / day.effective)
    return float((day.accuracy.value - value) / np.sqrt(share * (1 - share) / day.effective + own**2))


def _wrong(said: Sequence[Said], newest: Mapping[Place, Feedback]) -> list[Place]:
    """The answers that feedback set right, the surest first."""
    judged = [(one, newest[one.place].label) for one in said if one.place in newest]
    wrong = [one for one, true in judged if true is not None and true != one.label]
    return [one.place for one in sorted(wrong, key=lambda one: -(one.probability or 0.0))]


def _champion(champions: Sequence[tuple[int, str]], at: int) -> str:
    told = [version for since, version in champions if since <= at] or [version for _, version in champions[:1]]
    return told[-1] if told else ""
