"""What is written of requests: enough to find one again, and nothing of what it said or by which key."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from deadlines import until
from shops import Stand, stand_in
from starlette.testclient import TestClient

from argosy.serve.settings import Settings

PHONE, MAIL = "13800138000", "han.meimei@example.com"
TEXT = f"call {PHONE} or write to {MAIL}"
BODIES: dict[str, Any] = {
    "/v1/classify": {"input": [TEXT]},
    "/v1/embeddings": {"input": TEXT, "model": "mood"},
    "/v1/rerank": {"query": TEXT, "documents": [TEXT], "model": "mood"},
    "/v1/chat/completions": {"messages": [{"role": "user", "content": TEXT}], "model": "mood"},
    "/v1/completions": {"prompt": TEXT, "model": "mood"},
}


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A service that sells."""
    with stand_in(tmp_path) as stand:
        yield stand


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The access log."""
    return [json.loads(record.getMessage()) for record in caplog.records if record.name == "argosy.access"]


def test_a_line_tells_who_asked_what_and_what_became_of_it(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    """The client's request id and the ledger's event, key and tenant by their ids, and whether it was charged."""
    caplog.set_level(logging.INFO)
    tenant = stand.tenant()
    issued = stand.key(tenant)
    head = {"authorization": f"Bearer {issued.secret}", "x-request-id": "mine-1"}
    with TestClient(stand.app()) as client:
        client.post("/v1/classify", json={"input": ["good", "ab"]}, headers=head)
        client.post("/v1/classify", json={"input": []}, headers=head)
    good, bad = lines(caplog)
    (line,) = stand.lines(tenant)
    assert isinstance(good.pop("ms"), float)
    assert good == {
        "request_id": "mine-1",
        "event": line.event,
        "key": issued.key.id,
        "tenant": tenant,
        "method": "POST",
        "route": "/v1/classify",
        "model": "mood",
        "status": 200,
        "code": "",
        "texts": 2,
        "tokens": 6,
        "charged": True,
    }
    assert (bad["status"], bad["code"], bad["charged"]) == (422, "empty_input", False)
    assert bad["event"] != "mine-1"


def test_nothing_tells_what_was_said(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    """Every route is asked with a text that holds a phone number and an address, well and badly: no log has a word."""
    caplog.set_level(logging.INFO)
    tenant = stand.tenant()
    issued = stand.key(tenant)
    head = {"authorization": f"Bearer {issued.secret}"}
    app = stand.app(Settings())
    with TestClient(app, raise_server_exceptions=False) as client:
        for path, methods in app.openapi()["paths"].items():
            address = path.replace("{", "").replace("}", "") + f"?q={MAIL}"
            for method in methods:
                for body in (BODIES.get(path, {"comment": TEXT}), {TEXT: TEXT}):
                    client.request(method, address, json=body, headers=head)
                client.request(method, f"/{MAIL}{path}", headers=head)
        client.post("/v1/classify", content=TEXT.encode(), headers=head | {"content-type": "application/json"})
        client.post("/v1/classify", json={"input": TEXT}, headers={"authorization": f"Bearer {issued.secret[:-1]}x"})
        work_in_the_background(client, head)
        told = client.get("/metrics").text
    assert len(lines(caplog)) > 40
    written = "\n".join([told, *(record.getMessage() for record in caplog.records if record.name != "httpx2")])
    assert all(record.exc_info is None for record in caplog.records)
    for secret in (PHONE, MAIL, issued.secret, issued.secret[:-1], "call "):
        assert secret not in written


def work_in_the_background(client: TestClient, head: dict[str, str]) -> None:
    """A batch and a data service over the text, and a word of feedback."""
    answer = client.post("/v1/classify", json={"input": TEXT}, headers=head)
    said = {"request_id": answer.headers["x-argosy-event"], "comment": TEXT}
    assert client.post("/v1/feedback", json=said, headers=head).status_code == 200
    line = {"custom_id": MAIL, "method": "POST", "url": "/v1/classify", "body": {"input": TEXT}}
    for name, purpose, file, endpoint in (
        (f"{MAIL}.jsonl", "batch", json.dumps(line), "/v1/classify"),
        (f"{MAIL}.csv", "data", f"text\n{TEXT}\n", "/v1/data/redact"),
    ):
        form = {"file": (name, io.BytesIO(file.encode())), "purpose": (None, purpose)}
        sent = client.post("/v1/files", files=form, headers=head).json()
        asked = {"input_file_id": sent["id"], "endpoint": endpoint, "metadata": {"column": "text", "note": MAIL}}
        batch = client.post("/v1/batches", json=asked, headers=head).json()
        address = f"/v1/batches/{batch['id']}"
        until(lambda address=address: client.get(address, headers=head).json()["status"] in {"completed", "failed"})


def test_figures_of_charges_batches_and_feedback(stand: Stand) -> None:
    """Charges are timed, lines and words of feedback counted, and nothing waits once all is answered."""
    _, head = stand.buyer()
    idle = {f"argosy_{name} 0.0" for name in ("reserved", "queue_texts", "ledger_queue", "batches_running")}

    def figures() -> list[str] | None:  # a batch is told to be completed a moment before its worker is free
        lines = client.get("/metrics").text.splitlines()
        return lines if idle <= set(lines) else None

    with TestClient(stand.app()) as client:
        work_in_the_background(client, head)
        told = until(figures)
    assert 'argosy_batch_lines_total{outcome="completed"} 1.0' in told
    assert "argosy_feedback_total 1.0" in told
    assert "argosy_settle_seconds_count 2.0" in told
