"""Documents and slides: their numbers are the engine's, each figure is there with its origin, nothing hangs over."""

import re
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import decks
import pytest
from planned import EXAMPLE

from argosy.project.venturing.presenting import present
from argosy.project.venturing.studying import study
from argosy.project.venturing.telling import story, tell
from argosy.venture.deck import document, slides
from argosy.venture.deck.cited import Fact, Marks
from argosy.venture.deck.page import page
from argosy.venture.deck.sentences import worth
from argosy.venture.deck.story import Story
from argosy.venture.deck.tables import PROFIT, uses
from argosy.venture.deck.teller import Teller, number
from argosy.venture.deck.words import FIELD_MESSAGES, UNIT_MESSAGES, WHOLE_MESSAGES, in_words, titled
from argosy.venture.financing.ownership import Owned
from argosy.venture.plan.verdict import years
from argosy.venture.units import unit

pytest.importorskip("docx", reason="it writes documents")
pytest.importorskip("pptx", reason="it writes slides")
pytest.importorskip("matplotlib", reason="it draws charts")
TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def told() -> Story:
    """The example, not drawn."""
    return story(study(EXAMPLE), owned=[Owned(holder="Ada", what="Common", shares=Fraction(750), share=Fraction(3, 4))])


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """A small plan with its draws and risks; its founders write no Latin letters."""
    pytest.importorskip("SALib", reason="it reckons Sobol indices")
    pytest.importorskip("pgmpy", reason="it reckons the probabilities of risks")
    parts = (decks.OFFER, decks.TEAM, decks.WORTH, decks.RISKS)
    return tell(decks.small(tmp_path_factory.mktemp("drawn"), *parts), TODAY)


def test_the_document_tells_what_the_engine_reckoned(told: Story, tmp_path: Path) -> None:
    """Revenue of each year in a table, NPV and the cash that is missing in the text."""
    document.write(told, tmp_path / "plan.docx")
    revenue = years(told.model, told.values, "revenue")
    tables = decks.document_tables(tmp_path / "plan.docx")
    rows = [row for table in tables for row in table if re.fullmatch(r"Revenue\d*", row[0])]
    wanted = [number(value or 0) for value in revenue.values()]
    assert [row[1:] for row in rows if len(row) > 3] == [wanted, wanted]  # in the summary, and in the profit and loss
    said = decks.document_text(tmp_path / "plan.docx")
    assert told.returns is not None
    assert f"its NPV is {number(told.returns.npv)} CNY" in said
    assert f"{number(abs(told.cash.lowest))} CNY" in said
    assert told.label(told.cash.when) in said


def test_the_document_keeps_the_order_of_its_format(told: Story, tmp_path: Path) -> None:
    """Word refuses a file whose elements stand elsewhere (ECMA-376, part 1, 17.4.59, 17.3.1.26, 17.4.70)."""
    document.write(told, tmp_path / "plan.docx")
    import docx
    from docx.oxml.ns import qn

    body = docx.Document(str(tmp_path / "plan.docx")).element.body
    order = ["tblStyle", "tblW", "jc", "tblBorders", "tblLayout", "tblLook"]
    for one in body.iter(qn("w:tblPr")):
        found = [order.index(each.tag.partition("}")[2]) for each in one]
        assert found == sorted(found)
    for one in body.iter(qn("w:p")):
        assert all(place == 0 for place, each in enumerate(one) if each.tag == qn("w:pPr"))
    for one in body.iter(qn("w:tcPr")):
        names = [each.tag.partition("}")[2] for each in one]
        assert names == [name for name in ("tcW", "shd") if name in names]
    marks = {one.get(qn("w:name")) for one in body.iter(qn("w:bookmarkStart"))}
    assert {one.get(qn("w:anchor")) for one in body.iter(qn("w:hyperlink"))} <= marks
    assert len(marks) == len(list(body.iter(qn("w:bookmarkStart"))))


def test_the_paper_tells_the_same(told: Story, tmp_path: Path) -> None:
    """Every line of the profit and loss as the engine has it, year by year."""
    pytest.importorskip("weasyprint", reason="it makes the PDF")
    pytest.importorskip("pypdfium2", reason="it reads the PDF")
    (written,) = present(told, tmp_path, ("pdf",), ("en",))
    said = decks.paper_text(written)
    for name in PROFIT:
        if name in {row.name for row in told.model.rows} and any(told.values[name]):
            for value in years(told.model, told.values, name).values():
                assert number(value or 0) in said
    assert told.returns is not None
    assert number(told.returns.npv) in said


