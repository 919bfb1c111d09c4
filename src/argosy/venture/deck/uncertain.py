"""What is not certain of a plan: the spread of its draws, what that rests on, what to measure next, its risks."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from argosy.evaluate.intervals import Interval
from argosy.venture.deck.charts import Chart
from argosy.venture.deck.cited import Cite, Fact, Table, Text, said
from argosy.venture.deck.teller import Teller, number, percent
from argosy.venture.risk.effect import Harm
from argosy.venture.risk.register import Kind, Risk
from argosy.venture.uncertainty.simulate import Distribution

_MOST = 8  # figures that are shown
_LOW, _HIGH = 0.05, 0.95
_DASH: Text = ("–",)


def spread(teller: Teller) -> Iterator[Text]:
    """How the draws fell: the NPV, how often it is below 0, how often cash runs out."""
    t, found = teller.t, teller.story.doubt
    if found is None:
        return
    draws = teller.result("draws", t("Draws"), f"{found.draws:,}", t("setting of [simulation] in venture.toml"))
    how = t("{count} draws of the figures that are not certain").format(count=f"{found.draws:,}")
    worth, loss = found.simulation.worth, found.simulation.loss
    if worth is not None and loss is not None:
        chance = teller.result("loss", t("Chance of an NPV below 0"), interval(loss), how)
        yield said(
            t("Over {draws} draws of what is not certain the NPV is below 0 in {loss}."), draws=draws, loss=chance
        )
        low, high = (
            teller.result(f"npv.{at}", t("NPV of {share} of the draws, at most").format(share=percent(at)), value, how)
            for at, value in ((at, _money(teller, quantile(worth, at))) for at in (_LOW, _HIGH))
        )
        yield said(t("In nine draws of ten it is between {low} and {high}."), low=low, high=high)
    out = teller.result("out", t("Chance that cash runs out"), interval(found.simulation.out_by[-1]), how)
    yield said(t("Cash runs out within the plan in {share} of the draws."), share=out)


def rests(teller: Teller) -> Iterator[Text]:
    """What the spread rests on, and what is best measured next."""
    t, found = teller.t, teller.story.doubt
    if found is None or found.shares is None:
        return
    how = t("Sobol indices of the NPV, figures drawn independently")
    for one in found.shares.by:
        if one.kind == "assumed":
            share = teller.result("variance", t("Variance from assumptions"), interval(one.total), how)
            yield said(t("{share} of the variance of the NPV rests on assumptions."), share=share)
    if found.shares.unknown:
        first = found.shares.unknown[0]
        name = teller.named(first.name)
        share = teller.result(f"variance.{first.name}", name, interval(first.share), how)
        yield said(t("Best measured next: {name}, {share} of the variance."), name=name, share=share)


def worths(teller: Teller) -> Chart | None:
    """What so many percent of the draws are worth at most; None where nothing was drawn or discounted."""
    t, found = teller.t, teller.story.doubt
    worth = None if found is None else found.simulation.worth
    if found is None or worth is None:
        return None
    title = t("NPV that so many percent of the draws reach at most")
    how = t("{count} draws of the figures that are not certain").format(count=f"{found.draws:,}")
    shown = "; ".join(f"{percent(one.at)}: {_value(one.value)}" for one in worth.quantiles)
    told = (f"{title}: ", teller.result("npv.draws", t("NPV"), shown, how))
    return Chart(
        title=title,
        told=(told[0], Cite(t("NPV"), told[1].fact)),
        kind="column",
        unit=teller.story.parts.currency,
        categories=tuple(f"{one.at * 100:g}%" for one in worth.quantiles),
        series=((t("NPV"), tuple(one.value for one in worth.quantiles)),),
    )


def band(teller: Teller) -> tuple[tuple[str, tuple[float | None, ...]], ...]:
    """Cash below which 5 % and 95 % of the draws are, month by month; none where nothing was drawn."""
    t, found = teller.t, teller.story.doubt
    if found is None:
        return ()
    cash = found.simulation.cash
    return (
        (t("5% of the draws are below"), tuple(one.low for one in cash)),
        (t("95% of the draws are below"), tuple(one.high for one in cash)),
    )


def unknown(teller: Teller) -> Table:
    """The figures by what knowing them would take from the variance."""
    t, found = teller.t, teller.story.doubt
    shares = None if found is None else found.shares
    how = t("Sobol indices of the NPV, figures drawn independently")
    rows: list[tuple[Text, ...]] = []
    for one in shares.unknown[:_MOST] if shares else ():
        name, share = teller.named(one.name), interval(one.share)
        fact = teller.result(f"variance.{one.name}", name, share, how).fact
        rows.append((_row(name, fact), (_origin(teller, one.name),), (one.hint or "–",), (share,)))
    heads = (t("figure"), t("Origin"), t("how it can be measured"), t("share of the variance"))
    return Table(title=t("Best measured next"), heads=heads, rows=tuple(rows), left=3)


def ends(teller: Teller) -> Table:
    """The figures that sway the NPV most, one at a time at their low and high ends."""
    t, story = teller.t, teller.story
    rows: list[tuple[Text, ...]] = []
    for one in (story.doubt.bars if story.doubt else ())[:_MOST]:
        low, high, name = _value(one.at_low), _value(one.at_high), teller.named(one.name)
        how = t("NPV with this figure at its low and its high end, all others as they stand")
        fact = teller.result(f"ends.{one.name}", name, f"{low}; {high}", how).fact
        rows.append((_row(name, fact), (low,), (high,)))
    heads = (t("figure"), t("NPV at low"), t("NPV at high"))
    return Table(title=t("What sways the NPV most"), heads=heads, rows=tuple(rows))


def courses(teller: Teller) -> Table:
    """The scenarios beside the plan itself."""
    t, story = teller.t, teller.story
    rows: list[tuple[Text, ...]] = []
    for one in story.doubt.courses if story.doubt else ():
        npv = "–" if one.npv is None else number(one.npv)
        lowest, out = number(one.lowest), "–" if one.out is None else story.label(one.out)
        how = t("the plan with the figures of [scenarios.{name}]").format(name=one.name)
        fact = teller.result(f"course.{one.name}", one.name, f"{npv}; {lowest}; {out}", how).fact
        rows.append((_row(one.name, fact), (npv,), (lowest,), (out,)))
    heads = (t("scenario"), t("NPV"), t("lowest cash"), t("gone in"))
    return Table(title=t("Scenarios"), heads=heads, rows=tuple(rows))


def at_risk(teller: Teller) -> Iterator[Text]:
    """The plan with its risks against the plan without."""
    t, found = teller.t, teller.story.risks
    whole = None if found is None else found.effects
    if whole is None or whole.npv.mean is None:
        return
    how = t("{count} draws of risks and figures").format(count=f"{whole.draws:,}")
    mean = teller.result("risk.npv", t("NPV with the risks"), _money(teller, whole.npv.mean), how)
    calm = teller.result("risk.calm", t("NPV without risks"), _money(teller, whole.calm.value), how)
    out = teller.result("risk.out", t("Chance that cash runs out with the risks"), interval(whole.out), how)
    yield said(
        t("With the risks the NPV is {mean} on average, without them {calm}; cash runs out in {out} of the draws."),
        mean=mean,
        calm=calm,
        out=out,
    )


def register(teller: Teller) -> Table:
    """What may go wrong: who watches it, by which sign, how likely it is, what it takes, what is done about it."""
    t, found = teller.t, teller.story.risks
    heads = (
        *(t("Risk"), t("Owner"), t("Trigger"), t("What is done")),
        *(t("Probability"), t("Cost"), t("Takes of the NPV")),
    )
    if found is None:
        return Table(title=t("Register of risks"), heads=heads, rows=())
    harms = {} if found.effects is None else {one.risk.name: one for one in found.effects.harms}
    order = list(harms) or [one.name for one in found.register.risks]
    named = {one.name: one for one in found.register.risks}
    rows = tuple(_risk(teller, named[name], harms) for name in order)
    return Table(title=t("Register of risks"), heads=heads, rows=rows, left=4)


def _risk(teller: Teller, one: Risk, harms: Mapping[str, Harm]) -> tuple[Text, ...]:
    t, found = teller.t, teller.story.risks
    kinds: Mapping[Kind, str] = {
        "technology": t("technology"),
        "market": t("market"),
        "capital": t("capital"),
        "team": t("team"),
        "legal": t("legal"),
    }
    against = [each.title for each in found.register.mitigations if each.risk == one.name] if found else []
    title = t("{title} ({kind})").format(title=one.title, kind=kinds[one.kind])
    cells = (title, teller.owner(one.owner), one.trigger, "; ".join(against) or "–")
    takes = _DASH
    if one.name in harms:
        harm = harms[one.name]
        how = t("mean of what the NPV would gain if it never happened, with its 95 % interval")
        shown = f"{_value(harm.npv.value)} [{_value(harm.npv.low)}, {_value(harm.npv.high)}]"
        fact = teller.result(f"risk.{one.name}", f"{one.title}: {t('Takes of the NPV')}", shown, how).fact
        takes = (Cite(_value(harm.npv.value), fact),)
    cost = _DASH if one.cost is None else (teller.figure(one.cost),)
    return (*((cell,) for cell in cells), (teller.figure(one.probability),), cost, takes)


def quantile(found: Distribution, at: float) -> float | None:
    """What a share of the draws is at most; None means never."""
    return next(one.value for one in found.quantiles if one.at == at)


def interval(one: Interval) -> str:
    """A share with its 95 % interval."""
    if one.low == one.high:
        return percent(one.value)
    return f"{percent(one.value)} [{one.low * 100:.1f}, {one.high * 100:.1f}]"


def _row(name: str, fact: Fact) -> Text:
    return (Cite(name, fact),)


def _origin(teller: Teller, name: str) -> str:
    return teller.figure(teller.story.model.figures[name]).fact.origin


def _money(teller: Teller, value: float | None) -> str:
    return "–" if value is None else f"{_value(value)} {teller.story.parts.currency}"


def _value(value: float | None) -> str:
    """Money that was drawn, to three digits that count."""
    return "–" if value is None else number(Decimal(f"{value:.3g}"))
