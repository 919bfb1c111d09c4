"""Alarms sent by real HTTP and SMTP to receivers of the loopback, in words of both languages, without a secret told."""

import io
import json
import logging
import math
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from receiving import OK, Receiver, mailbox, receiver

from argosy.core.errors import MissingError, Problems
from argosy.core.watch import Alarm, Finding, Kind, Message
from argosy.project.watching.addresses import addresses_of, refuse_unreadable, targets_of
from argosy.project.watching.letters import Letter, Wording
from argosy.project.watching.sending import send, send_due, without
from argosy.store.database import Database, sqlite_url
from argosy.store.upgrade import upgrade
from argosy.store.watching.alarms import SqlAlarms
from argosy.store.watching.messages import SqlMessages

pytest.importorskip("apprise")
HOUR = 3_600_000_000
NOW = 490_000 * HOUR
FINDING = Finding(
    model="mood",
    signal="label",
    slice="label=bad",
    direction="up",
    since=NOW - 3 * HOUR,
    at=NOW,
    value=0.412,
    usual=0.1,
    size=7.53,
    p_value=2e-9,
    examples=(("ten_a", "evt_1", 0), ("ten_a", "evt_2", 3)),
    slices={"tenant=ten_a": 0.8, "language=zh": 0.6, "language=en": 0.3, "tenant=ten_b": 0.1},
)
ALARM = Alarm(id="alm_123", finding=FINDING, opened=NOW)
MESSAGE = Message(alarm=ALARM, kind="opened", target="", due=NOW)
LETTER = Letter(title="标题", body="first line\nalm_123")
TOKEN = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"  # noqa: S105 - nobody's


