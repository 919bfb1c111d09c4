"""The screen of a result in the terminal."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import Console

from argosy.report.ladder import rungs
from argosy.ui import table

Record = dict[str, Any]


def show(record: Record, width: int, translate: Callable[[str], str] = str, report: Path | None = None) -> list[str]:
    """The lines of the screen."""
    out = io.StringIO()
    console = Console(file=out, width=width, color_system=None, soft_wrap=True)
    console.print(table.ladder(record, translate, report))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_screen_in_the_order_of_worry(tuned: Record) -> None:
    """Title, data, privacy, labels, ladder, what the rows can show, verdict, doubts, parity: each starts a line."""
    lines = show(tuned, 120, report=Path("reviews/report.html"))
    assert lines[0].startswith("reviews · classify · zh + en")
    assert lines[0].endswith("built in 10 min 15 s")
    keys = [re.split(r"  +", line)[0] for line in lines if line[:1].isalpha()]
    assert keys == [
        *(
            "reviews · classify · zh + en",
            "data",
            "privacy",
            "labels",
            "ladder",
            "also",
            "power",
            "verdict",
            "en",
            "zh",
        ),
        *("calibration", "certain", "weak spot", "robustness", "attacks", "bias", "reasons", "more data"),
        *(
            "parity",
            "latency",
            "training",
            "besides",
            "adapted",
            "tried",
            "memory",
            "refused",
            "served",
            "model",
            "report",
        ),
    ]
    assert lines[1].endswith("1,320 read → 1,308 kept  (7 exact twins, 5 leaks into the test rows)")
    assert "phone numbers 1" in lines[2]
    assert any("to review: reviews/.argosy/artifacts/suspects-" in line for line in lines)
    assert lines[-1].endswith("reviews/report.html")


def test_an_alarm_is_told_with_its_figure_and_its_limit(tuned: Record) -> None:
    """What a product watches is said first among the findings, with the interval where there is one."""
    ringing = [
        {"number": "calibration_error", "at": "calibration.ece_after", "limit": 0.01, "means": "set no threshold"},
        {"number": "test_rows", "at": "data.splits.test", "limit": 500, "means": "few"},
    ]
    lines = show({**tuned, "alarms": ringing}, 140)
    told = [line for line in lines if line.startswith("alarm")]
    error = tuned["calibration"]["ece_after"]
    assert told[0].endswith("worse than 0.010; set no threshold")
    assert "calibration error" in told[0]
    assert f"{error['high']:.4f}" in told[0]
    assert told[1].endswith("number of test rows: 420, worse than 500; few")


def test_every_line_of_doubt_has_its_figures(measured: Record) -> None:
    """One short line each, with intervals, as the record has them."""
    text = " ".join(" ".join(show(measured, 400)).split())
    for words in (
        "151 of 711 training labels look wrong; they were kept",
        "dropping them: −1.9 [−8.1, +4.3] points of macro F1, p = .55",
        "420 test rows can show a difference of 3.4 points of macro F1 (80 % power)",
        "from a probability of .86 on: 26.0 % [21.9, 30.4] of the test rows, 7.3 % [3.7, 13.9] of them wrong",
        "label positive: accuracy .652 [.57, .72] on 158 rows, .771 [.73, .81] on all; p < .0001",
        "small changes turn 32.4 % [19.1, 49.2] of 34 right answers; accuracy .850 [.71, .93] → .575 [.42, .71]",
        "gender: 9.5 % [3.7, 22.1] of 42 answers change",
        "by exact: for 91.7 % [65.2, 99.6] of 12 texts it names words that count",
        "2 × the rows (1,422) would bring the linear model about +2.1 [+0.1, +3.2] points of macro F1",
        "onnx-fp32 agrees on 100 % [98.1, 100]",
    ):
        assert words in text


def test_what_the_rows_cannot_say_is_said(five_classes: Record) -> None:
    """No threshold, no weak spot, no good explanation, a flat curve."""
    text = " ".join(" ".join(show(five_classes, 400)).split())
    for words in (
        "no personal data found",
        "none of 711 training labels looks wrong",
        "no threshold is shown to keep the errors below 20.0 %; these rows could show 31.0 % at best",
        "no kind of row has the 30 test rows that it takes to look for weak spots",
        "worst is typing errors: −4.3 [−7.6, −1.0] points of macro F1, p = .044",
        "no way of explaining names the words that count better than chance does",
        "the learning curve is flat",
        "whether tuning as a method is better takes three trainings",
    ):
        assert words in text


def test_a_method_is_better_only_over_trainings(tuned: Record, measured: Record) -> None:
    """Three trainings make a claim; where their interval holds 0, none is made."""
    better, undecided = (" ".join(" ".join(show(record, 400)).split()) for record in (tuned, measured))
    assert "Over 3 trainings, tuning as a method beats TF-IDF + linear: +7.1 [+4.0, +10.2] points of macro F1" in better
    assert "Over 3 trainings, tuning as a method is not shown to differ from frozen + linear" in undecided


def test_a_better_baseline_is_named(measured: Record) -> None:
    """The frozen rung beats what is served: that is said plainly."""
    text = " ".join(" ".join(show(measured, 400)).split())
    assert "TF-IDF + linear, which is served, falls short of frozen + linear: −8.0 [−12.7, −3.3] points" in text


def test_served_rung_carries_the_arrow(tuned: Record, baseline_wins: Record) -> None:
    """One rung is marked, with its own figures; below each figure stands its test against the best baseline."""
    for record, name, below in (
        (tuned, ["→", "…", "as", "served:", "onnx-int8", ".843"], "p = .0006"),
        (baseline_wins, ["→", "TF-IDF", "+", "linear", ".771"], "−8.1 [−12.3, −3.8], p = .0003"),
    ):
        lines = show(record, 120)
        arrows = [number for number, line in enumerate(lines) if line.startswith("→")]
        assert [lines[number].split()[: len(name)] for number in arrows] == [name]
        assert below in lines[arrows[0] + 1]


def test_projects_over_columns_have_their_own_rungs_and_metrics(numbers: Record, columns: Record) -> None:
    """A number is told in its unit, less is better, and there is no parity with torch."""
    text = "\n".join(show(numbers, 130))
    assert re.search(r"→ ridge regression +39\.3 \[32\.7, 46\.5\] +\.595 \[\.42, \.72\]", text)
    assert "+25.4 [+15.1, +35.7], p = .0005" in text
    assert "64 test rows can show a difference of 5.3 of mean error" in text
    assert "parity" not in text
    text = " ".join(" ".join(show(columns, 300)).split())
    assert "Bayesian network is not shown to be better than logistic regression" in text
    assert "calibration" in text


def test_narrow_terminal_loses_nothing(tuned: Record) -> None:
    """At 80 columns long names wrap below themselves and every figure is still there."""
    lines = show(tuned, 80)
    assert max(map(cell_len, lines)) <= 80
    ladder = lines[next(at for at, line in enumerate(lines) if line.startswith("ladder")) : _end_of_ladder(lines) + 2]
    assert sum(len(re.findall(r"\.\d{3} \[", line)) for line in ladder) == 2 * len(rungs(tuned, str))
    assert sum(len(re.findall(r"p [=<] \.", line)) for line in ladder) == 6
    assert "MB" in "".join(ladder)
    assert "…" not in "".join(ladder).replace("… as served", "")


def _end_of_ladder(lines: list[str]) -> int:
    """The number of the line behind the rung that is served."""
    return 1 + next(number for number, line in enumerate(lines) if line.startswith("→"))


def test_wide_characters_keep_the_columns(tuned: Record, chinese: Callable[[str], str]) -> None:
    """With Chinese names, which are two cells wide, the figures still stand below one another."""
    lines = show(tuned, 160, chinese)
    ladder = lines[next(at for at, line in enumerate(lines) if line.startswith("译ladder")) : _end_of_ladder(lines)]
    cells = {cell_len(line[: line.index(" [.")]) for line in ladder if re.search(r" \.\d{3} \[", line)}
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
    Console(file=out, width=140).print(table.data_lines(tuned, str))
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert lines[1:] == [
        "privacy    taken out before anything was stored: phone numbers 1",
        "parts      711 rows to learn from, 177 to choose with, 420 to test on",
        "labels     negative 793, positive 515",
    ]
    assert lines[0].startswith("data       1,320 read → 1,308 kept")


def test_square_brackets_of_users_are_no_style(tuned: Record) -> None:
    """A reason with square brackets is printed as it is."""
    tuned["candidates"][0]["reasons"][0]["values"]["texts"] = "[bold]11[/bold] of [red]"
    assert "[bold]11[/bold]of[red]" in "".join("".join(show(tuned, 120)).split())
