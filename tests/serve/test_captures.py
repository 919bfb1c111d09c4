"""Captures: which exchanges are taken, what becomes of them, and that they hold nobody up."""

import json
import threading
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from argosy.core.captured import Captured
from argosy.serve.persons.captures import Captures, Exchange, redacted


class Kept:
    """Keeps captures in memory; waits for ``go`` and fails where told to."""

    def __init__(self, share: float = 1.0, *, fails: bool = False) -> None:
        self.share = share
        self.fails = fails
        self.seen: list[Captured] = []
        self.go = threading.Event()

    def keep(self, seen: Sequence[Captured]) -> int:
        """Keep, or fail."""
        assert self.go.wait(60)
        if self.fails:
            raise ConnectionError
        self.seen += seen
        return len(seen)


def exchange(event: str, body: bytes = b'{"input": "call 13800138000"}', answer: bytes = b'{"label": "x"}') -> Exchange:
    """An exchange."""
    return Exchange(tenant="t", subject="s", event=event, model="m", version="2", at=1, body=body, answer=answer)


def counted(registry: CollectorRegistry, fate: str) -> float:
    """How many captures had a fate."""
    return registry.get_sample_value("argosy_captures_total", {"fate": fate}) or 0.0


def test_a_full_queue_drops_and_counts() -> None:
    """Offers return at once whatever the keeper does; what has no room, or is too large, is dropped and counted."""
    kept, registry = Kept(), CollectorRegistry()
    captures = Captures(kept, registry)  # type: ignore[arg-type]
    for number in range(300):
        captures.offer(exchange(f"e{number}"))
    captures.offer(exchange("large", body=b"x" * 300_000))
    assert counted(registry, "dropped") == 300 - 256 + 1
    captures.start()
    kept.go.set()
    captures.stop()
    assert [one.event for one in kept.seen] == [f"e{number}" for number in range(256)]
    assert counted(registry, "kept") == 256


def test_what_is_captured_is_redacted(caplog: pytest.LogCaptureFixture) -> None:
    """Only the person's words and the answer are taken, without personal data; a streamed answer as a whole."""
    kept, registry = Kept(), CollectorRegistry()
    kept.go.set()
    captures = Captures(kept, registry)  # type: ignore[arg-type]
    chat = b'{"messages": [{"role": "user", "content": "mail ann@example.org"}], "user": "4711", "seed": 1}'
    pieces = [{"choices": [{"delta": {"content": piece}}]} for piece in ("call 1380", "0138000", " now")]
    stream = b"".join(b"data: " + json.dumps(piece).encode() + b"\n\n" for piece in pieces) + b"data: [DONE]\n\n"
    captures.start()
    captures.offer(exchange("a"))
    captures.offer(exchange("b", body=chat, answer=stream))
    captures.offer(exchange("c", body=b"{", answer=b""))
    captures.stop()
    assert [one.asked for one in kept.seen] == [
        {"input": "call [PHONE]"},
        {"messages": [{"role": "user", "content": "mail [EMAIL]"}]},
        None,
    ]
    assert [one.answer for one in kept.seen] == [{"label": "x"}, "call [PHONE] now", None]


def test_a_failure_ends_nothing_and_says_no_text(caplog: pytest.LogCaptureFixture) -> None:
    """Captures that cannot be written are counted; the next ones are tried anew."""
    kept, registry = Kept(fails=True), CollectorRegistry()
    kept.go.set()
    captures = Captures(kept, registry)  # type: ignore[arg-type]
    captures.offer(exchange("a"))
    captures.start()
    captures.stop()
    assert counted(registry, "failed") == 1
    assert "ConnectionError" in caplog.text
    assert "1380013" not in caplog.text


@given(st.lists(st.uuids(), min_size=1, max_size=50, unique=True))
def test_the_sample_depends_on_the_event_alone(events: list[object]) -> None:
    """Two processes take the same ones; a larger share takes all that a smaller one took; 0 none, 1 all."""
    shares = [Captures(Kept(share), CollectorRegistry()) for share in (0.0, 0.2, 0.2, 0.7, 1.0)]  # type: ignore[arg-type]
    for event in map(str, events):
        none, few, again, many, every = (captures.wants(event) for captures in shares)
        assert (none, every, few) == (False, True, again)
        assert many or not few


def test_texts_are_redacted_wherever_they_stand() -> None:
    """Lists and objects keep their form, other values stay."""
    told = {"a": ["x", 1, None, {"b": "x"}], "c": True}
    assert redacted(told, str.upper) == {"a": ["X", 1, None, {"b": "X"}], "c": True}
