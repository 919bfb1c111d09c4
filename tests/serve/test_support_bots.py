"""The robots of three messengers: what each platform sends, made as its documentation says, and what is refused."""

import base64
import hashlib
import hmac
import json
import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st
from messengers import WECOM, Platform, bots, platforms
from starlette.testclient import TestClient
from supporting import CITED, InMemory

from argosy.infer.engines.echo import EchoEngine
from argosy.serve.app import create_app
from argosy.serve.channels.wecom import fields, within
from argosy.serve.errors import RequestError
from argosy.serve.settings import Settings

BLOCK = 16


@pytest.fixture
def platform() -> Iterator[Platform]:
    """The platforms' side."""
    with platforms() as found:
        yield found


@pytest.fixture
def log() -> InMemory:
    """The books."""
    return InMemory()


@pytest.fixture
def client(log: InMemory, platform: Platform) -> Iterator[TestClient]:
    """A platform's way to an open service with all three robots."""
    settings = Settings(channels=bots(platform.base))
    with TestClient(create_app({"mood": EchoEngine()}, settings, supported=log)) as client:
        yield client


def encrypted(key: bytes, iv: bytes, plain: bytes, block: int) -> bytes:
    """AES in CBC mode with the padding of PKCS #7, by the library's own padder."""
    padder = padding.PKCS7(block * 8).padder()
    whole = padder.update(plain) + padder.finalize()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return encryptor.update(whole) + encryptor.finalize()


def wecom_sealed(message: str, corp: str = "ww1") -> str:
    """A message in WeCom's frame."""
    key, plain = bytes(range(32)), message.encode()
    framed = os.urandom(16) + struct.pack(">I", len(plain)) + plain + corp.encode()
    return base64.b64encode(encrypted(key, key[:16], framed, 32)).decode()


def wecom_query(sealed: str, at: int | None = None, word: str = WECOM["token"]) -> dict[str, str]:
    """The query of a call with this in it."""
    stamp = str(int(time.time()) if at is None else at)
    signature = hashlib.sha1("".join(sorted([word, stamp, "n1", sealed])).encode()).hexdigest()  # noqa: S324 - the platform's
    return {"msg_signature": signature, "timestamp": stamp, "nonce": "n1"}


def wecom_text(text: str, id_: str = "m1", sender: str = "zhang") -> str:
    """A text message as WeCom tells it."""
    return (
        f"<xml><ToUserName><![CDATA[ww1]]></ToUserName><FromUserName><![CDATA[{sender}]]></FromUserName>"
        f"<CreateTime>1348831860</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{text}]]></Content>"
        f"<MsgId>{id_}</MsgId><AgentID>7</AgentID></xml>"
    )


def wecom_call(client: TestClient, message: str, **more: Any) -> Any:
    """A callback with this message."""
    sealed = wecom_sealed(message)
    body = f"<xml><ToUserName><![CDATA[ww1]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    return client.post(f"/support/bots/wecom?{urlencode(wecom_query(sealed, **more))}", content=body.encode())


def wecom_read(answer: Any) -> str:
    """What a passive reply says, opened as the platform would."""
    outer = ET.fromstring(answer.text)  # noqa: S314 - our own reply
    told = {name: outer.findtext(name) or "" for name in ("Encrypt", "MsgSignature", "TimeStamp", "Nonce")}
    signed = "".join(sorted(["tok", told["TimeStamp"], told["Nonce"], told["Encrypt"]]))
    assert hashlib.sha1(signed.encode()).hexdigest() == told["MsgSignature"]  # noqa: S324 - the same
    key = bytes(range(32))
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    whole = decryptor.update(base64.b64decode(told["Encrypt"])) + decryptor.finalize()
    plain = whole[: -whole[-1]]
    (length,) = struct.unpack(">I", plain[16:20])
    assert plain[20 + length :] == b"ww1"
    inner = ET.fromstring(plain[20 : 20 + length].decode())  # noqa: S314 - the same
    assert inner.findtext("ToUserName") == "zhang"
    return inner.findtext("Content") or ""


def test_wecom_verifies_the_address_and_answers_in_its_frame(client: TestClient, log: InMemory) -> None:
    """The echo comes back plain; an answer is encrypted and signed; the same message twice is one turn."""
    sealed = wecom_sealed("4567")
    query = urlencode({**wecom_query(sealed), "echostr": sealed})
    assert client.get(f"/support/bots/wecom?{query}").text == "4567"
    first = wecom_call(client, wecom_text("订单 <b> & ]] 什么时候发货？"))
    assert wecom_read(first) == CITED
    assert wecom_read(wecom_call(client, wecom_text("订单 <b> & ]] 什么时候发货？"))) == CITED
    assert log.asked == 1
    (conversation,) = log.told.values()
    assert "zhang" not in conversation.peer
    assert log.turns(conversation.id)[0].text == "订单 <b> & ]] 什么时候发货？"


