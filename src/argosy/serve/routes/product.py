"""The pages of a product, as its model's folder tells them: what it does, how well, and a form to try it."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from argosy.core.ids import new_id
from argosy.serve.gate.keys import Books
from argosy.serve.jobs.inside import Asked, ask
from argosy.serve.pages.shown import language_of, show
from argosy.serve.routes.signed import PageRoute, fields_of, first

OWN = frozenset(
    {"account", "admin", "assets", "docs", "healthz", "metrics", "openapi.json", "readyz", "recommend", "support", "v1"}
)
"""What the service's own addresses begin with."""
_BLANK = "…"  # stands in a route's body for the reader's text
Told = Mapping[str, Any]


def router(app: FastAPI, shown: Told, books: Books | None, *, keyed: bool) -> APIRouter:
    """The routes; ``app`` is asked what is tried there, by the key of who tries it where the service is ``keyed``."""
    routes = APIRouter(include_in_schema=False, route_class=PageRoute)
    for page in shown["pages"]:
        _mount(routes, app, page, {"shown": shown, "page": page, "keyed": keyed, "plans": []}, books)
    return routes


def _mount(routes: APIRouter, app: FastAPI, page: Told, values: Told, books: Books | None) -> None:
    def answer(request: Request, more: Told, status: int = HTTPStatus.OK) -> Response:
        told = {"home": page["path"], "address": str(request.base_url).rstrip("/"), "text": "", "answer": None, **more}
        plans = {"plans": _plans(books)} if books else {}
        return show(request, "product.html", books.zone if books else "UTC", {**values, **plans, **told}, status)

    @routes.get(page["path"])
    async def look(request: Request) -> Response:
        return answer(request, {})

    if "try" not in page["shows"] or not values["shown"]["routes"]:
        return

    @routes.post(page["path"])
    async def attempt(request: Request) -> Response:
        fields = await fields_of(request)
        text = first(fields, "text")
        asked = _asked(request, values["shown"], text, first(fields, "key").strip())
        answered = await ask(app, asked)
        return answer(request, {"text": text, "answer": json.loads(answered.body)}, answered.status)


def _asked(request: Request, shown: Told, text: str, key: str) -> Asked:
    """The first route's request with the reader's ``text``, by ``key`` if there is one: as from outside."""
    route = shown["routes"][0]
    head = {"authorization": f"Bearer {key}"} if key else {}
    if origin := request.headers.get("origin"):
        head["origin"] = origin
    body = {**_filled(json.loads(route["ask"]), text), "model": shown["model"]}
    return Asked(
        path=route["path"],
        body=json.dumps(body).encode(),
        caller=None,
        key=new_id(),
        language=language_of(request),
        head=head,
    )


def _filled(part: Any, text: str) -> Any:
    """A body with ``text`` at its blank."""
    if isinstance(part, dict):
        return {name: _filled(value, text) for name, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, text) for value in part]
    return text if part == _BLANK else part


def _plans(books: Books) -> list[Any]:
    """The plan that a new tenant gets."""
    offered = books.prices.offered() if books.prices else []
    return [plan for plan in offered if plan.currency == books.currency and books.plan in (plan.name, plan.id)]
