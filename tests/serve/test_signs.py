"""Signs of life, figures and the page of the interface."""

import re

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from argosy.infer.engines.echo import EchoEngine
from argosy.serve.app import create_app
from argosy.serve.errors import CODES
from argosy.serve.settings import Settings


def figures(client: TestClient) -> dict[str, float]:
    """Every figure of ``/metrics`` by name and labels."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in families
        for sample in family.samples
    }


def test_ready_between_start_and_stop_only() -> None:
    """The process lives all the time; it wants requests only while it is started."""
    app = create_app({"m": EchoEngine()}, Settings())
    client = TestClient(app)
    for path in ("/readyz", "/v1/classify"):
        answer = client.get(path) if path == "/readyz" else client.post(path, json={"input": "a"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")
        assert "retry-after" in answer.headers
    assert client.get("/healthz").json() == {"status": "ok"}
    with client:
        assert client.get("/readyz").json() == {"status": "ok"}
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_figures_count_what_happened() -> None:
    """Requests by route and status, texts, tokens, refusals by code and time are counted; unknown paths are one."""
    with TestClient(create_app({"m": EchoEngine()}, Settings())) as client:
        client.post("/v1/classify", json={"input": ["ab", "c"]})
        client.post("/v1/classify", json={"input": []})
        client.get("/one")
        client.get("/two")
        found = figures(client)
    assert found["argosy_requests_total POST /v1/classify 200"] == 1
    assert found["argosy_requests_total POST /v1/classify 422"] == 1
    assert found["argosy_requests_total GET other 404"] == 2
    assert found["argosy_request_seconds_count /v1/classify"] == 2
    assert found["argosy_texts_total m"] == 2
    assert found["argosy_tokens_total m"] == 3
    assert found["argosy_refused_total empty_input"] == 1
    assert found["argosy_in_flight"] == 1  # the request for the figures itself


def test_two_apps_count_apart() -> None:
    """The figures of one app are not those of another in the same process."""
    with (
        TestClient(create_app({"m": EchoEngine()}, Settings())) as one,
        TestClient(create_app({"m": EchoEngine()}, Settings())) as two,
    ):
        one.post("/v1/classify", json={"input": "ab"})
        assert "argosy_texts_total m" in figures(one)
        assert "argosy_texts_total m" not in figures(two)


def test_the_page_needs_no_other_server(client: TestClient) -> None:
    """Nothing on the page is loaded from elsewhere, and its policy forbids it."""
    answer = client.get("/docs")
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", answer.text)


def test_the_page_tells_everything(client: TestClient) -> None:
    """Each route, each body with its keys and each error code stands on the page, and each link leads somewhere."""
    page, schema = client.get("/docs").text, client.get("/openapi.json").json()
    texts = {"/v1/classify", "/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/rerank"}
    others = {"/v1/models", "/v1/models/{model}", "/healthz", "/readyz", "/metrics"}
    assert texts | others == set(schema["paths"])
    for word in [*schema["paths"], *CODES]:
        assert f"<code>{word}</code>" in page
    assert {"ClassifyRequest", "ClassifyAnswer", "ErrorBody"} <= set(schema["components"]["schemas"])
    for target in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{target}"' in page


def test_the_description_holds_no_dead_reference(client: TestClient) -> None:
    """Every reference of the OpenAPI description is defined in it."""
    answer = client.get("/openapi.json")
    defined = answer.json()["components"]["schemas"]
    for name in re.findall(r'"#/components/schemas/([^"]+)"', answer.text):
        assert name in defined


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/v1/models", "/metrics", "/healthz", "/readyz"])
def test_every_sign_is_readable(client: TestClient, path: str) -> None:
    """Each page is there while the server runs."""
    assert client.get(path).status_code == 200
