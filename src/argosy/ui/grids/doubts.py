"""The tables of the HTML report on what to doubt: errors, weak spots, robustness, bias, and what helped."""

from collections.abc import Iterable, Mapping
from typing import Any

from argosy.report.ladder import Results, Translate, metric_name, versus_words
from argosy.report.learning import way
from argosy.report.numbers import change, count, figure, interval, p_value, percent, percents, share
from argosy.report.words import group_name, perturbation, slice_kind
from argosy.ui.grids.data import short
from argosy.ui.grids.grid import Column, Grid, Show, change_in, grid, key, pairs

_SLICES = 12

Claim = tuple[str, Mapping[str, Any]]
"""What was tried, and what the paired test says of it."""


def confusions(results: Results, t: Translate) -> Grid:
    """What is taken for what, with a text of each."""
    columns = [
        (t("The surest such error"), lambda one: short(one["texts"][0]) if one["texts"] else ""),
        (t("label"), key("truth")),
        (t("taken for"), key("predicted")),
        (t("rows"), key("rows", count)),
        (t("of the label's rows"), key("share", percents)),
    ]
    return grid(results["errors"]["confusions"], columns, texts=3, quoted={0})


def mistakes(results: Results, t: Translate, kind: str) -> Grid:
    """Wrong answers with the probability they were given with; ``kind`` is ``confident`` or ``suspects``."""
    columns = [
        (t("Text"), key("text", short)),
        (t("label"), key("truth")),
        (t("answer"), key("predicted")),
        (t("probability"), key("confidence", lambda value: share(value, 2))),
    ]
    return grid(results["errors"][kind], columns, texts=3, quoted={0})


def slices(results: Results, t: Translate) -> Grid:
    """Accuracy by kind of row, worst first; the one that is worse beyond chance is marked."""
    known = results["weak_spots"]
    columns = [
        (t("By"), key("kind", lambda kind: slice_kind(kind, t))),
        (t("which"), key("name")),
        (t("rows"), key("rows", count)),
        (t("accuracy"), key("accuracy", interval)),
        (t("worse than the rest"), key("p", p_value)),
    ]
    return grid(known["slices"][:_SLICES], columns, texts=2, marked=lambda one: known["worst"] == one)


def perturbations(results: Results, t: Translate) -> Grid:
    """The metric under each way of spoiling a text, held against the same rows unspoilt."""
    known = results["robustness"]
    metric = known["metric"]
    columns = [
        (t("Spoilt by"), _spoilt_by(t)),
        (t("rows"), key("rows", count)),
        (metric_name(metric, t), key("figure", lambda one: figure(metric, one))),
        (change_in(metric, t), lambda one: versus_words(one["versus"], metric, t)),
        (t("answers that change"), key("flips", percents)),
    ]
    return grid(known["perturbations"], columns, marked=lambda one: one["name"] == known["worst"])


def spoilt(results: Results, t: Translate) -> Grid:
    """A text for each perturbation that turned an answer."""
    columns = [
        (t("Spoilt text"), lambda one: short(one["example"]["perturbed"])),
        (t("by"), _spoilt_by(t)),
        (t("answer before"), lambda one: one["example"]["label"]),
        (t("answer after"), lambda one: one["example"]["becomes"]),
    ]
    return grid([one for one in results["robustness"]["perturbations"] if one["example"]], columns, texts=4, quoted={0})


def _spoilt_by(t: Translate) -> Show:
    return key("name", lambda name: perturbation(name, t))


def attacks(results: Results, t: Translate) -> Grid:
    """Texts that a few small changes turned."""
    columns = [
        (t("Changed text"), key("attacked", short)),
        (t("text"), key("text", short)),
        (t("answer before"), key("label")),
        (t("answer after"), key("becomes")),
        (t("changes"), key("edits", count)),
    ]
    return grid(results["adversarial"]["examples"], columns, texts=4, quoted={0, 1})


def bias(results: Results, t: Translate) -> Grid:
    """Answers that change when a text speaks of somebody else, by kind of term."""
    columns = [
        (t("Swapped"), key("group", lambda group: group_name(group, t))),
        (t("pairs"), key("tested", count)),
        (t("answers that change"), key("flips", percents)),
        (t("mean change of the probability"), key("shift", percents)),
        (t("remark"), lambda one: "" if one["enough"] else t("too few to say")),
    ]
    return grid(results["bias"], columns)


