"""Events that count for what is popular: all but those of users who do far more in an hour than others.

The rule is that of what models learn from, of the users of late: when somebody is found to be a machine, what counted
in that hour is taken back, and what follows in it does not count.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

from argosy.recommend.ranking.standing import Standing
from argosy.recommend.tidy import FEWEST, HOUR, ORDINARY, machine_from

_USERS = 50_000  # of late, who are compared with each other
_MOST = 5_000  # events in a busiest hour from which differences are of no account


@dataclass(slots=True)
class _Lately:
    """What a user did in the last hour with events, and the number of events of the busiest one."""

    hour: int
    events: int = 0
    busiest: int = 0
    counted: list[tuple[int, int, bool]] = field(default_factory=list)  # items, times, successes


class Machines:
    """Lets events of users into a ``standing``; ``bots`` is the number in an hour that makes a machine, 0: see tidy."""

    def __init__(self, standing: Standing, bots: int = 0) -> None:
        self._standing, self._bots = standing, bots
        self._users: OrderedDict[str, _Lately] = OrderedDict()
        self._busiest = np.zeros(_MOST + 1, np.int64)  # users by the events of their busiest hour

    def hear(self, who: str, item: int, at: int, *, success: bool) -> None:
        """Count an event, unless its user is a machine."""
        lately = self._of(who, at // HOUR)
        lately.events += 1
        self._compare(lately)
        if lately.events < (self._bots or FEWEST) or lately.events < self._limit():
            self._standing.hear(item, at, success=success)
            lately.counted.append((item, at, success))
        else:
            for there, moment, wanted in lately.counted:
                self._standing.hear(there, moment, success=wanted, times=-1)
            lately.counted.clear()

    def forget(self, who: str) -> None:
        """Know nothing of a user any more; sums over all users stay."""
        lately = self._users.pop(who, None)
        if lately is not None:
            self._busiest[min(lately.busiest, _MOST)] -= 1

    def _of(self, who: str, hour: int) -> _Lately:
        lately = self._users.get(who)
        if lately is None:
            lately = self._users[who] = _Lately(hour)
            self._busiest[0] += 1
            if len(self._users) > _USERS:
                self._busiest[min(self._users.popitem(last=False)[1].busiest, _MOST)] -= 1
        else:
            self._users.move_to_end(who)
        if lately.hour != hour:
            lately.hour, lately.events = hour, 0
            lately.counted.clear()
        return lately

    def _compare(self, lately: _Lately) -> None:
        if lately.events > lately.busiest:
            self._busiest[min(lately.busiest, _MOST)] -= 1
            lately.busiest = lately.events
            self._busiest[min(lately.busiest, _MOST)] += 1

    def _limit(self) -> int:
        if self._bots:
            return self._bots
        ordinary = int(ORDINARY * (len(self._users) - 1))
        usual = int(np.searchsorted(self._busiest.cumsum(), ordinary, side="right"))
        return machine_from(usual if len(self._users) > 1 else None)