@pytest.fixture
def web() -> Iterator[Receiver]:
    """A receiver of JSON."""
    with receiver() as started:
        yield started


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An SQLite file."""
    opened = Database(sqlite_url(tmp_path / "books.db"))
    upgrade(opened)
    yield opened
    opened.close()


def _at(time: int) -> Callable[[], int]:
    return lambda: time


def _sent(url: str, letter: Letter = LETTER) -> str:
    return send(addresses_of([url])[0], letter)


def test_a_webhook_gets_it(web: Receiver) -> None:
    """Title and body as JSON; what refuses says why, and an address that is optional to Apprise is not to us."""
    url = f"json://127.0.0.1:{web.port}/hook?optional=yes"
    assert _sent(url) == ""
    assert (web.taken[0]["title"], web.taken[0]["message"]) == ("标题", "first line\nalm_123")
    web.answers = [(500, b"no")]
    assert "500" in _sent(url)
    assert _sent("json://127.0.0.1:9/hook?optional=yes") != ""


@pytest.mark.parametrize(
    ("plugin", "attribute", "place", "url"),
    [
        ("dingtalk.NotifyDingTalk", "notify_url", "/ding?access_token={token}", f"dingtalk://{TOKEN}"),
        ("feishu.NotifyFeishu", "notify_url", "/hook/{token}/", "feishu://0123-4567-89ab-cdef"),
        ("lark.NotifyLark", "notify_url", "/lark/", "lark://01234567-89ab-cdef-0123-456789abcdef"),
        ("wecombot.NotifyWeComBot", "notify_url", "/send?key={key}", "wecombot://01234567-89ab-cdef-0123-456789abcdef"),
        ("slack.NotifySlack", "webhook_url", "/services", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"),
    ],
)
def test_chat_robots_get_it(
    web: Receiver, monkeypatch: pytest.MonkeyPatch, plugin: str, attribute: str, place: str, url: str
) -> None:
    """Title and body arrive at each; a refusal is one even where it comes with status 200."""
    monkeypatch.setattr(f"apprise.plugins.{plugin}.{attribute}", web.url + place)
    assert _sent(url) == ""
    told = str(web.taken[0])
    assert "标题" in told
    assert "alm_123" in told
    if "slack" not in plugin:
        web.answers = [(200, b'{"errcode": 310000, "errmsg": "keywords not in content"}')]
        assert _sent(url) == "it answered with the code 310000: keywords not in content"
        token = url.partition("//")[2]
        web.answers = [(200, json.dumps({"code": 19001, "msg": f"unknown robot {token}"}).encode())]
        assert _sent(url) == "it answered with the code 19001: unknown robot …"
        web.answers = [(200, b'{"code": 0, "msg": "success"}')]
        assert _sent(url) == ""
    web.answers = [(500, b"no")]
    assert "500" in _sent(url)


def test_mail_gets_it() -> None:
    """By SMTP, with its subject; a server that is not there says why."""
    with mailbox() as (port, letters):
        url = f"mailto://127.0.0.1:{port}?from=argosy@example.org&to=ops@example.org&mode=insecure"
        assert _sent(url) == ""
    (letter,) = letters
    assert isinstance(letter, EmailMessage)
    assert (letter["subject"], letter["to"]) == ("标题", "ops@example.org")
    body = letter.get_body()
    assert body is not None
    assert "alm_123" in body.get_content()
    assert _sent(url) != ""


def test_no_secret_is_told(web: Receiver, database: Database) -> None:
    """Neither user, password nor path of an address stands in the database, the log, or an error."""
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger().addHandler(handler)
    web.answers = [(500, b"no")]
    (address,) = addresses_of([f"json://operator:very-secret@127.0.0.1:{web.port}/hidden-path"])
    SqlAlarms(database).open(FINDING, at=NOW, targets=[address.target]).result()
    assert send_due(SqlMessages(database), address, Wording(), _at(NOW)) == 0
    assert without(address, "operator: very-secret failed at /hidden-path") == "…: … failed at /…"
    with pytest.raises(Problems) as caught:
        refuse_unreadable(["slack://very-secret-token", "nosuch://very-secret-token"])
    logging.getLogger().removeHandler(handler)
    (alarm,) = SqlAlarms(database).all()
    (message,) = SqlMessages(database).of(alarm.id)
    assert "500" in message.error
    assert address.target in log.getvalue()
    assert "'nosuch'" in str(caught.value)
    assert "dingtalk" in str(caught.value)
    for secret in ("operator", "very-secret", "hidden-path"):
        assert secret not in f"{log.getvalue()} {address} {message} {caught.value}"


def test_an_address_is_known_by_a_digest() -> None:
    """The same where its password alone changes, another where anything else does; each is named once."""
    one, other = addresses_of(["json://a:secret@host/x", "json://a:secret@host/y", "json://a:secret@host/x"])
    assert one.target != other.target
    assert one.target.startswith("json:")
    assert one.target == addresses_of(["json://a:changed@host/x"])[0].target
    assert [one.target, other.target] == targets_of([one.url, other.url, one.url])
    assert addresses_of([]) == []


def test_the_package_that_sends_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the error says what to install."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(MissingError, match=r"argosy\[alarms\]"):
        addresses_of(["json://host"])
    refuse_unreadable(["json://host"])  # whoever only builds need not have it
    assert targets_of(["json://host", "json://host"])[0].startswith("json:")


def test_a_receiver_that_fails_twice_is_told_once(web: Receiver, database: Database) -> None:
    """Two errors, then it works: one message is taken, and nothing is sent after it."""
    web.answers = [(500, b""), (500, b""), OK]
    (address,) = addresses_of([f"json://127.0.0.1:{web.port}/hook"])
    SqlAlarms(database).open(FINDING, at=NOW, targets=[address.target]).result()
    taken = [send_due(SqlMessages(database), address, Wording(), _at(NOW + at)) for at in range(0, HOUR, HOUR // 30)]
    assert sum(taken) == len(web.taken) == 1
    assert len(web.bodies) == 3


def test_a_receiver_that_was_down_is_told_after_a_restart(web: Receiver, tmp_path: Path) -> None:
    """It is down for two days, the process ends, another begins: each alarm arrives, in order, and once."""
    url, port = sqlite_url(tmp_path / "books.db"), web.port
    (address,) = addresses_of([f"json://127.0.0.1:{port}/hook"])
    web.answers = [(503, b"")]
    first = Database(url)
    upgrade(first)
    for number in range(7):
        found = replace(FINDING, slice=f"label={number}")
        SqlAlarms(first).open(found, at=NOW + number, targets=[address.target]).result()
    for at in range(NOW + 10, NOW + 48 * HOUR, HOUR):
        before = len(web.bodies)
        assert send_due(SqlMessages(first), address, Wording(), _at(at)) == 0
        assert len(web.bodies) <= before + 1  # it is asked once a time, whatever waits
    first.close()
    second, later = Database(url), NOW + 50 * HOUR
    web.answers = [OK]
    taken = [send_due(SqlMessages(second), address, Wording(), _at(later)) for _ in range(3)]
    assert taken == [5, 2, 0]
    assert len({str(told["message"]).splitlines()[-1] for told in web.taken}) == 7
    second.close()


def test_an_address_that_never_answers_is_given_up(web: Receiver) -> None:
    """A try has an end, after which the message waits for the next."""
    held = threading.Event()
    web.wait = lambda: held.wait(20)
    assert "Connection error" in _sent(f"json://127.0.0.1:{web.port}/hook?rto=0.1")
    held.set()


def test_one_address_does_not_wait_for_another(web: Receiver, database: Database) -> None:
    """While a receiver does not answer, another one has its message."""
    held, begun = threading.Event(), threading.Event()
    with receiver() as slow:

        def wait() -> None:
            begun.set()
            assert held.wait(10)

        slow.wait = wait
        addresses = addresses_of([f"json://127.0.0.1:{one.port}/hook" for one in (slow, web)])
        SqlAlarms(database).open(FINDING, at=NOW, targets=[one.target for one in addresses]).result()
        messages = SqlMessages(database)
        waiting = threading.Thread(target=send_due, args=(messages, addresses[0], Wording(), _at(NOW)))
        waiting.start()
        assert begun.wait(10)
        assert send_due(messages, addresses[1], Wording(), _at(NOW)) == 1
        held.set()
        waiting.join()
        assert (len(slow.taken), len(web.taken)) == (1, 1)


def test_the_words_say_what_and_where() -> None:
    """What, how large, since when, which slices, how many examples, the page; the alarm's id ends it."""
    wording = Wording(zone="Asia/Shanghai", address="https://argosy.example.org/")
    letter = wording.letter(MESSAGE)
    assert letter.title == "Alarm: mood: share of a label (label bad) is up"
    assert letter.body.splitlines() == [
        "41.2 %, usually 10 %: 7.5 standard deviations of a usual period.",
        "Since 2025-11-24 21:00 Asia/Shanghai, noticed 2025-11-25 00:00 Asia/Shanghai.",
        "Chance of this if nothing changed: 2e-09",
        "Most of it: tenant ten_a 80 %, language zh 60 %, language en 30 %",
        "Example texts: 2; they stay with the service.",
        "Page: https://argosy.example.org/admin/alarms/alm_123",
        "Evidence: argosy alarm show alm_123",
        "alm_123",
    ]


