"""How items stand at a moment: how often each was met, lately and ever, its price and age, and what rules say of it.

The counts fade: an event counts half after each of HALF_LIVES. They are sums of 2^((time − origin) / half-life), so
that events may come in any order, one alone can be taken back, and the same numbers come out whether a standing was
counted from a table of events or heard one by one.
"""

import math
from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from argosy.recommend.interactions import Catalogue, Floats, Interactions, Ints
from argosy.recommend.ranking.rules import Mark, Rules

DAY = 86_400_000_000
"""Microseconds."""
HALF_LIVES = (1.0, 7.0, 30.0, math.inf)
"""Days in which an event's count halves; the last one never does."""
TAGS = 8
"""Tags of an item that are looked at."""
UNSAID = np.iinfo(np.int64).min
"""When an item was added, where nobody said."""
PLAIN = Mark()
"""What no rule says anything of."""
Proposal = tuple[Ints, Floats]
"""Positions of items and their scores, the best first."""
_SPANS = np.array(HALF_LIVES)
_LEAST = 1e-300
_ALMOST = 0.5  # of an event: less is what rounding leaves of those that were taken back
_ROUNDING = 1e-9
_FADED = 2.0**-100  # of an event: what is left of all, where it counts as nothing
_PRIOR = 10.0  # events that the mean counts for
_FAR = 500.0  # half-lives from the origin at which the sums are moved, long before they overflow
_Doubles = NDArray[np.float64]


