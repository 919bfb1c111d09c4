"""Wait for what another thread or process does, as long as it may take, and no longer than it does."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(found: Callable[[], T | None], seconds: float = 60.0) -> T:
    """What ``found`` gives as soon as it gives something; fails when it does not in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := found():
            return result
        time.sleep(0.02)  # between two looks: what is waited for gives no sign
    raise AssertionError(seconds)
