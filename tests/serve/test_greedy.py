"""Clients who want more than their share: room is kept for others, and nothing is done for who has left."""

import json
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from raw_asgi import SECONDS, raw
from shops import stand_in

from argosy.core.account import Account, Caller, Key
from argosy.core.records import Prediction
from argosy.infer.engines.echo import EchoEngine
from argosy.serve.answers.work import Permits
from argosy.serve.errors import RequestError

JSON = (b"content-type", b"application/json")
GOOD = b'{"input": "still here", "model": "mood"}'


def test_nobody_takes_all_the_room() -> None:
    """Who holds a quarter gets nothing of the last quarter, where others still find room."""
    room = Permits(8)
    greedy, other = (
        Caller(key=Key(id="key", tenant=name, prefix="ak"), account=Account(tenant=name, plan="p", currency="CNY"))
        for name in ("greedy", "other")
    )
    with ExitStack() as stack:
        for _ in range(6):
            stack.enter_context(room.take(greedy))
        with pytest.raises(RequestError), room.take(greedy):
            pass
        with room.take(other), room.take(other), pytest.raises(RequestError), room.take(other):
            pass
        with room.take(other), room.take(other):
            assert room.taken == 8
    with room.take(greedy):
        assert room.taken == 1


@dataclass(slots=True)
class Counted:
    """Counts what it is asked, and answers once it may."""

    asked: int = 0
    may: threading.Event = field(default_factory=threading.Event)
    name: str = "counted"
    labels: tuple[str, ...] = ("a", "b")

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """Answer."""
        self.asked += len(texts)
        assert self.may.wait(SECONDS)
        return EchoEngine(labels=self.labels).classify(texts)

    def count(self, text: str) -> int:
        """A token a character."""
        return len(text)


def test_nothing_is_done_for_who_has_left(tmp_path: Path) -> None:
    """A large request whose client leaves costs him nothing, so the rest of it is not worked on."""
    counted = Counted()
    body = json.dumps({"input": [f"{number} " + "words " * 300 for number in range(1000)]}).encode()
    with stand_in(tmp_path, engines={"mood": counted}) as stand, raw(stand.app()) as started:
        tenant, head = stand.buyer()
        heads = [(b"authorization", head["authorization"].encode()), JSON]
        for _ in range(20):
            assert started.ask("POST", "/v1/classify", heads, body, leaves=True).status == 0
        counted.may.set()
        assert started.ask("POST", "/v1/classify", heads, GOOD).status == 200
        assert counted.asked < 1000
        assert len(stand.lines(tenant)) == 1
