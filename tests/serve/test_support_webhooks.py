"""Signed webhooks in: customers' messages by way of another system, each answered once."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient
from supporting import SENT, InMemory

from argosy.infer.engines.echo import EchoEngine
from argosy.serve.app import create_app
from argosy.serve.channels.parts import Channels
from argosy.serve.settings import Settings

SHARED = b"0123456789abcdef"
TOLD = {"id": "7", "customer": "c-12", "text": "Where is my order?"}


@pytest.fixture
def log() -> InMemory:
    """The books."""
    return InMemory()


@pytest.fixture
def client(log: InMemory) -> Iterator[TestClient]:
    """Another system's way to an open service."""
    settings = Settings(channels=Channels(hooks={"shop": SHARED, "other": b"f" * 16}))
    with TestClient(create_app({"mood": EchoEngine()}, settings, supported=log)) as client:
        yield client


def deliver(client: TestClient, told: Any = None, *, name: str = "shop", ago: int = 0, **more: Any) -> Any:
    """A delivery, signed as the documentation says."""
    body = more.get("body", json.dumps(TOLD if told is None else told, ensure_ascii=False).encode())
    at = int(time.time()) - ago
    signed = hmac.new(more.get("under", SHARED), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    head = {"argosy-signature": f"t={at},v1={signed}", "content-type": "application/json", **more.get("head", {})}
    return client.post(f"/support/hooks/{name}", content=more.get("sent", body), headers=head)


def test_a_delivery_that_comes_twice_is_answered_as_the_first_time(client: TestClient, log: InMemory) -> None:
    """Signed anew, as who sends it again would."""
    first, again = deliver(client, ago=20), deliver(client)
    assert first.json() == again.json()
    (turn,) = first.json()["turns"]
    assert (turn["role"], turn["text"]) == ("assistant", SENT)
    assert log.asked == 1


def test_customers_are_those_of_one_hook(client: TestClient, log: InMemory) -> None:
    """The same name by another hook is another customer, and the store knows neither name."""
    names = {
        deliver(client).json()["conversation"],
        deliver(client, {**TOLD, "id": "8"}).json()["conversation"],
        deliver(client, name="other", under=b"f" * 16).json()["conversation"],
        deliver(client, {**TOLD, "customer": "c-13"}).json()["conversation"],
    }
    assert len(names) == 3
    assert log.asked == 4
    assert "c-12" not in repr(log.told)


def test_a_customer_with_a_person_gets_no_answer_of_the_assistants(client: TestClient, log: InMemory) -> None:
    """The answer has the customer's own message: the person's goes out as an event."""
    log.take(deliver(client).json()["conversation"], "key_a")
    told = deliver(client, {**TOLD, "id": "8"}).json()
    assert (told["state"], told["turns"][0]["role"]) == ("taken", "user")


@pytest.mark.parametrize(
    "more",
    [
        {"under": b"another secret of 16"},
        {"ago": 301},
        {"ago": -301},
        {"sent": json.dumps({**TOLD, "text": "else"}).encode()},
        {"head": {"argosy-signature": ""}},
        {"head": {"argosy-signature": "t=1,v1=00"}},
        {"head": {"argosy-signature": f"t={'9' * 40},v1={'0' * 64}"}},
    ],
)
def test_what_is_not_signed_now_by_who_has_the_secret_is_refused(
    client: TestClient, log: InMemory, more: dict[str, Any]
) -> None:
    """Another secret, an old delivery, one from the future, another body, a header that is none."""
    answer = deliver(client, **more)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "bad_signature")
    assert log.asked == 0


def test_a_hook_that_is_not_there_is_not_found(client: TestClient) -> None:
    """Whatever it is signed with."""
    assert deliver(client, name="nobody").status_code == 404
    assert deliver(client, name="NOBODY").status_code == 422


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"[]", 422), (b"{", 400), (b'{"id": "1"}', 422), (b'{"id": "1", "customer": "", "text": "x"}', 422)],
)
def test_signed_bodies_are_checked_all_the_same(client: TestClient, log: InMemory, body: bytes, status: int) -> None:
    """A secret proves who sends, not what."""
    assert deliver(client, body=body).status_code == status
    assert log.asked == 0


def test_a_huge_delivery_is_refused(client: TestClient) -> None:
    """Before its signature is looked at."""
    assert deliver(client, {**TOLD, "text": "x" * 300_000}).json()["error"]["code"] == "body_too_large"