def test_the_slides_charts_hold_the_engine_s_values(told: Story, tmp_path: Path) -> None:
    """Cash of each month, customers of each segment, revenue of each stream, as numbers that can be edited."""
    slides.write(told, tmp_path / "deck.pptx")
    charts = decks.charts(tmp_path / "deck.pptx")
    assert charts["Cash at the end"] == pytest.approx([float(one or 0) for one in told.values["cash"]])
    for one in told.parts.segments:
        assert charts[one.title] == pytest.approx([float(each or 0) for each in told.values[f"{one.name}.count"]])
    for stream in (*told.parts.subscriptions, *told.parts.metered, *told.parts.products, *told.parts.work):
        wanted = [float(each or 0) for each in years(told.model, told.values, f"{stream.name}.revenue").values()]
        assert charts[stream.title] == pytest.approx(wanted)
    said = decks.slide_text(tmp_path / "deck.pptx")
    assert told.returns is not None
    assert f"{number(told.returns.npv)} CNY" in said
    assert "75.0%" in said  # the cap table


def test_the_draws_are_told_as_they_fell(drawn: Story, tmp_path: Path) -> None:
    """The quantiles of the NPV and the band of cash are the chart's data; the first unknown is named."""
    slides.write(drawn, tmp_path / "deck.pptx")
    charts, doubt = decks.charts(tmp_path / "deck.pptx"), drawn.doubt
    assert doubt is not None
    assert doubt.simulation.worth is not None
    assert charts["NPV"] == pytest.approx([one.value for one in doubt.simulation.worth.quantiles])
    assert charts["5% of the draws are below"] == pytest.approx([one.low for one in doubt.simulation.cash])
    assert charts["95% of the draws are below"] == pytest.approx([one.high for one in doubt.simulation.cash])
    assert doubt.shares is not None
    assert f"Best measured next: {titled(drawn, doubt.shares.unknown[0].name, str)}" in decks.slide_text(
        tmp_path / "deck.pptx"
    )


def test_risks_are_told_with_owner_trigger_and_effect(drawn: Story, tmp_path: Path) -> None:
    """And with what is done about them."""
    document.write(drawn, tmp_path / "plan.docx")
    rows = [row for table in decks.document_tables(tmp_path / "plan.docx") for row in table]
    found = next(row for row in rows if row[0] == "对手 (market)")
    assert found[1:4] == ["工程师", "公测", "年约"]
    assert found[4].startswith("30%")
    assert drawn.risks is not None
    assert drawn.risks.effects is not None
    taken = drawn.risks.effects.harms[0].npv.value
    assert float(re.sub(r"[^\d-]", "", found[6][: len(f"{float(f'{taken:.3g}'):,.0f}")])) == float(f"{taken:.3g}")


@pytest.mark.parametrize("form", ["docx", "pptx", "html"])
def test_every_figure_is_there_with_its_origin(form: str, drawn: Story, tmp_path: Path) -> None:
    """Name, value, range, kind, reason; those of risks as well."""
    path = tmp_path / f"deck.{form}"
    if form == "docx":
        document.write(drawn, path)
        said = decks.document_text(path)
    elif form == "pptx":
        slides.write(drawn, path)
        said = decks.slide_text(path)
    else:
        said = re.sub("<[^>]+>", "\n", page(drawn))
    assert {one.name for one in drawn.figures} > set(drawn.model.figures)
    assert "rival.probability" in {one.name for one in drawn.figures}
    for one in drawn.figures:
        assert one.name in said
        assert one.origin.where in said
        assert number(one.value, 6) in said
        if one.low is not None and one.high is not None:
            assert f"{number(one.low, 6)} – {number(one.high, 6)}" in said
    assert "合同 (2026-10-02)" in said


