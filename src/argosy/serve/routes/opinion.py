"""Pages of an opinion monitor: what is said, alarms and who deals with them, stories, texts and their corrections."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, ParamSpec, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from argosy.core.errors import ArgosyError, DataError, MissingError, ProjectError
from argosy.core.opinion import SENTIMENTS
from argosy.core.tenant import Paper
from argosy.serve.errors import RequestError
from argosy.serve.gate import office
from argosy.serve.gate.opined import Opined
from argosy.serve.pages import opinion, opinion_paper
from argosy.serve.pages.shown import language_of
from argosy.serve.routes.account import download
from argosy.serve.routes.desk import Desk, View, text_of
from argosy.serve.routes.signed import Fields, first

T = TypeVar("T")
P = ParamSpec("P")
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9._:-]{1,128}$")]
_OWNER = 80  # characters of who deals with an alarm


def _same(desk: Desk, request: Request) -> bool:
    """Whether a page that follows by itself already shows what there is."""
    shown = text_of(request, "state")
    return bool(shown) and shown == opinion.state_of(_opined(desk))


def _view(path: str, tell: Callable[[Opined, Request, str], opinion.Told]) -> View:
    """A page that follows by itself: a part of it is asked for with the state that it shows."""
    return View(
        path=path,
        permission="opinion:read",
        tell=lambda desk, request, about: {
            **tell(_opined(desk), request, about),
            "part": text_of(request, "part") == "live",
        },
        same=_same,
    )


def _asked(request: Request) -> opinion.Asked:
    return opinion.Asked.of(request.query_params)


VIEWS: Mapping[str, View] = {
    "opinion": _view(
        "/opinion", lambda known, request, _: opinion.overview(known, _asked(request), language_of(request))
    ),
    "opinion_trend": _view(
        "/opinion/trend", lambda known, request, _: opinion.trend(known, _asked(request), language_of(request))
    ),
    "opinion_alarms": _view(
        "/opinion/alarms", lambda known, request, _: opinion.alarms(known, _asked(request), language_of(request))
    ),
    "opinion_alarm": _view(
        "/opinion/alarms/{about}", lambda known, request, about: opinion.alarm(known, about, language_of(request))
    ),
    "opinion_stories": _view(
        "/opinion/stories", lambda known, request, _: opinion.stories(known, _asked(request), language_of(request))
    ),
    "opinion_story": _view(
        "/opinion/stories/{about}", lambda known, request, about: opinion.story(known, about, language_of(request))
    ),
    "opinion_text": _view(
        "/opinion/texts/{about}",
        lambda known, request, about: opinion.text(
            known, about, language_of(request), why=bool(text_of(request, "why"))
        ),
    ),
    "opinion_brief": _view(
        "/opinion/brief/{about}", lambda known, request, about: opinion.brief(known, about, language_of(request))
    ),
}


async def monitor(call: Callable[P, T], *args: P.args, **values: P.kwargs) -> T:
    """What a monitor says, asked beside the event loop; raises RequestError for what it refuses."""
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
            "The monitor does not answer now.",
            code="storage_unavailable",
            mend="Try again after the time in the header retry-after.",
        ) from error


def steps(routes: APIRouter, desk: Desk) -> None:
    """What the forms of these pages do, and the brief to download."""
    _dealing(routes, desk)
    _teaching(routes, desk)

    @routes.get("/opinion/brief/{day}.pdf")
    async def paper(request: Request, day: date) -> Response:
        await desk.side.visitor(request, "opinion:read")
        language = language_of(request)
        record = await monitor(_opined(desk).brief, day.isoformat(), language)
        name = f"argosy-brief-{day.isoformat()}-{language}.pdf"
        body = await run_in_threadpool(opinion_paper.pdf, record, language)
        return download(Paper(name=name, media_type="application/pdf", body=body))

    @routes.get("/opinion/brief")
    async def day(request: Request) -> Response:
        await desk.side.visitor(request, "opinion:read")
        wanted = text_of(request, "day") or opinion.yesterday(_opined(desk).zone)
        return desk.side.back(f"/opinion/brief/{quote(wanted)}")


def _dealing(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/opinion/alarms/{alarm}/{word}")
    async def deal(request: Request, alarm: Name, word: str) -> Response:
        visitor, fields = await desk.side.acting(request, "opinion:write")
        by, opined = visitor.caller.key.id, _opined(desk)

        async def deed() -> Response:
            match word:
                case "seen" | "usual":
                    await monitor(opined.acknowledge, alarm, by, usual=word == "usual")
                case "owner":
                    await monitor(opined.assign, alarm, _owner(fields), by)
                case "close":
                    await monitor(opined.close, alarm, by)
                case _:
                    raise office.missing()
            return desk.side.back(f"/opinion/alarms/{quote(alarm)}", "?done=1")

        return await desk.tried(request, visitor, deed(), "opinion_alarm", alarm)


def _teaching(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/opinion/texts/{text}")
    async def correct(request: Request, text: Name) -> Response:
        visitor, fields = await desk.side.acting(request, "opinion:write")
        by, opined = visitor.caller.key.id, _opined(desk)

        async def deed() -> Response:
            sentiment, topic, entity = (first(fields, name) for name in ("sentiment", "topic", "entity"))
            _check(opined, sentiment, topic, entity)
            await monitor(opined.correct, text, by, sentiment=sentiment, topic=topic, entity=entity)
            return desk.side.back(f"/opinion/texts/{quote(text)}", "?done=1")

        return await desk.tried(request, visitor, deed(), "opinion_text", text)


def _check(opined: Opined, sentiment: str, topic: str, entity: str) -> None:
    """Raise RequestError for a correction that says nothing, or a word that is none of those to choose from."""
    known = ("", *SENTIMENTS), ("", *opined.topics()), ("", *opined.entities())
    for param, word, words in zip(("sentiment", "topic", "entity"), (sentiment, topic, entity), known, strict=True):
        if word not in words:
            raise RequestError(
                "Expected one of {choices}, found {word!r}.",
                code="invalid_value",
                param=param,
                mend="Open the page anew.",
                choices=", ".join(filter(None, words)),
                word=word[:40],
            )
    if not (sentiment or topic):
        raise RequestError(
            "The correction says nothing.",
            code="missing_field",
            param="sentiment",
            mend="Choose what the text should have been read as.",
        )


def _owner(fields: Fields) -> str:
    """Who deals with it, on one line; empty: nobody."""
    written = first(fields, "owner")
    owner = " ".join("".join(one if one.isprintable() else " " for one in written).split())
    if len(owner) > _OWNER:
        raise RequestError(
            "Expected a name of at most {most} characters.",
            code="invalid_value",
            param="owner",
            mend="Shorten it.",
            most=_OWNER,
        )
    return owner


def _opined(desk: Desk) -> Opined:
    if desk.books.opined is None:
        raise office.missing()
    return desk.books.opined
