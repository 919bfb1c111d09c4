"""Bodies of any shape are read or refused by name, and nothing else happens."""

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from argosy.serve.errors import CODES, RequestError
from argosy.serve.settings import Settings
from argosy.serve.wire.bodies import ClassifyRequest
from argosy.serve.wire.text import (
    ChatRequest,
    CompletionRequest,
    messages_of,
    parse_chat,
    parse_completion,
    prompt_of,
    settings_of,
)
from argosy.serve.wire.vectors import EmbeddingRequest, RerankRequest, pair_of, parse_embedding, parse_rerank, texts_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
TURNS = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool"]), "content": st.text(max_size=5) | VALUES}
)
KNOWN = {
    "messages": st.lists(TURNS, max_size=3) | VALUES,
    "prompt": st.text(max_size=5) | VALUES,
    "input": st.text(max_size=5) | st.lists(st.text(max_size=5), max_size=3) | VALUES,
    "query": st.text(max_size=5) | VALUES,
    "documents": st.lists(st.text(max_size=5), max_size=3) | VALUES,
}
REST = dict.fromkeys(("model", "stop", "seed", "stream", "stream_options", "n", "tools", "max_tokens", "我"), VALUES)
BODIES = st.fixed_dictionaries({}, optional={**KNOWN, **REST}) | VALUES
PATIENT = settings(deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def chat(body: bytes) -> BaseModel:
    """A conversation, read to the end."""
    asked = parse_chat(body)
    assert messages_of(asked, 100)
    assert settings_of(asked, asked.max_tokens).max_tokens >= 1
    return asked


def completion(body: bytes) -> BaseModel:
    """A prompt, read to the end."""
    asked = parse_completion(body)
    assert prompt_of(asked, 100)
    assert 0 <= (settings_of(asked, None).seed or 0) < 2**31
    return asked


def embedding(body: bytes) -> BaseModel:
    """Texts, read to the end."""
    asked = parse_embedding(body)
    assert all(text.strip() for text in texts_of(asked, Settings()))
    return asked


def rerank(body: bytes) -> BaseModel:
    """A query and documents, read to the end."""
    asked = parse_rerank(body)
    query, documents = pair_of(asked, Settings())
    assert query.strip()
    assert documents
    return asked


@pytest.mark.parametrize("read", [chat, completion, embedding, rerank])
@PATIENT
@given(body=BODIES.map(lambda told: json.dumps(told).encode()) | st.binary(max_size=30))
def test_a_body_is_read_or_refused_by_name(read: Callable[[bytes], BaseModel], body: bytes) -> None:
    """Whatever comes: a record, or an error with a known code whose words can be said."""
    refusal = None
    try:
        read(body)
    except RequestError as error:
        refusal = error
    assert refusal is None or (refusal.code in CODES and refusal.render() and len(refusal.param or "") <= 60)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (ClassifyRequest, {"input": [1] * 1000}),
        (EmbeddingRequest, {"input": [1] * 1000}),
        (RerankRequest, {"query": "a", "documents": [{}] * 1000}),
        (CompletionRequest, {"prompt": [{}] * 1000}),
        (CompletionRequest, {"prompt": "a", "stop": [1] * 1000}),
        (ChatRequest, {"messages": [{}] * 1000}),
        (ChatRequest, {"messages": [{"role": "user", "content": [{}] * 1000}]}),
    ],
)
def test_a_million_faults_cost_no_more_than_the_first(kind: type[BaseModel], body: dict[str, object]) -> None:
    """Of a list the first fault is told, and no others are looked for: 4 MB of them took seconds."""
    with pytest.raises(ValidationError) as caught:
        kind.model_validate_json(json.dumps(body))
    assert caught.value.error_count() <= 4
