"""Bytes that nobody should send to a service that sells: each is refused in the usual shape, and costs nothing."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from raw_asgi import Answer, Head, Raw, raw
from shops import Stand, stand_in

from argosy.config.plans import PlanTable
from argosy.core.errors import ArgosyError
from argosy.core.tenant import Terms
from argosy.infer.engines.echo import EchoEmbedder, EchoEngine, EchoGenerator
from argosy.serve.billing import money
from argosy.serve.jobs.lines import Rules, check
from argosy.serve.settings import Settings

PATIENT = hypothesis_settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
JSON = (b"content-type", b"application/json")

# the routes that read a body, each with a good one
BODIES = {
    "POST /v1/classify": {"input": "a text", "model": "mood", "user": "u"},
    "POST /v1/chat/completions": {
        "model": "free",
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 4,
        "stream": False,
    },
    "POST /v1/completions": {"model": "free", "prompt": "hi", "max_tokens": 4},
    "POST /v1/embeddings": {"model": "near", "input": ["a", "b"], "dimensions": 2},
    "POST /v1/rerank": {"model": "near", "query": "a", "documents": ["a", "b"], "top_n": 1},
    "POST /v1/feedback": {"request_id": "evt_1", "label": "good"},
    "POST /v1/batches": {"input_file_id": "file-1", "endpoint": "/v1/classify", "completion_window": "24h"},
    "POST /v1/account/keys": {"scopes": ["classify"], "expires_in": 90},
    "POST /v1/account/keys/key_1/rotate": {"grace": 60},
    "POST /v1/privacy/consents": {"subject": "42", "purpose": "improve", "granted": True},
    "POST /v1/privacy/export": {"subject": "42"},
    "POST /v1/privacy/erase": {"subject": "42"},
    "POST /admin/v1/tenants": {"name": "a", "plan": "standard", "limits": {"budget": "1.00"}},
    "PATCH /admin/v1/tenants/ten_1": {"name": "a", "limits": {"budget": "1.00", "quota": {"texts": 3}}},
    "POST /admin/v1/tenants/ten_1/suspend": {"reason": "unpaid"},
    "POST /admin/v1/keys": {"tenant": "ten_1", "scopes": ["classify"], "expires_in": 90},
    "POST /admin/v1/keys/key_1/rotate": {"grace": 60},
    "POST /admin/v1/releases/mood/shadow": {"version": 2},
    "POST /admin/v1/releases/mood/promote": {"version": 2},
    "POST /admin/v1/releases/mood/pin": {"tenant": "ten_1", "version": 1},
}
ROUTES = st.sampled_from(sorted(BODIES))

ODD = (
    "\x00",
    "\ud800",
    "\udfff",
    "\u202e",
    "\ufeff",
    "'; DROP TABLE lines; --",
    "=cmd()",
    "\r\nset-cookie: a",
    "../..",
    "1e999",
    "a" * 5000,
)
NUMBERS = st.sampled_from([0, -1, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**400, 0.1, -0.0, 1e308])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | NUMBERS
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=8)
    | st.sampled_from(ODD)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6) | st.sampled_from(ODD), inner),
    max_leaves=8,
)
# what JSON can be spoilt with, as bytes
BYTES = st.sampled_from(
    [
        b"\xff",
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\x00",
        b"NaN",
        b"-Infinity",
        b"9" * 5000,
        b"1e99999",
        b"[" * 3000,
        b'{"a":' * 3000,
        b'"\\ud800"',
        b'"\\u0000"',
        b",",
        b"}",
        b"]",
        b'"',
        b"\\",
        b"\xef\xbb\xbf",
        b"//",
        b"",
    ]
)


@st.composite
def bodies(draw: st.DrawFn, good: object) -> bytes:
    """A good body with one value changed, a key twice, or some bytes in it replaced."""
    told = dict(good) if isinstance(good, dict) else {}
    key = draw(st.sampled_from([*told, "other"]))
    kind = draw(st.sampled_from(["value", "twice", "bytes", "cut", "whole"]))
    if kind == "value":
        told[key] = draw(VALUES)
    if kind == "whole":
        return json.dumps(draw(VALUES)).encode()
    text = json.dumps(told, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    at = draw(st.integers(0, len(text)))
    if kind == "twice":
        return text[:-1] + b"," + json.dumps({key: draw(VALUES)}).encode()[1:]
    if kind == "bytes":
        return text[:at] + draw(BYTES | st.binary(max_size=4)) + text[at + draw(st.integers(0, 5)) :]
    return text[:at] if kind == "cut" else text


@dataclass(frozen=True, slots=True)
class Shop:
    """The service, and who asks it."""

    raw: Raw
    stand: Stand
    tenant: str
    key: bytes
    owner: bytes

    def head(self, path: str) -> Head:
        """The head of a request to a path."""
        return [(b"authorization", self.owner if path.startswith("/admin") else self.key), JSON]

    def ask(self, route: str, body: bytes, pieces: int = 1) -> Answer:
        """A request to a route."""
        method, path = route.split()
        head = [*self.head(path), (b"content-length", b"%d" % len(body))]
        return self.raw.ask(method, path, head, body, pieces=pieces)

    def held(self, answer: Answer) -> None:
        """An answer that is none of the server's faults, in the right shape."""
        assert answer.status < 500, (answer.status, answer.body)
        if answer.status >= 400:
            answer.error()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A service with a model of every kind."""
    engines = {"mood": EchoEngine(), "free": EchoGenerator(), "near": EchoEmbedder()}
    with stand_in(tmp_path_factory.mktemp("shop"), engines=engines) as stand:
        owner = stand.selling.books.accounts.create_key(None, Terms(role="owner"), "test").result().secret
        tenant, head = stand.buyer()
        with raw(stand.app(Settings(max_body_bytes=40_000))) as started:
            yield Shop(started, stand, tenant, head["authorization"].encode(), f"Bearer {owner}".encode())
            paid = started.ask("POST", "/v1/classify", [(b"authorization", head["authorization"].encode()), JSON], GOOD)
            assert paid.status == 200


GOOD = b'{"input": "still here", "model": "mood"}'


def lines(shop: Shop) -> int:
    """How many lines the tenant has."""
    return len(shop.stand.lines(shop.tenant))


def test_no_body_breaks_a_route_or_is_charged_unanswered(shop: Shop, pytestconfig: pytest.Config) -> None:
    """Whatever the body, the answer is none of the server's faults; who was refused is charged nothing."""

    @hypothesis_settings(PATIENT, max_examples=20 * pytestconfig.getoption("--fuzz"))
    @given(route=ROUTES, data=st.data())
    def hold(route: str, data: st.DataObject) -> None:
        body = data.draw(bodies(BODIES[route]))
        before = lines(shop)
        answer = shop.ask(route, body, data.draw(st.integers(1, 3)))
        shop.held(answer)
        if answer.status >= 400:
            assert lines(shop) == before

    hold()


