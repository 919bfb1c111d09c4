"""Batches: a file in, a file out, with the answers and the charges of live requests."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai
import pytest
import sqlalchemy as sa
from deadlines import until
from openai.types import Batch
from shops import TEXT, Gated, Stand, stand_in
from starlette.testclient import TestClient

from argosy.core.account import Limits
from argosy.core.jobs import Progress
from argosy.core.tenant import Terms
from argosy.infer.engines.echo import EchoEmbedder, EchoGenerator
from argosy.serve.answers.work import Engine
from argosy.serve.jobs.parts import Bounds
from argosy.serve.jobs.shelf import now
from argosy.store.jobs import batches

TEXTS = ["good", "物流很快", "broke after a day", "quite negative", "不错"]


@pytest.fixture(scope="module", params=["near", "far"])
def stand(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A service that sells, with its desk in its own process and apart from it."""
    with stand_in(tmp_path_factory.mktemp("shop"), far=request.param == "far") as stand:
        yield stand


@pytest.fixture(scope="module")
def client(stand: Stand) -> Iterator[TestClient]:
    """A client of the running service."""
    with TestClient(stand.app(), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[tuple[Stand, Gated]]:
    """A service whose model answers when it is let."""
    engine = Gated()
    with stand_in(tmp_path, engines={"mood": engine}) as stand:
        yield stand, engine
        engine.gate.set()


def buyer(client: TestClient, stand: Stand, limits: Limits | None = None) -> tuple[str, openai.OpenAI]:
    """A new tenant, and OpenAI's client with its key."""
    tenant = stand.tenant(limits)
    secret = stand.key(tenant).secret
    return tenant, openai.OpenAI(api_key=secret, base_url="http://testserver/v1", http_client=client, max_retries=0)


def lines_of(texts: list[str], **body: object) -> bytes:
    """A batch's file."""
    told = (
        {"custom_id": f"行 {place}", "method": "POST", "url": "/v1/classify", "body": {"input": text, **body}}
        for place, text in enumerate(texts)
    )
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in told).encode()


def run(ai: openai.OpenAI, file: bytes, endpoint: str = "/v1/classify", **more: Any) -> Batch:
    """The batch over a file, once it has ended."""
    name, purpose = more.pop("name", "in.jsonl"), more.pop("purpose", "batch")
    sent = ai.files.create(file=(name, io.BytesIO(file)), purpose=purpose)
    batch = ai.batches.create(
        input_file_id=sent.id,
        endpoint=endpoint,  # type: ignore[arg-type]
        completion_window="24h",
        **more,
    )
    return until(lambda: _ended(ai, batch.id))


def _ended(ai: openai.OpenAI, batch: str) -> Batch | None:
    found = ai.batches.retrieve(batch)
    return found if found.status in {"completed", "failed", "expired", "cancelled"} else None


def read(ai: openai.OpenAI, file: str | None) -> list[dict[str, Any]]:
    """The lines of a file."""
    assert file is not None
    return [json.loads(line) for line in ai.files.content(file).text.splitlines()]


