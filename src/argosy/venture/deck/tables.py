"""The tables of a plan: streams, people, milestones, statements by year, who owns it, where figures come from."""

from collections.abc import Iterator, Sequence

from argosy.venture.deck import sentences
from argosy.venture.deck.cited import Cite, Fact, Table, Text
from argosy.venture.deck.teller import Teller, number, percent
from argosy.venture.figures import Figure

PROFIT = (
    *("revenue", "serve", "fees", "gross_profit", "earned", "campaign_cost", "sell", "build", "run", "ebitda"),
    *("written_off", "interest", "profit_before_tax", "tax", "net_income"),
)
CASH = (
    *("operating_cash", "bought", "free_cash_flow", "opening", "received", "drawn", "repaid"),
    *("financing_cash", "cash"),
)
BALANCE = (
    *("fixed_assets", "receivables", "cash", "assets", "payables", "prepaid", "deferred", "loans"),
    *("liabilities", "paid_in", "retained", "equity", "balance_check"),
)
METRICS = (
    *("customers", "mrr", "arr", "arpa", "gross_margin", "cac", "ltv", "ltv_to_cac", "cac_payback"),
    *("churn", "grr_year", "nrr_year", "burn_multiple", "magic_number", "rule_of_40"),
)
SUMMARY = ("customers", "revenue", "gross_profit", "ebitda", "net_income", "free_cash_flow", "cash")
_SUMS = (
    *("revenue", "gross_profit", "ebitda", "net_income", "free_cash_flow", "cash", "assets", "liabilities", "equity"),
)
_KEPT = ("balance_check", "revenue", "net_income", "cash")  # told even where they are 0
_DASH: Text = ("–",)
_MOST = 8  # figures that are shown at their ends


def by_year(teller: Teller, title: str, names: Sequence[str], *, ends: bool = False) -> Table:
    """Lines by year in the plan's currency, or at the ends of years; lines that are always 0 are left out."""
    story = teller.story
    there = {row.name for row in story.model.rows}
    shown = [name for name in names if name in there and (name in _KEPT or any(story.values[name]))]
    rows: list[tuple[Text, ...]] = [
        ((teller.line(name, ends=ends),), *((cell,) for cell in teller.cells(name, ends=ends))) for name in shown
    ]
    heads = (story.parts.currency if not ends else "", *map(str, story.years))
    sums = frozenset(at for at, name in enumerate(shown) if name in _SUMS and not ends)
    return Table(title=title, heads=heads, rows=tuple(rows), sums=sums)


def segments(teller: Teller) -> Table:
    """Customers of each kind: how they come and go."""
    t = teller.t
    heads = (t("Segment"), t("Come a month"), t("Of them stay"), t("Growth"), t("Churn"), t("At most"))
    rows = []
    for one in teller.story.parts.segments:
        come = one.new or one.leads
        cells = (come, one.converts, one.growth, one.churn, one.limit)
        rows.append(((one.title,), *(_figure(teller, cell) for cell in cells)))
    return Table(title=t("Segments"), heads=heads, rows=tuple(rows))


def streams(teller: Teller) -> Table:
    """What is sold, at which price, at which cost, and the price that would leave the target margin."""
    t, parts = teller.t, teller.story.parts
    floors = {one.name: one for one in teller.story.floors}
    heads = (t("Stream"), t("What it is"), t("Price"), t("Cost"), t("Least price"))
    kinds = (
        (t("subscription"), parts.subscriptions),
        (t("by use"), parts.metered),
        (t("product"), parts.products),
        (t("custom work"), parts.work),
    )
    rows = []
    for kind, ones in kinds:
        for one in ones:
            least = _DASH
            if one.title in floors:
                floor = floors[one.title]
                how = t("all costs of the last year by revenue, and the target margin: cost / (1 − margin)")
                shown = f"{number(floor.all, 2)} {floor.unit}"
                least = (teller.result(f"floor.{one.name}", f"{one.title}: {t('Least price')}", shown, how),)
            price, cost = _figure(teller, one.price), _figure(teller, one.cost)
            rows.append(((one.title,), (kind,), price, cost, least))
    return Table(title=t("Streams of revenue"), heads=heads, rows=tuple(rows), left=2)


def team(teller: Teller) -> Table:
    """Roles, what they do, how many there are at the ends of years, and their wages."""
    t, story = teller.t, teller.story
    words = {"serve": t("serving"), "sell": t("sales"), "build": t("development"), "run": t("administration")}
    heads = (t("Role"), t("For"), t("Skills"), t("Wage"), *map(str, story.years))
    rows: list[tuple[Text, ...]] = []
    for one in story.parts.roles:
        line = f"{one.name}.heads" if one.serves is not None else f"{one.name}.hired"
        counts = ((cell,) for cell in teller.cells(line))
        title = (Cite(one.title, teller.line(line).fact),)
        rows.append(
            (title, (words[one.function],), (", ".join(one.skills) or "–",), _figure(teller, one.wage), *counts)
        )
    rows.append(((teller.line("people"),), _DASH, _DASH, _DASH, *((cell,) for cell in teller.cells("people"))))
    return Table(title=t("People"), heads=heads, rows=tuple(rows), left=3, sums=frozenset({len(rows) - 1}))


