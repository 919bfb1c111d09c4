"""``/support/bots/feishu``: an application of Feishu (飞书) that is told of messages.

As its documentation says (open.feishu.cn: 配置请求地址, 接收事件, 接收消息): a body is ``{"encrypt": …}``,
the 16 bytes of an initial vector and AES-256-CBC under the SHA-256 of the key, in Base64; ``x-lark-signature`` is
SHA-256 of time, nonce, key and body. The platform waits three seconds, and sends an event that was not answered again
with the same ``event_id``; the reply goes through 发送消息 with a ``uuid``, so that nobody reads it twice.
"""

import hashlib
import re
from typing import Any

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, Response

from argosy.serve.channels.hearing import Hearing, digest
from argosy.serve.channels.parts import Feishu
from argosy.serve.channels.sealed import check, check_time, decoded, opened, pseudonym, text_at, told, unsigned
from argosy.serve.channels.sending import Senders
from argosy.serve.channels.telling import plain
from argosy.serve.wire.bodies import read_whole

_BLOCK = 16  # bytes
_A_CUSTOMER = 30  # messages a minute
_MENTION = re.compile(r"@_user_\d+\s*")
_UUID = 50  # characters of the id of a reply


def router(hearing: Hearing, bot: Feishu, senders: Senders) -> APIRouter:
    """The route."""
    routes = APIRouter(prefix="/support/bots", include_in_schema=False)

    @routes.post("/feishu")
    async def hear(request: Request) -> Response:
        body = await read_whole(request, hearing.settings)
        signed = "x-lark-signature" in request.headers
        if signed:
            _check(request, bot, body)
        event = _event(bot, body)
        if text_at(event, "type") == "url_verification":
            check(text_at(event, "token"), bot.token)
            return JSONResponse({"challenge": text_at(event, "challenge")})
        if not signed:
            raise unsigned()
        check(text_at(event, "header", "token"), bot.token)
        return JSONResponse({}, background=await _heard(hearing, bot, senders, event))

    return routes


async def _heard(hearing: Hearing, bot: Feishu, senders: Senders, event: dict[str, Any]) -> BackgroundTask | None:
    """Answer a text message; the reply is sent after the platform was told that the event came."""
    message = event.get("event")
    id_, chat = text_at(event, "header", "event_id"), text_at(message, "message", "chat_id")
    sender = text_at(message, "sender", "sender_id", "open_id")
    if text_at(event, "header", "event_type") != "im.message.receive_v1" or not (id_ and chat and sender):
        return None
    if text_at(message, "message", "message_type") != "text":
        return None
    content = told(text_at(message, "message", "content").encode("utf-8", "replace"))
    text = _MENTION.sub("", text_at(content, "text")).strip()
    if not text:
        return None
    peer = pseudonym(bot.key, "feishu", f"{chat} {sender}")
    hearing.rates.take(f"feishu {peer}", _A_CUSTOMER)
    turn = await hearing.ask("feishu", peer, id_, text)
    if turn.role != "assistant":
        return None
    return BackgroundTask(senders.reply, "feishu", peer, plain(turn), digest("feishu", turn.id)[:_UUID])


def _check(request: Request, bot: Feishu, body: bytes) -> None:
    at, nonce = (request.headers.get(f"x-lark-request-{name}", "") for name in ("timestamp", "nonce"))
    right = hashlib.sha256(f"{at}{nonce}{bot.key}".encode("utf-8", "replace") + body).hexdigest()
    check(request.headers["x-lark-signature"], right)
    check_time(at)


def _event(bot: Feishu, body: bytes) -> dict[str, Any]:
    """The event in a body; raises RequestError for one that is not encrypted."""
    sealed = decoded(text_at(told(body), "encrypt"))
    key = hashlib.sha256(bot.key.encode()).digest()
    if len(sealed) <= _BLOCK:
        raise unsigned()
    return told(opened(key, sealed[:_BLOCK], sealed[_BLOCK:]))
