"""The pages of an opinion monitor: who sees them, what they tell, what people do there, and that they follow."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from browsing import chromium, grave_findings, reached_by_keyboard, too_wide, visit
from listening import listening
from opined import NOW, InMemoryOpined, kept
from sold import Sold, sold
from starlette.testclient import TestClient

from argosy.core.account import Role
from argosy.core.tenant import Terms
from argosy.serve.pages.opinion import Asked, marked
from argosy.store.database import sqlite_url

HOSTILE = "<script>document.title=1</script><img src=x onerror=document.title=2>{{7*7}}"
PAGES = (
    "",
    "/trend?topic=price&hours=72",
    "/trend?entity=Luma&hours=720",
    "/alarms",
    "/alarms/alm_1",
    "/alarms/alm_0",
    "/stories",
    "/stories/st_1",
    "/texts/tx_0",
    "/texts/tx_0?why=1",
    "/brief/2026-05-01",
)


@pytest.fixture(scope="module")
def books() -> InMemoryOpined:
    """The monitor of all tests."""
    return InMemoryOpined()


@pytest.fixture(scope="module")
def sells(tmp_path_factory: pytest.TempPathFactory, books: InMemoryOpined) -> Iterator[Sold]:
    """A service that sells, with a monitor."""
    with sold(sqlite_url(tmp_path_factory.mktemp("opinion") / "store.db"), opined=books) as house:
        yield house


@pytest.fixture
def monitor(books: InMemoryOpined, monkeypatch: pytest.MonkeyPatch) -> InMemoryOpined:
    """The monitor, as at the beginning; its clock stands, for pages tell how long ago things were."""
    monkeypatch.setattr("argosy.serve.pages.opinion._now", lambda: NOW)
    InMemoryOpined.__init__(books)
    return books


@pytest.fixture
def house(sells: Sold, monitor: InMemoryOpined) -> Sold:
    """The service with it."""
    assert monitor.turn == 0
    return sells


def client(house: Sold, role: Role = "annotator") -> tuple[TestClient, str]:
    """A browser that is signed in, and what its forms carry."""
    browser = TestClient(house.app, base_url="https://testserver", raise_server_exceptions=False)
    answer = browser.post("/admin/sign-in?lang=en", data={"key": house.key(None, Terms(role=role)).secret})
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', answer.text)
    assert found
    return browser, found[1]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_shown_in_both_languages(house: Sold, path: str, language: str) -> None:
    """With whatever is not known: an alarm without figures, hours without stories, hours that were not heard."""
    browser, _ = client(house, "viewer")
    mark = "&" if "?" in path else "?"
    page = browser.get(f"/admin/opinion{path}{mark}lang={language}")
    assert page.status_code == 200
    assert not re.search(r"\bnan\b|None", page.text)


def test_who_may_see_and_do(house: Sold) -> None:
    """An agent sees nothing of it; a viewer has no forms, and may not send one either."""
    agent = TestClient(house.app, base_url="https://testserver")
    agent.post("/admin/sign-in", data={"key": house.key(None, Terms(role="agent")).secret})
    assert agent.get("/admin/opinion").status_code == 403
    browser, token = client(house, "viewer")
    assert "/owner" not in browser.get("/admin/opinion/alarms/alm_1").text
    for path in ("alarms/alm_1/close", "texts/tx_0"):
        assert browser.post(f"/admin/opinion/{path}", data={"csrf_token": token}).status_code == 403
    writer, _ = client(house)
    assert writer.post("/admin/opinion/alarms/alm_1/close", data={"csrf_token": "0" * 64}).status_code == 403
    assert TestClient(house.app).get("/admin/opinion/brief/2026-05-01.pdf").headers["content-type"] != "application/pdf"


def test_the_overview_says_what_is_not_known(house: Sold) -> None:
    """A silent source, what is not validated, a share that cannot be told, what surely changed, what emerges."""
    page = client(house)[0].get("/admin/opinion?lang=en").text
    for told in (
        "Sources are silent: few texts here are no sign of calm",
        "not validated",
        "cannot be told",
        "+11.0 points",
        "battery · recall",
        "Luma Group",
        "Open alarms: 1",
        "[45 %, 58 %]",
    ):
        assert told in page


def test_hours_that_were_not_heard_are_hatched(house: Sold) -> None:
    """They are a gap in the line, said in words, and no zero in the table."""
    page = client(house)[0].get("/admin/opinion/trend?hours=24&lang=en").text
    assert "2 hours are hatched" in page
    assert page.count('class="gap"') == 2  # one a chart
    assert page.count('<td colspan="5">not heard</td>') == 2
    assert client(house)[0].get("/admin/opinion/trend?topic=price").text.count('class="mark"') == 2


@pytest.mark.parametrize("path", ["", "/trend", "/alarms", "/alarms/alm_1", "/stories", "/stories/st_1"])
def test_what_has_not_changed_is_not_sent_again(house: Sold, monitor: InMemoryOpined, path: str) -> None:
    """The part that follows comes alone, with its state; asked with that state there is nothing, until it changes."""
    browser, _ = client(house)
    part = browser.get(f"/admin/opinion{path}?part=live")
    found = re.search(r'id="live" data-state="([^"]+)"', part.text)
    assert found
    assert "<nav" not in part.text.replace('<nav class="pager"', "")
    address = f"/admin/opinion{path}?part=live&state={found[1]}"
    assert browser.get(address).status_code == 204
    monitor.turn += 1
    assert browser.get(address).status_code == 200


def test_people_deal_with_alarms(house: Sold, monitor: InMemoryOpined) -> None:
    """Somebody is named, it is seen, it is the usual level, it is closed; each by the key of who did it."""
    browser, token = client(house)
    address = "/admin/opinion/alarms/alm_1"

    def send(word: str, **more: str) -> Any:
        return browser.post(f"{address}/{word}", data={"csrf_token": token, **more})

    assert "Ann Li" in send("owner", owner=" Ann\u202e\nLi ").text
    assert monitor.found["alm_1"].owner == "Ann Li"
    assert send("seen").status_code == 200
    assert monitor.found["alm_1"].by.startswith("key_")
    assert send("close").status_code == 200
    assert monitor.found["alm_1"].closed
    assert "/close" not in browser.get(address).text
    send("usual")
    assert monitor.found["alm_1"].usual
    assert send("owner", owner="x" * 81).status_code == 422
    assert send("nonsense").status_code == 404
    assert browser.post("/admin/opinion/alarms/none/seen", data={"csrf_token": token}).status_code == 404


def test_stories_are_filtered_and_paged(house: Sold) -> None:
    """The next page keeps what was chosen; what is no page, time or sentiment is as if it were left out."""
    browser, _ = client(house)
    page = browser.get("/admin/opinion/stories?topic=price&hours=72&lang=en").text
    assert "/admin/opinion/stories?topic=price&amp;hours=72&amp;page=2" in page
    assert "1–25 of 30" in page
    assert "26–30 of 30" in browser.get("/admin/opinion/stories?topic=price&hours=72&page=2&lang=en").text
    assert browser.get("/admin/opinion/stories?hours=x&page=²&sentiment=sad").status_code == 200
    assert Asked.of({"hours": "7", "page": "99999", "sentiment": "x"}) == Asked()


def test_a_text_is_explained_and_corrected(house: Sold, monitor: InMemoryOpined) -> None:
    """Entities stand marked in it; words are weighed when asked for; a correction teaches unless it says nothing."""
    browser, token = client(house)
    address = "/admin/opinion/texts/tx_0"
    plain, why = browser.get(f"{address}?lang=en").text, browser.get(f"{address}?why=1&lang=en").text
    assert '<mark class="felt negative">Luma' in plain
    assert '<mark class="felt positive">Nova' in plain
    assert "speaks against this reading" not in plain
    assert '<mark class="weighs for strong" title="+31.0">Shame' in why
    assert '<mark class="weighs against strong" title="−20.0">cheap' in why
    for data in ({"sentiment": "neutral"}, {"sentiment": "negative", "entity": "Luma"}, {"topic": "app"}):
        assert browser.post(address, data={"csrf_token": token, **data}).status_code == 200
    assert monitor.corrected == [
        ("tx_0", "neutral", "", ""),
        ("tx_0", "negative", "", "Luma"),
        ("tx_0", "", "app", ""),
    ]
    for data in ({}, {"sentiment": "sad"}, {"topic": "x"}, {"entity": "Luma"}):
        assert browser.post(address, data={"csrf_token": token, **data}).status_code == 422
    assert browser.get("/admin/opinion/texts/none").status_code == 404


def test_the_brief_is_a_page_and_a_pdf(house: Sold) -> None:
    """In both languages; a word that is no day is not there."""
    browser, _ = client(house)
    assert "Surge of negative stories" in browser.get("/admin/opinion/brief/2026-05-01").text
    for wrong in ("2026-13-01", "yesterday", "2026-05-01.doc"):
        assert browser.get(f"/admin/opinion/brief/{wrong}").status_code == 404
    pytest.importorskip("weasyprint", reason="weasyprint is not installed")
    for language in ("en", "zh"):
        paper = browser.get(f"/admin/opinion/brief/2026-05-01.pdf?lang={language}")
        assert (paper.status_code, paper.content[:5]) == (200, b"%PDF-")


def test_where_no_pdf_can_be_made_a_page_says_so(house: Sold, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do."""
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    answer = client(house)[0].get("/admin/opinion/brief/2026-05-01.pdf?lang=en")
    assert (answer.status_code, "A PDF cannot be made here" in answer.text) == (404, True)


