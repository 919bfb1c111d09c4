"""A recommender in memory that counts which items stand together: for the tests of its pages and of its JSON."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from argosy.core.errors import MachineError, MissingError
from argosy.core.recommend import Event, Heard, Item, Recommendation, Shown, Why, Wish

START = 1_780_000_000_000_000
FILMS = {
    "f1": ("Toy Story", ("animation", "comedy"), 9.5),
    "f2": ("A Bug's Life", ("animation",), 8.0),
    "f3": ("Heat", ("crime", "thriller"), None),
    "f4": ("Casino", ("crime", "drama"), 7.25),
    "f5": ("Babe", ("comedy", "family"), 5.0),
    "f6": ("Fargo", ("crime", "comedy"), 6.0),
    "f7": ("大话西游", ("comedy", "fantasy"), 4.0),
    "f8": ("Aladdin", ("animation", "family"), 3.5),
    "f9": ("Alien", ("thriller", "horror"), 3.0),
    "f10": ("Se7en", ("crime", "thriller"), 2.0),
    "f11": ("Shrek", ("animation", "comedy", "family"), 11.0),
    "f12": ("Psycho", ("horror",), 1.0),
}
_FUTURE = START + 10**15  # microseconds: what is later is refused


@dataclass(slots=True)
class InMemoryRecommended:
    """A Recommended that ranks by shared tags and popularity, the same for the same; ``broken``: its store is away."""

    items: dict[str, Item] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    lists: list[Recommendation] = field(default_factory=list)
    broken: bool = False
    name: str = "films"
    kinds: tuple[str, ...] = ("like", "click")
    lock: RLock = field(default_factory=RLock)

    def __post_init__(self) -> None:
        for name, (title, tags, price) in FILMS.items():
            self.items[name] = Item(id=name, title=title, tags=tags, price=price, added=START)
        for at, (user, item) in enumerate([("ann", "f1"), ("ann", "f8"), ("bob", "f3"), ("bob", "f10"), ("eve", "f1")]):
            event = Event(user=user, item=item, kind="like", at=START + at)
            self.events[event.key] = event

    def recommend(self, wish: Wish) -> Recommendation:
        """Items like those of the history, then the popular ones."""
        self._answer()
        with self.lock:
            had = self._had(wish)
            fitting = [one for one in self.items.values() if one.id not in had and self._fits(one, wish)]
            ranked = sorted((self._shown(one, had) for one in fitting), key=lambda one: (-one.score, one.item))
            shown = tuple(ranked[: wish.n])
            made = Recommendation(
                id=f"rec_{len(self.lists) + 1}",
                user=wish.user,
                at=START,
                items=shown,
                version="0123456789abcdef",
                context=wish.context,
            )
            self.lists.append(made)
            return made

    def hear(self, events: Sequence[Event]) -> Heard:
        """Keep them once; items that are not there and times to come are refused."""
        self._answer()
        counts, refused = Counter[str](), Counter[str]()
        with self.lock:
            for one in events:
                if one.item not in self.items:
                    refused["unknown item"] += 1
                elif one.at > _FUTURE:
                    refused["future"] += 1
                else:
                    counts["again" if one.key in self.events else "new"] += 1
                    self.events.setdefault(one.key, one)
        return Heard(new=counts["new"], again=counts["again"], refused=dict(refused))

    def put(self, items: Sequence[Item]) -> int:
        """Keep them."""
        self._answer()
        with self.lock:
            changed = sum(self.items.get(one.id) != one for one in items)
            self.items.update({one.id: one for one in items})
        return changed

    def remove(self, items: Sequence[str]) -> int:
        """Show them no more."""
        self._answer()
        with self.lock:
            return sum(self.items.pop(one, None) is not None for one in items)

    def item(self, item: str) -> Item:
        """One of them."""
        if item not in self.items:
            raise MissingError("There is no item {item!r}.", item=item)
        return self.items[item]

    def search(self, text: str, most: int = 20) -> Sequence[Item]:
        """Those whose title has the words."""
        words = text.casefold().split()
        found = [one for one in self.items.values() if all(word in one.title.casefold() for word in words)]
        return sorted(found, key=lambda one: -self._popular(one.id))[:most]

    def people(self, most: int = 50) -> Sequence[Mapping[str, Any]]:
        """The users."""
        counts = Counter(one.user for one in self.events.values())
        last = {one.user: one.at for one in sorted(self.events.values(), key=lambda one: one.at)}
        order = sorted(counts, key=lambda user: -last[user])
        return [{"user": user, "events": counts[user], "last": last[user]} for user in order[:most]]

    def history(self, user: str, most: int = 50) -> Sequence[Event]:
        """A user's events, the newest first."""
        found = [one for one in self.events.values() if one.user == user]
        return sorted(found, key=lambda one: -one.at)[:most]

    def forget(self, user: str, by: str) -> Mapping[str, int]:
        """Remove all of a user."""
        self._answer()
        with self.lock:
            events = [key for key, one in self.events.items() if one.user == user]
            for key in events:
                del self.events[key]
            lists = [one for one in self.lists if one.user == user]
            self.lists = [one for one in self.lists if one.user != user]
        return {"events": len(events), "lists": len(lists)}

    def numbers(self, days: int = 30) -> Mapping[str, Any]:
        """Made-up figures of that many days, one of them without a list."""
        known = [_line("day", f"2026-05-{at + 1:02}", 40 + at % 7, 6 + at % 5) for at in range(min(days, 28))]
        return {
            "days": [*known, _line("day", "2026-05-29", 0, 0)],
            "arms": [_line("arm", "blend", 700, 110), _line("arm", "plain", 690, 80)],
            "explored": {"places": 320, "clicked": 12},
        }

    def _answer(self) -> None:
        if self.broken:
            raise MachineError("The store does not answer.")

    def _had(self, wish: Wish) -> list[str]:
        of_user = [one.item for one in reversed(self.history(wish.user))] if wish.user else []
        return [one for one in (*of_user, *wish.recent) if one in self.items]

    def _fits(self, item: Item, wish: Wish) -> bool:
        price = math.nan if item.price is None else item.price
        return (
            item.id not in wish.without
            and (not wish.tags or bool(set(wish.tags) & set(item.tags)))
            and (wish.least is None or price >= wish.least)
            and (wish.most is None or price <= wish.most)
        )

    def _popular(self, item: str) -> int:
        return sum(one.item == item for one in self.events.values())

    def _shown(self, item: Item, had: Sequence[str]) -> Shown:
        alike = {one: len(set(self.items[one].tags) & set(item.tags)) for one in had}
        about = max(alike, key=lambda one: (alike[one], had.index(one)), default="")
        best = alike.get(about, 0)
        why: Why = "similar" if best else "popular" if self._popular(item.id) else "exploring"
        return Shown(
            item=item.id,
            score=sum(alike.values()) + self._popular(item.id) / 100,
            why=why,
            about=about if best else "",
            source="tags",
        )


def _line(name: str, value: str, lists: int, clicked: int) -> dict[str, Any]:
    rate = clicked / lists if lists else None
    low, high = (None, None) if rate is None else (max(0.0, rate - 0.05), rate + 0.05)
    return {name: value, "lists": lists, "clicked": clicked, "rate": rate, "low": low, "high": high}
