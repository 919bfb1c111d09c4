"""The KPI board as a page of one file: charts of actual against plan, the cohorts, the margins."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from argosy.core.version import __version__
from argosy.project.venturing.actuals import Board
from argosy.ui.verbs.venturing import board_words as words
from argosy.venture.actual.beside import Line
from argosy.venture.actual.monthly import Month
from argosy.web.charts.axis import Axis, counted, even
from argosy.web.charts.chart import Caption, Chart
from argosy.web.charts.heat import Line as Row
from argosy.web.charts.heat import triangle
from argosy.web.charts.plot import Point, Series, plot
from argosy.web.page import environment

_TEMPLATES = Path(__file__).parents[2] / "templates"
_COHORTS = 12  # that the triangle shows
_CUSTOMERS = 30


def page(found: Board, t: words.Translate, language: str) -> str:
    """The page in a language; it loads nothing and can be sent by mail."""
    lines = [(one, point) for one in found.lines if (point := words.last_over(one)) is not None]
    plans = [words.margin_row(one, one.name) for one in found.plans]
    if found.whole is not None:
        plans.append(words.margin_row(found.whole, t("all")))
    return (
        environment(_TEMPLATES, language, t)
        .get_template("board.html")
        .render(
            board=found,
            words=words,
            facts=list(words.facts(found, t)),
            lines=lines,
            lines_rows=[words.beside_row(one, point, t) for one, point in lines],
            drawn=list(_charts(found, t)),
            triangles=_triangles(found, t),
            month_rows=[words.month_row(one) for one in found.months],
            plan_rows=plans,
            member_rows=[words.margin_row(one, found.title(one.name)) for one in found.members[:_CUSTOMERS]],
            version=__version__,
        )
    )


def _charts(found: Board, t: words.Translate) -> Iterator[Chart]:
    for one in found.lines:
        yield _against(one, found.live.currency, t)
    if found.live.members:
        yield _shares(found.months, t)


def _against(one: Line, currency: str, t: words.Translate) -> Chart:
    """A line of the plan and what happened, with the reach of chance."""
    labels = [point.month for point in one.points]
    over = [(at, point) for at, point in enumerate(one.points, 1) if point.over]
    actual = tuple(
        Point(x=at, y=float(point.actual), low=point.low, high=point.high, name=point.month) for at, point in over
    )
    running = tuple(
        Point(x=at, y=float(point.actual), name=point.month) for at, point in enumerate(one.points, 1) if not point.over
    )
    plan = tuple(Point(x=at, y=float(point.plan), name=point.month) for at, point in enumerate(one.points, 1))
    ends = [end for point in actual for end in (point.low, point.high) if end is not None]
    series = [
        Series(points=plan, name=t("planned"), kind="other", forms=("line", "dots")),
        Series(points=actual, name=t("actual"), forms=("band", "line", "dots")),
        *([Series(points=running, name=t("not over"), kind="hollow")] if running else []),
    ]
    values = [*ends, *(point.y for each in series for point in each.points), 0.0]
    title = words.line_title(one, t)
    return plot(
        Caption(
            name=one.name.replace(".", "-"),
            title=title,
            told=_told(one, t),
            series=t("month"),
        ),
        _months(labels, t),
        even(words.line_unit(one, currency, t), values, lambda value: f"{value:,.6g}"),
        series,
    )


def _told(one: Line, t: words.Translate) -> str:
    point = words.last_over(one)
    if point is None:
        return t("No month is over yet.")
    both = {"actual": words.number(point.actual), "plan": words.number(point.plan)}
    return t("{month}: {actual}, planned {plan}").format(month=point.month, **both)


def _shares(months: Sequence[Month], t: words.Translate) -> Chart:
    """Retention and churn of each month with their intervals."""
    groups = (
        (t("retention of active tenants"), "main", "kept", -3.0),
        (t("churn of customers"), "other", "churn", 3.0),
    )
    series = []
    for name, kind, field, aside in groups:
        points = tuple(
            Point(x=at, y=100 * found.value, low=100 * found.low, high=100 * found.high, name=one.month)
            for at, one in enumerate(months, 1)
            if one.over and (found := getattr(one, field).interval) is not None
        )
        series.append(Series(points=points, name=name, kind=kind, aside=aside))
    caption = Caption(
        name="retention",
        title=t("Retention and churn by month"),
        told=t("Bars are 95 % intervals (Wilson); with few customers they are wide."),
        series=t("month"),
    )
    return plot(
        caption,
        _months([one.month for one in months], t),
        even(t("percent of the month before"), [0.0, 100.0], lambda value: f"{value:g} %"),
        series,
    )


def _triangles(found: Board, t: words.Translate) -> list[Chart]:
    """The cohorts' customers and their money by age."""
    shown = found.cohorts[-_COHORTS:]
    if not shown:
        return []
    people = Caption(
        name="cohorts",
        title=t("Customers by the month of their first payment"),
        told=t("Each row is a month in which customers first paid; along it, how many percent of them paid later."),
        series=t("month"),
    )
    money = Caption(
        name="cohort-money",
        title=t("Their money, {currency}").format(currency=found.live.currency),
        told=t("In percent of their first month, which is mostly charged for a part of it."),
        series=t("month"),
    )
    count = t("{count} customers")
    return [
        triangle(people, [_row(one.month, one.customers, count.format(count=one.size)) for one in shown]),
        triangle(
            money,
            [_row(one.month, [round(each) for each in one.charged], words.money(one.charged[0])) for one in shown],
        ),
    ]


def _row(name: str, counts: Sequence[int], told: str) -> Row:
    return Row(name=name, counts=tuple(counts[:_COHORTS]), told=told)


def _months(labels: Sequence[str], t: words.Translate) -> Axis:
    def label(at: float) -> str:
        place = round(at) - 1
        return labels[place] if 0 <= place < len(labels) else ""

    return counted(t("month"), max(len(labels), 1), label)
