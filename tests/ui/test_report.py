"""The HTML report."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from argosy.project.ladder import rungs
from argosy.ui import figures, report

Record = dict[str, Any]
VOID = {"meta", "line", "circle", "br", "rect", "path"}


class Reader(HTMLParser):
    """Collects what a browser would show and everything it would fetch or run."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag."""
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """The tag that closes must be the last that was opened."""
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        """Note what is shown."""
        if data.strip() and "style" not in self.open:
            self.texts.append(" ".join(data.split()))

    @property
    def text(self) -> str:
        """All that is shown."""
        return "\n".join(self.texts)


def first_line(html: str) -> str:
    """The report's heading."""
    found: list[str] = re.findall(r"<h1>(.*?)</h1>", html)
    return found[0]


def test_verdict_comes_first(tuned: Record) -> None:
    """The verdict stands before any figure, with the difference on both parts."""
    html = report.render(tuned, "en")
    assert (
        first_line(html)
        == "The tuned model earns its place: it beats TF-IDF + linear by more than 1.0 points and is served."
    )
    assert html.index("<h1>") < html.index("+3.8 points of macro F1 [+1.1, +6.5], p = .0045") < html.index("<h2>")
    assert "1,403 test rows, opened once after that: +3.2 points of macro F1 [+1.4, +5.0], p = .0006" in html


def test_baseline_that_is_not_inferior_is_named_in_the_first_line(baseline_wins: Record) -> None:
    """The first line says that the small model is served, and its row alone is marked."""
    html = report.render(baseline_wins, "en")
    assert first_line(html) == "TF-IDF + linear is not inferior to the tuned model, so the small model is served."
    assert "… as served" not in html
    assert re.findall(r'class="mark served">\s*<span class="name">(.*?)<', html) == ["TF-IDF + linear"] * 3


def test_undecided_is_not_called_as_good(baseline_wins: Record) -> None:
    """Where the rows show neither, the report does not claim that the small model is as good."""
    baseline_wins["choice"]["reason"] = "undecided"
    assert first_line(report.render(baseline_wins, "en")) == (
        "The tuned model is not shown to be better than TF-IDF + linear, so the small model is served."
    )


def test_test_rows_that_disagree_are_told(tuned: Record, baseline_wins: Record) -> None:
    """A choice that the test rows do not bear out stands, and the report says so."""
    tuned["versus_best_baseline"]["low"] = -0.002
    assert "The test rows alone do not confirm this" in report.render(tuned, "en")
    baseline_wins["versus_best_baseline"] |= {"difference": 0.04, "low": 0.02, "high": 0.06}
    assert "On the test rows the tuned model is ahead" in report.render(baseline_wins, "en")


def test_language_that_gives_the_label_away_is_a_warning(tuned: Record, baseline_wins: Record) -> None:
    """The warning stands where the record warns, and only there."""
    warning = "Language and label go together."
    assert warning in report.render(baseline_wins, "en")
    assert warning not in report.render(tuned, "en")


def test_order_of_worry(tuned: Record) -> None:
    """Data, then the ladder, then parity, then what it is made of."""
    assert re.findall(r'<section id="(\w+)"', report.render(tuned, "en")) == [
        "data",
        "ladder",
        "parity",
        "model",
        "stages",
    ]


@pytest.mark.parametrize("name", ["tuned", "baseline_wins", "five_classes", "hostile"])
def test_one_file_needs_nothing_else(name: str, request: pytest.FixtureRequest) -> None:
    """No script, nothing fetched, every tag closed, every link to a place of the page."""
    html = report.render(request.getfixturevalue(name), "en")
    reader = Reader(html)
    assert not reader.wrong
    assert not reader.open
    assert not reader.tags & {"script", "link", "img", "iframe", "object", "form"}
    assert not [key for key, _ in reader.attributes if key == "src" or key.startswith("on")]
    links = [value or "" for key, value in reader.attributes if key == "href"]
    places = {f"#{value}" for key, value in reader.attributes if key == "id"}
    assert links
    assert set(links) <= places


def test_text_of_users_stays_text(hostile: Record) -> None:
    """A label, a reason, a licence that look like markup are shown as they are written."""
    html = report.render(hostile, "en")
    assert "<script" not in html
    assert Reader(html).texts.count("<script>alert('x')</script>\"&{{ 7*7 }}") >= 4


def test_five_labels_in_one_language(five_classes: Record) -> None:
    """One language makes one chart; empty tables leave no heading behind."""
    html = report.render(five_classes, "en")
    assert html.count("<figure>") == 1
    assert "opening hours" in html
    assert "No row was left out." in html
    assert "Compression points tried" not in html
    assert "The way of the base model" not in html


def test_every_phrase_is_translated(tuned: Record, chinese: Callable[[str], str]) -> None:
    """What is shown is a number, a name from the record, or passed through the translator."""
    reader = Reader(report.page(tuned, chinese, "zh"))
    assert ("lang", "zh-CN") in reader.attributes
    names = (
        "reviews · classify · zh + en",
        "metrics, baselines, model, slices",
        "parity, engines",
        "argosy report --json",
    )
    own = re.compile("|".join(map(re.escape, (*names, "Argosy"))))
    left = [re.sub(r"[\W\d_]+", " ", own.sub("", text)).strip() for text in reader.texts if "译" not in text]
    assert [text for text in left if text not in re.sub(r"[\W\d_]+", " ", str(tuned))] == []


def test_reasons_of_refused_points_are_shown(tuned: Record) -> None:
    """Each refused compression point stands with its reasons."""
    text = Reader(report.render(tuned, "en")).text
    assert "94.00% of the labels are equal where 99% is asked for: 'so so'; onnx-dynamic: The labels" in text


def test_charts_share_an_axis_that_shows_the_differences(tuned: Record) -> None:
    """All but the majority lie on the axis, and equal figures lie at equal places in every chart."""
    ladders = [rungs(tuned, str, part) for part in (None, "zh", "en")]
    axis = figures.scale(ladders, "macro_f1")
    charts = [figures.chart(ladder, "macro_f1", axis) for ladder in ladders]
    assert len({chart.ticks for chart in charts}) == 1
    for chart in charts:
        assert [mark.beyond for mark in chart.marks] == [True, False, False, False]
        assert all(0 <= mark.start <= mark.x <= mark.end <= 100 for mark in chart.marks[1:])


def test_axis_of_perfect_figures(tuned: Record) -> None:
    """Figures that are all 1 with no width still have an axis."""
    perfect = {"value": 1.0, "low": 1.0, "high": 1.0}
    tuned["slices"] = {}
    for where in (tuned["metrics"], tuned["model"], *tuned["baselines"].values()):
        where["macro_f1"] = perfect
    assert "1.000 [1.000, 1.000]" in report.render(tuned, "en")
