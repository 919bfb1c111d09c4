"""The report in a real browser: opened from a disk, by day and night, on a phone, at a desk and on paper."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import chromium, grave_findings, reached_by_keyboard, too_wide, visit

from argosy.ui import charts, report
from argosy.web.charts.chart import csv_of

Record = dict[str, Any]

PAPER = {"width": 718, "height": 1047}  # A4 without its margins, in pixels of CSS


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser for all pages."""
    with chromium() as opened:
        yield opened


def saved(record: Record, language: str, folder: Path) -> str:
    """The address of the report in a folder."""
    place = folder / "report.html"
    place.write_text(report.render(record, language), encoding="utf-8")
    return place.as_uri()


@pytest.mark.parametrize(
    ("language", "theme", "desk"),
    [
        ("en", "light", False),
        ("en", "dark", False),
        ("zh", "light", False),
        ("zh", "dark", False),
        ("zh", "light", True),
    ],
)
def test_readable_by_everybody(
    browser: Any, compressed: Record, tmp_path: Path, language: str, theme: str, *, desk: bool
) -> None:
    """Nothing is fetched or forbidden, nothing is wider than the window, axe-core has no serious finding."""
    fetched: list[str] = []
    address = saved(compressed, language, tmp_path)
    with visit(browser, "about:blank", language=language, theme=theme, desk=desk) as (page, complaints):
        page.on("request", lambda request: fetched.append(request.url))
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert too_wide(page) == []
        assert grave_findings(page) == []
        assert complaints == []
    assert fetched == [address]


def test_narrow_columns_and_hostile_names_fit_a_phone(
    browser: Any, five_classes: Record, hostile: Record, columns: Record, tmp_path: Path
) -> None:
    """Long labels, markup in names, many columns."""
    for record in (five_classes, hostile, columns):
        with visit(browser, saved(record, "zh", tmp_path)) as (page, complaints):
            assert too_wide(page) == []
            assert complaints == []


def test_numbers_of_a_chart_are_taken_along(browser: Any, tuned: Record, tmp_path: Path) -> None:
    """From a file on a disk, without a script, the CSV holds the numbers that the chart was drawn from."""
    drawn = charts.confusion(tuned, str)
    assert drawn is not None
    with visit(browser, saved(tuned, "en", tmp_path), scripts=False) as (page, complaints):
        figure = page.locator("figure", has=page.locator("#confusion-title"))
        figure.locator("summary").click()
        with page.expect_download() as taken:
            figure.get_by_role("link").click()
        assert taken.value.suggested_filename == "confusion.csv"
        read = Path(taken.value.path()).read_bytes().decode()
        assert read.splitlines()[1:] == csv_of(drawn).splitlines()[1:]
        assert complaints == []


def test_each_section_links_to_its_stages(browser: Any, tuned: Record, tmp_path: Path) -> None:
    """A tap on the origin of a figure comes to the stage that wrote it."""
    with visit(browser, saved(tuned, "en", tmp_path)) as (page, _):
        page.locator("#ladder .source a", has_text="evaluate").click()
        page.wait_for_selector(":target")
        assert page.evaluate("document.querySelector(':target').textContent").startswith("evaluate")
        assert page.locator("#stage-evaluate").is_visible()


def test_keyboard_reaches_what_a_pointer_does(browser: Any, tuned: Record, tmp_path: Path) -> None:
    """Each link and each fold."""
    with visit(browser, saved(tuned, "en", tmp_path), desk=True) as (page, _):
        reached, there = reached_by_keyboard(page)
        assert reached == there


def test_printed_on_white_within_the_sheet(browser: Any, tuned: Record, tmp_path: Path) -> None:
    """At night too: black on white, nothing cut off at the edge, and as many sheets as the text needs."""
    with visit(browser, saved(tuned, "zh", tmp_path), language="zh", theme="dark") as (page, _):
        page.emulate_media(media="print")
        page.set_viewport_size(PAPER)
        assert too_wide(page) == []
        colours = page.evaluate(
            "[document.documentElement, document.body].map((one) => getComputedStyle(one))"
            ".flatMap((one) => [one.backgroundColor, one.color])"
        )
        assert colours[0] == "rgb(255, 255, 255)"
        assert colours[3] == "rgb(0, 0, 0)"
        assert 5 <= page.pdf(format="A4").count(b"/Type /Page\n") <= 25
