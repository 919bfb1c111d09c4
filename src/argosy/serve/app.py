"""The HTTP service over engines that are loaded already."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.telemetry import TelemetryConfig
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import Lifespan

from argosy.core.feedback import FeedbackLog
from argosy.core.signals import SignalLog
from argosy.core.version import __version__
from argosy.serve.answers.catalogue import Catalogue
from argosy.serve.answers.work import Engine
from argosy.serve.channels import dingtalk, feishu, hooks, wecom, widget
from argosy.serve.channels import page as chat_page
from argosy.serve.channels import wire as channel_bodies
from argosy.serve.channels.hearing import Hearing
from argosy.serve.channels.sending import Senders
from argosy.serve.errors import RequestError, error_response
from argosy.serve.gate.admission import Admission, Open
from argosy.serve.gate.keys import Books
from argosy.serve.gate.observed import Observed
from argosy.serve.gate.opined import Opined
from argosy.serve.gate.recommended import Recommended
from argosy.serve.gate.supported import Supported
from argosy.serve.jobs.background import Background, working
from argosy.serve.jobs.parts import Batching
from argosy.serve.openapi import schemas
from argosy.serve.persons.captures import Captures, capturing, keeping
from argosy.serve.releases.controls import Controls
from argosy.serve.releases.rollout import Releases, following
from argosy.serve.routes import (
    account,
    admin,
    batches,
    chat,
    classify,
    completions,
    embeddings,
    feedback,
    files,
    models,
    operator,
    opinion_api,
    page,
    product,
    recommend,
    recommend_api,
    released,
    rerank,
    signs,
)
from argosy.serve.routes import privacy as persons
from argosy.serve.running.edge import Edge
from argosy.serve.running.metrics import Metrics
from argosy.serve.running.preflight import Preflight
from argosy.serve.running.tracing import SILENT, Tracer, open_tracer
from argosy.serve.service import Service
from argosy.serve.settings import Settings
from argosy.serve.watching.counting import Counting, counted
from argosy.serve.wire import bodies, recommending, wishes
from argosy.serve.wire import jobs as wire_jobs
from argosy.serve.wire.text import ChatRequest, CompletionRequest
from argosy.serve.wire.vectors import EmbeddingRequest, RerankRequest
from argosy.web import answers as pages

_ERRORS: dict[int | str, dict[str, Any]] = {"default": {"model": bodies.ErrorBody, "description": "Any error"}}
_BODIES = (bodies.ClassifyRequest, ChatRequest, CompletionRequest, EmbeddingRequest, RerankRequest)
_SHOWN = 60  # characters of a client's own words that an error repeats
# FastAPI's own telemetry reads environment variables and keeps bodies and messages; ours is in `edge`.
_NO_TELEMETRY = TelemetryConfig(tracing=False, metrics=False, logs=False, operation_spans=False, auto_configure=False)


def create_app(  # noqa: PLR0913 - all that a service may have, each with a default
    engines: Mapping[str, Engine],
    settings: Settings,
    *,
    admission: Admission | None = None,
    releases: Releases | None = None,
    books: Books | None = None,
    batching: Batching | None = None,
    hearing: FeedbackLog | None = None,
    signals: SignalLog | None = None,
    supported: Supported | None = None,
    opined: Opined | None = None,
    recommended: Recommended | None = None,
) -> FastAPI:
    """An app that answers for ``engines`` by name, the first one by default; raises MissingError when there is none.

    Without ``admission`` everybody may ask, and nothing is metered; without ``releases`` the engines stay as they are.
    With ``books`` there are an admin side and a page for tenants, with ``batching`` files and batches over them, and
    with ``hearing`` feedback; with ``signals`` what is seen of the traffic is counted. With
    ``supported``, or books that have it, customers reach an assistant by the channels of the ``settings``; with
    ``opined``, or books that have it, programs ask an opinion monitor, and with books people see its pages; the same
    of a recommender, whose service may have no model beside it.
    """
    metrics, tracer = Metrics(settings.figures), open_tracer(settings.otlp) if settings.otlp else SILENT
    privacy = books.privacy if books else None
    captures = Captures(privacy, metrics.registry) if privacy and privacy.share else None
    recommended = recommended or (books.recommended if books else None)
    catalogue = Catalogue(engines, remembered=settings.cache, released=releases is None, idle=recommended is not None)
    counting = _counting(signals, metrics, catalogue.names)
    observed = Observed(inner=capturing(admission or Open(), captures), metrics=metrics, tracer=tracer)
    service = Service(catalogue=catalogue, admission=observed, settings=settings, metrics=metrics, counting=counting)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        followed = following(service.catalogue, releases)
        kept = keeping(privacy, captures, service.catalogue.forget)
        async with counted(counting), _closing(service, tracer), followed, kept, working(background):
            service.readiness.open = True
            yield

    app = _bare(lifespan)
    app.state.readiness = service.readiness
    opining = _opining(opined or (books.opined if books else None), service, books)
    lists = _recommending(recommended, service, books)
    customers = _channels(supported or (books.supported if books else None), settings, books)
    app.state.pages = _linked(settings, customers=bool(customers), lists=bool(lists) and books is None)
    background = Background(batching, app, service) if batching else None
    answering = [kind.router(service) for kind in (classify, chat, completions, embeddings, rerank, models)]
    sides = _sides(service, books, releases) if books is not None else []
    persons_too = [persons.router(service, privacy)] if privacy is not None else []
    shared = [signs.router(app, service), pages.router()]
    told = [product.router(app, settings.shown, books, keyed=admission is not None)] if settings.shown else []
    later = _later(service, background, hearing)
    for router in (*answering, *shared, *sides, *later, *persons_too, *opining, *lists, *customers, *told):
        app.include_router(router)
    if admission is not None:
        app.add_middleware(Preflight)
    app.add_middleware(Edge, metrics=metrics, tracer=tracer, then=counting.request if counting else None)
    _describe(app, *_more_bodies(opining, lists), later=bool(later), sides=books is not None, customers=bool(customers))
    return app


def _linked(settings: Settings, *, customers: bool, lists: bool) -> list[Mapping[str, Any]]:
    """The pages that all pages link to: those of the product, the chat, the recommender that everybody may try."""
    of_product = settings.shown["pages"] if settings.shown else ()
    return [*of_product, *([chat_page.PAGE] if customers else ()), *([recommend.PAGE] if lists else ())]


def _counting(signals: SignalLog | None, metrics: Metrics, models: Sequence[str]) -> Counting | None:
    """What counts for ``signals``; a model that is alone has the requests that never say which one they ask."""
    return Counting(signals, metrics.registry, model=models[0] if len(models) == 1 else "") if signals else None


def _bare(lifespan: Lifespan[FastAPI]) -> FastAPI:
    """The app without a route."""
    return FastAPI(
        title="Argosy",
        version=__version__,
        description="Classify, write, embed and rerank texts.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry=_NO_TELEMETRY,
        responses=_ERRORS,
        exception_handlers=_REFUSALS,
    )


@asynccontextmanager
async def _closing(service: Service, tracer: Tracer) -> AsyncIterator[None]:
    """Answer nothing after the block, and finish what was begun."""
    try:
        yield
    finally:
        service.readiness.open = False
        await service.catalogue.aclose()
        await service.admission.aclose()
        await asyncio.to_thread(tracer.close)


def _sides(service: Service, books: Books, releases: Releases | None) -> list[APIRouter]:
    """The admin side and the tenants' own, each for programs and as pages for people."""
    controls = Controls(releases.board) if releases else None
    programs = [admin.router(service, books), account.router(service, books)]
    people = [page.router(books), operator.router(service, books, controls)]
    return [*programs, *([released.router(service, books, controls)] if controls else ()), *people]


