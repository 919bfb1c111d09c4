"""What a text costs: whole, streamed, left on the way, and when the ledger cannot be written."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import httpx2
import openai
import pytest
from endless import Endless
from listening import listening
from shops import Stand
from starlette.testclient import TestClient

from argosy.config.schema import Project
from argosy.core.account import Limits
from argosy.core.engine import Deltas
from argosy.core.records import Delta, Message, Settings
from argosy.core.tenant import Terms
from argosy.infer.engines.echo import EchoEmbedder, EchoGenerator
from argosy.project.selling.parts import open_selling
from argosy.project.selling.shop import Shop
from argosy.serve.answers.work import Engine
from argosy.serve.settings import Settings as Service
from argosy.store.database import Database

CHAT = "/v1/chat/completions"
ASKED = {"model": "writer", "messages": [{"role": "user", "content": "one two three"}], "seed": 1}
IN, OUT = 10, 100  # micro-units a token
MILLISECOND = 10  # micro-units, under the plan "timed"
PRICES = [
    {"unit": "prompt_tokens", "per": 1000, "price": "0.01"},
    {"unit": "completion_tokens", "per": 1000, "price": "0.10"},
]


@dataclass
class Paused:
    """A model that waits before its second and last token."""

    gate: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)
    name: str = "paused"
    context: int = 100
    chat: bool = True

    def generate(self, prompt: str | Sequence[Message], settings: Settings) -> Deltas:
        """Two words."""
        assert settings.max_tokens > 1

        def pieces() -> Deltas:
            self.begun.set()
            yield Delta(text="one", tokens=1)
            self.gate.wait(30)
            yield Delta(text=" more", tokens=1, finish="stop", prompt_tokens=self.count(prompt))

        return pieces()

    def count(self, prompt: str | Sequence[Message]) -> int:
        """A token a word."""
        return len(prompt.split()) if isinstance(prompt, str) else len(prompt)


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A service that sells tokens."""
    told = {
        "name": "shop",
        "languages": ["en"],
        "data": {"path": "rows.csv"},
        "base": {"model": "package:none"},
        "plans": {
            "standard": {"prices": PRICES},
            "timed": {"prices": [{"unit": "minutes", "per": 1, "price": "0.60"}]},
        },
        "sell": {"settle_seconds": 1.0},
    }
    shop = Shop(project=Project.model_validate(told), folder=tmp_path_factory.mktemp("shop"))
    engines: dict[str, Engine] = {
        "writer": EchoGenerator(),
        "vectors": EchoEmbedder(),
        "endless": Endless(),
        "paused": Paused(),
    }
    with closing(open_selling(shop)) as selling:
        yield Stand(selling=selling, engines=engines)


@pytest.fixture
def endless(stand: Stand) -> Endless:
    """A model that writes until nobody wants more; nobody asked it yet."""
    engine = stand.engines["endless"]
    assert isinstance(engine, Endless)
    engine.begun.clear()
    engine.ended.clear()
    return engine


@contextmanager
def stalled(database: Database) -> Iterator[None]:
    """Another process holds the write lock of the file."""
    connection = database.engine.raw_connection()
    try:
        connection.cursor().execute("BEGIN IMMEDIATE")
        yield
        connection.cursor().execute("ROLLBACK")
    finally:
        connection.close()


def charged(stand: Stand, tenant: str) -> list[tuple[int, int, int]]:
    """Prompt tokens, completion tokens and micro-units of each line."""
    return [
        (line.quantities["prompt_tokens"], line.quantities.get("completion_tokens", 0), line.amount)
        for line in stand.lines(tenant)
    ]


def test_a_text_costs_the_same_whole_and_streamed(stand: Stand) -> None:
    """What ``usage`` says is what the ledger has."""
    tenant, head = stand.buyer()
    with TestClient(stand.app()) as client:
        usage = client.post(CHAT, json=ASKED, headers=head).json()["usage"]
        client.post(CHAT, json=ASKED | {"stream": True}, headers=head)
        client.post("/v1/completions", json={"model": "writer", "prompt": "一 二"}, headers=head)
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (4, 6)
    line = (4, 6, 4 * IN + 6 * OUT)
    assert charged(stand, tenant) == [line, line, (2, 4, 2 * IN + 4 * OUT)]


def test_vectors_and_orders_cost_what_was_read(stand: Stand) -> None:
    """Embedding and reranking are charged by their prompt tokens."""
    tenant, head = stand.buyer()
    with TestClient(stand.app()) as client:
        client.post("/v1/embeddings", json={"input": ["a b", "c"]}, headers=head)
        client.post("/v1/rerank", json={"query": "a", "documents": ["a b", "c"]}, headers=head)
    assert charged(stand, tenant) == [(3, 0, 3 * IN), (4, 0, 4 * IN)]


