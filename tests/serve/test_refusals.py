"""What a request gets that cannot be answered."""

import asyncio
import json
import logging
from collections.abc import Sequence

import pytest
from httpx2 import Response
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from starlette.types import Message

from argosy.core.errors import MissingError
from argosy.core.records import Prediction
from argosy.infer.engines.echo import EchoEngine
from argosy.serve.app import create_app
from argosy.serve.errors import CODES
from argosy.serve.settings import Settings

JSON = {"content-type": "application/json"}
HEAD = [(b"content-type", b"application/json"), (b"content-length", b"9")]
# the first draw of a text builds the tables of Unicode, and the machine may be busy
PATIENT = hypothesis_settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=10,
)
BODIES = st.fixed_dictionaries({}, optional={"input": VALUES, "model": VALUES, "user": VALUES})


class Broken:
    """An engine that fails and quotes the text it failed on."""

    name = "broken"
    labels = ("a", "b")

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """Fail."""
        message = f"cannot classify {texts[0]}"
        raise ZeroDivisionError(message)

    def count(self, text: str) -> int:
        """Nothing costs."""
        return len(text) * 0


def error_of(answer: Response) -> dict[str, str | None]:
    """The error of an answer, once its shape is checked."""
    body: dict[str, dict[str, str | None]] = answer.json()
    error = body.pop("error")
    assert not body
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"]
    assert CODES[str(error["code"])] == (answer.status_code, error["type"])
    assert answer.headers["x-request-id"]
    return error


@pytest.mark.parametrize(
    ("body", "status", "code", "param"),
    [
        (b"", 400, "not_json", None),
        (b"  \n", 400, "not_json", None),
        (b"hello", 400, "not_json", None),
        (b'{"input": "a"', 400, "not_json", None),
        (b'{"input": "\xff"}', 400, "not_json", None),
        ("{'input': '\u4e2d'}".encode("gb18030"), 400, "not_json", None),
        (b'{"input": "\\ud800"}', 400, "not_json", None),
        (b"[" * 40_000, 400, "not_json", None),
        (b"null", 422, "invalid_value", None),
        (b'["a text"]', 422, "invalid_value", None),
        (b"{}", 422, "missing_field", "input"),
        (b'{"input": null}', 422, "invalid_value", "input"),
        (b'{"input": 7}', 422, "invalid_value", "input"),
        (b'{"input": ["a", 7]}', 422, "invalid_value", "input[1]"),
        (b'{"input": {"text": "a"}}', 422, "invalid_value", "input"),
        (b'{"input": "a", "model": 7}', 422, "invalid_value", "model"),
        (b'{"input": "a", "modle": "x"}', 422, "unknown_field", "modle"),
        (b'{"input": []}', 422, "empty_input", "input"),
        (b'{"input": ""}', 422, "empty_input", "input"),
        (b'{"input": ["a", " \\n"]}', 422, "empty_input", "input[1]"),
        (json.dumps({"input": ["a"] * 10_000}).encode(), 413, "too_many_texts", "input"),
        (json.dumps({"input": ["a", "b" * 101]}).encode(), 413, "text_too_long", "input[1]"),
        (json.dumps({"input": "b" * 60_000}).encode(), 413, "body_too_large", None),
        (b'{"input": "a", "model": "moood"}', 404, "model_not_found", "model"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_bad_body_is_explained(client: TestClient, body: bytes, status: int, code: str, param: str | None) -> None:
    """Each kind of bad body has its status and code, and names the part at fault."""
    answer = client.post("/v1/classify", content=body, headers=JSON)
    error = error_of(answer)
    assert (answer.status_code, error["code"], error["param"]) == (status, code, param)


@PATIENT
@given(body=st.binary(max_size=200) | BODIES.map(lambda value: json.dumps(value).encode()))
def test_no_body_breaks_the_server(client: TestClient, body: bytes) -> None:
    """Whatever is sent, the server answers or explains itself."""
    answer = client.post("/v1/classify", content=body, headers=JSON)
    assert answer.status_code < 500
    if answer.status_code != 200:
        error_of(answer)


@PATIENT
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "BREW"]),
    path=st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=20),
)
def test_no_address_breaks_the_server(client: TestClient, method: str, path: str) -> None:
    """An address or a method that is not there is an error of the same shape."""
    answer = client.request(method, f"http://testserver/v1/{path}".replace("?", "").replace("#", ""))
    assert answer.status_code in {200, 404, 405, 422, 415}
    if answer.status_code != 200 and method != "HEAD":
        error_of(answer)


