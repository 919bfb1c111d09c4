"""``argosy compare``: two models, projects or commits on the same rows, with a verdict in words."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from argosy.project.building.compare import Comparison
from argosy.project.building.compare import compare as compared
from argosy.report.ladder import difference_words
from argosy.report.numbers import count
from argosy.ui import progress
from argosy.ui.sheets import could_show, of_units, sheets
from argosy.ui.speech import out, say, t
from argosy.ui.verbs.build import say_json


def compare(a: str, b: str, on: Path | None, metric: str | None, *, as_json: bool) -> None:
    """Every metric of both, what the rows could show, and what may be said."""
    with progress.shown() as tell:
        found = compared(a, b, on=on, metric=metric, tell=tell)
    if as_json:
        say_json(found.to_json())
        return
    told = found.to_json()
    say(t("{a} against {b}, on {rows} that neither has seen").format(a=a, b=b, rows=of_units(found.rows, "rows", t)))
    for line in _rows(found):
        say(line)
    out.print(sheets(told["models"], b, t))
    for line in _verdict(found, told):
        say(line)


def _rows(found: Comparison) -> Iterator[str]:
    """Which rows were not taken, and what is not known of them."""
    if found.left_out:
        yield t("left out   {rows} rows that one of the two knows, or does not hold back").format(
            rows=count(found.left_out)
        )
    if found.disputed:
        yield t("left out   {rows} rows whose label differs between the two").format(rows=count(found.disputed))
    for name in found.unknown:
        yield t("beware     it is not known which rows {name} learnt from; these may be among them").format(name=name)


def _verdict(found: Comparison, told: Mapping[str, Any]) -> Iterator[str]:
    """First what the rows could show, then the trained models, then the ways of training."""
    model = told["models"][found.a]
    power = could_show(found.metric, of_units(found.rows, "rows", t), model, t)
    if power:
        yield t("power      {words}").format(words=power)
    versus = model["metrics"][found.metric]["versus"]
    yield t("verdict    {words}").format(words=_models(found, versus))
    yield f"           {_methods(found)}"


def _models(found: Comparison, versus: Mapping[str, float]) -> str:
    template = {
        "better": t("On these rows the trained model {a} is better than {b}: {gap}."),
        "worse": t("On these rows the trained model {a} is worse than {b}: {gap}."),
        "not shown": t("These rows do not show that {a} and {b} differ: {gap}; anything in the brackets may be true."),
    }[found.verdict]
    return template.format(a=found.a, b=found.b, gap=difference_words(versus, found.metric, t))


def _methods(found: Comparison) -> str:
    claim = found.methods
    if claim is None:
        return t(
            "That is said of these two trained models; whether one way of training is better takes three trainings of"
            " each ([train] seeds = 3)."
        )
    template = {
        "better": t("Over {m} and {n} trainings, tuning as in {a} is better than as in {b}: {gap}."),
        "worse": t("Over {m} and {n} trainings, tuning as in {a} is worse than as in {b}: {gap}."),
        "not shown": t("Over {m} and {n} trainings, tuning as in {a} is not shown to differ from that in {b}: {gap}."),
    }[claim.verdict]
    one, other = claim.trainings
    return template.format(m=one, n=other, a=found.a, b=found.b, gap=difference_words(asdict(claim), found.metric, t))