@pytest.mark.parametrize("form", ["docx", "pptx", "html"])
def test_no_word_of_ours_is_left_untranslated(form: str, drawn: Story, tmp_path: Path) -> None:
    """With a translator that takes away all Latin letters, only names and the currency have any."""

    def t(template: str) -> str:
        return "".join(part if part.startswith("{") else re.sub("[A-Za-z]+", "字", part) for part in split(template))

    def split(template: str) -> list[str]:
        return re.split(r"(\{\w*\})", template)

    path = tmp_path / f"deck.{form}"
    if form == "docx":
        document.write(drawn, path, t)
        said = decks.document_text(path)
    elif form == "pptx":
        slides.write(drawn, path, t)
        said = decks.slide_text(path)
    else:
        body = page(drawn, t).partition("<body")[2]
        said = re.sub("<script.*?</script>|<style.*?</style>|<[^>]+>", "\n", body, flags=re.DOTALL)
    own = {part for one in drawn.figures for part in re.split(r"\W+", one.name)} | {"Probe", "CNY", "k"}
    assert set(re.findall("[A-Za-z]+", said)) <= own


@pytest.mark.parametrize("language", ["en", "zh"])
def test_nothing_hangs_over_a_slide(language: str, told: Story, tmp_path: Path) -> None:
    """Every shape lies on its slide; a table's rows end above the origins; no slide is empty."""
    from argosy.core.language import translator

    slides.write(told, tmp_path / "deck.pptx", translator(language), language)
    import pptx

    whole = pptx.Presentation(str(tmp_path / "deck.pptx"))
    assert whole.slide_width is not None
    assert whole.slide_height is not None
    for _, shape in decks.shapes(tmp_path / "deck.pptx"):
        high = sum(row.height for row in shape.table.rows) if shape.has_table else shape.height
        assert shape.left >= 0
        assert shape.top >= 0
        assert shape.left + shape.width <= whole.slide_width
        assert shape.top + high <= whole.slide_height
    for slide in whole.slides:
        assert len(slide.shapes) > 2  # more than a title and a number
        assert slide.shapes.title.text_frame.text


PLANS = {
    "no discount rate": ((decks.OFFER, decks.TEAM, decks.RISKS), 12, "months"),
    "no risks": ((decks.OFFER, decks.TEAM, decks.WORTH), 12, "months"),
    "no customers": ((decks.TEAM, decks.WORTH), 12, "months"),
    "nothing at all": ((), 3, "months"),
    "a month": ((decks.OFFER, decks.TEAM, decks.WORTH), 1, "months"),
    "sixty months of weeks": ((decks.OFFER, decks.TEAM, decks.WORTH), 60, "4-4-5"),
}


@pytest.mark.parametrize("plan", PLANS)
def test_small_and_long_plans_are_told(plan: str, tmp_path: Path) -> None:
    """Of each, a document, a page and slides with the engine's cash; what is not there is said or left out."""
    pytest.importorskip("SALib", reason="it reckons Sobol indices")
    tables, months, calendar = PLANS[plan]
    folder = decks.small(tmp_path, *tables, months=months, calendar=calendar)
    found = tell(folder, TODAY)
    document.write(found, tmp_path / "plan.docx")
    slides.write(found, tmp_path / "deck.pptx")
    said = (decks.document_text(tmp_path / "plan.docx"), decks.slide_text(tmp_path / "deck.pptx"), page(found))
    assert len(decks.charts(tmp_path / "deck.pptx")["Cash at the end"]) == months
    for one in said:
        assert ("it has no discount rate" in one) == (found.returns is None)
        assert ("店铺" in one) == (decks.OFFER in tables)
        assert ("公测" in one) == (decks.RISKS in tables)


@pytest.mark.parametrize("lacks", [False, True])
def test_the_use_of_funds_adds_up(*, lacks: bool, told: Story, tmp_path: Path) -> None:
    """What is spent, less what comes in, and what is paid at other times, is the cash that is missing, or left."""
    if lacks:
        told = story(study(decks.small(tmp_path, decks.TEAM, decks.WORTH)))
    assert (told.cash.lowest < 0) == lacks
    table = uses(Teller(story=told, t=str))
    assert table.rows[-1][0][0] == ("Cash that is missing" if lacks else "Cash that is left")
    (spent, missing) = sorted(table.sums)
    values = [float(str(row[1][0]).replace(",", "")) for row in table.rows]
    assert sum(values[:spent]) == pytest.approx(values[spent], abs=5)
    assert -sum(values[spent:missing]) == pytest.approx(-values[missing] if lacks else values[missing], abs=5)
    assert values[missing] in [pytest.approx(abs(float(one or 0)), abs=1) for one in told.values["cash"]]


