"""The service desk: who sees it, how people answer, correct and decide, and that hostile texts stay texts."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from browsing import chromium, grave_findings, reached_by_keyboard, too_wide, visit
from listening import listening
from sold import Sold, sold
from starlette.testclient import TestClient
from supporting import SENT, InMemory

from argosy.core.account import Role
from argosy.core.support import Asked, Reply
from argosy.core.tenant import Terms
from argosy.serve.channels.parts import Channels, WeCom
from argosy.serve.channels.sealed import pseudonym
from argosy.serve.pages.support import span
from argosy.serve.settings import Settings
from argosy.store.database import sqlite_url

HOSTILE = "<script>document.title=1</script><img src=x onerror=document.title=2>{{7*7}}"
ESCAPED = "&lt;script&gt;document.title=1"
NOWHERE = Channels(wecom=WeCom(corp="c", token="t", key="k", base="http://127.0.0.1:1"))  # noqa: S106 - of nobody


@pytest.fixture(scope="module")
def books() -> InMemory:
    """The books of all tests."""
    return InMemory(HOSTILE)


@pytest.fixture
def log(books: InMemory) -> InMemory:
    """The books, with a conversation that waits."""
    books.clear()
    books.ask(Asked(id="1", channel="widget", peer="p", text=f"When? {HOSTILE}"))
    books.request_person("cnv_0")
    return books


@pytest.fixture(scope="module")
def sells(tmp_path_factory: pytest.TempPathFactory, books: InMemory) -> Iterator[Sold]:
    """A service that sells, with an assistant."""
    url = sqlite_url(tmp_path_factory.mktemp("desk") / "store.db")
    with sold(url, supported=books, settings=Settings(channels=NOWHERE)) as house:
        yield house


@pytest.fixture
def house(sells: Sold, log: InMemory) -> Sold:
    """The same, its books as at the beginning."""
    assert log.told
    return sells


def client(house: Sold, role: Role = "agent") -> tuple[TestClient, str]:
    """A browser that is signed in, and what its forms carry."""
    browser = TestClient(house.app, base_url="https://testserver", raise_server_exceptions=False)
    answer = browser.post("/admin/sign-in?lang=en", data={"key": house.key(None, Terms(role=role)).secret})
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', answer.text)
    assert found
    return browser, found[1]


ADDRESS = "/admin/support/conversations/cnv_0"


def test_an_agent_comes_to_the_queue_and_sees_nothing_else(house: Sold) -> None:
    """Who waits stands there with reason, language and summary; the other pages are not even named."""
    browser, _ = client(house)
    page = browser.get("/admin")
    assert page.url.path == "/admin/support"
    assert "Waiting for a person: 1" in page.text
    assert "Asks about a parcel." in page.text
    assert "/admin/tenants" not in page.text
    assert browser.get("/admin/tenants").status_code == 403
    assert client(house, "viewer")[0].get("/admin/support").status_code == 403


def test_a_person_takes_answers_and_closes(house: Sold, log: InMemory) -> None:
    """A suggestion is put into the field, edited and sent; a colleague cannot write in between."""
    one, token = client(house)
    page = one.get(ADDRESS)
    assert SENT in page.text
    assert 'rows="5" maxlength="4000" required></textarea>' in page.text
    chosen = one.get(f"{ADDRESS}?answer=ent_1")
    assert f'rows="5" maxlength="4000" required>{SENT}</textarea>' in chosen.text
    sent = one.post(f"{ADDRESS}/say", data={"csrf_token": token, "text": f"{SENT}\r\nBye."})
    assert "Bye." in sent.text
    assert log.conversation("cnv_0").state == "taken"
    assert log.turns("cnv_0")[-1].text == f"{SENT}\nBye."
    other, foreign = client(house)
    assert "Another person is with this customer." in other.get(ADDRESS).text
    refused = other.post(f"{ADDRESS}/take", data={"csrf_token": foreign})
    assert (refused.status_code, "Somebody else has this conversation." in refused.text) == (422, True)
    closed = one.post(f"{ADDRESS}/close", data={"csrf_token": token, "resolved": "yes"})
    assert closed.url.path == "/admin/support"
    assert log.conversation("cnv_0").resolved is True
    assert "/say" not in one.get(ADDRESS).text


def test_one_step_corrects_and_teaches(house: Sold, log: InMemory) -> None:
    """By the turn itself, by a suggestion, or with the message to the customer."""
    browser, token = client(house)
    assert "What should have been said" in browser.get(f"{ADDRESS}?correct=cnv_0_1").text
    for path, more in (
        ("correct", {"turn": "cnv_0_1", "text": "In two days."}),
        ("correct", {"turn": "cnv_0_1", "text": SENT}),
        ("say", {"taught": "cnv_0_1", "text": "In three days."}),
    ):
        assert browser.post(f"{ADDRESS}/{path}", data={"csrf_token": token, **more}).status_code == 200
    assert [one.answer for one in log.corrections] == ["In two days.", SENT, "In three days."]
    assert log.corrections[0].by.startswith("key_")
    assert [turn.text for turn in log.turns("cnv_0") if turn.role == "person"] == ["In three days."]


def test_the_wish_for_a_person_is_taught_no_answer(house: Sold, log: InMemory) -> None:
    """What is sent and taught answers the last question, and the page says which one that is."""
    log.ask(Asked(id="2", channel="widget", peer="q", text="How much is it?"))
    handed = Reply(decision="hand_over", text="A person will answer.", reason="wants_person")
    log._add("cnv_1", "user", "I want a person")
    log._add("cnv_1", "assistant", handed.text, reply=handed)
    page = client(house)[0].get("/admin/support/conversations/cnv_1").text
    assert 'name="taught" value="cnv_1_1"' in page
    assert "It is taught as the answer to: How much is it?" in page


@pytest.mark.parametrize("turn", ["cnv_0_0", "cnv_1_1", "", "x"])
def test_what_is_no_answer_here_cannot_be_corrected(house: Sold, log: InMemory, turn: str) -> None:
    """A customer's turn, one of another conversation, none."""
    log.ask(Asked(id="2", channel="widget", peer="q", text="else"))
    browser, token = client(house)
    data = {"csrf_token": token, "turn": turn, "text": "x"}
    assert browser.post(f"{ADDRESS}/correct", data=data).status_code == 404
    assert log.corrections == []


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("say", {"text": "  "}),
        ("say", {"text": "x" * 4001}),
        ("correct", {"turn": "cnv_0_1", "text": ""}),
        ("close", {"resolved": "perhaps"}),
    ],
)
def test_forms_that_do_not_fit_say_so_on_the_page(house: Sold, log: InMemory, path: str, more: dict[str, str]) -> None:
    """Nothing is sent, taught or closed."""
    browser, token = client(house)
    answer = browser.post(f"{ADDRESS}/{path}", data={"csrf_token": token, **more})
    assert answer.status_code == 422
    assert "Expected" in answer.text
    assert (log.conversation("cnv_0").state, log.corrections) == ("waiting", [])


