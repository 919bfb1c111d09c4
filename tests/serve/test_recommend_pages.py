"""The pages of a recommender: lists with reasons, what changes after a click, new items, and who may do what."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from browsing import chromium, grave_findings, reached_by_keyboard, too_wide, visit
from listening import listening
from recommended import InMemoryRecommended
from sold import Sold, sold
from starlette.datastructures import QueryParams
from starlette.testclient import TestClient

from argosy.core.account import Role
from argosy.core.recommend import Event, Item
from argosy.core.tenant import Terms
from argosy.serve.app import create_app
from argosy.serve.pages.recommend_demo import Seen, numbers
from argosy.serve.settings import Settings
from argosy.store.database import sqlite_url

HOSTILE = "<script>document.title=1</script><img src=x onerror=document.title=2>{{7*7}}"
ADDRESS = re.compile(r'action="(/recommend/[a-z]+[^"]*)"')


@pytest.fixture
def shop() -> InMemoryRecommended:
    """The recommender."""
    return InMemoryRecommended()


@pytest.fixture
def client(shop: InMemoryRecommended) -> Iterator[TestClient]:
    """A browser without scripts at an open service."""
    with TestClient(create_app({}, Settings(), recommended=shop), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sold]:
    """A service that sells, with a recommender."""
    url = sqlite_url(tmp_path_factory.mktemp("recommend") / "store.db")
    with sold(url, recommended=InMemoryRecommended()) as house:
        yield house


def signed(house: Sold, role: Role) -> tuple[TestClient, str]:
    """A browser that is signed in, and what its forms carry."""
    browser = TestClient(house.app, base_url="https://testserver", raise_server_exceptions=False)
    answer = browser.post("/admin/sign-in?lang=en", data={"key": house.key(None, Terms(role=role)).secret})
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', answer.text)
    assert found
    return browser, found[1]


def address(page: str, deed: str) -> str:
    """Where the first form of a deed is sent."""
    found: list[str] = [one for one in ADDRESS.findall(page) if one.startswith(f"/recommend/{deed}")]
    return found[0].replace("&amp;", "&")


def titles(page: str) -> list[str]:
    """The page's list."""
    whole = re.search(r'<ol class="list">(.*?)</ol>', page, re.DOTALL)
    return re.findall(r"<strong>(.*?)</strong>", whole[1]) if whole else []


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "path",
    ["", "?user=ann", "?user=nobody", "?recent=f1&recent=none", "?user=ann&q=heat", "?q=nothing", "/numbers?days=7"],
)
def test_every_page_is_shown_in_both_languages(client: TestClient, path: str, language: str) -> None:
    """For whom something is known and for whom nothing is."""
    mark = "&" if "?" in path else "?"
    page = client.get(f"/recommend{path}{mark}lang={language}")
    assert page.status_code == 200
    assert not re.search(r"\bnan\b|None", page.text)
    assert 'href="/recommend"' in page.text


def test_a_click_changes_the_list(client: TestClient, shop: InMemoryRecommended) -> None:
    """The event names the list; the page says what is new, what moved and what is no more there."""
    before = client.get("/recommend?user=bob&lang=en").text
    assert titles(before)[0] == "Casino"
    made = shop.lists[-1].id
    after = client.post(address(before, "click"), data={"item": "f5", "kind": "like", "list": made}).text
    heard = max(shop.events.values(), key=lambda one: one.at)
    assert (heard.user, heard.item, heard.kind, heard.shown) == ("bob", "f5", "like", made)
    assert "Noted: Babe" in after
    assert "No more in the list: Babe" in after
    assert re.search(r"Changed since the list before: \d new, [1-9]\d* up, [1-9]\d* down", after)
    assert "because you liked Babe" in after
    assert titles(after) != [one for one in titles(before) if one != "Babe"]


def test_a_strangers_clicks_are_kept_nowhere(client: TestClient, shop: InMemoryRecommended) -> None:
    """They stand in the address, and the list follows them all the same."""
    before, kept = client.get("/recommend?lang=en").text, dict(shop.events)
    after = client.post(address(before, "click"), data={"item": "f3", "kind": "like"})
    assert "recent=f3" in str(after.url)
    assert "because you liked Heat" in after.text
    assert shop.events == kept
    again = client.post(address(after.text, "click"), data={"item": "f5"})
    assert "recent=f3&recent=f5" in str(again.url)


