"""Documents in the order in which they answer a query."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from starlette.testclient import TestClient

from argosy.infer.engines.echo import EchoEmbedder, EchoEngine
from argosy.serve.answers.work import Engine
from argosy.serve.app import create_app
from argosy.serve.errors import CODES
from argosy.serve.settings import Settings

ROUTE = "/v1/rerank"
ASKED = {"query": "red fish", "documents": ["blue bird", "red fish swims", "red bird"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """A reranker that likes long documents."""

    name: str = "lengths"
    longest: int = 64

    def relevance(self, query: str, documents: Sequence[str]) -> NDArray[np.float32]:
        """The longer, the nearer to 1."""
        assert query
        return np.array([1 - 1 / len(document) for document in documents], dtype=np.float32)

    def count(self, query: str, document: str) -> int:
        """A token a word."""
        return len(f"{query} {document}".split())


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """A running service with an embedder and a model that reads both together."""
    apart = EchoEmbedder(prefixes={"query": "ask ", "passage": "tell "})
    engines: dict[str, Engine] = {"mood": EchoEngine(), "vectors": EchoEmbedder(), "lengths": Lengths(), "apart": apart}
    with TestClient(create_app(engines, Settings(max_texts=4, max_chars=50))) as client:
        yield client


def test_documents_are_ordered_by_the_cosine(client: TestClient) -> None:
    """The nearest first, each with its place in the input; what was read is counted."""
    body = client.post(ROUTE, json=ASKED).json()
    assert [one["index"] for one in body["results"]] == [1, 2, 0]
    vectors = EchoEmbedder().embed(["red fish", "red fish swims"])
    assert body["results"][0]["relevance_score"] == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-6)
    assert body["results"][0]["document"] is None
    assert (body["model"], body["usage"]["total_tokens"]) == ("vectors", 9)


def test_the_best_few_come_with_their_texts(client: TestClient) -> None:
    """``top_n`` cuts, more than there are is all; ``return_documents`` brings the texts."""
    body = client.post(ROUTE, json=ASKED | {"top_n": 1, "return_documents": True}).json()
    assert body["results"][0]["document"] == {"text": "red fish swims"}
    assert len(body["results"]) == 1
    assert len(client.post(ROUTE, json=ASKED | {"top_n": 9}).json()["results"]) == 3


def test_queries_and_documents_have_their_prefixes(client: TestClient) -> None:
    """Where the model reads them apart; they are counted."""
    body = client.post(ROUTE, json=ASKED | {"model": "apart"}).json()
    assert body["usage"]["total_tokens"] == 13
    vectors = EchoEmbedder().embed(["ask red fish", "tell red bird"])
    found = {one["index"]: one["relevance_score"] for one in body["results"]}
    assert found[2] == pytest.approx(float(vectors[0] @ vectors[1]), abs=1e-6)


def test_a_model_that_reads_both_together_is_asked_for_each(client: TestClient) -> None:
    """Its own scores decide, equal ones in the order of the input."""
    body = client.post(ROUTE, json={"query": "好", "documents": ["bb", "cccc", "dd"], "model": "lengths"}).json()
    assert [one["index"] for one in body["results"]] == [1, 0, 2]
    assert body["usage"]["total_tokens"] == 6


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"documents": []}, "empty_input"),
        ({"documents": ["a", ""]}, "empty_input"),
        ({"query": " "}, "empty_input"),
        ({"documents": ["a"] * 5}, "too_many_texts"),
        ({"documents": [{"text": "a"}]}, "invalid_value"),
        ({"top_n": 0}, "invalid_value"),
        ({"model": "mood"}, "wrong_model"),
        ({"rank_fields": ["title"]}, "unsupported_field"),
        ({"docs": []}, "unknown_field"),
    ],
)
def test_what_cannot_be_done_is_refused(client: TestClient, body: dict[str, object], code: str) -> None:
    """Before any work."""
    answer = client.post(ROUTE, json=ASKED | body)
    assert (answer.json()["error"]["code"], answer.status_code) == (code, CODES[code][0])