def test_each_deal_stands_with_its_terms_and_what_it_leaves_to_whom(tmp_path: Path) -> None:
    """Of the plan's own deals; the last stage is the cap table, and all of it is 100 %."""
    found = story(study(EXAMPLE))
    assert found.stages
    document.write(found, tmp_path / "plan.docx")
    tables = decks.document_tables(tmp_path / "plan.docx")
    deal = next(row for table in tables for row in table if row[0] == "Seed round")
    assert deal[1] == "2028-01"
    assert deal[3].startswith("18,000,000 CNY")
    after = next(table for table in tables if table[0][1:2] == ["founding"])
    assert after[0][1:] == ["founding", "An angel's SAFE", "Seed round"]
    for place, stage in enumerate(found.stages, start=1):
        assert sum(float(row[place].rstrip("%")) for row in after[1:]) == pytest.approx(100, abs=0.3)
        assert sum(stage.parts.values()) == 1
    assert sum(one.share for one in found.owned) == 1


def test_the_skills_that_milestones_need_are_told(told: Story, tmp_path: Path) -> None:
    """With who has them, and the gap."""
    slides.write(told, tmp_path / "deck.pptx")
    rows = [
        [cell.text for cell in row.cells]
        for _, shape in decks.shapes(tmp_path / "deck.pptx")
        if shape.has_table
        for row in shape.table.rows
    ]
    assert ["security", "The API is open", "2027-07", "–", "–", "missing"] in rows


def test_every_figure_of_a_venture_has_a_name_for_people() -> None:
    """None of the plan's is called by its key alone, but those that the founders named."""
    from argosy.config.venture.file import Venture

    named = set(FIELD_MESSAGES) | {one.partition(".")[2] for one in WHOLE_MESSAGES}
    assert fields(Venture) <= named


def fields(table: type) -> set[str]:
    """The names of a table's figures, and of the tables in it."""
    from typing import get_args

    from argosy.config.table import Table
    from argosy.config.venture.figure import Input

    found: set[str] = set()
    for name, field in table.model_fields.items():
        inner = [] if name in {"compute", "market"} else [field.annotation]  # they are no part of the plan
        while inner:
            one = inner.pop()
            inner += get_args(one)
            if isinstance(one, type) and issubclass(one, Input):
                found |= {name} - {"figures", "currencies", "opening"}
            elif isinstance(one, type) and issubclass(one, Table):
                found |= fields(one)
    return found


@pytest.mark.parametrize("text", ["CNY/1k requests", "percent/month", "people/customer", "units/month", "days"])
def test_units_lose_their_english(text: str) -> None:
    """Each word is translated, whatever its number; English stays as it is written."""
    words = dict.fromkeys(UNIT_MESSAGES.values(), "字")
    assert set(re.findall("[A-Za-z]+", in_words(text, words.__getitem__))) <= {"CNY", "k"}
    assert in_words(text, str) == text.replace("percent", "%")
    assert unit(text).text == text


def test_marks_of_one_origin_stand_together() -> None:
    """Neighbours as a range, also where another stands between."""
    marks = Marks()
    for name, where in (("a", "x"), ("b", "x"), ("c", "y"), ("d", "x")):
        marks.number(Fact(name=name, title=name, shown="1", origin="reckoned", where=where))
    assert marks.number(marks.facts[1]) == 2
    assert [numbers for numbers, _ in marks.grouped()] == ["1-2, 4", "3"]


def test_the_npv_is_cited_with_its_convention(told: Story) -> None:
    """As the workbook reckons it."""
    assert "Excel's NPV" in worth(Teller(story=told, t=str)).fact.where


def test_the_founders_words_come_first(told: Story, tmp_path: Path) -> None:
    """Where they gave any; else what is sold to whom is said."""
    bare = replace(told, pitch=replace(told.pitch, what=None))
    assert "Harbour Desk sells to Small web shops, Platforms and developers" in re.sub("<[^>]+>", "", page(bare))
    pitched = replace(told, pitch=replace(told.pitch, what="We answer.", problem="Nobody answers.", ask="Two million."))
    slides.write(pitched, tmp_path / "deck.pptx")
    said = decks.slide_text(tmp_path / "deck.pptx")
    assert "We answer." in said
    assert "Problem: Nobody answers." in said
    assert "Two million." in said
