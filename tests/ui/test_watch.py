"""`argosy watch`: the screen in both languages, its JSON, and what is said where nothing is known yet."""

import json
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from projects import SHOP, SOLD_REVIEWS
from rich.cells import cell_len
from rich.console import Console
from watching import Talk, talking, usual

from argosy.core.signals import signal_figure
from argosy.project.watching.look import Look
from argosy.ui.cli import main
from argosy.ui.verbs.watching.screen import Screen

DAYS = 15


def told(talk: Talk) -> Look:
    """Two weeks of texts and traffic, then hours in which all is bad."""
    for day in range(DAYS):
        talk.feedback(talk.day(day, 25))
    talk.shop.weeks(DAYS * 24, version="1")
    talk.shop.look(DAYS * 24)
    for hour in range(DAYS * 24, DAYS * 24 + 12):
        counts = {tenant: usual(talk.shop.rng, 40, bad=0.9) for tenant in "abc"}
        talk.shop.signals.note(talk.shop.hour(hour, counts, version="1")).result()
    return talk.shop.look(DAYS * 24 + 12)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Look:
    """A look with an alarm, quality and drift."""
    with talking(tmp_path_factory.mktemp("talk")) as talk:
        return told(talk)


def screen(found: Look, t: Callable[[str], str] = str, width: int = 140) -> str:
    """What a terminal of so many columns shows."""
    console = Console(width=width, file=StringIO(), force_terminal=False)
    console.print(Screen(found=found.found, at=found.through, t=t, zone=ZoneInfo("Asia/Shanghai")))
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def test_the_screen_tells_alarms_first_then_quality_traffic_drift_texts_and_answers(found: Look) -> None:
    """The order is that of worry; an alarm tells its size and how to see more; figures have their usual band."""
    shown = screen(found)
    heads = ("alarms", "quality", "traffic", "drift", "texts", "answers")
    places = [shown.index(f"\n{head} ") for head in heads]
    assert places == sorted(places)
    assert "▲ share of a label (label bad)" in shown
    assert "argosy alarm show alm_" in shown
    assert "promised: .900 [.88, .92]" in shown
    assert "!share of a label" in shown
    assert "usually" in shown
    assert "█" in shown
    assert "CNY" in shown
    assert "Asia" not in shown


@pytest.mark.parametrize(("width", "left"), [(120, {"bars", "usual"}), (80, {"usual"}), (44, set())])
def test_a_narrow_terminal_loses_bars_and_usual_values_but_no_figure(found: Look, width: int, left: set[str]) -> None:
    """What is shown is shown whole: nothing is cut off at the edge."""
    lines = screen(found, width=width).splitlines()
    assert max(map(cell_len, lines)) <= width
    shown = "\n".join(lines)
    assert "mood · version 1" in shown
    bands = [line for line in lines if " ms " in line and re.search(r"usually \S+ ms to \S+ ms\b", line)]
    assert len(bands) == (2 if "usual" in left else 0)
    assert ("█" in shown) == ("bars" in left)
    for one in found.found["signals"]:
        assert signal_figure(one["signal"], one["value"]) in shown


def test_every_word_of_the_screen_goes_through_the_translator(found: Look, chinese: Callable[[str], str]) -> None:
    """What is left untranslated are names, numbers and commands."""
    shown = re.sub("译.*?译", "", screen(found, chinese).replace("\n", ""))
    names = "mood|argosy alarm show alm_[0-9a-f]+|tenant=?|label=?|CNY|ms|[abc]|en"
    assert not re.findall(r"[A-Za-z]{3,}", re.sub(names, "", shown))


def test_a_project_that_sells_nothing_is_told_what_to_add(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is counted without a store."""
    (tmp_path / "argosy.toml").write_text(SHOP, encoding="utf-8")
    assert main(["watch", str(tmp_path)]) != 0
    assert "[sell]" in capsys.readouterr().err


def test_before_any_traffic_the_verb_says_how_to_begin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No model, no traffic: a line that says so, and an empty list as JSON."""
    (tmp_path / "argosy.toml").write_text(SOLD_REVIEWS, encoding="utf-8")
    assert main(["watch", str(tmp_path)]) == 0
    assert "argosy serve" in capsys.readouterr().out
    assert main(["watch", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"models": []}


def test_what_lacks_is_said_with_what_to_do(tmp_path: Path) -> None:
    """A service that was just begun: no traffic, no captures."""
    with talking(tmp_path) as talk:
        shown = screen(talk.shop.look(2))
    assert "No traffic was counted yet. Serve: argosy serve" in shown
    assert "No feedback came yet" in shown


def test_follow_looks_again_after_each_period_until_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It sleeps until the next period is whole, at most an hour and two minutes."""
    (tmp_path / "argosy.toml").write_text(SOLD_REVIEWS, encoding="utf-8")
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("argosy.ui.verbs.watching.watch.time.sleep", sleep)
    assert main(["watch", str(tmp_path), "--follow", "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert all(0 < seconds <= 3_600 for seconds in slept)
