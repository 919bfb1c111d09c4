"""A business plan as a DOCX document: every figure has a mark that leads to its row of the last table.

Charts are pictures; the tables repeat their heads on each page.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from argosy.venture.deck import tables
from argosy.venture.deck.chapters import Chapter, chapters
from argosy.venture.deck.charts import Chart, picture
from argosy.venture.deck.cited import Fact, Marks, Table, Text, plain
from argosy.venture.deck.fitting import columns, torn
from argosy.venture.deck.packages import package
from argosy.venture.deck.story import Story, Translate
from argosy.venture.deck.teller import Teller

_FONT, _CHINESE = "Arial", "Microsoft YaHei"
_INCHES = 6.5  # between the margins
_POINTS = (8.5, 8, 7.5, 7, 6.5)  # of the letters of tables: the first at which no word is torn
_BLUE, _GREY, _LINE = "1B5E8C", "E8EEF3", "D5DCE2"


def write(story: Story, path: Path, t: Translate = str, language: str = "en") -> None:
    """Write the plan in one language; raises MissingError without python-docx or Matplotlib."""
    teller = Teller(story=story, t=t)
    docx = package("docx")
    file = docx.Document()
    _styled(file, language)
    paper = _Paper(file)
    title = t("Business plan: {name}").format(name=story.name)
    file.core_properties.title, file.core_properties.author = title, story.name
    file.core_properties.comments, file.core_properties.language = "", "zh-CN" if language == "zh" else "en-GB"
    file.add_heading(title, 0)
    last = len(story.model.periods) - 1
    file.add_paragraph(f"{story.label(0)} – {story.label(last)} · {story.parts.currency}")
    for chapter in chapters(teller):
        paper.chapter(chapter)
    file.add_heading(t("Sources and assumptions"), 1)
    file.add_paragraph(t("The numbers are those of the marks. What is reckoned stands in the workbook, by formula."))
    paper.appendix(teller)
    file.save(str(path))


class _Paper:
    """The document while it is written, with the marks given so far."""

    def __init__(self, file: Any) -> None:
        self.file, self.marks = file, Marks()

    def chapter(self, chapter: Chapter) -> None:
        self.file.add_heading(chapter.title, 1)
        for block in chapter.blocks:
            if isinstance(block, Table):
                self.table(block)
            elif isinstance(block, Chart):
                self.chart(block)
            else:
                self.text(self.file.add_paragraph(), block)

    def text(self, paragraph: Any, text: Text, *, bold: bool = False) -> None:
        for piece in text:
            paragraph.add_run(piece if isinstance(piece, str) else piece.text).bold = bold or None
            if not isinstance(piece, str):
                self.mark(paragraph, piece.fact)

    def mark(self, paragraph: Any, fact: Fact) -> None:
        """A raised number that leads to the fact's row."""
        number = self.marks.number(fact)
        link = _element("w:hyperlink", {"w:anchor": f"fact{number}", "w:history": "1"})
        run = paragraph.add_run(str(number))
        run.font.superscript = True
        run.font.color.rgb = package("docx.shared").RGBColor.from_string(_BLUE)
        link.append(run._r)  # noqa: SLF001 - python-docx has no links inside a document
        paragraph._p.append(link)  # noqa: SLF001 - the same

    def chart(self, chart: Chart) -> None:
        paragraph = self.file.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        self.text(paragraph, chart.told)
        self.file.add_picture(BytesIO(picture(chart)), width=package("docx.shared").Inches(_INCHES))
        shape = self.file.inline_shapes[-1]._inline.docPr  # noqa: SLF001 - python-docx names no alternative text
        shape.set("descr", plain(chart.told))

    def table(self, table: Table) -> None:
        self.file.add_heading(table.title, 2)
        grid = self.grid(table.heads, table.left)
        for number, row in enumerate(table.rows):
            cells = grid.add_row().cells
            for place, text in enumerate(row):
                self.text(cells[place].paragraphs[0], text, bold=number in table.sums)
                _aligned(cells[place], right=place >= table.left)
        size = next((size for size in _POINTS if not torn(table, _INCHES, size)), _POINTS[-1])
        _sized(grid, columns(table, _INCHES, size), size)
        for line in grid.rows[:-1]:  # on one page, where it fits
            line.cells[0].paragraphs[0].paragraph_format.keep_with_next = True

    def appendix(self, teller: Teller) -> None:
        """Each mark's row, to which it leads; then what no text cites."""
        listed = tables.sources(teller, self.marks.facts)
        grid = self.grid(listed.heads, listed.left)
        for number, row in enumerate(listed.rows, start=1):
            cells = grid.add_row().cells
            for place, said in enumerate(row):
                self.text(cells[place].paragraphs[0], said)
            _bookmarked(cells[0].paragraphs[0], str(number))
        _sized(grid, [0.06, 0.24, 0.21, 0.12, 0.12, 0.25], _POINTS[1])

    def grid(self, heads: Sequence[str], left: int) -> Any:
        """An empty table under its heads."""
        grid = self.file.add_table(rows=1, cols=len(heads), style="Normal Table")
        grid.autofit = False
        lines = _element("w:tblBorders", {})
        for side, colour in (("top", _BLUE), ("bottom", _BLUE), ("insideH", _LINE)):
            lines.append(_element(f"w:{side}", {"w:val": "single", "w:sz": "4", "w:space": "0", "w:color": colour}))
        after = ("w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")  # the format asks for this order
        grid._tbl.tblPr.insert_element_before(lines, *after)  # noqa: SLF001 - python-docx draws no lines of its own
        row = grid.rows[0]
        row._tr.get_or_add_trPr().append(_element("w:tblHeader", {"w:val": "true"}))  # noqa: SLF001 - python-docx has no repeated heads
        for place, head in enumerate(heads):
            row.cells[place].paragraphs[0].add_run(head).bold = True
            _aligned(row.cells[place], right=place >= left)
            shade = _element("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": _GREY})
            row.cells[place]._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 - the same of shades
        return grid


