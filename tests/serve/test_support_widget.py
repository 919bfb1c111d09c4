"""The chat widget: what it may ask and whose answers it gets, and how people use it in a browser, on any site."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from browsing import PHONE, chromium, grave_findings, too_wide, visit
from fastapi import FastAPI
from listening import listening
from starlette.responses import HTMLResponse
from starlette.testclient import TestClient
from supporting import SENT, InMemory

from argosy.infer.engines.echo import EchoEngine
from argosy.serve.app import create_app
from argosy.serve.channels.parts import Channels
from argosy.serve.channels.rates import Rates
from argosy.serve.errors import RequestError
from argosy.serve.settings import Settings
from argosy.web import assets

TOKEN, OTHER = "a" * 40, "b" * 40
SHOP = "https://shop.example"
HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>{{7*7}} 😀'


def app_of(log: InMemory, *origins: str) -> FastAPI:
    """An open service with an assistant, whose widget these sites may show."""
    return create_app({"mood": EchoEngine()}, Settings(channels=Channels(origins=origins)), supported=log)


@pytest.fixture
def log() -> InMemory:
    """The books."""
    return InMemory()


@pytest.fixture
def client(log: InMemory) -> Iterator[TestClient]:
    """A browser's way to the service."""
    with TestClient(app_of(log, SHOP), headers={"authorization": f"Bearer {TOKEN}"}) as client:
        yield client


def ask(client: TestClient, text: str = "When?", id_: str = "m1", **more: Any) -> Any:
    """A message."""
    return client.post("/support/messages", json={"id": id_, "text": text, **more})


def test_a_message_is_answered_once(client: TestClient, log: InMemory) -> None:
    """The same id gets the same answer, also when the first one was lost on its way."""
    first, again = ask(client).json(), ask(client).json()
    assert first == again
    assert [turn["role"] for turn in first["turns"]] == ["user", "assistant"]
    assert first["turns"][1]["sources"] == [
        {"begin": 0, "stop": len(SENT), "title": "Shipping", "where": "Delivery › Times"}
    ]
    assert log.asked == 1
    more = ask(client, id_="m2", conversation=first["conversation"], after=1).json()
    assert [turn["index"] for turn in more["turns"]] == [2, 3]


def test_the_store_has_nothing_of_a_browsers_token(client: TestClient, log: InMemory) -> None:
    """Its digest alone, so that who reads the store cannot speak for a customer."""
    ask(client)
    (found,) = log.told.values()
    assert TOKEN not in repr(found)
    assert len(found.peer) == 64


def test_another_browsers_conversation_is_as_good_as_none(client: TestClient, log: InMemory) -> None:
    """Nor can it be written into, rated, or put into the queue; an id that another one used is its own."""
    told = ask(client).json()
    name, turn = told["conversation"], told["turns"][1]["id"]
    foreign = {"authorization": f"Bearer {OTHER}"}
    assert client.get(f"/support/messages?conversation={name}", headers=foreign).status_code == 404
    for path, body in (
        ("ratings", {"conversation": name, "turn": turn, "helped": True}),
        ("person", {"conversation": name}),
    ):
        assert client.post(f"/support/{path}", json=body, headers=foreign).status_code == 404
    mine = client.post("/support/messages", json={"id": "m1", "text": "x", "conversation": name}, headers=foreign)
    assert mine.json()["conversation"] != name
    assert log.asked == 2


def test_ratings_and_a_wish_for_a_person_are_noted(client: TestClient, log: InMemory) -> None:
    """What people write comes with the next look; who wrote it is not said."""
    told = ask(client).json()
    name, turns = told["conversation"], told["turns"]
    body = {"conversation": name, "turn": turns[1]["id"], "helped": False}
    assert client.post("/support/ratings", json=body).json()["helped"] is False
    assert client.post("/support/ratings", json={**body, "turn": turns[0]["id"]}).status_code == 404
    assert client.post("/support/person", json={"conversation": name}).json()["state"] == "waiting"
    log.take(name, "key_secret")
    log.say(name, "Hello, this is Li.", "key_secret")
    look = client.get(f"/support/messages?conversation={name}&after=1")
    assert (look.json()["state"], look.json()["turns"][0]["text"]) == ("taken", "Hello, this is Li.")
    assert "key_secret" not in look.text
    assert [turn["role"] for turn in ask(client, "thanks", "m2", conversation=name, after=2).json()["turns"]] == [
        "user"
    ]


