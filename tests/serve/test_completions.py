"""Texts to go on with."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from argosy.infer.engines.echo import EchoGenerator
from argosy.serve.app import create_app
from argosy.serve.errors import CODES
from argosy.serve.settings import Settings

ROUTE = "/v1/completions"


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """A running service with a writer."""
    with TestClient(create_app({"writer": EchoGenerator(chat=False)}, Settings())) as client:
        yield client


@pytest.mark.parametrize("prompt", ["深圳 在 哪里", ["one two"]])
def test_a_text_goes_on(client: TestClient, prompt: str | list[str]) -> None:
    """One text, or a list of one; a model that knows no conversations does it."""
    body = client.post(ROUTE, json={"prompt": prompt}).json()
    words = (prompt if isinstance(prompt, str) else prompt[0]).split()
    assert sorted(body["choices"][0]["text"].split()) == sorted(words * 2)
    assert body["object"] == "text_completion"
    assert body["usage"]["prompt_tokens"] == len(words)
    assert body["label"]


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"prompt": ["a", "b"]}, "unsupported_field", "prompt"),
        ({"prompt": [1, 2]}, "invalid_value", "prompt"),
        ({"prompt": [[1, 2]]}, "invalid_value", "prompt"),
        ({"prompt": ""}, "empty_input", "prompt"),
        ({}, "missing_field", "prompt"),
        ({"prompt": "a", "best_of": 3}, "unsupported_field", "best_of"),
        ({"prompt": "a", "echo": True}, "unsupported_field", "echo"),
        ({"prompt": "a", "suffix": "z"}, "unsupported_field", "suffix"),
        ({"prompt": "a", "messages": []}, "unknown_field", "messages"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(
    client: TestClient, body: dict[str, object], code: str, param: str
) -> None:
    """Several texts, token numbers, and what other servers do."""
    answer = client.post(ROUTE, json=body)
    error = answer.json()["error"]
    assert (error["code"], error["param"], answer.status_code) == (code, param, CODES[code][0])
