"""The hub of a recommender: Redis wakes other machines, and nothing hangs on it."""

import threading

import pytest
import real_redis

from argosy.project.recommending import hub


def test_without_redis_the_clock_wakes() -> None:
    """And telling does nothing."""
    with hub.open_hub("", "shop") as found:
        found.tell()
        found.wait()


def test_redis_wakes_who_waits_on_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long before the clock would; and where Redis goes away, telling goes on without it."""
    pytest.importorskip("redis", reason="the client of Redis is not installed")
    if real_redis.PROGRAM is None:
        pytest.skip(real_redis.WHY)
    monkeypatch.setattr(hub, "_PAUSE", 100.0)
    with (
        real_redis.server() as server,
        hub.open_hub(server.url, "shop") as here,
        hub.open_hub(server.url, "shop") as there,
    ):
        woken = threading.Event()

        def wait() -> None:
            there.wait()
            woken.set()

        waiter = threading.Thread(target=wait, daemon=True)
        waiter.start()
        while not woken.wait(0.05):  # until the other one listens, and then once more
            here.tell()
        server.stop()
        here.tell()
        here.tell()
