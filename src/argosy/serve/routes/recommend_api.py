"""``/v1/recommend``, ``/v1/events`` and ``/v1/items``: a recommender, for programs."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Literal, ParamSpec, TypeVar

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from argosy.core.account import Caller
from argosy.core.errors import ArgosyError, DataError, MissingError, ProjectError
from argosy.core.language import from_locale
from argosy.serve.answers.answering import resend
from argosy.serve.answers.work import Permits
from argosy.serve.errors import RequestError
from argosy.serve.gate import office
from argosy.serve.gate.keys import Books, secret_of
from argosy.serve.gate.recommended import Recommended
from argosy.serve.gate.roles import Permission, require
from argosy.serve.openapi import body_of
from argosy.serve.pages.recommend import listed
from argosy.serve.pages.shown import translate
from argosy.serve.service import Service
from argosy.serve.wire import bodies
from argosy.serve.wire.recommending import (
    RecommendAnswer,
    RecommendEvent,
    RecommendHeard,
    RecommendItem,
    RecommendRequest,
    parse_events,
    parse_items,
    parse_recommend,
    told_of,
)

T = TypeVar("T")
P = ParamSpec("P")
Id = Annotated[str, Path(pattern=r"^[^\x00]{1,300}$")]
Ids = Annotated[list[str], Query(max_length=200)]
_LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"})


class ItemsPut(BaseModel):
    """How many items came, and how many of them changed anything."""

    object: Literal["recommend.items"] = "recommend.items"
    received: int
    changed: int


class ItemList(BaseModel):
    """Items, the most popular first."""

    object: Literal["list"] = "list"
    data: list[RecommendItem]


class ItemGone(BaseModel):
    """That an item is shown no more."""

    object: Literal["recommend.item"] = "recommend.item"
    id: str
    deleted: bool = True


class UserForgotten(BaseModel):
    """How much of a user was removed."""

    object: Literal["recommend.user"] = "recommend.user"
    id: str
    deleted: bool = True
    removed: dict[str, int]


async def ask(call: Callable[P, T], *args: P.args, **values: P.kwargs) -> T:
    """What a recommender says, asked beside the event loop; raises RequestError for what it refuses."""
    try:
        return await run_in_threadpool(call, *args, **values)
    except RequestError:
        raise
    except MissingError:
        raise office.missing() from None
    except (DataError, ProjectError) as error:
        told: dict[str, Any] = dict(error.values)
        raise RequestError(error.message, code="invalid_value", mend=error.mend, **told) from error
    except ArgosyError as error:
        raise RequestError(
            "The recommender does not answer now.",
            code="storage_unavailable",
            mend="Try again after the time in the header retry-after.",
        ) from error


def router(service: Service, recommended: Recommended, books: Books | None) -> APIRouter:
    """The routes; with books they take a tenant's key with the scope, or, but for lists, one of the admin side."""
    routes = APIRouter(prefix="/v1", tags=["recommend"])
    _lists(routes, service, recommended)
    _changes(routes, service, recommended, books)
    _items(routes, service, recommended, books)
    return routes


def _lists(routes: APIRouter, service: Service, recommended: Recommended) -> None:
    permits = Permits(service.settings.max_queue)

    async def answer(request: Request, caller: Caller, asked: RecommendRequest, body: bytes) -> Response:
        wish, language = asked.wish(), asked.lang or from_locale(request.headers.get("accept-language"))
        around = service.admission.charge(request, caller, model=recommended.name, at_most={"requests": 1}, body=body)
        async with around as charge:
            if charge.reply:
                return resend(charge.reply)
            told = await ask(lambda: _told(recommended, wish, language))
            response = Response(told, media_type="application/json")
            await charge.settle({"requests": 1}, bodies.kept(body, response))
        return response

    @routes.post("/recommend", response_model=RecommendAnswer, openapi_extra=body_of(RecommendRequest))
    async def recommend(request: Request) -> Response:
        """Items for a user, or for somebody who is not known, each with the reason why it is there."""
        service.readiness.require()
        caller = await service.admission.enter(request, "recommend")
        with permits.take(caller):
            body = await bodies.read_body(request, service.settings)
            return await answer(request, caller, parse_recommend(body), body)

    @routes.get("/recommend", response_model=RecommendAnswer)
    async def recommend_by_address(  # noqa: PLR0913 - the query's parts
        request: Request,
        *,
        user: str | None = None,
        session: str | None = None,
        recent: Ids = [],  # noqa: B006 - FastAPI copies it
        n: int = 10,
        tags: Ids = [],  # noqa: B006
        min_price: float | None = None,
        max_price: float | None = None,
        exclude: Ids = [],  # noqa: B006
        explore: bool = True,
        lang: Literal["en", "zh"] | None = None,
    ) -> Response:
        """The same by an address; lists are given by a name that stands several times."""
        service.readiness.require()
        caller = await service.admission.enter(request, "recommend")
        with permits.take(caller):
            filters = {"tags": tags, "min_price": min_price, "max_price": max_price, "exclude": exclude}
            known = {"user": user, "session": session, "recent": recent, "n": n, "explore": explore, "lang": lang}
            body = json.dumps({**known, "filters": filters}).encode()
            return await answer(request, caller, parse_recommend(body), body)


