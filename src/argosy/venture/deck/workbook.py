"""A plan as an XLSX workbook of live formulas: change a figure, and the whole plan follows.

The formulas are those of the engine's own tree, so that both reckon the same; values stand beside them for those who do
not recalculate. Texts are written as texts, whatever they begin with, so that no name becomes a formula.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from argosy.core.errors import MissingError
from argosy.venture.figures import Figure
from argosy.venture.graph.expression import formula
from argosy.venture.graph.model import Model, Row
from argosy.venture.graph.reckon import Exact
from argosy.venture.plan.parts import Worth
from argosy.venture.plan.verdict import FLOWS, YEARLY
from argosy.venture.units import SHARE, Dimension

Translate = Callable[[str], str]
SECTIONS = ("calendar", "customers", "revenue", "people", "costs", "profit", "cash", "balance", "metrics")
MESSAGES = {
    "figures": "Figures",
    "years": "Years",
    "worth": "Worth",
    "calendar": "Calendar",
    "customers": "Customers",
    "revenue": "Revenue",
    "people": "People",
    "costs": "Costs",
    "profit": "Profit and loss",
    "cash": "Cash flow",
    "balance": "Balance sheet",
    "metrics": "Metrics",
}
_FIRST = 2  # the column of the first period
_TOP = 1  # the row of the first line
_A_PAGE = 12  # periods that are printed on one


@dataclass(slots=True, kw_only=True)
class _Book:
    """A workbook while it is written: where each line and each figure stands."""

    model: Model
    values: Exact
    file: Any
    t: Translate
    formats: dict[str, Any] = field(default_factory=dict)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)  # of a line: its sheet and row
    figures: dict[str, int] = field(default_factory=dict)

    def sheet(self, key: str) -> str:
        """The name of a sheet in the reader's language."""
        return self.t(MESSAGES[key])[:31]

    def line(self, name: str, period: int) -> str:
        """The cell of a line in a period."""
        sheet, row = self.places[name]
        return f"'{sheet}'!{_column(_FIRST + period)}{row + 1}"

    def figure(self, name: str) -> str:
        """The cell of a figure in base units."""
        return f"'{self.sheet('figures')}'!$D${self.figures[name] + 1}"


def write(model: Model, values: Exact, worth: Worth | None, path: Path, t: Translate = str) -> None:
    """Write the workbook of a plan with its values; ``t`` says titles in the reader's language.

    Raises MissingError where XlsxWriter is not installed.
    """
    file = _xlsxwriter().Workbook(str(path))
    book = _Book(model=model, values=values, file=file, t=t)
    for name, shown in _FORMATS.items():
        book.formats[name] = file.add_format(shown)
    _place(book)
    _years(book)
    _figures(book)
    for section in SECTIONS:
        _section(book, section)
    if worth is not None:
        _worth(book, worth)
    file.close()


_FORMATS: Mapping[str, Mapping[str, Any]] = {
    "head": {"bold": True, "bottom": 1, "align": "right"},
    "text": {},
    "money": {"num_format": "#,##0;[Red]-#,##0"},
    "number": {"num_format": "#,##0.00;[Red]-#,##0.00"},
    "exact": {"num_format": "General"},
    "rate": {"num_format": "0.00%"},
}


def _place(book: _Book) -> None:
    for section in SECTIONS:
        for number, row in enumerate(book.model.section(section)):
            book.places[row.name] = (book.sheet(section), _TOP + number)
    for number, name in enumerate(book.model.figures):
        book.figures[name] = _TOP + number


def _figures(book: _Book) -> None:
    """Every figure as it was written, its value in base units by a formula, and where it comes from."""
    t, sheet = book.t, book.file.add_worksheet(book.sheet("figures"))
    heads = (
        *(t("figure"), t("value"), t("unit"), t("in base units"), t("from"), t("to")),
        *(t("origin"), t("where, or why"), t("day")),
    )
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, book.formats["head"])
    for name, one in book.model.figures.items():
        _figure(book, sheet, book.figures[name], one)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 6, 14)
    sheet.set_column(7, 7, 60)
    _printed(sheet)


def _figure(book: _Book, sheet: Any, row: int, one: Figure) -> None:
    words = {"measured": book.t("measured"), "sourced": book.t("sourced"), "assumed": book.t("assumed")}
    sheet.write_string(row, 0, one.name)
    sheet.write_number(row, 1, float(one.value), book.formats["exact"])
    sheet.write_string(row, 2, one.unit.text)
    factor = one.unit.factor
    base = f"=B{row + 1}*{factor.numerator}/{factor.denominator}"
    sheet.write_formula(row, 3, base, book.formats["exact"], float(one.base))
    for column, bound in ((4, one.low), (5, one.high)):
        if bound is not None:
            sheet.write_number(row, column, float(bound), book.formats["exact"])
    sheet.write_string(row, 6, words[one.origin.kind])
    sheet.write_string(row, 7, one.origin.where)
    sheet.write_string(row, 8, "" if one.origin.day is None else one.origin.day.isoformat())


