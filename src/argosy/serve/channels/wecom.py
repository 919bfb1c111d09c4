"""``/support/bots/wecom``: an application of WeCom (企业微信) that receives messages.

As its documentation says (developer.work.weixin.qq.com: 接收消息与事件, 回调配置, 加解密方案说明): messages come as
XML in AES-256-CBC, padded to 32 bytes, between 16 random bytes with a length and the corporation's id; the signature
is SHA-1 of token, time, nonce and message in the order of their letters. The reply goes back encrypted the same way.
"""

import base64
import hashlib
import os
import struct
import time
from collections.abc import Mapping
from typing import Annotated
from xml.parsers import expat
from xml.sax.saxutils import escape

from fastapi import APIRouter, Query, Request
from starlette.responses import PlainTextResponse, Response

from argosy.core.support import Turn
from argosy.serve.channels.hearing import Hearing
from argosy.serve.channels.parts import WeCom
from argosy.serve.channels.sealed import check, check_time, closed, decoded, opened, pseudonym, unsigned
from argosy.serve.channels.telling import plain
from argosy.serve.errors import RequestError
from argosy.serve.wire.bodies import read_whole

Signature = Annotated[str, Query(alias="msg_signature")]
_BLOCK, _RANDOM, _LENGTH = 32, 16, 4  # bytes
_MOST = 2048  # bytes of a text message
_A_CUSTOMER = 30  # messages a minute
_NOTHING = "success"  # the answer that says nothing to the customer


def router(hearing: Hearing, bot: WeCom) -> APIRouter:
    """The routes: the platform asks once whether the address is ours, then sends messages to it."""
    routes = APIRouter(prefix="/support/bots", include_in_schema=False)

    @routes.get("/wecom")
    async def verify(echostr: str, timestamp: str, nonce: str, signature: Signature) -> PlainTextResponse:
        _check(bot, signature, timestamp, nonce, echostr)
        return PlainTextResponse(_opened(bot, echostr))

    @routes.post("/wecom")
    async def hear(request: Request, timestamp: str, nonce: str, signature: Signature) -> Response:
        sealed = fields(await read_whole(request, hearing.settings)).get("Encrypt", "")
        _check(bot, signature, timestamp, nonce, sealed)
        message = fields(_opened(bot, sealed).encode())
        turn = await _heard(hearing, bot, message)
        if turn is None or turn.role != "assistant":
            return PlainTextResponse(_NOTHING)
        return Response(_reply(bot, message, plain(turn)), media_type="application/xml")

    return routes


def fields(body: bytes) -> Mapping[str, str]:
    """The texts of an XML message by their names; raises RequestError for anything else, and for declarations."""
    found: dict[str, str] = {}
    path: list[str] = []
    parser = expat.ParserCreate("utf-8")

    def begin(name: str, _: object) -> None:
        path.append(name)
        if len(path) > _BLOCK:
            raise _malformed()

    def write(text: str) -> None:
        if len(path) == 2:  # noqa: PLR2004 - the message, and one of its fields
            found[path[1]] = found.get(path[1], "") + text

    def declare(*_: object) -> None:
        raise _malformed()

    parser.StartElementHandler = begin
    parser.EndElementHandler = lambda _: path.pop()
    parser.CharacterDataHandler = write
    parser.StartDoctypeDeclHandler = declare
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError):
        raise _malformed() from None
    return found


async def _heard(hearing: Hearing, bot: WeCom, message: Mapping[str, str]) -> Turn | None:
    """What a text message brings about; None for everything else, such as that somebody opened the application."""
    sender, id_, text = (message.get(name, "") for name in ("FromUserName", "MsgId", "Content"))
    if message.get("MsgType") != "text" or not (sender and id_ and text.strip()):
        return None
    peer = pseudonym(bot.key, "wecom", sender)
    hearing.rates.take(f"wecom {peer}", _A_CUSTOMER)
    return await hearing.ask("wecom", peer, id_, text)


def _reply(bot: WeCom, message: Mapping[str, str], text: str) -> str:
    """A text for the sender, encrypted and signed."""
    now, nonce = str(int(time.time())), os.urandom(8).hex()
    told = {
        "ToUserName": message["FromUserName"],
        "FromUserName": message.get("ToUserName", bot.corp),
        "CreateTime": now,
        "MsgType": "text",
        "Content": within(text, _MOST),
    }
    plain = _xml(told).encode()
    framed = os.urandom(_RANDOM) + struct.pack(">I", len(plain)) + plain + bot.corp.encode()
    key = _key(bot)
    sealed = closed(key, key[:_RANDOM], framed, _BLOCK)
    encrypted = base64.b64encode(sealed).decode()
    return _xml(
        {
            "Encrypt": encrypted,
            "MsgSignature": _signature(bot, now, nonce, encrypted),
            "TimeStamp": now,
            "Nonce": nonce,
        }
    )


def within(text: str, most: int) -> str:
    """A text of at most so many bytes, cut between characters."""
    whole = text.encode("utf-8", "replace")
    if len(whole) <= most:
        return text
    end = "…"
    return whole[: most - len(end.encode())].decode("utf-8", "ignore") + end


def _check(bot: WeCom, signature: str, timestamp: str, nonce: str, sealed: str) -> None:
    check(signature, _signature(bot, timestamp, nonce, sealed))
    check_time(timestamp)


def _signature(bot: WeCom, timestamp: str, nonce: str, sealed: str) -> str:
    parts = "".join(sorted([bot.token, timestamp, nonce, sealed]))
    return hashlib.sha1(parts.encode("utf-8", "replace")).hexdigest()  # noqa: S324 - the platform's choice


def _opened(bot: WeCom, sealed: str) -> str:
    """The message within its frame; raises RequestError where the frame is another's."""
    key = _key(bot)
    framed = opened(key, key[:_RANDOM], decoded(sealed), _BLOCK)
    start = _RANDOM + _LENGTH
    if len(framed) < start:
        raise unsigned()
    (length,) = struct.unpack(">I", framed[_RANDOM:start])
    if framed[start + length :] != bot.corp.encode():
        raise unsigned()
    try:
        return framed[start : start + length].decode()
    except UnicodeDecodeError:
        raise unsigned() from None


def _key(bot: WeCom) -> bytes:
    return decoded(f"{bot.key}=")


def _xml(told: Mapping[str, str]) -> str:
    visible = {name: "".join(one for one in text if one >= " " or one in "\n\t") for name, text in told.items()}
    return f"<xml>{''.join(f'<{name}>{escape(text)}</{name}>' for name, text in visible.items())}</xml>"


def _malformed() -> RequestError:
    return RequestError(
        "The body is not XML of this kind.", code="bad_request", mend="See the platform's documentation."
    )
