"""What is sent to messengers: people's messages, an address that only its robot reads, sources in plain text."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from messengers import KEY, bots, platforms
from supporting import InMemory

from argosy.core.support import Asked, Citation, Reply, Turn
from argosy.serve.channels.sealed import address, pseudonym
from argosy.serve.channels.sending import Senders
from argosy.serve.channels.telling import plain
from argosy.serve.errors import RequestError


def test_what_people_write_reaches_the_customer() -> None:
    """By each platform's interface, its token taken once; a platform that refuses is told to the person."""
    with platforms() as platform:
        log = InMemory()
        channels = bots(platform.base)
        senders = Senders(channels)
        peers = {
            "wecom": pseudonym(KEY, "wecom", "zhang"),
            "dingtalk": pseudonym("ding-secret", "dingtalk", "user123"),
            "feishu": pseudonym("enc-key", "feishu", "oc_1 ou_1"),
            "widget": "x",
        }
        for channel, peer in peers.items():
            turn = log.ask(Asked(id="1", channel=channel, peer=peer, text="hi"))  # type: ignore[arg-type]
            for once in ("a", "b"):
                senders.deliver(log.conversation(turn.conversation), "Hello from Li", once)
        wecom, dingtalk, feishu = (
            [body for path, _, body in platform.calls if part in path]
            for part in ("/cgi-bin/message/send?access_token=T", "/oToMessages/batchSend", "/im/v1/messages")
        )
        assert len(platform.calls) == 9
        assert wecom[0] == {"touser": "zhang", "msgtype": "text", "agentid": 7, "text": {"content": "Hello from Li"}}
        assert dingtalk[0]["userIds"] == ["user123"]
        assert feishu[0]["receive_id"] == "oc_1"
        platform.fails = True
        with pytest.raises(RequestError, match="wecom"):
            Senders(channels).deliver(log.conversation("cnv_0"), "again", "c")


@given(st.text(max_size=60), st.text(min_size=1, max_size=20))
def test_a_pseudonym_is_always_the_same_and_opens_for_its_secret_alone(who: str, secret: str) -> None:
    """What the log has of a customer tells nothing to who has not the secret."""
    who, secret = (one.encode("utf-8", "replace").decode() for one in (who, secret))
    hidden = pseudonym(secret, "wecom", who)
    assert hidden == pseudonym(secret, "wecom", who)
    assert address(secret, "wecom", hidden) == who
    assert address(secret + "x", "wecom", hidden) == ""
    assert address(secret, "feishu", hidden) == ""


def cited(document: str, begin: int, stop: int, where: str) -> Citation:
    """A citation."""
    return Citation(
        begin=begin, stop=stop, entry="e", document=document, title="手册", where=where, start=0, end=stop - begin
    )


def test_a_plain_answer_marks_its_sentences_and_names_each_place_once() -> None:
    """Also out of their order; a stored answer names none: its title is another customer's question."""
    sources = (cited("docs/a", 4, 8, "第 2 页"), cited("docs/a", 0, 4, "第 1 页"), cited("docs/a", 8, 12, "第 2 页"))
    reply = Reply(decision="composed", text="一二三四五六七八九十百千。", citations=sources, language="zh")
    turn = Turn(id="t", conversation="c", index=1, role="assistant", text=reply.text, at=0, reply=reply)
    assert plain(turn) == "一二三四[1]五六七八[2]九十百千[2]。\n\n来源：\n[1] 手册, 第 1 页\n[2] 手册, 第 2 页"
    for name in ("answers/ans_1", "corrections/fix_1"):
        stored = replace(reply, citations=(cited(name, 0, 12, ""),))
        assert plain(replace(turn, reply=stored)) == reply.text
