"""One message of a conversation at a time within a process."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class InOrder:
    """One message of a conversation at a time within this process, so that none is answered twice for nothing."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._wanted: Counter[str] = Counter()

    @contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """Hold a name while the block runs."""
        with self._guard:
            lock = self._locks.setdefault(name, threading.Lock())
            self._wanted[name] += 1
        try:
            with lock:
                yield
        finally:
            with self._guard:
                self._wanted[name] -= 1
                if not self._wanted[name]:
                    del self._wanted[name], self._locks[name]