def test_a_message_that_a_messenger_does_not_take_is_told(house: Sold, log: InMemory) -> None:
    """It stands in the log, and the person knows that nobody has read it."""
    log.ask(Asked(id="2", channel="wecom", peer=pseudonym("k", "wecom", "zhang"), text="在吗"))
    browser, token = client(house)
    answer = browser.post("/admin/support/conversations/cnv_1/say", data={"csrf_token": token, "text": "在的"})
    assert (answer.status_code, "wecom did not take it" in answer.text) == (422, True)
    assert log.turns("cnv_1")[-1].text == "在的"


def test_stored_answers_are_searched_edited_and_decided(house: Sold, log: InMemory) -> None:
    """Conflicts, expiry and slots are shown; the search and the list stay as they were after a decision."""
    browser, token = client(house)
    page = browser.get("/admin/support/answers").text
    assert "It was &lt;b&gt;lost&lt;/b&gt;." in page
    assert "expired: its day is over" in page
    assert "{order}" in page
    found = browser.get("/admin/support/answers?q=退货").text
    assert "十五天内可以退货。" in found
    assert "Your order" not in found
    data = {
        "csrf_token": token,
        "decision": "approve",
        "text": "七天内可以退货。",
        "state": "open",
        "q": "退货",
        "page": "1",
    }
    after = browser.post("/admin/support/answers/ans_2", data=data)
    assert after.url.query.decode().endswith("state=open&q=%E9%80%80%E8%B4%A7&page=1")
    assert [one[:3] for one in log.decided] == [("ans_2", True, "七天内可以退货。")]
    assert "七天内可以退货。" in browser.get("/admin/support/answers?state=approved").text
    assert browser.post("/admin/support/answers/ans_1", data={**data, "decision": "x"}).status_code == 422
    for wrong in ("Your order {ordr}.", "{}", "{order.__class__}"):
        refused = browser.post("/admin/support/answers/ans_1", data={**data, "text": wrong})
        assert (refused.status_code, "Nothing can be filled in" in refused.text) == (422, True)
    assert browser.get("/admin/support/answers?state=nonsense&page=99999").status_code == 200


