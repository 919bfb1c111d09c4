"""``argosy support numbers``: what an assistant achieved, by its definitions."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from argosy.config.places import find_model
from argosy.core.errors import MissingError
from argosy.project.selling.shop import Shop
from argosy.project.supporting.guarding import guarantee
from argosy.project.supporting.numbers import Ground
from argosy.project.supporting.numbers import numbers as count
from argosy.project.supporting.promise import thresholds_of
from argosy.report.numbers import interval, rounded
from argosy.store.support.conversations import SqlConversations, now
from argosy.store.support.decisions import SqlDecisions
from argosy.ui.speech import say, t
from argosy.ui.verbs.books import show_table
from argosy.ui.verbs.build import say_json
from argosy.ui.verbs.supporting.opening import stored

_DAY = 86_400_000_000  # microseconds
_NOTHING = "–"


def numbers(folder: Path, days: int, *, as_json: bool) -> None:
    """The figures of the last days."""
    with stored(folder) as (home, database):
        log, decisions = SqlConversations(database, home.project.name), SqlDecisions(database, home.project.name)
        at = now()
        start = at - days * _DAY
        found = count(
            log.between(start, at + 1),
            decisions.corrections(start),
            Ground.of(home.project),
            days,
            _promise(home, log, decisions),
        )
    if as_json:
        say_json(found)
        return
    _tell(found)


def _promise(home: Shop, log: SqlConversations, decisions: SqlDecisions) -> Mapping[str, Any] | None:
    """How the promise stands; None where no model was built yet."""
    try:
        model = find_model(home.folder)
    except MissingError:
        return None
    return guarantee(log, decisions, thresholds_of(model))


def _tell(found: Mapping[str, Any]) -> None:
    said = t("{days} days: {conversations} conversations, {questions} questions")
    say(said.format(days=found["days"], conversations=found["conversations"], questions=found["questions"]))
    resolution, wrong = found["resolution"], found["wrong"]
    rows = [
        (t("deflection"), found["deflection"], t("no person wrote anything")),
        (t("containment"), found["containment"], t("the assistant alone, and nobody called")),
        (t("resolution"), resolution, t("of those that somebody spoke of")),
        (t("resolved alone"), resolution["alone"], t("the same, without a person")),
        (t("handed over"), found["hand_overs"], _reasons(found["hand_overs"]["reasons"])),
        (t("rated helpful"), found["ratings"], t("of rated answers")),
        (t("wrong, at least"), wrong["of_answers"], t("of all answers")),
        (t("wrong, of judged"), wrong["of_judged"], t("of those that were rated or corrected")),
        (t("consistency"), found["consistency"], t("same question, same answer")),
    ]
    show_table(
        (t("number"), t("share"), "n", t("what it is")),
        [(name, _share(one), str(one["n"]), what) for name, one, what in rows],
    )
    _tell_rest(found)


def _tell_rest(found: Mapping[str, Any]) -> None:
    first, cost, promise = found["first_answer"], found["cost"], found["guarantee"]
    if first["n"]:
        told = t("a person answers after {median} s (half of {n}), {p90} s (nine of ten)")
        say(told.format(median=rounded(first["median_seconds"]), p90=rounded(first["p90_seconds"]), n=first["n"]))
    if cost["per_resolved"] is not None:
        told = t("a resolved question costs {cost} {currency}; by a person {person} (assumed: minutes and prices)")
        cost_told = rounded(cost["per_resolved"], 3)
        say(told.format(cost=cost_told, currency=cost["currency"], person=rounded(cost["by_person"], 3)))
    if promise is not None:
        say(t(promise["sentence"]))


def _share(one: Mapping[str, Any]) -> str:
    return interval(one) if one["value"] is not None else _NOTHING


def _reasons(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in reasons.items())
