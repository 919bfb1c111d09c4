"""``argosy plan unsure``: draws, shares of the variance, scenarios, of a plan whose answers are known."""

import json
from pathlib import Path

import pytest

from argosy.core.errors import ProjectError
from argosy.project.venturing.doubting import doubt, told
from argosy.project.venturing.studying import Studied, study
from argosy.ui.cli import main

pytest.importorskip("SALib", reason="it reckons Sobol indices")
HEAD = """
[venture]
name = "Test"
start = 2027-01-01
months = 12
[worth]
discount = { value = 0.000001, unit = "percent/year", sourced = "nothing", date = 2026-11-01 }
"""
ONE = """
[[expense]]
name = "rent"
function = "run"
amount = { value = 100, unit = "CNY/month", assumed = [50, 150], why = "two offers", hint = "sign the lease" }
[simulation]
draws = 2000
[scenarios.cheap]
"rent.amount" = "low"
[scenarios.twice]
"rent.amount" = "x2"
"""


def written(folder: Path, text: str) -> Studied:
    """A plan of this text."""
    (folder / "venture.toml").write_text(HEAD + text, encoding="utf-8")
    return study(folder)


def test_one_assumption_is_behind_all_of_the_variance(tmp_path: Path) -> None:
    """Its ends are the tornado's, its hint is what to do next, and scenarios are reckoned exactly."""
    doubted = doubt(written(tmp_path, ONE))
    assert doubted.shares is not None
    assert {one.kind: round(one.total.value, 6) for one in doubted.shares.by}["assumed"] == 1
    assert [(one.name, one.hint) for one in doubted.shares.unknown] == [("rent.amount", "sign the lease")]
    (bar,) = doubted.bars
    assert (round(bar.at_low), round(bar.at_high)) == (600, -600)
    assert {one.name: round(one.npv or 0) for one in doubted.scenarios} == {"cheap": -600, "twice": -2400}
    loss = told(doubted, dict(enumerate("abcdefghijkl")))["loss"]
    assert loss["value"] == 1
    assert 0.99 < loss["low"] <= loss["high"] == 1


def test_a_plan_without_doubt_has_one_course(tmp_path: Path) -> None:
    """No range anywhere: nothing is divided by a variance of 0."""
    certain = ONE.replace('assumed = [50, 150], why = "two offers"', 'sourced = "lease", date = 2026-11-01')
    doubted = doubt(written(tmp_path, certain.replace('"low"', "80")))
    assert doubted.shares is not None
    assert doubted.bars == ()
    assert all(one.total.value == 0 for one in doubted.shares.by)
    assert json.dumps(told(doubted, dict(enumerate("abcdefghijkl"))))


def test_what_cannot_be_drawn_is_said(tmp_path: Path) -> None:
    """A figure that is not there, in correlations and in scenarios; a range that is missing."""
    for wrong in ("[simulation]\ncorrelations = [['a.b', 'rent.amount', 0.5]]", "[scenarios.one]\n'a.b' = 1"):
        plan = written(tmp_path, ONE[: ONE.index("[simulation]")] + wrong)
        with pytest.raises(ProjectError, match="no figure"):
            doubt(plan)


def test_the_screen_tells_what_to_measure_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the same draws for the same seed."""
    written(tmp_path, ONE)
    assert main(["plan", "unsure", "--in", str(tmp_path)]) == 0
    first = capsys.readouterr().out
    assert "sign the lease" in first
    assert "twice" in first
    assert main(["plan", "unsure", "--in", str(tmp_path)]) == 0
    assert capsys.readouterr().out == first