def test_the_good_bodies_are_good(shop: Shop) -> None:
    """The bodies that are spoilt here get past the parsers when they are not."""
    for route, body in BODIES.items():
        answer = shop.ask(route, json.dumps(body).encode())
        assert answer.status < 400 or answer.error()["code"] not in {"not_json", "unknown_field", "missing_field"}, (
            route,
            answer.body,
        )


HEADS = st.sampled_from(
    [
        b"authorization",
        b"x-api-key",
        b"idempotency-key",
        b"x-argosy-subject",
        b"traceparent",
        b"tracestate",
        b"accept-language",
        b"accept",
        b"content-type",
        b"content-length",
        b"origin",
        b"x-request-id",
        b"cookie",
        b"x-argosy-timing",
        b"host",
        b"user-agent",
    ]
)
# what a server lets through: RFC 9110's field-content, obs-text among it
CONTENT = st.binary(max_size=40).map(
    lambda value: bytes(byte for byte in value if byte == 9 or 32 <= byte != 127)
) | st.sampled_from(
    [
        b"Bearer",
        b"Bearer ",
        b"Bearer \xff\xfe",
        b"bearer a b c",
        b"Basic YTpi",
        b"00-" + b"f" * 32 + b"-" + b"1" * 16 + b"-01",
        b"zh;q=nan, en;q=9e99, *;q=-1",
        b"application/json; charset=\xff",
        b"multipart/form-data; boundary=",
        b"9" * 5000,
        b"-1",
        b"+5",
        b"\xd9\xa1",
        b"a" * 300,
    ]
)


def test_no_header_breaks_a_route(shop: Shop, pytestconfig: pytest.Config) -> None:
    """Headers of any bytes, several times over, are let through or refused; the key still counts."""

    @hypothesis_settings(PATIENT, max_examples=20 * pytestconfig.getoption("--fuzz"))
    @given(
        route=st.sampled_from(["POST /v1/classify", "GET /v1/models", "GET /v1/account", "POST /v1/files", "GET /no"]),
        more=st.lists(st.tuples(HEADS, CONTENT), min_size=1, max_size=3),
        keyed=st.booleans(),
    )
    @example(route="POST /v1/files", more=[(b"content-type", b"multipart/form-data; boundary=")], keyed=True)
    @example(route="POST /v1/classify", more=[(b"content-length", "²".encode("latin-1"))], keyed=True)
    def hold(route: str, more: Head, *, keyed: bool) -> None:
        method, path = route.split()
        before = lines(shop)
        head = [*more, *(shop.head(path) if keyed else [JSON])]
        answer = shop.raw.ask(method, path, head, GOOD if method == "POST" else b"")
        shop.held(answer)
        if answer.status >= 400:
            assert lines(shop) == before

    hold()


