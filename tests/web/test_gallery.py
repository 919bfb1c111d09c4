"""Every part of every page in a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from browsing import PHONE, chromium, grave_findings, reached_by_keyboard, too_wide, visit
from gallery import gallery
from listening import listening


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the gallery is."""
    with listening(gallery()) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for all tests here."""
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize("desk", [False, True], ids=["phone", "desk"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_part_can_be_read_everywhere(address: str, browser: Any, language: str, theme: str, desk: bool) -> None:  # noqa: FBT001
    """Nothing is wider than the window, nothing lacks contrast or a name, and the browser complains of nothing."""
    with visit(browser, address, language=language, theme=theme, desk=desk) as (page, complaints):
        assert page.get_attribute("html", "lang") == {"en": "en", "zh": "zh-CN"}[language]
        assert too_wide(page) == []
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert too_wide(page) == []
        assert grave_findings(page) == []
        assert complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_dialog_can_be_read(address: str, browser: Any, theme: str) -> None:
    """It stands in the middle of the window, and what lies behind it is out of reach."""
    with visit(browser, address, theme=theme) as (page, complaints):
        page.click("button[commandfor]")
        box = page.locator("dialog:modal").bounding_box()
        assert abs(box["y"] + box["height"] / 2 - PHONE["height"] / 2) <= 1
        assert grave_findings(page) == []
        assert complaints == []


def test_the_keyboard_reaches_everything_and_is_not_caught(address: str, browser: Any) -> None:
    """The first stop leaps over the navigation; every other control comes after it, with a ring around it."""
    with visit(browser, address) as (page, complaints):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.locator(".skip").bounding_box()["y"] >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        reached, there = reached_by_keyboard(page)
        assert there - reached == set()
        page.focus("#q")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.focus("button[commandfor]")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        assert page.locator("dialog:modal").count() == 0
        assert page.evaluate("document.activeElement.hasAttribute('commandfor')")
        assert complaints == []


def test_a_list_is_searched_while_one_types(address: str, browser: Any) -> None:
    """Only the list is exchanged; an empty one says what to do."""
    with visit(browser, address) as (page, complaints):
        page.fill("#q", "harbour")
        page.wait_for_selector("#tenants tbody tr:only-child")
        page.fill("#q", "nobody")
        page.wait_for_selector("#tenants .empty a")
        assert page.input_value("#q") == "nobody"
        assert complaints == []


def test_a_page_is_turned_without_loading_the_rest(address: str, browser: Any) -> None:
    """The list alone is exchanged, the address goes along, and the way back leads back."""
    with visit(browser, address) as (page, complaints):
        page.fill("#name", "typed and not sent")
        page.click(".pager a[rel=next]")
        page.wait_for_url("**/?page=2")
        page.wait_for_selector("#tenants tbody tr")
        assert page.input_value("#name") == "typed and not sent"
        page.go_back()
        page.wait_for_url(f"{address}/")
        assert complaints == []


def test_a_form_is_answered_in_its_place_and_shown_as_text(address: str, browser: Any) -> None:
    """What was typed comes back as words, never as markup."""
    with visit(browser, address) as (page, complaints):
        page.fill("#name", "<i>Ada</i>")
        page.fill("#days", "3")
        page.click("#wish button:not([type])")
        page.wait_for_selector("#answer .notice")
        assert "<b><i>Ada</i></b>" in page.locator("#answer .notice").last.inner_text()
        assert complaints == []


def test_a_server_that_is_gone_is_told(address: str, browser: Any) -> None:
    """A step whose answer does not come leaves a sentence where a screen reader hears it."""
    with visit(browser, address) as (page, _):
        page.route("**/form", lambda route: route.abort())
        page.fill("#name", "Ada")
        page.fill("#days", "3")
        page.click("#wish button:not([type])")
        page.wait_for_selector("#told .notice.bad")


def test_the_theme_is_changed_at_once_and_kept(address: str, browser: Any) -> None:
    """The reader's choice stands against the device's."""
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    with visit(browser, address, theme="light") as (page, complaints):
        light = page.evaluate(paper)
        page.click("[data-theme-choice=dark]")
        dark = page.evaluate(paper)
        assert dark != light
        page.reload()
        assert page.evaluate(paper) == dark
        assert page.locator("[data-theme-choice=dark][aria-current=true]").count() == 1
        page.click("[data-theme-choice='']")
        page.reload()
        assert page.evaluate(paper) == light
        assert complaints == []


def test_a_secret_is_copied(address: str, browser: Any) -> None:
    """By a button that is there only where it works."""
    with visit(browser, address) as (page, complaints):
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.click("[data-copy]")
        page.wait_for_selector("[data-copy] >> text=Copied")
        assert page.evaluate("navigator.clipboard.readText()") == page.locator("#secret").inner_text()
        assert complaints == []


def test_nothing_needs_a_script(address: str, browser: Any) -> None:
    """Reading, searching, asking first and sending work in a browser without scripts."""
    with visit(browser, address, scripts=False) as (page, complaints):
        page.fill("#q", "harbour")
        page.click(".search button")
        page.wait_for_selector("#tenants tbody tr:only-child")
        page.click("a[hreflang=zh-CN]")
        page.wait_for_selector("html[lang=zh-CN]")
        page.click("[data-theme-choice=dark]")
        page.wait_for_selector("html[data-theme=dark]")
        page.click(".confirm > summary")
        page.click(".confirm button")
        page.wait_for_selector("#answer .notice")
        assert page.locator("[data-copy]").is_hidden()
        assert page.viewport_size == PHONE
        assert complaints == []


def test_paper_shows_what_is_read_alone(address: str, browser: Any) -> None:
    """No navigation and no buttons are printed, and night stays off the paper."""
    with visit(browser, address, theme="dark") as (page, _):
        page.emulate_media(media="print")
        assert page.locator("header.top, footer.bottom, form, .pager").locator("visible=true").count() == 0
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        assert page.locator("tbody tr").first.is_visible()
