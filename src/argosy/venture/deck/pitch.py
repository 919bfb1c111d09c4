"""The slides of a plan: what each one says and shows, in one language."""

from collections.abc import Iterator
from dataclasses import dataclass

from argosy.venture.deck import charts, sentences, shares, tables, uncertain
from argosy.venture.deck.chapters import funding, market, there
from argosy.venture.deck.charts import Chart
from argosy.venture.deck.cited import Table, Text
from argosy.venture.deck.teller import Teller


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """A title, a few sentences, and a chart or a table; ``parts`` are the widths of its columns, where they are set."""

    title: str
    points: tuple[Text, ...]
    shown: Chart | Table | None = None
    parts: tuple[float, ...] = ()


def pitch(teller: Teller) -> Iterator[Slide]:
    """The verdict on the first one, each part of the plan on one of its own; what is not there is left out."""
    yield Slide(title=teller.story.name, points=(*sentences.sells(teller), sentences.verdict(teller), *_head(teller)))
    for slide in (*_offer(teller), *_numbers(teller), *_means(teller), *_chances(teller)):
        if slide.points or slide.shown:
            yield slide


def _offer(teller: Teller) -> Iterator[Slide]:
    """Problem, market, product."""
    t = teller.t
    yield _slide(t("Problem and solution"), [*sentences.pitched(teller)])
    yield _slide(t("Market"), market(teller), tables.segments(teller))
    yield _slide(t("What is sold"), [*sentences.measured(teller)][:2], tables.streams(teller))


def _numbers(teller: Teller) -> Iterator[Slide]:
    """What the plan comes to."""
    t = teller.t
    comes = [*sentences.rates(teller), sentences.cash(teller), sentences.break_even(teller), sentences.growth(teller)]
    yield _slide(t("What it comes to"), comes, tables.by_year(teller, t("The plan by year"), tables.SUMMARY))
    yield _slide(t("Customers"), [], charts.customers(teller))
    yield _slide(t("Revenue"), [], charts.revenue(teller))
    unit = tables.by_year(teller, t("At the end of each year"), tables.UNIT, ends=True)
    yield _slide(t("Unit economics at the end of each year"), [], unit)
    yield _slide(t("Profit"), [sentences.break_even(teller)], charts.profit(teller))
    yield _slide(t("Cash and runway"), [sentences.cash(teller)], charts.cash(teller, uncertain.band(teller)))


def _means(teller: Teller) -> Iterator[Slide]:
    """Who does it, with which money."""
    t = teller.t
    yield _slide(t("Team"), [*sentences.skills(teller)], tables.team(teller))
    yield _slide(t("Skills"), [], tables.skills(teller))
    yield _slide(t("Milestones"), [], tables.milestones(teller))
    yield _slide(t("Funding"), funding(teller)[:2], tables.uses(teller))
    yield _slide(t("Money for shares"), [], shares.deals(teller))
    yield _slide(t("Owned after each deal"), [], shares.by_round(teller))
    yield _slide(t("Cap table"), [], shares.owned(teller))


def _chances(teller: Teller) -> Iterator[Slide]:
    """What may come otherwise; without draws, where figures come from."""
    t = teller.t
    yield _slide(t("Risks"), [*uncertain.at_risk(teller)], uncertain.register(teller))
    if teller.story.doubt is None:
        yield _slide(t("What is not certain"), [sentences.origins(teller)])
        return
    yield _slide(t("What is not certain"), [*uncertain.spread(teller)], uncertain.worths(teller))
    yield _slide(t("What it rests on, and what to measure next"), [*uncertain.rests(teller)], uncertain.unknown(teller))
    yield _slide(t("Scenarios"), [], uncertain.courses(teller))


def _head(teller: Teller) -> Iterator[Text]:
    """What it is a plan of."""
    last = teller.story.label(len(teller.story.model.periods) - 1)
    yield (f"{teller.story.label(0)} – {last} · {teller.story.parts.currency}",)
    yield sentences.origins(teller)


def _slide(title: str, points: list[Text], shown: Chart | Table | None = None) -> Slide:
    """Without a table that has no rows, or a chart without series."""
    return Slide(title=title, points=tuple(points), shown=shown if shown is not None and there(shown) else None)
