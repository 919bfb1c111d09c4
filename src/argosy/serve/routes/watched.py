"""Pages of a service that watches itself: its models, its alarms, the texts that people label, its experiments."""

from collections.abc import Mapping
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from argosy.core.labelling import Labelling
from argosy.serve.errors import RequestError
from argosy.serve.gate import office
from argosy.serve.gate.office import look
from argosy.serve.gate.watched import Watched
from argosy.serve.pages import watched
from argosy.serve.pages.shown import language_of
from argosy.serve.routes.admin import Id
from argosy.serve.routes.desk import Desk, View, text_of
from argosy.serve.routes.signed import Fields, first

_LONGEST = 200  # characters of a label

VIEWS: Mapping[str, View] = {
    "watch": View(
        path="/watch",
        permission="watch:read",
        tell=lambda desk, request, _: watched.watch(_watched(desk), language_of(request), desk.books.zone),
    ),
    "alarms": View(
        path="/alarms",
        permission="watch:read",
        tell=lambda desk, request, _: watched.alarms(_watched(desk), language_of(request)),
    ),
    "alarm": View(
        path="/alarms/{about}",
        permission="watch:read",
        tell=lambda desk, request, about: watched.alarm(_watched(desk), about, language_of(request)),
    ),
    "labels": View(
        path="/labels",
        permission="labels:write",
        personal=True,
        tell=lambda desk, request, about: watched.labels(_watched(desk), text_of(request, "model"), about),
    ),
    "experiments": View(
        path="/experiments",
        permission="releases:read",
        tell=lambda desk, _, __: {"statuses": _watched(desk).experiments.statuses()},
    ),
}


def steps(routes: APIRouter, desk: Desk) -> None:
    """What the forms of these pages do."""

    @routes.post("/alarms/{alarm}/{word}")
    async def acknowledge(request: Request, alarm: Id, word: str) -> Response:
        visitor, _ = await desk.side.acting(request, "watch:write")
        if word not in {"seen", "usual"}:
            raise office.missing()
        await look(_watched(desk).acknowledge, alarm, visitor.caller.key.id, usual=word == "usual")
        return desk.side.back(f"/alarms/{alarm}", "?done=1")

    @routes.post("/labels/{item}")
    async def label(request: Request, item: Id) -> Response:
        visitor, fields = await desk.side.acting(request, "labels:write")
        by = visitor.caller.key.id

        async def deed() -> Response:
            await look(_give, _watched(desk).labelling, item, by, fields)
            return desk.side.back("/labels", f"?model={quote(first(fields, 'model'))}")

        return await desk.tried(request, visitor, deed(), "labels", by)

    @routes.post("/labels")
    async def undo(request: Request) -> Response:
        visitor, fields = await desk.side.acting(request, "labels:write")
        model = first(fields, "model")
        await look(_watched(desk).labelling.undo, model, visitor.caller.key.id)
        return desk.side.back("/labels", f"?model={quote(model)}")


def _give(queue: Labelling, item: str, by: str, fields: Fields) -> None:
    """A label, or none this time."""
    if "skip" in fields:
        queue.skip(item, by)
    else:
        queue.vote(item, by, _label(_on_a_line(first(fields, "other")) or first(fields, "label")))


def _on_a_line(written: str) -> str:
    """What is left of a name without what nobody sees: ends of lines, orders to terminals, turns of the direction."""
    return " ".join("".join(one if one.isprintable() else " " for one in written).split())


def _label(given: str) -> str:
    if not given or len(given) > _LONGEST:
        raise RequestError(
            "Expected a label of 1 to {most} characters.",
            code="invalid_value",
            param="label",
            mend="Choose one, or write one.",
            most=_LONGEST,
        )
    return given


def _watched(desk: Desk) -> Watched:
    if desk.books.watched is None:
        raise office.missing()
    return desk.books.watched
