"""Charts: what is drawn lies where the numbers say, and the numbers go along with it."""

import csv
import io
import itertools
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.web.charts.axis import Axis, counted, even, powers, steps
from argosy.web.charts.chart import Caption, Chart, csv_of
from argosy.web.charts.heat import Line, heat, triangle
from argosy.web.charts.ladder import Reach, intervals
from argosy.web.charts.plot import BOTTOM, RIGHT, TOP, WIDTH, Point, Series, bars, plot

HOSTILE = "<script>alert('x')</script>\"&{{ 7*7 }}"
CAPTION = Caption(name="use", title="Use", told="More each day.", series="model")
FINITE = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda value: round(value, 6))


def drawn(chart: Chart) -> Element:
    """The drawing, which must be well-formed."""
    return fromstring(chart.drawn)  # noqa: S314 — of our own making


def read(chart: Chart) -> list[list[str]]:
    """The data as a spreadsheet reads them."""
    return list(csv.reader(io.StringIO(csv_of(chart).removeprefix("\ufeff"))))


def line(points: Sequence[tuple[float, float, float]]) -> Chart:
    """A line of (x, y, half the interval) with its band and dots."""
    made = tuple(Point(x=x, y=y, low=y - half, high=y + half) for x, y, half in points)
    x = even("day", [one.x for one in made], "{:g}".format)
    y = even("texts", [end for one in made for end in (one.low or 0, one.high or 0)], "{:g}".format)
    return plot(CAPTION, x, y, [Series(points=made, forms=("band", "line", "dots"))])


def every_chart() -> list[Chart]:
    """One of each kind, with words that look like markup."""
    caption = Caption(name="hostile", title=HOSTILE, told=HOSTILE, series=HOSTILE)
    axis = even(HOSTILE, [0, 1], "{:g}".format)
    point = Point(x=0.5, y=0.5, low=0.2, high=0.7, mark=HOSTILE, told=HOSTILE)
    return [
        bars(caption, HOSTILE, even(HOSTILE, [0, 2], "{:g}".format), [(HOSTILE, 2.0), ("b", 1.0)]),
        plot(caption, axis, axis, [Series(points=(point,), name=HOSTILE, kind="other")]),
        intervals(caption, axis, [Reach(name=HOSTILE, value=0.5, low=0.1, high=0.6, told=HOSTILE)]),
        heat(caption, [Line(name=HOSTILE, counts=(3, 1), told=HOSTILE), Line(name="b", counts=(0, 2))]),
        triangle(caption, [Line(name=HOSTILE, counts=(3, 1), told=HOSTILE), Line(name="b", counts=(2,))]),
    ]


@pytest.mark.parametrize("at", range(5))
def test_words_stay_words(at: int) -> None:
    """What looks like markup is shown as it is written; each drawing has a name for who cannot see it."""
    chart = every_chart()[at]
    root = drawn(chart)
    assert not list(root.iter("script"))
    assert HOSTILE in "".join(root.itertext()) or HOSTILE in str([one.attrib for one in root.iter()])
    for svg in root.iter("svg"):
        if svg.get("role") == "img":
            assert svg.get("aria-label") or all(
                root.find(f".//*[@id='{name}']") is not None for name in str(svg.get("aria-labelledby")).split()
            )


@given(st.lists(st.tuples(FINITE, FINITE, st.floats(0, 1000).map(lambda one: round(one, 6))), min_size=1, max_size=20))
def test_data_read_back_are_the_numbers_drawn(points: list[tuple[float, float, float]]) -> None:
    """CSV holds each number in full, and every mark lies within the frame."""
    chart = line(points)
    head, *rows = read(chart)
    assert head == ["day", "texts", "2.5 %", "97.5 %"]
    assert [tuple(map(float, row)) for row in rows] == [(x, y, y - half, y + half) for x, y, half in points]
    for circle in drawn(chart).iter("circle"):
        assert 0 < float(circle.attrib["cx"]) <= RIGHT
        assert TOP <= float(circle.attrib["cy"]) <= BOTTOM


@given(st.lists(FINITE, min_size=1, max_size=60))
def test_axis_holds_every_value(values: list[float]) -> None:
    """Round steps, few of them, and each value between the ends."""
    axis = even("", values, str)
    hair = 1e-8 * (axis.high - axis.low) + 1e-10
    assert axis.low - hair <= min(values)
    assert axis.high + hair >= max(values)
    assert 2 <= len(axis.ticks) <= 8
    assert all(0 <= axis.at(value) <= 1 for value in values)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.5, 0.5), (-0.2, 0.9), (33.0, 76.0), (0.0001, 0.0003)])
def test_ticks_hold_every_value_between_them(low: float, high: float) -> None:
    """Round steps, few of them."""
    marks = steps(low, high)
    assert marks[0] <= low
    assert marks[-1] >= high
    assert 2 <= len(marks) <= 8


def test_logarithmic_axis_gives_equal_factors_equal_room() -> None:
    """From 1 to 10 is as far as from 10 to 100."""
    axis = powers("price", [1, 100], str)
    assert axis.at(10) - axis.at(1) == pytest.approx(axis.at(100) - axis.at(10))
    assert 0 < axis.at(1) < axis.at(100) < 1
    assert counted("epoch", 3, str).ticks == (1.0, 2.0, 3.0)


