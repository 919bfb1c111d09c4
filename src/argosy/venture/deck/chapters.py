"""A business plan, chapter by chapter, in one language: what the document and its page for paper both show."""

from collections.abc import Iterator
from dataclasses import dataclass

from argosy.venture.deck import charts, sentences, shares, tables, uncertain
from argosy.venture.deck.charts import Chart
from argosy.venture.deck.cited import Table, Text
from argosy.venture.deck.teller import Teller

Block = Text | Table | Chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Paragraphs, tables and charts under a title."""

    title: str
    blocks: tuple[Block, ...]


def chapters(teller: Teller) -> Iterator[Chapter]:
    """All but the appendix, which lists what these cite."""
    t = teller.t
    yield _chapter(t("Summary"), summary(teller), tables.by_year(teller, t("The plan by year"), tables.SUMMARY))
    yield _chapter(t("Market"), market(teller), tables.segments(teller), charts.customers(teller))
    yield _chapter(
        t("Product and prices"), [*sentences.measured(teller)], tables.streams(teller), charts.revenue(teller)
    )
    yield _chapter(
        t("Unit economics"), [], tables.by_year(teller, t("At the end of each year"), tables.UNIT, ends=True)
    )
    yield _chapter(
        t("Team and milestones"),
        [*sentences.skills(teller)],
        tables.team(teller),
        tables.skills(teller),
        tables.milestones(teller),
    )
    yield _chapter(
        t("Finances"),
        [paragraph(teller, (sentences.cash(teller), sentences.break_even(teller)))],
        charts.profit(teller),
        tables.by_year(teller, t("Profit and loss"), tables.PROFIT),
        charts.cash(teller, uncertain.band(teller)),
        tables.by_year(teller, t("Cash flow"), tables.CASH),
        tables.by_year(teller, t("Balance sheet"), tables.BALANCE),
        tables.by_year(teller, t("Metrics"), tables.METRICS, ends=True),
    )
    yield _chapter(
        t("Funding and cap table"),
        funding(teller),
        tables.uses(teller),
        tables.funding(teller),
        shares.deals(teller),
        shares.by_round(teller),
        shares.owned(teller),
    )
    yield _chapter(t("Risks"), risks(teller), uncertain.register(teller))
    yield _chapter(
        t("What is not certain"),
        doubts(teller),
        uncertain.worths(teller),
        uncertain.unknown(teller),
        uncertain.ends(teller),
        uncertain.courses(teller),
    )


def summary(teller: Teller) -> list[Text]:
    """What it is, the problem, then what the plan comes to, the verdict first, in a paragraph."""
    parts = (
        sentences.verdict(teller),
        *sentences.rates(teller),
        sentences.cash(teller),
        sentences.break_even(teller),
        sentences.growth(teller),
        sentences.origins(teller),
    )
    return [*sentences.sells(teller), *sentences.pitched(teller), paragraph(teller, parts)]


def market(teller: Teller) -> list[Text]:
    """Who buys, in the founders' words, and what all that can be reached would earn."""
    words = teller.story.pitch.market
    return [*([(words,)] if words else []), *sentences.reach(teller)]


def paragraph(teller: Teller, parts: tuple[Text, ...]) -> Text:
    """Sentences in a row."""
    between = teller.t("{sentence} {next}").format(sentence="", next="")
    return tuple(piece for part in parts for piece in (between, *part))[1:]


def funding(teller: Teller) -> list[Text]:
    """What is asked, what is missing, and that there is no cap table where there is none."""
    ask = teller.story.pitch.ask
    found = [*([(ask,)] if ask else []), sentences.cash(teller)]
    if not teller.story.owned:
        found.append((teller.t("No cap table was given."),))
    return found


def risks(teller: Teller) -> list[Text]:
    """What may go wrong: what the risks of the register take, and milestones in whose way something stands."""
    found = [*uncertain.at_risk(teller), *sentences.stand(teller)]
    if teller.story.risks is None:
        found.append((teller.t("There is no register of risks."),))
    return found


def doubts(teller: Teller) -> list[Text]:
    """How the draws fell, and what that rests on; that nothing was drawn where it was not."""
    found = [*uncertain.spread(teller), *uncertain.rests(teller)]
    return found or [(teller.t("What is not certain was not drawn."),)]


def _chapter(title: str, paragraphs: list[Text], *blocks: Block | None) -> Chapter:
    """Without tables that have no rows and charts that have no series."""
    kept = (block for block in blocks if block is not None and there(block))
    return Chapter(title=title, blocks=(*paragraphs, *kept))


def there(block: Block) -> bool:
    """Whether a table has rows, a chart series."""
    return bool(block.rows if isinstance(block, Table) else block.series if isinstance(block, Chart) else block)
