"""The figures of several models or columns as one table: each with its interval and its paired test."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from argosy.report import ladder
from argosy.report.ladder import Translate
from argosy.report.numbers import BOUNDED, SHARES, change, count, figure, p_value, points, rounded, share

_SHARES = SHARES | {
    *("subset_accuracy", "token_accuracy", "entity_f1", "entity_precision", "entity_recall"),
    *("exact_match", "token_f1", "ndcg@10", "mrr", "map", "hit@1", "hit@10", "recall@10"),
}
_BOUNDED = BOUNDED | {"pearson"}
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


def metric_name(metric: str, t: Translate) -> str:
    """What a metric of any task is called."""
    return {
        "subset_accuracy": t("all labels right"),
        "token_accuracy": t("token accuracy"),
        "entity_f1": t("entity F1"),
        "entity_precision": t("entity precision"),
        "entity_recall": t("entity recall"),
        "exact_match": t("exact match"),
        "token_f1": t("token F1"),
        "pearson": t("linear correlation"),
        "bits_per_byte": t("bits per byte"),
        "ndcg@10": "NDCG@10",
        "mrr": "MRR",
        "map": "MAP",
        "hit@1": "hit@1",
        "hit@10": "hit@10",
        "recall@10": "recall@10",
    }.get(metric) or ladder.metric_name(metric, t)


def gap(metric: str, difference: Mapping[str, float], t: Translate) -> str:
    """A difference with its interval and p-value, in points where the metric is a share."""
    template = t("{change} points of {metric}, {p}") if metric in _SHARES else t("{change} of {metric}, {p}")
    told = change(_form(metric), difference)
    return template.format(change=told, metric=metric_name(metric, t), p=p_value(difference["p"]))


def size(metric: str, difference: float) -> str:
    """So much of a metric, without a sign."""
    if metric in _SHARES:
        return points(abs(difference)).lstrip("+")
    return share(abs(difference)) if metric in _BOUNDED else rounded(abs(difference), 2)


def could_show(metric: str, units: str, model: Mapping[str, Any], t: Translate) -> str:
    """The smallest difference of a metric that so many units could show; nothing where it is unknown."""
    found = model["detectable"].get(metric)
    if found is None:
        return ""
    template = (
        t("{units} can show a difference of {size} points of {metric} (80 % power); a smaller one may go unseen.")
        if metric in _SHARES
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
    against = "–" if versus is None else f"{change(_form(metric), versus)}, {p_value(versus['p'])}"
    return figure(_form(metric), measured), against, "" if least is None else f"±{size(metric, least)}"


def _form(metric: str) -> str:
    """A metric that is written in the same form: in points, as a share of 1, or in a unit of its own."""
    return "accuracy" if metric in _SHARES else "r2" if metric in _BOUNDED else metric


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
