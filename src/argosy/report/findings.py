"""What was found beside the ladder, a line each: privacy, labels, calibration, weak spots, robustness, bias, more data.

Each function gives a sentence with its figures, or nothing where the record holds nothing to say.
"""

from collections.abc import Callable

from argosy.report import opinion_verdict, recommend_verdict, support_verdict, text_findings
from argosy.report.ladder import Results, Translate, difference_words, metric_name, served_rung, versus_words
from argosy.report.numbers import (
    change,
    count,
    figure,
    figure_at,
    figure_words,
    interval,
    p_value,
    percent,
    percents,
    rounded,
    share,
)
from argosy.report.words import group_name, kind_name, perturbation, slice_kind

_FEW = 6  # names in a line


def found(results: Results, t: Translate) -> list[tuple[str, str]]:
    """The findings on the test rows as (title, line), in the order of worry."""
    told: tuple[tuple[str, Callable[[Results, Translate], str]], ...] = (
        *text_findings.told(t),
        (t("calibration"), calibration),
        (t("certain"), certain),
        (t("weak spot"), weak_spot),
        (t("robustness"), robustness),
        (t("attacks"), adversarial),
        (t("bias"), bias),
        (t("reasons"), explanations),
        (t("more data"), more_data),
    )
    said = [(title, line) for title, say in told if (line := say(results, t))]
    if results.get("kind") == support_verdict.KIND:
        said += support_verdict.found(results, t)
    if results.get("kind") == recommend_verdict.KIND:
        said += recommend_verdict.found(results, t)
    if results.get("kind") == opinion_verdict.KIND:
        said = [*opinion_verdict.found(results, t), *said]
    return [*((t("alarm"), line) for line in alarms(results, t)), *said]


def alarms(results: Results, t: Translate) -> list[str]:
    """What each alarm that rings says: the number, its limit, and what that means."""
    template = t("{number}: {value}, worse than {limit}; {means}")
    return [
        template.format(
            number=metric_name(one["number"], t),
            value=figure_words(one["number"], figure_at(results, one["at"])),
            limit=rounded(one["limit"]),
            means=t(one["means"]),
        )
        for one in results["alarms"]
    ]


def sentence(line: str, t: Translate) -> str:
    """A line as a sentence of a page."""
    return t("{sentence}.").format(sentence=line[:1].upper() + line[1:])


def privacy(data: Results, t: Translate) -> str:
    """Personal data that was taken out, by kind; nothing where nobody looked for it."""
    redacted = data.get("redacted")
    if redacted is None:
        return ""
    if not redacted:
        return t("no personal data found")
    kinds = ", ".join(f"{kind_name(kind, t)} {count(number)}" for kind, number in redacted.items())
    return t("taken out before anything was stored: {kinds}").format(kinds=kinds)


def suspects(results: Results, t: Translate) -> str:
    """How many training labels look wrong, and what became of them."""
    known = results.get("suspects")
    if not known:
        return ""
    if not known["rows"]:
        return t("none of {of} training labels looks wrong").format(of=count(known["of"]))
    became = {"keep": t("kept"), "drop": t("dropped"), "relabel": t("relabelled")}
    template = t("{rows} of {of} training labels look wrong; they were {treatment}")
    treatment = became.get(known["treatment"], known["treatment"])
    return template.format(rows=count(known["rows"]), of=count(known["of"]), treatment=treatment)


def suspects_effect(results: Results, t: Translate) -> str:
    """What dropping or relabelling the suspects does on the validation rows."""
    known, metric = results.get("suspects") or {}, results["choice"]["metric"]
    names = {"drop": t("dropping them"), "relabel": t("relabelling them")}
    effects = [
        t("{treatment}: {difference}").format(
            treatment=names.get(name, name), difference=difference_words(effect, metric, t)
        )
        for name, effect in known.get("effects", {}).items()
    ]
    return t("; ").join(effects)


def others(results: Results, t: Translate, shown: list[str]) -> str:
    """The metrics of what is served that the ladder had no room for."""
    told = []
    for name, measured in served_rung(results, t).metrics.items():
        if name not in shown:
            versus = versus_words(measured["versus"], name, t)
            told.append(f"{metric_name(name, t)} {figure(name, measured)} ({versus})")
    return t("; ").join(told)


def calibration(results: Results, t: Translate) -> str:
    """The error of the probabilities, before and after the temperature."""
    known = results.get("calibration")
    if not known:
        return ""
    template = t("the probabilities are off by {before} (ECE) before and by {after} after scaling, on {rows} rows")
    before, after = interval(known["ece_before"]), interval(known["ece_after"])
    return template.format(before=before, after=after, rows=count(known["rows"]))