@pytest.mark.parametrize("kind", ["signature", "old", "early", "another corporation", "padding", "length", "no base64"])
def test_wecom_refuses_what_is_not_the_platforms(client: TestClient, log: InMemory, kind: str) -> None:
    """Whatever is wrong, the answer is the same and nothing is asked."""
    at = int(time.time()) + {"old": -4000, "early": 4000}.get(kind, 0)
    sealed = wecom_sealed(wecom_text("hi"), "ww2" if kind == "another corporation" else "ww1")
    if kind == "padding":
        key = bytes(range(32))
        encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        sealed = base64.b64encode(encryptor.update(b"\0" * 64) + encryptor.finalize()).decode()
    if kind == "length":
        sealed = base64.b64encode(base64.b64decode(sealed)[:-3]).decode()
    if kind == "no base64":
        sealed = "%%%"
    query = urlencode(wecom_query(sealed, at, "wrong" if kind == "signature" else "tok"))
    answer = client.post(f"/support/bots/wecom?{query}", content=f"<xml><Encrypt>{sealed}</Encrypt></xml>".encode())
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "bad_signature")
    assert log.asked == 0


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Encrypt>&a;</Encrypt></xml>'
UTF16 = ENTITIES.encode("utf-16")
DEEP = "<xml>" * 5000


@pytest.mark.parametrize("body", ["", "no xml", "<xml><Encrypt>", ENTITIES, OUTSIDE, UTF16, DEEP, b"\xff\xfe<xml/>"])
def test_malformed_xml_is_refused_and_no_entity_is_read(client: TestClient, body: str | bytes) -> None:
    """A declaration of a type, in whatever encoding, ends it."""
    answer = client.post("/support/bots/wecom?msg_signature=a&timestamp=1&nonce=n", content=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_a_huge_body_is_refused_before_it_is_read(client: TestClient) -> None:
    """By every robot."""
    for name in ("wecom?msg_signature=a&timestamp=1&nonce=n", "dingtalk", "feishu"):
        answer = client.post(f"/support/bots/{name}", content=b"x" * 300_000)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


def test_wecom_says_nothing_to_what_asks_nothing(client: TestClient, log: InMemory) -> None:
    """An event, a picture, and a customer whom a person speaks with."""
    opened = wecom_text("x").replace("<![CDATA[text]]>", "<![CDATA[event]]>")
    assert wecom_call(client, opened).text == "success"
    assert log.asked == 0
    wecom_call(client, wecom_text("one"))
    log.take(next(iter(log.told)), "key_a")
    assert wecom_call(client, wecom_text("two", "m2")).text == "success"


def dingtalk_call(client: TestClient, text: str = "物流在哪", at: int | None = None, **more: Any) -> Any:
    """A robot's callback as recorded, with its signature."""
    stamp = str(int(time.time() * 1000) if at is None else at)
    secret = more.pop("under", "ding-secret")
    sign = base64.b64encode(hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()).decode()
    body = {
        "conversationId": "cidX==",
        "chatbotUserId": "$:LWCP_v1:$bot",
        "msgId": "msg0Xyz==",
        "senderNick": "杨",
        "senderStaffId": "user123",
        "sessionWebhookExpiredTime": 1613635652738,
        "createAt": 1613630252678,
        "conversationType": "2",
        "senderId": "$:LWCP_v1:$sender",
        "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=x",
        "text": {"content": f" {text}"},
        "msgtype": "text",
        **more,
    }
    return client.post("/support/bots/dingtalk", json=body, headers={"timestamp": stamp, "sign": sign})


def test_dingtalk_is_answered_in_the_response(client: TestClient, log: InMemory) -> None:
    """The same message twice is one turn; a voice message, or one to a person, is answered with nothing."""
    assert dingtalk_call(client).json() == {"msgtype": "text", "text": {"content": CITED}}
    assert dingtalk_call(client).json() == {"msgtype": "text", "text": {"content": CITED}}
    assert log.asked == 1
    assert log.turns("cnv_0")[0].text == "物流在哪"
    assert dingtalk_call(client, msgtype="audio").json() == {"msgtype": "empty"}
    log.take("cnv_0", "key_a")
    assert dingtalk_call(client, msgId="msg2").json() == {"msgtype": "empty"}


@pytest.mark.parametrize("kind", ["secret", "old", "no time"])
def test_dingtalk_refuses_what_is_not_the_platforms(client: TestClient, log: InMemory, kind: str) -> None:
    """Another secret, a call more than an hour old, and a time that is none."""
    old = int((time.time() - 3700) * 1000)
    answers: dict[str, Callable[[], Any]] = {
        "secret": lambda: dingtalk_call(client, under="other"),
        "old": lambda: dingtalk_call(client, at=old),
        "no time": lambda: client.post("/support/bots/dingtalk", json={}, headers={"timestamp": "x", "sign": "y"}),
    }
    answer = answers[kind]()
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "bad_signature")
    assert log.asked == 0


