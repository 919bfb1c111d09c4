"""The verdict on a ladder in words: what was chosen, why, whether the test rows agree, and what they cannot say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from argosy.report import recommend_verdict, support_verdict, text_verdict
from argosy.report.ladder import (
    MODEL,
    TRANSFORMER,
    TUNED,
    Figure,
    Results,
    Translate,
    amount,
    difference_words,
    rung_names,
    served_rung,
)
from argosy.report.numbers import count

_BETTER, _NOT_INFERIOR, _UNDECIDED = "better", "not_inferior", "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The headline, the sentences behind it, and ``doubt`` where test and validation disagree.

    ``power``, the smallest difference that the test rows can show, is told before all of these.
    """

    power: str
    headline: str
    details: tuple[str, ...]
    doubt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contest:
    """The more complex candidate that the simpler one was held against; ``test`` is its figure on the test rows."""

    simple: str
    complex: str
    test: Figure


def verdict(results: Results, t: Translate) -> Verdict:
    """What was chosen, why, and whether the test rows agree."""
    for own in (text_verdict, support_verdict, recommend_verdict):
        if results.get("kind") == own.KIND:
            return Verdict(
                power=own.power(results, t),
                headline=own.headline(results, t),
                details=tuple(own.details(results, t)),
                doubt=own.doubt(results, t),
            )
    contest = _contest(results)
    details = tuple(line for line in _details(results, contest, t) if line)
    doubt = _doubt(results, contest, t)
    return Verdict(
        power=detectable(results, t),
        headline=_begun(_headline(results, contest, t)),
        details=tuple(map(_begun, details)),
        doubt=_begun(doubt),
    )


