"""Pages of a recommender: a list for anybody with its reasons, and what changes in it after a click or a new item.

A service that sells has them at its admin side; one that is open shows them to everybody who may ask it.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from argosy.core.ids import new_id
from argosy.core.recommend import Event, Item
from argosy.serve.errors import RequestError
from argosy.serve.gate import office
from argosy.serve.gate.recommended import Recommended
from argosy.serve.pages import recommend_demo
from argosy.serve.pages.recommend_demo import Seen
from argosy.serve.pages.shown import Problem, language_of, show
from argosy.serve.routes.desk import Desk, View, text_of
from argosy.serve.routes.recommend_api import ask
from argosy.serve.routes.signed import Fields, PageRoute, fields_of, first

PAGE = {"path": "/recommend", "title": {"en": "Recommendations", "zh": "推荐"}}
"""The page of an open service as others link to it."""
_TITLE, _TEXT, _TAGS, _ID, _KIND = 300, 4000, 300, 256, 64  # characters
_MOST = 1e12  # of a price


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A form that was sent, on the page of what was ``seen``, under the name ``by``."""

    recommended: Recommended
    seen: Seen
    fields: Fields
    by: str


Deed = Callable[[Step], Awaitable[Seen]]


def _days(request: Request) -> int:
    found = text_of(request, "days")
    return int(found) if found.isascii() and found.isdecimal() and len(found) < len("1000") else 0


VIEWS: Mapping[str, View] = {
    "recommend": View(
        path="/recommend",
        permission="recommend:read",
        tell=lambda desk, request, _: {
            **recommend_demo.demo(_recommended(desk), Seen.of(request.query_params), language_of(request)),
            "place": f"{desk.side.home}/recommend",
        },
    ),
    "recommend_numbers": View(
        path="/recommend/numbers",
        permission="recommend:read",
        tell=lambda desk, request, _: {
            **recommend_demo.numbers(_recommended(desk), _days(request), language_of(request)),
            "place": f"{desk.side.home}/recommend",
        },
    ),
}


def steps(routes: APIRouter, desk: Desk) -> None:
    """What the forms of these pages do, at the admin side."""
    for name, deed in _DEEDS.items():
        routes.add_api_route(f"/recommend/{name}", _step(desk, deed), methods=["POST"], name=f"recommend_{name}")


def _step(desk: Desk, deed: Deed) -> Callable[..., Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        visitor, fields = await desk.side.acting(request, "recommend:write")
        seen = Seen.of(request.query_params)

        async def done() -> Response:
            after = await deed(Step(recommended=_recommended(desk), seen=seen, fields=fields, by=visitor.caller.key.id))
            return desk.side.back("/recommend", after.query)

        return await desk.tried(request, visitor, done(), "recommend")

    return handle


def router(recommended: Recommended) -> APIRouter:
    """The pages of a service that lets everybody in."""
    routes = APIRouter(prefix="/recommend", include_in_schema=False, route_class=PageRoute)

    async def page(request: Request, problem: Problem | None = None, status: int = HTTPStatus.OK) -> Response:
        language = language_of(request)
        told = await ask(recommend_demo.demo, recommended, Seen.of(request.query_params), language)
        return show(request, "recommend.html", "UTC", {**_OPEN, **told, "problem": problem}, status)

    @routes.get("")
    async def look(request: Request) -> Response:
        return await page(request)

    @routes.get("/numbers")
    async def numbers(request: Request) -> Response:
        told = await ask(recommend_demo.numbers, recommended, _days(request), language_of(request))
        return show(request, "recommend_numbers.html", "UTC", {**_OPEN, **told})

    def handle(deed: Deed) -> Callable[..., Awaitable[Response]]:
        async def act(request: Request) -> Response:
            fields, seen = await fields_of(request), Seen.of(request.query_params)
            try:
                after = await deed(Step(recommended=recommended, seen=seen, fields=fields, by="open"))
            except RequestError as error:
                if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
                    raise
                return await page(request, Problem.of(error, language_of(request)), error.status)
            return RedirectResponse(f"/recommend{after.query}", status_code=HTTPStatus.SEE_OTHER)

        return act

    for name, deed in _DEEDS.items():
        routes.add_api_route(f"/{name}", handle(deed), methods=["POST"], name=f"recommend_{name}")
    return routes


async def _click(step: Step) -> Seen:
    """Say that somebody did something with an item; what a stranger does stands in the address alone."""
    item = await ask(step.recommended.item, first(step.fields, "item")[:_ID])
    if step.seen.user:
        kind = first(step.fields, "kind")[:_KIND] or next(iter(step.recommended.kinds), "click")
        shown = first(step.fields, "list")[:_ID]
        event = Event(user=step.seen.user, item=item.id, kind=kind, at=time.time_ns() // 1000, shown=shown)
        heard = await ask(step.recommended.hear, [event])
        if heard.refused:
            raise RequestError(
                "This was not taken: {reason}.",
                code="invalid_value",
                mend="Choose another item, or another user.",
                reason=", ".join(heard.refused),
            )
    return step.seen.after(item=item.id)


async def _add(step: Step) -> Seen:
    """Add an item by what it says."""
    title, text = (first(step.fields, name).strip() for name in ("title", "description"))
    for param, value, most in (("title", title, _TITLE), ("description", text, _TEXT)):
        if len(value) > most:
            raise RequestError(
                "The text has {found} characters; it may have {limit}.",
                code="invalid_value",
                param=param,
                mend="Shorten it, or send its parts as texts of their own.",
                found=len(value),
                limit=most,
            )
    if not title:
        raise RequestError("The item has no title.", code="missing_field", param="title", mend="Write one.")
    words = first(step.fields, "tags")[:_TAGS].replace("，", ",").replace("、", ",").replace(";", ",").split(",")
    tags = tuple(dict.fromkeys(filter(None, map(str.strip, words))))
    now = time.time_ns() // 1000
    item = Item(id=f"item_{new_id()}", title=title, text=text, tags=tags, price=_price(step.fields), added=now)
    await ask(step.recommended.put, [item])
    return step.seen.after(added=item.id)


def _price(fields: Fields) -> float | None:
    written = first(fields, "price").strip()
    try:
        price = float(written) if written else None
    except ValueError:
        price = -1.0
    if price is not None and not 0 <= price <= _MOST:
        raise RequestError(
            "The price {found!r} is no number from 0.",
            code="invalid_value",
            param="price",
            mend="Write it as 12.50, or leave it empty.",
            found=written[:20],
        )
    return price


async def _forget(step: Step) -> Seen:
    """Remove all of a user."""
    if not step.seen.user:
        raise RequestError("Nobody is chosen.", code="missing_field", param="user", mend="Choose a user first.")
    removed = await ask(step.recommended.forget, step.seen.user, step.by)
    return step.seen.after(forgot=str(sum(removed.values())))


_DEEDS: Mapping[str, Deed] = {"click": _click, "items": _add, "forget": _forget}
_OPEN = {"home": "/recommend", "place": "/recommend", "may": lambda permission: permission.startswith("recommend:")}


def _recommended(desk: Desk) -> Recommended:
    if desk.books.recommended is None:
        raise office.missing()
    return desk.books.recommended