def test_a_new_item_is_ranked_at_once(client: TestClient, shop: InMemoryRecommended) -> None:
    """By its tags as people write them; its place is said, were it behind the page's list."""
    page = client.get("/recommend?user=bob&lang=en").text
    data = {"title": "Ronin", "description": "A case.", "tags": "crime， thriller;crime", "price": "3.50"}
    after = client.post(address(page, "items"), data=data).text
    assert "Added: Ronin" in after
    assert "It stands at place 1 of 11 for this reader." in after
    assert titles(after)[0] == "Ronin"
    made = next(one for one in shop.items.values() if one.title == "Ronin")
    assert (made.tags, made.price, made.text) == (("crime", "thriller"), 3.5, "A case.")


@pytest.mark.parametrize(
    "data", [{"title": " "}, {"title": "x" * 301}, {"title": "x", "price": "-1"}, {"title": "x", "price": "nan"}]
)
def test_what_is_no_item(client: TestClient, shop: InMemoryRecommended, data: dict[str, str]) -> None:
    """The page says so, for the same reader, with the form open."""
    page = client.get("/recommend?user=bob").text
    answer = client.post(address(page, "items"), data=data)
    assert answer.status_code == 422
    assert '<details class="more" open>' in answer.text
    assert 'value="bob"' in answer.text
    assert len(shop.items) == 12


def test_a_forgotten_user_is_a_stranger(client: TestClient) -> None:
    """The same list as that of somebody who never was here."""
    page = client.get("/recommend?user=ann&lang=en").text
    after = client.post(address(page, "forget")).text
    assert "ann is forgotten" in after
    assert "Nothing is known." in after
    assert titles(after) == titles(client.get("/recommend?user=never").text) != titles(page)
    assert client.post("/recommend/forget").status_code == 422, "nobody is chosen"


def test_what_cannot_be_done(client: TestClient, shop: InMemoryRecommended) -> None:
    """An item that is gone, a form of another site, a word that is no step, a store that is away."""
    assert client.post("/recommend/click?user=ann", data={"item": "none"}).status_code == 404
    foreign = {"sec-fetch-site": "cross-site"}
    assert client.post("/recommend/click?user=ann", data={"item": "f2"}, headers=foreign).status_code == 403
    assert client.get("/recommend?user=a%00").status_code == 404
    assert client.get("/recommend/click").status_code == 405
    shop.broken = True
    assert client.get("/recommend").status_code == 503


