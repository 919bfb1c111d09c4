"""The tables of the HTML report on what to doubt: errors, weak spots, certainty, robustness, bias, what helped."""

from collections.abc import Sequence
from dataclasses import dataclass

from argosy.report.ladder import Results, Translate, metric_name, versus_words
from argosy.report.learning import way
from argosy.report.numbers import change, count, figure, interval, p_value, percent, percents, share
from argosy.report.words import group_name, perturbation, slice_kind
from argosy.ui.grids import NOTHING, Grid, change_in
from argosy.ui.grids_data import short

_SHADES = 5
_SLICES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A field of the confusion matrix: rows, its shade from 0 to 5, and whether it is on the diagonal."""

    rows: str
    shade: int
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A label of the confusion matrix, its fields, and the share of its rows that is found."""

    label: str
    cells: tuple[Cell, ...]
    recall: str


def matrix(results: Results) -> Sequence[Line]:
    """The confusion matrix, a line for each label; nothing where there are too many labels."""
    known = results.get("errors") or {}
    return [
        Line(
            label=label,
            cells=tuple(_cell(rows, sum(line), right=at == place) for at, rows in enumerate(line)),
            recall=percents(recall) if recall else NOTHING,
        )
        for place, (label, line, recall) in enumerate(
            zip(known.get("labels", ()), known.get("matrix", ()), known.get("recall", ()), strict=True)
        )
    ]


