"""``argosy plan unsure``: what a plan may come to as well, what that rests on, and what to measure next."""

from collections.abc import Iterator
from pathlib import Path

from argosy.evaluate.intervals import Interval
from argosy.project.venturing.doubting import Doubted, doubt, told
from argosy.project.venturing.studying import study
from argosy.ui.speech import say, t
from argosy.ui.verbs.books import show_table
from argosy.ui.verbs.build import say_json
from argosy.venture.uncertainty.simulate import Distribution

_MOST = 8  # figures that are shown
_SHOWN = (0.05, 0.5, 0.95)


def show(folder: Path, *, as_json: bool) -> None:
    """The plan's draws on one screen."""
    studied = study(folder)
    doubted = doubt(studied)
    labels = {one.number: one.label for one in studied.model.periods}
    if as_json:
        say_json(told(doubted, labels))
        return
    for line in _drawn(doubted, labels):
        say(line)
    if doubted.shares is not None:
        say("")
        say(t("what the spread of the NPV rests on (Sobol indices, figures drawn independently)"))
        words = {"measured": t("measured"), "sourced": t("sourced"), "assumed": t("assumed")}
        rows = [(words[one.kind], str(one.figures), _interval(one.total)) for one in doubted.shares.by]
        show_table((t("origin"), t("figures"), t("share of the variance")), rows)
        say("")
        say(t("measure next: what knowing it would take from the variance"))
        unknown = [(one.name, _interval(one.share), one.hint or "–") for one in doubted.shares.unknown[:_MOST]]
        show_table((t("figure"), t("share of the variance"), t("how")), unknown)
        say("")
        say(t("one figure at a time, at its low and high end"))
        bars = [(one.name, _money(one.at_low), _money(one.at_high)) for one in doubted.bars[:_MOST]]
        show_table((t("figure"), t("NPV at low"), t("NPV at high")), bars)
    if doubted.scenarios:
        say("")
        scenarios = [
            (
                one.name,
                "–" if one.npv is None else _money(float(one.npv)),
                _money(float(one.lowest)),
                labels[one.when],
                "–" if one.out is None else labels[one.out],
            )
            for one in doubted.scenarios
        ]
        show_table((t("scenario"), t("NPV"), t("lowest cash"), t("in"), t("gone in")), scenarios)


def _drawn(doubted: Doubted, labels: dict[int, str]) -> Iterator[str]:
    found = doubted.simulation
    yield t("{count} draws of the figures that are not certain (seed {seed})").format(
        count=f"{doubted.draws:,}", seed=doubted.seed
    )
    if found.worth is not None and found.loss is not None:
        yield t("NPV          {quantiles}; below 0 in {share}").format(
            quantiles=_quantiles(found.worth), share=_interval(found.loss)
        )
    yield t("lowest cash  {quantiles}").format(quantiles=_quantiles(found.lowest_cash))
    yield t("out of cash  {quantiles}").format(quantiles=_months(found.runs_out, labels))
    yield t("break-even   {quantiles}").format(quantiles=_months(found.breaks_even, labels))


def _quantiles(one: Distribution) -> str:
    return ", ".join(
        t("{percent} % at most {value}").format(
            percent=f"{100 * each.at:g}", value="–" if each.value is None else _money(each.value)
        )
        for each in one.quantiles
        if each.at in _SHOWN
    )


def _months(one: Distribution, labels: dict[int, str]) -> str:
    """By when in how many draws, and in how many not at all."""
    known = [
        t("{percent} % by {month}").format(percent=f"{100 * each.at:g}", month=labels[int(each.value)])
        for each in one.quantiles
        if each.at in _SHOWN and each.value is not None
    ]
    return ", ".join([*known, t("not in the plan: {share}").format(share=_interval(one.never))])


def _interval(one: Interval) -> str:
    return f"{100 * one.value:.1f} % [{100 * one.low:.1f}, {100 * one.high:.1f}]"


def _money(value: float) -> str:
    return f"{value:,.0f}"
