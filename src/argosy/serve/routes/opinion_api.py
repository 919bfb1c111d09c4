"""``/v1/opinion``: what an opinion monitor says, for programs, and the webhook that texts come in by."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from argosy.core.opinion import Kept, Sentiment
from argosy.serve.gate.keys import Books, secret_of
from argosy.serve.gate.opined import Opined
from argosy.serve.gate.roles import require
from argosy.serve.openapi import body_of
from argosy.serve.routes.opinion import Name, monitor
from argosy.serve.service import Service
from argosy.serve.wire.bodies import read_body

Hours = Annotated[int, Query(ge=1, le=24 * 90)]
Most = Annotated[int, Query(ge=1, le=500)]
Word = Annotated[str, Query(max_length=200)]


class PostedText(BaseModel):
    """A text, or a list of them: the ``id`` by which it is known, and when it was published, such as 2026-03-01T14:05Z.

    A webhook whose columns are named in the project file has those names. Without an id a text is known by what it
    says and when; without a time it is of now.
    """

    text: str = Field(examples=["The app is down again."])
    id: str = ""
    time: str = ""
    title: str = ""
    author: str = ""
    url: str = ""
    language: str = ""


class Heard(BaseModel):
    """How many of the texts were new."""

    object: Literal["opinion.heard"] = "opinion.heard"
    new: int


class StoryList(BaseModel):
    """Stories of most reach first."""

    object: Literal["list"] = "list"
    data: list[dict[str, Any]]


class AlarmList(BaseModel):
    """Surges, the newest first."""

    object: Literal["list"] = "list"
    data: list[dict[str, Any]]


BODIES = (PostedText,)


def router(service: Service, opined: Opined, books: Books | None) -> APIRouter:
    """The routes; with books they take a tenant's key with the scope, or one of the admin side that may look."""
    routes = APIRouter(prefix="/v1/opinion", tags=["opinion"])

    async def enter(request: Request) -> None:
        service.readiness.require()
        caller = books.directory.find(secret_of(request) or "") if books else None
        if caller is not None and caller.key.role is not None:
            require(caller, "opinion:read" if request.method == "GET" else "opinion:write")
        else:
            await service.admission.enter(request, "opinion")

    @routes.get("")
    async def overview(request: Request, hours: Hours = 24) -> dict[str, Any]:
        """What was said in the last hours: topics, entities, sources, what emerges, open alarms."""
        await enter(request)
        return dict(await monitor(opined.overview, hours))

    @routes.get("/trend")
    async def trend(request: Request, topic: Word = "", entity: Word = "", hours: Hours = 24) -> dict[str, Any]:
        """A topic and an entity hour by hour; all of them where neither is named."""
        await enter(request)
        return dict(await monitor(opined.trend, topic, entity, hours))

    @routes.get("/stories")
    async def stories(
        request: Request,
        topic: Word = "",
        entity: Word = "",
        sentiment: Sentiment | Literal[""] = "",
        hours: Hours = 24,
        limit: Most = 50,
    ) -> StoryList:
        """Stories of the last hours, of most reach first."""
        await enter(request)
        found = await monitor(opined.stories, topic, entity, sentiment, hours, limit)
        return StoryList(data=[one.to_json() for one in found])

    @routes.get("/stories/{story}")
    async def story(request: Request, story: Name) -> dict[str, Any]:
        """A story and its texts, the first of them first."""
        await enter(request)
        found, texts = await monitor(opined.story, story)
        return {**found.to_json(), "texts": [_told(one) for one in texts]}

    @routes.get("/alarms")
    async def alarms(request: Request, *, still: bool = False, limit: Most = 200) -> AlarmList:
        """Surges, the newest first; ``still``: only those that are open."""
        await enter(request)
        return AlarmList(data=[one.to_json() for one in await monitor(opined.alarms, still=still, most=limit)])

    @routes.post("/texts", status_code=202, openapi_extra=body_of(PostedText))
    async def texts(request: Request, source: Word = "") -> Heard:
        """Texts for the webhook ``source``, the first one unless said; the same again changes nothing."""
        await enter(request)
        body = await read_body(request, service.settings)
        return Heard(new=await monitor(opined.hear_body, body, source))

    return routes


def _told(kept: Kept) -> Mapping[str, Any]:
    opinion, post = kept.opinion, kept.opinion.post
    return {
        "id": kept.id,
        "first": kept.first,
        "text": opinion.text,
        "source": post.source,
        "at": post.at,
        "url": post.url,
        "language": opinion.language,
        "sentiment": opinion.sentiment,
        "chances": dict(opinion.chances),
        "topic": opinion.topic,
        "about": {one.entity: dict(one.chances) for one in opinion.about},
    }
