"""Conversations: what is asked, what is answered, and what becomes of an answer that nobody waits for."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import Any

import httpx2
import pytest
from endless import Endless
from listening import listening
from starlette.testclient import TestClient
from starlette.types import Message

from argosy.core.records import Settings as Generation
from argosy.infer.engines.echo import EchoEngine, EchoGenerator
from argosy.serve.answers.work import Engine
from argosy.serve.answers.writing import Writing
from argosy.serve.app import create_app
from argosy.serve.errors import CODES
from argosy.serve.settings import Settings
from argosy.serve.wire.marking import WORDS, Marking

ROUTE = "/v1/chat/completions"
ASKED = {"messages": [{"role": "user", "content": "one two three"}]}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """A running service with a writer, one that knows no conversations, and one that fails on the way."""
    engines: dict[str, Engine] = {
        "writer": EchoGenerator(context=50),
        "plain": EchoGenerator(chat=False),
        "mood": EchoEngine(),
        "broken": Endless(fails=3),
    }
    app = create_app(engines, Settings(max_chars=1000))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def ask(client: TestClient, **body: object) -> Any:
    """The body of an answer."""
    answer = client.post(ROUTE, json=ASKED | body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def events(text: str) -> list[Any]:
    """What server-sent events say; the end is None."""
    told = [part.removeprefix("data: ") for part in text.split("\n\n") if part]
    return [None if one == "[DONE]" else json.loads(one) for one in told]


def content(answer: Any) -> str:
    """The text of an answer."""
    return str(answer["choices"][0]["message"]["content"])


def test_the_seed_decides(client: TestClient) -> None:
    """The same seed gives the same text, another one another; temperature 0 needs none."""
    first, again = ask(client, seed=5), ask(client, seed=5)
    assert content(first) == content(again)
    assert first["system_fingerprint"] == again["system_fingerprint"]
    assert len({content(ask(client, seed=seed)) for seed in (-1, 0, 1, 2, 3, 2**62)}) > 1
    assert content(ask(client, temperature=0)) == content(ask(client, temperature=0))


def test_content_may_come_in_parts(client: TestClient) -> None:
    """Parts of text are read as one; the roles of OpenAI's clients are known."""
    parts = [{"type": "text", "text": "one "}, {"type": "text", "text": "two three"}]
    turns = [{"role": "developer", "content": "short"}, {"role": "user", "content": parts}]
    assert content(ask(client, messages=turns, seed=5)) == content(ask(client, seed=5))


@pytest.mark.parametrize("key", ["max_tokens", "max_completion_tokens"])
def test_an_answer_is_cut(client: TestClient, key: str) -> None:
    """At the number of tokens that is asked for, or at the end of what the model reads."""
    cut = ask(client, **{key: 2})
    assert (len(content(cut).split()), cut["choices"][0]["finish_reason"]) == (2, "length")
    assert cut["usage"] == {"prompt_tokens": 4, "completion_tokens": 2, "total_tokens": 6}
    long = ask(client, messages=[{"role": "user", "content": "w " * 40}])
    assert long["usage"]["total_tokens"] == 50
    assert long["choices"][0]["finish_reason"] == "length"


def test_stop_strings_end_the_text(client: TestClient) -> None:
    """One or up to four; none of them is in the text."""
    for stop in ("two", ["nine", "two", "one three"]):
        told = ask(client, stop=stop, temperature=0)
        assert "two" not in content(told)
        assert told["choices"][0]["finish_reason"] == "stop"


