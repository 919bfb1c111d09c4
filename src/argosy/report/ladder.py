"""The ladder of candidates, simple to complex, as every report of a result tells it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from argosy.report.numbers import SHARES, change, p_value, points, rounded

Results = Mapping[str, Any]
Translate = Callable[[str], str]
Figure = Mapping[str, Any]

TRANSFORMER = "transformer"
MODEL = "model"
TUNED = "tuned"
SERVED = "served"
DULL = frozenset({"majority", "mean"})  # rungs that do not look at the input


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A candidate: ``metrics`` by name as {value, low, high, versus}; what was not measured is None."""

    key: str
    name: str
    served: bool
    metrics: Mapping[str, Figure]
    seconds: float | None = None
    texts_per_s: float | None = None
    size_mb: float | None = None


def rungs(results: Results, t: Translate, language: str | None = None) -> list[Rung]:
    """The candidates from simple to complex, on all test rows or on those of one language."""
    part = results["slices"][language] if language else results
    choice, names, seconds = results["choice"], rung_names(results, t), _seconds(results)
    ladder = [
        Rung(
            key=key,
            name=names.get(key, key),
            served=choice["served"] == key,
            metrics=metrics,
            seconds=seconds.get(key),
            **_measured(results, key),
        )
        for key, metrics in part["baselines"].items()
    ]
    if MODEL in part:
        ladder.append(
            Rung(
                key=MODEL,
                name=names[MODEL],
                served=False,
                metrics=part[MODEL],
                seconds=seconds.get("train"),
                **_measured(results, TUNED),
            )
        )
    if choice["served"] == TRANSFORMER:
        served = _measured(results, choice["engine"])
        ladder.append(Rung(key=SERVED, name=names[SERVED], served=True, metrics=part["metrics"], **served))
    return ladder


def served_rung(results: Results, t: Translate) -> Rung:
    """The candidate that answers, on all test rows."""
    return next(rung for rung in rungs(results, t) if rung.served)


def rung_names(results: Results, t: Translate) -> dict[str, str]:
    """What each rung is called."""
    names = {
        "majority": t("most frequent label"),
        "linear": t("TF-IDF + linear"),
        "frozen": t("frozen + linear"),
        "mean": t("the mean"),
        "ridge": t("ridge regression"),
        "logistic": t("logistic regression"),
        "feedforward": t("small neural network"),
        "network": t("Bayesian network"),
        "xz": "xz",
        "kneser_ney": t("5-gram Kneser-Ney"),
        "untuned": t("the base, untuned"),
        "language_model": t("the language model"),
        "bm25": t("words alone (BM25)"),
        "assistant": t("the assistant"),
        "chance": t("by chance"),
        "popularity": t("popular lately"),
        "covisits": t("taken together"),
        "neighbours": t("ItemKNN"),
        "ease": "EASE",
        "ials": "iALS",
        "content": t("nearest text"),
        "interest": t("the text model"),
        "no_text": t("all parts but the text model"),
        "system": t("all parts together"),
    }
    if MODEL in results:
        names[MODEL] = t("{base}, tuned").format(base=original(results["base"]).rpartition("/")[2])
        names[SERVED] = t("… as served: {engine}").format(engine=_as_served(results["choice"]))
        names[TRANSFORMER] = names[MODEL]
    return names


def original(base: Results) -> str:
    """The name of the published model at the beginning of the base's way here."""
    first = base["origin"][0]["what"] if base["origin"] else base["name"]
    return str(first).replace("\\", "/").rstrip("/").partition("@")[0]


def shown_metrics(results: Results) -> list[str]:
    """The deciding metric and those that the product is judged by; the rest is told elsewhere."""
    leading = {results["choice"]["metric"], *(number["name"] for number in results["numbers"])}
    return [name for name in results["metrics"] if name in leading]


def metric_name(metric: str, t: Translate) -> str:
    """What a metric, or another number that a product is judged by, is called."""
    return {
        "accuracy": t("accuracy"),
        "macro_f1": t("macro F1"),
        "micro_f1": t("micro F1"),
        "roc_auc": "ROC-AUC",
        "pr_auc": "PR-AUC",
        "mae": t("mean error"),
        "rmse": "RMSE",
        "r2": "R²",
        "spearman": t("rank correlation"),
        "bits_per_byte": t("bits per byte"),
        "subset_accuracy": t("all labels right"),
        "token_accuracy": t("token accuracy"),
        "entity_f1": t("entity F1"),
        "entity_precision": t("entity precision"),
        "entity_recall": t("entity recall"),
        "exact_match": t("exact match"),
        "token_f1": t("token F1"),
        "pearson": t("linear correlation"),
        "ndcg@10": "NDCG@10",
        "mrr": "MRR",
        "map": "MAP",
        "calibration_error": t("calibration error"),
        "p99_ms": t("slowest answer of a hundred"),
        "copied": t("share copied from the training texts"),
        "topic_f1": t("macro F1 of topics"),
        "answered": t("share answered by itself"),
        "wrong": t("share of wrong answers"),
        "consistency": t("consistency"),
        "test_rows": t("number of test rows"),
        "test_documents": t("number of test documents"),
    }.get(metric, metric)


def amount(metric: str, size: float, t: Translate) -> str:
    """So much of a metric, without a sign: 3.2 points of macro F1, or 0.66 of the mean error."""
    template = t("{size} points of {metric}") if metric in SHARES else t("{size} of {metric}")
    told = points(size).lstrip("+−") if metric in SHARES else rounded(size)
    return template.format(size=told, metric=metric_name(metric, t))


def difference_words(difference: Results, metric: str, t: Translate) -> str:
    """A difference with its interval and p-value, in points where the metric is a share."""
    template = t("{change} points of {metric}, {p}") if metric in SHARES else t("{change} of {metric}, {p}")
    return template.format(change=change(metric, difference), metric=metric_name(metric, t), p=p_value(difference["p"]))


def versus_words(versus: Results | None, metric: str, t: Translate) -> str:
    """The difference to the best baseline as it stands beside a figure."""
    return t("best baseline") if versus is None else f"{change(metric, versus)}, {p_value(versus['p'])}"


def _seconds(results: Results) -> dict[str, float]:
    """How long each rung took to fit."""
    if "rungs" in results:
        return {rung["name"]: rung["seconds"] for rung in results["rungs"]}
    timings = results.get("timings", {})
    stages = {"linear": "baselines", "frozen": "frozen", "train": "train"}
    return {"majority": 0.0, **{key: timings[stage] for key, stage in stages.items() if stage in timings}}


def _as_served(choice: Results) -> str:
    """The engine, behind the name of the smaller model where one was picked."""
    return ", ".join(name for name in (choice.get("model", TUNED), choice["engine"]) if name != TUNED)


def _measured(results: Results, engine: str) -> dict[str, Any]:
    """Speed and size by engine; frozen embeddings cost what the tuned model costs: the same weights, the same pass.

    Where a smaller model was picked, the engines are its own, and the tuned model's figures are those of the frontier.
    """
    nothing = {"texts_per_s": None, "size_mb": 0.0 if engine in DULL else None}
    measured = results.get("engines", {}).get(engine, nothing)
    if engine in ("frozen", TUNED):
        other = results["choice"].get("model", TUNED) != TUNED
        measured = results["frontier"]["points"][0] if other else results.get("engines", {}).get("torch", nothing)
    return {name: measured[name] for name in ("texts_per_s", "size_mb")}
