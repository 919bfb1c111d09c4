"""What a plan comes to, in sentences: the verdict first, then what it rests on. Every figure is cited."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from argosy.venture.deck.cited import Cite, Text, said
from argosy.venture.deck.teller import Teller, percent
from argosy.venture.plan.verdict import Reached, years


def verdict(teller: Teller) -> Text:
    """Whether the plan pays, by its NPV and its cash."""
    t, found = teller.t, teller.story.returns
    out = teller.story.cash.out is not None
    if found is None:
        return said(t("Whether the plan pays is not reckoned: it has no discount rate."))
    npv, rate = worth(teller), teller.figure(found.discount)
    if found.npv <= 0:
        return said(t("As it stands, the plan does not pay: its NPV is {npv} at {rate}."), npv=npv, rate=rate)
    if out:
        return said(t("The plan pays once it is financed: its NPV is {npv} at {rate}."), npv=npv, rate=rate)
    return said(t("The plan pays: its NPV is {npv} at {rate}."), npv=npv, rate=rate)


def sells(teller: Teller) -> Iterator[Text]:
    """What it is and for whom: the founders' words, else what the plan sells to whom."""
    t, story = teller.t, teller.story
    parts = story.parts
    groups = (parts.subscriptions, parts.metered, parts.products, parts.work)
    sold = t(", ").join(one.title for group in groups for one in group)
    to = t(", ").join(one.title for one in parts.segments)
    if story.pitch.what:
        yield (story.pitch.what,)
    elif sold and to:
        yield said(t("{name} sells to {segments}: {streams}."), name=story.name, segments=to, streams=sold)
    elif sold:
        yield said(t("{name} sells {streams}."), name=story.name, streams=sold)


def pitched(teller: Teller) -> Iterator[Text]:
    """The problem and its solution, in the founders' words."""
    t, found = teller.t, teller.story.pitch
    for title, words in ((t("Problem"), found.problem), (t("Solution"), found.solution)):
        if words:
            yield (t("{title}: {what}").format(title=title, what=words),)


def worth(teller: Teller) -> Cite:
    """The NPV, with its convention."""
    found, t = teller.story.returns, teller.t
    npv = Decimal(0) if found is None else found.npv
    how = t("NPV of the line of free cash flow; each month is discounted from its end, as Excel's NPV does")
    return teller.result("npv", t("NPV"), teller.amount(npv), how)


def rates(teller: Teller) -> Iterator[Text]:
    """IRR and MIRR, and what they decide."""
    t, found = teller.t, teller.story.returns
    if found is None:
        return
    how = t("yearly rates that bring the NPV of the free cash flow to 0")
    told = teller.result("irr", t("IRR"), ", ".join(map(percent, found.rates)), how)
    if len(found.rates) == 1:
        yield said(t("Its IRR is {rate} a year."), rate=told)
    elif found.rates:
        yield said(t("It has several IRRs, {rates} a year, so that they decide nothing."), rates=told)
    else:
        yield said(t("It has no IRR: no rate brings its NPV to 0."))
    if found.mirr is not None:
        how = t("of the free cash flow; losses are financed at the discount rate")
        yield said(t("Its MIRR is {rate} a year."), rate=teller.result("mirr", t("MIRR"), percent(found.mirr), how))


def cash(teller: Teller) -> Text:
    """How low cash falls, and when it is gone."""
    t, story = teller.t, teller.story
    lowest = story.cash.lowest
    how = teller.sheet(story.model.row("cash"))
    when = story.label(story.cash.when)
    if story.cash.out is None:
        told = teller.result("lowest", t("Lowest cash"), teller.amount(lowest), how)
        return said(t("Cash is never below {lowest}, in {period}."), lowest=told, period=when)
    told = teller.result("needed", t("Cash that is missing"), teller.amount(-lowest), how)
    template = t("Cash is gone in {out}; {needed} more are needed, most in {period}.")
    return said(template, out=story.label(story.cash.out), needed=told, period=when)