def _begun(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _names(results: Results, t: Translate) -> dict[str, str]:
    """What each rung is called in a sentence."""
    names = rung_names(results, t)
    model = results["choice"].get("model", TUNED)
    told = t("the tuned model") if model == TUNED else t("the smaller model ({model})").format(model=model)
    return names | dict.fromkeys((MODEL, TRANSFORMER), told) if MODEL in results else names


def detectable(results: Results, t: Translate) -> str:
    """The smallest difference of the deciding metric that the test rows could show, or nothing where it is unknown."""
    metric = results["choice"]["metric"]
    known = results.get("detectable", {})
    found = known.get(metric, known.get(_contest(results).complex, {}).get(metric))
    if found is None:
        return ""
    template = t("{rows} test rows can show a difference of {amount} (80 % power); a smaller one may go unseen.")
    return template.format(rows=count(results["data"]["splits"]["test"]), amount=amount(metric, found, t))


def method(results: Results, t: Translate) -> str:
    """Whether tuning as such, not only this trained model, is better: it takes several trainings to say."""
    if MODEL not in results:
        return ""
    claim = results.get("seeds")
    if claim is None:
        return t("That is one trained model on these rows; whether tuning as a method is better takes three trainings.")
    template = (
        t("Over {trainings} trainings, tuning as a method beats {baseline}: {difference}.")
        if claim["low"] > 0
        else t("Over {trainings} trainings, {baseline} beats tuning as a method: {difference}.")
        if claim["high"] < 0
        else t("Over {trainings} trainings, tuning as a method is not shown to differ from {baseline}: {difference}.")
    )
    return template.format(
        trainings=claim["trainings"],
        baseline=rung_names(results, t).get(claim["baseline"], claim["baseline"]),
        difference=difference_words(claim, claim["metric"], t),
    )


def _contest(results: Results) -> _Contest:
    choice = results["choice"]
    if MODEL in results:
        return _Contest(simple="linear", complex=MODEL, test=results["metrics"].get(choice["metric"], {}))
    last = choice["steps"][-1] if choice.get("steps") else {"simple": choice["served"], "complex": choice["served"]}
    test = results["baselines"].get(last["complex"], {}).get(choice["metric"], {})
    return _Contest(simple=last["simple"], complex=last["complex"], test=test)


def _headline(results: Results, contest: _Contest, t: Translate) -> str:
    choice, names = results["choice"], _names(results, t)
    template = {
        _BETTER: t("{complex} earns its place: it beats {simple} by more than {margin} and is served."),
        _NOT_INFERIOR: t("{simple} is not inferior to {complex}, so the simpler model is served."),
        _UNDECIDED: t("{complex} is not shown to be better than {simple}, so the simpler model is served."),
        "target": t("{served} is served, as the target asks."),
        "only": t("There was one candidate, {served}, and it is served."),
    }.get(choice["reason"], t("{served} is served."))
    return template.format(
        simple=names.get(contest.simple, contest.simple),
        complex=names.get(contest.complex, contest.complex),
        served=names.get(choice["served"], choice["served"]),
        margin=amount(choice["metric"], choice["margin"], t),
    )


def _details(results: Results, contest: _Contest, t: Translate) -> Iterator[str]:
    choice, names, splits = results["choice"], _names(results, t), results["data"]["splits"]
    metric = choice["metric"]
    if choice.get("difference"):
        template = t("{complex} against {simple}, on the {rows} validation rows that decide: {difference}.")
        yield template.format(
            complex=names.get(contest.complex, contest.complex),
            simple=names.get(contest.simple, contest.simple),
            rows=count(splits["validation"]),
            difference=difference_words(_told(choice), metric, t),
        )
    versus = contest.test.get("versus")
    if versus:
        template = t("{complex} against the best baseline, {baseline}, on the {rows} test rows: {difference}.")
        yield template.format(
            complex=names.get(contest.complex, contest.complex),
            baseline=names.get(versus["baseline"], versus["baseline"]),
            rows=count(splits["test"]),
            difference=difference_words(versus, metric, t),
        )
    yield method(results, t)


def _told(choice: Results) -> Mapping[str, Any]:
    """The difference that decided, as plain subtraction: what is better is below 0 where less is better."""
    found = choice["difference"]
    if not choice.get("lower"):
        return dict(found)
    return {"difference": -found["difference"], "low": -found["high"], "high": -found["low"], "p": found["p"]}


def _gain(results: Results, figure: Figure) -> float:
    """By how much a figure beats the best baseline at the least; not above 0 where that is not shown."""
    versus = figure.get("versus")
    if not versus:
        return 0.0
    return float(-versus["high"] if results["choice"].get("lower") else versus["low"])


def _loss(results: Results, figure: Figure) -> float:
    """By how much a figure falls short of the best baseline at the least."""
    versus = figure.get("versus")
    if not versus:
        return 0.0
    return float(versus["low"] if results["choice"].get("lower") else -versus["high"])


def _doubt(results: Results, contest: _Contest, t: Translate) -> str:
    """Where the test rows say otherwise; the choice stands, since it was made without them."""
    served, metric = served_rung(results, t), results["choice"]["metric"]
    own = served.metrics.get(metric, {})
    if _loss(results, own) > 0:
        versus = own["versus"]
        template = t("On the test rows {served}, which is served, falls short of {baseline}: {difference}.")
        names = _names(results, t)
        return template.format(
            baseline=names.get(versus["baseline"], versus["baseline"]),
            served=names.get(results["choice"]["served"], served.name),
            difference=difference_words(versus, metric, t),
        )
    choice, names = results["choice"], _names(results, t)
    complex_ = names.get(contest.complex, contest.complex)
    versus = contest.test.get("versus")
    if not versus:
        return ""
    if choice["served"] in (TRANSFORMER, contest.complex):
        if _gain(results, contest.test) <= 0:
            return t("The test rows alone do not confirm this: the interval of the difference includes 0.")
    elif _gain(results, contest.test) > choice["margin"]:
        return t("On the test rows {complex} is ahead; with more labelled rows it may be chosen next time.").format(
            complex=complex_
        )
    return ""
