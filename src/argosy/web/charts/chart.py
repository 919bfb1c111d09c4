"""What a chart is: a drawing, the words beside it, and the numbers that it shows."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

Cell = str | float | None
_LARGE = 100_000  # from here on whole numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """The words of a chart: ``told`` says in a sentence what is seen, for those too who do not see it.

    ``name`` is that of its file of data and the stem of its ids: one of its own on a page. In the data, ``series``
    heads the column of names and ``ends`` those of an interval's ends.
    """

    name: str
    title: str
    told: str = ""
    series: str = ""
    ends: tuple[str, str] = ("2.5 %", "97.5 %")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing (markup that is safe to show) with its data as a table; ``legend`` holds kinds and their names."""

    caption: Caption
    drawn: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    legend: tuple[tuple[str, str], ...] = ()

    @property
    def link(self) -> str:
        """The data as the address of a file that needs no server."""
        return "data:text/csv;charset=utf-8," + quote(csv_of(self))

    @property
    def shown(self) -> tuple[tuple[str, ...], ...]:
        """The data as it is read on a page: numbers to six digits."""
        return tuple(tuple(map(_shown, row)) for row in self.rows)


def csv_of(chart: Chart) -> str:
    r"""The data of a chart as CSV that spreadsheets know as UTF-8; numbers in full, as they are read back.

    >>> csv_of(Chart(caption=Caption(name="a", title="A"), drawn="", head=("day", "texts"), rows=(("Monday", 1.5),)))
    '\ufeffday,texts\r\nMonday,1.5\r\n'
    """
    out = io.StringIO()
    csv.writer(out).writerows([chart.head, *(tuple(map(_plain, row)) for row in chart.rows)])
    return "\ufeff" + out.getvalue()


def _shown(cell: Cell) -> str:
    """A cell on a page.

    >>> _shown(0.8612345678), _shown(1234567), _shown(1234567.8), _shown("zh"), _shown(None)
    ('0.861235', '1,234,567', '1,234,568', 'zh', '')
    """
    if cell is None or isinstance(cell, str):
        return cell or ""
    return f"{cell:,.0f}" if abs(cell) >= _LARGE else f"{cell:,.6g}"


def _plain(cell: Cell) -> Cell:
    """Text that a spreadsheet would take for a formula stays text."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@"} else cell


def table(
    caption: Caption, x_name: str, y_name: str, rows: Sequence[tuple[Cell, ...]]
) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    """Head and rows of (name, x, y, low, high) without the columns in which nothing stands."""
    head = (caption.series, x_name, y_name, *caption.ends)
    kept = [at for at in range(len(head)) if any(row[at] not in (None, "") for row in rows)]
    return tuple(head[at] for at in kept), tuple(tuple(row[at] for at in kept) for row in rows)
