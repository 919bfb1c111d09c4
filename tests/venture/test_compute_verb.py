"""``argosy compute``: the example's training and serving, the price table, and what the plan reads of it."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import toy_model

from argosy.config.venture.file import load
from argosy.project.venturing.loads import Load, kept, measure, store
from argosy.project.venturing.runs import reading
from argosy.ui.cli import main
from argosy.venture.compute.curve import Point

NEVER = float("inf")
TOKENS = 'tokens = { value = 60, unit = "tokens/request", assumed = [30, 120], why = "a question with its context" }'
DOLLAR = (
    'USD = { value = 7.1, unit = "CNY/USD", assumed = [6.7, 7.4], '
    'why = "range of the last years; look up the rate of the day" }'
)
CURVE = Load(
    day=date(2026, 11, 20),
    model="desk",
    engine="onnx-int8",
    machine="two cores",
    points=tuple(
        Point(offered=rate, answered=rate, seconds=10, ms=(late / 10,) * 50 + (late,) * 50)
        for rate, late in ((100.0, 10.0), (200.0, 50.0), (300.0, 150.0), (400.0, NEVER))
    ),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example venture."""
    assert main(["plan", "new", str(tmp_path)]) == 0
    return tmp_path


def told(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The JSON."""
    capsys.readouterr()
    assert main(["compute", "--in", str(folder), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def edit(folder: Path, was: str, becomes: str, name: str = "venture.toml") -> None:
    """Change a file's text, which has to be there."""
    text = (folder / name).read_text(encoding="utf-8")
    assert was in text
    (folder / name).write_text(text.replace(was, becomes), encoding="utf-8")


def test_without_a_curve_training_is_told_and_what_to_measure(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """6 · 118M · 30M operations, at 30 % of 312 TFLOP/s, for 1.30 USD at 7.1."""
    found = told(folder, capsys)
    assert found["training"]["flops"] == 6 * 118_000_000 * 30_000_000
    hours = found["training"]["flops"] / (312e12 * 3600 * 0.3)
    assert float(found["training"]["hours"]) == pytest.approx(hours)
    assert float(found["training"]["cost"]) == pytest.approx(hours * 1.30 * 7.1)
    assert found["training"]["energy"]["how"] == "estimated"
    assert found["serving"] is None
    assert main(["compute", "--in", str(folder)]) == 0
    assert "argosy compute measure MODEL" in capsys.readouterr().out


def test_serving_costs_what_the_curve_and_the_price_say(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """250 a second at 100 ms, 200 planned for; one machine, mostly idle, a month at .30; an API by its tokens."""
    store(folder, CURVE)
    serving = told(folder, capsys)["serving"]
    assert serving["capacity"] == {"rate": 250, "low": 200, "high": 300, "open": False}
    assert (serving["machines"], float(serving["cost"])) == (1, pytest.approx(730.485 * 0.30))
    assert float(serving["per_1k_requests"]) == pytest.approx(730.485 * 0.30 / 2000)
    assert float(serving["per_1k_requests_without_idle"]) == pytest.approx(0.30 / 3600 / 200 * 1000)
    box, mini = serving["others"]
    assert float(box["cost"]) == pytest.approx(6000 / 36 + 0.09 * 1.3 * 730.485 * 0.8)
    request = (60 * 0.15 + 80 * 0.60) / 1e6 * 7.1
    assert float(mini["per_1k_requests"]) == pytest.approx(1000 * request)
    assert mini["break_even"]["first"] == pytest.approx(730.485 * 0.30 / request)
    assert main(["compute", "--in", str(folder)]) == 0
    screen = capsys.readouterr().out
    for words in ("250 requests a second", "assumed: small machines", "gpt-4o-mini", "for good from"):
        assert words in screen


def test_counters_make_the_energy_measured(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """3.6 J a request, and 30 % more for the building; a month's energy stays estimated, idle hours are in it."""
    store(folder, replace(CURVE, joules=3.6))
    serving = told(folder, capsys)["serving"]
    assert serving["energy_per_1k_requests"]["how"] == "measured"
    assert float(serving["energy_per_1k_requests"]["kwh"]) == pytest.approx(0.001 * 1.3)
    assert serving["energy"]["how"] == "estimated"


def test_the_plan_reads_the_cost_as_the_assumption_that_its_price_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A measured load at an assumed price is no measurement; at a sourced one, it is."""
    store(folder, CURVE)
    told(folder, capsys)
    edit(
        folder,
        'request_cost = { value = 0.03, unit = "CNY/1k requests", assumed = [0.01, 0.09], why = "before the load of '
        'real customers is measured", hint = "a load test of the served model" }',
        'request_cost = { measured = "compute:cost_per_1k" }',
    )
    figure = load(folder, reading(folder)).figures["request_cost"].figure("request_cost")
    assert figure.origin.kind == "assumed"
    assert figure.low is not None
    assert figure.low < figure.value < (figure.high or 0)
    assert "desk, 2026-11-20" in figure.origin.where
    assert main(["compute", "prices", "--in", str(folder)]) == 0
    edit(
        folder,
        'assumed = [0.15, 0.60], why = "small machines of large providers; look up your own"',
        'sourced = "the contract", date = 2026-11-01',
        "prices.toml",
    )
    told(folder, capsys)
    figure = load(folder, reading(folder)).figures["request_cost"].figure("request_cost")
    assert (figure.origin.kind, figure.origin.where) == ("measured", "compute:cost_per_1k")
    assert main(["plan", "--in", str(folder)]) == 0
    assert "1 measured" in capsys.readouterr().out


def test_a_price_table_is_not_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is the user's."""
    assert main(["compute", "prices", "--in", str(folder)]) == 0
    assert main(["compute", "prices", "--in", str(folder)]) == 3
    assert "price table already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('machine = "a100"', 'machine = "b9"', "no machine 'b9'"),
        ('machine = "a100"', 'machine = "small"', "no peak"),
        ("bound_ms = 100", "bound_ms = 5", "take up to 10.0 ms"),
        ('shape = "wave"', "shape = [1, 2]", "24 weights"),
        ('instead = ["box", "mini"]', 'instead = ["h100"]', "how fast"),
        (TOKENS, "", "by the token"),
        (DOLLAR, "", "rate is not known"),
        ('unit = "1M requests/month"', 'unit = "1M rows/month"', "requests"),
    ],
)
def test_what_does_not_fit_is_told(
    was: str, becomes: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the place and what to do."""
    store(folder, CURVE)
    edit(folder, was, becomes)
    capsys.readouterr()
    assert main(["compute", "--in", str(folder)]) == 3
    assert said.lower() in capsys.readouterr().err.lower()


def test_a_plan_that_asks_nothing_is_told_what_to_ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And a curve that is broken, what to do."""
    (tmp_path / "venture.toml").write_text('[venture]\nname = "x"\nstart = "2027-01"\n', encoding="utf-8")
    assert main(["compute", "--in", str(tmp_path)]) == 3
    assert "[compute.serving]" in capsys.readouterr().err


def test_a_language_model_in_memory(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Llama-3-8B at 16 bits on 80 GB: weights of 16.06 GB, and 3 contexts of 128k."""
    text = """
[compute.memory]
parameters = { value = 8030, unit = "1M parameters", sourced = "the model's card", date = 2026-11-01 }
layers = 32
heads = 8
size = 128
context = 131_072
machine = "a100"

[equity]
formed"""
    edit(folder, "\n[equity]\nformed", text)
    found = told(folder, capsys)["memory"]
    assert found == {"weights": 16_060_000_000, "bytes_per_token": 131_072, "whole_contexts": 3}


def test_a_curve_is_kept_as_it_was_measured(tmp_path: Path) -> None:
    """What was never answered as well; none is there at first."""
    assert kept(tmp_path) is None
    store(tmp_path, CURVE)
    assert kept(tmp_path) == CURVE
    store(tmp_path, replace(CURVE, joules=0.25))
    found = kept(tmp_path)
    assert found is not None
    assert found.joules == 0.25


@pytest.mark.slow
def test_a_real_server_is_measured(tmp_path: Path) -> None:
    """Slow: a server is started and asked at nine rates. Each answers what came, and its processor time is known."""
    pytest.importorskip("skl2onnx")
    model = toy_model.write_whole(tmp_path)
    found = measure(model, ["物流很快", "broke after a day"], date(2026, 11, 20), 1.0)
    assert len(found.points) == 9
    first = found.points[0]
    assert first.answered == pytest.approx(first.offered)
    assert first.busy is not None
    assert 0 < first.busy < 1
    assert first.percentile(50) <= first.percentile(99)
    assert Decimal(found.points[-1].offered) > Decimal(first.offered)
