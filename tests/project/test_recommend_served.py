"""A recommender over real HTTP: two processes serve, one hears, both know."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from recommending import ITEMS, build, home


def ask(address: str, path: str, body: Any = None, method: str = "POST") -> Any:
    """What a server answers."""
    answer = httpx.request(method, address + path, json=body, timeout=30)
    answer.raise_for_status()
    return answer.json()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of ``argosy serve``, open to all, in a process of its own."""
    command = [sys.executable, "-m", "argosy", "serve", str(folder), "--open", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            line = next(line for line in process.stderr if "http://" in line)
            yield re.findall(r"http://[\d.:]+", line)[0]
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)


def listed(address: str, user: str) -> list[str]:
    """The items of a list."""
    told = ask(address, "/v1/recommend", {"user": user, "n": 8, "explore": False})
    return [one["id"] for one in told["items"]]


@pytest.mark.slow
def test_what_one_process_hears_all_know(tmp_path: Path) -> None:
    """Items, events, forgetting; the second process answers as the first.

    Slow, since two servers are started.
    """
    shop = home(tmp_path / "shop")
    build(shop.folder / "model")
    with served(shop.folder) as one, served(shop.folder) as two:
        items = [{"id": item.id, "title": item.title, "tags": list(item.tags)} for item in ITEMS]
        assert ask(one, "/v1/items", items, "PUT")["received"] == len(items)
        events = [{"user": "ann", "item": "i5", "type": "buy"}, {"user": "ann", "item": "i9", "type": "buy"}]
        assert ask(one, "/v1/events", events)["new"] == 2
        known = listed(one, "ann")
        assert {"i5", "i9"} & set(known) == set()
        while listed(two, "ann") != known:  # the test's own time limit ends it where that never comes
            pass
        ask(two, "/v1/recommend/users/ann", method="DELETE")
        while listed(one, "ann") != listed(one, "never-met"):
            pass
