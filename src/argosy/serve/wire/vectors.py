"""Bodies of ``/v1/embeddings`` (as OpenAI's clients expect them) and ``/v1/rerank`` (as Cohere's and Jina's do)."""

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from argosy.serve.errors import RequestError
from argosy.serve.settings import Settings
from argosy.serve.wire import bodies
from argosy.serve.wire.parse import STRICT, Texts, parse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Role = Literal["query", "passage"]
EMBED_EXAMPLE = '{"input": ["a text", "another"]}'
RERANK_EXAMPLE = '{"query": "a question", "documents": ["a text", "another"]}'


class EmbeddingRequest(BaseModel):
    """Texts to turn into vectors; ``input_type`` tells models that read both apart a question from what is searched."""

    model_config = STRICT

    input: str | Texts = Field(description="a text or a list of texts; token numbers are not taken")
    model: str | None = Field(default=None, description="a text")
    encoding_format: Literal["float", "base64"] | None = Field(default="float", description='"float" or "base64"')
    dimensions: int | None = Field(default=None, ge=1, description="left out, or the model's own number")
    input_type: Role | None = Field(default="query", description='"query" or "passage"')


class Vector(BaseModel):
    """A text's vector of length 1, as numbers or as the base64 of little-endian float32."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class EmbeddingAnswer(BaseModel):
    """One vector a text, in the order of the input."""

    object: Literal["list"] = "list"
    data: list[Vector]
    model: str
    usage: bodies.Usage


class RerankRequest(BaseModel):
    """Documents to order by how well they answer a query."""

    model_config = STRICT

    query: str = Field(description="a text")
    documents: Texts = Field(description="a list of texts")
    model: str | None = Field(default=None, description="a text")
    top_n: int | None = Field(default=None, ge=1, description="a whole number from 1")
    return_documents: bool | None = Field(default=False, description="true or false")


class Document(BaseModel):
    """A document as it was sent."""

    text: str


class Ranked(BaseModel):
    """A document's place in the input and its relevance, the likelier answers higher."""

    index: int
    relevance_score: float
    document: Document | None = None


class RerankAnswer(BaseModel):
    """The documents, the most relevant first; equals in the order of the input."""

    model: str
    results: list[Ranked]
    usage: bodies.Usage


def parse_embedding(body: bytes) -> EmbeddingRequest:
    """The request for vectors; raises RequestError."""
    return parse(body, EmbeddingRequest, example=EMBED_EXAMPLE, harmless=frozenset({"user"}))


def parse_rerank(body: bytes) -> RerankRequest:
    """The request for an order; raises RequestError."""
    neutral: dict[str, Sequence[Any]] = {"rank_fields": ([],), "max_chunks_per_doc": (), "max_tokens_per_doc": ()}
    return parse(body, RerankRequest, example=RERANK_EXAMPLE, neutral=neutral)


def texts_of(asked: EmbeddingRequest, settings: Settings) -> list[str]:
    """The texts to embed; raises RequestError when they are too many, too long, or blank."""
    return bodies.checked(asked.input, "input", settings)


def pair_of(asked: RerankRequest, settings: Settings) -> tuple[str, list[str]]:
    """The query and the documents; raises RequestError as for texts to embed."""
    return bodies.checked(asked.query, "query", settings)[0], bodies.checked(asked.documents, "documents", settings)


def check_dimensions(asked: EmbeddingRequest, dimensions: int) -> None:
    """Raise RequestError for vectors of another size than the model's."""
    if asked.dimensions not in {None, dimensions}:
        raise RequestError(
            "The model's vectors have {dimensions} numbers; {wanted} are asked for.",
            code="unsupported_field",
            param="dimensions",
            mend="Leave {key!r} out.",
            dimensions=dimensions,
            wanted=asked.dimensions,
            key="dimensions",
        )


def vectors(model: str, found: "Sequence[NDArray[np.float32]]", tokens: int, encoding: str | None) -> EmbeddingAnswer:
    """The body of a good answer."""
    data = [
        Vector(
            index=index,
            embedding=base64.b64encode(vector.astype("<f4").tobytes()).decode()
            if encoding == "base64"
            else vector.tolist(),
        )
        for index, vector in enumerate(found)
    ]
    return EmbeddingAnswer(data=data, model=model, usage=bodies.Usage(prompt_tokens=tokens, total_tokens=tokens))


def ranked(model: str, asked: RerankRequest, scores: Sequence[float], tokens: int) -> RerankAnswer:
    """The body of a good answer."""
    order = sorted(range(len(scores)), key=lambda place: -scores[place])[: asked.top_n]
    results = [
        Ranked(
            index=place,
            relevance_score=scores[place],
            document=Document(text=asked.documents[place]) if asked.return_documents else None,
        )
        for place in order
    ]
    return RerankAnswer(model=model, results=results, usage=bodies.Usage(prompt_tokens=tokens, total_tokens=tokens))
