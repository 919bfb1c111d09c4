"""``argosy improve``: a line as each step is done, and the verdict on one screen."""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from argosy.config import file
from argosy.project.building.run import Progress
from argosy.project.improving.gather import FEEDBACK, PEOPLE
from argosy.project.improving.improve import Step, Wishes
from argosy.project.improving.improve import improve as attempt
from argosy.project.improving.judging import Judged
from argosy.project.improving.tries import Improvement
from argosy.project.selling.shop import Shop
from argosy.report.ladder import amount, difference_words
from argosy.report.numbers import rounded
from argosy.ui import progress
from argosy.ui.speech import note, say, t
from argosy.ui.verbs.build import say_json

Facts = Mapping[str, Any]


def improve(folder: Path, *, dry_run: bool, ask: bool, as_json: bool) -> None:
    """Try to improve the project's model, and say what came of it."""
    shop = Shop(project=file.load(folder), folder=folder)
    with progress.shown() as tell:
        wishes = Wishes(dry_run=dry_run, agrees=_agrees if ask else Wishes().agrees)
        found = attempt(shop, now=time.time_ns() // 1000, tell=_listening(tell), wishes=wishes)
    if as_json:
        say_json(found.to_json())
        return
    for line in lines(found, shop):
        say(line)


def lines(found: Improvement, shop: Shop) -> Iterator[str]:
    """The verdict on one screen."""
    rows = sum(found.rows.values())
    said = t("rows       {rows} new: {feedback} from feedback, {people} labelled by people")
    counts = {"feedback": found.rows.get(FEEDBACK, 0), "people": found.rows.get(PEOPLE, 0)}
    yield said.format(rows=rows, **counts)
    if found.dropped:
        told = t(", ").join(f"{_dropped(reason)} {count}" for reason, count in found.dropped.items())
        yield t("left out   {told}").format(told=told)
    if found.judged is not None:
        yield from _judged(found.judged, found.looked)
    yield t("decision   {reason}").format(reason=reason(found))
    yield t("next       {step}").format(step=_next(found, shop))


def reason(found: Improvement) -> str:
    """Why a challenger was promoted or not, in a sentence."""
    figures, judged = found.figures, found.judged or {}
    told = {
        "better": t("promoted: better on new traffic, and a loss of {margin} on what was known is excluded."),
        "not_better": t("kept: it is not shown to be better on new traffic."),
        "forgets": t("kept: it forgets what was known."),
        "may_forget": t("kept: a loss of {margin} on what was known is not excluded."),
        "worse_on_slice": t("kept: it is worse on {slice}."),
        "too_few_rows": t("kept: {rows} new labelled rows, {least} are needed."),
        "wrong_labels": t("kept: {suspects} of {rows} new labels are probably wrong."),
        "under_way": t("kept: version {challenger} is in its {phase} already."),
        "dry_run": t("nothing was trained, as asked."),
    }[found.why]
    margin = amount(judged["metric"], judged["margin"], t) if judged else ""
    values = {"rows": 0, "least": figures.get("needed"), "suspects": 0, "slice": "", "challenger": "", "phase": ""}
    sentence = told.format(**{**values, **figures, "margin": margin})
    needed = figures.get("needed") if judged else None
    return f"{sentence} {_needed(found.why, needed)}" if needed else sentence


def _needed(why: str, needed: int) -> str:
    if why == "may_forget":
        return t("About {needed} old rows would show it.").format(needed=needed)
    return t("About {needed} new rows held out would show a gain as large.").format(needed=needed)


def _judged(judged: Facts, looked: Facts) -> Iterator[str]:
    """Both models on both kinds of rows, each with its interval and how often these rows have judged."""
    heads = {"new": t("new        {told}"), "old": t("old        {told}")}
    for kind, head in heads.items():
        one = judged[kind]
        said = t("{before} → {after} on {rows} rows: {difference}; these judged {looked} times")
        yield head.format(
            told=said.format(
                before=rounded(one["champion"]),
                after=rounded(one["challenger"]),
                rows=one["rows"],
                difference=difference_words(one["difference"], judged["metric"], t),
                looked=looked[kind],
            )
        )


def _next(found: Improvement, shop: Shop) -> str:
    folder = shop.folder
    if found.rollout or found.why == "under_way":
        return f"argosy release status --in {folder}"
    if found.challenger:
        return f"argosy release shadow {found.challenger['version']} --in {folder}"
    if found.why == "wrong_labels":
        return f"argosy labels disputes {folder}"
    return f"argosy labels ask {folder}" if found.why != "dry_run" else f"argosy improve {folder}"


def _dropped(reason: str) -> str:
    return {
        "no_text": t("text not kept"),
        "no_label": t("no label"),
        "taken_back": t("taken back"),
        "distrusted": t("not trusted"),
        "disputed": t("disputed"),
        "outvoted": t("outvoted"),
        "same_text": t("same text"),
        "known": t("known already"),
        "near_twin": t("near-duplicate"),
        "rare_label": t("too few of a new label"),
    }[reason]


def _listening(tell: Callable[[Progress], None]) -> Callable[[Progress | Step], None]:
    """A listener that tells the stages of builds as a build does, and the steps of a try by a line each."""

    def listen(news: Progress | Step) -> None:
        if isinstance(news, Progress):
            tell(news)
            return
        told = {
            "gathered": t("gathered   {rows} new rows, {dropped} left out"),
            "checked": t("checked    {suspects} of {rows} new rows look wrongly labelled and are not learnt")
            if news.figures.get("believed", True)
            else t("checked    {rows} new rows, by models too weak to doubt a label"),
            "judged": t("judged     on {new} new and {old} old rows"),
            "released": t("released   version {version} is in its {phase}"),
        }[news.what]
        note(told.format(**_figures(news)))

    return listen


def _figures(step: Step) -> dict[str, Any]:
    if step.what == "judged":
        return {kind: step.figures[kind]["rows"] for kind in ("new", "old")}
    return dict(step.figures)


def _agrees(judged: Judged) -> bool:
    """Whether the person at the terminal wants it."""
    for line in _judged(judged.to_json(), {"new": 1, "old": 1}):
        note(line)
    return typer.confirm(t("Hand the challenger to the canary?"), default=True, err=True)
