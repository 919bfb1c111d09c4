"""``argosy evaluate``: score predictions that are there already."""

from collections.abc import Sequence
from pathlib import Path

from argosy.config.file import load
from argosy.config.schema import FILE
from argosy.core.extension import open_installed
from argosy.project.using.scoring import score
from argosy.ui.sheets import of_units, sheets
from argosy.ui.speech import out, say, t
from argosy.ui.verbs.build import say_json


def evaluate(
    source: Path, task: str, truth: str, predictions: Sequence[str], best: str | None, *, as_json: bool
) -> None:
    """Every metric of the task for every column of predictions."""
    if Path(FILE).is_file():
        load(Path())  # its extensions may bring the task
    else:
        open_installed()
    found = score(task, source, truth=truth, predictions=predictions, best=best)
    if as_json:
        say_json(found.to_json())
        return
    said = t("{task}   {units} of {file}; best baseline: {best}")
    units = of_units(found.rows, found.units, t)
    say(said.format(task=found.task, units=units, file=found.file, best=found.best))
    if len(found.sheets) > 1:
        say(
            t("could show: the smallest true difference that so many show with 80 % power; a smaller one may go unseen")
        )
    out.print(sheets(found.to_json()["predictions"], found.best, t))