def test_no_more_is_written_than_there_is_money_for(stand: Stand) -> None:
    """The most that a text may cost is kept free before it is begun: 402, streamed or not, and nothing is charged."""
    tenant, head = stand.buyer(Limits(budget=4 * IN + 5 * OUT))
    with TestClient(stand.app()) as client:
        for more in ({}, {"stream": True}):
            answer = client.post(CHAT, json=ASKED | more | {"max_tokens": 6}, headers=head)
            assert (answer.status_code, answer.json()["error"]["code"]) == (402, "budget_spent")
        assert charged(stand, tenant) == []
        assert client.post(CHAT, json=ASKED | {"max_tokens": 5}, headers=head).status_code == 200
    assert charged(stand, tenant) == [(4, 5, 4 * IN + 5 * OUT)]


@pytest.mark.parametrize("stream", [False, True])
def test_the_same_request_is_charged_once(stand: Stand, stream: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A retry under the same idempotency key gets the same bytes, a stream too."""
    tenant, head = stand.buyer()
    body = ASKED | {"stream": stream}
    with TestClient(stand.app()) as client:
        first, again = (client.post(CHAT, json=body, headers=head | {"idempotency-key": "k"}) for _ in range(2))
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert first.headers["content-type"].partition(";")[0] == again.headers["content-type"].partition(";")[0]
    assert len(charged(stand, tenant)) == 1


def test_a_stream_that_is_left_costs_what_was_sent(stand: Stand, endless: Endless) -> None:
    """OpenAI's client leaves after some pieces: the model stops, and what was sent until then is charged, not more."""
    tenant, head = stand.buyer(Limits(concurrent=1))
    secret = head["authorization"].removeprefix("Bearer ")
    with listening(stand.app()) as address, openai.OpenAI(base_url=f"{address}/v1", api_key=secret) as client:
        asked = client.chat.completions.create(
            model="endless", messages=[{"role": "user", "content": "go"}], stream=True, max_tokens=100_000
        )
        with asked as stream:
            read = sum(bool(piece.choices[0].delta.content) for _, piece in zip(range(100), stream, strict=False))
        assert endless.ended.wait(30)
        again = client.completions.create(model="writer", prompt="one")  # the first one has ended: there is room
    assert again.usage is not None
    (prompt, completion, amount), last = charged(stand, tenant)
    assert (prompt, amount) == (3, 3 * IN + completion * OUT)
    assert read <= completion < 100_000
    assert last == (1, 2, IN + 2 * OUT)


def test_time_is_sold(stand: Stand) -> None:
    """A plan by the minute charges whole milliseconds from the room to the charge, and keeps ten minutes free first."""
    tenant, head = stand.buyer(Limits(budget=600_000 * MILLISECOND), plan="timed")
    paused = Paused()
    before = time.monotonic()
    with TestClient(stand.selling.app({"paused": paused}, Service())) as client, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(client.post, "/v1/completions", json={"prompt": "one"}, headers=head)
        assert paused.begun.wait(30)
        begun = time.monotonic()
        while time.monotonic() - begun < 0.03:  # so long it works at least
            pass
        paused.gate.set()
        assert answer.result().status_code == 200
        after = time.monotonic()
        again = client.post("/v1/completions", json={"prompt": "one"}, headers=head)
    assert (again.status_code, again.json()["error"]["code"]) == (402, "budget_spent")
    (line,) = stand.lines(tenant)
    assert 30 <= line.quantities["milliseconds"] <= 1000 * (after - before)
    assert line.amount == line.quantities["milliseconds"] * MILLISECOND


@pytest.mark.parametrize("pieces", range(1, 12))
def test_who_leaves_pays_for_no_piece_that_never_came(stand: Stand, endless: Endless, pieces: int) -> None:
    """A client says that it leaves and reads on until the server has heard it: what is charged is what came."""
    tenant, head = stand.buyer()
    body = json.dumps({"model": "endless", "prompt": "go", "max_tokens": 100_000, "stream": True}).encode()
    asked = ["POST /v1/completions HTTP/1.1", "host: a", "content-type: application/json"]
    asked += [f"authorization: {head['authorization']}", f"content-length: {len(body)}", "", ""]
    with listening(stand.app()) as address:
        place = address.removeprefix("http://").split(":")
        with socket.create_connection((place[0], int(place[1])), timeout=30) as door, door.makefile("rb") as file:
            door.sendall("\r\n".join(asked).encode() + body)
            seen = 0
            while seen < pieces:
                seen += b'"text": "on "' in file.readline()
            door.shutdown(socket.SHUT_WR)
            seen += file.read().count(b'"text": "on "')
        assert endless.ended.wait(30)
    while not (lines := charged(stand, tenant)):
        pass
    ((_, completion, _),) = lines
    assert completion <= seen


def test_a_stream_that_is_left_costs_the_time_that_it_took(stand: Stand, endless: Endless) -> None:
    """By the minute, what was recorded of a stream has its time too; who does not pay for time is told none."""
    tenant, head = stand.buyer(plan="timed")
    other, other_head = stand.buyer()
    body = {"model": "endless", "prompt": "go", "max_tokens": 100_000, "stream": True}
    with listening(stand.app()) as address, httpx2.Client(base_url=address, headers=head) as client:
        with client.stream("POST", "/v1/completions", json=body) as answer:
            lines = answer.iter_lines()
            for _ in range(100):
                next(lines)
        assert endless.ended.wait(30)
        while not stand.lines(tenant):
            pass
        assert (
            client.post("/v1/completions", json={"model": "writer", "prompt": "a"}, headers=other_head).status_code
            == 200
        )
    (line,) = stand.lines(tenant)
    assert line.quantities["milliseconds"] > 0
    assert line.amount == MILLISECOND * line.quantities["milliseconds"]
    assert "milliseconds" not in stand.lines(other)[0].quantities


def test_an_answer_that_nobody_waits_for_costs_nothing(stand: Stand, endless: Endless) -> None:
    """A client that hangs up before an answer that is not streamed pays nothing, and the model stops."""
    tenant, head = stand.buyer()
    body = {"model": "endless", "prompt": "go", "max_tokens": 100_000}

    async def leave(address: str) -> None:
        async with httpx2.AsyncClient(base_url=address, headers=head) as client:
            asking = asyncio.create_task(client.post("/v1/completions", json=body))
            assert await asyncio.to_thread(endless.begun.wait, 30)
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    with listening(stand.app()) as address:
        asyncio.run(leave(address))
        assert endless.ended.wait(30)
    assert charged(stand, tenant) == []


def test_a_stream_whose_charge_cannot_be_written_ends_with_an_error(stand: Stand) -> None:
    """The text is out and its end is not; what could not be written is not charged, and the next one is answered."""
    paused = stand.engines["paused"]
    assert isinstance(paused, Paused)
    tenant, head = stand.buyer(Limits(concurrent=1))
    body = {"model": "paused", "prompt": "one two", "stream": True}
    with (
        listening(stand.app()) as address,
        httpx2.Client(base_url=address, headers=head) as client,
        client.stream("POST", "/v1/completions", json=body) as answer,
    ):
        lines = (line.removeprefix("data: ") for line in answer.iter_lines() if line)
        assert json.loads(next(lines))["choices"][0]["text"] == ""
        assert json.loads(next(lines))["choices"][0]["text"] == "one"
        with stalled(stand.selling.database):
            paused.gate.set()
            told = [json.loads(line) for line in lines]
        assert [piece["choices"][0]["text"] for piece in told[:-1]] in ([], [" more"])  # a record may be what fails
        assert told[-1]["error"]["code"] in {"ledger_slow", "ledger_unavailable"}
        with httpx2.Client(base_url=address, headers=head) as other:
            while other.post("/v1/completions", json={"model": "writer", "prompt": "a"}).status_code != 200:
                pass
    *before, last = charged(stand, tenant)
    assert last == (1, 2, IN + 2 * OUT)
    assert before in ([], [(2, 1, 2 * IN + OUT)])  # what was recorded before the disk stalled, or nothing


def test_a_key_for_any_kind_of_model_sees_them(stand: Stand) -> None:
    """A key that embeds alone sees the models and embeds, and writes nothing."""
    tenant = stand.tenant()
    secret = stand.key(tenant, Terms(scopes=frozenset({"embed"}))).secret
    head = {"authorization": f"Bearer {secret}"}
    with TestClient(stand.app()) as client:
        assert len(client.get("/v1/models", headers=head).json()["data"]) == 4
        assert client.get("/v1/models").status_code == 401
        assert client.post("/v1/embeddings", json={"input": "a"}, headers=head).status_code == 200
        assert client.post(CHAT, json=ASKED, headers=head).json()["error"]["code"] == "no_scope"
