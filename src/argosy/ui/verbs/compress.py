"""``argosy compress``: make smaller models within a budget, measure all of them, and say which one would serve."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from argosy.config import file
from argosy.config.schema import FILE, Target
from argosy.project.building import build as building
from argosy.report import frontier_words as words
from argosy.report.ladder import metric_name
from argosy.report.numbers import brief, change, interval, rounded
from argosy.ui import progress
from argosy.ui.speech import note, out, say, t
from argosy.ui.verbs.build import say_json

Record = Mapping[str, Any]


def compress(folder: Path, minutes: float | None, overrides: Sequence[str], *, as_json: bool) -> None:
    """Explore, show the points, and say what to write into the project file to serve the one that is picked."""
    project = file.load(folder, overrides)
    asked = minutes or (project.target or Target()).minutes
    note(t("up to {minutes:g} min; ctrl-C and the same command goes on").format(minutes=asked))
    with progress.shown() as tell:
        record = building.explore(project, folder, tell, asked)
    if as_json:
        say_json(record)
        return
    out.print(_table(record, project.metric))
    lines = (*words.refused(record, t), *words.not_tried(record, t), words.prices(record, t))
    for line in (*lines, *words.picked(record, project.metric, t)):
        say(line)
    if project.target is None and record["pick"]["name"]:
        say(t("To serve it, write into {file} and run `argosy run {folder}`:").format(file=FILE, folder=folder))
        say(f"\n[target]\nmax_quality_loss = {record['target']['max_quality_loss']:g}\nminutes = {asked:g}")


def _table(record: Record, metric: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("")
    headings = (
        t("model, engine"),
        metric_name(metric, t),
        t("loss [95 %]"),
        t("texts/s"),
        t("p50 ms"),
        t("p99 ms"),
        t("MB"),
        t("{currency} for 1,000").format(currency=record["cost"]["currency"]),
    )
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="left" if number < 3 else "right", overflow="fold")  # noqa: PLR2004 - words
    picked = record["pick"]["name"]
    for one in record["points"]:
        style = "bold" if one["name"] == picked else "dim" if one["refused"] else ""
        mark = "→" if one["name"] == picked else "✗" if one["refused"] else "·" if one["on_frontier"] else ""
        table.add_row(mark, *(Text(cell) for cell in _cells(one, metric)), style=style)
    return table


def _cells(one: Record, metric: str) -> tuple[str, ...]:
    return (
        one["name"],
        interval(one["quality"]),
        change(metric, one["loss"]),
        rounded(one["texts_per_s"], 3),
        brief(one["p50_ms"]),
        brief(one["p99_ms"]),
        brief(one["size_mb"]),
        rounded(one["cost"]),
    )
