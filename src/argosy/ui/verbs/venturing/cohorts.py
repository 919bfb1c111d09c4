"""``argosy plan --cohorts``: the plan's customers and MRR by the month in which the customers came."""

from fractions import Fraction
from pathlib import Path

from argosy.project.venturing.studying import Studied, study
from argosy.ui.speech import say, t
from argosy.ui.verbs.books import show_table
from argosy.ui.verbs.build import say_json
from argosy.venture.plan.cohorts import Planned, cohorts

_AGES = (0, 1, 3, 6, 12, 24, 36)


def show(folder: Path, *, as_json: bool) -> None:
    """Both triangles, at some ages; all of them as JSON."""
    studied = study(folder)
    found = _of(studied)
    labels = [one.label for one in studied.model.periods]
    if as_json:
        rows = [
            {
                "month": labels[one.began],
                "customers": [float(each) for each in one.customers],
                "mrr": [float(each) for each in one.mrr],
            }
            for one in found
        ]
        say_json({"currency": studied.parts.currency, "cohorts": rows})
        return
    if not found:
        say(t("No customer comes in this plan."))
        return
    heads = (t("month"), *(f"+{age}" for age in _AGES))
    say(t("customers by the month in which they came, and months later"))
    show_table(heads, [(labels[one.began], *_at(one.customers)) for one in found])
    say("")
    say(t("their MRR in {currency}").format(currency=studied.parts.currency))
    show_table(heads, [(labels[one.began], *_at(one.mrr)) for one in found])


def _of(studied: Studied) -> tuple[Planned, ...]:
    parts = studied.parts
    sold = [(one.segment, one.name) for one in parts.subscriptions] + [(one.segment, one.name) for one in parts.metered]
    segments = {one.name: [name for segment, name in sold if segment == one.name] for one in parts.segments}
    return cohorts(studied.values, segments)


def _at(values: tuple[Fraction, ...]) -> list[str]:
    return [f"{float(values[age]):,.1f}" if age < len(values) else "" for age in _AGES]
