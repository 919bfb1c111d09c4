"""Where a request's time went, as the header ``Server-Timing`` of the W3C tells it, in milliseconds."""

import time
from typing import Any

from argosy.infer.batcher import Answered

ASKED = "x-argosy-timing"
"""The header by which a request asks for it, whatever its value."""
PARTS = ("parse", "tokenize", "queue", "compute", "encode")


class Watch:
    """Seconds by part: what passes between two calls of ``note`` belongs to the second."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(PARTS, 0.0)
        self._last = time.perf_counter()

    def note(self, part: str) -> None:
        """The time since the last call belongs to ``part``."""
        now = time.perf_counter()
        self.seconds[part] += now - self._last
        self._last = now

    def take(self, answered: Answered[Any]) -> None:
        """The time since the last call was spent as ``answered`` tells."""
        self.seconds |= {"tokenize": answered.tokenize, "queue": answered.queue, "compute": answered.compute}
        self._last = time.perf_counter()

    def header(self) -> str:
        """The header's value: ``parse;dur=0.12, tokenize;dur=…``, all five parts in order."""
        return ", ".join(f"{part};dur={1000 * self.seconds[part]:.3f}" for part in PARTS)
