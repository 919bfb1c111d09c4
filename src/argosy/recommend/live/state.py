"""The state of a recommender in one process: items as they are now, counts, and the histories that were asked for.

It follows the log change by change. Histories are read from the log when somebody asks for a list, and kept while there
is room; so a start does not wait for them, and whoever is forgotten is gone with the next change. One lock is enough: a
change takes microseconds and a list a few milliseconds.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.fuzz import ratio

from argosy.core.recommend import Change, Event, Item
from argosy.recommend.folder import TEXT, Kept
from argosy.recommend.interactions import Floats, History
from argosy.recommend.interest.model import Interest
from argosy.recommend.ranking.rules import Rules
from argosy.recommend.ranking.standing import Standing
from argosy.recommend.ranking.system import System

Embed = Callable[[Sequence[str]], Floats]
Reads = Callable[[str, int], Sequence[Event]]
"""The last events of a user, oldest first, so many at most."""
READ = 5_000
"""Events of a user that are read at most: nobody is shown again what is among them."""
_USERS = 50_000  # histories that are kept
_ALIKE = 50.0  # percent of two titles from which they are those of one item


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What kinds of events count (1 unless said), and which are successes."""

    weights: Mapping[str, float]
    wanted: frozenset[str]

    def strength(self, kind: str) -> float:
        """What one tells of a taste."""
        return float(self.weights.get(kind, 1.0))


class State:
    """Items, counts and histories; ``embed`` gives the vectors of new texts, ``reads`` the events of a user."""

    def __init__(
        self,
        kept: Kept,
        meaning: Meaning,
        rules: Rules,
        *,
        reads: Reads,
        known_as: Callable[[str], str],
        embed: Embed | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self.turn = 0
        self.system = kept.system
        self.rules = rules
        self.meaning = meaning
        self.items: list[Item] = []
        self.places: dict[str, int] = {}
        self.standing = Standing()
        self._tags: dict[str, int] = {}
        self._reads, self._known_as, self._embed = reads, known_as, embed
        self._histories: OrderedDict[str, list[Event]] = OrderedDict()
        self._add(list(kept.items))

    def apply(self, changes: Sequence[Change]) -> None:
        """Follow the log; changes of a turn that was followed already change nothing."""
        with self.lock:
            fresh = [one for one in changes if one.turn > self.turn]
            self._put([one.item for one in fresh if one.item is not None])
            for change in fresh:
                if change.event is not None:
                    self._hear(change.event)
                elif change.gone:
                    self._remove(change.gone)
                elif change.forgotten:
                    self._forget(change.forgotten)
                self.turn = change.turn

    def history(self, user: str, now: int) -> History:
        """What a user did, as models see it; times to come count as now."""
        with self.lock:
            known = self._histories.get(user)
            if known is not None:
                self._histories.move_to_end(user)
                return self.seen(known, now)
        told = list(self._reads(user, READ))
        with self.lock:
            self._histories[user] = told
            while len(self._histories) > _USERS:
                self._histories.popitem(last=False)
            return self.seen(told, now)

    def seen(self, events: Sequence[Event], now: int) -> History:
        """Events as positions and weights; those with items that never were are left out."""
        known = [one for one in events if one.item in self.places]
        return History(
            items=np.array([self.places[one.item] for one in known], np.int32),
            times=np.minimum(np.array([one.at for one in known], np.int64), now),
            strength=np.array([self.meaning.strength(one.kind) for one in known], np.float32),
            success=np.array([one.kind in self.meaning.wanted for one in known], bool),
            now=now,
        )

    def filtered(
        self, tags: Sequence[str], without: Sequence[str], least: float | None, most: float | None
    ) -> NDArray[np.bool_] | None:
        """Which items a wish leaves [items]; None where it leaves all. Without a price an item is within no bounds."""
        size = len(self.standing)
        may = np.ones(size, bool)
        if tags:
            wanted = [self._tags[tag] for tag in tags if tag in self._tags]
            may &= np.isin(self.standing.tags[:size], wanted).any(axis=1)
        prices = self.standing.prices[:size]
        if least is not None:
            may &= prices >= least
        if most is not None:
            may &= prices <= most
        may[[self.places[item] for item in without if item in self.places]] = False
        return may if tags or without or least is not None or most is not None else None

    def _put(self, items: Sequence[Item]) -> None:
        """Items that are new, or say something else: of another title it is another item under an old id."""
        latest = {item.id: item for item in items}
        new = [item for item in latest.values() if not self._same(item)]
        for item in latest.values():
            if item not in new:
                self._change(self.places[item.id], item)
        if new:
            self._add(new)

    def _same(self, item: Item) -> bool:
        place = self.places.get(item.id)
        return place is not None and ratio(self.items[place].title, item.title) >= _ALIKE

    def _change(self, place: int, item: Item) -> None:
        """Let an item say something else; its counts stay."""
        reads, text = self.items[place].words != item.words, self.system.scorers.get(TEXT)
        self.items[place] = item
        self._stand(place, item)
        if reads and isinstance(text, Interest) and self._embed:
            vectors, queries = text.vectors.copy(), text.queries.copy()
            vectors[place] = text.embed_new([item.words], self._embed)[0]
            queries[place] = text.head.queries(vectors[place : place + 1])[0]
            self.system = _with(self.system, replace(text, vectors=vectors, queries=queries))

    def _add(self, items: list[Item]) -> None:
        """Put items at new positions: an id that is used again begins anew, with another history of its own."""
        begin = len(self.items)
        for place, item in enumerate(items, start=begin):
            old = self.places.get(item.id)
            if old is not None:
                self.standing.remove(old)
            self.items.append(item)
            self.places[item.id] = place
            self._stand(place, item)
        text = self.system.scorers.get(TEXT)
        if isinstance(text, Interest) and len(text.vectors) < len(self.items):
            words = [item.words for item in self.items[len(text.vectors) :]]
            width = text.vectors.shape[1]
            vectors = text.embed_new(words, self._embed) if self._embed else np.zeros((len(words), width), np.float32)
            self.system = _with(self.system, text.extended(vectors))

    def _stand(self, place: int, item: Item) -> None:
        tags = [self._tags.setdefault(tag, len(self._tags)) for tag in item.tags]
        mark = self.rules.mark(item.id, item.tags)
        self.standing.place(place, price=item.price, added=item.added, tags=tags, mark=mark)

    def _hear(self, event: Event) -> None:
        place = self.places.get(event.item)
        if place is not None:
            self.standing.hear(place, event.at, success=event.kind in self.meaning.wanted)
        known = self._histories.get(event.user)
        if known is not None:
            known.append(event)
            known.sort(key=lambda one: one.at)
            del known[:-READ]

    def _remove(self, item: str) -> None:
        place = self.places.get(item)
        if place is not None:
            self.standing.remove(place)

    def _forget(self, who: str) -> None:
        for user in [user for user in self._histories if self._known_as(user) == who]:
            del self._histories[user]


def _with(system: System, text: Interest) -> System:
    return replace(system, scorers={**system.scorers, TEXT: text})