def swaps(results: Results, t: Translate) -> Grid:
    """The pairs of texts whose answers differ most."""
    items = [{**pair, "group": one["group"]} for one in results["bias"] for pair in one["examples"][:1]]
    columns = [
        (t("Text"), key("text", short)),
        (t("kind"), key("group", lambda group: group_name(group, t))),
        (t("swap"), lambda one: f"{one['found']} → {one['put']}"),
        (t("answer"), lambda one: " → ".join(dict.fromkeys((one["label"], one["becomes"])))),
        (t("probability moved by"), key("shift", lambda shift: percent(abs(shift)))),
    ]
    return grid(items, columns, texts=4, quoted={0, 2})


def trust(results: Results, t: Translate) -> Grid:
    """How far each way of explaining can be believed: for how many texts its words count more than chance."""
    known = results["explanations"]
    columns: list[Column] = [
        (t("Method"), lambda one: one[0]),
        (t("texts"), lambda one: count(one[1]["texts"])),
        (t("better than chance"), lambda one: percents(one[1]["share"])),
        (t("probability lost beyond chance"), lambda one: percents(one[1]["gain"])),
    ]
    return grid(known["trust"].items(), columns, marked=lambda one: one[0] == known["method"])


def gains(results: Results, t: Translate) -> Grid:
    """What more rows would bring, where the curve allows to foretell it."""
    known = results["curve"]
    metric = known["metric"]
    columns = [
        (t("Rows"), key("times", lambda times: f"× {times}")),
        (t("that is"), key("rows", count)),
        (metric_name(metric, t), key("figure", lambda one: figure(metric, one))),
        (t("gain"), key("gain", lambda gain: _gain(gain, metric, t))),
    ]
    return grid(known["gains"], columns)


def _gain(gain: Results, metric: str, t: Translate) -> str:
    told = {"difference": gain["value"], "low": gain["low"], "high": gain["high"]}
    return t("{change} points").format(change=change(metric, told))


def effects(results: Results, t: Translate) -> Grid:
    """What dropping or relabelling the suspects does on the validation rows."""
    names = {"drop": t("drop them"), "relabel": t("relabel them")}
    known = (results.get("suspects") or {}).get("effects") or {}
    return _claims(t("Treatment"), [(names.get(name, name), one) for name, one in known.items()], results, t)


def augmentation(results: Results, t: Translate) -> Grid:
    """What altered copies of the training rows did, method by method."""
    names = {"noise": t("character noise"), "mask": t("words filled in by a model")}
    known = (results.get("augmentation") or {}).get("methods", ())
    claims = [(names.get(one["method"], perturbation(one["method"], t)), one) for one in known]
    return _claims(t("Copies with"), claims, results, t)


def tried(results: Results, t: Translate) -> Grid:
    """What each way to train did that was tried beside the plain one."""
    training = results.get("training") or {}
    known = training.get("tried") or {}
    kept = way(training["kept"], t) if training.get("kept") in known else None
    return _claims(t("Tried"), [(way(name, t), one) for name, one in known.items()], results, t, kept)


def _claims(head: str, claims: Iterable[Claim], results: Results, t: Translate, kept: str | None = None) -> Grid:
    """What each thing tried did on the validation rows, whether that is shown, and on how many rows it learnt."""
    known, metric = list(claims), results["choice"]["metric"]
    rows: list[Column] = [(t("training rows"), lambda one: count(one[1]["rows"]))]
    columns: list[Column] = [
        (head, lambda one: one[0]),
        *(rows if all("rows" in one for _, one in known) else []),
        (change_in(metric, t), lambda one: versus_words(one[1], metric, t)),
        (t("verdict"), lambda one: _verdict(one[1], t)),
    ]
    return grid(known, columns, marked=lambda one: one[0] == kept)


def _verdict(claim: Mapping[str, Any], t: Translate) -> str:
    return t("helps") if claim.get("helps", claim["low"] > 0) else t("not shown to help")


def seeds(results: Results, t: Translate) -> Grid:
    """The validation figure of each training."""
    metric = results["choice"]["metric"]
    found = results.get("training", {}).get("seeds") or {}
    items = [(seed, figure(metric, one)) for seed, one in found.items()]
    return grid(items, pairs(t("Seed"), t("validation {metric}").format(metric=metric_name(metric, t))), compact=True)


def edges(results: Results, t: Translate) -> Grid:
    """The edges of the Bayesian network, and in how many samples of the rows each is found."""
    samples = results["causes"]["samples"]

    def found(part: float) -> str:
        return t("{found} of {samples}").format(found=round(part * samples), samples=samples)

    columns = [
        (t("Edge"), lambda one: f"{one['parent']} → {one['child']}"),
        (t("samples with it"), key("either", found)),
        (t("in this direction"), key("directed", found)),
    ]
    return grid(results["causes"]["edges"], columns)