def _channels(supported: Supported | None, settings: Settings, books: Books | None) -> list[APIRouter]:
    """The ways to an assistant: the widget and the page that shows it, webhooks, and the robots that are set up."""
    if supported is None:
        return []
    hearing, given = Hearing.of(supported, settings), settings.channels
    return [
        chat_page.router(given, books.zone if books else "UTC"),
        widget.router(hearing),
        *([hooks.router(hearing)] if given.hooks else ()),
        *([wecom.router(hearing, given.wecom)] if given.wecom else ()),
        *([dingtalk.router(hearing, given.dingtalk)] if given.dingtalk else ()),
        *([feishu.router(hearing, given.feishu, Senders(given))] if given.feishu else ()),
    ]


def _opining(opined: Opined | None, service: Service, books: Books | None) -> list[APIRouter]:
    """What programs ask an opinion monitor."""
    return [opinion_api.router(service, opined, books)] if opined else []


def _recommending(recommended: Recommended | None, service: Service, books: Books | None) -> list[APIRouter]:
    """What programs ask a recommender, and its pages, which are the admin side's where there is one."""
    if recommended is None:
        return []
    api = recommend_api.router(service, recommended, books)
    return [api] if books else [api, recommend.router(recommended)]


def _more_bodies(opining: Sequence[APIRouter], lists: Sequence[APIRouter]) -> tuple[type[BaseModel], ...]:
    """The bodies of the routes of a monitor and of a recommender, where there are such."""
    return *(opinion_api.BODIES if opining else ()), *(recommending.BODIES if lists else ())


def _later(service: Service, background: Background | None, hearing: FeedbackLog | None) -> list[APIRouter]:
    """Files and the batches over them, and feedback."""
    routers = [feedback.router(service, hearing)] if hearing else []
    if background is None:
        return routers
    return [*routers, files.router(service, background.parts), batches.router(service, background)]


def _describe(app: FastAPI, *more: type[BaseModel], later: bool, sides: bool, customers: bool) -> None:
    """Add the bodies that routes read themselves, which FastAPI does not know.

    The description takes longer than all the rest of the app, so it is made when it is first asked for, and kept.
    """
    of_routes = app.openapi
    kinds = (
        *more,
        *(wire_jobs.BODIES if later else ()),
        *(channel_bodies.BODIES if customers else ()),
        *((*wishes.BODIES, *released.BODIES, *persons.BODIES) if sides else ()),
    )

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            of_routes()["components"]["schemas"] |= schemas((*_BODIES, *kinds))
        return of_routes()

    app.openapi = whole  # type: ignore[method-assign]


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


async def _refuse_value(request: Request, error: Exception) -> Response:
    """A part of the address or of its query that is not what the route says."""
    if not isinstance(error, RequestValidationError):
        raise error
    param = str(error.errors()[0]["loc"][-1])[:_SHOWN]
    return await _refuse(
        request,
        RequestError(
            "The value of {key!r} is not valid.",
            code="invalid_value",
            param=param,
            mend="See GET /docs for what it may be.",
            key=param,
        ),
    )


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


_REFUSALS: dict[int | type[Exception], Any] = {
    RequestError: _refuse,
    HTTPException: _refuse_http,
    RequestValidationError: _refuse_value,
}
