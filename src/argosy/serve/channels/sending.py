"""Messages that the house sends by itself: replies in Feishu, and what people write, in every messenger.

The interfaces are those of the platforms' documentation: of WeCom 获取access_token and 发送应用消息, of DingTalk
获取企业内部应用的accessToken and 批量发送单聊消息, of Feishu 获取tenant_access_token and 发送消息.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlsplit

from argosy.core.errors import ArgosyError
from argosy.core.support import Conversation
from argosy.serve.channels.parts import Channels, DingTalk, Feishu, WeCom
from argosy.serve.channels.sealed import address
from argosy.serve.errors import RequestError

_SECONDS, _MOST = 10.0, 65_536  # of a call, and bytes of its answer
_EARLY = 120  # seconds before a token ends another one is taken
_log = logging.getLogger("argosy.error")


class Senders:
    """Sends to the messengers that the channels name; their tokens are kept as long as they hold. All of it blocks."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels
        self._lock = threading.Lock()
        self._tokens: dict[str, tuple[str, float]] = {}

    def deliver(self, conversation: Conversation, text: str, once: str) -> None:
        """Send a person's message where the customer is; raises RequestError where that cannot be done.

        Customers of the other channels come for their messages. ``once`` is the message's id.
        """
        sender = self._sender(conversation.channel)
        if sender is None:
            return
        try:
            sender(conversation.peer, text, once)
        except (OSError, HTTPException, ValueError, KeyError) as error:
            raise RequestError(
                "The message is kept here, but {channel} did not take it: {reason}.",
                code="invalid_value",
                mend="See the secrets of this robot, then send it again.",
                channel=conversation.channel,
                reason=str(error) or type(error).__name__,
            ) from error

    def reply(self, channel: str, peer: str, text: str, once: str) -> None:
        """The same for the assistant, whom nobody can tell: what went wrong is noted."""
        sender = self._sender(channel)
        try:
            if sender:
                sender(peer, text, once)
        except (ArgosyError, OSError, HTTPException, ValueError, KeyError) as error:
            _log.error("%s: a reply was not sent: %s", channel, type(error).__name__)

    def _sender(self, channel: str) -> Callable[[str, str, str], None] | None:
        """What sends (peer, text, id) by a channel; None where customers come for their messages."""
        found = self._channels
        senders: Mapping[str, Callable[[str, str, str], None] | None] = {
            "wecom": self._by_wecom(found.wecom) if found.wecom else None,
            "dingtalk": self._by_dingtalk(found.dingtalk) if found.dingtalk else None,
            "feishu": self._by_feishu(found.feishu) if found.feishu else None,
        }
        return senders.get(channel)

    def _by_wecom(self, bot: WeCom) -> Callable[[str, str, str], None]:
        def send(peer: str, text: str, _: str) -> None:
            told = {"corpid": bot.corp, "corpsecret": bot.secret}
            query = "&".join(f"{name}={quote(value)}" for name, value in told.items())
            path = f"/cgi-bin/gettoken?{query}"
            token = self._token("wecom", lambda: _call(bot.base, path), "access_token", "expires_in")
            to = address(bot.key, "wecom", peer)
            body = {"touser": to, "msgtype": "text", "agentid": bot.agent, "text": {"content": text}}
            _call(bot.base, f"/cgi-bin/message/send?access_token={quote(token)}", body)

        return send

    def _by_dingtalk(self, bot: DingTalk) -> Callable[[str, str, str], None]:
        def send(peer: str, text: str, _: str) -> None:
            told = {"appKey": bot.app, "appSecret": bot.secret}
            token = self._token(
                "dingtalk", lambda: _call(bot.base, "/v1.0/oauth2/accessToken", told), "accessToken", "expireIn"
            )
            body = {
                "robotCode": bot.robot,
                "userIds": [address(bot.secret, "dingtalk", peer)],
                "msgKey": "sampleText",
                "msgParam": json.dumps({"content": text}, ensure_ascii=False),
            }
            head = {"x-acs-dingtalk-access-token": token}
            _call(bot.base, "/v1.0/robot/oToMessages/batchSend", body, head)

        return send

    def _by_feishu(self, bot: Feishu) -> Callable[[str, str, str], None]:
        def send(peer: str, text: str, once: str) -> None:
            told, path = (
                {"app_id": bot.app, "app_secret": bot.secret},
                "/open-apis/auth/v3/tenant_access_token/internal",
            )
            token = self._token("feishu", lambda: _call(bot.base, path, told), "tenant_access_token", "expire")
            chat = address(bot.key, "feishu", peer).partition(" ")[0]
            content = json.dumps({"text": text}, ensure_ascii=False)
            body = {"receive_id": chat, "msg_type": "text", "content": content, "uuid": once}
            head = {"authorization": f"Bearer {token}"}
            _call(bot.base, "/open-apis/im/v1/messages?receive_id_type=chat_id", body, head)

        return send

    def _token(self, channel: str, take: Callable[[], Mapping[str, Any]], name: str, life: str) -> str:
        """The token of a platform, taken anew shortly before the last one ends."""
        with self._lock:
            token, ends = self._tokens.get(channel, ("", 0.0))
            if time.monotonic() >= ends:
                taken = take()
                token, ends = str(taken[name]), time.monotonic() + float(taken[life]) - _EARLY
                self._tokens[channel] = token, ends
            return token


def _call(
    base: str, path: str, body: Mapping[str, Any] | None = None, head: Mapping[str, str] | None = None
) -> Mapping[str, Any]:
    """What an interface answers; raises OSError, HTTPException or ValueError where it does not do what was asked."""
    place = urlsplit(base)
    kind = HTTPSConnection if place.scheme == "https" else HTTPConnection
    connection = kind(place.hostname or "", place.port, timeout=_SECONDS)
    sent = json.dumps(body, ensure_ascii=False).encode() if body is not None else None
    try:
        connection.request(
            "POST" if sent is not None else "GET",
            place.path.rstrip("/") + path,
            sent,
            {"content-type": "application/json; charset=utf-8", **(head or {})},
        )
        answer = connection.getresponse()
        told = json.loads(answer.read(_MOST))
    finally:
        connection.close()
    if not isinstance(told, dict):
        raise ValueError(str(answer.status))  # noqa: TRY004 - as of any answer that cannot be read
    code = told.get("errcode", told.get("code", 0))
    if code not in {0, "0"}:
        raise ValueError(str(code))
    return told
