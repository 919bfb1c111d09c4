"""``argosy labels``: captured texts that people label."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from argosy.core.errors import ProjectError
from argosy.monitor.agreement import Agreement, by_label
from argosy.monitor.agreement import agreement as agree
from argosy.project.improving.queue import queue_of
from argosy.project.improving.sheet import read_sheet, write_sheet
from argosy.report.numbers import interval
from argosy.ui.speech import note, t
from argosy.ui.verbs.books import show_table
from argosy.ui.verbs.build import say_json

_SHOWN = 60  # characters of a text in a table
_LONGEST_NAME = 200


def ask(folder: Path, count: int | None, *, as_json: bool) -> None:
    """Put texts into the queue."""
    with queue_of(folder) as queue:
        added = queue.ask(time.time_ns() // 1000, count=count)
    if as_json:
        say_json(asdict(added))
        return
    said = t(
        "{asked} of {offered} captured texts are asked for, {random} drawn at random, {twice} for two people each."
    )
    note(said.format(asked=added.asked, offered=added.offered, random=added.random, twice=added.twice))
    note(t("A table of them: argosy labels sheet {folder}").format(folder=folder))


def sheet(folder: Path, target: Path, by: str, *, disputed: bool, as_json: bool) -> None:
    """Write a table to be filled."""
    with queue_of(folder) as queue:
        shown = queue.shown("disputed" if disputed else "open", without=by)
        write_sheet(target, shown, queue.labels)
    if as_json:
        say_json({"rows": len(shown), "file": str(target)})
        return
    said = t("{rows} texts in {path}: fill the column label, then\n  argosy labels take {path} {folder} --by NAME")
    note(said.format(rows=len(shown), path=target, folder=folder))


def take(folder: Path, source: Path, by: str, *, decides: bool, others: bool, as_json: bool) -> None:
    """Take the labels of a filled table."""
    name = by.strip()
    if not name or len(name) > _LONGEST_NAME:
        raise ProjectError("Nobody is named who gave the labels.", where="--by", mend="Name the person: --by NAME")
    with queue_of(folder) as queue:
        known = dict.fromkeys(queue.kept.ids(queue.model)) | {one.item.id: one.text for one in queue.shown()}
        filled = read_sheet(source, known, queue.labels, others=others or not queue.labels)
        items = queue.kept.take(filled.labels, name, decides=decides)
    states = Counter(item.state for item in items)
    told = {"taken": len(items), "empty": filled.empty, "gone": filled.gone}
    if as_json:
        say_json(told | {state: states[state] for state in ("done", "open", "disputed")})
        return
    note(t("{taken} labels taken, {empty} rows without one, {gone} whose text is gone.").format(**told))
    said = t("{done} texts have their label, {open} wait for another person, on {disputed} people differ.")
    note(said.format(done=states["done"], open=states["open"], disputed=states["disputed"]))


def agreement(folder: Path, *, as_json: bool) -> None:
    """Alpha, in all and for each label; and how often people agree with the model."""
    with queue_of(folder) as queue:
        pairs, right = queue.kept.pairs(queue.model), queue.right()
    whole, labels = agree(pairs), by_label(pairs)
    if as_json:
        told = {"by_label": {label: asdict(one) for label, one in labels.items()}}
        say_json({**asdict(whole), **told, "right": asdict(right) if right else None})
        return
    if right:
        said = t("The model is right on {share} of the captured texts, by those drawn at random.")
        note(said.format(share=interval(asdict(right))))
    if not pairs:
        note(t("No text was labelled by two people yet."))
        return
    heads = (t("label"), t("alpha"), t("texts"), t("differ"))
    rows = [(label, _figure(one), str(one.units), str(one.differ)) for label, one in labels.items()]
    show_table(heads, [(t("all labels"), _figure(whole), str(whole.units), str(whole.differ)), *rows])


def disputes(folder: Path, *, as_json: bool) -> None:
    """The texts on whose label people differ."""
    with queue_of(folder) as queue:
        shown = queue.shown("disputed")
    if as_json:
        told = [{"id": one.item.id, "text": one.text, "votes": dict(one.item.votes)} for one in shown]
        say_json({"disputed": told})
        return
    heads = (t("id"), t("labels"), t("text"))
    show_table(heads, [(one.item.id, _votes(one.item.votes), one.text[:_SHOWN]) for one in shown])
    if shown:
        note(t("To decide: argosy labels sheet {folder} --disputed, then take it with --decide").format(folder=folder))


def _votes(votes: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {label}" for name, label in votes.items())


def _figure(one: Agreement) -> str:
    if one.alpha is None:
        return "–"
    return interval(asdict(one.alpha))