@pytest.mark.parametrize("path", ["", "/stories", "/stories/st_1", "/alarms/alm_1", "/texts/tx_0", "/brief/2026-05-01"])
def test_hostile_texts_stay_texts(house: Sold, monitor: InMemoryOpined, path: str) -> None:
    """Whoever posts writes what he likes."""
    monitor.title, monitor.texts = HOSTILE, [kept(0, f"Luma {HOSTILE}")]
    page = client(house)[0].get(f"/admin/opinion{path}").text
    assert "<script>document" not in page
    assert "<img src=x" not in page


def test_marks_keep_the_whole_text() -> None:
    """Whatever spans are given: out of order, over each other, beyond the end."""
    spans = [(4, 9, {"a": 1}), (2, 5, {"b": 1}), (8, 99, {"c": 1}), (6, 6, {"d": 1})]
    pieces = list(marked("a bad day", spans))
    assert "".join(piece for piece, _ in pieces) == "a bad day"
    assert [mark for _, mark in pieces if mark] == [{"b": 1}]


@pytest.mark.parametrize(("language", "theme", "desk"), [("en", "light", "desk"), ("zh", "dark", "")])
def test_people_watch_in_a_browser(house: Sold, monitor: InMemoryOpined, language: str, theme: str, desk: str) -> None:
    """What is new comes by itself, but not under a person's hands; axe finds nothing grave."""
    key = house.key(None, Terms(role="operator")).secret
    with listening(house.app) as base, chromium() as browser:
        signed = f"{base}/admin"
        with visit(browser, signed, language=language, theme=theme, desk=bool(desk)) as (page, complaints):
            page.clock.install()
            page.fill("input[name=key]", key)
            page.click("main button")
            page.wait_for_selector("nav.main")
            for path in PAGES:
                page.goto(f"{base}/admin/opinion{path}")
                assert grave_findings(page) == []
                assert too_wide(page) == []
                reached, there = reached_by_keyboard(page)
                assert reached == there
            page.goto(f"{base}/admin/opinion")
            monitor.stories_heard, monitor.turn = 77_777, monitor.turn + 1
            page.focus("#topic")
            page.clock.fast_forward(5000)
            assert "77,777" not in page.inner_text("#live")
            page.evaluate("document.activeElement.blur()")
            page.clock.fast_forward(5000)
            page.wait_for_selector("#live :text('77,777')")
            left = [one for one in complaints if "part=live" not in one]  # a look that a click cut short
            assert left == []