def test_numbers_come_with_definitions_intervals_and_assumptions(house: Sold) -> None:
    """Deflection, containment and resolution stand apart; what is not known is a dash, what is assumed says so."""
    page = client(house)[0].get("/admin/support/numbers?days=7").text
    for told in ("deflection", "containment", "resolution", "75.0%", "[60.0%, 85.0%]", "0.731 CNY", "an assumption"):
        assert told in page
    assert 'aria-current="page">7 days' in page
    assert 'download="risk-coverage.csv"' in page


@pytest.mark.parametrize("path", ["", "/conversations/cnv_0", "/answers"])
def test_hostile_texts_stay_texts(house: Sold, log: InMemory, path: str) -> None:
    """In the queue, in a conversation, in a stored answer: by the server already."""
    log.told["cnv_0"] = log._change("cnv_0", summary=HOSTILE)
    log.stored[0] |= {"text": HOSTILE, "keys": [HOSTILE]}
    page = client(house)[0].get(f"/admin/support{path}").text
    assert ESCAPED in page
    assert "<script>document" not in page
    assert "<img src=x" not in page


def test_a_part_of_a_conversation_is_asked_for_without_suggestions(
    house: Sold, log: InMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a page asks for every few seconds costs no search."""
    monkeypatch.setattr(log, "suggestions", None)
    assert client(house)[0].get(f"{ADDRESS}?part=turns").status_code == 200


@pytest.mark.parametrize(
    ("seconds", "told"), [(-1, "0 s"), (59, "59 s"), (60, "1 min"), (7200, "2 h"), (90_000, "1 d")]
)
def test_a_wait_is_told_in_its_largest_unit(seconds: int, told: str) -> None:
    """Nobody reads seconds of a day."""
    assert span(seconds, "en") == told


@pytest.mark.parametrize(("language", "theme", "desk"), [("en", "light", "desk"), ("zh", "dark", "")])
def test_people_use_the_desk_in_a_browser(house: Sold, log: InMemory, language: str, theme: str, desk: str) -> None:
    """New customers and messages come by themselves, what is being written stays; axe finds nothing grave."""
    key = house.key(None, Terms(role="agent")).secret
    with listening(house.app) as base, chromium() as browser:
        signed = f"{base}/admin"
        with visit(browser, signed, language=language, theme=theme, desk=bool(desk)) as (page, complaints):
            page.clock.install()
            page.fill("input[name=key]", key)
            page.click("main button")
            page.wait_for_selector("#queue")
            look_at(page)
            log.ask(Asked(id="2", channel="widget", peer="q", text="else"))
            log.request_person("cnv_1")
            page.clock.fast_forward(6000)
            page.wait_for_selector("#queue tbody tr:nth-child(2)")
            page.click("#queue a")
            page.wait_for_selector("#turns")
            look_at(page)
            page.fill("textarea", "half a")
            log.ask(Asked(id="3", channel="widget", peer="p", text="Are you there?"))
            page.clock.fast_forward(6000)
            page.wait_for_selector(".turn:has-text('Are you there?')")
            assert page.input_value("textarea") == "half a"
            for path in ("answers", "numbers"):
                page.goto(f"{base}/admin/support/{path}")
                page.wait_for_selector(".tabs")
                look_at(page)
            reached, there = reached_by_keyboard(page)
            assert reached == there
            assert complaints == []


def look_at(page: Any) -> None:
    """What no page may have."""
    assert grave_findings(page) == []
    assert too_wide(page) == []