def _section(book: _Book, section: str) -> None:
    """The lines of a section, a column for each period."""
    sheet = book.file.add_worksheet(book.sheet(section))
    sheet.write_string(0, 1, book.t("unit"), book.formats["head"])
    for one in book.model.periods:
        sheet.write_string(0, _FIRST + one.number, one.label, book.formats["head"])
    for row in book.model.section(section):
        place = book.places[row.name][1]
        sheet.write_string(place, 0, _title(book, row))
        sheet.write_string(place, 1, _unit(row.dimension))
        for period in range(len(book.model.periods)):
            _cell(book, sheet, row, place, period)
    sheet.freeze_panes(_TOP, _FIRST)
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 1, 18)
    sheet.set_column(_FIRST, _FIRST + len(book.model.periods), 12)
    sheet.set_landscape()
    sheet.repeat_columns(0, _FIRST - 1)
    sheet.set_v_pagebreaks(range(_FIRST + _A_PAGE, _FIRST + len(book.model.periods), _A_PAGE))
    sheet.set_print_scale(48)


def _cell(book: _Book, sheet: Any, row: Row, place: int, period: int) -> None:
    """A formula with its value; what may be undefined is empty then."""
    shown = book.formats[_format(row)]
    if row.expression is None:
        sheet.write_number(place, _FIRST + period, float(row.values[period]), shown)
        return
    said = formula(
        row.expression,
        book.figure,
        lambda name, back: book.line(name, period - back) if period >= back else "0",
    )
    value = book.values[row.name][period]
    wrapped = f'=IFERROR({said},"")' if row.section == "metrics" else f"={said}"
    sheet.write_formula(place, _FIRST + period, wrapped, shown, "" if value is None else float(value))


def _years(book: _Book) -> None:
    """The main lines by calendar year, and two charts of them."""
    sheet = book.file.add_worksheet(book.sheet("years"))
    years = sorted({one.year for one in book.model.periods})
    for column, year in enumerate(years):
        sheet.write_string(0, 1 + column, str(year), book.formats["head"])
    for number, name in enumerate(YEARLY):
        row = book.model.row(name)
        sheet.write_string(_TOP + number, 0, _title(book, row))
        for column, year in enumerate(years):
            inside = [one.number for one in book.model.periods if one.year == year]
            sheet.write_formula(
                _TOP + number, 1 + column, _yearly(book, row, inside), book.formats["money"], _sum(book, row, inside)
            )
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, len(years), 14)
    name = book.sheet("years")
    for place, kind, lines in (("A11", "column", (2, 4, 5)), ("A28", "line", (7,))):
        chart = book.file.add_chart({"type": kind})
        for line in lines:
            chart.add_series(
                {
                    "name": [name, line, 0],
                    "categories": [name, 0, 1, 0, len(years)],
                    "values": [name, line, 1, line, len(years)],
                }
            )
        chart.set_legend({"position": "bottom"})
        chart.set_x_axis({"label_position": "low"})
        chart.set_y_axis({"num_format": "#,##0"})
        chart.set_size({"width": 560, "height": 320})
        sheet.insert_chart(place, chart)
    _printed(sheet)


def _printed(sheet: Any) -> None:
    """On one page."""
    sheet.set_landscape()
    sheet.fit_to_pages(1, 1)


def _yearly(book: _Book, row: Row, inside: list[int]) -> str:
    last = book.line(row.name, inside[-1])
    return f"=SUM({book.line(row.name, inside[0])}:{last.rpartition('!')[2]})" if row.kind == "flow" else f"={last}"


def _sum(book: _Book, row: Row, inside: list[int]) -> float:
    values = [book.values[row.name][one] or Decimal(0) for one in inside]
    return float(sum(values, Decimal(0)) if row.kind == "flow" else values[-1])


def _worth(book: _Book, worth: Worth) -> None:
    """NPV, IRR (from the discount rate on) and MIRR by the spreadsheet's own functions, over the free cash flow."""
    t, sheet = book.t, book.file.add_worksheet(book.sheet("worth"))
    last = len(book.model.periods) - 1
    flows = f"{book.line(FLOWS, 0)}:{book.line(FLOWS, last).rpartition('!')[2]}"
    rate = _monthly(book.figure(worth.discount.name))
    reinvest = rate if worth.reinvest is None else _monthly(book.figure(worth.reinvest.name))
    rows = (
        (t("NPV of the free cash flow (the first flow is discounted a month)"), f"=NPV({rate},{flows})", "money"),
        (
            t("IRR a year (there may be several: see `argosy plan`)"),
            f'=IFERROR((1+IRR({flows},{rate}))^12-1,"")',
            "rate",
        ),
        (t("MIRR a year"), f'=IFERROR((1+MIRR({flows},{rate},{reinvest}))^12-1,"")', "rate"),
    )
    for number, (title, said, shown) in enumerate(rows):
        sheet.write_string(number, 0, title)
        sheet.write_formula(number, 1, said, book.formats[shown])
    sheet.set_column(0, 0, 64)
    sheet.set_column(1, 1, 18)


def _monthly(cell: str) -> str:
    """The month's rate that compounds to a rate a year; a figure's base is a twelfth of it."""
    return f"((1+{cell}*12)^(1/12)-1)"


def _title(book: _Book, row: Row) -> str:
    return book.t(row.title).format(name=row.about)


def _unit(dimension: Dimension) -> str:
    return "" if dimension == SHARE else str(dimension)


def _format(row: Row) -> str:
    money = any(name.isupper() for name, _ in row.dimension.powers)
    return "money" if money and row.kind != "ratio" else "number"


def _column(number: int) -> str:
    """A column's letters; 0 is A."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _xlsxwriter() -> Any:
    try:
        return import_module("xlsxwriter")
    except ModuleNotFoundError as error:
        raise MissingError(
            "A workbook is written by the package {name!r}, which is not installed.",
            mend="pip install 'argosy[excel]'",
            name="xlsxwriter",
        ) from error
