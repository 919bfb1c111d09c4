"""The official client of OpenAI's API finds what it expects, over a real socket."""

from collections.abc import Iterator

import numpy as np
import openai
import pytest
from listening import listening
from openai.types.chat import ChatCompletionMessageParam

from argosy.infer.engines.echo import EchoEmbedder, EchoEngine, EchoGenerator
from argosy.serve.answers.work import Engine
from argosy.serve.app import create_app
from argosy.serve.settings import Settings

MESSAGES: list[ChatCompletionMessageParam] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "你好 dear world"},
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server with a model of each kind."""
    engines: dict[str, Engine] = {"mood": EchoEngine(), "writer": EchoGenerator(), "vectors": EchoEmbedder()}
    with listening(create_app(engines, Settings())) as address:
        yield address


@pytest.fixture
def client(address: str) -> Iterator[openai.OpenAI]:
    """The official client."""
    with openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client:
        yield client


def test_models_are_listed(client: openai.OpenAI) -> None:
    """All of them by name, and one alone with its kind."""
    assert [model.id for model in client.models.list()] == ["mood", "writer", "vectors"]
    assert client.models.retrieve("writer").model_dump()["kind"] == "generate"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("other")


def test_a_chat_is_answered(client: openai.OpenAI) -> None:
    """The turn, why it ended, what it cost, and the labels of generated text."""
    answer = client.chat.completions.create(model="writer", messages=MESSAGES, seed=1, user="u-1")
    choice = answer.choices[0]
    assert sorted((choice.message.content or "").split()) == sorted(["你好", "dear", "world"] * 2)
    assert (choice.message.role, choice.finish_reason) == ("assistant", "stop")
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (7, 6, 13)
    assert answer.model_extra is not None
    assert answer.model_extra["AIGC"]["Label"] == "1"


def test_a_chat_is_streamed(client: openai.OpenAI) -> None:
    """The pieces join to the answer that comes at once with the same seed; the last one tells what it cost."""
    whole = client.chat.completions.create(model="writer", messages=MESSAGES, seed=1)
    with client.chat.completions.create(
        model="writer", messages=MESSAGES, seed=1, stream=True, stream_options={"include_usage": True}
    ) as stream:
        pieces = list(stream)
    text = "".join(choice.delta.content or "" for piece in pieces for choice in piece.choices)
    assert text == whole.choices[0].message.content
    assert [piece.choices[0].finish_reason for piece in pieces if piece.choices][-1] == "stop"
    assert pieces[-1].usage == whole.usage
    assert all(piece.usage is None for piece in pieces[:-1])


def test_a_text_is_gone_on_with(client: openai.OpenAI) -> None:
    """At once and streamed, until a word or a number of tokens."""
    whole = client.completions.create(model="writer", prompt="one two", temperature=0, max_tokens=3)
    assert (len(whole.choices[0].text.split()), whole.choices[0].finish_reason) == (3, "length")
    with client.completions.create(
        model="writer", prompt="one two", temperature=0, max_tokens=3, stream=True
    ) as stream:
        pieces = list(stream)
    assert "".join(piece.choices[0].text for piece in pieces) == whole.choices[0].text
    stopped = client.completions.create(model="writer", prompt="one", stop=["one"])
    assert (stopped.choices[0].text, stopped.choices[0].finish_reason) == ("", "stop")


def test_texts_are_embedded(client: openai.OpenAI) -> None:
    """The client asks for base64 by itself and reads it; numbers are the same."""
    packed = client.embeddings.create(model="vectors", input=["a b", "你好"])
    plain = client.embeddings.create(model="vectors", input=["a b", "你好"], encoding_format="float")
    assert np.allclose([one.embedding for one in packed.data], [one.embedding for one in plain.data], atol=1e-7)
    assert np.allclose(np.linalg.norm([one.embedding for one in plain.data], axis=1), 1)
    assert (packed.usage.prompt_tokens, packed.usage.total_tokens) == (3, 3)


def test_a_refusal_has_its_code(client: openai.OpenAI) -> None:
    """What is not done here is refused by name, as an error that the client knows."""
    with pytest.raises(openai.UnprocessableEntityError) as raised:
        client.chat.completions.create(model="writer", messages=MESSAGES, n=2)
    assert (raised.value.code, raised.value.param) == ("unsupported_field", "n")
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="gpt-4o", messages=MESSAGES)
    assert missing.value.code == "model_not_found"
