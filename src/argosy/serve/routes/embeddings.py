"""``/v1/embeddings``: vectors of texts."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from argosy.core.ledger import Quantities
from argosy.serve.answers.answering import Job, answer
from argosy.serve.answers.catalogue import Served
from argosy.serve.answers.work import Embedding, Permits
from argosy.serve.errors import RequestError
from argosy.serve.openapi import body_of
from argosy.serve.service import Service
from argosy.serve.wire import bodies
from argosy.serve.wire.vectors import (
    EmbeddingAnswer,
    EmbeddingRequest,
    check_dimensions,
    parse_embedding,
    texts_of,
    vectors,
)


def router(service: Service) -> APIRouter:
    """The route, with room for ``max_queue`` requests at once."""
    routes = APIRouter(tags=["answers"])
    permits = Permits(service.settings.max_queue)

    def prepare(served: Served, asked: EmbeddingRequest) -> Job:
        embedding, texts = embedding_of(served), texts_of(asked, service.settings)
        check_dimensions(asked, embedding.engine.dimensions)

        async def work() -> tuple[EmbeddingAnswer, Quantities]:
            found = (await embedding.embed(texts, asked.input_type or "query")).answers
            tokens = sum(one.tokens for one in found)
            told = vectors(served.name, [one.prediction for one in found], tokens, asked.encoding_format)
            return told, {"requests": 1, "texts": len(texts), "prompt_tokens": tokens}

        return Job(at_most=bodies.at_most(texts, served), work=work)

    @routes.post("/v1/embeddings", response_model=EmbeddingAnswer, openapi_extra=body_of(EmbeddingRequest))
    async def embed(request: Request) -> Response:
        """Turn one text or several into vectors of length 1, in the order of the texts."""
        return await answer(service, request, permits, "embed", parse_embedding, prepare, ["embed"])

    return routes


def embedding_of(served: Served) -> Embedding:
    """The work of an embedder; raises RequestError for a model of another kind."""
    if not isinstance(served.work, Embedding):
        raise RequestError("The model {name!r} gives no vectors.", code="wrong_model", param="model", name=served.name)
    return served.work
