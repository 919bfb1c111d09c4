"""The screen of a result in the terminal."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import Console

from argosy.ui import table

Record = dict[str, Any]


def show(record: Record, width: int, translate: Callable[[str], str] = str, report: Path | None = None) -> list[str]:
    """The lines of the screen."""
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, soft_wrap=True)
    console.print(table.ladder(record, translate, report))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_screen_in_the_order_of_worry(tuned: Record) -> None:
    """Title, data, ladder, verdict, parity, report: each starts a line."""
    lines = show(tuned, 120, report=Path("reviews/report.html"))
    assert lines[0].startswith("reviews · classify · zh + en")
    assert lines[0].endswith("built in 4 min 51 s")
    keys = [line.split()[0] for line in lines if line[:1].isalpha()]
    assert keys == [
        "reviews",
        "data",
        "ladder",
        "verdict",
        "zh",
        "en",
        "parity",
        "latency",
        "refused",
        "model",
        "report",
    ]
    assert lines[1].endswith(
        "6,204 read → 5,031 kept  (1,120 exact twins, 12 conflicting labels, 38 also held out, 3 unlabelled)"
    )
    assert lines[-1].endswith("reviews/report.html")


def test_served_rung_carries_the_arrow(tuned: Record, baseline_wins: Record) -> None:
    """One rung is marked: the one that is served, with its own figures."""
    arrows = [[line for line in show(record, 120) if line.startswith("→")] for record in (tuned, baseline_wins)]
    assert [line.split() for line in arrows[0]] == [
        ["→", "…", "as", "served:", "onnx-int8", ".858", "[.84,", ".88]", ".858", "[.84,", ".88]", "–", "1,450", "34"]
    ]
    assert [line.split()[:5] for line in arrows[1]] == [["→", "TF-IDF", "+", "linear", ".829"]]


def test_narrow_terminal_loses_nothing(tuned: Record) -> None:
    """At 80 columns long names wrap below themselves and every figure is still there."""
    lines = show(tuned, 80)
    assert max(map(cell_len, lines)) <= 80
    assert sum("[.84, .88]" in line for line in lines[: _end_of_ladder(lines)]) == 2
    assert "…" not in "".join(lines).replace("… as served", "")


def _end_of_ladder(lines: list[str]) -> int:
    """The number of the line behind the rung that is served."""
    return 1 + next(number for number, line in enumerate(lines) if line.startswith("→"))


def test_wide_characters_keep_the_columns(tuned: Record, chinese: Callable[[str], str]) -> None:
    """With Chinese names, which are two cells wide, the figures still stand below one another."""
    lines = show(tuned, 140, chinese)
    ladder = lines[: _end_of_ladder(lines)]
    cells = {cell_len(line[: line.index(" [.")]) for line in ladder if " [." in line}
    assert len(cells) == 1


def test_warnings_come_before_the_ladder(hostile: Record, baseline_wins: Record) -> None:
    """A licence that forbids commercial use, and a language that gives the label away, are told; markup stays text."""
    assert any(line.startswith("warning") and "forbids commercial use" in line for line in show(hostile, 200))
    lines = show(baseline_wins, 120)
    warning = next(index for index, line in enumerate(lines) if line.startswith("warning"))
    assert warning < next(index for index, line in enumerate(lines) if line.startswith("ladder"))


def test_data_alone_before_any_training(tuned: Record) -> None:
    """What `argosy check` knows: rows kept, parts and labels."""
    out = io.StringIO()
    Console(file=out, width=140).print(table.data_lines(tuned["data"], str))
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert lines[1:] == [
        "parts      3,225 rows to learn from, 403 to choose with, 1,403 to test on",
        "labels     negative 1,985, positive 2,046",
    ]
    assert lines[0].startswith("data       6,204 read → 5,031 kept")


def test_square_brackets_of_users_are_no_style(tuned: Record) -> None:
    """A reason with square brackets is printed as it is."""
    tuned["candidates"][0]["reasons"][0]["values"]["texts"] = "[bold]11[/bold] of [red]"
    assert "[bold]11[/bold]of[red]" in "".join("".join(show(tuned, 120)).split())
