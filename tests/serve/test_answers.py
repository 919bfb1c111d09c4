"""What a good request gets."""

import json
import logging
import re

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from argosy.infer.engines.echo import EchoEngine
from argosy.serve.app import create_app
from argosy.serve.settings import Settings

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=100).filter(str.strip)


def test_one_text_gets_one_entry(client: TestClient) -> None:
    """A single text is answered by the first model, with probabilities of all its labels and its tokens."""
    body = client.post("/v1/classify", json={"input": "quite positive"}).json()
    assert body["object"] == "list"
    assert body["model"] == "mood"
    assert [(entry["index"], entry["label"]) for entry in body["data"]] == [(0, "positive")]
    assert sum(body["data"][0]["probabilities"].values()) == pytest.approx(1)
    assert set(body["data"][0]["probabilities"]) == {"negative", "positive"}
    assert body["usage"] == {"prompt_tokens": 14, "total_tokens": 14}


# the first draw of a text builds the tables of Unicode, and the machine may be busy
@hypothesis_settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(TEXTS, min_size=1, max_size=20))
def test_the_answer_is_the_engine_s_own(client: TestClient, texts: list[str]) -> None:
    """Any texts come through HTTP unchanged and are answered in their order, as the engine answers them itself."""
    engine = EchoEngine()
    body = client.post("/v1/classify", json={"input": texts}).json()
    expected = engine.classify(texts)
    assert [entry["label"] for entry in body["data"]] == [prediction.label for prediction in expected]
    assert [entry["probabilities"] for entry in body["data"]] == [prediction.probabilities for prediction in expected]
    assert body["usage"]["total_tokens"] == sum(map(engine.count, texts))


def test_a_text_that_is_cut_is_marked(client: TestClient) -> None:
    """Of a text longer than the model reads, the beginning is answered, and the entry says so."""
    data = client.post("/v1/classify", json={"input": ["red " * 20, "blue"], "model": "colour"}).json()["data"]
    assert [(entry["label"], entry["truncated"]) for entry in data] == [("red", True), ("blue", False)]


def test_where_the_time_went_is_told_to_who_asks(client: TestClient) -> None:
    """With the header, an answer tells five parts of its time in ms; without it there is none."""
    plain = client.post("/v1/classify", json={"input": "a"})
    timed = client.post("/v1/classify", json={"input": "a"}, headers={"x-argosy-timing": "1"})
    assert "server-timing" not in plain.headers
    parts = re.findall(r"(\w+);dur=(\d+\.\d+)", timed.headers["server-timing"])
    assert [name for name, _ in parts] == ["parse", "tokenize", "queue", "compute", "encode"]


def test_a_server_can_tell_the_time_always() -> None:
    """With the setting, every answer has the header."""
    with TestClient(create_app({"m": EchoEngine()}, Settings(timing=True))) as client:
        assert "compute;dur=" in client.post("/v1/classify", json={"input": "a"}).headers["server-timing"]


def test_remembered_answers_are_the_same_and_counted() -> None:
    """With memory, the same request gets the same bytes and costs the same tokens."""
    with TestClient(create_app({"m": EchoEngine()}, Settings(cache=2))) as client:
        first, second = (client.post("/v1/classify", json={"input": ["ab", "ab", "c"]}) for _ in range(2))
        figures = client.get("/metrics").text
    assert first.content == second.content
    assert second.json()["usage"]["total_tokens"] == 5
    assert 'argosy_tokens_total{model="m"} 10.0' in figures


def test_a_model_is_asked_by_name(client: TestClient) -> None:
    """The model of the request answers, and is named in the answer."""
    body = client.post("/v1/classify", json={"input": "a green one", "model": "colour"}).json()
    assert (body["model"], body["data"][0]["label"]) == ("colour", "green")


def test_models_are_listed(client: TestClient) -> None:
    """Each model is listed with its labels and engine, the default one first."""
    body = client.get("/v1/models").json()
    assert body["object"] == "list"
    assert [(model["id"], model["object"], model["engine"]) for model in body["data"]] == [
        ("mood", "model", "echo"),
        ("colour", "model", "echo-rgb"),
    ]
    assert body["data"][1]["labels"] == ["red", "green", "blue"]


def test_json_in_utf_8_with_charset_is_taken(client: TestClient) -> None:
    """A content type with a charset, and Chinese text in UTF-8, are taken."""
    body = json.dumps({"input": "物流很快"}, ensure_ascii=False).encode()
    answer = client.post("/v1/classify", content=body, headers={"content-type": "application/json; charset=utf-8"})
    assert answer.status_code == 200
    assert answer.json()["usage"]["total_tokens"] == 4


def test_a_request_id_is_echoed(client: TestClient) -> None:
    """A sane request id comes back."""
    assert client.get("/healthz", headers={"x-request-id": "trace-1.2:3"}).headers["x-request-id"] == "trace-1.2:3"


@pytest.mark.parametrize("given", [None, "", "two words", "x" * 129, '"};'])
def test_a_request_id_is_made(client: TestClient, given: str | None) -> None:
    """Without an id, or with one that could spoil a log line, a fresh one is made for each request."""
    headers = {} if given is None else {"x-request-id": given}
    ids = {client.get("/healthz", headers=headers).headers["x-request-id"] for _ in range(2)}
    assert len(ids) == 2
    assert given not in ids


def test_the_access_log_has_figures_and_no_text(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """A line of JSON for each request: what was asked and how it went, but neither its words nor its path."""
    with caplog.at_level(logging.INFO, logger="argosy.access"):
        client.post("/v1/classify?who=jane", json={"input": ["call 13800138000", "b"]}, headers={"x-request-id": "r1"})
        client.get("/users/jane")
    first, second = (json.loads(record.message) for record in caplog.records if record.name == "argosy.access")
    assert first.pop("ms") >= 0
    assert first == {
        "request_id": "r1",
        "event": "r1",
        "key": "open",
        "tenant": "open",
        "method": "POST",
        "route": "/v1/classify",
        "model": "mood",
        "status": 200,
        "code": "",
        "texts": 2,
        "tokens": 17,
        "charged": False,
    }
    assert (second["route"], second["status"], second["code"]) == ("other", 404, "not_found")
    assert not any(word in caplog.text for word in ("13800138000", "jane"))
