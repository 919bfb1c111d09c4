"""``/v1/rerank``: documents in the order in which they answer a query.

A model that reads query and document together is asked for each; an embedder is asked for vectors, whose cosine counts.
"""

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import Response

from argosy.core.engine import Reranker
from argosy.core.ledger import Quantities
from argosy.serve.answers.answering import Job, answer
from argosy.serve.answers.catalogue import Served
from argosy.serve.answers.work import Permits
from argosy.serve.openapi import body_of
from argosy.serve.routes.embeddings import embedding_of
from argosy.serve.service import Service
from argosy.serve.wire import bodies
from argosy.serve.wire.vectors import RerankAnswer, RerankRequest, pair_of, parse_rerank, ranked


def router(service: Service) -> APIRouter:
    """The route, with room for ``max_queue`` requests at once."""
    routes = APIRouter(tags=["answers"])
    permits = Permits(service.settings.max_queue)

    def prepare(served: Served, asked: RerankRequest) -> Job:
        query, documents = pair_of(asked, service.settings)
        if isinstance(served.engine, Reranker):
            return _by_reading(served, served.engine, asked, query, documents)
        return _by_cosine(served, asked, query, documents)

    @routes.post("/v1/rerank", response_model=RerankAnswer, openapi_extra=body_of(RerankRequest))
    async def rerank(request: Request) -> Response:
        """Order documents by how well they answer a query."""
        return await answer(service, request, permits, "rerank", parse_rerank, prepare, ["rerank", "embed"])

    return routes


def _by_cosine(served: Served, asked: RerankRequest, query: str, documents: list[str]) -> Job:
    embedding = embedding_of(served)

    async def work() -> tuple[RerankAnswer, Quantities]:
        both = await asyncio.gather(embedding.embed([query], "query"), embedding.embed(documents, "passage"))
        (asking,), answers = (part.answers for part in both)
        scores = [float(asking.prediction @ one.prediction) for one in answers]
        tokens = asking.tokens + sum(one.tokens for one in answers)
        return ranked(served.name, asked, scores, tokens), _used(documents, tokens)

    return Job(at_most={**bodies.at_most([query, *documents], served), "texts": len(documents)}, work=work)


def _by_reading(served: Served, engine: Reranker, asked: RerankRequest, query: str, documents: list[str]) -> Job:
    def read() -> tuple[list[float], int]:
        return engine.relevance(query, documents).tolist(), sum(engine.count(query, one) for one in documents)

    async def work() -> tuple[RerankAnswer, Quantities]:
        scores, tokens = await asyncio.to_thread(read)
        return ranked(served.name, asked, scores, tokens), _used(documents, tokens)

    return Job(at_most=bodies.at_most([query + one for one in documents], served), work=work)


def _used(documents: list[str], tokens: int) -> dict[str, int]:
    return {"requests": 1, "texts": len(documents), "prompt_tokens": tokens}
