"""The tables of a plan: streams, people, milestones, statements by year, who owns it, where figures come from."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import accumulate

from argosy.venture.deck import sentences
from argosy.venture.deck.cited import Cite, Fact, Table, Text
from argosy.venture.deck.story import Story
from argosy.venture.deck.teller import Teller, number, percent
from argosy.venture.deck.words import in_words
from argosy.venture.figures import Figure
from argosy.venture.plan.team import skills as skills_of
from argosy.venture.plan.verdict import FLOWS

PROFIT = (
    *("revenue", "serve", "fees", "gross_profit", "earned", "campaign_cost", "sell", "build", "run", "ebitda"),
    *("written_off", "interest", "notes_interest", "profit_before_tax", "tax", "net_income"),
)
CASH = (
    *("operating_cash", "bought", "free_cash_flow", "opening", "raised", "notes_lent", "received", "drawn", "repaid"),
    *("financing_cash", "cash"),
)
BALANCE = (
    *("fixed_assets", "receivables", "cash", "assets", "payables", "prepaid", "deferred", "loans", "notes"),
    *("liabilities", "paid_in", "retained", "equity", "balance_check"),
)
UNIT = ("arpa", "gross_margin", "cac", "ltv", "ltv_to_cac", "cac_payback", "churn", "grr_year", "nrr_year")
METRICS = ("customers", "mrr", "arr", "burn_multiple", "magic_number", "rule_of_40")
_SPENT = ("serve", "fees", "sell", "build", "run", "campaign_cost", "bought", "interest", "tax", "repaid")
_CAME = ("revenue", "opening", "raised", "notes_lent", "received", "drawn")
SUMMARY = ("customers", "revenue", "gross_profit", "ebitda", "net_income", "free_cash_flow", "cash")
_SUMS = (
    *("revenue", "gross_profit", "ebitda", "net_income", "free_cash_flow", "cash", "assets", "liabilities", "equity"),
)
_KEPT = ("balance_check", "revenue", "net_income", "cash")  # told even where they are 0
_DASH: Text = ("–",)


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
                shown = f"{number(floor.all, 2)} {in_words(floor.unit, t)}"
                least = (teller.result(f"floor.{one.name}", f"{one.title}: {t('Least price')}", shown, how),)
            price, cost = _figure(teller, one.price), _figure(teller, one.cost)
            rows.append(((one.title,), (kind,), price, cost, least))
    return Table(title=t("Streams of revenue"), heads=heads, rows=tuple(rows), left=2)


def team(teller: Teller) -> Table:
    """Roles, what they do, how many there are at the ends of years, and their wages."""
    t, story = teller.t, teller.story
    words = {"serve": t("serving"), "sell": t("sales"), "build": t("development"), "run": t("administration")}
    heads = (t("Role"), t("Function"), t("Skills"), t("Wage"), *map(str, story.years))
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
    heads = (t("Milestone"), t("Day"), t("Owner"), t("In its way"), t("Cost"), t("Cash then"), t("Runway, months"))
    rows = []
    for one in story.milestones:
        stone = one.milestone
        how = teller.sheet(story.model.row("cash"))
        then = teller.result(f"cash.{stone.name}", f"{stone.title}: {t('Cash then')}", teller.amount(one.cash), how)
        way = "; ".join(sentences.against(teller, one)) or "–"
        owner = teller.owner(stone.owner)
        cells: tuple[Text, ...] = ((stone.title,), (f"{stone.on:%Y-%m}",), (owner,), (way,))
        lasts = "–" if one.runway is None else number(one.runway, 1)
        rows.append((*cells, _figure(teller, stone.cost), (then,), (lasts,)))
    return Table(title=t("Milestones"), heads=heads, rows=tuple(rows), left=4)


def skills(teller: Teller) -> Table:
    """The skills that milestones need: by when, who has them, and what is missing."""
    t, story = teller.t, teller.story
    heads = (t("Skill"), t("Needed for"), t("Needed by"), t("There from"), t("Who has it"), t("Gap"))
    rows: list[tuple[Text, ...]] = []
    for one in skills_of(story.parts, story.model, story.values):
        if one.needed is None:
            continue
        gap = t("missing") if one.missing else t("one person alone") if one.alone else "–"
        there = "–" if one.there is None else story.label(one.there)
        cells = (one.name, one.needed.title, f"{one.needed.on:%Y-%m}", there, ", ".join(one.roles) or "–", gap)
        rows.append(tuple((cell,) for cell in cells))
    return Table(title=t("Skills"), heads=heads, rows=tuple(rows), left=len(heads))


def funding(teller: Teller) -> Table:
    """The figures of the money that is not from customers."""
    money = teller.story.parts.money
    figures = [*([money.opening] if money.opening else []), *money.behind]
    rows = tuple(((teller.named(one.name),), _figure(teller, one)) for one in figures)
    return Table(title=teller.t("Money of owners and others"), heads=("", teller.t("value")), rows=rows)


def uses(teller: Teller) -> Table:
    """What money is for: all that is spent while the plan needs more, what pays for it, and what is missing or left.

    It needs more until its free cash flow, added up, is lowest.

    ``rest`` is what is paid later or earlier than it is earned or spent.
    """
    t, story = teller.t, teller.story
    last = _deepest(story)
    left = story.values["cash"][last] or Decimal(0)
    spent, came = _until(teller, _SPENT, last), _until(teller, _CAME, last)
    whole, paid = sum(spent.values(), Decimal(0)), sum(came.values(), Decimal(0))
    rest = whole - paid + left

    def row(title: str | Cite, value: Decimal, *, share: bool = False) -> tuple[Text, ...]:
        return (title,), (number(value),), (percent(value / whole) if share and whole else "–",)

    rows = [row(teller.line(name), value, share=True) for name, value in spent.items()]
    rows.append(row(t("All that is spent"), whole, share=True))
    rows += [row(teller.line(name), -value) for name, value in came.items()]
    rows.append(row(t("Paid later or earlier than spent or earned"), -rest))
    rows.append(row(t("Cash that is missing") if left < 0 else t("Cash that is left"), abs(left)))
    title = t("Use of funds until {period}").format(period=story.label(last))
    sums = frozenset({len(spent), len(rows) - 1})
    return Table(title=title, heads=(story.parts.currency, t("sum"), t("share")), rows=tuple(rows), sums=sums)


def _deepest(story: Story) -> int:
    """The period in which free cash flow, added up from the first on, is lowest."""
    whole = list(accumulate(value or Decimal(0) for value in story.values[FLOWS]))
    return whole.index(min(whole))


def _until(teller: Teller, names: Sequence[str], last: int) -> dict[str, Decimal]:
    """Lines added up from the first period to the last one; those that are 0 are left out."""
    story = teller.story
    there = {row.name for row in story.model.rows}
    found = {
        name: sum((value or Decimal(0) for value in story.values[name][: last + 1]), Decimal(0))
        for name in names
        if name in there
    }
    return {name: value for name, value in found.items() if value}


def sources(teller: Teller, facts: Sequence[Fact]) -> Table:
    """The appendix: each fact behind a mark, by its number, then the figures that no text cites."""
    t = teller.t
    heads = ("", t("What"), t("Value"), t("From – to"), t("Origin"), t("Where, or why"))
    cited = {one.name for one in facts}
    found = [*facts, *(fact for fact in _figures(teller) if fact.name not in cited)]
    rows = tuple((str(place), *_cells(one)) for place, one in enumerate(found, start=1))
    return _listed(teller, heads, rows)


def figures(teller: Teller) -> Table:
    """Every figure with its origin, without marks."""
    t = teller.t
    heads = (t("What"), t("Value"), t("From – to"), t("Origin"), t("Where, or why"))
    return _listed(teller, heads, tuple(_cells(one) for one in _figures(teller)))


def _listed(teller: Teller, heads: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Table:
    cells = tuple(tuple((cell,) for cell in row) for row in rows)
    return Table(title=teller.t("Sources and assumptions"), heads=heads, rows=cells, left=len(heads))


def _figures(teller: Teller) -> Iterator[Fact]:
    return (teller.figure(one).fact for one in teller.story.figures)


def _cells(one: Fact) -> tuple[str, ...]:
    """A figure's title with its name in venture.toml, where they differ."""
    title = one.title if one.name.startswith("=") or one.name == one.title else f"{one.title} ({one.name})"
    return title, one.shown, one.span, one.origin, one.where


def _figure(teller: Teller, one: Figure | None) -> Text:
    return _DASH if one is None else (teller.figure(one),)