def milestones(teller: Teller) -> Table:
    """What shall be reached, when, by whom, at which cost, and what stands in its way."""
    t, story = teller.t, teller.story
    owners = {one.name: one.title for one in story.parts.roles}
    heads = (t("Milestone"), t("Day"), t("Owner"), t("In its way"), t("Cost"), t("Cash then"))
    rows = []
    for one in story.milestones:
        stone = one.milestone
        how = teller.sheet(story.model.row("cash"))
        then = teller.result(f"cash.{stone.name}", f"{stone.title}: {t('Cash then')}", teller.amount(one.cash), how)
        way = "; ".join(sentences.against(teller, one)) or "–"
        owner = owners.get(stone.owner, stone.owner)
        cells: tuple[Text, ...] = ((stone.title,), (f"{stone.on:%Y-%m}",), (owner,), (way,))
        rows.append((*cells, _figure(teller, stone.cost), (then,)))
    return Table(title=t("Milestones"), heads=heads, rows=tuple(rows), left=4)


def funding(teller: Teller) -> Table:
    """The figures of the money that is not from customers."""
    money = teller.story.parts.money
    figures = [*([money.opening] if money.opening else []), *money.behind]
    rows = tuple(((one.name,), _figure(teller, one)) for one in figures)
    return Table(title=teller.t("Money of owners and others"), heads=("", teller.t("value")), rows=rows)


def owned(teller: Teller) -> Table:
    """The cap table, fully diluted."""
    t = teller.t
    rows: list[tuple[Text, ...]] = []
    for place, one in enumerate(teller.story.owned):
        shares = f"{float(one.shares):,.0f}"
        shown = f"{shares}; {percent(float(one.share))}"
        how = t("cap table in the Open Cap Format, fully diluted")
        fact = teller.result(f"owned.{place}", f"{one.holder or '–'}: {one.what}", shown, how).fact
        rows.append(((Cite(one.holder or "–", fact),), (one.what,), (shares,), (percent(float(one.share)),)))
    heads = (t("holder"), t("of"), t("shares"), t("of all"))
    return Table(title=t("Cap table"), heads=heads, rows=tuple(rows), left=2)


def courses(teller: Teller) -> Table:
    """The scenarios beside the plan itself."""
    t, story = teller.t, teller.story
    rows: list[tuple[Text, ...]] = []
    for one in story.doubt.courses if story.doubt else ():
        npv = "–" if one.npv is None else number(one.npv)
        lowest, out = number(one.lowest), "–" if one.out is None else story.label(one.out)
        how = t("the plan with the figures of [scenarios.{name}]").format(name=one.name)
        fact = teller.result(f"course.{one.name}", one.name, f"{npv}; {lowest}; {out}", how).fact
        rows.append(((Cite(one.name, fact),), (npv,), (lowest,), (out,)))
    heads = (t("scenario"), t("NPV"), t("lowest cash"), t("gone in"))
    return Table(title=t("Scenarios"), heads=heads, rows=tuple(rows))


def ends(teller: Teller) -> Table:
    """The figures that sway the NPV most, one at a time at their low and high ends."""
    t, story = teller.t, teller.story
    rows: list[tuple[Text, ...]] = []
    for one in (story.doubt.bars if story.doubt else ())[:_MOST]:
        low, high = sentences.scale(one.at_low), sentences.scale(one.at_high)
        how = t("NPV with this figure at its low and its high end, all others as they stand")
        fact = teller.result(f"ends.{one.name}", one.name, f"{low}; {high}", how).fact
        rows.append(((Cite(one.name, fact),), (low,), (high,)))
    heads = (t("figure"), t("NPV at low"), t("NPV at high"))
    return Table(title=t("What sways the NPV most"), heads=heads, rows=tuple(rows))


def sources(teller: Teller, facts: Sequence[Fact]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Heads and rows of the appendix: each fact behind a mark, then the figures that no text cites."""
    t = teller.t
    heads = ("", t("What"), t("Value"), t("From – to"), t("Origin"), t("Where, or why"))
    return heads, [_origin(str(place + 1), one) for place, one in enumerate([*facts, *_rest(teller, facts)])]


def _rest(teller: Teller, facts: Sequence[Fact]) -> Iterator[Fact]:
    cited = {one.name for one in facts}
    yield from (teller.figure(one).fact for one in teller.story.model.figures.values() if one.name not in cited)


def _origin(mark: str, one: Fact) -> tuple[str, ...]:
    return mark, one.title, one.shown, one.span, one.origin, one.where


def _figure(teller: Teller, one: Figure | None) -> Text:
    return _DASH if one is None else (teller.figure(one),)
