"""The tenant's page in a real browser, at the width of a phone, in both languages."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from sold import Sold, sold

from argosy.serve.running.run import listen
from argosy.serve.settings import Settings
from argosy.store.database import sqlite_url

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
PHONE = {"width": 390, "height": 844}


@contextmanager
def answering(house: Sold) -> Iterator[str]:
    """The address of the service."""
    with listen(Settings(port=0)) as door:
        server = uvicorn.Server(uvicorn.Config(house.app, log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def open_page(browser: Any, language: str, address: str) -> tuple[Any, list[str]]:
    """The page in a browser of that language, and what the browser complains about."""
    page = browser.new_context(locale=language, viewport=PHONE).new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(f"{address}/account")
    return page, complaints


def test_a_key_is_made_on_a_phone(tmp_path: Path) -> None:
    """Signing in, making a key and signing out work under the page's policy; nothing is wider than the phone."""
    with (
        sold(sqlite_url(tmp_path / "store.db")) as house,
        answering(house) as address,
        playwright.sync_playwright() as p,
    ):
        browser = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        secret = house.may(house.tenant("A name as long as this one, 深蓝书店有限公司").id, "account").secret
        for language in ("zh-CN", "en"):
            page, complaints = open_page(browser, language, address)
            assert page.get_attribute("html", "lang") == language
            page.fill("#key", secret)
            page.click("main button")
            page.click("details.more > summary")
            page.fill("#days", "30")
            page.click("details.more button")
            made = page.locator("#secret").inner_text()
            caller = house.books.directory.find(made)
            assert caller
            assert caller.key.expires is not None
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
            page.click("header button")
            assert page.locator("#key").count() == 1
            assert complaints == []
        browser.close()
