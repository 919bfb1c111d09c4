"""``argosy plan risks``: what may go wrong, what it takes, and whether doing something about it pays."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from argosy.evaluate.intervals import Interval
from argosy.project.venturing.risking import AtRisk, at_risk, told
from argosy.project.venturing.studying import study
from argosy.ui.speech import say, t
from argosy.ui.verbs.books import show_table
from argosy.ui.verbs.build import say_json
from argosy.venture.risk.effect import Gain


def show(folder: Path, *, as_json: bool) -> None:
    """The register on one screen, the worst risk first."""
    studied = study(folder)
    found = at_risk(studied, datetime.now(UTC).date())
    if as_json:
        say_json(told(found, {one.number: one.label for one in studied.model.periods}))
        return
    for line in _head(found):
        say(line)
    say("")
    say(t("risks: what each takes, with what it brings about"))
    heads = (
        t("risk"),
        t("kind"),
        t("owner"),
        t("probability"),
        t("expected cost"),
        t("of the NPV"),
        t("of lowest cash"),
    )
    show_table(heads, _risks(found))
    if found.effects.gains:
        say("")
        say(t("mitigations: what each brings to the NPV against its cost"))
        heads = (t("mitigation"), t("probability"), t("gain"), t("cost"), t("net"), t("cash gone"), t("pays from"))
        show_table(heads, [_mitigation(one) for one in found.effects.gains])
    _overdue(found)


def _head(found: AtRisk) -> Iterator[str]:
    whole = found.effects
    yield t("{count} draws of risks and figures (seed {seed})").format(count=f"{whole.draws:,}", seed=found.seed)
    mean = "–" if whole.npv.mean is None else _money(whole.npv.mean)
    yield t("NPV          {mean} on average with the risks, {calm} without; below 0 in {share}").format(
        mean=mean, calm=_money(whole.calm.value), share=_percent(whole.loss)
    )
    yield t("cash gone    in {share} of the draws with the risks, {calm} without").format(
        share=_percent(whole.out), calm=_percent(whole.calm_out)
    )


def _risks(found: AtRisk) -> list[list[str]]:
    kinds = {
        "technology": t("technology"),
        "market": t("market"),
        "capital": t("capital"),
        "team": t("team"),
        "legal": t("legal"),
    }
    losses = {one.risk.name: one.loss for one in found.rated}
    return [
        [
            one.risk.title,
            kinds[one.risk.kind],
            one.risk.owner,
            f"{100 * one.probability:.1f} %",
            _money(float(losses[one.risk.name])),
            _range(one.npv),
            _range(one.lowest),
        ]
        for one in found.effects.harms
    ]


def _mitigation(one: Gain) -> list[str]:
    before, after = (
        "–" if found is None or len({each.risk for each in one.mitigations}) > 1 else f"{100 * found:.1f} %"
        for found in (one.pays_from, one.probabilities[one.mitigations[0].risk])
    )
    title = one.mitigations[0].title if len(one.mitigations) == 1 else t("all together")
    return [title, after, _range(one.gain), _money(one.cost), _range(one.net), _percent(one.out), before]


def _overdue(found: AtRisk) -> None:
    words = {"mitigation": t("is not done"), "review": t("is not reviewed")}
    for one in found.overdue:
        line = t("overdue      {name} {what} since {day}; owner: {owner}")
        say(line.format(name=one.name, what=words[one.what], day=one.day, owner=one.owner))
    if found.ownerless:
        say(t("no owner     {names}: the owner is no role of the plan").format(names=", ".join(found.ownerless)))


def _range(one: Interval) -> str:
    return f"{_money(one.value)} [{_money(one.low)}, {_money(one.high)}]"


def _percent(one: Interval) -> str:
    return f"{100 * one.value:.1f} % [{100 * one.low:.1f}, {100 * one.high:.1f}]"


def _money(value: float) -> str:
    return "0" if round(value) == 0 else f"{value:,.0f}"