def test_bars_of_a_month_name_as_many_days_as_there_is_room_for() -> None:
    """Names do not overlap, none lies outside the paper, all days are drawn and all are in the data."""
    days = [(f"2026-11-{day:02}", float(day * 1000)) for day in range(1, 31)]
    chart = bars(CAPTION, "day", even("texts", [0, 30_000], "{:,.0f}".format), days)
    root = drawn(chart)
    named = [float(one.attrib["x"]) for one in root.iter("text") if (one.text or "").startswith("2026-")]
    assert 2 <= len(named) <= 5
    assert all(b - a >= 60 for a, b in itertools.pairwise(named))
    assert all(30 <= place <= WIDTH - 30 for place in named)
    columns = [one for one in root.iter("rect") if one.get("class") == "column"]
    assert [one.findtext("title") for one in columns][-1] == "2026-11-30: 30,000"
    heights = [float(one.attrib["height"]) for one in columns]
    assert heights == sorted(heights)
    assert [(name, float(value)) for name, value in read(chart)[1:]] == days


def test_series_are_told_apart_by_shape() -> None:
    """In grey and on paper too; the guide is no data; the legend names those with a name."""
    axis = even("share", [0, 1], "{:g}".format)
    one = (Point(x=0.2, y=0.4), Point(x=0.8, y=0.6))
    made = [
        Series(points=one, name="before", kind="other", aside=-2),
        Series(points=one, name="after", aside=2),
        Series(points=one, name="even", kind="guide", forms=("line",)),
    ]
    chart = plot(CAPTION, axis, axis, made)
    root = drawn(chart)
    assert len(list(root.iter("circle"))) == 2
    assert len(list(root.iter("rect"))) == 2
    assert chart.legend == (("other", "before"), ("main", "after"), ("guide", "even"))
    assert [row[0] for row in read(chart)[1:]] == ["before", "before", "after", "after"]


def test_figure_beyond_the_axis_is_an_arrow() -> None:
    """What would squeeze the others is pointed at; the others lie at their places in percent."""
    axis = Axis(name="macro F1", low=0.8, high=1.0, ticks=(0.8, 0.9, 1.0), words="{:g}".format)
    reaches = [
        Reach(name="majority", value=0.3, low=0.2, high=0.4, told=".300"),
        Reach(name="linear", value=0.9, low=0.85, high=0.95, told=".900", main=True),
    ]
    chart = intervals(CAPTION, axis, reaches)
    first, second = (
        row for row in drawn(chart).iter("div") if str(row.get("class")).startswith("mark") and row[0].text
    )
    assert first.find(".//path") is not None
    assert first.find(".//circle") is None
    circle, bar = second.find(".//circle"), second.find(".//line[@class='bar']")
    assert circle is not None
    assert bar is not None
    assert (bar.get("x1"), circle.get("cx"), bar.get("x2")) == ("25.00%", "50.00%", "75.00%")
    assert read(chart)[1:] == [["majority", "0.3", "0.2", "0.4"], ["linear", "0.9", "0.85", "0.95"]]


def test_field_is_shaded_by_the_share_of_its_line() -> None:
    """The diagonal apart from the rest; long names are cut where they are drawn, but not in the data."""
    long = "a label whose name is so long that no column holds it"
    chart = heat(CAPTION, [Line(name=long, counts=(221, 41)), Line(name="b", counts=(55, 103))])
    fields = list(drawn(chart).iter("rect"))
    assert [(one.get("class"), one.get("fill-opacity")) for one in fields] == [
        ("right", "0.5"),
        ("wrong", "0.1"),
        ("wrong", "0.2"),
        ("right", "0.4"),
    ]
    shown = [one.text or "" for one in drawn(chart).iter("text")]
    assert [text for text in shown if text.endswith("…")]
    assert read(chart) == [["model", long, "b"], [long, "221", "41"], ["b", "55", "103"]]


def test_a_triangle_tells_the_percentage_of_each_rows_first() -> None:
    """Rows end where they end; more than the first is as dark as it gets; the data are counts; nothing of nothing."""
    chart = triangle(CAPTION, [Line(name="2027-01", counts=(40, 30, 90)), Line(name="2027-02", counts=(0, 0))])
    cells = list(drawn(chart).iterfind("g[@class='cell']"))
    assert [cell.findtext("text") or "" for cell in cells] == ["100", "75", "225", "–", "–"]
    assert [cell.findtext("title") for cell in cells][1] == "2027-01 + 1: 30 / 40"
    assert [field.get("fill-opacity") for field in drawn(chart).iter("rect")] == ["0.5", "0.4", "0.5", "0", "0"]
    assert read(chart) == [["model", "0", "1", "2"], ["2027-01", "40", "30", "90"], ["2027-02", "0", "0", ""]]


def test_counts_fit_their_fields() -> None:
    """As many labels as a matrix may have, and thousands of rows: no count runs into the next field."""
    lines = [Line(name=str(at), counts=tuple(12_345 if at == to else 7 for to in range(12))) for at in range(12)]
    for cell in drawn(heat(CAPTION, lines)).iterfind("g[@class='cell']"):
        field, count = cell.find("rect"), cell.find("text")
        assert field is not None
        assert count is not None
        assert 0.6 * float(count.attrib["font-size"]) * len(count.text or "") <= float(field.attrib["width"]) + 2


def test_link_holds_the_file() -> None:
    """The data need no server; what a spreadsheet would run stays text."""
    chart = bars(CAPTION, "name", even("texts", [0, 2], str), [("=1+1", 2.0)])
    assert unquote(chart.link.partition(",")[2]) == csv_of(chart)
    assert read(chart)[1] == ["'=1+1", "2.0"]


def test_every_class_that_is_drawn_has_a_style() -> None:
    """A chart without its style would be black shapes."""
    style = Path(__file__).parents[2].joinpath("src/argosy/web/assets/charts.css").read_text(encoding="utf-8")
    used = {name for chart in every_chart() for one in drawn(chart).iter() for name in (one.get("class") or "").split()}
    plain = {"main", "name", "mark", "axis", "cell"}
    assert {name for name in used - plain if f".{name}" not in style} == set()