def test_answers_are_those_of_live_requests(client: TestClient, stand: Stand) -> None:
    """Every line has the answer that a request has, in order, and is charged once, what a request costs."""
    tenant, ai = buyer(client, stand)
    done = run(ai, lines_of(TEXTS))
    assert (done.status, done.errors, done.error_file_id) == ("completed", None, None)
    assert done.request_counts is not None
    assert done.request_counts.model_dump() == {"total": 5, "completed": 5, "failed": 0}
    found = read(ai, done.output_file_id)
    assert [line["custom_id"] for line in found] == [f"行 {place}" for place in range(5)]
    assert [line.amount for line in stand.lines(tenant)] == [TEXT] * 5
    live = [ai.post("/classify", body={"input": text}, cast_to=object) for text in TEXTS]
    assert [line["response"]["body"] for line in found] == live
    assert {line["response"]["status_code"] for line in found} == {200}
    assert len({line["id"] for line in found} | {line["response"]["request_id"] for line in found}) == 10


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        (
            "/v1/chat/completions",
            {"model": "writer", "messages": [{"role": "user", "content": "一 two three"}], "seed": 3},
        ),
        ("/v1/completions", {"model": "writer", "prompt": "one two three", "seed": 3}),
        ("/v1/embeddings", {"model": "vectors", "input": ["one two", "three"]}),
        ("/v1/rerank", {"model": "vectors", "query": "one", "documents": ["two", "one"]}),
    ],
)
def test_every_endpoint_has_batches(tmp_path: Path, endpoint: str, body: dict[str, Any]) -> None:
    """Written texts, vectors and ranks are those of live requests, but for ids and times, at the same price."""
    engines: dict[str, Engine] = {"writer": EchoGenerator(), "vectors": EchoEmbedder()}
    with (
        stand_in(tmp_path, engines=engines) as stand,
        TestClient(stand.app(), raise_server_exceptions=False) as client,
    ):
        tenant = stand.tenant(plan="asked")
        secret = stand.key(tenant).secret
        ai = openai.OpenAI(api_key=secret, base_url="http://testserver/v1", http_client=client, max_retries=0)
        line = {"custom_id": "a", "method": "POST", "url": endpoint, "body": body}
        (told,) = read(ai, run(ai, json.dumps(line).encode(), endpoint).output_file_id)
        live = client.post(endpoint, json=body, headers={"authorization": f"Bearer {secret}"}).json()
        own = {"id": 0, "created": 0, "AIGC": 0}  # the last is the mark of a written text, which holds its id
        assert told["response"]["body"] | own == live | own
        first, second = stand.lines(tenant)
        assert (first.model, first.quantities, first.route) == (second.model, second.quantities, second.route)


def test_a_batch_steps_back_behind_live_requests(gate: tuple[Stand, Gated]) -> None:
    """Some lines are asked at once; while as many live requests are answered, one line is."""
    stand, engine = gate
    selling = replace(stand.selling, batching=replace(stand.selling.batching, bounds=Bounds(in_flight=3)))
    with TestClient(replace(stand, selling=selling).app(), raise_server_exceptions=False) as client:
        _, ai = buyer(client, stand)
        sent = ai.files.create(file=("in.jsonl", lines_of(TEXTS * 4)), purpose="batch")
        batch = ai.batches.create(input_file_id=sent.id, endpoint="/v1/classify", completion_window="24h")  # type: ignore[arg-type]
        assert engine.begun.wait(30)
        until(lambda: "argosy_reserved 3.0" in client.get("/metrics").text)
        held = _held_until(stand, batch.id)
        until(lambda: _held_until(stand, batch.id) > held)
        assert "argosy_reserved 3.0" in client.get("/metrics").text
        engine.gate.set()
        assert until(lambda: _ended(ai, batch.id)).status == "completed"


def test_a_bad_line_fails_alone(client: TestClient, stand: Stand) -> None:
    """A request that a live one would be refused for stands in the error file with its refusal, and costs nothing."""
    tenant, ai = buyer(client, stand)
    done = run(ai, lines_of(["good", " ", "不错"]))
    assert done.request_counts is not None
    assert (done.status, done.request_counts.failed) == ("completed", 1)
    (bad,) = read(ai, done.error_file_id)
    assert (bad["custom_id"], bad["response"]["status_code"], bad["error"]) == ("行 1", 422, None)
    assert bad["response"]["body"]["error"]["code"] == "empty_input"
    assert [line["custom_id"] for line in read(ai, done.output_file_id)] == ["行 0", "行 2"]
    assert len(stand.lines(tenant)) == 2


