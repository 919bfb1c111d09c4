"""Who is let in, what is refused and how, and what is charged: the same with the desk near and far."""

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import openai
import pytest
from httpx2 import Response
from shops import TEXT, Gated, Stand, stand_in
from starlette.testclient import TestClient
from starlette.types import Message, Receive

from argosy.core.account import SCOPES, Limits
from argosy.core.tenant import Terms
from argosy.infer.engines.echo import EchoEngine
from argosy.serve.errors import CODES
from argosy.serve.settings import Settings
from argosy.serve.wire.stream import GONE
from argosy.store.database import Database

ASKED = {"input": "good"}


@pytest.fixture(params=["near", "far"], scope="module")
def desk(request: pytest.FixtureRequest) -> str:
    """Whether a socket lies between the service and its desk."""
    return str(request.param)


@pytest.fixture(scope="module")
def stand(desk: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A service that sells."""
    with stand_in(tmp_path_factory.mktemp("shop"), far=desk == "far", engines=_engines()) as stand:
        yield stand


@pytest.fixture
def own(desk: str, tmp_path: Path) -> Iterator[Stand]:
    """A service of the test's own, to start as it likes."""
    with stand_in(tmp_path, far=desk == "far", settle_seconds=0.2) as stand:
        yield stand


@pytest.fixture(scope="module")
def client(stand: Stand) -> Iterator[TestClient]:
    """A client of the running service."""
    with TestClient(stand.app(), raise_server_exceptions=False) as client:
        yield client


def _engines() -> dict[str, EchoEngine | Gated]:
    return {"mood": EchoEngine(), "slow": Gated(), "unsold": EchoEngine()}


def ask(client: TestClient, head: dict[str, str], **body: object) -> Response:
    """One request."""
    return client.post("/v1/classify", json=ASKED | body, headers=head)


def refused(answer: Response, code: str) -> Response:
    """The answer, once it is known to be that refusal, in the shape of OpenAI's."""
    error = answer.json()["error"]
    assert (error["code"], answer.status_code, error["type"]) == (code, *CODES[code])
    return answer


def test_a_request_without_a_good_key_is_told_why(client: TestClient, stand: Stand) -> None:
    """No key, a mistyped one, an unknown one and an expired one are 401, each with its code and its scheme."""
    tenant = stand.tenant()
    over = stand.key(tenant, Terms(scopes=frozenset(SCOPES), expires=1)).secret
    assert refused(ask(client, {}), "missing_key").headers["www-authenticate"] == "Bearer"
    refused(ask(client, {"authorization": "Bearer ak_live_oops"}), "invalid_key")
    refused(ask(client, {"authorization": f"Bearer {'x' * 5000}"}), "invalid_key")
    refused(ask(client, {"authorization": f"Bearer {over}"}), "expired_key")
    assert stand.lines(tenant) == []


def test_a_key_may_come_in_either_header(client: TestClient, stand: Stand) -> None:
    """A key opens as a bearer's token and as x-api-key."""
    tenant = stand.tenant()
    secret = stand.key(tenant).secret
    assert ask(client, {"x-api-key": secret}).status_code == 200
    assert ask(client, {"authorization": f"bearer {secret}"}).status_code == 200
    assert [line.amount for line in stand.lines(tenant)] == [TEXT, TEXT]


def test_a_revoked_key_is_refused_within_a_second(client: TestClient, stand: Stand) -> None:
    """Once the directory has looked, which it does within a second, a revoked key opens nothing."""
    issued = stand.key(stand.tenant())
    head = {"authorization": f"Bearer {issued.secret}"}
    assert ask(client, head).status_code == 200
    stand.selling.books.accounts.revoke_key(issued.key.id, "test").result()
    stand.selling.books.directory.refresh()
    assert ask(client, head).status_code == 401


def test_a_key_opens_what_it_is_for(client: TestClient, stand: Stand) -> None:
    """Other scopes, other models, keys of the admin side and suspended tenants are refused."""
    tenant = stand.tenant()
    other = stand.key(tenant, Terms(scopes=frozenset({"embed"}))).secret
    admin = stand.selling.books.accounts.create_key(None, Terms(role="owner"), "test").result().secret
    some = stand.key(tenant, Terms(scopes=frozenset(SCOPES), models=frozenset({"slow"}))).secret
    refused(ask(client, {"authorization": f"Bearer {other}"}), "no_scope")
    refused(ask(client, {"authorization": f"Bearer {admin}"}), "no_scope")
    refused(ask(client, {"authorization": f"Bearer {some}"}, model="mood"), "model_forbidden")
    assert [entry["id"] for entry in _models(client, some)] == ["slow"]
    stand.selling.books.accounts.suspend(tenant, "unpaid", "test").result()
    stand.selling.books.directory.refresh()
    refused(ask(client, {"authorization": f"Bearer {some}"}, model="slow"), "suspended")


def _models(client: TestClient, secret: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = client.get("/v1/models", headers={"authorization": f"Bearer {secret}"}).json()["data"]
    return found


def test_a_key_for_pages_opens_for_their_origins(client: TestClient, stand: Stand) -> None:
    """A key with origins is for these alone; a browser may read the answer, and asks before without a key."""
    terms = Terms(scopes=frozenset(SCOPES), origins=("https://acme.example",))
    head = {"authorization": f"Bearer {stand.key(stand.tenant(), terms).secret}"}
    refused(ask(client, head), "origin_forbidden")
    answer = refused(ask(client, head | {"origin": "https://evil.example"}), "origin_forbidden")
    assert "access-control-allow-origin" not in answer.headers
    answer = ask(client, head | {"origin": "https://acme.example"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "https://acme.example")
    assert "x-argosy-event" in answer.headers["access-control-expose-headers"]
    before = {"origin": "https://acme.example", "access-control-request-method": "POST"}
    answer = client.options("/v1/classify", headers=before)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "https://acme.example")
    assert "authorization" in answer.headers["access-control-allow-headers"]


def test_a_bad_key_is_refused_before_the_body(own: Stand) -> None:
    """The body of a request with a bad key is never asked for."""
    sent: list[Message] = []

    async def never() -> Message:
        raise AssertionError

    async def keep(message: Message) -> None:
        sent.append(message)

    async def ask() -> None:
        app = own.app()
        async with app.router.lifespan_context(app):
            await app(_scope({"authorization": "Bearer ak_live_no"}), never, keep)

    asyncio.run(ask())
    assert sent[0]["status"] == 401


def _scope(head: dict[str, str]) -> dict[str, object]:
    names = {"content-type": "application/json", **head}
    headers = [(name.encode(), value.encode()) for name, value in names.items()]
    return {"type": "http", "method": "POST", "path": "/v1/classify", "query_string": b"", "headers": headers}


def test_a_budget_is_never_overspent(client: TestClient, stand: Stand) -> None:
    """Of 50 requests at once with money for 10, ten are answered and charged, and 40 get 402."""
    tenant, head = stand.buyer(Limits(budget=10 * TEXT))
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: ask(client, head), range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [402] * 40
    for answer in answers:
        if answer.status_code != 200:
            assert refused(answer, "budget_spent").headers["x-should-retry"] == "false"
    assert sum(line.amount for line in stand.lines(tenant)) == 10 * TEXT
    assert [line.seq for line in stand.lines(tenant)] == list(range(1, 11))


def test_a_quota_ends_with_the_month(client: TestClient, stand: Stand) -> None:
    """Over the quota it is 429, with the time until the month ends."""
    tenant, head = stand.buyer(Limits(quota={"texts": 3}))
    assert ask(client, head, input=["a", "b"]).status_code == 200
    answer = refused(ask(client, head, input=["a", "b"]), "quota_spent")
    assert 0 < int(answer.headers["retry-after"]) <= 31 * 86_400
    assert ask(client, head).status_code == 200
    assert [line.quantities["texts"] for line in stand.lines(tenant)] == [2, 1]


def test_who_pays_before_spends_no_more(client: TestClient, stand: Stand) -> None:
    """On a prepaid plan an empty wallet is 402."""
    _, head = stand.buyer(plan="wallet")
    refused(ask(client, head), "wallet_empty")


def test_what_has_no_price_is_not_sold(client: TestClient, stand: Stand) -> None:
    """A model without a price, and a plan that is not there, fail closed."""
    _, head = stand.buyer()
    refused(ask(client, head, model="unsold"), "no_price")
    _, head = stand.buyer(plan="gone")
    refused(ask(client, head), "no_price")


def test_a_minute_has_so_many_requests(client: TestClient, stand: Stand) -> None:
    """The answers tell what is left; the request after the last one is refused until there is room, and is free."""
    tenant, head = stand.buyer(Limits(requests_per_minute=2, tokens_per_minute=10_000))
    first, second = ask(client, head), ask(client, head)
    left = [answer.headers["x-ratelimit-remaining-requests"] for answer in (first, second)]
    assert (left, first.headers["x-ratelimit-limit-tokens"]) == (["1", "0"], "10000")
    answer = refused(ask(client, head), "rate_limited")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.headers["x-ratelimit-remaining-requests"] == "0"
    assert len(stand.lines(tenant)) == 2


def test_a_minute_has_so_many_tokens(client: TestClient, stand: Stand) -> None:
    """A request counts by its bound, then by what it used; one that is too large for any minute is not to come back."""
    _, head = stand.buyer(Limits(tokens_per_minute=40))
    assert ask(client, head, input="x" * 20).status_code == 200
    refused(ask(client, head, input="x" * 20), "rate_limited")
    assert ask(client, head, input="x" * 10).status_code == 200
    answer = refused(ask(client, head, input="x" * 100), "rate_limited")
    assert answer.headers["x-should-retry"] == "false"
    assert "retry-after" not in answer.headers


def test_the_same_request_is_charged_once(client: TestClient, stand: Stand) -> None:
    """A retry gets the same bytes and is marked; the same key with another body is refused."""
    tenant, head = stand.buyer()
    head |= {"idempotency-key": "order-7"}
    first, again = ask(client, head), ask(client, head)
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    refused(ask(client, head, input="bad"), "idempotency_mismatch")
    refused(ask(client, head | {"idempotency-key": "two words"}), "bad_request")
    assert [line.amount for line in stand.lines(tenant)] == [TEXT]


def test_what_is_in_flight_is_not_begun_twice(client: TestClient, stand: Stand) -> None:
    """While a request is answered its twin gets 409, another body 422, and one more than may be at once 429."""
    tenant, head = stand.buyer(Limits(concurrent=1))
    head |= {"idempotency-key": "one"}
    engine = stand.engines["slow"]
    assert isinstance(engine, Gated)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask, client, head, model="slow")
        assert engine.begun.wait(30)
        assert refused(ask(client, head, model="slow"), "idempotency_in_flight").headers["retry-after"] == "1"
        refused(ask(client, head, model="slow", input="other"), "idempotency_mismatch")
        refused(ask(client, head | {"idempotency-key": "two"}), "too_many_concurrent")
        engine.gate.set()
        assert first.result().status_code == 200
    assert ask(client, head, model="slow").headers["idempotent-replayed"] == "true"
    assert ask(client, head | {"idempotency-key": "two"}).status_code == 200
    assert len(stand.lines(tenant)) == 2


def test_who_hangs_up_is_not_charged(own: Stand) -> None:
    """A client that is gone before its answer pays nothing, and what was reserved for it is free again."""
    tenant, head = own.buyer(Limits(budget=TEXT, concurrent=1))
    sent: list[Message] = []

    def client(after: str) -> Receive:
        heard: list[Message] = [{"type": "http.request", "body": b'{"input": "good"}'}]

        async def receive() -> Message:
            if not heard and after == "stays":
                await asyncio.Event().wait()
            return heard.pop() if heard else {"type": "http.disconnect"}

        return receive

    async def keep(message: Message) -> None:
        sent.append(message)

    async def ask() -> None:
        app = own.app()
        async with app.router.lifespan_context(app):
            await app(_scope(head), client("leaves"), keep)
            await app(_scope(head) | {"state": {GONE: lambda: True}}, client("stays"), keep)  # its connection knows
            assert (sent, own.lines(tenant)) == ([], [])
            await app(_scope(head), client("stays"), keep)

    asyncio.run(ask())
    assert sent[0]["status"] == 200
    assert [line.amount for line in own.lines(tenant)] == [TEXT]


def test_what_fails_is_not_charged(own: Stand) -> None:
    """A refused body and a failing engine cost nothing."""
    tenant, head = own.buyer(Limits(budget=TEXT))
    with TestClient(own.app(Settings(max_texts=1)), raise_server_exceptions=False) as client:
        assert client.post("/v1/classify", json={"input": ["a", "b"]}, headers=head).status_code == 413
        assert client.post("/v1/classify", json=ASKED, headers=head).status_code == 200
    assert len(own.lines(tenant)) == 1


def test_a_stalled_disk_is_a_503_that_costs_nothing(own: Stand) -> None:
    """While the database cannot be written an answer waits no longer than told; what came too late is not charged."""
    with TestClient(own.app()) as client:
        tenant, head = own.buyer(Limits(concurrent=1))
        with _stalled(own.selling.database):
            answer = refused(ask(client, head), "ledger_slow")
            assert "retry-after" in answer.headers
        assert _until_answered(client, head).status_code == 200
        assert sum(line.amount for line in own.lines(tenant)) == TEXT


def _until_answered(client: TestClient, head: dict[str, str]) -> Response:
    """What stood in the way is written first."""
    while (answer := ask(client, head)).status_code == 503:
        pass
    return answer


class _stalled:  # noqa: N801 - used as a block
    """Another process holds the write lock of the file."""

    def __init__(self, database: Database) -> None:
        self._connection = database.engine.raw_connection()

    def __enter__(self) -> None:
        self._connection.cursor().execute("BEGIN IMMEDIATE")

    def __exit__(self, *_: object) -> None:
        self._connection.cursor().execute("ROLLBACK")
        self._connection.close()


def test_openai_s_client_knows_each_refusal(client: TestClient, stand: Stand) -> None:
    """The official client raises its own exceptions, with our codes."""
    _, head = stand.buyer(Limits(requests_per_minute=1))
    good = head["authorization"].removeprefix("Bearer ")
    spent = stand.buyer(Limits(budget=0))[1]["authorization"].removeprefix("Bearer ")
    other = stand.key(stand.tenant(), Terms(scopes=frozenset({"embed"}))).secret
    found = {}
    for secret in ("ak_live_no", other, good, good, spent):
        one = openai.OpenAI(api_key=secret, base_url="http://testserver/v1", http_client=client, max_retries=0)
        try:
            one.post("/classify", body=ASKED, cast_to=object)
        except openai.APIStatusError as error:
            found[str(error.code)] = type(error)
    assert found == {
        "invalid_key": openai.AuthenticationError,
        "no_scope": openai.PermissionDeniedError,
        "rate_limited": openai.RateLimitError,
        "budget_spent": openai.APIStatusError,
    }


def test_no_secret_is_told_to_a_log(client: TestClient, stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    """Neither keys, good and bad, nor texts nor idempotency keys stand in any log, at any level."""
    _, head = stand.buyer()
    secret = head["authorization"].removeprefix("Bearer ")
    with caplog.at_level(logging.DEBUG):
        assert ask(client, head | {"idempotency-key": "my-own-word"}, input="my own text").status_code == 200
        ask(client, {"x-api-key": f"{secret}x"})
        ask(client, head | {"idempotency-key": "my-own-word"}, input="another text")
    assert secret not in caplog.text
    assert "my-own-word" not in caplog.text
    assert "my own text" not in caplog.text