def test_a_near_name_is_offered(client: TestClient) -> None:
    """A misspelt key or model is answered with the nearest name."""
    assert "'model'" in str(error_of(client.post("/v1/classify", json={"input": "a", "modle": "x"}))["message"])
    assert "'colour'" in str(error_of(client.post("/v1/classify", json={"input": "a", "model": "color"}))["message"])


def test_a_form_is_refused_with_the_header_to_send(client: TestClient) -> None:
    """What curl sends without a header is no JSON, and the error says which header to send."""
    error = error_of(client.post("/v1/classify", data={"input": "a"}))
    assert error["code"] == "unsupported_media_type"
    assert "content-type: application/json" in str(error["message"])


def test_a_stream_is_cut_at_the_limit(client: TestClient) -> None:
    """A body without a stated length is refused as well once it is too long."""
    parts = (b" " * 1000 for _ in range(100))
    answer = client.post("/v1/classify", content=parts, headers=JSON)
    assert "content-length" not in answer.request.headers
    assert error_of(answer)["code"] == "body_too_large"


def test_a_body_that_does_not_come_is_given_up() -> None:
    """A client that sends a head and no body is refused, and its room is free again."""
    app = create_app({"m": EchoEngine()}, Settings(read_seconds=0, max_queue=1))
    sent: list[Message] = []

    async def nothing() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def keep(message: Message) -> None:
        sent.append(message)

    async def ask() -> None:
        async with app.router.lifespan_context(app):
            for _ in range(2):
                scope = {"type": "http", "method": "POST", "path": "/v1/classify", "query_string": b"", "headers": HEAD}
                await app(scope, nothing, keep)

    asyncio.run(ask())
    assert [message["status"] for message in sent if message["type"] == "http.response.start"] == [408, 408]


def test_a_wrong_method_names_the_right_one(client: TestClient) -> None:
    """405 says which methods fit."""
    answer = client.get("/v1/classify")
    assert error_of(answer)["code"] == "method_not_allowed"
    assert answer.headers["allow"] == "POST"


def test_a_full_house_refuses_before_it_reads() -> None:
    """Without room a request is refused at once, whatever its body, and told when to come again."""
    with TestClient(create_app({"m": EchoEngine()}, Settings(max_queue=0))) as client:
        answer = client.post("/v1/classify", content=b"not even JSON")
        assert (answer.status_code, error_of(answer)["code"]) == (503, "overloaded")
        assert int(answer.headers["retry-after"]) >= 1


def test_refusals_take_no_room() -> None:
    """With room for one, refused and failed requests leave that room to the next."""
    with TestClient(
        create_app({"m": EchoEngine(), "broken": Broken()}, Settings(max_queue=1)), raise_server_exceptions=False
    ) as client:
        assert client.post("/v1/classify", json={"input": []}).status_code == 422
        assert client.post("/v1/classify", json={"input": "a", "model": "broken"}).status_code == 500
        assert client.post("/v1/classify", json={"input": "a"}).status_code == 200


def test_a_failing_engine_is_an_error_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    """A failure is a 500 with the request id to tell; neither answer nor log quotes the text."""
    with (
        TestClient(create_app({"m": Broken()}, Settings()), raise_server_exceptions=False) as client,
        caplog.at_level(logging.INFO),
    ):
        answer = client.post("/v1/classify", json={"input": "my secret"}, headers={"x-request-id": "r7"})
    error = error_of(answer)
    assert (answer.status_code, error["code"]) == (500, "internal_error")
    assert "r7" in str(error["message"])
    assert "ZeroDivisionError" in caplog.text
    assert "secret" not in answer.text + caplog.text


def test_errors_speak_the_reader_s_language(client: TestClient) -> None:
    """Accept-Language chooses the words, those of the shipped catalogue; the codes stay."""
    chinese = error_of(client.get("/nothing", headers={"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"}))
    english = error_of(client.get("/nothing", headers={"accept-language": "en"}))
    assert str(chinese["message"]).startswith("这个地址没有内容。")
    assert str(english["message"]).startswith("There is nothing at this address.")
    assert chinese["code"] == english["code"]
    blank = error_of(client.post("/v1/classify", json={"input": " "}, headers={"accept-language": "zh"}))
    assert (blank["message"], blank["param"]) == ("文本是空白的。\n  请去掉它。", "input")


def test_an_app_needs_a_model() -> None:
    """An app without a model is refused when it is made."""
    with pytest.raises(MissingError):
        create_app({}, Settings())
