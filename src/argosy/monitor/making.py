"""From tallies to series: what the service counted, added up period by period and signal by signal.

A period in which the service gave no sign of life for half of the time, or its clock jumped, is missing, not zero. The
figures of the model and of the texts leave a tenant out while it floods, that is asks for more than a quarter of all
and four times what its busy periods of the last four weeks saw: its flood shows as traffic of that tenant, and turns
no label, length or language of the others. Of several versions, the one that was champion then is looked at.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.core.signals import SLOT, Tally
from argosy.monitor.series import Law, Series

HOUR = 3_600_000_000
"""Microseconds."""
OF_MODEL = frozenset({"label", "confidence", "abstained", "unknown", "latency_p50", "latency_p95"})
"""Signals that begin anew with each champion."""
LABELS, TENANTS = 7, 5
"""How many labels and tenants have a series of their own; further labels share one."""
LANGUAGES = ("zh", "en", "mixed", "other")
REST = "…"
"""What stands for all labels without a series of their own."""
PARTS_OF_CONFIDENCE, PER_OCTAVE_OF_LENGTH = 20, 2
"""Bins of the counts."""
_PER_OCTAVE_OF_LATENCY = 4
_ALIVE = 0.5  # of a period, below which it is missing
_WHOLE = 0.95  # of a period, from which it counts as whole
_FLOOD_SHARE, _FLOOD_TIMES, _BUSY = 0.25, 4.0, 0.9
_PAST = 28 * 24 * HOUR

Floats = NDArray[np.float64]
_Key = tuple[int, str, str]  # period, tenant, version
_Cells = Mapping[_Key, Mapping[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """``count`` periods of ``every`` microseconds from ``start`` on, a whole multiple of it."""

    start: int
    every: int
    count: int

    @property
    def starts(self) -> NDArray[np.int64]:
        """When each begins [count]."""
        return self.start + self.every * np.arange(self.count, dtype=np.int64)

    @property
    def end(self) -> int:
        """When the last one ends."""
        return self.start + self.every * self.count

    def of(self, at: int) -> int:
        """The period of a moment; it may lie outside."""
        return (at - self.start) // self.every


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Traffic:
    """What was counted in each period: of every model by tenant and version, and of the service itself.

    ``alive`` [periods] is the part of each that the service was up, ``jumped`` whether its clock jumped, ``hours``
    how long its hosts were up together, ``requests`` those of all models.
    """

    periods: Periods
    alive: Floats
    jumped: NDArray[np.bool_]
    hours: Floats
    requests: Floats
    models: Mapping[str, _Cells]

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Periods of which nothing can be said."""
        return (self.alive < _ALIVE) | self.jumped


