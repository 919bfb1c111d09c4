"""The service desk: pages for the people behind an assistant, who answer, correct, and approve what it may say."""

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from argosy.data.slots import NAMES
from argosy.serve.channels.hearing import heard
from argosy.serve.channels.sending import Senders
from argosy.serve.errors import RequestError
from argosy.serve.gate import office
from argosy.serve.gate.supported import Supported
from argosy.serve.pages import support, support_numbers
from argosy.serve.pages.shown import language_of
from argosy.serve.routes.desk import Desk, View, text_of
from argosy.serve.routes.signed import Fields, first

Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9._:-]{1,128}$")]
_LONGEST, _SHOWN = 4000, 40  # characters of an answer, and of a wrong word that is repeated
_SLOT = re.compile(r"\{([^{}]*)\}")
_RESOLVED: Mapping[str, bool | None] = {"yes": True, "no": False, "unknown": None}
_DECIDED: Mapping[str, bool | None] = {"approve": True, "refuse": False, "reopen": None}
_PAGES = 4  # digits of a page's number

VIEWS: Mapping[str, View] = {
    "support": View(
        path="/support",
        permission="support:read",
        tell=lambda desk, request, _: support.queue(_supported(desk), language_of(request)),
    ),
    "support_conversation": View(
        path="/support/conversations/{about}",
        permission="support:read",
        tell=lambda desk, request, about: support.conversation(
            _supported(desk),
            about,
            chosen=text_of(request, "answer"),
            corrected=text_of(request, "correct"),
            part=text_of(request, "part") == "turns",
        ),
    ),
    "support_answers": View(
        path="/support/answers",
        permission="support:read",
        tell=lambda desk, request, _: support.answers(
            _supported(desk), text_of(request, "state"), text_of(request, "q"), _number(text_of(request, "page"))
        ),
    ),
    "support_numbers": View(
        path="/support/numbers",
        permission="support:read",
        tell=lambda desk, request, _: support_numbers.numbers(
            _supported(desk), _number(text_of(request, "days")), language_of(request)
        ),
    ),
}


def steps(routes: APIRouter, desk: Desk) -> None:
    """What the forms of these pages do."""
    _talking(routes, desk)
    _teaching(routes, desk)


def _talking(routes: APIRouter, desk: Desk) -> None:
    senders = Senders(desk.service.settings.channels)

    @routes.post("/support/conversations/{name}/take")
    async def take(request: Request, name: Name) -> Response:
        visitor, _ = await desk.side.acting(request, "support:write")
        by = visitor.caller.key.id

        async def deed() -> Response:
            await heard(_supported(desk).take, name, by)
            return _back(desk, name)

        return await desk.tried(request, visitor, deed(), "support_conversation", name)

    @routes.post("/support/conversations/{name}/say")
    async def say(request: Request, name: Name) -> Response:
        visitor, fields = await desk.side.acting(request, "support:write")

        async def deed() -> Response:
            await _say(desk, senders, name, fields, visitor.caller.key.id)
            return _back(desk, name)

        return await desk.tried(request, visitor, deed(), "support_conversation", name)

    @routes.post("/support/conversations/{name}/close")
    async def close(request: Request, name: Name) -> Response:
        visitor, fields = await desk.side.acting(request, "support:write")
        by = visitor.caller.key.id

        async def deed() -> Response:
            resolved = _chosen(_RESOLVED, first(fields, "resolved"), "resolved")
            await heard(_supported(desk).close, name, by, resolved=resolved)
            return desk.side.back("/support", "?done=1")

        return await desk.tried(request, visitor, deed(), "support_conversation", name)


def _teaching(routes: APIRouter, desk: Desk) -> None:
    @routes.post("/support/conversations/{name}/correct")
    async def correct(request: Request, name: Name) -> Response:
        visitor, fields = await desk.side.acting(request, "support:write")

        async def deed() -> Response:
            turn = await _turn(desk, name, first(fields, "turn"))
            await heard(_supported(desk).correct, turn, _text(fields), visitor.caller.key.id)
            return _back(desk, name, "?done=1")

        return await desk.tried(request, visitor, deed(), "support_conversation", name)

    @routes.post("/support/answers/{entry}")
    async def decide(request: Request, entry: Name) -> Response:
        visitor, fields = await desk.side.acting(request, "support:write")
        by = visitor.caller.key.id

        async def deed() -> Response:
            approved = _chosen(_DECIDED, first(fields, "decision"), "decision")
            await heard(_supported(desk).decide, entry, approved=approved, text=_template(fields), by=by)
            query = "&".join(f"{name}={quote(first(fields, name))}" for name in ("state", "q", "page"))
            return desk.side.back("/support/answers", f"?done=1&{query}")

        return await desk.tried(request, visitor, deed(), "support_answers")


async def _say(desk: Desk, senders: Senders, name: str, fields: Fields, by: str) -> None:
    """Answer the customer, and teach the assistant the same where the person says so."""
    text, supported = _text(fields), _supported(desk)
    if taught := first(fields, "taught"):
        await heard(supported.correct, await _turn(desk, name, taught), text, by)
    if (await heard(supported.conversation, name)).state != "taken":
        await heard(supported.take, name, by)
    turn = await heard(supported.say, name, text, by)
    await heard(senders.deliver, await heard(supported.conversation, name), turn.text, turn.id)


async def _turn(desk: Desk, name: str, wanted: str) -> str:
    """The id of one of the assistant's turns in this conversation; raises RequestError for any other."""
    turns = await heard(_supported(desk).turns, name)
    if not any(turn.id == wanted and turn.role == "assistant" for turn in turns):
        raise office.missing()
    return wanted


def _text(fields: Fields) -> str:
    """What a person wrote; raises RequestError for nothing and for too much."""
    text = first(fields, "text").replace("\r\n", "\n").strip()
    if not text or len(text) > _LONGEST:
        raise RequestError(
            "Expected an answer of 1 to {most} characters.",
            code="invalid_value",
            param="text",
            mend="Write one.",
            most=_LONGEST,
        )
    return text


def _template(fields: Fields) -> str:
    """A stored answer; raises RequestError for a name in braces that nothing can fill in."""
    text = _text(fields)
    strange = [name for name in _SLOT.findall(text) if name not in NAMES]
    if strange:
        raise RequestError(
            "Nothing can be filled in for {slot!r}.",
            code="invalid_value",
            param="text",
            mend="Names in braces may be: {known}.",
            slot=strange[0][:_SHOWN],
            known=", ".join(NAMES),
        )
    return text


def _chosen(choices: Mapping[str, bool | None], word: str, param: str) -> bool | None:
    if word not in choices:
        raise RequestError(
            "Expected one of {choices}, found {word!r}.",
            code="invalid_value",
            param=param,
            mend="Open the page anew.",
            choices=", ".join(choices),
            word=word[:_SHOWN],
        )
    return choices[word]


def _number(written: str) -> int:
    return max(1, int(written)) if written.isdecimal() and len(written) <= _PAGES else 1


def _back(desk: Desk, name: str, query: str = "") -> Response:
    return desk.side.back(f"/support/conversations/{quote(name)}", query)


def _supported(desk: Desk) -> Supported:
    if desk.books.supported is None:
        raise office.missing()
    return desk.books.supported
