"""Who owns the venture: the deals by which money comes for shares, what each holder has after each, the cap table."""

from collections.abc import Sequence
from fractions import Fraction

from argosy.venture.deck.cited import Cite, Table, Text, joined
from argosy.venture.deck.teller import Teller, percent
from argosy.venture.figures import Figure

_DASH: Text = ("–",)


def deals(teller: Teller) -> Table:
    """SAFEs, notes and rounds: when, what is paid, on which terms."""
    t = teller.t
    heads = (t("Deal"), t("Day"), t("Paid"), t("Valuation or cap"), t("Discount"), t("Pool"))
    rows = []
    for one in teller.story.deals:
        terms = (_given(teller, (one.valuation,)), _given(teller, (one.discount,)), _given(teller, (one.pool,)))
        rows.append(((one.title,), (f"{one.on:%Y-%m}",), _given(teller, one.paid), *terms))
    return Table(title=t("Money for shares"), heads=heads, rows=tuple(rows), left=2)


def by_round(teller: Teller) -> Table:
    """What each holder owns of all after each deal, fully diluted."""
    t, stages = teller.t, teller.story.stages
    names = {one.name: one.title for one in teller.story.deals} | {"founding": t("founding"), "exit": t("exit")}
    titles = [names.get(one.name, one.name) for one in stages]
    how = t("shares after each deal of [equity], fully diluted")
    rows: list[tuple[Text, ...]] = []
    for holder in dict.fromkeys(holder for one in stages for holder in one.parts):
        cells = [percent(float(one.parts.get(holder, Fraction(0)))) for one in stages]
        name = holder or t("free for awards")
        shown = "; ".join(f"{title}: {cell}" for title, cell in zip(titles, cells, strict=True))
        fact = teller.result(f"stages.{holder}", name, shown, how).fact
        rows.append(((Cite(name, fact),), *((cell,) for cell in cells)))
    return Table(title=t("Owned after each deal"), heads=(t("holder"), *titles), rows=tuple(rows))


def owned(teller: Teller) -> Table:
    """The cap table, fully diluted."""
    t = teller.t
    rows: list[tuple[Text, ...]] = []
    for place, one in enumerate(teller.story.owned):
        what = _class(teller, one.what)
        holder, shares = one.holder or t("free for awards"), f"{float(one.shares):,.0f}"
        shown = f"{shares}; {percent(float(one.share))}"
        how = t("cap table, fully diluted")
        fact = teller.result(f"owned.{place}", f"{holder}: {what}", shown, how).fact
        rows.append(((Cite(holder, fact),), (what,), (shares,), (percent(float(one.share)),)))
    heads = (t("holder"), t("of"), t("shares"), t("of all"))
    return Table(title=t("Cap table"), heads=heads, rows=tuple(rows), left=2)


def _class(teller: Teller, name: str) -> str:
    """What a class of shares or a plan is called: by the deal that it is of, in the plan's own register."""
    if not teller.story.stages:
        return name
    known = {"common": teller.t("common shares"), "pool": teller.t("pool of shares")}
    known |= {one.name: one.title for one in teller.story.deals}
    first, dash, more = name.partition("-")
    return known.get(name) or (f"{known[first]}{dash}{more}" if first in known else name)


def _given(teller: Teller, figures: Sequence[Figure | None]) -> Text:
    found = [teller.figure(one) for one in figures if one is not None]
    return joined(found, " + ") if found else _DASH
