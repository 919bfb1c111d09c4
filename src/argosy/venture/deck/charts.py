"""The charts of a plan, as series and as pictures; slides draw the same series as charts that can be edited."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, Literal

from argosy.core.errors import MissingError
from argosy.venture.deck.cited import Text, joined
from argosy.venture.deck.packages import package
from argosy.venture.deck.teller import Teller
from argosy.venture.plan.parts import Metered, Product, Subscription, Work
from argosy.venture.plan.verdict import years

COLOURS = ("1B5E8C", "D9822B", "3A8F5C", "8C4F9F", "6B7680", "B8433A", "4FA3A5", "C2A83E")
_FONTS = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC"),
    *("SimHei", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Noto Sans CJK JP"),
)
_MOST = len(COLOURS)  # series of one chart; the last one is all others
_TICKS = 8
_INCHES = (6.4, 2.6)
_WIDE = 0x2E80  # from here on letters are those of East Asia

Values = tuple[float | None, ...]
Series = tuple[tuple[str, Values], ...]
Kind = Literal["line", "column", "stacked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Named series over categories; ``told`` is the title with the marks of the lines, ``unit`` what they are in."""

    title: str
    told: Text
    kind: Kind
    unit: str
    categories: tuple[str, ...]
    series: Series


def customers(teller: Teller) -> Chart:
    """Customers month by month, by segment."""
    named = [(one.title, f"{one.name}.count") for one in teller.story.parts.segments][: _MOST - 1]
    return _monthly(teller, teller.t("Customers by segment"), named, teller.t("Customers"))


def cash(teller: Teller, band: Series = ()) -> Chart:
    """Cash at the end of each month, between the lines of a ``band`` where there is one."""
    named = [(teller.t("Cash at the end"), "cash")]
    found = _monthly(teller, teller.t("Cash month by month"), named, teller.story.parts.currency)
    return replace(found, series=(*found.series, *band))


def profit(teller: Teller) -> Chart:
    """Gross profit, EBITDA and net income by year."""
    rows = (teller.story.model.row(name) for name in ("gross_profit", "ebitda", "net_income"))
    return _yearly(teller, teller.t("Profit by year"), [(teller.title(row), row.name) for row in rows], "column")


def revenue(teller: Teller) -> Chart:
    """Revenue by year and stream."""
    return _yearly(teller, teller.t("Revenue by stream"), list(streams(teller)), "stacked")


def streams(teller: Teller) -> Iterator[tuple[str, str]]:
    """The streams of revenue with the names of their lines."""
    parts = teller.story.parts
    sold: list[Subscription | Metered | Product | Work] = [*parts.subscriptions, *parts.metered]
    for stream in [*sold, *parts.products, *parts.work]:
        yield stream.title, f"{stream.name}.revenue"


def _monthly(teller: Teller, title: str, named: list[tuple[str, str]], unit: str) -> Chart:
    values = teller.story.values
    return Chart(
        title=title,
        told=(f"{title}: ", *joined([teller.monthly(name) for _, name in named], " · ")),
        kind="line",
        unit=unit,
        categories=tuple(one.label for one in teller.story.model.periods),
        series=tuple((called, tuple(map(_float, values[name]))) for called, name in named),
    )


def _yearly(teller: Teller, title: str, named: list[tuple[str, str]], kind: Kind) -> Chart:
    story = teller.story
    rows = tuple(
        (called, tuple(map(_float, years(story.model, story.values, name).values()))) for called, name in named
    )
    return Chart(
        title=title,
        told=(f"{title}: ", *joined([teller.line(name) for _, name in named], " · ")),
        kind=kind,
        unit=story.parts.currency,
        categories=tuple(map(str, story.years)),
        series=_fewer(rows, teller.t("others")),
    )


def _fewer(rows: Series, others: str) -> Series:
    """At most ``_MOST`` series: the smaller ones as one."""
    if len(rows) <= _MOST:
        return rows
    ordered = sorted(rows, key=lambda one: -sum(value or 0 for value in one[1]))
    rest = zip(*(values for _, values in ordered[_MOST - 1 :]), strict=True)
    return (*ordered[: _MOST - 1], (others, tuple(sum(value or 0 for value in one) for one in rest)))


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def picture(chart: Chart) -> bytes:
    """The chart as a PNG; raises MissingError without Matplotlib, or without letters for what it says."""
    plotting, figures = package("matplotlib"), package("matplotlib.figure")
    with plotting.rc_context({"font.family": _fonts(chart), "font.size": 9, "axes.unicode_minus": False}):
        figure = figures.Figure(figsize=_INCHES, layout="constrained")
        axes = figure.add_subplot()
        _drawn(axes, chart)
        axes.axhline(0, color="#444444", linewidth=0.8)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
        axes.set_title(chart.unit, loc="left", fontsize=9, color="#444444")
        axes.grid(axis="y", color="#DDDDDD", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right", "left"]].set_visible(False)
        if len(chart.series) > 1:
            figure.legend(loc="outside lower center", ncols=min(3, len(chart.series)), frameon=False)
        out = BytesIO()
        figure.savefig(out, format="png", dpi=200, metadata={"Software": None})
    return out.getvalue()


def _drawn(axes: Any, chart: Chart) -> None:
    places = range(len(chart.categories))
    above, below = [0.0] * len(places), [0.0] * len(places)
    for number, ((name, values), colour) in enumerate(zip(chart.series, COLOURS, strict=False)):
        known = [float("nan") if value is None else value for value in values]
        style = {"label": name, "color": f"#{colour}"}
        if chart.kind == "line":
            axes.plot(places, known, linewidth=1.8, **style)
        elif chart.kind == "column":
            wide = 0.8 / len(chart.series)
            axes.bar([place - 0.4 + wide * (number + 0.5) for place in places], known, width=wide * 0.92, **style)
        else:
            bottoms = [(above if value >= 0 else below)[place] for place, value in enumerate(known)]
            axes.bar(places, known, width=0.6, bottom=bottoms, **style)
            for place, value in enumerate(known):
                (above if value >= 0 else below)[place] += value
    step = max(1, -(-len(places) // _TICKS)) if chart.kind == "line" else 1
    axes.set_xticks(list(places)[::step], chart.categories[::step])


def _fonts(chart: Chart) -> list[str]:
    said = "".join((chart.unit, *chart.categories, *(name for name, _ in chart.series)))
    if all(ord(letter) < _WIDE for letter in said):
        return ["DejaVu Sans"]
    there = {font.name for font in package("matplotlib.font_manager").fontManager.ttflist}
    found = next((name for name in _FONTS if name in there), None)
    if found is None:
        raise MissingError(
            "No font with Chinese letters was found for the charts.",
            mend="Install one: on Debian, apt install fonts-noto-cjk.",
        )
    return [found, "DejaVu Sans"]
