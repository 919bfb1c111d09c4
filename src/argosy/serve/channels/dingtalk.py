"""``/support/bots/dingtalk``: a robot of DingTalk (钉钉) inside a company.

As its documentation says: 机器人接收消息 (open.dingtalk.com): the headers ``timestamp`` (milliseconds, an hour at most
from now) and ``sign``, Base64 of HMAC-SHA256 of ``timestamp``, a line's end and the secret, under the secret; the
answer to the call is what the robot says.
"""

import base64
import hmac
from typing import Any

from fastapi import APIRouter, Request

from argosy.serve.channels.hearing import Hearing
from argosy.serve.channels.parts import DingTalk
from argosy.serve.channels.sealed import check, check_time, pseudonym, text_at, told
from argosy.serve.channels.telling import plain
from argosy.serve.wire.bodies import read_whole

_A_CUSTOMER = 30  # messages a minute
_THOUSAND = 3  # digits of a second's milliseconds


def router(hearing: Hearing, bot: DingTalk) -> APIRouter:
    """The route."""
    routes = APIRouter(prefix="/support/bots", include_in_schema=False)

    @routes.post("/dingtalk")
    async def hear(request: Request) -> dict[str, Any]:
        body = await read_whole(request, hearing.settings)
        at = request.headers.get("timestamp", "")
        check(request.headers.get("sign", ""), signature(bot.secret, at))
        check_time(at[:-_THOUSAND])
        message = told(body)
        text, id_ = text_at(message, "text", "content").strip(), text_at(message, "msgId")
        sender = text_at(message, "senderStaffId") or text_at(message, "senderId")
        if text_at(message, "msgtype") != "text" or not (text and id_ and sender):
            return {"msgtype": "empty"}
        peer = pseudonym(bot.secret, "dingtalk", sender)
        hearing.rates.take(f"dingtalk {peer}", _A_CUSTOMER)
        turn = await hearing.ask("dingtalk", peer, id_, text)
        if turn.role != "assistant":
            return {"msgtype": "empty"}
        return {"msgtype": "text", "text": {"content": plain(turn)}}

    return routes


def signature(secret: str, timestamp: str) -> str:
    """What the header ``sign`` of a call at that time says."""
    signed = hmac.digest(secret.encode(), f"{timestamp}\n{secret}".encode("utf-8", "replace"), "sha256")
    return base64.b64encode(signed).decode()
