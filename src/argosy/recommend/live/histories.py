"""What users did, of those who were asked for lately: read from the log when needed, kept while there is room.

A history is read while changes go on. What is heard meanwhile is put in afterwards, what was read already is not put in
again, and where the user is forgotten meanwhile what was read is thrown away and read anew. So a kept history is always
that of the log. The same item, kind and time counts once, as in what models learn from.
"""

import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence
from operator import attrgetter

from argosy.core.recommend import Event

Reads = Callable[[str, int], Sequence[Event]]
"""The last events of a user, oldest first, so many at most."""
READ = 5_000
"""Events of a user that are read at most: nobody is shown again what is among them."""
_ROOM = 1_000_000  # events that are kept, of all users together
_AT = attrgetter("at")


class Histories:
    """Threads may share it. Users stand under ``known_as``: what the log knows them as once they are forgotten."""

    def __init__(self, reads: Reads, known_as: Callable[[str], str], *, most: int = READ, room: int = _ROOM) -> None:
        self._reads, self._known_as = reads, known_as
        self._most, self._room = most, room
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, list[Event]] = OrderedDict()
        self._heard: dict[str, list[Event]] = {}  # of those who are being read just now
        self._size = 0

    def of(self, user: str) -> tuple[Event, ...]:
        """A user's last events, oldest first."""
        who = self._known_as(user)
        while True:
            with self._lock:
                kept = self._kept.get(who)
                if kept is not None:
                    self._kept.move_to_end(who)
                    return tuple(kept)
                heard = self._heard.setdefault(who, [])
            read = self._read(user, who, heard)
            with self._lock:
                if self._heard.get(who) is heard:  # nobody was quicker, and the user is not forgotten
                    del self._heard[who]
                    return tuple(self._keep(who, read, heard))

    def hear(self, who: str, event: Event) -> None:
        """Put an event into the history of its user, where that one is kept."""
        with self._lock:
            if who in self._heard:
                self._put(self._heard[who], event)
            if who in self._kept:
                self._size += self._put(self._kept[who], event)

    def forget(self, who: str) -> None:
        """Know nothing of a user any more."""
        with self._lock:
            self._heard.pop(who, None)
            self._size -= _weight(self._kept.pop(who, None))

    def _read(self, user: str, who: str, heard: list[Event]) -> Sequence[Event]:
        try:
            return self._reads(user, self._most)
        except BaseException:
            with self._lock:
                if self._heard.get(who) is heard:
                    del self._heard[who]
            raise

    def _keep(self, who: str, read: Sequence[Event], heard: Sequence[Event]) -> list[Event]:
        events = list({(one.item, one.kind, one.at): one for one in read}.values())
        for event in heard:
            self._put(events, event)
        self._kept[who] = events
        self._size += _weight(events)
        while self._size > self._room and len(self._kept) > 1:
            self._size -= _weight(self._kept.popitem(last=False)[1])
        return events

    def _put(self, events: list[Event], event: Event) -> int:
        """Put it at its time, behind others of that time; how many events there are more."""
        before, end = len(events), bisect_right(events, event.at, key=_AT)
        same = events[bisect_left(events, event.at, key=_AT) : end]
        if not any(one.item == event.item and one.kind == event.kind for one in same):
            events.insert(end, event)
            del events[: -self._most]
        return len(events) - before


def _weight(events: Sequence[Event] | None) -> int:
    """What a history takes of the room: its events, and one for the user."""
    return 0 if events is None else len(events) + 1