class Standing:
    """Counts, prices, dates, tags and marks of items by position; it grows, and hears one event at a time.

    One thread changes it at a time; ``met`` may be read meanwhile.
    """

    def __init__(self, size: int = 0) -> None:
        self._size = size
        self._origin = np.zeros(len(_SPANS))  # in days
        self._last = 0.0  # the day of the last event
        self._wanted = np.zeros((size, len(_SPANS)))
        self._any = np.zeros((size, len(_SPANS)))
        self._days = np.zeros(size)  # the sum of the events' times
        self._totals = np.zeros((2, len(_SPANS)))
        self.prices: Floats = np.full(size, np.nan, np.float32)
        self.added = np.full(size, UNSAID, np.int64)
        self.gone = np.zeros(size, bool)
        self.tags: Ints = np.full((size, TAGS), -1, np.int32)
        self.lift: Floats = np.zeros(size, np.float32)
        self.changes = 0  # how often something changed
        self.common: dict[str, tuple[tuple[int, int, int], Proposal]] = {}  # what sources found: changes, most, moment
        self.caps = np.zeros(size, np.int64)

    @classmethod
    def of(cls, events: Interactions, catalogue: Catalogue, rules: Rules | None = None) -> Self:
        """What a catalogue, the events of before a moment and a seller's rules amount to."""
        made = cls(len(catalogue))
        made.prices = np.array(catalogue.prices, np.float32)
        made.added = np.array(catalogue.added, np.int64)
        made.gone = np.array(catalogue.gone, bool)
        for place, tags in enumerate(catalogue.tags):
            made.tags[place, : len(tags[:TAGS])] = tags[:TAGS]
            if rules is not None:
                made._set(place, rules.mark(catalogue.ids[place], [catalogue.words[tag] for tag in tags]))
        if len(events):
            made._count(events)
        return made

    def __len__(self) -> int:
        """The number of items, gone ones too."""
        return self._size

    def place(
        self,
        item: int,
        *,
        price: float | None = None,
        added: int | None = None,
        tags: Sequence[int] = (),
        mark: Mark = PLAIN,
    ) -> None:
        """Put an item at its position, a new one or one that says something else now; it keeps its counts."""
        self._room(item + 1)
        self.prices[item] = np.nan if price is None else price
        self.added[item] = UNSAID if added is None else added
        self.gone[item] = False
        self.tags[item] = -1
        self.tags[item, : len(tags[:TAGS])] = tags[:TAGS]
        self._set(item, mark)
        self.changes += 1

    def remove(self, item: int) -> None:
        """Never show it again, until it is placed again."""
        self.gone[item] = True
        self.changes += 1

    def hear(self, item: int, at: int, *, success: bool, times: int = 1) -> None:
        """Count one event of an item; ``times`` −1 takes back one that was counted.

        What is then left of an item's fading counts is known to a billionth of what was taken back, and less is none.
        """
        day = at / DAY
        self._move(day)
        fading = times * np.exp2((day - self._origin) / _SPANS)
        self._any[item] += fading
        self._days[item] += times * day
        self._totals[1] += fading
        if success:
            self._wanted[item] += fading
            self._totals[0] += fading
        if times < 0:
            for counts in (self._any, self._wanted):
                counts[item, counts[item] < -fading * _ROUNDING] = 0
            self._totals = np.stack([self._wanted.sum(axis=0), self._any.sum(axis=0)])
        self.changes += 1

    def met(self, items: Ints) -> Floats:
        """How often each was met, over the mean of all items: float32 [items, 2 × spans], successes and then events.

        All counts fade alike, so that it is the same at any later moment.
        """
        faded = self._totals * np.exp2((self._origin - self._last) / _SPANS) < _FADED
        most = np.where(faded, np.inf, self._totals) / max(self._size, 1)
        counts = (self._wanted[items] / most[0], self._any[items] / most[1])
        return np.asarray(np.maximum(np.concatenate(counts, axis=1), 0), np.float32)

    def wanted(self, items: Ints) -> Floats:
        """The share of successes among the events of each, drawn to that of all items where there are few."""
        (ours, ever), (all_ours, all_ever) = (self._wanted[items, -1], self._any[items, -1]), self._totals[:, -1]
        mean = all_ours / all_ever if all_ever > _LEAST else 0.0
        return np.asarray((ours + _PRIOR * mean) / (ever + _PRIOR), np.float32)

    def middle(self, items: Ints, now: int) -> Floats:
        """How many days ago the events of each were on average; NaN where there were none."""
        ever = self._any[items, -1]
        with np.errstate(divide="ignore", invalid="ignore"):
            middle = np.where(ever > _ALMOST, now / DAY - self._days[items] / ever, np.nan)
        return middle.astype(np.float32)

    def age(self, items: Ints, now: int) -> Floats:
        """How many days ago each was added; NaN where nobody said, or where it comes later."""
        added = self.added[items]
        known = (added != UNSAID) & (added <= now)
        days: Floats = np.where(known, (now - np.where(known, added, now)) / DAY, np.nan).astype(np.float32)
        return days

    def popular(self, span: int = -1) -> Floats:
        """The successes of every item in one of the spans, over the mean; of all events where nothing was a success."""
        kind = 0 if self._totals[0, -1] > _ALMOST else 1
        counts, total = (self._wanted, self._any)[kind][: self._size, span], self._totals[kind, span]
        mean = total / max(self._size, 1) if total > 0 else 1.0  # sums may be larger than a float32 can be
        return np.asarray(counts / mean, np.float32)

    def events(self) -> Floats:
        """How many events each item had."""
        return np.asarray(self._any[: self._size, -1], np.float32)

    def _set(self, item: int, mark: Mark) -> None:
        self.gone[item] |= not mark.shown
        self.lift[item], self.caps[item] = mark.lift, mark.caps

    def _count(self, events: Interactions) -> None:
        days, success = events.times / DAY, events.success
        self._move(float(days.max()))
        self._days[:] = np.bincount(events.items, days, minlength=self._size)
        for span, life in enumerate(HALF_LIVES):
            fading = np.exp2((days - self._origin[span]) / life)
            self._any[:, span] = np.bincount(events.items, fading, minlength=self._size)
            self._wanted[:, span] = np.bincount(events.items, fading * success, minlength=self._size)
        self._totals = np.stack([self._wanted.sum(axis=0), self._any.sum(axis=0)])

    def _move(self, day: float) -> None:
        """Go on to a day, and move the origins that are too far back by then."""
        self._last = max(self._last, day)
        far = (day - self._origin) / _SPANS > _FAR
        if far.any():
            shrink = np.where(far, np.exp2((self._origin - day) / _SPANS), 1.0)
            self._origin = np.where(far, day, self._origin)
            self._wanted, self._any, self._totals = self._wanted * shrink, self._any * shrink, self._totals * shrink

    def _room(self, size: int) -> None:
        """Make room for items, twice as much as before, so that adding one by one stays cheap."""
        here = len(self.prices)
        if size > here:
            more = max(size, 2 * here) - here
            self._wanted, self._any = (np.pad(counts, ((0, more), (0, 0))) for counts in (self._wanted, self._any))
            self._days = np.pad(self._days, (0, more))
            self.prices = np.pad(self.prices, (0, more), constant_values=np.nan)
            self.added = np.pad(self.added, (0, more), constant_values=UNSAID)
            self.gone = np.pad(self.gone, (0, more), constant_values=True)
            self.tags = np.pad(self.tags, ((0, more), (0, 0)), constant_values=-1)
            self.lift, self.caps = np.pad(self.lift, (0, more)), np.pad(self.caps, (0, more))
        self._size = max(self._size, size)
