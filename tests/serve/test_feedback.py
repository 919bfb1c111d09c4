"""Feedback: tied to the tenant's own answers, kept once, without personal data, and free."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shops import Stand, stand_in
from starlette.testclient import TestClient

from argosy.serve.errors import RequestError
from argosy.serve.wire.jobs import FeedbackRequest
from argosy.serve.wire.parse import parse
from argosy.store.feedback import FeedbackTable

FOREVER = (0, 1 << 62)


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A service that sells."""
    with stand_in(tmp_path_factory.mktemp("shop")) as stand:
        yield stand


@pytest.fixture(scope="module")
def client(stand: Stand) -> Iterator[TestClient]:
    """A client of the running service."""
    with TestClient(stand.app(), raise_server_exceptions=False) as client:
        yield client


def event(client: TestClient, head: dict[str, str]) -> str:
    """What the ledger knows a new answer by."""
    answer = client.post("/v1/classify", json={"input": "good"}, headers=head | {"x-request-id": "my-own"})
    assert answer.headers["x-request-id"] == "my-own"
    return str(answer.headers["x-argosy-event"])


def test_what_was_said_is_kept_once_and_free(client: TestClient, stand: Stand) -> None:
    """The same words again have the same id; others are others; nothing is charged, and persons are taken out."""
    tenant, head = stand.buyer()
    said = {"request_id": event(client, head), "label": "negative", "rating": -1, "comment": "call 13800138000, 张"}
    first, again = (client.post("/v1/feedback", json=said, headers=head).json() for _ in range(2))
    other = client.post("/v1/feedback", json=said | {"index": 1}, headers=head).json()
    assert first == again
    assert other["id"] != first["id"]
    kept = [one for one in FeedbackTable(stand.selling.database).between(*FOREVER) if one.tenant == tenant]
    assert [(one.index, one.label, one.rating, one.model) for one in kept] == [
        (0, "negative", -1, "mood"),
        (1, "negative", -1, "mood"),
    ]
    assert kept[0].comment == "call [PHONE], 张"
    assert len(stand.lines(tenant)) == 1


def test_other_people_s_answers_are_not_there(client: TestClient, stand: Stand) -> None:
    """Another tenant's answer, one that never was and the client's own request id are 404."""
    (_, head), (_, other) = stand.buyer(), stand.buyer()
    for wrong in (event(client, other), "evt_none", "my-own"):
        answer = client.post("/v1/feedback", json={"request_id": wrong, "rating": 1}, headers=head)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_feedback_that_says_nothing_is_refused(client: TestClient, stand: Stand) -> None:
    """Neither label nor rating nor comment; a rating that is none; keys that are not known."""
    _, head = stand.buyer()
    mine = {"request_id": event(client, head)}
    for more, code in (({}, "missing_field"), ({"rating": 5}, "invalid_value"), ({"stars": 5}, "unknown_field")):
        answer = client.post("/v1/feedback", json=mine | more, headers=head)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    """Whatever comes, it is feedback or a refusal."""
    with suppress(RequestError):
        assert isinstance(parse(body, FeedbackRequest, example="{}"), FeedbackRequest)
