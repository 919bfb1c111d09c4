"""The ladder of candidates and the verdict on it, in words, as every report of a result tells them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from argosy.evaluate.selection import REASONS
from argosy.project.numbers import count, p_value, points

Results = Mapping[str, Any]
Translate = Callable[[str], str]
Figure = Mapping[str, float]

TRANSFORMER = "transformer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A candidate: ``metrics`` by name as {value, low, high}; what was not measured is None."""

    key: str
    name: str
    served: bool
    metrics: Mapping[str, Figure]
    seconds: float | None = None
    texts_per_s: float | None = None
    size_mb: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The first line of a report, the sentences behind it, and ``doubt`` where test and validation disagree."""

    headline: str
    details: tuple[str, ...]
    doubt: str = ""


def rungs(results: Results, t: Translate, language: str | None = None) -> list[Rung]:
    """The candidates from simple to complex, on all test rows or on those of one language."""
    part = results["slices"][language] if language else results
    choice, timings = results["choice"], results.get("timings", {})
    names = rung_names(results, t)
    ladder = [
        Rung(
            key=key,
            name=names.get(key, key),
            served=choice["served"] == key,
            metrics=metrics,
            seconds=0.0 if key == "majority" else timings.get("baselines"),
            **_measured(results, key),
        )
        for key, metrics in part["baselines"].items()
    ]
    ladder.append(
        Rung(
            key="model",
            name=names["model"],
            served=False,
            metrics=part["model"],
            seconds=timings.get("train"),
            **_measured(results, "torch"),
        )
    )
    if choice["served"] == TRANSFORMER:
        served = _measured(results, choice["engine"])
        ladder.append(Rung(key="served", name=names["served"], served=True, metrics=part["metrics"], **served))
    return ladder


def served_rung(results: Results, t: Translate) -> Rung:
    """The candidate that answers, on all test rows."""
    return next(rung for rung in rungs(results, t) if rung.served)


def rung_names(results: Results, t: Translate) -> dict[str, str]:
    """What each rung is called."""
    return {
        "majority": t("most frequent label"),
        "linear": t("TF-IDF + linear"),
        "model": t("{base}, tuned").format(base=original(results["base"]).rpartition("/")[2]),
        "served": t("… as served: {engine}").format(engine=results["choice"]["engine"]),
    }


def original(base: Results) -> str:
    """The name of the published model at the beginning of the base's way here."""
    first = base["origin"][0]["what"] if base["origin"] else base["name"]
    return str(first).replace("\\", "/").rstrip("/").partition("@")[0]


def reason(choice: Results) -> str:
    """The selection rule's reason by its short name."""
    short = {template: name for name, template in REASONS.items()}
    return short.get(choice["reason"], str(choice["reason"]))


def verdict(results: Results, t: Translate) -> Verdict:
    """What was chosen, why, and whether the test rows agree."""
    choice, versus = results["choice"], results["versus_best_baseline"]
    details = []
    if choice.get("difference"):
        rows = results["data"]["splits"]["validation"]
        template = t("The tuned model against {baseline}, on the {rows} validation rows that decide: {difference}.")
        details.append(_compared(template, results, choice["difference"], choice_baseline(results), rows, t))
    template = t("The tuned model against {baseline}, on the {rows} test rows, opened once after that: {difference}.")
    details.append(_compared(template, results, versus, versus["baseline"], results["data"]["splits"]["test"], t))
    return Verdict(headline=_headline(results, t), details=tuple(details), doubt=_doubt(choice, versus, t))


def choice_baseline(results: Results) -> str:
    """The key of the baseline that the tuned model was held against when the choice was made."""
    served = str(results["choice"]["served"])
    return str(results["versus_best_baseline"]["baseline"]) if served == TRANSFORMER else served


def metric_name(metric: str, t: Translate) -> str:
    """What a metric is called."""
    return {"accuracy": t("accuracy"), "macro_f1": t("macro F1")}.get(metric, metric)


def difference_words(difference: Results, metric: str, t: Translate) -> str:
    """A difference with its interval and p-value, in points."""
    return t("{difference} points of {metric} [{low}, {high}], {p}").format(
        difference=points(difference["difference"]),
        metric=metric_name(metric, t),
        low=points(difference["low"]),
        high=points(difference["high"]),
        p=p_value(difference["p"]),
    )


def _measured(results: Results, engine: str) -> dict[str, Any]:
    measured = results["engines"].get(engine, {"texts_per_s": None, "size_mb": 0.0 if engine == "majority" else None})
    return {name: measured[name] for name in ("texts_per_s", "size_mb")}


def _headline(results: Results, t: Translate) -> str:
    choice = results["choice"]
    names = rung_names(results, t)
    key = choice_baseline(results)
    template = {
        "better": t("The tuned model earns its place: it beats {baseline} by more than {margin} points and is served."),
        "not_inferior": t("{baseline} is not inferior to the tuned model, so the small model is served."),
        "undecided": t("The tuned model is not shown to be better than {baseline}, so the small model is served."),
        "only": t("There was one candidate, {served}, and it is served."),
    }.get(reason(choice), t("{served} is served."))
    served = names["model"] if choice["served"] == TRANSFORMER else names.get(key, key)
    margin = points(choice["margin"]).removeprefix("+")
    return template.format(baseline=names.get(key, key), served=served, margin=margin)


def _compared(template: str, results: Results, difference: Results, key: str, rows: int, t: Translate) -> str:
    words = difference_words(difference, results["choice"]["metric"], t)
    return template.format(rows=count(rows), baseline=rung_names(results, t).get(key, key), difference=words)


def _doubt(choice: Results, versus: Results, t: Translate) -> str:
    """Where the test rows say otherwise; the choice stands, since it was made without them."""
    if choice["served"] == TRANSFORMER and versus["low"] <= 0:
        return t("The test rows alone do not confirm this: the interval of the difference includes 0.")
    if choice["served"] != TRANSFORMER and versus["low"] > choice["margin"]:
        return t("On the test rows the tuned model is ahead; with more labelled rows it may be chosen next time.")
    return ""
