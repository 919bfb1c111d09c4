"""Live quality: the answers of the last four weeks against the feedback that came back, and against what was promised.

A day is scored by the share of right answers among its trusted reports against that of the champion's days before: how
much more often wrong answers are reported is not known well, and falls out of the difference. The promise, measured on
test rows, stands for the first days. Days with few reports, or with too many still to come, say nothing yet; they are
scored when the reports are in. What a day's reports were is handed from look to look, so that days are held against all
of the last quarter, though texts are read of four weeks alone, and a fall that lasts longer is still one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy.core.feedback import Feedback
from argosy.core.watch import Place
from argosy.evaluate.intervals import Interval
from argosy.monitor.embedding import Hashed
from argosy.monitor.quality import ASSUMED, Answers, Arrivals, Quality, arrivals, quality
from argosy.monitor.reports import Reports, promised, reports_of, scores
from argosy.monitor.trust import Reports as Words
from argosy.monitor.trust import Trust, trust
from argosy.project.improving.gather import sense
from argosy.project.watching.books import Books, Said
from argosy.project.watching.drifting import DAY, MONTH
from argosy.serve.watching.looking import language

METRIC = "accuracy"
_KEPT = 90 * DAY
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rated:
    """What feedback showed: day by day from ``start`` on, and of the champion's answers together.

    ``days`` are those whose texts were read, ``reports`` those that say enough.
    """

    start: int
    days: Sequence[Quality | None]
    reports: Sequence[Reports | None]
    scores: Floats
    whole: Quality | None
    promised: Mapping[str, Mapping[str, float]]
    answers: int
    since: int
    wrong: Mapping[int, Sequence[Place]]

    def to_json(self) -> dict[str, Any]:
        """As people's screens show it; ``accuracy`` is None while nobody said anything of the champion's answers."""
        starts = [self.start + number * DAY for number in range(len(self.days))]
        points = [
            [start, *asdict(day.accuracy).values(), day.reports, day.provisional]
            for start, day in zip(starts, self.days, strict=True)
            if day
        ]
        sums = [[start, *astuple(day)] for start, day in zip(starts, self.reports, strict=True) if day]
        whole = self.whole
        told = {**asdict(whole), "provisional": whole.provisional} if whole else {"accuracy": None, "reports": 0}
        about = {"answers": self.answers, "since": self.since, "promised": self.promised}
        return {**told, **about, "points": points, "sums": sums}


def rated(
    books: Books, model: str, champions: Sequence[tuple[int, str]], through: int, known: Mapping[str, Any]
) -> Rated | None:
    """What the feedback of four weeks shows of whole days; None where the books hold no feedback or no captures.

    ``known`` is what an earlier look told.
    """
    start = through // DAY * DAY - MONTH
    words = list(books.feedback.between(start, through, model=model))
    if not words or books.captures is None:
        return None
    surely = {(one.tenant, one.event) for one in words}
    said = [one for one in books.said(model, start, through, surely=surely) if one.label is not None]
    newest = _newest(words, said, books.shop.project.data.labels)
    since, version = champions[-1] if champions else (start, "")
    own = [one for one in said if one.at >= since and (not version or one.version == version)]
    heard = _heard(said, newest, through)
    days = [[one for one in said if 0 <= one.at - at < DAY] for at in range(start, through // DAY * DAY, DAY)]
    month = _quality(said, heard)
    odds = month.odds if month and month.method == "estimated" else None
    told = [_quality(day, heard, odds) for day in days]
    promises = {name: books.promised(model, name) for name in {*(one for _, one in champions), version}}
    before = _before(known, start)
    reports = [*before, *(_reports(day, seen, heard) for day, seen in zip(days, told, strict=True))]
    first = start - len(before) * DAY
    leaders = [_champion(champions, first + number * DAY) for number in range(len(reports))]
    return Rated(
        start=first,
        days=[*([None] * len(before)), *told],
        reports=reports,
        scores=_scores(reports, leaders, promises, (odds or ASSUMED).value),
        whole=_quality(own, heard),
        promised=promises[version],
        answers=len(own),
        since=max(since, start),
        wrong={number: _wrong(day, newest) for number, day in enumerate(days, len(before))},
    )


def _before(known: Mapping[str, Any], start: int) -> list[Reports | None]:
    """The reports of each day before ``start`` from the first that is still known on."""
    sums = {at: Reports(*told) for at, *told in known.get("sums", ()) if start - _KEPT <= at < start}
    return [sums.get(at) for at in range(min(sums, default=start), start, DAY)]


def _newest(words: Iterable[Feedback], said: Sequence[Said], rename: Mapping[str, str]) -> dict[Place, Feedback]:
    """What was said last of each text: the label, as the model spells it, and the rating."""
    spelt = {sense(one.label): one.label for one in said if one.label is not None}
    found: dict[Place, Feedback] = {}
    for one in words:
        place = (one.tenant, one.event, one.index)
        last = found.get(place, one)
        label = last.label if one.label is None else rename.get(one.label, one.label).strip()
        found[place] = replace(
            one,
            label=None if label is None else spelt.get(sense(label), label),
            rating=last.rating if one.rating is None else one.rating,
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heard:
    """What was said last of each text, how far that is trusted, and how reports came in by ``through``."""

    newest: Mapping[Place, Feedback]
    trusted: Mapping[Place, float]
    lies: float
    coming: Arrivals
    through: int


def _heard(said: Sequence[Said], newest: Mapping[Place, Feedback], through: int) -> _Heard:
    told = [one for one in said if one.place in newest and newest[one.place].label is not None]
    found = _judged(told, [newest[one.place].label or "" for one in told]) if told else None
    return _Heard(
        newest=newest,
        trusted={one.place: float(found.weights[at]) for at, one in enumerate(told)} if found else {},
        lies=found.lies if found else 0.0,
        coming=_arrivals(said, newest, through),
        through=through,
    )


def _judged(told: Sequence[Said], labels: Sequence[str]) -> Trust:
    """What labels that came back are worth: how a tenant's agree with the answers, and with others' on like texts."""
    numbers = _numbers([*(one.label for one in told), *labels])
    return trust(
        Words(
            texts=np.arange(len(told)),
            sources=[one.place[0] for one in told],
            labels=np.array([numbers[label] for label in labels], dtype=np.int64),
            predicted=np.array([numbers[one.label or ""] for one in told], dtype=np.int64),
            confidence=np.array([one.probability or 0.0 for one in told]),
            gold=np.full(len(told), -1),
            classes=len(numbers),
            vectors=Hashed().embed([one.text for one in told]),
        )
    )


def _quality(said: Sequence[Said], heard: _Heard, odds: Interval | None = None) -> Quality | None:
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
    return quality(answers, odds=odds, lies=heard.lies, to_come=heard.coming.to_come(_asked(said), heard.through))


def _numbers(labels: Iterable[str | None]) -> dict[str, int]:
    return {name: number for number, name in enumerate(sorted({one for one in labels if one is not None}))}


def _arrivals(said: Sequence[Said], newest: Mapping[Place, Feedback], through: int) -> Arrivals:
    known = [(one.at, newest[one.place].at) for one in said if one.place in newest]
    asked, heard = (np.array(side, dtype=np.int64) for side in (zip(*known, strict=True) if known else ((), ())))
    return arrivals(asked, heard, through)


def _asked(said: Sequence[Said]) -> NDArray[np.int64]:
    return np.array([one.at for one in said], dtype=np.int64)


def _reports(said: Sequence[Said], day: Quality | None, heard: _Heard) -> Reports | None:
    """The labels of a day's answers, each by what it is trusted; None where too many are still to come."""
    if day is None or day.provisional:
        return None
    told = [one for one in said if one.place in heard.trusted]
    weights = np.array([heard.trusted[one.place] for one in told])
    return reports_of(np.array([heard.newest[one.place].label == one.label for one in told], dtype=float), weights)


def _scores(
    reports: Sequence[Reports | None],
    leaders: Sequence[str],
    promises: Mapping[str, Mapping[str, Mapping[str, float]]],
    odds: float,
) -> Floats:
    """The score of each day, among those of its champion."""
    found = np.full(len(reports), np.nan)
    for version in set(leaders):
        days = [number for number, leader in enumerate(leaders) if leader == version]
        figure = promises.get(version, {}).get(METRIC)
        before = promised(figure["value"], odds) if figure else Reports()
        found[days] = scores([reports[number] for number in days], before)
    return found


def _wrong(said: Sequence[Said], newest: Mapping[Place, Feedback]) -> list[Place]:
    """The answers that feedback set right, the surest first."""
    judged = [(one, newest[one.place].label) for one in said if one.place in newest]
    wrong = [one for one, true in judged if true is not None and true != one.label]
    return [one.place for one in sorted(wrong, key=lambda one: -(one.probability or 0.0))]


def _champion(champions: Sequence[tuple[int, str]], at: int) -> str:
    told = [version for since, version in champions if since <= at] or [version for _, version in champions[:1]]
    return told[-1] if told else ""
