"""The tables of the HTML report on a recommender: who is served how well, what was tried, what a random split hides."""

from argosy.report.ladder import Results, Translate, metric_name, rung_names
from argosy.report.numbers import count, figure, rounded, share
from argosy.report.recommend_verdict import slice_name
from argosy.ui.grids.grid import Column, Grid, grid, key, pairs

_METRIC = "ndcg@10"


def slices(results: Results, t: Translate) -> Grid:
    """The deciding metric by kind of user and item, for what serves and for the best simple model."""
    names, known = rung_names(results, t), results["recommend"]["slices"]
    shown = sorted({name for one in known.values() for name in one["figures"]})
    head = (t("Users"), t("how many"), *(names.get(name, name) for name in shown))
    rows = [
        (slice_name(part, t), count(one["users"]), *(_told(one["figures"].get(name)) for name in shown))
        for part, one in known.items()
    ]
    return grid(rows, pairs(*head))


def tuned(results: Results, t: Translate) -> Grid:
    """Every simple model with the settings that validation chose, and how many were tried."""
    names = rung_names(results, t)
    columns: list[Column] = [
        (t("Model"), lambda one: names.get(one["name"], one["name"])),
        (t("settings chosen on validation"), key("settings", _settings)),
        (t("{metric}, validation").format(metric=metric_name(_METRIC, t)), key("value", share)),
        (t("settings tried"), key("tried", count)),
    ]
    return grid(results["recommend"]["tuned"], columns, texts=2)


def audit(results: Results, t: Translate) -> Grid:
    """What each model would have claimed by a random split and by sampled negatives, beside the honest figure."""
    names = rung_names(results, t)
    head = (t("Model"), t("honest"), t("random split"), t("100 sampled negatives"), t("one by one, all items"))
    rows = [
        (
            names.get(one["name"], one["name"]),
            *(share(one[kind]) for kind in ("honest", "random", "sampled", "full")),
        )
        for one in results["recommend"]["audit"]["models"]
    ]
    return grid(rows, pairs(*head))


def _told(measured: Results | None) -> str:
    return "–" if measured is None else figure(_METRIC, measured)


def _settings(values: Results) -> str:
    return ", ".join(f"{name} {rounded(value, 3)}" for name, value in values.items()) or "–"