def test_a_file_that_is_no_batch_is_not_begun(client: TestClient, stand: Stand) -> None:
    """Every fault is told with its line, in the language asked for, before anything is answered or charged."""
    tenant, ai = buyer(client, stand)
    good = lines_of(["good"])
    other = json.dumps({"custom_id": "x", "method": "POST", "url": "/v1/embeddings", "body": {}}).encode()
    done = run(ai, b"\n".join([good, b"{", good, b"[1]", other]), extra_headers={"accept-language": "zh-CN"})
    assert done.status == "failed"
    assert done.errors is not None
    told = [(error.code, error.line) for error in done.errors.data or []]
    assert told == [
        ("invalid_json_line", 2),
        ("duplicate_custom_id", 3),
        ("invalid_json_line", 4),
        ("invalid_url", 5),
    ]
    assert (done.output_file_id, stand.lines(tenant)) == (None, [])


def test_an_empty_file_holds_no_batch(client: TestClient, stand: Stand) -> None:
    """Blank lines are no requests."""
    _, ai = buyer(client, stand)
    done = run(ai, b"\n \n")
    assert done.errors is not None
    assert [error.code for error in done.errors.data or []] == ["empty_file"]


def test_a_spent_budget_stops_a_batch(client: TestClient, stand: Stand) -> None:
    """What the budget reached for is answered, charged and there to read; the batch says why it stopped, and where."""
    tenant, ai = buyer(client, stand, Limits(budget=3 * TEXT))
    done = run(ai, lines_of([f"text {number}" for number in range(30)]))
    assert done.status == "failed"
    assert done.errors is not None
    (error,) = done.errors.data or []
    assert error.code == "budget_spent"
    assert error.line is not None
    assert len(read(ai, done.output_file_id)) == 3
    assert sum(line.amount for line in stand.lines(tenant)) == 3 * TEXT


def test_other_tenants_see_nothing(client: TestClient, stand: Stand) -> None:
    """Files and batches of another tenant are not there: neither to read, nor to work on, nor to stop or delete."""
    _, ai = buyer(client, stand)
    _, other = buyer(client, stand)
    done = run(ai, lines_of(["good"]))
    for ask in (
        lambda: other.batches.retrieve(done.id),
        lambda: other.batches.cancel(done.id),
        lambda: other.files.retrieve(done.input_file_id),
        lambda: other.files.content(done.output_file_id or ""),
        lambda: other.files.delete(done.input_file_id),
        lambda: other.batches.create(
            input_file_id=done.input_file_id,
            endpoint="/v1/classify",  # type: ignore[arg-type]
            completion_window="24h",
        ),
    ):
        with pytest.raises(openai.NotFoundError):
            ask()
    assert list(other.files.list()) == []
    assert list(other.batches.list()) == []
    assert {file.purpose for file in ai.files.list()} == {"batch", "batch_output"}


def test_batches_are_listed_in_pages(client: TestClient, stand: Stand) -> None:
    """OpenAI's client walks through all of them, the newest first."""
    _, ai = buyer(client, stand)
    ids = [run(ai, lines_of(["good"])).id for _ in range(3)]
    assert [batch.id for batch in ai.batches.list(limit=2)] == ids[::-1]


def test_a_batch_needs_the_rights_of_its_endpoint(client: TestClient, stand: Stand) -> None:
    """A key that may make batches but not ask the endpoint may not have a batch ask it."""
    tenant = stand.tenant()
    secret = stand.key(tenant, Terms(scopes=frozenset({"batch", "embed"}))).secret
    ai = openai.OpenAI(api_key=secret, base_url="http://testserver/v1", http_client=client, max_retries=0)
    with pytest.raises(openai.PermissionDeniedError):
        run(ai, lines_of(["good"]))


def test_what_a_batch_cannot_be_is_told_at_once(client: TestClient, stand: Stand) -> None:
    """Unknown endpoints and windows are refused by name."""
    _, ai = buyer(client, stand)
    sent = ai.files.create(file=("in.jsonl", lines_of(["good"])), purpose="batch")
    for wrong, param in (({"endpoint": "/v1/other"}, "endpoint"), ({"completion_window": "9d"}, "completion_window")):
        asked = {"input_file_id": sent.id, "endpoint": "/v1/classify", "completion_window": "24h", **wrong}
        with pytest.raises(openai.UnprocessableEntityError) as caught:
            ai.batches.create(**asked)  # type: ignore[arg-type]
        assert caught.value.param == param