def test_a_label_can_neither_forge_lines_nor_call_people() -> None:
    """Customers' words may become labels: they stay on their line, without markup, and short."""
    evil = '<at user_id="all">x</at>\r\nBcc: me@example.org\x1b[31m' + "长" * 5_000
    finding = replace(FINDING, slice=f"label={evil}", slices={f"label={evil}": 0.4})
    letter = Wording().letter(replace(MESSAGE, alarm=replace(ALARM, finding=finding)))
    assert letter.title.startswith("Alarm: mood: share of a label (label ‹at user_id")
    assert letter.title.isprintable()
    assert len(letter.title) < 200
    assert len(letter.body) < 500
    assert not [line for line in letter.body.splitlines() if line.startswith("Bcc") or "<" in line]


def test_the_words_tell_what_became_of_it() -> None:
    """Opened again, closed, or taken for usual by somebody."""
    wording = Wording()
    again = wording.letter(replace(MESSAGE, alarm=replace(ALARM, again=1), kind="again"))
    assert again.title == "Alarm again: mood: share of a label (label bad) is up"
    assert "until it stays closed for six hours" in again.body
    closed = replace(ALARM, closed=NOW + HOUR)
    assert wording.letter(replace(MESSAGE, alarm=closed, kind="closed")) == Letter(
        title="As usual again: mood: share of a label (label bad) is up",
        body="Open from 2025-11-24 16:00 UTC to 2025-11-24 17:00 UTC.\nEvidence: argosy alarm show alm_123\nalm_123",
    )
    usual = replace(closed, by="key_1", usual=True)
    assert "key_1 said" in wording.letter(replace(MESSAGE, alarm=usual, kind="closed")).body


def test_the_words_of_drift_say_what_the_figure_is() -> None:
    """Of texts that changed as a whole there is no unit; a usual value that nobody knows is a dash."""
    drift = replace(FINDING, signal="embedding", slice="", direction="apart", value=0.71, usual=math.nan)
    alarm = replace(ALARM, finding=drift)
    assert Wording().what(alarm) == "mood: what the texts are about has changed"
    assert "in 71 % of pairs, usually in –" in Wording().evidence(alarm)[0]


@pytest.mark.parametrize("kind", ["opened", "again", "closed"])
def test_both_languages_tell_the_same(kind: Kind) -> None:
    """The letter in Chinese has the same lines, figures and id."""
    message = replace(MESSAGE, alarm=replace(ALARM, again=1, closed=NOW, usual=True, by="key_1"), kind=kind)
    english, chinese = (Wording(language=language).letter(message) for language in ("en", "zh"))
    assert len(chinese.body.splitlines()) == len(english.body.splitlines())
    assert chinese.body.endswith("alm_123")
    assert "mood" in chinese.title
