"""A business plan, chapter by chapter, in one language: what the document and its page for paper both show."""

from collections.abc import Iterator
from dataclasses import dataclass

from argosy.venture.deck import charts, sentences, tables
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
    yield _chapter(t("Market"), [*sentences.reach(teller)], tables.segments(teller), charts.customers(teller))
    yield _chapter(t("Product and measured quality"), [*sentences.measured(teller)])
    yield _chapter(t("Revenue model"), [], tables.streams(teller), charts.revenue(teller))
    yield _chapter(
        t("Team and milestones"), [*sentences.skills(teller)], tables.team(teller), tables.milestones(teller)
    )
    yield _chapter(
        t("Finances"),
        [],
        charts.profit(teller),
        tables.by_year(teller, t("Profit and loss"), tables.PROFIT),
        charts.cash(teller),
        tables.by_year(teller, t("Cash flow"), tables.CASH),
        tables.by_year(teller, t("Balance sheet"), tables.BALANCE),
        tables.by_year(teller, t("Metrics"), tables.METRICS, ends=True),
    )
    yield _chapter(t("Funding and cap table"), funding(teller), tables.funding(teller), tables.owned(teller))
    yield _chapter(t("Risks"), risks(teller), tables.courses(teller), tables.ends(teller))


def summary(teller: Teller) -> list[Text]:
    """A paragraph, the verdict first."""
    parts = (
        sentences.verdict(teller),
        *sentences.rates(teller),
        sentences.cash(teller),
        sentences.break_even(teller),
        sentences.growth(teller),
        sentences.origins(teller),
    )
    return [paragraph(teller, parts)]


def paragraph(teller: Teller, parts: tuple[Text, ...]) -> Text:
    """Sentences in a row."""
    between = teller.t("{sentence} {next}").format(sentence="", next="")
    return tuple(piece for part in parts for piece in (between, *part))[1:]


def funding(teller: Teller) -> list[Text]:
    """What is missing, and that there is no cap table where there is none."""
    found = [sentences.cash(teller)]
    if not teller.story.owned:
        found.append((teller.t("No cap table was given."),))
    return found


def risks(teller: Teller) -> list[Text]:
    """What may go wrong by the plan itself: milestones in whose way something stands, and its spread."""
    found = [*sentences.doubts(teller), *sentences.stand(teller)]
    return found or [(teller.t("Nothing stands in the way of the milestones; what is not certain was not drawn."),)]


def _chapter(title: str, paragraphs: list[Text], *blocks: Block) -> Chapter:
    """Without tables that have no rows."""
    kept = (block for block in blocks if not isinstance(block, Table) or block.rows)
    return Chapter(title=title, blocks=(*paragraphs, *kept))
