"""What risks take and mitigations bring, in plans where it can be reckoned by hand; ``argosy plan risks``."""

import json
from pathlib import Path

import pytest

from argosy.config.venture.risk import register
from argosy.core.errors import Problems, ProjectError
from argosy.evaluate.intervals import Interval
from argosy.project.venturing.risking import AtRisk, at_risk
from argosy.project.venturing.studying import study
from argosy.ui.cli import main
from argosy.venture.risk.course import course
from argosy.venture.risk.network import network

pytest.importorskip("pgmpy", reason="it reckons the probabilities")
HEAD = """
[venture]
name = "Test"
start = 2027-01-01
months = 12
[opening]
value = 1500
unit = "CNY"
sourced = "the bank"
date = 2026-11-01
[worth]
discount = { value = 0.000001, unit = "percent/year", sourced = "nothing", date = 2026-11-01 }
[[expense]]
name = "rent"
function = "run"
amount = { value = 100, unit = "CNY/month", sourced = "the lease", date = 2026-11-01 }
[simulation]
draws = 4000
"""
FIRE = """
[[risk]]
name = "fire"
kind = "technology"
owner = "founders"
trigger = "smoke"
probability = { value = 25, unit = "percent", sourced = "the insurer", date = 2026-11-01 }
months = [2027-03-01, 2027-08-01]
cost = { value = 800, unit = "CNY", sourced = "the insurer", date = 2026-11-01 }
"""
DOOR = """
[[mitigation]]
name = "door"
risk = "fire"
owner = "founders"
leaves = { value = 0.5, unit = "share", sourced = "the maker", date = 2026-11-01 }
on = 2027-01-01
cost = { value = 60, unit = "CNY", sourced = "an offer", date = 2026-11-01 }
"""
FLOOD = """
[[risk]]
name = "flood"
kind = "legal"
owner = "founders"
trigger = "rain"
probability = { value = 0, unit = "share", sourced = "a map", date = 2026-11-01 }
months = [2027-01-01, 2027-12-01]
causes = { fire = { value = 1, unit = "share", sourced = "the fire brigade", date = 2026-11-01 } }
shock = { "rent.rate" = "+100" }
lasts = 2
"""


def told(folder: Path, text: str) -> AtRisk:
    """A plan of this text, and its risks."""
    (folder / "venture.toml").write_text(HEAD + text, encoding="utf-8")
    studied = study(folder)
    return at_risk(studied, studied.model.periods[-1].start)


def within(found: Interval, wanted: float) -> bool:
    """Whether it is inside of twice the interval."""
    half = (found.high - found.low) / 2
    return abs(found.value - wanted) < 2 * half


def test_a_risk_takes_its_probability_times_its_cost(tmp_path: Path) -> None:
    """0.25 · 800; it is also what empties the cash: 1,500 less twelve rents is 300."""
    found = told(tmp_path, FIRE).effects
    (harm,) = found.harms
    assert harm.probability == pytest.approx(0.25)
    assert within(harm.npv, 200)
    assert within(harm.lowest, 200)
    assert found.calm.value == pytest.approx(-1200)
    assert found.calm_out.value == 0
    assert found.out.value == pytest.approx(harm.npv.value / 800)
    assert found.npv.mean == pytest.approx(-1200 - harm.npv.value)


def test_a_mitigation_is_weighed_against_its_cost(tmp_path: Path) -> None:
    """It halves 200 for 60, and so pays from 15 %: 60 / (800 · 0.5)."""
    found = told(tmp_path, FIRE + DOOR).effects
    (gain,) = found.gains
    assert gain.cost == pytest.approx(60, rel=1e-6)
    assert within(gain.gain, 100)
    assert gain.net.value == pytest.approx(gain.gain.value - 60, rel=1e-6)
    assert gain.probabilities == {"fire": pytest.approx(0.125)}
    assert gain.pays_from == pytest.approx(0.15, abs=0.02)
    assert gain.out.value < found.out.value