def test_a_conversation_that_is_not_kept_any_more_begins_anew(client: TestClient) -> None:
    """A browser that comes back after months is answered, not refused."""
    told = ask(client, conversation="cnv_old", after=7).json()
    assert [turn["index"] for turn in told["turns"]] == [0, 1]


@pytest.mark.parametrize("token", ["", "short", "x" * 200, "with space" * 4, "é" * 40])
def test_a_token_is_random_enough_or_refused(client: TestClient, token: str) -> None:
    """A token that can be guessed protects nothing."""
    head = {b"authorization": f"Bearer {token}".encode()}
    answer = client.post("/support/messages", json={"id": "m", "text": "x"}, headers=head)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "missing_key")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"id": "m", "text": "x" * 20_001}, "text_too_long"),
        ({"id": "m", "text": " \n"}, "empty_input"),
        ({"id": "m", "text": "\0"}, "empty_input"),
        ({"id": "m"}, "missing_field"),
        ({"id": "m" * 129, "text": "x"}, "invalid_value"),
        ({"id": "m", "text": "x", "conversation": "../x"}, "invalid_value"),
        ({"id": "m", "text": "x", "after": -2}, "invalid_value"),
        ({"id": "m", "text": "x", "who": 1}, "unknown_field"),
        ({"id": "m", "text": "x" * 300_000}, "body_too_large"),
    ],
)
def test_bodies_are_bounded(client: TestClient, log: InMemory, body: dict[str, Any], code: str) -> None:
    """What does not fit is refused by name, and asks nothing."""
    assert client.post("/support/messages", json=body).json()["error"]["code"] == code
    assert log.asked == 0


@pytest.mark.parametrize("text", ["😀", "x" * 10_000, "可以退货吗? and when?", HOSTILE, "a\0b"])
def test_any_text_is_answered(client: TestClient, text: str) -> None:
    """Emoji alone, ten thousand characters, two languages at once, markup: all of it is text."""
    assert ask(client, text).json()["turns"][0]["text"] == text.replace("\0", "")


def test_sites_that_are_not_named_are_refused(client: TestClient) -> None:
    """A named one, and the service's own pages, may read the answers; errors too."""
    assert ask_from(client, "https://evil.example").json()["error"]["code"] == "origin_forbidden"
    assert "access-control-allow-origin" not in ask_from(client, "https://evil.example").headers
    for origin in (SHOP, "http://testserver"):
        answer = ask_from(client, origin)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == origin
    wrong = client.post("/support/messages", json={}, headers={"origin": SHOP})
    assert (wrong.status_code, wrong.headers["access-control-allow-origin"]) == (422, SHOP)
    preflight = client.options("/support/messages", headers={"origin": SHOP})
    assert preflight.headers["access-control-allow-headers"] == "authorization, content-type"
    assert client.options("/support/messages", headers={"origin": "https://evil.example"}).status_code == 403


def ask_from(client: TestClient, origin: str) -> Any:
    """A message from a page of a site."""
    return client.post("/support/messages", json={"id": "m1", "text": "x"}, headers={"origin": origin})


def test_a_flood_is_told_when_to_come_again(client: TestClient, log: InMemory) -> None:
    """Twenty messages a minute of one customer; another one is still answered."""
    codes = [ask(client, id_=f"m{number}").status_code for number in range(22)]
    assert codes == [200] * 20 + [429] * 2
    assert int(ask(client).headers["retry-after"]) >= 1
    assert log.asked == 20
    other = client.post(
        "/support/messages", json={"id": "m", "text": "x"}, headers={"authorization": f"Bearer {OTHER}"}
    )
    assert other.status_code == 200


def test_an_address_is_counted_where_it_is_known(log: InMemory) -> None:
    """Behind a proxy it is what the proxy says; where that says nothing, nobody pays for all the others."""
    app, head = app_of(log), {"x-forwarded-for": "1.1.1.1, 203.0.113.9"}

    def codes(near: str, more: dict[str, str]) -> set[int]:
        client = TestClient(app, client=(near, 1))
        heads = ({"authorization": f"Bearer {number:040}"} | more for number in range(241))
        return {client.post("/support/ratings", json={}, headers=one).status_code for one in heads}

    assert codes("127.0.0.1", {}) == {422}
    assert codes("127.0.0.1", head) == {422, 429}
    assert codes("8.8.8.8", {}) == {422, 429}


