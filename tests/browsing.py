"""Pages in a real browser, as people see them: in two languages, by day and night, on a phone and at a desk."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
PHONE = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 900}
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
_GRAVE = {"serious", "critical"}


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser; the test is skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def visit(
    browser: Any, address: str, *, language: str = "en", theme: str = "light", desk: bool = False, scripts: bool = True
) -> Iterator[tuple[Any, list[str]]]:
    """The page at an address, and what the browser complains of: errors, and what a policy forbids."""
    context = browser.new_context(
        locale=LOCALES[language],
        color_scheme=theme,
        viewport=DESK if desk else PHONE,
        java_script_enabled=scripts,
        reduced_motion="reduce",
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("requestfailed", lambda request: complaints.append(f"{request.url}: {request.failure}"))
    page.goto(address)
    yield page, complaints
    context.close()


def grave_findings(page: Any) -> list[str]:
    """What axe-core finds serious or critical on a page, with the places."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
        for one in found
        if one["impact"] in _GRAVE
        for node in one["nodes"]
    ]


def too_wide(page: Any) -> list[str]:
    """What makes a page wider than its window."""
    if page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"):
        return []
    found: list[str] = page.evaluate(
        """[...document.querySelectorAll("body *")]
        .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1)
        .map((one) => one.outerHTML.slice(0, 160))"""
    )
    return found or ["the page"]


def reached_by_keyboard(page: Any) -> tuple[set[str], set[str]]:
    """What the key Tab comes to, and what a pointer can act on: each by its number among what can be acted on."""
    page.evaluate(
        """() => {
        const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']");
        const left = "[type=hidden], [type=radio]:not(:checked), :disabled"; // arrows go from one radio to the next
        [...all].filter((one) => one.checkVisibility() && !one.matches(left))
          .forEach((one, at) => { one.dataset.at = `${at} ${one.tagName} ${one.textContent.trim().slice(0, 30)}`; });
        document.activeElement?.blur();
        }"""
    )
    there = set(page.evaluate("[...document.querySelectorAll('[data-at]')].map((one) => one.dataset.at)"))
    reached: set[str] = set()
    for _ in range(len(there) + 5):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement?.dataset?.at ?? ''"))
    return reached - {""}, there