def test_what_a_risk_brings_about_is_counted(tmp_path: Path) -> None:
    """The flood follows each fire and costs 200, 100 from the last month on: no fire, no flood."""
    found = told(tmp_path, FIRE + FLOOD + DOOR).effects
    fire, flood = found.harms
    assert (fire.risk.name, flood.risk.name) == ("fire", "flood")
    assert flood.probability == pytest.approx(0.25)
    assert 0 < flood.npv.value <= 200 * found.out.value + 1
    assert fire.npv.value == pytest.approx(800 * found.out.value + flood.npv.value)
    assert found.gains[0].probabilities["flood"] == pytest.approx(0.125)


def test_what_is_done_is_in_force_and_not_proposed(tmp_path: Path) -> None:
    """Half of the fires are left, and nothing is open; a second door halves them again, both together as well."""
    done = told(tmp_path, FIRE + DOOR + "done = true\n").effects
    assert done.gains == ()
    assert within(done.harms[0].npv, 100)
    twice = told(tmp_path, FIRE + DOOR + DOOR.replace('"door"', '"second"'))
    assert [len(one.mitigations) for one in twice.effects.gains] == [1, 1, 2]
    assert twice.effects.gains[-1].probabilities["fire"] == pytest.approx(0.0625)
    assert twice.effects.gains[-1].pays_from is not None
    assert [one.what for one in twice.overdue] == ["mitigation", "mitigation"]


def test_the_same_seed_tells_the_same(tmp_path: Path) -> None:
    """Number by number."""
    assert told(tmp_path, FIRE + DOOR).effects == told(tmp_path, FIRE + DOOR).effects


def test_figures_and_risks_are_drawn_together(tmp_path: Path) -> None:
    """A rent that is not certain spreads the value, and moves no risk."""
    before = told(tmp_path, FIRE).effects
    (tmp_path / "venture.toml").write_text(
        HEAD.replace('sourced = "the lease", date = 2026-11-01', 'assumed = [50, 150], why = "two offers"') + FIRE,
        encoding="utf-8",
    )
    after = at_risk(study(tmp_path), study(tmp_path).model.periods[-1].start).effects
    assert after.harms[0].npv.value == pytest.approx(before.harms[0].npv.value)
    assert after.npv.deviation is not None
    assert before.npv.deviation is not None
    assert after.npv.deviation > before.npv.deviation
    studied = study(tmp_path)
    of = register(studied.venture.risk, ())
    found = course(network(of), of, studied.model.periods, 4000, seed=1)
    assert found.happened["fire"].mean() * 800 == pytest.approx(before.harms[0].npv.value, rel=1e-5)


@pytest.mark.parametrize(
    ("head", "text", "said"),
    [
        (HEAD, "", "There are no risks"),
        (
            HEAD.replace("[worth]", "[tax]").replace("discount", "profit").replace("percent/year", "share"),
            FIRE,
            "worth",
        ),
        (HEAD, DOOR + FLOOD, "not there"),
    ],
)
def test_what_cannot_be_told_is_said(tmp_path: Path, head: str, text: str, said: str) -> None:
    """No risks; no discount rate; a mitigation or a cause that nobody declared."""
    (tmp_path / "venture.toml").write_text(head + text, encoding="utf-8")
    studied = study(tmp_path)
    with pytest.raises((ProjectError, Problems), match=said):
        at_risk(studied, studied.model.periods[0].start)


def test_the_verb_shows_the_register(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On one screen in both languages, and as JSON."""
    told(tmp_path, FIRE + FLOOD + DOOR)
    for language in ("en", "zh"):
        assert main(["plan", "risks", "--in", str(tmp_path), "--lang", language]) == 0
        shown = capsys.readouterr().out
        assert "fire" in shown
        assert "door" in shown
        assert "12.5 %" in shown
    assert main(["plan", "risks", "--in", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in found["risks"]] == ["fire", "flood"]
    assert found["mitigations"][0]["net"][0] == pytest.approx(found["mitigations"][0]["gain"][0] - 60, rel=1e-6)
    assert found["ownerless"] == ["fire", "flood", "door"]
