"""The HTML report."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from argosy.ui import charts, reasons, report
from argosy.web.charts.chart import Chart

Record = dict[str, Any]
VOID = {"meta", "line", "circle", "br", "rect", "path", "polyline", "polygon"}


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


def drawn(chart: Chart) -> Element:
    """The drawing as elements."""
    return fromstring(chart.drawn)  # noqa: S314 — of our own making


def shapes(field: Element) -> Iterator[tuple[str | None, str | None]]:
    """Style and shade of a field of a matrix."""
    return ((one.get("class"), one.get("fill-opacity")) for one in field.findall("rect"))


def test_verdict_comes_first(tuned: Record) -> None:
    """What the rows can show, then the verdict, then the difference on both parts, all before any section."""
    html = report.render(tuned, "en")
    assert first_line(html) == (
        "The tuned model earns its place: it beats TF-IDF + linear by more than 1.0 points of macro F1 and is served."
    )
    assert html.index("can show a difference of 3.4 points") < html.index("<h1>")
    assert html.index("<h1>") < html.index("+3.8 [+1.1, +6.5] points of macro F1, p = .0045") < html.index("<h2>")
    assert "on the 420 test rows: +7.1 [+5.1, +9.1] points of macro F1, p = .0006" in html


def test_baseline_that_is_not_inferior_is_named_in_the_first_line(baseline_wins: Record) -> None:
    """The first line says that the simpler model is served, and its row alone is marked."""
    html = report.render(baseline_wins, "en")
    assert first_line(html) == "TF-IDF + linear is not inferior to the tuned model, so the simpler model is served."
    assert "… as served" not in html
    assert re.findall(r'class="mark main"><span class="name">(.*?)<', html) == ["TF-IDF + linear"] * 3


def test_undecided_is_not_called_as_good(measured: Record) -> None:
    """Where the rows show neither, the report does not claim that the small model is as good."""
    assert first_line(report.render(measured, "en")) == (
        "The tuned model is not shown to be better than TF-IDF + linear, so the simpler model is served."
    )


def test_test_rows_that_disagree_are_told(tuned: Record, measured: Record) -> None:
    """A choice that the test rows do not bear out stands, and the report says so."""
    tuned["metrics"]["macro_f1"]["versus"]["low"] = -0.002
    assert "The test rows alone do not confirm this" in report.render(tuned, "en")
    assert "which is served, falls short of frozen + linear" in report.render(measured, "en")
    for part in (measured["baselines"]["linear"], measured["metrics"]):
        part["macro_f1"]["versus"] = None
    measured["metrics"]["macro_f1"]["versus"] = {
        "baseline": "linear",
        "difference": 0.04,
        "low": 0.02,
        "high": 0.06,
        "p": 0.001,
    }
    assert "On the test rows the tuned model is ahead" in report.render(measured, "en")


def test_language_that_gives_the_label_away_is_a_warning(tuned: Record, baseline_wins: Record) -> None:
    """The warning stands where the record warns, and only there."""
    warning = "Language and label go together."
    assert warning in report.render(baseline_wins, "en")
    assert warning not in report.render(tuned, "en")


def test_order_of_worry(tuned: Record) -> None:
    """Data, labels, ladder, then what to doubt, then parity, then what it is made of."""
    assert re.findall(r'<section id="(\w+)"', report.render(tuned, "en")) == [
        *("data", "privacy", "labels", "ladder", "errors", "certainty", "robustness", "explanations", "more"),
        *("parity", "model", "stages"),
    ]


def test_projects_over_columns_leave_out_what_they_do_not_have(columns: Record, numbers: Record) -> None:
    """No text, no Transformer: their sections leave nothing, and a network shows its edges."""
    found = [re.findall(r'<section id="(\w+)"', report.render(record, "en")) for record in (columns, numbers)]
    assert found[0] == ["data", "ladder", "certainty", "parity", "causes", "stages"]
    assert found[1] == ["data", "ladder", "parity", "stages"]
    assert "concavity → compactness" in report.render(columns, "en")
    assert "39.3 [32.7, 46.5]" in report.render(numbers, "en")


def test_every_section_opens_with_a_sentence_and_names_its_stages(tuned: Record) -> None:
    """So that a reader knows why to read on, and where a figure comes from."""
    for section in report.render(tuned, "en").split("<section ")[1:-1]:
        assert section.index("</h2>") < section.index('<p class="lead">') < section.index('<p class="source">')


@pytest.mark.parametrize(
    "name", ["measured", "tuned", "baseline_wins", "five_classes", "compressed", "hostile", "columns", "numbers"]
)
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
    assert {link for link in links if not link.startswith("data:text/csv")} <= places


def test_text_of_users_stays_text(hostile: Record) -> None:
    """A label, a reason, a licence that look like markup are shown as they are written."""
    html = report.render(hostile, "en")
    assert "<script" not in html
    assert Reader(html).texts.count("<script>alert('x')</script>\"&{{ 7*7 }}") >= 7


def test_five_labels_in_one_language(five_classes: Record) -> None:
    """One language makes one chart; empty tables leave no heading behind."""
    html = report.render(five_classes, "en")
    assert html.count('<div class="intervals">') == 1
    assert "opening hours" in html
    assert "No row was left out." in html
    assert "Compression points tried" not in html
    assert "The way of the base model" not in html
    assert "Confusion matrix" not in html
    assert "What is taken for what" in html


def test_every_phrase_is_translated(tuned: Record, chinese: Callable[[str], str]) -> None:
    """What is shown is a number, a name from the record, or passed through the translator."""
    html = report.page(tuned, chinese, "zh")
    reader = Reader(re.sub(r'<(t[dh])[^>]* class="quoted">.*?</\1>', "", html))
    assert ("lang", "zh-CN") in reader.attributes
    names = (
        "reviews · classify · zh + en",
        "metrics, baselines, model, slices, seeds",
        "calibration, selective",
        "weak_spots, errors",
        "robustness, adversarial, bias",
        "parity, engines",
        "argosy report --json",
    )
    own = re.compile("|".join(map(re.escape, (*names, "Argosy"))))
    shown = [part for text in reader.texts for part in text.split("→")]
    left = [re.sub(r"[\W\d_]+", " ", own.sub("", text)).strip() for text in shown if "译" not in text]
    known = re.sub(r"[\W\d_]+", " ", str(tuned))
    assert [text for text in left if text not in known and text not in known.upper()] == []


def test_reasons_of_refused_points_are_shown(tuned: Record) -> None:
    """Each refused compression point stands with its reasons."""
    text = Reader(report.render(tuned, "en")).text
    assert "94.0 % [90.0, 96.6]" in text
    assert "94.00% of the labels are equal where 99% is asked for: 'so so'" in text


def test_frontier_tells_what_is_picked_and_what_was_refused(compressed: Record) -> None:
    """Each point over cost, latency and size; the picked one stands out, a refused one is hollow and says why."""
    html = report.render(compressed, "en")
    text = Reader(html).text
    assert "3 layers onnx-int8 is picked: the cheapest that keeps to 20 MB, a loss of 2.0 points of macro F1." in text
    assert "The validation rows do not exclude a loss of more than 2.0 points of macro F1." in text
    assert "0.8010 lies below 0.8200 to 0.8800, the interval of the model before." in text
    assert "Not tried: half the width; the minutes do not allow it." in text
    assert "Costs assume 0.30 CNY an hour for the machine, which answers 60 % of the time." in text
    for chart in charts.frontier(compressed, str):
        kinds = {one.findtext("text"): str(one.get("class")) for one in drawn(chart).iterfind("g[title]")}
        assert kinds == {"1": "dot other", "2": "dot main", "3": "dot hollow", "4": "dot other"}
        assert drawn(chart).find("polyline") is not None
        assert sorted(str(row[0]) for row in chart.rows) == sorted(
            one["name"] for one in compressed["frontier"]["points"]
        )


def test_targets_that_nothing_reaches_are_said_to_be_so(compressed: Record) -> None:
    """With the nearest point and what it misses."""
    missed = [{"wish": "size_mb", "limit": 1.0, "found": 3.7}]
    compressed["frontier"]["pick"] |= {"name": None, "reason": "unreachable", "nearest": "linear", "missed": missed}
    compressed["frontier"]["target"] |= {"size_mb": 1.0, "max_quality_loss": None}
    text = Reader(report.render(compressed, "en")).text
    assert "No model keeps to 1 MB, so what is served is what would be without a target." in text
    assert "linear comes nearest: 3.7 MB, where 1 MB is asked for." in text


def test_without_a_test_row_no_ladder_is_drawn(tuned: Record) -> None:
    """An assistant made of documents alone has nothing to be tested on, and its report is written all the same."""
    tuned |= {"slices": {}, "baselines": {"linear": {}}, "model": {}, "metrics": {}}
    assert charts.ladders(tuned, str) == []


def test_charts_share_an_axis_that_shows_the_differences(tuned: Record) -> None:
    """All but the majority lie on the axis, and equal figures lie at equal places in every chart."""
    ladders = [drawn(chart) for chart in charts.ladders(tuned, str)]
    assert len(ladders) == 3
    assert len({tuple((one.text, one.get("x")) for one in ladder.iter("text")) for ladder in ladders}) == 1
    for ladder in ladders:
        rows = [row for row in ladder if row.get("class") != "mark axis"]
        assert [row.find(".//path") is not None for row in rows] == [True, False, False, False]
        for row in rows[1:]:
            bar, circle = row.find(".//line[@class='bar']"), row.find(".//circle")
            assert bar is not None
            assert circle is not None
            places = [float(str(place).rstrip("%")) for place in (bar.get("x1"), circle.get("cx"), bar.get("x2"))]
            assert 0 <= places[0] <= places[1] <= places[2] <= 100


def test_axis_of_perfect_figures(tuned: Record) -> None:
    """Figures that are all 1 with no width still have an axis."""
    perfect = {"value": 1.0, "low": 1.0, "high": 1.0, "versus": None}
    tuned["slices"] = {}
    for where in (tuned["metrics"], tuned["model"], *tuned["baselines"].values()):
        where["macro_f1"] = perfect
    assert "1.000 [1.000, 1.000]" in report.render(tuned, "en")


def test_plots_are_drawn_with_words_for_who_cannot_see_them(tuned: Record) -> None:
    """Each plot says what is seen, and its numbers can be taken along; no two places have one name."""
    html = report.render(tuned, "en")
    charts_drawn = [draw(tuned, str) for draw in report._PLOTS]
    assert len(charts_drawn) == 7
    for chart in charts_drawn:
        assert chart is not None
        assert chart.caption.told in html.replace("&#39;", "'")
        assert f'download="{chart.caption.name}.csv"' in html
    assert len(re.findall(r'aria-labelledby="([\w-]+)-title \1-desc"', html)) == 7
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_data_of_charts_are_those_of_the_record(tuned: Record) -> None:
    """What is taken along is what was measured, in full."""
    confusion, risk = charts.confusion(tuned, str), charts.risk(tuned, str)
    assert confusion is not None
    assert risk is not None
    assert [list(row[1:]) for row in confusion.rows] == tuned["errors"]["matrix"]
    curve = [
        (one["coverage"], *(one["error"][end] for end in ("value", "low", "high")))
        for one in tuned["selective"]["curve"]
    ]
    assert [row[1:] for row in risk.rows][: len(curve)] == curve
    ladder = charts.ladders(tuned, str)[0]
    assert [row[1:] for row in ladder.rows[:2]] == [
        tuple(tuned["baselines"][name]["macro_f1"][end] for end in ("value", "low", "high"))
        for name in ("majority", "linear")
    ]


def test_matrix_shades_by_the_share_of_its_line(measured: Record) -> None:
    """Each label's line with the share found, rightly answered fields apart from the others."""
    chart = charts.confusion(measured, str)
    assert chart is not None
    fields = [(one.findtext("text"), *shape) for one in drawn(chart).iter("g") for shape in shapes(one)]
    assert fields == [
        ("221", "right", "0.5"),
        ("41", "wrong", "0.1"),
        ("55", "wrong", "0.2"),
        ("103", "right", "0.4"),
    ]
    assert "65.2 % [57.5, 72.4]" in [one.text for one in drawn(chart).iter("text")]


def test_explanations_that_do_not_hold_are_marked(measured: Record) -> None:
    """They are shown muted, with a warning; a span keeps its place in the text."""
    texts = measured["explanations"]["texts"]
    assert "not faithful" not in report.render(measured, "en")
    texts[0]["faithful"] |= {"faithful": False, "p": 0.4}
    html = report.render(measured, "en")
    assert html.count('class="reason doubtful"') == 1
    assert "words drawn by lot do as well (p = .40)" in html
    assert "".join(piece for piece, _ in reasons.pieces(texts[0])) == texts[0]["text"]
