"""Drift day by day: the texts of a day against those of the four weeks before, and against the model's own rows.

Alarms follow from the first alone. Traffic is never quite what a model was built from, so that a test against its rows
would alarm on its first day and never end; how far it is from them is told beside. A day that was judged is not judged
again: what it showed is handed from look to look, and stays when its texts are gone.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from argosy.core.watch import Place
from argosy.monitor.drift import Drift, Sample, drift
from argosy.monitor.embedding import Hashed
from argosy.project.watching.books import Books, Said

DAY = 86_400_000_000
"""Microseconds; days begin at midnight UTC."""
MONTH = 28 * DAY
"""What a day is held against at most."""
WEEK = 7
"""Days of texts before the first one is judged: nothing is known of a weekend before one was seen."""
_TEXTS = 600  # of either side that are compared


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftDay:
    """What a day showed: ``score`` is standard normal while nothing changes, ``told_apart`` has its interval.

    ``examples`` are the day's texts that are most unlike the others, ``slices`` what share of the difference is whose.
    """

    start: int
    score: float
    p_value: float
    size: float
    told_apart: Mapping[str, float]
    texts: int
    examples: Sequence[Place]
    slices: Mapping[str, float]

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What ``asdict`` gave, from JSON."""
        return cls(**{**told, "examples": tuple((tenant, event, index) for tenant, event, index in told["examples"])})


def first_due(through: int, after: int) -> int:
    """The first day to judge where those that end by ``after`` were; ``through`` or later where none is whole yet."""
    return max(through // DAY * DAY - MONTH, after // DAY * DAY)


def judged(said: Sequence[Said], first: int, through: int, *, anew: int, seed: int) -> list[DriftDay]:
    """What the days from ``first`` to ``through`` show; of days with too few texts nothing.

    ``said`` are the texts since four weeks before ``first``, oldest first; none from before ``anew`` is held against
    later ones.
    """
    found: list[DriftDay] = []
    for start in range(first, through // DAY * DAY, DAY):
        past = _between(said, max(start - MONTH, anew if start >= anew else 0), start)
        day = _some(_between(said, start, start + DAY))
        if past and past[0].at <= start - (WEEK - 1) * DAY:
            seen = drift(_sample(past), _sample(day), seed=seed + start // DAY)
            found += [_day(start, seen, day)] if seen else []
    return found


def from_rows(books: Books, model: str, version: str, said: Sequence[Said], through: int) -> dict[str, Any] | None:
    """How far the last seven days of ``said`` are from what the model was built with; None of too few."""
    reference = books.reference(model, version, said)
    recent = _some([one for one in said if one.at >= through - WEEK * DAY])
    vectors = Hashed().embed(reference.texts[:_TEXTS])
    rows = Sample(vectors=vectors, tenants=[""] * len(vectors))
    alike = Sample(vectors=Hashed().embed([one.text for one in recent]), tenants=[""] * len(recent))
    seen = drift(rows, alike, seed=books.shop.project.seed)
    if seen is None:
        return None
    told = {"p_value": seen.p_value, "size": seen.size, "told_apart": asdict(seen.told_apart)}
    return {**told, "reference": reference.origin, "rows": seen.reference, "texts": seen.recent}


def _sample(said: Sequence[Said]) -> Sample:
    some = _some(said)
    labels = [one.label or "" for one in some]
    tenants = [one.place[0] for one in some]
    slices = {"tenant": tenants, **({"label": labels} if any(labels) else {})}
    return Sample(vectors=Hashed().embed([one.text for one in some]), tenants=tenants, slices=slices)


def _between(said: Sequence[Said], start: int, end: int) -> Sequence[Said]:
    return said[bisect_left(said, start, key=_when) : bisect_left(said, end, key=_when)]


def _when(one: Said) -> int:
    return one.at


def _some(said: Sequence[Said]) -> list[Said]:
    """At most so many texts, evenly over the time."""
    if len(said) <= _TEXTS:
        return list(said)
    return [said[place] for place in np.linspace(0, len(said) - 1, _TEXTS).astype(int)]


def _day(start: int, seen: Drift, some: Sequence[Said]) -> DriftDay:
    return DriftDay(
        start=start,
        score=seen.score,
        p_value=seen.p_value,
        size=seen.size,
        told_apart=asdict(seen.told_apart),
        texts=seen.recent,
        examples=tuple(some[place].place for place in seen.examples),
        slices=dict(list(seen.slices.items())[:5]),
    )