def _sized(grid: Any, parts: Sequence[float], points: float) -> None:
    """The columns' widths; letters of the size of tables, rows not torn apart."""
    shared = package("docx.shared")
    whole = [shared.Inches(part * _INCHES) for part in parts]
    for place, wide in enumerate(whole):
        grid.columns[place].width = wide
    for row in grid.rows:
        row._tr.get_or_add_trPr().append(_element("w:cantSplit", {"w:val": "true"}))  # noqa: SLF001 - python-docx has no whole rows
        for place, cell in enumerate(row.cells):
            cell.width = whole[place]
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.space_after = shared.Pt(1)
                for run in [*paragraph.runs, *(run for link in paragraph.hyperlinks for run in link.runs)]:
                    run.font.size = shared.Pt(points)


def _aligned(cell: Any, *, right: bool) -> None:
    if right:
        cell.paragraphs[0].alignment = package("docx.enum.text").WD_ALIGN_PARAGRAPH.RIGHT


def _bookmarked(paragraph: Any, number: str) -> None:
    ends = {"w:id": number}
    paragraph._p.insert(0, _element("w:bookmarkStart", {**ends, "w:name": f"fact{number}"}))  # noqa: SLF001 - python-docx has no bookmarks
    paragraph._p.append(_element("w:bookmarkEnd", ends))  # noqa: SLF001 - the same


def _styled(file: Any, language: str) -> None:
    """Letters of both scripts in every style, A4, page numbers."""
    shared, ns = package("docx.shared"), package("docx.oxml.ns")
    for name in ("Normal", "Title", "Heading 1", "Heading 2"):
        style = file.styles[name]
        style.font.name = _FONT
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for old in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(ns.qn(f"w:{old}"), None)
        fonts.set(ns.qn("w:eastAsia"), _CHINESE)
        fonts.set(ns.qn("w:hAnsi"), _FONT)
        if name != "Normal":
            style.font.color.rgb = shared.RGBColor.from_string(_BLUE)
    file.styles["Normal"].font.size = shared.Pt(10.5)
    tag = {"w:val": "en-GB", "w:eastAsia": "zh-CN" if language == "zh" else "en-GB"}
    file.styles["Normal"].element.get_or_add_rPr().append(_element("w:lang", tag))
    page = file.sections[0]
    page.page_width, page.page_height = shared.Mm(210), shared.Mm(297)
    page.left_margin = page.right_margin = shared.Mm(22.5)
    foot = page.footer.paragraphs[0]
    foot.alignment = package("docx.enum.text").WD_ALIGN_PARAGRAPH.CENTER
    foot._p.append(_element("w:fldSimple", {"w:instr": "PAGE"}))  # noqa: SLF001 - python-docx has no fields


def _element(tag: str, values: dict[str, str]) -> Any:
    made, ns = package("docx.oxml").OxmlElement(tag), package("docx.oxml.ns")
    for name, value in values.items():
        made.set(ns.qn(name), value)
    return made
