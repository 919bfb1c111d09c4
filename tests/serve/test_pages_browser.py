"""The pages of the service in a real browser: a tenant on a phone, an operator at a desk, in both languages."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn
from sold import Sold, released, sold
from sold_papers import Papers

from argosy.core.account import Role
from argosy.core.tenant import Terms
from argosy.serve.gate.roles import ROLES
from argosy.serve.running.run import listen
from argosy.serve.settings import Settings
from argosy.store.database import sqlite_url

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
CHROMIUM = shutil.which("chromium")
SHOTS = os.environ.get("ARGOSY_SHOTS")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
PHONE, DESK = {"width": 360, "height": 780}, {"width": 1280, "height": 900}
LANGUAGES = ("zh-CN", "en")
SERIOUS = {"serious", "critical"}


@dataclass
class Open:
    """The service at its address, a browser, and secrets by role."""

    house: Sold
    address: str
    browser: Any
    tenant: str
    secrets: dict[Role, str]
    complaints: list[str] = field(default_factory=list)

    def page(self, language: str = "en", **settings: Any) -> Any:
        """A page of a browser without cookies, which notes what it complains about."""
        page = self.browser.new_context(locale=language, viewport=DESK, **settings).new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        return page

    def signed_in(self, page: Any, role: Role) -> Any:
        """The page behind the operator's door."""
        page.goto(f"{self.address}/admin")
        page.fill("#key", self.secrets[role])
        page.click("main button")
        page.wait_for_selector("nav.main")
        return page


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """A service that sells, with something in each of its books."""
    papers = Papers()
    with (
        sold(sqlite_url(tmp_path_factory.mktemp("pages") / "store.db"), invoices=papers) as house,
        answering(house) as address,
        playwright.sync_playwright() as p,
    ):
        released(house)
        papers.tenant = house.tenant("A name as long as this one, 深蓝书店有限公司").id
        house.may(papers.tenant, "classify", "embed")
        browser = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        secrets = {role: house.key(None, Terms(role=role)).secret for role in ROLES}
        yield Open(house=house, address=address, browser=browser, tenant=papers.tenant, secrets=secrets)
        browser.close()