def certain(results: Results, t: Translate) -> str:
    """The threshold that keeps the error rate that was asked for, and what it does on the test rows."""
    known = results.get("selective")
    if not known:
        return ""
    asked = percent(known["error"])
    if known["threshold"] is None:
        template = t(
            "no threshold is shown to keep the errors below {asked}; these rows could show {supported} at best"
        )
        return template.format(asked=asked, supported=percent(known["supported"]))
    measured = known.get("test") or {"coverage": known["coverage"], "error": known["observed"]}
    template = t(
        "from a probability of {threshold} on: {coverage} of the test rows, {errors} of them wrong (asked: {asked})"
    )
    return template.format(
        threshold=share(known["threshold"], 2),
        coverage=percents(measured["coverage"]),
        errors=percents(measured["error"]) if measured["error"] else t("none"),
        asked=asked,
    )


def weak_spot(results: Results, t: Translate) -> str:
    """The kind of rows that is answered worst, where that is beyond chance."""
    known = results.get("weak_spots")
    if not known:
        return ""
    worst = known["worst"]
    if not known["slices"]:
        template = t("no kind of row has the {least} test rows that it takes to look for weak spots")
        return template.format(least=count(known["least"]))
    if worst is None:
        template = t("no kind of row is answered worse than the others beyond chance ({slices} looked at)")
        return template.format(slices=count(len(known["slices"])))
    template = t("{kind} {name}: accuracy {accuracy} on {rows} rows, {whole} on all; {p}")
    return template.format(
        kind=slice_kind(worst["kind"], t),
        name=worst["name"],
        accuracy=interval(worst["accuracy"]),
        rows=count(worst["rows"]),
        whole=interval(known["accuracy"]),
        p=p_value(worst["p"]),
    )


def robustness(results: Results, t: Translate) -> str:
    """The way of spoiling a text that costs most, where one costs anything beyond chance."""
    known = results.get("robustness")
    if not known or not known["perturbations"]:
        return ""
    worst = next((one for one in known["perturbations"] if one["name"] == known["worst"]), None)
    if worst is None:
        template = t("none of {ways} ways to spoil a text costs anything beyond chance")
        return template.format(ways=count(len(known["perturbations"])))
    template = t("worst is {name}: {difference}; {flips} of the answers change")
    difference = difference_words(worst["versus"], known["metric"], t)
    return template.format(name=perturbation(worst["name"], t), difference=difference, flips=percents(worst["flips"]))


def adversarial(results: Results, t: Translate) -> str:
    """How many right answers small changes could turn."""
    known = results.get("adversarial")
    if not known or known["success"] is None:
        return ""
    template = t("small changes turn {success} of {attacked} right answers; accuracy {before} → {after}")
    return template.format(
        success=percents(known["success"]),
        attacked=count(known["attacked"]),
        before=interval(known["accuracy"]),
        after=interval(known["accuracy_under_attack"]),
    )


def bias(results: Results, t: Translate) -> str:
    """Answers that change with who a text speaks of."""
    known = results.get("bias")
    if not known:
        return ""
    told = [group for group in known if group["enough"]]
    if not told:
        return t("too few texts speak of people or places to say whether the answer hangs on whom")
    template = t("{group}: {flips} of {tested} answers change")
    return t("; ").join(
        template.format(group=group_name(one["group"], t), flips=percents(one["flips"]), tested=count(one["tested"]))
        for one in told[:_FEW]
    )


def explanations(results: Results, t: Translate) -> str:
    """Whether the reasons given for answers are reasons."""
    known = results.get("explanations")
    if not known:
        return ""
    trusted = known["trust"].get(known["method"] or "")
    if trusted is None:
        return t("no way of explaining names the words that count better than chance does")
    template = t("by {method}: for {share} of {texts} texts it names words that count")
    return template.format(method=known["method"], share=percents(trusted["share"]), texts=count(trusted["texts"]))


def more_data(results: Results, t: Translate) -> str:
    """What twice the rows would bring, as far as the learning curve tells."""
    known = results.get("curve")
    if not known:
        return ""
    if not known["gains"]:
        return (
            t("the learning curve is flat: more rows of the same kind are not shown to help")
            if known["fit"] == "flat"
            else t("the learning curve is too uneven to say what more rows would bring")
        )
    first = known["gains"][0]
    gain = {"difference": first["gain"]["value"], "low": first["gain"]["low"], "high": first["gain"]["high"]}
    template = t("{times} × the rows ({rows}) would bring the linear model about {gain} points of {metric}")
    return template.format(
        times=first["times"],
        rows=count(first["rows"]),
        gain=change(known["metric"], gain),
        metric=metric_name(known["metric"], t),
    )