def test_no_address_or_query_breaks_a_route(shop: Shop, pytestconfig: pytest.Config) -> None:
    """Ids and queries of any characters are refused or find nothing."""
    routes = sorted(
        (method.upper(), path)
        for path, methods in shop.raw.app.openapi()["paths"].items()
        for method in methods
        if method in {"get", "delete"}
    )
    words = st.text(st.characters(codec="ascii", exclude_characters="?#/"), max_size=12) | st.sampled_from(
        ["%00", "%ff", "%2e%2e%2f", "-1", "9" * 30, "1e9", "%F0%9F%98%80", "2026-13", "ten_1", "%ED%A0%80"]
    )

    @hypothesis_settings(PATIENT, max_examples=20 * pytestconfig.getoption("--fuzz"))
    @given(
        route=st.sampled_from(routes),
        part=words.filter(bool),
        query=st.dictionaries(
            st.sampled_from(["after", "limit", "tenant", "month", "format", "language", "order", "purpose", "about"]),
            words,
            max_size=3,
        ),
    )
    def hold(route: tuple[str, str], part: str, query: dict[str, str]) -> None:
        method, path = route
        path = "/".join(part if piece.startswith("{") else piece for piece in path.split("/"))
        asked = "&".join(f"{key}={value}" for key, value in query.items())
        shop.held(shop.raw.ask(method, f"{path}?{asked}", shop.head(path)))

    hold()


FORM = (
    b'--b\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
    b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.jsonl"\r\n'
    b'content-type: application/jsonl\r\n\r\n{"custom_id": "1"}\n\r\n--b--\r\n'
)


def test_no_form_breaks_the_files(shop: Shop, pytestconfig: pytest.Config) -> None:
    """A form that is cut anywhere, or spoilt, is a file or a refusal, and never a fault."""

    @hypothesis_settings(PATIENT, max_examples=10 * pytestconfig.getoption("--fuzz"))
    @given(
        at=st.integers(0, len(FORM)),
        gone=st.integers(0, 20) | st.just(len(FORM)),
        more=st.binary(max_size=6) | st.sampled_from([b"\r\n--b", b'name="', b"\x00", b"a" * 50_000]),
        pieces=st.integers(1, 9),
    )
    def hold(at: int, gone: int, more: bytes, pieces: int) -> None:
        head = [(b"authorization", shop.key), (b"content-type", b"multipart/form-data; boundary=b")]
        shop.held(shop.raw.ask("POST", "/v1/files", head, FORM[:at] + more + FORM[at + gone :], pieces=pieces))

    hold()
    kept = json.loads(shop.raw.ask("GET", "/v1/files?limit=100", shop.head("/v1/files")).body)["data"]
    for file in kept:
        shop.raw.ask("DELETE", f"/v1/files/{file['id']}", shop.head("/v1/files"))
    assert shop.raw.ask("GET", "/v1/files", shop.head("/v1/files")).status == 200


def test_no_line_breaks_a_batch(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """Every file of lines is counted, and what is wrong with it named."""
    good = {"custom_id": "1", "method": "POST", "url": "/v1/classify", "body": {"input": "a"}}
    path = tmp_path / "lines.jsonl"

    @hypothesis_settings(PATIENT, max_examples=10 * pytestconfig.getoption("--fuzz"))
    @given(st.lists(bodies(good), max_size=4), st.sampled_from([b"\n", b"\r\n", b"\r", b"\n\n"]))
    def hold(told: list[bytes], end: bytes) -> None:
        path.write_bytes(end.join(told))
        try:
            number, wrong = check(path, Rules(endpoint="/v1/classify", body_bytes=1000, lines=3))
        except ArgosyError:
            return
        assert number or wrong

    hold()


@PATIENT
@given(st.text(max_size=20) | st.sampled_from([*ODD, "１２", "1_000", "+1", "1.", ".5", "0x1", "-0", "9" * 13, "1\n"]))
def test_no_words_are_money_but_plain_amounts(words: str) -> None:
    """Text is an amount that says the same when it is written again, or refused."""
    try:
        micro = money.parse(words)
    except ArgosyError:
        return
    assert words.isascii()
    assert money.parse(money.plain(micro)) == micro


@PATIENT
@given(st.dictionaries(st.sampled_from([*PlanTable.model_fields]), VALUES, max_size=4))
def test_no_plan_is_read_by_luck(told: dict[str, object]) -> None:
    """A plan is valid, or refused as a value: nothing else comes of its parser."""
    try:
        PlanTable.model_validate(told)
    except (ValueError, ArgosyError):
        return
