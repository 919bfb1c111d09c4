"""The figures of several models or columns as one table: each with its interval and its paired test."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from argosy.report.ladder import Translate, metric_name
from argosy.report.numbers import BOUNDED, SHARES, change, count, figure, p_value, points, rounded, share

_KEY = "bold cyan"


def sheets(models: Mapping[str, Mapping[str, Any]], best: str, t: Translate) -> RenderableType:
    """A block a metric with a line a model, then the metrics that some of them cannot have.

    ``models`` holds for each name: metrics (figures), undefined (reasons) and detectable (differences); ``best`` is
    the one that the others are held against.
    """
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    against = t("against {name}").format(name=best)
    for heading in (t("metric"), "", t("figure [95 %]"), against, t("could show")):
        table.add_column(heading, overflow="fold")
    for metric in dict.fromkeys(name for model in models.values() for name in model["metrics"]):
        title = metric_name(metric, t)
        for name, model in models.items():
            if metric not in model["metrics"]:
                continue
            table.add_row(Text(title, style=_KEY), Text(name), *_cells(metric, model))
            title = ""
    return Group(table, *(Text(line, style="dim") for line in _undefined(models, t)))


def size(metric: str, difference: float) -> str:
    """So much of a metric, without a sign."""
    if metric in SHARES:
        return points(abs(difference)).lstrip("+")
    return share(abs(difference)) if metric in BOUNDED else rounded(abs(difference), 2)


def could_show(metric: str, units: str, model: Mapping[str, Any], t: Translate) -> str:
    """The smallest difference of a metric that so many units could show; nothing where it is unknown."""
    found = model["detectable"].get(metric)
    if found is None:
        return ""
    template = (
        t("{units} can show a difference of {size} points of {metric} (80 % power); a smaller one may go unseen.")
        if metric in SHARES
        else t("{units} can show a difference of {size} of {metric} (80 % power); a smaller one may go unseen.")
    )
    return template.format(units=units, size=size(metric, found), metric=metric_name(metric, t))


def of_units(number: int, units: str, t: Translate) -> str:
    """So many of what a task counts."""
    template = {
        "rows": t("{count} rows"),
        "sentences": t("{count} sentences"),
        "pairs": t("{count} pairs"),
        "queries": t("{count} queries"),
        "answers": t("{count} answers"),
        "texts": t("{count} texts"),
    }[units]
    return template.format(count=count(number))


def _cells(metric: str, model: Mapping[str, Any]) -> tuple[str, str, str]:
    measured, least = model["metrics"][metric], model["detectable"].get(metric)
    versus = measured["versus"]
    against = "–" if versus is None else f"{change(metric, versus)}, {p_value(versus['p'])}"
    return figure(metric, measured), against, "" if least is None else f"±{size(metric, least)}"


def _undefined(models: Mapping[str, Mapping[str, Any]], t: Translate) -> list[str]:
    """Why some have no figure for a metric; a reason that several metrics share is told once."""
    told: dict[tuple[str, str], list[str]] = {}
    for name, model in models.items():
        for metric, reason in model["undefined"].items():
            told.setdefault((name, reason), []).append(metric_name(metric, t))
    template = t("{name}: undefined: {metrics}. {reason}")
    return [
        template.format(name=name, metrics=", ".join(metrics), reason=t(reason))
        for (name, reason), metrics in told.items()
    ]
