"""Counts by two names as shaded fields, such as a confusion matrix: rows the truth, columns the answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from argosy.web.charts.chart import Caption, Chart
from argosy.web.charts.svg import Attributes, cut, element, words

WIDTH = 340
SHADES = 5
_LABELS = 132  # pixels that the names of the rows take
_NARROW = 66  # … where they are months
_LINE = 34  # pixels a row
_TOP = 20
_SIZE = 11.5  # of the letters
_SMALL = 10  # … below the names
_DIGIT = 0.6  # of their size


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row: its name, a count a column, and what is said below the name."""

    name: str
    counts: tuple[int, ...]
    told: str = ""


def heat(caption: Caption, lines: Sequence[Line]) -> Chart:
    """A field a count, the darker the more of its row; a column a row, with its number; the diagonal apart."""
    height = _TOP + _LINE * len(lines) + 2
    title, told = f"{caption.name}-title", f"{caption.name}-desc"
    columns = (
        words("text", str(at + 1), {"class": "middle", "x": _left(at + 0.5, lines), "y": 13})
        for at in range(len(lines))
    )
    drawn = element(
        "svg",
        {"viewBox": f"0 0 {WIDTH} {height}", "role": "img", "aria-labelledby": f"{title} {told}"},
        words("title", caption.title, {"id": title}),
        words("desc", caption.told, {"id": told}),
        element("g", {"class": "axis"}, *columns, *(part for at in range(len(lines)) for part in _name(at, lines[at]))),
        *(field for at in range(len(lines)) for field in _fields(at, lines)),
    )
    head = (caption.series, *(line.name for line in lines))
    return Chart(caption=caption, drawn=drawn, head=head, rows=tuple((line.name, *line.counts) for line in lines))


def triangle(caption: Caption, lines: Sequence[Line]) -> Chart:
    """Counts by group and age as percentages of each row's first, the darker the more; columns are ages from 0.

    Rows may end earlier. Who points at a field is told its count; the data are counts.
    """
    columns = max((len(line.counts) for line in lines), default=1)
    height = _TOP + _LINE * len(lines) + 2
    title, told = f"{caption.name}-title", f"{caption.name}-desc"
    wide = (WIDTH - _NARROW) / columns
    heads = (
        words("text", str(age), {"class": "middle", "x": _NARROW + wide * (age + 0.5), "y": 13})
        for age in range(columns)
    )
    drawn = element(
        "svg",
        {"viewBox": f"0 0 {WIDTH} {height}", "role": "img", "aria-labelledby": f"{title} {told}"},
        words("title", caption.title, {"id": title}),
        words("desc", caption.told, {"id": told}),
        element("g", {"class": "axis"}, *heads),
        *(part for at, line in enumerate(lines) for part in _aged(at, line, wide)),
    )
    head = (caption.series, *map(str, range(columns)))
    rows = tuple((line.name, *line.counts, *[None] * (columns - len(line.counts))) for line in lines)
    return Chart(caption=caption, drawn=drawn, head=head, rows=rows)


def _aged(row: int, line: Line, wide: float) -> Iterator[str]:
    """A row of a triangle: its name, and a field an age."""
    first, y = line.counts[0], _TOP + _LINE * row
    yield words("text", cut(line.name, _NARROW - 4, _SIZE), {"class": "label", "x": 0, "y": y + 14})
    yield words("text", cut(line.told, _NARROW - 4, _SMALL), {"class": "small", "x": 0, "y": y + 27})
    for age, count in enumerate(line.counts):
        x = _NARROW + wide * age
        shape: Attributes = {
            "class": "right",
            "fill-opacity": min(shade(count, first), SHADES) / 10,
            "x": x + 1,
            "y": y + 1,
            "width": wide - 2,
            "height": _LINE - 2,
        }
        said = f"{100 * count / first:.0f}" if first else "–"
        size = min(_SIZE, wide * 0.86 / (len(said) * _DIGIT))
        spot: Attributes = {"class": "count middle", "x": x + wide / 2, "y": y + 21, "font-size": size}
        told = words("title", f"{line.name} + {age}: {count:,} / {first:,}")
        yield element("g", {"class": "cell"}, told, element("rect", shape), words("text", said, spot))


def shade(count: int, total: int) -> int:
    """0 for nothing, then 1 to 5 by the share of the total, rounded up.

    >>> [shade(count, 262) for count in (0, 1, 41, 221)]
    [0, 1, 1, 5]
    """
    return -(-SHADES * count // total) if total else 0


def _name(at: int, line: Line) -> Iterator[str]:
    y = _TOP + _LINE * at
    full = words("title", line.name)
    label = cut(f"{at + 1} · {line.name}", _LABELS - 6, _SIZE)
    yield element("g", {}, full, words("text", label, {"class": "label", "x": 0, "y": y + (14 if line.told else 21)}))
    if line.told:
        yield words("text", line.told, {"class": "small", "x": 0, "y": y + 27})


def _fields(row: int, lines: Sequence[Line]) -> Iterator[str]:
    line, wide = lines[row], (WIDTH - _LABELS) / len(lines)
    for at, count in enumerate(line.counts):
        kind = "right" if at == row else "wrong"
        x, y = _left(at, lines), _TOP + _LINE * row
        shape: Attributes = {
            "class": kind,
            "fill-opacity": shade(count, sum(line.counts)) / 10,
            "x": x + 1,
            "y": y + 1,
            "width": wide - 2,
            "height": _LINE - 2,
        }
        size = min(_SIZE, wide * 0.94 / (len(f"{count:,}") * _DIGIT))
        spot: Attributes = {"class": "count middle", "x": x + wide / 2, "y": y + 21, "font-size": size}
        told = words("title", f"{line.name} → {lines[at].name}: {count:,}")
        yield element("g", {"class": "cell"}, told, element("rect", shape), words("text", f"{count:,}", spot))


def _left(at: float, lines: Sequence[Line]) -> float:
    return _LABELS + at * (WIDTH - _LABELS) / len(lines)
