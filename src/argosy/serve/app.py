"""The HTTP service over classifiers that are loaded already."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.telemetry import TelemetryConfig
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException

from argosy import __version__
from argosy.core.engine import Classifier
from argosy.core.errors import MissingError
from argosy.serve import wire
from argosy.serve.docs import page
from argosy.serve.edge import Edge
from argosy.serve.errors import RequestError, error_response
from argosy.serve.metrics import Metrics
from argosy.serve.settings import Settings
from argosy.serve.timing import ASKED, Watch
from argosy.serve.work import Permits, Work

_ERRORS: dict[int | str, dict[str, Any]] = {"default": {"model": wire.ErrorBody, "description": "Any error"}}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ClassifyRequest"}}},
    }
}
# FastAPI's own telemetry reads environment variables and keeps bodies and messages; ours is in `edge`.
_NO_TELEMETRY = TelemetryConfig(tracing=False, metrics=False, logs=False, operation_spans=False, auto_configure=False)


@dataclass(slots=True)
class Readiness:
    """Whether requests are answered (``open``), and whether a balancer should send new ones.

    It should not while the service is ``stopping``, or ``waiting`` for other workers that do not answer yet.
    """

    open: bool = False
    stopping: bool = False
    waiting: bool = False


def create_app(models: Mapping[str, Classifier], settings: Settings) -> FastAPI:
    """An app that answers for ``models`` by name, the first one by default; raises MissingError when there is none."""
    if not models:
        raise MissingError("There is no model to serve.", mend="Build one first: argosy run")
    metrics, readiness = Metrics(settings.figures), Readiness()
    works = {name: Work(engine, remembered=settings.cache) for name, engine in models.items()}

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        readiness.open = True
        try:
            yield
        finally:
            readiness.open = False
            for work in works.values():
                await work.aclose()

    app = FastAPI(
        title="Argosy",
        version=__version__,
        description="Classify texts.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry=_NO_TELEMETRY,
        responses=_ERRORS,
    )
    app.state.readiness = readiness
    app.include_router(_answers(works, readiness, metrics, settings))
    app.include_router(_signs(app, readiness, metrics))
    app.add_exception_handler(RequestError, _refuse)
    app.add_exception_handler(HTTPException, _refuse_http)
    app.add_middleware(Edge, metrics=metrics)
    # the route reads its body itself, so FastAPI does not know this part; the description is kept once made
    app.openapi()["components"]["schemas"]["ClassifyRequest"] = wire.ClassifyRequest.model_json_schema()
    return app


def _answers(works: Mapping[str, Work], readiness: Readiness, metrics: Metrics, settings: Settings) -> APIRouter:
    router = APIRouter(tags=["answers"])
    permits = Permits(settings.max_queue)
    names = list(works)
    listed = wire.ModelList(data=[wire.describe(name, work.engine, int(time.time())) for name, work in works.items()])

    @router.post("/v1/classify", response_model=wire.ClassifyAnswer, openapi_extra=_BODY)
    async def classify(request: Request) -> Response:
        """Classify one text or several; the answers stand in the order of the texts."""
        _require(ready=readiness.open)
        with permits.take():
            watch = Watch()
            asked = wire.parse(await wire.read_body(request, settings))
            name, texts = wire.pick(names, asked.model), wire.texts_of(asked, settings)
            watch.note("parse")
            found = await works[name].classify(texts)
            watch.take(found)
            answer = wire.answer(name, found.answers)
            _count(request, metrics, name, len(texts), answer.usage.total_tokens)
            response = Response(answer.model_dump_json(), media_type="application/json")
            watch.note("encode")
        if settings.timing or ASKED in request.headers:
            response.headers["server-timing"] = watch.header()
        return response

    @router.get("/v1/models")
    async def models() -> wire.ModelList:
        """The models that can be asked for, with their labels; the first one is asked by default."""
        return listed

    return router


def _signs(app: FastAPI, readiness: Readiness, metrics: Metrics) -> APIRouter:
    router = APIRouter(tags=["signs of life"])

    @router.get("/healthz")
    async def healthz() -> wire.State:
        """Whether the process lives."""
        return wire.State()

    @router.get("/readyz")
    async def readyz() -> wire.State:
        """Whether requests should be sent here: not before the models are loaded, nor while stopping."""
        _require(ready=readiness.open and not (readiness.stopping or readiness.waiting))
        return wire.State()

    @router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def figures() -> Response:
        """Figures for Prometheus."""
        return Response(metrics.tell(), media_type=CONTENT_TYPE_LATEST)

    @router.get("/docs", include_in_schema=False)
    async def docs(request: Request) -> HTMLResponse:
        return page(app.openapi(), str(request.base_url).rstrip("/"))

    return router


def _require(*, ready: bool) -> None:
    if not ready:
        raise RequestError(
            "The server is starting or stopping.",
            code="not_ready",
            mend="Try again after the time in the header retry-after.",
        )


def _count(request: Request, metrics: Metrics, model: str, texts: int, tokens: int) -> None:
    request.state.visit.texts, request.state.visit.tokens = texts, tokens
    metrics.texts.labels(model).inc(texts)
    metrics.tokens.labels(model).inc(tokens)


async def _refuse(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestError):
        raise error
    request.state.visit.code = error.code
    return error_response(error, request.headers)


async def _refuse_http(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: no such route, or not by this method."""
    if not isinstance(error, HTTPException):
        raise error
    response = await _refuse(request, _from_http(error, request))
    response.headers.update(error.headers or {})
    return response


def _from_http(error: HTTPException, request: Request) -> RequestError:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return RequestError(
            "There is nothing at this address.", code="not_found", mend="See GET /docs for what there is."
        )
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return RequestError(
            "The method {method} does not fit this address.",
            code="method_not_allowed",
            mend="See GET /docs for what there is.",
            method=request.method,
        )
    return RequestError("The request is not valid.", code="bad_request", mend="See GET /docs for what there is.")
