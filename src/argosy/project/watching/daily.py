"""What is scored once a day, drift and live quality, in the form that alarms follow from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy.core.watch import Finding
from argosy.monitor.among import among
from argosy.monitor.detect import Episode, episodes
from argosy.project.watching.books import Books
from argosy.project.watching.drifting import DAY, MONTH, WEEK, DriftDay, first_due, from_rows, judged
from argosy.project.watching.rating import METRIC, Rated, rated

DRIFT, QUALITY = "embedding", "quality"
"""The names of the two signals."""
_KEPT = 90 * DAY
_SHOWN = 5  # texts
_CHANCE = 0.5  # of telling the newer of two texts when nothing changed
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Daily:
    """A signal's ``scores`` [days] from ``start`` on, what a stay away means, and what people's screens show."""

    signal: str
    start: int
    scores: Floats
    finding: Callable[[Episode], Finding]
    shown: dict[str, Any]

    def episodes(self, rate: float, restarts: Sequence[int], through: int) -> list[Episode]:
        """The stays away from the usual course, at a rate of false alarms a day.

        A day in which the usual course began anew is of neither; the day that is not over at ``through`` is unknown.
        """
        scores = np.full((through - self.start) // DAY + 1, np.nan)
        scores[: len(self.scores)] = self.scores
        anew = sorted({(at - self.start) // DAY for at in restarts if self.start <= at < through})
        scores[anew] = np.nan
        return episodes(scores, rate, restarts=anew)


def drifting(books: Books, model: str, known: Mapping[str, Any], through: int, *, anew: int) -> Daily | None:
    """Drift by ``through``, with what was ``known`` of it; None where no text was ever captured.

    Texts from before ``anew`` stand for nothing later.
    """
    kept = range(through - _KEPT, through - DAY + 1)  # none that is not over: a clock may have been ahead
    days = [DriftDay.from_json(day) for day in known.get("days", ()) if day["start"] in kept]
    rows, after = known.get("rows"), min(known.get("through", 0), through)
    first = first_due(through, after)
    if first + DAY <= through:
        said = books.said(model, first - MONTH, through)
        days += judged(said, first, through, anew=anew, seed=books.shop.project.seed)
        rows = from_rows(books, model, _champion(books, model), said, through) or rows
        after = through // DAY * DAY
    if not days and rows is None:
        return None
    shown = {"days": [asdict(day) for day in days], "rows": rows, "through": after, "warm_up_days": WEEK}
    start = days[0].start if days else after
    by_number = {(day.start - start) // DAY: day for day in days}
    scores = np.array(
        [by_number[at].score if at in by_number else np.nan for at in range(max(by_number, default=-1) + 1)]
    )

    def finding(episode: Episode) -> Finding:
        day = by_number[episode.fired]
        return Finding(
            model=model,
            signal=DRIFT,
            direction="apart",
            since=start + episode.since * DAY,
            at=day.start + DAY,
            value=day.told_apart["value"],
            usual=_CHANCE,
            size=episode.size,
            p_value=day.p_value,
            examples=tuple(day.examples[:_SHOWN]),
            slices=dict(day.slices),
        )

    return Daily(signal=DRIFT, start=start, scores=among(scores), finding=finding, shown=shown)


def rating(books: Books, model: str, known: Mapping[str, Any], through: int) -> Daily | None:
    """Live quality by ``through``, with what was ``known`` of it; None where nobody said anything."""
    found = rated(books, model, books.champions(model), through, known)
    if found is None:
        return None

    def finding(episode: Episode) -> Finding:
        during = range(episode.since, episode.fired + 1)
        promise = found.promised.get(METRIC, {}).get("value", np.nan)
        return Finding(
            model=model,
            signal=QUALITY,
            direction="down" if episode.size < 0 else "up",
            since=found.start + episode.since * DAY,
            at=found.start + (episode.fired + 1) * DAY,
            value=_accuracy(found, during, promise),
            usual=_accuracy(found, range(episode.since), promise),
            size=abs(episode.size),
            examples=tuple(place for number in reversed(during) for place in found.wrong[number])[:_SHOWN],
            slices=_by_tenant(found, during),
        )

    return Daily(signal=QUALITY, start=found.start, scores=found.scores, finding=finding, shown=found.to_json())


def _accuracy(found: Rated, days: range, otherwise: float) -> float:
    """The accuracy over days that were scored."""
    scored = [day for at in days if (day := found.days[at]) and not np.isnan(found.scores[at])]
    weights = [day.effective for day in scored]
    return float(np.average([day.accuracy.value for day in scored], weights=weights)) if scored else otherwise


def _by_tenant(found: Rated, during: range) -> dict[str, float]:
    """Whose answers were set right, as shares."""
    tenants = [place[0] for number in during for place in found.wrong[number]]
    counts = {tenant: tenants.count(tenant) / len(tenants) for tenant in sorted(set(tenants))}
    return {f"tenant={tenant}": share for tenant, share in sorted(counts.items(), key=lambda item: -item[1])[:3]}


def _champion(books: Books, model: str) -> str:
    champions = books.champions(model)
    return champions[-1][1] if champions else ""
