"""Vectors of texts."""

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from starlette.testclient import TestClient

from argosy.infer.engines.echo import EchoEmbedder, EchoEngine
from argosy.serve.answers.work import Engine
from argosy.serve.app import create_app
from argosy.serve.errors import CODES
from argosy.serve.settings import Settings

ROUTE = "/v1/embeddings"
PREFIXES = {"query": "ask ", "passage": "tell "}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """A running service whose second model gives vectors, and whose third reads queries and passages apart."""
    engines: dict[str, Engine] = {
        "mood": EchoEngine(),
        "plain": EchoEmbedder(),
        "apart": EchoEmbedder(prefixes=PREFIXES, dimensions=8),
    }
    with TestClient(create_app(engines, Settings(max_texts=4, max_chars=50))) as client:
        yield client


def test_one_vector_a_text_in_order(client: TestClient) -> None:
    """The first model that gives vectors is asked by default; a text's vector has nothing of its neighbours."""
    body = client.post(ROUTE, json={"input": ["a b", "c", "a b"]}).json()
    assert (body["object"], body["model"]) == ("list", "plain")
    assert [one["index"] for one in body["data"]] == [0, 1, 2]
    vectors = np.array([one["embedding"] for one in body["data"]])
    assert np.allclose(vectors, EchoEmbedder().embed(["a b", "c", "a b"]), atol=1e-6)
    assert body["usage"] == {"prompt_tokens": 5, "total_tokens": 5}


def test_base64_is_little_endian_float32(client: TestClient) -> None:
    """What clients decode is the vector."""
    told = client.post(ROUTE, json={"input": "你好", "encoding_format": "base64"}).json()["data"][0]["embedding"]
    assert np.allclose(np.frombuffer(base64.b64decode(told), "<f4"), EchoEmbedder().embed(["你好"])[0])


def test_a_prefix_is_put_before_what_the_model_reads_apart(client: TestClient) -> None:
    """A text is a query unless it is said to be a passage; the prefix is charged for."""
    engine = EchoEmbedder(dimensions=8)
    for asked, prefix in (({}, "ask "), ({"input_type": "query"}, "ask "), ({"input_type": "passage"}, "tell ")):
        body = client.post(ROUTE, json={"input": "a", "model": "apart", "dimensions": 8} | asked).json()
        assert np.allclose(body["data"][0]["embedding"], engine.embed([prefix + "a"])[0], atol=1e-6)
        assert body["usage"]["prompt_tokens"] == 2


def test_many_at_once_get_their_own(client: TestClient) -> None:
    """Requests that share a run of the engine get the vectors of their texts."""

    def ask(number: int) -> bool:
        body = client.post(ROUTE, json={"input": [f"w{number}", "x"]}).json()
        expected = EchoEmbedder().embed([f"w{number}", "x"])
        return np.allclose([one["embedding"] for one in body["data"]], expected, atol=1e-6)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(40)))


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"input": []}, "empty_input", "input"),
        ({"input": ["a", " "]}, "empty_input", "input[1]"),
        ({"input": ["a"] * 5}, "too_many_texts", "input"),
        ({"input": "a" * 51}, "text_too_long", "input"),
        ({"input": [1, 2, 3]}, "invalid_value", "input[0]"),
        ({"input": [[1, 2]]}, "invalid_value", "input[0]"),
        ({"input": "a", "dimensions": 3}, "unsupported_field", "dimensions"),
        ({"input": "a", "encoding_format": "hex"}, "invalid_value", "encoding_format"),
        ({"input": "a", "inputs": 1}, "unknown_field", "inputs"),
        ({"input": "a", "model": "mood"}, "wrong_model", "model"),
        ({}, "missing_field", "input"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(
    client: TestClient, body: dict[str, object], code: str, param: str
) -> None:
    """Before any work, with the part of the body at fault."""
    answer = client.post(ROUTE, json=body)
    error = answer.json()["error"]
    assert (error["code"], answer.status_code) == (code, CODES[code][0])
    assert error["param"].startswith(param.partition("[")[0])
