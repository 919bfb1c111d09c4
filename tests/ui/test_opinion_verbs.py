"""`argosy opinion` over a monitor in memory, in both languages."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from monitored import NOW, TEXTS, Monitor

from argosy.core.language import translator
from argosy.project.opining import backfilling, forgetting
from argosy.project.opining.backfilling import Filled
from argosy.serve.pages import opinion_paper
from argosy.ui.cli import main

pytest.importorskip("duckdb", reason="what a monitor keeps is read by packages of the extra opinion")

Ask = Callable[..., Any]
PROJECT = """
name = "market"
task = "opinion"
languages = ["en", "zh"]

[opinion.sources.news]
kind = "feed"
url = "http://127.0.0.1:1/feed"

[opinion.entities."Acme Corp"]
aliases = ["Acme"]
"""
PARTS = ("reading", "telling", "alarms", "correcting", "briefing")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project."""
    place = tmp_path / "my market 市场"
    place.mkdir()
    (place / "argosy.toml").write_text(PROJECT, encoding="utf-8")
    return place


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch) -> Monitor:
    """What every verb opens."""
    made = Monitor()

    @contextmanager
    def opened(folder: Path) -> Iterator[Monitor]:
        yield made

    for name in PARTS:
        monkeypatch.setattr(f"argosy.ui.verbs.opining.{name}.opened", opened)

    def backfill(live: Monitor, files: Sequence[Path], source: str, tell: Any, *, alarms: bool) -> Filled:
        counts = {"read": 3, "new": 3, "reposts": 0, "refused": 0}
        return Filled(files={path.name: counts for path in files}, alarms=tuple(live.look(NOW)) if alarms else ())

    def forget(live: Monitor, *, text: str = "", author: str = "") -> int:
        before = len(live.log.texts)
        live.log.texts = [one for one in live.log.texts if one.id != text]
        return before - len(live.log.texts)

    monkeypatch.setattr(backfilling, "backfill", backfill)
    monkeypatch.setattr(forgetting, "forget", forget)
    return made


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """What a verb says in JSON."""

    def ask(*words: str | Path, code: int = 0) -> Any:
        capsys.readouterr()
        assert main(["opinion", *map(str, words), "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return ask


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_verb_speaks(
    folder: Path, monitor: Monitor, language: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """At the terminal and in JSON, in both languages."""
    words, place = translator(language), str(folder)
    for name in PARTS:
        monkeypatch.setattr(f"argosy.ui.verbs.opining.{name}.t", words)
    monitor.quiet = True
    old = tmp_path / "old.jsonl"
    old.write_text("{}\n", encoding="utf-8")
    verbs = (
        ["read", place],
        ["check", place],
        ["backfill", str(old), "--in", place],
        ["trends", place],
        ["trends", place, "--topic", "prices"],
        ["stories", place],
        ["story", monitor.log.texts[0].id, "--in", place],
        ["explain", "Acme is awful", "--in", place],
        ["explain", monitor.log.texts[0].id, "--in", place],
        ["export", place, "--out", str(tmp_path / "texts.csv")],
        ["correct", monitor.log.texts[0].id, "--sentiment", "neutral", "--in", place],
        ["brief", place],
        ["alarms", "list", place],
        ["alarms", "show", "alm_1", "--in", place],
        ["alarms", "ack", "alm_1", "--in", place],
        ["alarms", "assign", "alm_1", "--to", "ann", "--in", place],
        ["alarms", "close", "alm_1", "--in", place],
        ["forget", place, "--text", monitor.log.texts[3].id],
    )
    for verb in verbs:
        assert main(["opinion", *verb]) == 0, verb
    for verb in verbs[:-1]:
        assert main(["opinion", *verb, "--json"]) == 0, verb


def test_reading_counts_by_source_and_looks(folder: Path, monitor: Monitor, ask: Ask) -> None:
    """What was read, new, told again and refused, and the surges that opened."""
    told = ask("read", folder)
    assert told["sources"]["news"] == {"read": 40, "new": 30, "reposts": 20, "refused": 2}
    assert [alarm["id"] for alarm in told["alarms"]] == ["alm_1"]


def test_reading_on_ends_at_ctrl_c(folder: Path, monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each pause it reads again; ctrl-C ends it without an error."""
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) > 1:
            raise KeyboardInterrupt

    monkeypatch.setattr("argosy.ui.verbs.opining.reading.time.sleep", sleep)
    assert main(["opinion", "read", str(folder), "--follow"]) == 0
    assert monitor.looked == 2
    assert pauses == [60.0, 60.0]


def test_the_past_raises_no_alarm_unless_wished(folder: Path, monitor: Monitor, ask: Ask, tmp_path: Path) -> None:
    """Old posts are taken in without a look; a file that is not there is named."""
    old = tmp_path / "old.jsonl"
    old.write_text("{}\n", encoding="utf-8")
    assert ask("backfill", old, "--in", folder)["alarms"] == []
    assert ask("backfill", old, "--in", folder, "--alarms")["alarms"]
    assert "error" in ask("backfill", tmp_path / "none.jsonl", "--in", folder, code=5)


def test_a_source_that_does_not_answer_ends_the_check_with_1(folder: Path, monitor: Monitor, ask: Ask) -> None:
    """So that a script sees it; what others gave is told."""
    told = ask("check", folder, code=1)
    assert [one["reachable"] for one in told["sources"]] == [True, False]
    monitor.quiet = True
    assert len(ask("check", folder)["sources"]) == 1


def test_what_is_not_validated_is_marked(folder: Path, monitor: Monitor, capsys: pytest.CaptureFixture[str]) -> None:
    """Entities without labelled texts, hours that were not heard, sources that are silent."""
    assert main(["opinion", "trends", str(folder)]) == 0
    said = capsys.readouterr()
    assert "Acme Corp (not validated)" in said.out
    assert ".400 [.30, .50]" in said.out
    assert "+10.0 [+2.0, +18.0]" in said.out
    assert "blog is silent" in said.err
    assert main(["opinion", "trends", str(folder), "--entity", "Acme Corp"]) == 0
    assert "not heard" in capsys.readouterr().out


def test_an_explanation_names_words_for_and_against(
    folder: Path, monitor: Monitor, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a text of one's own, and of one of the log by its id."""
    for text in ("Acme is awful.", monitor.log.texts[0].id):
        assert main(["opinion", "explain", text, "--in", str(folder)]) == 0
        said = capsys.readouterr().out
        assert "for  Acme +0.50" in said
        assert "against  awful. -0.20" in said
    assert main(["opinion", "explain", "0" * 32, "--in", str(folder)]) == 5


def test_a_brief_is_told_or_written(
    folder: Path, monitor: Monitor, ask: Ask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The day and language that were named; another kind of file is refused before anything is reckoned."""
    assert main(["opinion", "brief", str(folder), "--day", "2026-11-20"]) == 0
    assert capsys.readouterr().out.splitlines() == ["2026-11-20    As usual", "  · 40 stories were heard."]
    monkeypatch.setattr(opinion_paper, "page", lambda record, language: f"{language} {record['headline']}")
    assert ask("brief", folder, "--out", folder / "b.html", "--language", "zh")["file"] == str(folder / "b.html")
    assert (folder / "b.html").read_text(encoding="utf-8") == "zh As usual"
    assert "error" in ask("brief", folder, "--out", folder / "b.doc", code=3)


def test_a_surge_is_seen_given_and_closed(folder: Path, monitor: Monitor, ask: Ask) -> None:
    """Each is told by the list; the likely cause and the texts stand in it; another id is an error."""
    assert ask("alarms", "ack", "alm_1", "--in", folder)["alarm"]["by"].startswith("cli:")
    assert ask("alarms", "assign", "alm_1", "--to", "ann", "--in", folder)["alarm"]["owner"] == "ann"
    assert [one["owner"] for one in ask("alarms", "list", folder)["alarms"]] == ["ann"]
    assert ask("alarms", "show", "alm_1", "--in", folder)["stories"][0]["reach"] == 7
    ask("alarms", "close", "alm_1", "--in", folder)
    assert ask("alarms", "list", folder)["alarms"] == []
    assert len(ask("alarms", "list", folder, "--all")["alarms"]) == 1
    assert "error" in ask("alarms", "ack", "none", "--in", folder, code=5)


def test_texts_go_out_to_be_labelled_and_come_back(folder: Path, monitor: Monitor, ask: Ask) -> None:
    """What would be a formula is none; what was corrected does not go out again; wrong rows cost no others."""
    table = folder / "texts.csv"
    assert ask("export", folder, "--out", table)["rows"] == 4
    frame = pl.read_csv(table, infer_schema=False)
    assert set(frame["text"]) == {"'" + text if text.startswith("=") else text for text in TEXTS}
    first = monitor.log.texts[0].id
    said = pl.when(pl.col("id") == first).then(pl.lit("负面")).when(pl.col("text") == "The weather")
    frame.with_columns(
        said.then(pl.lit("awful")).alias("sentiment"),
        pl.when(pl.col("text") == "Prices rose again").then(pl.lit("none")).alias("topic"),
    ).write_csv(table)
    told = ask("correct", "--from", table, "--in", folder, code=4)
    assert told["corrected"] == 1
    assert {word for word in ("awful", "'none'") for wrong in told["wrong"] if word in wrong} == {"awful", "'none'"}
    assert [(one.id, one.sentiment) for one in monitor.log.said] == [(first, "negative")]
    assert ask("export", folder, "--out", table)["rows"] == 3


def test_rows_of_texts_that_are_gone_are_named(
    folder: Path, monitor: Monitor, capsys: pytest.CaptureFixture[str]
) -> None:
    """With file and row; the others count."""
    table = folder / "texts.csv"
    rows = [{"id": "f" * 32, "sentiment": "positive"}, {"id": monitor.log.texts[1].id, "sentiment": "pos"}]
    pl.DataFrame(rows).write_csv(table)
    assert main(["opinion", "correct", "--from", str(table), "--in", str(folder)]) == 4
    assert "texts.csv, row 2" in capsys.readouterr().err
    assert [one.sentiment for one in monitor.log.said] == ["positive"]


def test_the_least_certain_go_out_first(folder: Path, monitor: Monitor, ask: Ask) -> None:
    """The same seed draws the same; of an entity only what speaks of it."""
    table = folder / "texts.csv"

    def texts(*words: str) -> list[str]:
        ask("export", folder, "--out", table, *words)
        return pl.read_csv(table, infer_schema=False)["text"].to_list()

    assert texts("--doubtful", "--count", "2") == ["'=1+1 is fine", "Prices rose again"]
    assert texts("--seed", "3") == texts("--seed", "3")
    assert texts("--entity", "Acme Corp") == ["Acme is awful."]
    assert pl.read_csv(table)["entity"].to_list() == ["Acme Corp"]


@pytest.mark.parametrize("words", [["correct"], ["correct", "a", "--from", "b"], ["correct", "a"], ["forget"]])
def test_what_is_meant_must_be_said(folder: Path, monitor: Monitor, ask: Ask, words: list[str]) -> None:
    """Neither nothing nor two things at once."""
    place = ["--in", str(folder)] if words[0] == "correct" else [str(folder)]
    assert "error" in ask(*words, *place, code=3)


def test_another_project_builds_no_monitor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says how to begin one."""
    (tmp_path / "argosy.toml").write_text(
        'name = "a"\ntask = "support"\nlanguages = ["en"]\n[support]\ndocuments = []\n', encoding="utf-8"
    )
    assert main(["opinion", "read", str(tmp_path)]) == 3
    assert "--template opinion" in capsys.readouterr().err
