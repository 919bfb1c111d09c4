"""The state of a recommender in one process: items as they are now, counts, and the histories that were asked for.

It follows the log change by change. Texts of new items are read before anybody has to wait: then one lock is enough,
for the changes themselves take microseconds and a list a few milliseconds. Histories are read from the log when
somebody asks for a list, so a start does not wait for them, and whoever is forgotten is gone with the next change.
"""

import threading
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.fuzz import ratio

from argosy.core.recommend import Change, Event, Item
from argosy.recommend.folder import TEXT, Kept
from argosy.recommend.interactions import Floats, History
from argosy.recommend.interest.model import Interest
from argosy.recommend.live.histories import Histories, Reads
from argosy.recommend.live.machines import Machines
from argosy.recommend.ranking.rules import Rules
from argosy.recommend.ranking.standing import Standing
from argosy.recommend.ranking.system import System

Embed = Callable[[Sequence[str]], Floats]
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
    """Items, counts and histories; ``embed`` gives the vectors of new texts, ``reads`` the events of a user.

    ``bots`` is the number of events in an hour that makes a user a machine, whose events are not counted; 0: by what
    the others do.
    """

    def __init__(
        self,
        kept: Kept,
        meaning: Meaning,
        rules: Rules,
        *,
        reads: Reads,
        known_as: Callable[[str], str],
        embed: Embed | None = None,
        bots: int = 0,
    ) -> None:
        self.lock = threading.RLock()
        self.turn = 0
        self.system = kept.system
        self.rules = rules
        self.meaning = meaning
        self.items: list[Item] = []
        self.places: dict[str, int] = {}
        self.standing = Standing()
        self._applying = threading.Lock()
        self._tags: dict[str, int] = {}
        self._tagged: dict[str, array[int]] = {}  # the positions of the items of a tag, 4 bytes each
        self._since: dict[str, int] = {}  # when ids that are used again began anew
        self._known_as, self._embed = known_as, embed
        self._histories, self._machines = Histories(reads, known_as), Machines(self.standing, bots)
        for place, item in enumerate(kept.items):
            self._place(place, item)
        self.system = self._read({place: item.words for place, item in enumerate(kept.items) if place >= self._texts})

    def apply(self, changes: Sequence[Change]) -> None:
        """Follow the log; changes of a turn that was followed already change nothing."""
        with self._applying:
            by_turn = {one.turn: one for one in changes if one.turn > self.turn}
            fresh = [by_turn[turn] for turn in sorted(by_turn)]
            places, words = self._planned([one.item for one in fresh if one.item is not None])
            system = self._read(words)
            with self.lock:
                self.system = system
                for change in fresh:
                    self._follow(change, places)
                    self.turn = change.turn

    def history(self, user: str, now: int) -> History:
        """What a user did, as models see it; times to come count as now."""
        told = self._histories.of(user)
        with self.lock:
            return self.seen(told, now)

    def seen(self, events: Sequence[Event], now: int) -> History:
        """Events as positions and weights; those with items that never were, or were others then, are left out."""
        known = [one for one in events if one.item in self.places and one.at >= self._since.get(one.item, one.at)]
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
        if not tags and not without and least is None and most is None:
            return None
        size = len(self.standing)
        may = np.zeros(size, bool) if tags else np.ones(size, bool)
        for tag in tags:
            if tag in self._tagged:
                may[np.frombuffer(self._tagged[tag], np.intc)] = True
        prices = self.standing.prices[:size]
        if least is not None:
            may &= prices >= least
        if most is not None:
            may &= prices <= most
        may[[self.places[item] for item in without if item in self.places]] = False
        return may

    def _planned(self, items: Sequence[Item]) -> tuple[Iterator[int], dict[int, str]]:
        """The position of each of the items [items], and by position the texts that are to be read.

        One that says something else now keeps its position; of another title it is another item under an old id, which
        begins anew at a new one.
        """
        later: dict[str, tuple[int, Item]] = {}
        places: list[int] = []
        words: dict[int, str] = {}
        size = len(self.items)
        for item in items:
            known = later.get(item.id) or self._standing_as(item.id)
            if known is None or ratio(known[1].title, item.title) < _ALIKE:
                place, size = size, size + 1
            else:
                place = known[0]
            if known is None or place != known[0] or known[1].words != item.words:
                words[place] = item.words
            later[item.id] = (place, item)
            places.append(place)
        return iter(places), words

    def _standing_as(self, item: str) -> tuple[int, Item] | None:
        place = self.places.get(item)
        return None if place is None else (place, self.items[place])

    @property
    def _texts(self) -> int:
        """Items whose texts the text model has read."""
        text = self.system.scorers.get(TEXT)
        return len(text.vectors) if isinstance(text, Interest) else 0

    def _read(self, words: Mapping[int, str]) -> System:
        """The system with the vectors of these texts, by position; the new ones are 0 where nothing reads texts."""
        text, begin = self.system.scorers.get(TEXT), self._texts
        if not isinstance(text, Interest) or not words:
            return self.system
        places = np.array(sorted(words), np.int64)
        if self._embed:
            vectors = text.embed_new([words[place] for place in places.tolist()], self._embed)
        else:
            places = places[places >= begin]
            vectors = np.zeros((len(places), text.vectors.shape[1]), np.float32)
        made = text.extended(vectors[places >= begin])
        changed = places < begin
        if changed.any():
            made.vectors[places[changed]] = vectors[changed]
            made.queries[places[changed]] = text.head.queries(vectors[changed])
        return replace(self.system, scorers={**self.system.scorers, TEXT: made})

    def _follow(self, change: Change, places: Iterator[int]) -> None:
        """Let a change happen; ``places`` are those of the items that are still to come."""
        if change.item is not None:
            self._place(next(places), change.item)
        elif change.event is not None:
            self._hear(change.event)
        elif change.gone:
            if change.gone in self.places:
                self.standing.remove(self.places[change.gone])
        elif change.forgotten:
            self._histories.forget(change.forgotten)
            self._machines.forget(change.forgotten)

    def _place(self, place: int, item: Item) -> None:
        """Put an item at its position; whatever stood under its id at another one is gone."""
        before = self.places.get(item.id)
        if before is not None and before != place:
            self.standing.remove(before)
            if item.added is not None:
                self._since[item.id] = item.added
        self._tag(place, self.items[place].tags if place < len(self.items) else (), item.tags)
        self.items[place : place + 1] = [item]
        self.places[item.id] = place
        tags = [self._tags.setdefault(tag, len(self._tags)) for tag in item.tags]
        mark = self.rules.mark(item.id, item.tags)
        self.standing.place(place, price=item.price, added=item.added, tags=tags, mark=mark)

    def _tag(self, place: int, before: Sequence[str], now: Sequence[str]) -> None:
        for tag in set(before) - set(now):
            self._tagged[tag].remove(place)
            if not self._tagged[tag]:
                del self._tagged[tag]
        for tag in set(now) - set(before):
            self._tagged.setdefault(tag, array("i")).append(place)

    def _hear(self, event: Event) -> None:
        who, place = self._known_as(event.user), self.places.get(event.item)
        if place is not None and event.at >= self._since.get(event.item, event.at):
            self._machines.hear(who, place, event.at, success=event.kind in self.meaning.wanted)
        self._histories.hear(who, event)