def _cell(rows: int, total: int, *, right: bool) -> Cell:
    return Cell(rows=count(rows), shade=-(-_SHADES * rows // total) if total else 0, right=right)


def confusions(results: Results, t: Translate) -> Grid:
    """What is taken for what, with a text of each."""
    rows = tuple(
        (
            short(one["texts"][0]) if one["texts"] else "",
            one["truth"],
            one["predicted"],
            count(one["rows"]),
            percents(one["share"]),
        )
        for one in results["errors"]["confusions"]
    )
    head = (t("The surest such error"), t("label"), t("taken for"), t("rows"), t("of the label's rows"))
    return Grid(head=head, rows=rows, texts=3, quoted=frozenset({0}))


def mistakes(results: Results, t: Translate, kind: str) -> Grid:
    """Wrong answers with the probability they were given with; ``kind`` is ``confident`` or ``suspects``."""
    rows = tuple(
        (short(one["text"]), one["truth"], one["predicted"], share(one["confidence"], 2))
        for one in results["errors"][kind]
    )
    head = (t("Text"), t("label"), t("answer"), t("probability"))
    return Grid(head=head, rows=rows, texts=3, quoted=frozenset({0}))


def slices(results: Results, t: Translate) -> Grid:
    """Accuracy by kind of row, worst first; the one that is worse beyond chance is marked."""
    known = results["weak_spots"]
    shown = known["slices"][:_SLICES]
    rows = tuple(
        (
            slice_kind(one["kind"], t),
            one["name"],
            count(one["rows"]),
            interval(one["accuracy"]),
            p_value(one["p"]),
        )
        for one in shown
    )
    head = (t("By"), t("which"), t("rows"), t("accuracy"), t("worse than the rest"))
    marked = frozenset(at for at, one in enumerate(shown) if known["worst"] == one)
    return Grid(head=head, rows=rows, texts=2, marked=marked)


def perturbations(results: Results, t: Translate) -> Grid:
    """The metric under each way of spoiling a text, held against the same rows unspoilt."""
    known = results["robustness"]
    metric = known["metric"]
    rows = tuple(
        (
            perturbation(one["name"], t),
            count(one["rows"]),
            figure(metric, one["figure"]),
            versus_words(one["versus"], metric, t),
            percents(one["flips"]),
        )
        for one in known["perturbations"]
    )
    head = (
        t("Spoilt by"),
        t("rows"),
        metric_name(metric, t),
        change_in(metric, t),
        t("answers that change"),
    )
    marked = frozenset(at for at, one in enumerate(known["perturbations"]) if one["name"] == known["worst"])
    return Grid(head=head, rows=rows, marked=marked)


def spoilt(results: Results, t: Translate) -> Grid:
    """A text for each perturbation that turned an answer."""
    rows = tuple(
        (
            short(one["example"]["perturbed"]),
            perturbation(one["name"], t),
            one["example"]["label"],
            one["example"]["becomes"],
        )
        for one in results["robustness"]["perturbations"]
        if one["example"]
    )
    return Grid(
        head=(t("Spoilt text"), t("by"), t("answer before"), t("answer after")),
        rows=rows,
        texts=4,
        quoted=frozenset({0}),
    )


def attacks(results: Results, t: Translate) -> Grid:
    """Texts that a few small changes turned."""
    rows = tuple(
        (short(one["attacked"]), short(one["text"]), one["label"], one["becomes"], count(one["edits"]))
        for one in results["adversarial"]["examples"]
    )
    head = (t("Changed text"), t("text"), t("answer before"), t("answer after"), t("changes"))
    return Grid(head=head, rows=rows, texts=4, quoted=frozenset({0, 1}))


def bias(results: Results, t: Translate) -> Grid:
    """Answers that change when a text speaks of somebody else, by kind of term."""
    rows = tuple(
        (
            group_name(one["group"], t),
            count(one["tested"]),
            percents(one["flips"]) if one["flips"] else NOTHING,
            percents(one["shift"]) if one["shift"] else NOTHING,
            "" if one["enough"] else t("too few to say"),
        )
        for one in results["bias"]
    )
    head = (t("Swapped"), t("pairs"), t("answers that change"), t("mean change of the probability"), t("remark"))
    return Grid(head=head, rows=rows)


def swaps(results: Results, t: Translate) -> Grid:
    """The pairs of texts whose answers differ most."""
    shown = [(one["group"], pair) for one in results["bias"] for pair in one["examples"][:1]]
    rows = tuple(
        (
            short(pair["text"]),
            group_name(group, t),
            f"{pair['found']} → {pair['put']}",
            pair["label"] if pair["label"] == pair["becomes"] else f"{pair['label']} → {pair['becomes']}",
            percent(abs(pair["shift"])),
        )
        for group, pair in shown
    )
    head = (t("Text"), t("kind"), t("swap"), t("answer"), t("probability moved by"))
    return Grid(head=head, rows=rows, texts=4, quoted=frozenset({0, 2}))


def trust(results: Results, t: Translate) -> Grid:
    """How far each way of explaining can be believed: for how many texts its words count more than chance."""
    known = results["explanations"]
    rows = tuple(
        (name, count(one["texts"]), percents(one["share"]), percents(one["gain"]))
        for name, one in known["trust"].items()
    )
    head = (t("Method"), t("texts"), t("better than chance"), t("probability lost beyond chance"))
    marked = frozenset(at for at, name in enumerate(known["trust"]) if name == known["method"])
    return Grid(head=head, rows=rows, marked=marked)


def gains(results: Results, t: Translate) -> Grid:
    """What more rows would bring, where the curve allows to foretell it."""
    known = results["curve"]
    metric = known["metric"]
    rows = tuple(
        (f"× {one['times']}", count(one["rows"]), figure(metric, one["figure"]), _gain(one["gain"], metric, t))
        for one in known["gains"]
    )
    return Grid(head=(t("Rows"), t("that is"), metric_name(metric, t), t("gain")), rows=rows)


def augmentation(results: Results, t: Translate) -> Grid:
    """What altered copies of the training rows did, method by method."""
    known = results.get("augmentation") or {}
    names = {"noise": t("character noise"), "mask": t("words filled in by a model")}
    metric = results["choice"]["metric"]
    methods = [(names.get(one["method"], perturbation(one["method"], t)), one) for one in known.get("methods", ())]
    rows = [(name, count(one["rows"]), versus_words(one, metric, t), _helps(one, t)) for name, one in methods]
    return Grid(head=(t("Copies with"), t("training rows"), change_in(metric, t), t("verdict")), rows=tuple(rows))


def tried(results: Results, t: Translate) -> Grid:
    """What each way to train did that was tried beside the plain one."""
    training, metric = results.get("training") or {}, results["choice"]["metric"]
    rows = tuple(
        (way(name, t), versus_words(claim, metric, t), _helps(claim, t))
        for name, claim in (training.get("tried") or {}).items()
    )
    marked = frozenset(at for at, name in enumerate(training.get("tried") or {}) if name == training.get("kept"))
    return Grid(head=(t("Tried"), change_in(metric, t), t("verdict")), rows=rows, marked=marked)


def seeds(results: Results, t: Translate) -> Grid:
    """The validation figure of each training."""
    found = results.get("training", {}).get("seeds") or {}
    metric = results["choice"]["metric"]
    rows = tuple((seed, figure(metric, one)) for seed, one in found.items())
    return Grid(
        head=(t("Seed"), t("validation {metric}").format(metric=metric_name(metric, t))), rows=rows, compact=True
    )


def edges(results: Results, t: Translate) -> Grid:
    """The edges of the Bayesian network, and in how many samples of the rows each is found."""
    known = results["causes"]
    samples = known["samples"]
    rows = tuple(
        (
            f"{one['parent']} → {one['child']}",
            t("{found} of {samples}").format(found=round(one["either"] * samples), samples=samples),
            t("{found} of {samples}").format(found=round(one["directed"] * samples), samples=samples),
        )
        for one in known["edges"]
    )
    return Grid(head=(t("Edge"), t("samples with it"), t("in this direction")), rows=rows)


def _gain(gain: Results, metric: str, t: Translate) -> str:
    told = {"difference": gain["value"], "low": gain["low"], "high": gain["high"]}
    return t("{change} points").format(change=change(metric, told))


def _helps(claim: Results, t: Translate) -> str:
    helps = claim.get("helps", claim["low"] > 0)
    return t("helps") if helps else t("not shown to help")
