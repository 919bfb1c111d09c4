"""From tallies to series: what the service counted, added up period by period and signal by signal.

A period in which the service gave no sign of life for half of the time, or its clock jumped, is missing, not zero. The
figures of the model and of the texts leave a tenant out while it floods, that is asks for more than a quarter of all
and four times what its busy periods of the last four weeks saw: its flood shows as traffic of that tenant, and turns
no label, length or language of the others. Of several versions, the one that was champion then is looked at.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

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
Champions = Callable[[str], Sequence[tuple[int, str]]]
"""Since when which version of a model was the champion, in order."""
_CHANGED = "\0"  # no version's name


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


class Counts:
    """What was counted of some of the traffic, by name a number a period [periods]."""

    def __init__(self, periods: int) -> None:
        self._periods = periods
        self._sums: dict[str, Floats] = {}

    def add(self, at: int, counts: Mapping[str, int]) -> None:
        """Add what was counted in a period."""
        for name, value in counts.items():
            if name not in self._sums:
                self._sums[name] = np.zeros(self._periods)
            self._sums[name][at] += value

    def total(self, name: str) -> Floats:
        """How often it was counted in each period."""
        found = self._sums.get(name)
        return np.zeros(self._periods) if found is None else found

    def kinds(self, name: str) -> list[str]:
        """What stands behind the colon of the names that begin so."""
        return sorted(one.partition(":")[2] for one in self._sums if one.startswith(f"{name}:"))

    def binned(self, name: str) -> tuple[Floats, Floats]:
        """The bins in rising order [k], and what they counted [periods, k]; one empty bin where there is none."""
        bins = sorted(map(int, self.kinds(name))) or [0]
        return np.array(bins, dtype=float), np.stack([self.total(f"{name}:{one}") for one in bins], axis=1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counted:
    """What was counted of a model.

    ``asked`` are the requests of each tenant, ``apart`` the periods in which it flooded [periods]. ``every`` counts
    all, ``texts`` leaves out who floods, ``led`` what others than the champion answered, ``answers`` both. In the
    periods ``begun`` a champion took another's place.
    """

    every: Counts
    texts: Counts
    led: Counts
    answers: Counts
    asked: dict[str, Floats]
    apart: dict[str, NDArray[np.bool_]]
    begun: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Traffic:
    """What was counted in each period, of every model and of the service itself.

    ``alive`` [periods] is the part of each that the service was up, ``jumped`` whether its clock jumped, ``hours``
    how long its hosts were up together.
    """

    periods: Periods
    alive: Floats
    jumped: NDArray[np.bool_]
    hours: Floats
    models: dict[str, Counted]

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Periods of which nothing can be said."""
        return (self.alive < _ALIVE) | self.jumped

    @property
    def requests(self) -> Floats:
        """Those of all models [periods]."""
        found = np.zeros(self.periods.count)
        for one in self.models.values():
            found += one.every.total("requests")
        return found


def _nobody(_: str) -> Sequence[tuple[int, str]]:
    return ()