def break_even(teller: Teller) -> Text:
    """From when on no month has a loss."""
    found = teller.story.break_even
    if found is None:
        return said(teller.t("There is no break-even within the plan."))
    return said(teller.t("From {period} on no month has a loss."), period=teller.story.label(found))


def growth(teller: Teller) -> Text:
    """Revenue and customers in the last year."""
    t, story = teller.t, teller.story
    last = story.years[-1]
    by_year = years(story.model, story.values, "revenue")
    earned = Cite(teller.amount(by_year[last] or Decimal(0)), teller.line("revenue").fact)
    count = Cite(teller.cells("customers")[-1], teller.line("customers").fact)
    return said(t("In {year} it earns {revenue}, and ends with {customers} customers."),
                year=str(last), revenue=earned, customers=count)  # fmt: skip


def origins(teller: Teller) -> Text:
    """How many figures are measured, read and assumed."""
    t, kinds = teller.t, Counter(one.origin.kind for one in teller.story.model.figures.values())

    def count(name: str, title: str, value: int) -> Cite:
        return teller.result(f"count.{name}", title, str(value), t("count of the figures of the plan"))

    template = t(
        "Of its {count} figures {measured} are measured, {sourced} are read from sources, {assumed} are assumed."
    )
    return said(
        template,
        count=count("all", t("Figures"), kinds.total()),
        measured=count("measured", t("Measured figures"), kinds["measured"]),
        sourced=count("sourced", t("Sourced figures"), kinds["sourced"]),
        assumed=count("assumed", t("Assumed figures"), kinds["assumed"]),
    )


def against(teller: Teller, one: Reached) -> list[str]:
    """What stands in the way of a milestone."""
    t, found = teller.t, []
    if one.unpaid:
        found.append(t("cash is gone before"))
    if one.ownerless:
        found.append(t("nobody is there who owns it"))
    if one.missing:
        found.append(t("nobody can: {skills}").format(skills=", ".join(one.missing)))
    if one.late:
        found.append(t("later than it: {names}").format(names=", ".join(one.late)))
    return found


def reach(teller: Teller) -> Iterator[Text]:
    """What a segment would earn a year if all that can be reached took a subscription: from below, by its price."""
    t, story = teller.t, teller.story
    segments = {one.name: one for one in story.parts.segments}
    for one in story.parts.subscriptions:
        segment = segments[one.segment]
        if segment.limit is None or story.parts.currency not in str(one.price.unit.dimension):
            continue
        taken = Decimal(1) if one.takes is None else one.takes.base
        whole = teller.amount(segment.limit.base * one.price.base * taken * 12)
        how = t("customers that can be reached × who takes it × price × 12 months")
        template = t("{segment}: {limit} can be reached; {stream} at {price} would earn {all} a year from all of them.")
        yield said(
            template,
            segment=segment.title,
            limit=teller.figure(segment.limit),
            stream=one.title,
            price=teller.figure(one.price),
            all=teller.result(f"reach.{one.name}", t("All that can be reached"), whole, how),
        )


def measured(teller: Teller) -> Iterator[Text]:
    """What was measured of the product."""
    figures = [one for one in teller.story.model.figures.values() if one.origin.kind == "measured"]
    if not figures:
        yield said(
            teller.t("Nothing of the product's quality and cost is measured yet: all of it is assumed or sourced.")
        )
    for one in figures:
        yield (f"{teller.named(one.name)}: ", teller.figure(one))


def skills(teller: Teller) -> Iterator[Text]:
    """What nobody of the team can by the time at which a milestone asks for it."""
    missing = sorted({skill for one in teller.story.milestones for skill in one.missing})
    if missing:
        yield said(teller.t("Nobody of the team can: {skills}. A milestone asks for it."), skills=", ".join(missing))


def stand(teller: Teller) -> Iterator[Text]:
    """Milestones in whose way something stands."""
    for one in teller.story.milestones:
        reasons = against(teller, one)
        if reasons:
            yield (f"{one.milestone.title}: {'; '.join(reasons)}",)