@contextmanager
def answering(house: Sold) -> Iterator[str]:
    """The address of the service; it follows no releases, whose versions are records without a model."""
    house.app.state.readiness.open = True
    with listen(Settings(port=0)) as door:
        server = uvicorn.Server(uvicorn.Config(house.app, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def check(page: Any, name: str) -> None:
    """Nothing is wider than the page, and on a phone axe finds nothing serious."""
    width = page.viewport_size["width"]
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/admin_{name}_{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    if width > PHONE["width"]:
        return
    found = [one for one in axe.Axe().run(page).response["violations"] if one["impact"] in SERIOUS]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == [], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_is_made_on_a_phone(opened: Open, language: str) -> None:
    """Signing in, making a key and signing out, nothing wider than the phone."""
    secret = opened.house.may(opened.tenant, "account").secret
    page = opened.page(language)
    page.set_viewport_size(PHONE)
    page.goto(f"{opened.address}/account")
    assert page.get_attribute("html", "lang") == language
    check(page, f"sign_in_{language}")
    page.fill("#key", secret)
    page.click("main button")
    page.click("details.more > summary")
    page.fill("#days", "30")
    page.click("details.more button")
    caller = opened.house.books.directory.find(page.locator("#secret").inner_text())
    assert caller
    assert caller.key.expires is not None
    check(page, f"account_{language}")
    page.click("header button")
    page.wait_for_selector("#key")
    assert opened.complaints == []


def test_an_operator_makes_a_tenant_that_uses_and_loses_its_key(opened: Open) -> None:
    """A tenant, its key, a charged request, its day in the chart; and no request after the key is revoked."""
    page = opened.signed_in(opened.page(), "owner")
    page.click("nav.main >> text=Tenants")
    page.click("main details.more > summary")
    page.fill("#name", "Blue Books")
    page.fill("[id='limits.budget']", "25.00")
    page.click("text=Create >> nth=-1")
    page.wait_for_selector("h1:has-text('Blue Books')")
    page.click("text=Create a key")
    page.click("form[action='/admin/keys'] button")
    secret = page.locator("#secret").inner_text()
    head = {"authorization": f"Bearer {secret}"}
    ask = {"model": "mood", "input": ["a", "b", "c"]}
    assert httpx.post(f"{opened.address}/v1/classify", json=ask, headers=head).status_code == 200
    page.goto(f"{opened.address}/admin/tenants?q=Blue")
    page.click("text=Blue Books")
    page.wait_for_selector("h1:has-text('Blue Books')")
    assert "CN¥0.006" in page.locator("dl.facts").first.inner_text()
    assert page.locator("figure svg").count() == 2
    check(page, "used")
    page.set_viewport_size(PHONE)
    check(page, "used")
    page.set_viewport_size(DESK)
    page.click("section.card >> text=Revoke")
    page.click("section.card >> text=End it now")
    page.wait_for_selector("section.card >> text=revoked on")
    assert httpx.post(f"{opened.address}/v1/classify", json=ask, headers=head).status_code == 401
    page.click("nav.main >> text=Audit log")
    page.wait_for_selector("tbody code")
    assert {"tenant.create", "key.create", "key.revoke"} <= set(page.locator("tbody code").all_inner_texts())
    assert opened.complaints == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_the_operator_is_fit_for_everybody(opened: Open, language: str) -> None:
    """At a desk and on a phone, by light and by dark."""
    page = opened.signed_in(opened.page(language), "owner")
    paths = ["", "/tenants", f"/tenants/{opened.tenant}", "/keys", "/plans", "/invoices", "/releases", "/releases/mood"]
    for number, path in enumerate([*paths, "/audit", "/settings", "/tenants/x"]):
        page.emulate_media(color_scheme=("light", "dark")[number % 2])
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            page.goto(f"{opened.address}/admin{path}")
            name = path.strip("/").replace("/", "_").replace(opened.tenant, "one") or "overview"
            check(page, f"{name}_{language}")
    opened.complaints[:] = [said for said in opened.complaints if "404" not in said]
    assert opened.complaints == []


def test_lists_are_searched_as_one_types_and_without_a_script(opened: Open) -> None:
    """The list alone is exchanged, and the address follows; without scripts a button does the same."""
    for name in ("Typed one", "Typed two"):
        opened.house.tenant(name)
    page = opened.signed_in(opened.page(), "viewer")
    page.goto(f"{opened.address}/admin/tenants")
    page.locator("#q").press_sequentially("Typed t")
    page.wait_for_selector("#list tbody tr:only-child")
    assert page.url.endswith("q=Typed+t")
    assert page.locator("#q").input_value() == "Typed t"
    plain = opened.signed_in(opened.page(java_script_enabled=False), "viewer")
    plain.goto(f"{opened.address}/admin/tenants")
    plain.fill("#q", "Typed o")
    plain.click("text=Search >> nth=-1")
    plain.wait_for_selector("#list tbody tr:only-child")
    assert opened.complaints == []


def test_a_list_stays_when_a_search_fails_and_gives_way_to_the_door_when_nobody_is_signed_in(opened: Open) -> None:
    """What a search cannot be answered with is not put in the list's place: it is told, or a key is asked for."""
    issued = opened.house.key(None, Terms(role="viewer"))
    page = opened.browser.new_context(locale="en").new_page()
    page.goto(f"{opened.address}/admin")
    page.fill("#key", issued.secret)
    page.click("main button")
    page.goto(f"{opened.address}/admin/tenants")
    page.route("**/admin/tenants?q=a", lambda route: route.fulfill(status=503, body="{}"))
    page.locator("#q").fill("a")
    page.wait_for_selector("#told .notice.bad")
    assert page.locator("#list").count() == 1
    page.unroute_all()
    opened.house.books.accounts.revoke_key(issued.key.id, "test").result()
    opened.house.books.directory.refresh()
    page.locator("#q").fill("ab")
    page.wait_for_selector("#key")
