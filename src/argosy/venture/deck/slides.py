"""The slides as a PPTX file: charts that can be edited, and below each slide where its figures come from.

Letters are as large as their boxes allow. What does not fit is counted and stands in the workbook; notes hold
everything in full.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from argosy.venture.deck.charts import COLOURS, Chart
from argosy.venture.deck.cited import Fact, Marks, Table, Text, marked, plain
from argosy.venture.deck.fitting import Box, columns, fitting, high, rows_fitting, rows_high, table_fitting
from argosy.venture.deck.packages import package
from argosy.venture.deck.pitch import Slide, pitch
from argosy.venture.deck.story import Story, Translate
from argosy.venture.deck.tables import figures
from argosy.venture.deck.teller import Teller
from argosy.web.charts.svg import cut

_WIDE, _HIGH = 13.333, 7.5
_SIDE = 0.6
_TITLE = Box(left=_SIDE, top=0.35, wide=_WIDE - 2 * _SIDE, high=0.8)
_COVER = Box(left=_SIDE, top=1.5, wide=_WIDE - 2 * _SIDE, high=1.3)
_BODY = Box(left=_SIDE, top=1.3, wide=_WIDE - 2 * _SIDE, high=4.75)
_FOOT = Box(left=_SIDE, top=6.2, wide=_WIDE - 2 * _SIDE - 0.5, high=1.05)
_POINTS = (20, 18, 16, 14, 12)
_CELLS = (16, 15, 14, 13, 12, 11, 10)
_NOTES = (9, 8, 7)
_BLUE, _INK, _GREY, _PALE = "1B5E8C", "22282E", "5C6670", "E8EEF3"
_FONT, _CHINESE = "Arial", "Microsoft YaHei"
_FEW = 40  # letters of an origin that is cut


def write(story: Story, path: Path, t: Translate = str, language: str = "en") -> None:
    """Write the slides in one language; raises MissingError without python-pptx."""
    teller = Teller(story=story, t=t)
    file = package("pptx").Presentation()
    inches = package("pptx.util").Inches
    file.slide_width, file.slide_height = inches(_WIDE), inches(_HIGH)
    file.core_properties.title, file.core_properties.author = story.name, story.name
    file.core_properties.language = "zh-CN" if language == "zh" else "en-GB"
    for number, slide in enumerate([*pitch(teller), *_appendix(teller)]):
        _Drawn(file.slides.add_slide(file.slide_layouts[5]), t).slide(slide, number + 1)
    file.save(str(path))


def _appendix(teller: Teller) -> Iterator[Slide]:
    """Every figure with its origin, on as many slides as it takes."""
    whole = figures(teller)
    parts, size = columns(whole, _BODY.wide, _CELLS[-1]), _CELLS[-1]
    rows, first = whole.rows, 1
    while rows:
        kept = max(1, rows_fitting(replace(whole, rows=rows), parts, _BODY, size))
        title = teller.t("Figures and their origins, {first} to {last} of {count}")
        said = title.format(first=first, last=first + kept - 1, count=len(whole.rows))
        yield Slide(title=said, points=(), shown=replace(whole, rows=rows[:kept]), parts=tuple(parts))
        rows, first = rows[kept:], first + kept


class _Drawn:
    """A slide while it is drawn, with the marks of its own figures."""

    def __init__(self, sheet: Any, t: Translate) -> None:
        self.sheet, self.t, self.marks = sheet, t, Marks()

    def slide(self, slide: Slide, number: int) -> None:
        """Title, sentences, what is shown, origins, notes; the first one begins lower."""
        self.title(slide.title, _COVER if number == 1 else _TITLE)
        top = _COVER.top + _COVER.high + 0.2 if number == 1 else _BODY.top
        body = replace(_BODY, top=top, high=_BODY.top + _BODY.high - top)
        box = self.points(slide.points, body, beside=slide.shown is None)
        if isinstance(slide.shown, Chart):
            self.chart(slide.shown, box)
        elif slide.shown is not None:
            self.table(slide.shown, box, slide.parts)
        self.origins()
        self.text([(str(number),)], Box(left=_WIDE - _SIDE - 0.4, top=6.95, wide=0.4, high=0.3), 10, colour=_GREY)
        self.notes(slide)

    def title(self, title: str, box: Box) -> None:
        """In the layout's own place for it, so that outlines and readers find it."""
        shape = self.sheet.shapes.title
        self.placed(shape, box)
        sizes = (44, 36, 30, 26, 22, 18) if box is _COVER else (30, 26, 22, 18)
        size = fitting([title], box, sizes) or 14
        shape.text_frame.text = title
        shape.text_frame.margin_left = 0
        shape.text_frame.vertical_anchor = package("pptx.enum.text").MSO_ANCHOR.MIDDLE
        paragraph = shape.text_frame.paragraphs[0]
        paragraph.alignment = package("pptx.enum.text").PP_ALIGN.LEFT
        self.styled(paragraph.runs[0], size, colour=_BLUE, bold=True)

    def points(self, points: tuple[Text, ...], box: Box, *, beside: bool) -> Box:
        """The sentences, and the place that they leave; with nothing beside them they are larger."""
        if not points:
            return box
        texts = [marked(text) for text in points]
        sizes = (24, *_POINTS) if beside else _POINTS[2:]
        size = fitting(texts, box, sizes) or sizes[-1]
        taken = high(texts, box.wide, size) + 0.12 * len(texts)
        self.text(list(points), replace(box, high=taken), size, apart=6)
        return replace(box, top=box.top + taken + 0.1, high=box.high - taken - 0.1)

    def text(self, texts: list[Text], box: Box, size: float, *, colour: str = _INK, apart: float = 0) -> None:
        """Paragraphs in a box of their own, with marks."""
        shape = self.sheet.shapes.add_textbox(*self.emu(box))
        frame = shape.text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        for place, text in enumerate(texts):
            paragraph = frame.paragraphs[0] if not place else frame.add_paragraph()
            paragraph.space_after = package("pptx.util").Pt(apart)
            self.written(paragraph, text, size, colour=colour)

    def written(self, paragraph: Any, text: Text, size: float, *, colour: str = _INK, bold: bool = False) -> None:
        """Words, and raised numbers behind those that are cited."""
        for piece in text:
            run = paragraph.add_run()
            run.text = piece if isinstance(piece, str) else piece.text
            self.styled(run, size, colour=colour, bold=bold)
            if not isinstance(piece, str):
                raised = paragraph.add_run()
                raised.text = str(self.marks.number(piece.fact))
                self.styled(raised, size, colour=_BLUE)
                raised.font._element.set("baseline", "30000")  # noqa: SLF001 - python-pptx raises no letters

    def table(self, table: Table, box: Box, given: Sequence[float]) -> None:
        """As many rows as fit; how many are left out is said below. Columns are as wide as ``given``, or as needed."""
        size, count = (_CELLS[-1], len(table.rows)) if given else table_fitting(table, box, _CELLS)
        if count < len(table.rows):
            size, count = table_fitting(table, replace(box, high=box.high - 0.3), _CELLS)
        parts = given or columns(table, box.wide, size)
        shown = replace(table, rows=table.rows[:count])
        rows = rows_high(shown, parts, box.wide, size)
        place = replace(box, high=sum(rows))
        grid = self.sheet.shapes.add_table(count + 1, len(table.heads), *self.emu(place)).table
        inches = package("pptx.util").Inches
        for at, part in enumerate(parts):
            grid.columns[at].width = inches(part * box.wide)
        for number, row in enumerate([tuple((head,) for head in table.heads), *shown.rows]):
            grid.rows[number].height = inches(rows[number])
            for at, text in enumerate(row):
                bold = not number or number - 1 in table.sums
                self.cell(grid.cell(number, at), text, size, bold=bold, right=at >= table.left, head=not number)
        if count < len(table.rows):
            more = self.t("{count} more in the business plan").format(count=len(table.rows) - count)
            below = Box(left=box.left, top=box.top + sum(rows) + 0.05, wide=box.wide, high=0.25)
            self.text([(more,)], below, 10, colour=_GREY)

    def cell(self, cell: Any, text: Text, size: float, *, bold: bool, right: bool, head: bool) -> None:
        """A cell of a table, its head shaded."""
        cell.margin_left = cell.margin_right = package("pptx.util").Inches(0.08)
        cell.margin_top = cell.margin_bottom = package("pptx.util").Inches(0.04)
        cell.fill.solid()
        cell.fill.fore_color.rgb = _colour(_PALE if head else "FFFFFF")
        paragraph = cell.text_frame.paragraphs[0]
        align = package("pptx.enum.text").PP_ALIGN
        paragraph.alignment = align.RIGHT if right else align.LEFT
        self.written(paragraph, text, size, bold=bold)

    def chart(self, chart: Chart, box: Box) -> None:
        """A chart with its own data; its title, with marks, above it."""
        size = fitting([plain(chart.told)], replace(box, high=0.5), (12, 11, 10, 9)) or 8
        taken = high([plain(chart.told)], box.wide, size) + 0.05
        self.text([chart.told], replace(box, high=taken), size, colour=_GREY)
        data = package("pptx.chart.data").CategoryChartData(number_format="#,##0")
        data.categories = list(chart.categories)
        for name, values in chart.series:
            data.add_series(name, values)
        kinds = package("pptx.enum.chart").XL_CHART_TYPE
        kind = {"line": kinds.LINE, "column": kinds.COLUMN_CLUSTERED, "stacked": kinds.COLUMN_STACKED}[chart.kind]
        place = replace(box, top=box.top + taken, high=box.high - taken)
        self.plotted(self.sheet.shapes.add_chart(kind, *self.emu(place), data).chart, chart)

    def plotted(self, drawn: Any, chart: Chart) -> None:
        """Colours, axes and legend."""
        enums, points = package("pptx.enum.chart"), package("pptx.util").Pt
        drawn.font.size = points(12)
        drawn.has_title = False
        drawn.has_legend = len(chart.series) > 1
        if drawn.has_legend:
            drawn.legend.position = enums.XL_LEGEND_POSITION.BOTTOM
            drawn.legend.include_in_layout = False
        values, names = drawn.value_axis, drawn.category_axis
        values.has_title = True
        values.axis_title.text_frame.text = chart.unit
        values.axis_title.text_frame.paragraphs[0].runs[0].font.size = points(11)
        values.tick_labels.number_format, values.tick_labels.number_format_is_linked = "#,##0", False
        values.major_gridlines.format.line.color.rgb = _colour("DDDDDD")
        names.tick_label_position = enums.XL_TICK_LABEL_POSITION.LOW
        for one, colour in zip(drawn.plots[0].series, COLOURS, strict=False):
            if chart.kind == "line":
                one.smooth = False
                one.format.line.width = points(2.25)
                one.format.line.color.rgb = _colour(colour)
            else:
                one.format.fill.solid()
                one.format.fill.fore_color.rgb = _colour(colour)
                one.invert_if_negative = False
        if chart.kind != "line":
            drawn.plots[0].gap_width = 60

    def origins(self) -> None:
        """Where the figures of the slide come from, in a line a group; origins are cut where there are too many."""
        groups = self.marks.grouped()
        for letters in (400, 120, 80, 60, _FEW):
            line = "   ".join(f"{mark} {_origin(facts, letters)}" for mark, facts in groups)
            size = fitting([line], _FOOT, _NOTES)
            if size is not None:
                break
        if line:
            self.text([(line,)], _FOOT, size or _NOTES[-1], colour=_GREY)

    def notes(self, slide: Slide) -> None:
        """What is said, and every origin in full."""
        said = [plain(text) for text in slide.points]
        said += [plain(slide.shown.told)] if isinstance(slide.shown, Chart) else []
        found = [
            f"{number} {one.title}: {one.shown}{f' ({one.span})' if one.span else ''}; {one.origin}: {one.where}"
            for number, one in enumerate(self.marks.facts, start=1)
        ]
        self.sheet.notes_slide.notes_text_frame.text = "\n".join([*said, "", *found])

    def placed(self, shape: Any, box: Box) -> None:
        """Put a shape where the box is."""
        shape.left, shape.top, shape.width, shape.height = self.emu(box)

    def emu(self, box: Box) -> tuple[int, int, int, int]:
        """Left, top, width and height as the format counts them."""
        inches = package("pptx.util").Inches
        return inches(box.left), inches(box.top), inches(box.wide), inches(box.high)

    def styled(self, run: Any, size: float, *, colour: str, bold: bool = False) -> None:
        """Letters of both scripts."""
        run.font.size, run.font.name, run.font.bold = package("pptx.util").Pt(size), _FONT, bold
        run.font.color.rgb = _colour(colour)
        element = run.font._element  # noqa: SLF001 - python-pptx names no font for Chinese
        eastern = package("pptx.oxml.xmlchemy").OxmlElement("a:ea")
        eastern.set("typeface", _CHINESE)
        element.append(eastern)


def _origin(facts: list[Fact], letters: int) -> str:
    """What a group of facts of one origin is, cut to so many letters."""
    first = facts[0]
    head = f"{first.title}: " if len(facts) == 1 else ""
    return cut(f"{head}{first.origin}, {first.where}", letters, 1)


def _colour(text: str) -> Any:
    return package("pptx.dml.color").RGBColor.from_string(text)
