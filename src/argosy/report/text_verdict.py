"""The verdict on a language model in words: whether it foretells unseen text better than what needs no training."""

from collections.abc import Iterator, Mapping
from typing import Any

from argosy.report import text_findings
from argosy.report.ladder import Results, Translate, rung_names
from argosy.report.numbers import change, count, p_value, rounded

MODEL, UNTUNED = "language_model", "untuned"  # the candidate that was trained, and the base that it came from
KIND = "text"  # of the record of such a project
_METRIC = "bits_per_byte"


def power(results: Results, t: Translate) -> str:
    """The smallest difference that the test documents could show, or nothing where it is unknown."""
    found = results.get("detectable", {}).get(_METRIC)
    if found is None:
        return ""
    template = t(
        "{documents} test documents can show a difference of {amount} bits per byte (80 % power);"
        " a smaller one may go unseen."
    )
    return template.format(documents=count(results["data"]["splits"]["test"]), amount=rounded(found))


def headline(results: Results, t: Translate) -> str:
    """Whether the model beats every baseline, and which it does not beat."""
    names, against = rung_names(results, t), results["against"]
    lost = [name for name, one in against.items() if one["low"] > 0]
    open_ = [name for name, one in against.items() if one["low"] <= 0 <= one["high"]]
    if lost:
        template = t(
            "The model does not beat {baselines}: unseen text surprises it more, so it is not worth serving yet."
        )
        return template.format(baselines=_listed(lost, names, t))
    if open_:
        template = t(
            "The model is not shown to beat {baselines}: on these test documents the difference may be chance."
        )
        return template.format(baselines=_listed(open_, names, t))
    template = t("The model beats {baselines}: unseen text surprises it less.")
    return template.format(baselines=_listed(list(against), names, t))


def details(results: Results, t: Translate) -> Iterator[str]:
    """The difference to each baseline on the test documents, what to do where one was not beaten, and what serves."""
    names, against = rung_names(results, t), results["against"]
    template = t("Against {baseline}, on the {documents} test documents: {change} bits per byte, {p}.")
    for name, one in against.items():
        yield template.format(
            baseline=names.get(name, name),
            documents=count(results["data"]["splits"]["test"]),
            change=change(_METRIC, one),
            p=p_value(one["p"]),
        )
    if any(one["high"] >= 0 for one in against.values()):
        yield _advice(results, t)
    if serving := text_findings.served(results, t):
        yield serving


def _advice(results: Results, t: Translate) -> str:
    """What makes a model better, in the order of what is cheapest."""
    expected = results["training"].get("expected")
    if not expected:
        return t("Train longer ([train] epochs), or give it more text.")
    if expected["epochs"] < expected["most_epochs"]:
        template = t("Train longer first ([train] minutes): it has read the training text {epochs} times.")
    else:
        template = t("It has read the training text {epochs} times; more of it would help more than more time.")
    return template.format(epochs=rounded(expected["epochs"]))


def doubt(results: Results, t: Translate) -> str:
    """Where what the model writes is its training text, word for word."""
    copies: Mapping[str, Any] | None = (results.get("samples") or {}).get("copies")
    if not copies or not copies["suspicious"]:
        return ""
    return t(
        "It writes out its training text more often than unseen text repeats it; read the samples before you serve it."
    )


def _listed(keys: list[str], names: Mapping[str, str], t: Translate) -> str:
    words = [names.get(key, key) for key in keys]
    return (
        words[0] if len(words) == 1 else t("{first} and {last}").format(first=t(", ").join(words[:-1]), last=words[-1])
    )