def test_neutral_values_ask_for_nothing(client: TestClient) -> None:
    """Keys of OpenAI's with values that change nothing are let pass, and so are those for accounting."""
    named = [{"role": "user", "content": "one two three", "name": "Ann", "refusal": None}]
    keys: dict[str, object] = {"n": 1, "presence_penalty": 0, "logprobs": False, "tools": [], "logit_bias": None}
    told = ask(client, seed=5, user="u", metadata={"a": "b"}, messages=named, **keys)
    assert content(told) == content(ask(client, seed=5))


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"n": 2}, "unsupported_field", "n"),
        ({"tools": [{"type": "function"}]}, "unsupported_field", "tools"),
        ({"logprobs": True}, "unsupported_field", "logprobs"),
        ({"response_format": {"type": "json_object"}}, "unsupported_field", "response_format"),
        ({"max_token": 3}, "unknown_field", "max_token"),
        ({"temperature": 2.5}, "invalid_value", "temperature"),
        ({"top_p": 0}, "invalid_value", "top_p"),
        ({"max_tokens": 0}, "invalid_value", "max_tokens"),
        ({"max_tokens": "3"}, "invalid_value", "max_tokens"),
        ({"max_tokens": 3, "max_completion_tokens": 4}, "invalid_value", "max_tokens"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "invalid_value", "stop"),
        ({"stop": ""}, "invalid_value", "stop"),
        ({"seed": 2**63}, "invalid_value", "seed"),
        ({"stream": "yes"}, "invalid_value", "stream"),
        ({"messages": []}, "invalid_value", "messages"),
        ({"messages": [{"role": "user"}]}, "missing_field", "messages[0].content"),
        ({"messages": [{"role": "tool", "content": "a"}]}, "invalid_value", "messages[0].role"),
        ({"messages": [{"role": "system", "content": "a"}]}, "empty_input", "messages"),
        ({"messages": [{"role": "user", "content": " "}]}, "empty_input", "messages"),
        ({"messages": [{"role": "user", "content": "a" * 1001}]}, "text_too_long", "messages"),
        ({"messages": [{"role": "user", "content": "a " * 60}]}, "text_too_long", "messages"),
        (
            {"messages": [{"role": "assistant", "content": "a", "tool_calls": [{"id": "1"}]}]},
            "unsupported_field",
            "messages[0].tool_calls",
        ),
        ({"stream_options": {"include_obfuscation": True}}, "unsupported_field", "stream_options.include_obfuscation"),
        ({"model": "plain"}, "wrong_model", "model"),
        ({"model": "mood"}, "wrong_model", "model"),
        ({"model": "nobody"}, "model_not_found", "model"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(
    client: TestClient, body: dict[str, object], code: str, param: str
) -> None:
    """Before any work, with the part of the body at fault; a stream is refused alike."""
    for stream in ({}, {"stream": True}):
        answer = client.post(ROUTE, json=ASKED | stream | body)
        error = answer.json()["error"]
        assert (error["code"], error["param"], answer.status_code) == (code, param, CODES[code][0])


@pytest.mark.parametrize(
    ("body", "code"), [(b"", "not_json"), (b'{"a"', "not_json"), (b"[]", "invalid_value"), (b"{}", "missing_field")]
)
def test_bodies_that_are_no_question(client: TestClient, body: bytes, code: str) -> None:
    """Nothing, half an object, a list, an empty object."""
    answer = client.post(ROUTE, content=body, headers={"content-type": "application/json"})
    assert answer.json()["error"]["code"] == code


def test_generated_text_is_labelled_beside_it(client: TestClient) -> None:
    """In the body, in the first piece of a stream and in the head, under the answer's own number; not in the text."""
    answer = client.post(ROUTE, json=ASKED)
    body = answer.json()
    assert (body["label"], body["AIGC"]["ProduceID"]) == (WORDS, body["id"].removeprefix("chatcmpl-"))
    assert json.loads(answer.headers["x-aigc"]) == {"AIGC": body["AIGC"]}
    assert "AI" not in content(body)
    stream = client.post(ROUTE, json=ASKED | {"stream": True})
    first = events(stream.text)[0]
    assert json.loads(stream.headers["x-aigc"]) == {"AIGC": first["AIGC"]}


@pytest.mark.parametrize("where", ["inside", "off"])
def test_labels_stand_where_the_service_wants_them(where: Any) -> None:
    """At the end of the text, streamed or not, without changing what it costs; or nowhere."""
    marking = Marking(where=where, words="由AI生成", producer="深海")
    with TestClient(create_app({"w": EchoGenerator()}, Settings(marking=marking))) as client:
        whole = ask(client, seed=1)
        pieces = events(client.post(ROUTE, json=ASKED | {"seed": 1, "stream": True}).text)
    text = "".join(piece["choices"][0]["delta"].get("content", "") for piece in pieces if piece)
    assert text == content(whole)
    assert text.endswith("\n\n由AI生成") is (where == "inside")
    assert whole["usage"]["completion_tokens"] == 6
    assert (whole["AIGC"] or {}).get("ContentProducer") == {"inside": "深海", "off": None}[where]


def test_a_model_that_fails_says_so(client: TestClient) -> None:
    """500 at once; in a stream an error in the place of the end. Neither quotes what failed."""
    answer = client.post(ROUTE, json=ASKED | {"model": "broken"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    stream = client.post(ROUTE, json=ASKED | {"model": "broken", "stream": True})
    told = events(stream.text)
    assert [piece["choices"][0]["delta"].get("content") for piece in told[:-1]] == ["", "on ", "on ", "on "]
    assert told[-1]["error"]["code"] == "internal_error"
    assert "the text" not in answer.text + stream.text


class Client:
    """An ASGI client that sends one body, hears what comes, and leaves when it is told."""

    def __init__(self, body: dict[str, object]) -> None:
        self._heard = [{"type": "http.request", "body": json.dumps(body).encode()}]
        self.leave = asyncio.Event()
        self.sent: list[Message] = []
        self.body = asyncio.Event()

    async def receive(self) -> Message:
        """The body, then nothing until the client leaves."""
        if not self._heard:
            await self.leave.wait()
            return {"type": "http.disconnect"}
        return self._heard.pop()

    async def send(self, message: Message) -> None:
        """Take what comes."""
        self.sent.append(message)
        if message["type"] == "http.response.body":
            self.body.set()

    def scope(self, head: Sequence[tuple[bytes, bytes]] = ()) -> dict[str, Any]:
        """The request's head."""
        headers = [(b"content-type", b"application/json"), *head]
        told = {"type": "http", "method": "POST", "path": ROUTE, "raw_path": ROUTE.encode(), "query_string": b""}
        return {**told, "headers": headers, "scheme": "http", "server": ("here", 80), "root_path": ""}


@pytest.mark.parametrize("stream", [True, False])
def test_work_stops_when_the_client_leaves(stream: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """The generator is closed, and the next one in line is answered; an answer that had not begun is not sent."""
    engine = Endless()
    app = create_app({"endless": engine}, Settings())

    async def scene() -> list[Message]:
        async with app.router.lifespan_context(app):
            client = Client(ASKED | {"stream": stream, "max_tokens": 1000})
            asking = asyncio.create_task(app(client.scope(), client.receive, client.send))
            await asyncio.to_thread(engine.begun.wait, 30)
            client.leave.set()
            await asking
            assert await asyncio.to_thread(engine.ended.wait, 30)
            engine.fails = 2
            other = Client(ASKED | {"max_tokens": 1000})
            await app(other.scope(), other.receive, other.send)
            assert other.sent[0]["status"] == 500
            return client.sent

    sent = asyncio.run(scene())
    assert bool(sent) is stream
    assert not any(b"[DONE]" in message.get("body", b"") for message in sent)


def test_one_at_a_time_and_in_order() -> None:
    """While a text is written the others wait, and are written in the order in which they came."""
    asked: list[str] = []

    class Noting(EchoGenerator):
        """Notes who is asked."""

        __slots__ = ()

        def generate(self, prompt: Any, settings: Any) -> Any:
            asked.append(prompt)
            return EchoGenerator().generate(prompt, settings)

    async def scene() -> list[list[str]]:
        writing = Writing(Noting())

        async def write(prompt: str) -> list[str]:
            return [f"{prompt} {len(asked)}" async for _ in writing.write(prompt, Generation())]

        try:
            return list(await asyncio.gather(*(write(f"p{number}") for number in range(4))))
        finally:
            await writing.aclose()

    told = asyncio.run(scene())
    assert asked == ["p0", "p1", "p2", "p3"]
    assert [set(pieces) for pieces in told] == [{f"p{number} {number + 1}"} for number in range(4)]


def test_more_than_there_is_room_for_are_refused() -> None:
    """Beyond ``max_queue`` requests at once the next is refused before its body is read."""
    engine = Endless()
    with listening(create_app({"endless": engine}, Settings(max_queue=1))) as address:
        body = ASKED | {"stream": True, "max_tokens": 100_000}
        with httpx2.Client(base_url=address) as client, client.stream("POST", ROUTE, json=body) as first:
            assert first.status_code == 200
            assert engine.begun.wait(30)
            refused = client.post(ROUTE, json=ASKED)
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "overloaded")
        assert engine.ended.wait(30)