def test_all_addresses_of_one_home_count_as_one(log: InMemory) -> None:
    """Of IPv6 somebody has a whole network: its first half is counted, and IPv4 within IPv6 as itself."""
    app = app_of(log)

    def last(form: str) -> int:
        for number in range(241):
            client = TestClient(app, client=(form.format(number), 1))
            head = {"authorization": f"Bearer {number:040}"}
            code = client.post("/support/ratings", json={}, headers=head).status_code
        return code

    assert last("2a00:1450:4001:81b::{}") == 429
    assert last("::ffff:8.8.8.{}") == 422


def test_rates_forget_who_came_longest_ago() -> None:
    """A flood of names takes no more memory than there is for it, and a minute later all are let in again."""
    now = 0
    rates = Rates(clock=lambda: now)
    rates.take("a", 1)
    with pytest.raises(RequestError):
        rates.take("a", 1)
    for number in range(10_001):
        rates.take(f"name {number}", 1)
    rates.take("a", 1)
    now = 61 * 1_000_000_000
    rates.take("a", 1)


def test_the_script_is_small_and_checked_for_changes(client: TestClient) -> None:
    """Under 20 kB, 7 packed, for every site; the page that shows it allows no other script."""
    answer = client.get("/support/widget.js", headers={"accept-encoding": "identity"})
    assert len(answer.content) < 20_000
    assert len(gzip.compress(answer.content)) < 7_000
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    again = client.get("/support/widget.js", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert answer.text == assets.asset("support.js").body.decode()
    page = client.get("/support?lang=zh")
    assert '<a href="/support">在线客服</a>' in page.text
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert 'data-language="zh"' in page.text
    assert SHOP in page.text


def test_a_service_without_an_assistant_has_no_widget() -> None:
    """Nothing of it is there, and nothing of it is described."""
    with TestClient(create_app({"mood": EchoEngine()}, Settings())) as client:
        assert client.get("/support").status_code == 404
        assert "/support/messages" not in client.get("/openapi.json").json()["paths"]
    with TestClient(app_of(InMemory())) as client:
        told = client.get("/openapi.json").json()
        assert "/support/messages" in told["paths"]
        assert "SupportMessage" in told["components"]["schemas"]


POLICY = "default-src 'none'; script-src {base}; connect-src {base}; img-src 'self'"


def site(bases: list[str]) -> FastAPI:
    """A shop of somebody else's, with a strict policy of its own and nothing but the one line of the widget."""
    app = FastAPI()

    @app.get("/")
    async def page(more: str = "") -> HTMLResponse:
        (base,) = bases
        script = f'<script src="{base}/support/widget.js" defer {more}></script>'
        html = f'<!doctype html><html lang="en"><title>Shop</title>{script}<main><h1>Shop</h1></main></html>'
        return HTMLResponse(html, headers={"content-security-policy": POLICY.format(base=base)})

    @app.get("/favicon.ico")
    async def icon() -> HTMLResponse:
        return HTMLResponse("")

    return app


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser."""
    with chromium() as browser:
        yield browser


@dataclass(frozen=True, slots=True)
class Shown:
    """A site that shows the widget, and the books of the assistant that it asks; its answers are hostile."""

    address: str
    log: InMemory


@pytest.fixture
def shown() -> Iterator[Shown]:
    """The site and the service, each at an origin of its own."""
    log, bases = InMemory(HOSTILE), list[str]()
    with listening(site(bases)) as shop, listening(app_of(log, shop)) as base:
        bases.append(base)
        yield Shown(shop, log)


def say(page: Any, text: str) -> None:
    """Write a message and send it with the key Enter."""
    page.fill("textarea", text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(("language", "theme", "wide"), [("en", "light", 384), ("zh", "dark", 360)])
def test_people_ask_and_are_answered_on_any_site(
    browser: Any, shown: Shown, language: str, theme: str, wide: int
) -> None:
    """By keyboard alone, under the site's own strict policy; hostile texts stay texts; axe finds nothing grave.

    On a phone it is as wide as the window.
    """
    desk = wide != PHONE["width"]
    with visit(browser, shown.address, language=language, theme=theme, desk=desk) as (page, complaints):
        page.wait_for_selector(".launch")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("textarea:focus")
        say(page, HOSTILE)
        page.wait_for_selector(".turn.assistant")
        assert page.locator(".turn.user .text").inner_text() == HOSTILE
        assert page.locator(".turn.assistant .text").inner_text() == f"{HOSTILE}[1]"
        assert page.title() == "Shop"
        assert page.locator(".sources li").inner_text() == "Shipping, Delivery › Times"
        assert grave_findings(page) == []
        assert too_wide(page) == []
        assert page.locator(".panel").bounding_box()["width"] == wide
        assert page.locator(".panel").get_attribute("role") == "dialog"
        said = "您" if language == "zh" else "You"
        assert page.locator(".turn.user .who").inner_text() == said
        page.keyboard.press("Escape")
        page.wait_for_selector(".launch:focus")
        assert complaints == []


def test_a_rating_a_person_and_what_survives_a_reload(browser: Any, shown: Shown) -> None:
    """The conversation is there again after a reload; a person's messages arrive with the next look."""
    with visit(browser, f"{shown.address}/?more=data-open", desk=True) as (page, complaints):
        page.wait_for_selector("textarea")
        say(page, "When?")
        page.wait_for_selector(".turn.assistant")
        page.click(".rate button:first-of-type")
        page.wait_for_selector(".rate [aria-pressed=true]")
        assert shown.log.turns("cnv_0")[1].helped is True
        page.click(".top button:not(.close)")
        page.wait_for_selector(".state:has-text('person will be')")
        shown.log.take("cnv_0", "key_a")
        shown.log.say("cnv_0", "Hello, this is Li.", "key_a")
        page.evaluate("dispatchEvent(new Event('online'))")  # looks at once
        page.wait_for_selector(".turn.person")
        assert page.locator(".turn.person .text").inner_text() == "Hello, this is Li."
        page.reload()
        page.wait_for_selector(".turn.person")
        assert page.locator(".turn").count() == 4
        assert page.locator(".rate [aria-pressed=true]").get_attribute("aria-label") == "Helpful"
        assert complaints == []


def test_a_lost_message_is_said_and_sent_once(browser: Any, shown: Shown) -> None:
    """The answer is lost after the server gave it: the customer is told, sends it again, and it is one turn."""
    with visit(browser, f"{shown.address}/?more=data-open", desk=True) as (page, _):
        page.wait_for_selector("textarea")
        lost: list[int] = []

        def lose(route: Any) -> None:
            lost.append(route.fetch().status)
            route.abort()

        page.route("**/support/messages", lose)
        say(page, "When?")
        page.wait_for_selector(".sent")
        assert "not sent" in page.locator(".sent").inner_text()
        page.unroute("**/support/messages")
        page.click(".sent button")
        page.wait_for_selector(".turn.assistant")
        assert lost == [200]
        assert shown.log.asked == 1
        assert page.locator(".turn.user").count() == 1


def test_enter_that_ends_a_composed_word_sends_nothing(browser: Any, shown: Shown) -> None:
    """Chinese is written with the key Enter too; with Shift it begins another line."""
    with visit(browser, f"{shown.address}/?more=data-open", language="zh", desk=True) as (page, _):
        page.wait_for_selector("textarea")
        page.fill("textarea", "tuihuo")
        page.locator("textarea").dispatch_event("keydown", {"key": "Enter", "isComposing": True})
        page.keyboard.press("Shift+Enter")
        assert page.locator("textarea").input_value() == "tuihuo\n"
        assert shown.log.asked == 0


def test_a_person_can_be_asked_for_before_anything_was_said(browser: Any, shown: Shown) -> None:
    """The wish is the first message."""
    with visit(browser, f"{shown.address}/?more=data-open", desk=True) as (page, _):
        page.wait_for_selector("textarea")
        page.click(".top button:not(.close)")
        page.wait_for_selector(".state:has-text('person will be')")
        assert shown.log.conversation("cnv_0").state == "waiting"
