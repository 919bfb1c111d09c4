"""What training did, a line each: the curves, what learnt, and what was tried besides and kept or not."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from argosy.core.notes import Note, say
from argosy.report.ladder import Results, Translate, metric_name, versus_words
from argosy.report.numbers import count, figure
from argosy.report.words import dropped

_BLOCKS = "▁▂▃▄▅▆▇█"
_WIDEST = 24  # blocks in a line
PLAIN, AUGMENTED, ADAPTED, SELF_TRAINED = "plain", "augmented", "adapted", "self_trained"
WAYS: Mapping[str, str] = MappingProxyType({AUGMENTED: "augment", ADAPTED: "adapt", SELF_TRAINED: "self_train"})
"""The ways to train that are tried beside the plain one, and the key of ``[train]`` that asks for each."""


def spark(values: Sequence[float]) -> str:
    """A curve in blocks, from its least value to its greatest; long ones by every so-manieth value.

    >>> spark([3, 2, 1.5, 1]), spark([2, 2]), spark([])
    ('█▅▃▁', '▁▁', '')
    """
    step = -(-len(values) // _WIDEST) or 1
    shown = list(values)[::step]
    low, high = min(shown, default=0.0), max(shown, default=0.0)
    reach = (high - low) or 1.0
    return "".join(_BLOCKS[round((value - low) / reach * (len(_BLOCKS) - 1))] for value in shown)


def curve(results: Results, t: Translate) -> str:
    """The training loss and the validation figure over the evaluations, and which of them was kept."""
    training = results.get("training") or {}
    history = training.get("history")
    if not history:
        return ""
    losses = [one["loss"] for one in history]
    figures = [one["validation"] for one in history]
    metric, best = results["choice"]["metric"], training["best_epoch"]
    template = t("loss {first} → {last} {losses}; validation {metric} {curve} {figure}, kept from evaluation {best}")
    return template.format(
        first=f"{losses[0]:.3f}",
        last=f"{losses[-1]:.3f}",
        losses=spark(losses),
        metric=metric_name(metric, t),
        curve=spark([one["value"] for one in figures]),
        figure=figure(metric, figures[best - 1]),
        best=best,
    )


def learnt(results: Results, t: Translate) -> str:
    """How many of the parameters learnt, and where they are."""
    training = results.get("training") or {}
    if not training.get("parameters"):
        return ""
    groups = training.get("groups") or {}
    parts = ", ".join(f"{name} {count(one[0])}" for name, one in groups.items() if one[0])
    told = t("{trained} of {parameters} parameters learnt").format(
        trained=count(training["trained"]), parameters=count(training["parameters"])
    )
    return told + (f" ({parts})" if parts else "")


def note(told: Note, t: Translate) -> str:
    """What the training noted on its way."""
    return say(told, t)


def way(name: str, t: Translate) -> str:
    """A way to train, in words."""
    names = {
        PLAIN: t("plain"),
        AUGMENTED: t("altered copies"),
        ADAPTED: t("adapted base"),
        SELF_TRAINED: t("self-training"),
    }
    return names.get(name, name)


def tried(results: Results, t: Translate) -> list[str]:
    """What each way that was tried did on the validation rows, against plain training."""
    training = results.get("training") or {}
    metric = results["choice"]["metric"]
    return [
        t("{way}: {difference}, {verdict}").format(
            way=way(name, t), difference=versus_words(claim, metric, t), verdict=_became(name, claim, training, t)
        )
        for name, claim in (training.get("tried") or {}).items()
    ]


def forgotten(results: Results, t: Translate) -> list[str]:
    """What a model that learnt on forgot of the old rows, and what it gained on the new ones."""
    known = results.get("forgetting")
    if not known:
        return []
    metric = known["metric"]
    old, new = known["old"]["old"]["figures"][metric], known["new"]["figures"][metric]
    template = t("{rows}: {metric} {before} before, {after} after learning on, {change}")
    named = ((t("old rows"), old), (t("new rows"), new))
    lines = [
        template.format(
            rows=rows,
            metric=metric_name(metric, t),
            before=figure(metric, one["before"]),
            after=figure(metric, one["after"]),
            change=versus_words(one["change"], metric, t),
        )
        for rows, one in named
    ]
    lost, gained = known["forgetting"], known["gain"]
    said = (
        t("something was forgotten")
        if lost["low"] > 0
        else t("it is not shown that anything was forgotten, nor that nothing was")
    )
    won = t("the new rows are answered better") if gained["low"] > 0 else t("a gain on the new rows is not shown")
    return [*lines, t("{forgotten}; {gained}").format(forgotten=said, gained=won)]


def besides(results: Results, t: Translate) -> str:
    """What there was to learn from besides the labelled rows, and what of it was left out."""
    known = results.get("beside") or {}
    names = {
        "unlabelled": t("{rows} texts without labels"),
        "old": t("{rows} old rows"),
        "old_test": t("{rows} old rows held out"),
    }
    told = [template.format(rows=count(known[name])) for name, template in names.items() if name in known]
    lost = [f"{count(rows)} {dropped(reason, t)}" for reason, rows in known.get("dropped", {}).items()]
    return t(", ").join(told) + (f"  ({t(', ').join(lost)})" if lost else "")


def adapted(results: Results, t: Translate) -> str:
    """What filling gaps in the project's own texts did to the base."""
    known = results.get("adaptation")
    if not known:
        return ""
    loss = known["loss"]
    template = t("{texts} texts learnt from; loss a word {before} before, {after} after")
    return template.format(
        texts=count(known["texts"]), before=figure("loss", loss["before"]), after=figure("loss", loss["after"])
    )


def _became(name: str, claim: Mapping[str, Any], training: Results, t: Translate) -> str:
    if training.get("kept") == name:
        return t("kept")
    return t("helps less than what is kept") if claim["helps"] else t("not shown to help, left out")