def counted(tallies: Iterable[Tally], periods: Periods, champions: Champions = _nobody) -> Traffic:
    """Tallies in the order of their slots, added up; those outside of the periods are left out.

    ``champions`` tells of a model since when which version was the champion, in order.
    """
    count = periods.count
    traffic = Traffic(
        periods=periods,
        alive=np.zeros(count),
        jumped=np.zeros(count, dtype=bool),
        hours=np.zeros(count),
        models={},
    )
    leads: dict[str, Sequence[tuple[int, str]]] = {}
    for at, some in groupby(tallies, key=lambda tally: periods.of(tally.start)):
        if not 0 <= at < count:
            continue
        cells: dict[str, dict[tuple[str, str], Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        life: Counter[tuple[int, str]] = Counter()
        busy: set[int] = set()
        for tally in some:
            traffic.jumped[at] |= bool(tally.counts.get("jumps", 0))
            if tally.model:
                cells[tally.model][tally.tenant, tally.version].update(tally.counts)
                busy.add(tally.start)
            else:
                life[tally.start, tally.host] += tally.counts.get("up", 0)
        _live(traffic, at, life, busy)
        for model, counts in cells.items():
            if model not in traffic.models:
                leads[model] = champions(model)
                traffic.models[model] = _empty(count, [periods.of(since) for since, _ in leads[model][1:]])
            _add(traffic, model, at, counts, _leader(leads[model], periods, at))
    return traffic


def _live(traffic: Traffic, at: int, life: Mapping[tuple[int, str], int], busy: set[int]) -> None:
    """How much of a period the service was up: who counts is, and several workers of a host are one machine."""
    slots = dict.fromkeys(busy, 1.0)
    for (start, _), seconds in life.items():
        part = min(1.0, seconds * 1_000_000 / SLOT)
        traffic.hours[at] += part * SLOT / HOUR
        slots[start] = max(slots.get(start, 0.0), part)
    alive = sum(slots.values()) * SLOT / traffic.periods.every
    traffic.alive[at] = 1.0 if alive >= _WHOLE else alive


def _add(
    traffic: Traffic, model: str, at: int, cells: Mapping[tuple[str, str], Mapping[str, int]], leader: str | None
) -> None:
    """Add a period of a model; ``leader`` is its champion (None: whoever answers leads)."""
    found, asked = traffic.models[model], Counter[str]()
    for (tenant, _), counts in cells.items():
        asked[tenant] += counts.get("requests", 0)
    for tenant, requests in asked.items():
        found.asked.setdefault(tenant, np.zeros(traffic.periods.count))[at] = requests
    apart = {tenant for tenant in asked if _floods(found, tenant, at, traffic)}
    for tenant in apart:
        found.apart.setdefault(tenant, np.zeros(traffic.periods.count, dtype=bool))[at] = True
    for (tenant, version), counts in cells.items():
        leads, usual = leader in {None, version}, tenant not in apart
        sums = ((found.every, True), (found.texts, usual), (found.led, leads), (found.answers, leads and usual))
        for counted_, wanted in sums:
            if wanted:
                counted_.add(at, counts)


def _empty(periods: int, begun: Sequence[int] = ()) -> Counted:
    every, texts, led, answers = (Counts(periods) for _ in range(4))
    return Counted(every=every, texts=texts, led=led, answers=answers, asked={}, apart={}, begun=begun)


def _floods(found: Counted, tenant: str, at: int, traffic: Traffic) -> bool:
    """Whether a tenant asks far more than it used to; nobody does on a service's first day, or who is the only one."""
    all_ = sum(asked[at] for asked in found.asked.values())
    asked = found.asked[tenant]
    if len(found.asked) < 2 or asked[at] <= _FLOOD_SHARE * all_:  # noqa: PLR2004 - one alone is the traffic
        return False
    past = slice(max(0, at - _PAST // traffic.periods.every), at)
    known = asked[past][~traffic.missing[past]]
    if len(known) < 24 * HOUR // traffic.periods.every:
        return False
    return bool(asked[at] > _FLOOD_TIMES * max(1.0, float(np.quantile(known, _BUSY))))


def _leader(champions: Sequence[tuple[int, str]], periods: Periods, at: int) -> str | None:
    """The champion of a whole period; nobody's name where it changed, None before any is known of."""
    start = periods.start + at * periods.every
    first, last = ([version for since, version in champions if since <= end] for end in (start, start + periods.every))
    if not last:
        return None
    return last[-1] if first[-1:] == last[-1:] else _CHANGED


def series_of(traffic: Traffic, model: str, *, per_hour: float = 0.0) -> list[Series]:
    """The series of a model: traffic, errors, cost, and what its texts and answers were like.

    ``per_hour`` is the price of a host.
    """
    found = traffic.models.get(model) or _empty(traffic.periods.count)
    every, texts, led, answers = (
        _Making(traffic, counts) for counts in (found.every, found.texts, found.led, found.answers)
    )
    return [
        every.count("traffic", found.every.total("requests")),
        *(every.count("traffic", found.asked[tenant], f"tenant={tenant}") for tenant in _largest(found)),
        every.share("errors", "errors", "requests"),
        texts.share("refused", "refused", "requests"),
        *(led.quantile(f"latency_p{round(100 * q)}", q) for q in (0.5, 0.95)),
        every.amount("cost", *_cost(traffic, per_hour)),
        texts.level("texts_per_request", found.texts.total("texts"), found.texts.total("requests")),
        texts.share("hits", "hits", "texts"),
        texts.mean("length", PER_OCTAVE_OF_LENGTH),
        *texts.mix("language", LANGUAGES),
        answers.share("unknown", "unknown", "pieces", weight="read"),
        answers.mean("confidence", PARTS_OF_CONFIDENCE),
        answers.share("abstained", "abstained", "texts"),
        *(_since_known(one, found.begun) for one in answers.mix("label", _frequent(found))),
    ]


def _since_known(one: Series, begun: Sequence[int]) -> Series:
    """A label that no champion gave before is watched from the champion on that gave it first: the others had none."""
    given = np.flatnonzero(np.nan_to_num(one.values) > 0)
    first = max((at for at in begun if len(given) and at <= given[0]), default=0)
    before = np.arange(len(one.values)) < first
    return replace(one, values=np.where(before, np.nan, one.values), weights=np.where(before, 0.0, one.weights))


def _largest(found: Counted) -> list[str]:
    """The tenants that asked most, the first the largest."""
    ranked = sorted(found.asked, key=lambda tenant: (-found.asked[tenant].sum(), tenant))
    return ranked[:TENANTS]


def _frequent(found: Counted) -> list[str]:
    """The labels that were answered most, the first the most frequent."""
    totals = {name: found.every.total(f"label:{name}").sum() for name in found.every.kinds("label")}
    return sorted(totals, key=lambda name: (-totals[name], name))[:LABELS]


@dataclass(frozen=True, slots=True)
class _Making:
    """Series of what was counted."""

    traffic: Traffic
    counts: Counts

    def count(self, signal: str, values: Floats, slice_: str = "") -> Series:
        """Events of a whole period, from those of the part that was watched."""
        part = self.traffic.alive
        whole = np.divide(values, part, out=np.zeros_like(part), where=part > 0)
        return self._series(signal, whole, part, "count", slice_)

    def share(self, signal: str, part: str, whole: str, *, weight: str = "") -> Series:
        """Of what was counted as ``whole`` the share that was ``part``; ``weight`` counts what is independent of it."""
        above, below, weights = (self.counts.total(name) for name in (part, whole, weight or whole))
        return self._ratio(signal, above, below, weights, "share")

    def level(self, signal: str, above: Floats, below: Floats) -> Series:
        """So much for each of ``below``."""
        return self._ratio(signal, above, below, below, "level")

    def amount(self, signal: str, above: Floats, below: Floats, weights: Floats) -> Series:
        """So much for each of ``below``, whose changes are ratios."""
        return self._ratio(signal, above, below, weights, "amount")

    def mean(self, signal: str, per_unit: float) -> Series:
        """The mean of what was counted in bins, so many for a unit."""
        bins, counts = self.counts.binned(signal)
        return self.level(signal, counts @ ((bins + 0.5) / per_unit), counts.sum(axis=1))

    def quantile(self, signal: str, q: float) -> Series:
        """A quantile of the latency in milliseconds, on a logarithmic scale within its bin."""
        bins, counts = self.counts.binned("latency")
        values = np.array([_quantile(bins, row, q) for row in counts])
        return self._series(signal, values, counts.sum(axis=1), "amount")

    def mix(self, name: str, shown: Sequence[str]) -> list[Series]:
        """The share of each kind that is shown, and of all others together; one of two tells the other's too."""
        kinds = self.counts.kinds(name)
        totals = {kind: self.counts.total(f"{name}:{kind}") for kind in kinds}
        whole = np.sum(list(totals.values()), axis=0)
        parts = {kind: totals[kind] for kind in shown if kind in kinds}
        if rest := [total for kind, total in totals.items() if kind not in parts]:
            parts[REST] = np.sum(rest, axis=0)
        told = sorted(parts)[:1] if len(parts) == 2 else parts if len(parts) > 1 else ()  # noqa: PLR2004 - one and not
        return [self._ratio(name, parts[kind], whole, whole, "share", f"{name}={kind}") for kind in told]

    def _ratio(self, signal: str, above: Floats, below: Floats, weights: Floats, law: Law, slice_: str = "") -> Series:
        values = np.divide(above, below, out=np.full_like(below, np.nan), where=below > 0)
        return self._series(signal, values, weights, law, slice_)

    def _series(self, signal: str, values: Floats, weights: Floats, law: Law, slice_: str = "") -> Series:
        missing = self.traffic.missing | np.isnan(values) | (weights <= 0)
        return Series(
            signal=signal,
            slice=slice_,
            starts=self.traffic.periods.starts,
            values=np.where(missing, np.nan, values),
            weights=np.where(missing, 0.0, weights),
            law=law,
        )


def _cost(traffic: Traffic, per_hour: float) -> tuple[Floats, Floats, Floats]:
    """What the hosts cost, idle or not, over the thousands of requests that any model had."""
    return per_hour * traffic.hours, traffic.requests / 1000, np.where(traffic.hours > 0, traffic.requests, 0.0)


def _quantile(bins: Floats, counts: Floats, q: float) -> float:
    """In milliseconds; nan of nothing."""
    reached = np.cumsum(counts)
    if not reached[-1]:
        return float("nan")
    at = int(np.searchsorted(reached, q * reached[-1]))
    within = (q * reached[-1] - (reached[at] - counts[at])) / counts[at]
    return float(2 ** ((bins[at] + within) / _PER_OCTAVE_OF_LATENCY))
