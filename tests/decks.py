"""Small ventures for tests of documents and slides, and what can be read of the written files."""

from pathlib import Path
from typing import Any

HEAD = """
[venture]
name = "Probe"
currency = "CNY"
start = 2027-01-01
months = {months}
calendar = "{calendar}"
"""
OFFER = """
[opening]
value = 50_000
unit = "CNY"
sourced = "账户"
date = 2026-11-01

[[segment]]
name = "shops"
title = "店铺"
new = { value = 5, unit = "customers/month", assumed = [3, 8], why = "估计" }
churn = { value = 3, unit = "percent/month", assumed = [1, 6], why = "估计" }
limit = { value = 900, unit = "customers", assumed = [500, 1500], why = "估计" }

[[subscription]]
name = "desk"
title = "桌面"
segment = "shops"
price = { value = 200, unit = "CNY/customer/month", assumed = [150, 260], why = "估计" }
cost = { value = 0.5, unit = "CNY/1k requests", sourced = "合同", date = 2026-10-02 }
uses = { value = 3000, unit = "requests/customer/month", assumed = [1000, 9000], why = "估计", hint = "账本" }
"""
TEAM = """
[[role]]
name = "crew"
title = "工程师"
function = "build"
hires = [2027-01-01]
wage = { value = 9000, unit = "CNY/person/month", assumed = [8000, 12000], why = "估计" }
skills = ["模型"]

[[milestone]]
name = "first"
title = "首个客户"
on = 2027-01-01
owner = "crew"
needs = ["安全"]
"""
WORTH = """
[worth]
discount = { value = 20, unit = "percent/year", assumed = [15, 30], why = "估计" }
margin = { value = 60, unit = "percent", assumed = [50, 70], why = "估计" }
"""
RISKS = """
[[risk]]
name = "rival"
title = "对手"
kind = "market"
owner = "crew"
trigger = "公测"
probability = { value = 30, unit = "percent", assumed = [10, 50], why = "估计" }
months = [2027-01-01, 2027-12-01]
cost = { value = 5000, unit = "CNY", assumed = [1000, 9000], why = "估计" }
shock = { "shops.churn" = "x1.5" }

[[mitigation]]
name = "bond"
title = "年约"
risk = "rival"
owner = "crew"
leaves = { value = 50, unit = "percent", assumed = [20, 80], why = "估计" }
on = 2027-01-01
"""
DRAWS = """
[simulation]
draws = 200
"""


def small(folder: Path, *tables: str, months: int = 12, calendar: str = "months") -> Path:
    """A folder with a plan of some of the tables above."""
    folder.mkdir(parents=True, exist_ok=True)
    head = HEAD.format(months=months, calendar=calendar)
    (folder / "venture.toml").write_text("".join((head, *tables, DRAWS)), encoding="utf-8")
    return folder


def document_tables(path: Path) -> list[list[list[str]]]:
    """The cells of a DOCX file's tables; links are among them."""
    import docx

    return [[[cell.text for cell in row.cells] for row in table.rows] for table in docx.Document(str(path)).tables]


def document_text(path: Path) -> str:
    """All paragraphs and cells of a DOCX file."""
    import docx

    file = docx.Document(str(path))
    said = [one.text for one in file.paragraphs]
    return "\n".join([*said, *(cell for table in document_tables(path) for row in table for cell in row)])


def paper_text(path: Path) -> str:
    """All text of a PDF."""
    import pypdfium2

    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(path))


def shapes(path: Path) -> list[tuple[int, Any]]:
    """All shapes of a PPTX file, each with its slide's number."""
    import pptx

    return [
        (number, shape)
        for number, slide in enumerate(pptx.Presentation(str(path)).slides, start=1)
        for shape in slide.shapes
    ]


def slide_text(path: Path) -> str:
    """All that stands on the slides: texts, cells, names of charts' series."""
    said = []
    for _, shape in shapes(path):
        if shape.has_text_frame:
            said.append(shape.text_frame.text)
        if shape.has_table:
            said += [cell.text for row in shape.table.rows for cell in row.cells]
        if shape.has_chart:
            said += [one.name for plot in shape.chart.plots for one in plot.series]
    return "\n".join(said)


def charts(path: Path) -> dict[str, tuple[float | None, ...]]:
    """The values of each series of the slides' charts, by its name."""
    return {
        series.name: tuple(series.values)
        for _, shape in shapes(path)
        if shape.has_chart
        for plot in shape.chart.plots
        for series in plot.series
    }