def _told(recommended: Recommended, wish: Any, language: str) -> bytes:
    """The list that is wished for, as JSON."""
    found = recommended.recommend(wish)
    items = [
        told_of(item, shown.score, shown.why, shown.about, why)
        for shown, item, why in listed(recommended, found, translate(language))
    ]
    told = {"object": "recommendation", "id": found.id, "items": items, "version": found.version}
    return json.dumps({**told, "arm": found.arm or None}, ensure_ascii=False, allow_nan=False).encode()


def _changes(routes: APIRouter, service: Service, recommended: Recommended, books: Books | None) -> None:
    @routes.post("/events", status_code=HTTPStatus.ACCEPTED, openapi_extra=body_of(RecommendEvent))
    async def events(request: Request) -> RecommendHeard:
        """Say what users did: one event, a list, or NDJSON, 1,000 at most; the same again changes nothing."""
        await _enter(request, service, books, "recommend:write")
        lines = _in_lines(request)
        body = await (bodies.read_whole if lines else bodies.read_body)(request, service.settings)
        return RecommendHeard.of(await ask(lambda: recommended.hear(parse_events(body, lines=lines))))

    @routes.delete("/recommend/users/{user:path}")
    async def forget(request: Request, user: Id) -> UserForgotten:
        """Remove all that is known of a user; takes a key of the admin side whose role may change the recommender."""
        service.readiness.require()
        by = "open"
        if books is not None:
            caller = await _enter(request, service, books, "recommend:write")
            require(caller, "recommend:write")
            by = caller.key.id
        return UserForgotten(id=user, removed=dict(await ask(recommended.forget, user, by)))


def _items(routes: APIRouter, service: Service, recommended: Recommended, books: Books | None) -> None:
    async def put(request: Request) -> ItemsPut:
        """Add or change items: one, a list, or NDJSON, 1,000 at most; they can be shown when this is answered."""
        await _enter(request, service, books, "recommend:write")
        lines = _in_lines(request)
        body = await (bodies.read_whole if lines else bodies.read_body)(request, service.settings)
        received = await ask(lambda: parse_items(body, lines=lines))
        return ItemsPut(received=len(received), changed=await ask(recommended.put, received))

    for method in ("PUT", "POST"):
        name = f"{method.lower()}_items"
        routes.add_api_route("/items", put, methods=[method], name=name, openapi_extra=body_of(RecommendItem))

    @routes.get("/items")
    async def items(
        request: Request, q: Annotated[str, Query(max_length=200)] = "", limit: Annotated[int, Query(ge=1, le=100)] = 20
    ) -> ItemList:
        """Items whose title has these words, the most popular first."""
        await _enter(request, service, books, "recommend:read")
        return ItemList(data=[RecommendItem.of(one) for one in await ask(recommended.search, q, limit)])

    @routes.get("/items/{item:path}")
    async def item(request: Request, item: Id) -> RecommendItem:
        """An item."""
        await _enter(request, service, books, "recommend:read")
        return RecommendItem.of(await ask(recommended.item, item))

    @routes.delete("/items/{item:path}")
    async def remove(request: Request, item: Id) -> ItemGone:
        """Show an item no more."""
        await _enter(request, service, books, "recommend:write")
        if not await ask(recommended.remove, [item]):
            raise office.missing()
        return ItemGone(id=item)


async def _enter(request: Request, service: Service, books: Books | None, permission: Permission) -> Caller:
    """Who asks: a role with the permission, or a tenant's key with the scope."""
    service.readiness.require()
    caller = books.directory.find(secret_of(request) or "") if books else None
    if caller is not None and caller.key.role is not None:
        require(caller, permission)
        return caller
    return await service.admission.enter(request, "recommend")


def _in_lines(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() in _LINES
