"""The slides of a plan: what each one says and shows, in one language."""

from collections.abc import Iterator
from dataclasses import dataclass

from argosy.venture.deck import charts, sentences, tables
from argosy.venture.deck.charts import Chart
from argosy.venture.deck.cited import Table, Text
from argosy.venture.deck.story import Story
from argosy.venture.deck.teller import Teller


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """A title, a few sentences, and a chart or a table."""

    title: str
    points: tuple[Text, ...]
    shown: Chart | Table | None = None


def pitch(teller: Teller) -> Iterator[Slide]:
    """Ten to twelve slides, the verdict on the first one."""
    t, story = teller.t, teller.story
    yield Slide(title=story.name, points=(sentences.verdict(teller), *_head(teller)))
    yield _slide(
        t("What it comes to"),
        [*sentences.rates(teller), sentences.cash(teller), sentences.break_even(teller), sentences.growth(teller)],
        tables.by_year(teller, t("The plan by year"), tables.SUMMARY),
    )
    yield _slide(t("Market"), [*sentences.reach(teller)], tables.segments(teller))
    yield _slide(t("What is sold"), [*sentences.measured(teller)][:2], tables.streams(teller))
    yield _slide(t("Customers"), [sentences.growth(teller)], charts.customers(teller))
    yield _slide(t("Revenue"), [], charts.revenue(teller))
    yield _slide(t("Profit"), [sentences.break_even(teller)], charts.profit(teller))
    yield _slide(t("Cash"), [sentences.cash(teller)], charts.cash(teller))
    yield _slide(t("Team"), [*sentences.skills(teller)], tables.team(teller))
    if story.milestones:
        yield _slide(t("Milestones"), [], tables.milestones(teller))
    yield _funding(teller)
    yield _doubts(teller)


def _head(teller: Teller) -> Iterator[Text]:
    """What it is a plan of."""
    last = teller.story.label(len(teller.story.model.periods) - 1)
    yield (f"{teller.story.label(0)} – {last} · {teller.story.parts.currency}",)
    yield sentences.origins(teller)


def _funding(teller: Teller) -> Slide:
    story: Story = teller.story
    table = tables.owned(teller) if story.owned else tables.funding(teller)
    return _slide(teller.t("Funding and cap table"), [sentences.cash(teller)], table)


def _doubts(teller: Teller) -> Slide:
    """What is not certain; without draws, where figures come from."""
    title = teller.t("What is not certain")
    if teller.story.doubt is None:
        return _slide(title, [sentences.origins(teller), *sentences.stand(teller)], None)
    return _slide(title, [*sentences.doubts(teller)], tables.ends(teller))


def _slide(title: str, points: list[Text], shown: Chart | Table | None) -> Slide:
    """Without a table that has no rows."""
    kept = None if isinstance(shown, Table) and not shown.rows else shown
    return Slide(title=title, points=tuple(points), shown=kept)