def counted(tallies: Iterable[Tally], periods: Periods) -> Traffic:
    """Tallies added up; those outside of the periods are left out."""
    models: dict[str, dict[_Key, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    up: Counter[tuple[int, str]] = Counter()
    slots: dict[int, float] = {}
    jumped = np.zeros(periods.count, dtype=bool)
    for tally in tallies:
        at = periods.of(tally.start)
        if not 0 <= at < periods.count:
            continue
        jumped[at] |= bool(tally.counts.get("jumps", 0))
        if tally.model:
            models[tally.model][at, tally.tenant, tally.version].update(tally.counts)
            slots[tally.start] = 1.0  # who counts is alive
        else:
            up[tally.start, tally.host] += tally.counts.get("up", 0)
    hours, alive = np.zeros(periods.count), np.zeros(periods.count)
    for (start, _), seconds in up.items():
        part = min(1.0, seconds * 1_000_000 / SLOT)  # several workers of a host count once
        hours[periods.of(start)] += part * SLOT / HOUR
        slots[start] = max(slots.get(start, 0.0), part)
    for start, part in slots.items():
        alive[periods.of(start)] += part * SLOT / periods.every
    requests = np.zeros(periods.count)
    for cells in models.values():
        for (at, _, _), counts in cells.items():
            requests[at] += counts["requests"]
    alive = np.where(alive >= _WHOLE, 1.0, alive)
    found = {model: dict(cells) for model, cells in models.items()}
    return Traffic(periods=periods, alive=alive, jumped=jumped, hours=hours, requests=requests, models=found)


def series_of(
    traffic: Traffic, model: str, *, champions: Sequence[tuple[int, str]] = (), per_hour: float = 0.0
) -> list[Series]:
    """The series of a model: traffic, errors, cost, and what its texts and answers were like.

    ``champions`` tells since when which version was the champion, in order; ``per_hour`` is the price of a host.
    """
    cells = traffic.models.get(model, {})
    apart = flooding(traffic, model)
    usual = {key: counts for key, counts in cells.items() if not (key[1] in apart and apart[key[1]][key[0]])}
    led = _of_champions(cells, traffic.periods, champions)
    all_, texts, quick, answers = (
        _Sums(traffic, chosen) for chosen in (cells, usual, led, _of_champions(usual, traffic.periods, champions))
    )
    return [
        all_.count("traffic", all_.total("requests")),
        *(all_.count("traffic", _requests(cells, traffic.periods, one), f"tenant={one}") for one in largest(cells)),
        all_.share("errors", "errors", "requests"),
        texts.share("refused", "refused", "requests"),
        *(quick.quantile(f"latency_p{round(100 * q)}", q) for q in (0.5, 0.95)),
        all_.level("cost", *_cost(traffic, per_hour)),
        texts.level("texts_per_request", texts.total("texts"), texts.total("requests")),
        texts.share("hits", "hits", "texts"),
        texts.mean("length", PER_OCTAVE_OF_LENGTH),
        *_mix(texts, "language", LANGUAGES),
        answers.share("unknown", "unknown", "pieces", weight="read"),
        answers.mean("confidence", PARTS_OF_CONFIDENCE),
        answers.share("abstained", "abstained", "texts"),
        *_mix(answers, "label", frequent(cells)),
    ]


def flooding(traffic: Traffic, model: str) -> Mapping[str, NDArray[np.bool_]]:
    """The tenants that flooded, each with its periods [n]; nobody can flood who is the only one."""
    cells = traffic.models.get(model, {})
    tenants = sorted({tenant for _, tenant, _ in cells})
    if len(tenants) < 2:  # noqa: PLR2004 - one alone is the traffic
        return {}
    asked = {tenant: _requests(cells, traffic.periods, tenant) for tenant in tenants}
    all_ = np.sum(list(asked.values()), axis=0)
    found = {tenant: _floods(asked[tenant], all_, traffic) for tenant in tenants}
    return {tenant: periods for tenant, periods in found.items() if periods.any()}


def largest(cells: _Cells) -> list[str]:
    """The tenants that asked most, the first the largest."""
    asked: Counter[str] = Counter()
    for (_, tenant, _), counts in cells.items():
        asked[tenant] += counts.get("requests", 0)
    return [tenant for tenant, _ in sorted(asked.items(), key=lambda item: (-item[1], item[0]))[:TENANTS]]


def frequent(cells: _Cells) -> list[str]:
    """The labels that were answered most, the first the most frequent."""
    answered: Counter[str] = Counter()
    for counts in cells.values():
        answered.update({name: value for name, value in counts.items() if name.startswith("label:")})
    ranked = sorted(answered.items(), key=lambda item: (-item[1], item[0]))
    return [name.removeprefix("label:") for name, _ in ranked[:LABELS]]


class _Sums:
    """What chosen cells counted, name by name [periods], and the series of it."""

    def __init__(self, traffic: Traffic, cells: _Cells) -> None:
        self._traffic = traffic
        self._sums: dict[str, Floats] = defaultdict(lambda: np.zeros(traffic.periods.count))
        for (at, _, _), counts in cells.items():
            for name, value in counts.items():
                self._sums[name][at] += value

    def total(self, name: str) -> Floats:
        """How often it was counted in each period."""
        return self._sums.get(name, np.zeros(self._traffic.periods.count))

    def kinds(self, name: str) -> list[str]:
        """What stands behind the colon of the names that begin so."""
        return sorted(one.partition(":")[2] for one in self._sums if one.startswith(f"{name}:"))

    def count(self, signal: str, values: Floats, slice_: str = "") -> Series:
        """Events of a whole period, from those of the part that was watched."""
        part = self._traffic.alive
        whole = np.divide(values, part, out=np.zeros_like(part), where=part > 0)
        return self._series(signal, whole, part, "count", slice_)

    def share(self, signal: str, part: str, whole: str, *, weight: str = "") -> Series:
        """Of what was counted as ``whole`` the share that was ``part``; ``weight`` counts what is independent of it."""
        return self._ratio(signal, self.total(part), self.total(whole), self.total(weight or whole), "share")

    def part(self, signal: str, part: Floats, whole: Floats, slice_: str) -> Series:
        """The same of sums, for a slice."""
        return self._ratio(signal, part, whole, whole, "share", slice_)

    def level(self, signal: str, above: Floats, below: Floats, weights: Floats | None = None) -> Series:
        """So much for each of ``below``."""
        return self._ratio(signal, above, below, below if weights is None else weights, "level")

    def mean(self, signal: str, per_unit: float) -> Series:
        """The mean of what was counted in bins, so many for a unit."""
        bins, counts = self._binned(signal)
        return self.level(signal, counts @ ((bins + 0.5) / per_unit), counts.sum(axis=1))

    def quantile(self, signal: str, q: float) -> Series:
        """A quantile of the latency in milliseconds, on a logarithmic scale within its bin."""
        bins, counts = self._binned("latency")
        all_ = counts.sum(axis=1)
        values = np.array([_quantile(bins, row, q) for row in counts])
        return self._series(signal, values, all_, "level")

    def _binned(self, name: str) -> tuple[Floats, Floats]:
        """The bins in rising order [k], and what they counted [periods, k]; one empty bin where there is none."""
        bins = sorted(map(int, self.kinds(name))) or [0]
        return np.array(bins, dtype=float), np.stack([self.total(f"{name}:{one}") for one in bins], axis=1)

    def _ratio(self, signal: str, above: Floats, below: Floats, weights: Floats, law: Law, slice_: str = "") -> Series:
        values = np.divide(above, below, out=np.full_like(below, np.nan), where=below > 0)
        return self._series(signal, values, weights, law, slice_)

    def _series(self, signal: str, values: Floats, weights: Floats, law: Law, slice_: str = "") -> Series:
        missing = self._traffic.missing | np.isnan(values) | (weights <= 0)
        return Series(
            signal=signal,
            slice=slice_,
            starts=self._traffic.periods.starts,
            values=np.where(missing, np.nan, values),
            weights=np.where(missing, 0.0, weights),
            law=law,
        )


def _mix(sums: _Sums, name: str, shown: Sequence[str]) -> list[Series]:
    """The share of each kind that is shown, and of all others together; one of two tells the other's too."""
    kinds = sums.kinds(name)
    whole = np.sum([sums.total(f"{name}:{kind}") for kind in kinds], axis=0)
    parts = {kind: sums.total(f"{name}:{kind}") for kind in shown if kind in kinds}
    if rest := [sums.total(f"{name}:{kind}") for kind in kinds if kind not in parts]:
        parts[REST] = np.sum(rest, axis=0)
    told = sorted(parts)[:1] if len(parts) == 2 else parts if len(parts) > 1 else ()  # noqa: PLR2004 - two: one and not
    return [sums.part(name, parts[kind], whole, f"{name}={kind}") for kind in told]


def _cost(traffic: Traffic, per_hour: float) -> tuple[Floats, Floats, Floats]:
    """What the hosts cost, idle or not, over the thousands of requests that any model had."""
    return per_hour * traffic.hours, traffic.requests / 1000, np.where(traffic.hours > 0, traffic.requests, 0.0)


def _requests(cells: _Cells, periods: Periods, tenant: str) -> Floats:
    found = np.zeros(periods.count)
    for (at, whose, _), counts in cells.items():
        if whose == tenant:
            found[at] += counts.get("requests", 0)
    return found


def _floods(asked: Floats, all_: Floats, traffic: Traffic) -> NDArray[np.bool_]:
    """Where a tenant asks far more than it used to, once there is a day of the service to compare with."""
    watched, periods = ~traffic.missing, traffic.periods
    back, day = _PAST // periods.every, 24 * HOUR // periods.every
    found = np.zeros(periods.count, dtype=bool)
    for at in np.flatnonzero(asked > _FLOOD_SHARE * all_):
        past = slice(max(0, at - back), at)
        known = asked[past][watched[past]]
        if len(known) >= day:
            found[at] = asked[at] > _FLOOD_TIMES * max(1.0, float(np.quantile(known, _BUSY)))
    return found


def _of_champions(cells: _Cells, periods: Periods, champions: Sequence[tuple[int, str]]) -> _Cells:
    """The cells of the version that was champion then, as far as that is told; none of a period in which it changed."""
    if not champions:
        return cells
    since = np.array([at for at, _ in champions])
    first = np.searchsorted(since, periods.starts, side="right") - 1
    last = np.searchsorted(since, periods.starts + periods.every, side="left") - 1
    names = [version for _, version in champions]
    return {
        key: counts
        for key, counts in cells.items()
        if (first[key[0]] < 0 and last[key[0]] < 0)
        or (first[key[0]] == last[key[0]] and key[2] == names[first[key[0]]])
    }


def _quantile(bins: Floats, counts: Floats, q: float) -> float:
    """In milliseconds; nan of nothing."""
    reached = np.cumsum(counts)
    if not reached[-1]:
        return float("nan")
    at = int(np.searchsorted(reached, q * reached[-1]))
    within = (q * reached[-1] - (reached[at] - counts[at])) / counts[at]
    return float(2 ** ((bins[at] + within) / _PER_OCTAVE_OF_LATENCY))