def test_an_event_that_is_refused_is_told(
    client: TestClient, shop: InMemoryRecommended, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the reason, and the list as it was."""
    monkeypatch.setattr("argosy.serve.routes.recommend.time.time_ns", lambda: 10**19)
    answer = client.post("/recommend/click?user=ann&lang=en", data={"item": "f2"})
    assert (answer.status_code, "This was not taken: future." in answer.text) == (422, True)
    assert len(shop.events) == 5


def test_hostile_texts_stay_texts(client: TestClient, shop: InMemoryRecommended) -> None:
    """Titles, tags, users and kinds are written by others."""
    shop.put([Item(id="x", title=HOSTILE, tags=(HOSTILE, "animation"), text=HOSTILE)])
    shop.hear([Event(user=HOSTILE, item="x", kind=HOSTILE, at=1)])
    shop.kinds = (HOSTILE,)
    for query in ({"user": "ann"}, {"user": HOSTILE}, {"q": "script"}, {"recent": "x", "was": HOSTILE}):
        page = client.get("/recommend", params=query).text
        assert "&lt;script&gt;document" in page
        assert "<script>document" not in page
        assert "<img src=x" not in page


def test_what_an_address_asks_is_bounded() -> None:
    """However long it is; what it says is said again by its query."""
    long = "&".join([*(f"recent={at}" for at in range(99)), *(f"was={at}" for at in range(99)), f"user={'u' * 999}"])
    seen = Seen.of(QueryParams(long))
    assert (len(seen.recent), len(seen.was), len(seen.user), seen.recent[-1]) == (20, 10, 256, "98")
    assert Seen.of(QueryParams(seen.query[1:])) == seen
    assert Seen().query == ""


def test_numbers_without_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no chart, and no division by nothing."""
    shop = InMemoryRecommended()
    made = numbers(shop, 12345, "en")
    assert (made["days"], made["chart"] is None) == (30, False)
    for days in ([], [{"day": "2026-05-01", "lists": 0, "clicked": 0, "rate": None, "low": None, "high": None}]):
        told = {"days": days, "arms": [], "explored": {"places": 0, "clicked": 0}}
        monkeypatch.setattr(InMemoryRecommended, "numbers", lambda _, __, told=told: told)
        assert numbers(shop, 7, "en")["chart"] is None


@pytest.mark.parametrize(
    ("role", "seen", "acts"),
    [("owner", 200, True), ("operator", 200, True), ("viewer", 200, False)],
)
def test_who_may_at_the_admin_side(house: Sold, role: Role, seen: int, *, acts: bool) -> None:
    """A service that sells shows nothing to everybody; a viewer has no forms, and may not send one either."""
    assert TestClient(house.app).get("/recommend").status_code == 404
    browser, token = signed(house, role)
    page = browser.get("/admin/recommend?user=ann&lang=en")
    assert page.status_code == seen
    assert ("/admin/recommend/click" in page.text) == acts
    for deed, data in (("click", {"item": "f2"}), ("items", {"title": "New"}), ("forget", {})):
        answer = browser.post(f"/admin/recommend/{deed}?user=zoe", data={"csrf_token": token, **data})
        assert answer.status_code == (200 if acts else 403)
        assert browser.post(f"/admin/recommend/{deed}?user=zoe", data={"csrf_token": "0" * 64}).status_code == 403
    assert browser.get("/admin/recommend/numbers").status_code == seen
    agent = TestClient(house.app, base_url="https://testserver")
    agent.post("/admin/sign-in", data={"key": house.key(None, Terms(role="agent")).secret})
    assert agent.get("/admin/recommend").status_code == 403


def test_a_wrong_form_at_the_admin_side(house: Sold) -> None:
    """It is told on the page of the same reader."""
    browser, token = signed(house, "operator")
    answer = browser.post("/admin/recommend/items?user=bob", data={"csrf_token": token, "title": ""})
    assert (answer.status_code, 'value="bob"' in answer.text) == (422, True)


def acts_of_a_reader(page: Any) -> None:
    """Click, find and click, add, forget; each without loading the page whole."""
    page.evaluate("window.same = true")
    page.locator(".list li", has_text="Babe").locator("button").first.click()
    page.wait_for_selector("#news .notice:has-text('Babe')")
    assert page.evaluate("document.activeElement.id") == "news"
    page.fill("#q", "psy")
    page.keyboard.press("Enter")
    page.wait_for_selector("ul.list :text('Psycho')")
    page.locator("ul.list button").first.click()
    page.wait_for_selector("#news .notice:has-text('Psycho')")
    page.locator("details.more > summary").click()
    page.fill("#title", "Antz")
    page.fill("#tags", "animation, comedy, family")
    page.locator("form:has(#title) button").click()
    page.wait_for_selector("#news .notice:has-text('Antz')")
    assert page.evaluate("window.same") is True
    page.locator("details.confirm > summary").click()
    page.locator("details.confirm button").click()
    page.wait_for_selector(".sides .empty")
    with page.expect_event("load"):
        page.go_back()
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize(("language", "theme", "desk"), [("en", "light", True), ("zh", "dark", False)])
def test_people_try_it_in_a_browser(shop: InMemoryRecommended, language: str, theme: str, *, desk: bool) -> None:
    """By pointer and by keyboard, on a phone and at a desk: nothing grave, and nothing complained of."""
    with (
        listening(create_app({}, Settings(), recommended=shop)) as base,
        chromium() as browser,
        visit(browser, f"{base}/recommend?user=ann", language=language, theme=theme, desk=desk) as (page, complaints),
    ):
        acts_of_a_reader(page)
        for path in ("?user=bob", "?user=bob&was=f4&was=f6&clicked=f5", "?q=e", "/numbers"):
            page.goto(f"{base}/recommend{path}")
            assert grave_findings(page) == []
            assert too_wide(page) == []
            reached, there = reached_by_keyboard(page)
            assert reached == there
        left = [one for one in complaints if "argosy.svg" not in one]  # an icon whose loading a step cut short
        assert left == []


def test_a_store_that_goes_away_is_told_in_a_browser(shop: InMemoryRecommended) -> None:
    """Instead of the list, with what to do."""
    with (
        listening(create_app({}, Settings(), recommended=shop)) as base,
        chromium() as browser,
        visit(browser, f"{base}/recommend?user=ann") as (page, _),
    ):
        shop.broken = True
        page.locator(".list button").first.click()
        page.wait_for_selector("#main .error")


def test_without_scripts_it_works_in_a_browser(shop: InMemoryRecommended) -> None:
    """Each step loads the page."""
    with (
        listening(create_app({}, Settings(), recommended=shop)) as base,
        chromium() as browser,
        visit(browser, f"{base}/recommend?user=bob", scripts=False) as (page, complaints),
    ):
        page.locator(".list li", has_text="Babe").locator("button").first.click()
        page.wait_for_selector("#news .notice:has-text('Babe')")
        assert complaints == []
