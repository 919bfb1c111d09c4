"""How often an address, and a conversation, may ask: one that floods the service is told when to come again."""

import time
from collections import OrderedDict
from collections.abc import Callable

from argosy.serve.errors import RequestError
from argosy.serve.gate.limits import SECOND, Window

_KNOWN = 10_000  # windows that are kept: the one that was asked longest ago gives way


class Rates:
    """What was let in during the last minute, by names; for one thread."""

    def __init__(self, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._clock = clock
        self._windows: OrderedDict[str, Window] = OrderedDict()

    def take(self, name: str, limit: int) -> None:
        """Let one request of ``name`` in; raises RequestError where ``limit`` a minute are reached."""
        now, window = self._clock(), self._windows.setdefault(name, Window())
        self._windows.move_to_end(name)
        if len(self._windows) > _KNOWN:
            self._windows.popitem(last=False)
        if wait := window.wait(now, 1, limit):
            raise RequestError(
                "The limit of {limit} messages a minute is reached.",
                code="rate_limited",
                mend="Try again after the time in the header retry-after.",
                retry=wait / SECOND,
                limit=limit,
            )
        window.add(now, 1)