def test_a_batch_can_be_cancelled(gate: tuple[Stand, Gated]) -> None:
    """Nothing new is begun; what was being answered is, is charged, and stays to be read."""
    stand, engine = gate
    with TestClient(stand.app(), raise_server_exceptions=False) as client:
        tenant, ai = buyer(client, stand)
        sent = ai.files.create(file=("in.jsonl", lines_of([f"text {number}" for number in range(40)])), purpose="batch")
        batch = ai.batches.create(input_file_id=sent.id, endpoint="/v1/classify", completion_window="24h")  # type: ignore[arg-type]
        assert engine.begun.wait(30)
        assert ai.batches.cancel(batch.id).status == "cancelling"
        held = _held_until(stand, batch.id)
        until(lambda: _held_until(stand, batch.id) > held)  # who works on it has renewed the claim, and heard
        engine.gate.set()
        done = until(lambda: _ended(ai, batch.id))
        assert done.status == "cancelled"
        assert 0 < len(read(ai, done.output_file_id)) == len(stand.lines(tenant)) < 40


def _held_until(stand: Stand, batch: str) -> int:
    with stand.selling.database.reading() as connection:
        return int(connection.execute(sa.select(batches.c.held_until).where(batches.c.id == batch)).scalar_one())


def test_a_batch_expires_with_its_window(gate: tuple[Stand, Gated]) -> None:
    """What is not answered by then stands in the error file as expired; what was is charged and there to read."""
    stand, engine = gate
    jobs, lease = stand.selling.batching.jobs, stand.selling.batching.bounds.lease
    selling = replace(stand.selling, batching=replace(stand.selling.batching, bounds=Bounds(poll=0.05)))
    with TestClient(replace(stand, selling=selling).app(), raise_server_exceptions=False) as client:
        tenant, ai = buyer(client, stand)
        first = run(ai, b"\n")
        sent = ai.files.create(file=("in.jsonl", lines_of([f"text {number}" for number in range(40)])), purpose="batch")
        known = jobs.get(tenant, first.id)
        assert known is not None
        over = now() + 1_000_000
        short = replace(known, id="batch_short", input=sent.id, expires=over, status="validating", problems=())
        jobs.add(replace(short, progress=Progress(), output="file-short1", errors="file-short2")).result()
        until(lambda: _ended(ai, short.id) or _held_until(stand, short.id) > over + lease * 1_000_000)
        engine.gate.set()
        done = until(lambda: _ended(ai, short.id))
        assert done.status == "expired"
        answered = read(ai, done.output_file_id) if done.output_file_id else []  # none where the machine is slow
        left = read(ai, done.error_file_id)
        assert len(answered) == len(stand.lines(tenant)) < 40
        assert [line["custom_id"] for line in [*answered, *left]] == [f"行 {number}" for number in range(40)]
        assert {line["error"]["code"] for line in left} == {"batch_expired"}
        assert {line["response"] for line in left} == {None}


def test_a_revoked_key_stops_its_batches(gate: tuple[Stand, Gated]) -> None:
    """A batch whose key is revoked meanwhile stops, and says so."""
    stand, engine = gate
    issued = stand.key(stand.tenant())
    other = stand.key(issued.key.tenant or "").secret
    with TestClient(stand.app(), raise_server_exceptions=False) as client:
        ai = openai.OpenAI(api_key=issued.secret, base_url="http://testserver/v1", http_client=client, max_retries=0)
        sent = ai.files.create(file=("in.jsonl", lines_of(TEXTS * 10)), purpose="batch")
        batch = ai.batches.create(input_file_id=sent.id, endpoint="/v1/classify", completion_window="24h")  # type: ignore[arg-type]
        assert engine.begun.wait(30)
        stand.selling.books.accounts.revoke_key(issued.key.id, "test").result()
        stand.selling.books.directory.refresh()
        engine.gate.set()
        ai.api_key = other
        done = until(lambda: _ended(ai, batch.id))
    assert done.errors is not None
    assert [error.code for error in done.errors.data or []] == ["invalid_key"]