def feishu_call(client: TestClient, event: dict[str, Any], at: int | None = None, **more: Any) -> Any:
    """An event, encrypted and signed."""
    key = hashlib.sha256(b"enc-key").digest()
    iv = os.urandom(16)
    sealed = base64.b64encode(iv + encrypted(key, iv, json.dumps(event).encode(), BLOCK)).decode()
    body = more.get("body", json.dumps({"encrypt": sealed}).encode())
    stamp = str(int(time.time()) if at is None else at)
    signature = hashlib.sha256(f"{stamp}n1{more.get('key', 'enc-key')}".encode() + body).hexdigest()
    head = {"x-lark-request-timestamp": stamp, "x-lark-request-nonce": "n1", "x-lark-signature": signature}
    return client.post("/support/bots/feishu", content=body, headers=head if more.get("signed", True) else {})


def feishu_event(text: str = "@_user_1 怎么退货？", id_: str = "evt1", **more: Any) -> dict[str, Any]:
    """``im.message.receive_v1`` as recorded."""
    message = {
        "message_id": "om_1",
        "chat_id": "oc_5ad11d72b830411d72b836c20",
        "chat_type": "group",
        "message_type": "text",
        "content": json.dumps({"text": text}),
        "mentions": [{"key": "@_user_1", "name": "助手"}],
    }
    return {
        "schema": "2.0",
        "header": {
            "event_id": id_,
            "event_type": "im.message.receive_v1",
            "create_time": "1608725989000",
            "token": "ver-token",
            "app_id": "cli_a",
            "tenant_key": "t",
        },
        "event": {"sender": {"sender_id": {"open_id": "ou_84aad35d084aa403a838cf73ee18467"}}, "message": message},
        **more,
    }


def test_feishu_takes_the_challenge_and_replies_by_the_interface(
    client: TestClient, log: InMemory, platform: Platform
) -> None:
    """The reply has an id of its turn's, so that an event which comes twice is read once."""
    challenge = {"challenge": "c-1", "token": "ver-token", "type": "url_verification"}
    assert feishu_call(client, challenge, signed=False).json() == {"challenge": "c-1"}
    for _ in range(2):
        assert feishu_call(client, feishu_event()).json() == {}
    assert log.asked == 1
    assert log.turns("cnv_0")[0].text == "怎么退货？"
    token, *sent = platform.calls
    assert token[0] == "/open-apis/auth/v3/tenant_access_token/internal"
    assert token[2] == {"app_id": "cli_a", "app_secret": "app-secret"}
    (path, head, body), again = sent
    assert path == "/open-apis/im/v1/messages?receive_id_type=chat_id"
    assert head["authorization"] == "Bearer T"
    assert body["receive_id"] == "oc_5ad11d72b830411d72b836c20"
    assert json.loads(body["content"]) == {"text": CITED}
    assert body["uuid"] == again[2]["uuid"]
    assert len(body["uuid"]) <= 50


@pytest.mark.parametrize("kind", ["key", "old", "unsigned", "token", "plain", "padding", "short", "wrong challenge"])
def test_feishu_refuses_what_is_not_the_platforms(client: TestClient, log: InMemory, kind: str) -> None:
    """Also an event that is not encrypted, and a challenge with another token."""
    event = feishu_event()
    calls: dict[str, Callable[[], Any]] = {
        "key": lambda: feishu_call(client, event, key="other"),
        "old": lambda: feishu_call(client, event, at=int(time.time()) - 4000),
        "unsigned": lambda: feishu_call(client, event, signed=False),
        "token": lambda: feishu_call(client, {**event, "header": {**event["header"], "token": "x"}}),
        "plain": lambda: feishu_call(client, event, body=json.dumps(event).encode()),
        "padding": lambda: feishu_call(client, event, body=json.dumps({"encrypt": "A" * 64}).encode()),
        "short": lambda: feishu_call(client, event, body=json.dumps({"encrypt": "AAAA"}).encode()),
        "wrong challenge": lambda: feishu_call(client, {"type": "url_verification", "token": "x"}, signed=False),
    }
    answer = calls[kind]()
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "bad_signature")
    assert log.asked == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 10_000, b'{"encrypt": 1}', "钉".encode("gbk")])
def test_bodies_that_are_no_messages_are_refused(client: TestClient, log: InMemory, body: bytes) -> None:
    """None of them is an error of the server's."""
    assert feishu_call(client, {}, body=body).status_code in {400, 403}
    assert log.asked == 0


@given(st.text(max_size=80), st.integers(min_value=3, max_value=60))
def test_a_text_is_cut_between_characters(text: str, most: int) -> None:
    """What is left has no more bytes than there is room for."""
    text = text.encode("utf-8", "replace").decode()
    cut = within(text, most)
    assert len(cut.encode()) <= most
    assert cut == text or text.startswith(cut.removesuffix("…"))


@given(st.binary(max_size=200))
def test_any_bytes_are_fields_or_a_refusal(body: bytes) -> None:
    """The reader of XML fails in no other way."""
    with suppress(RequestError):
        fields(body)
