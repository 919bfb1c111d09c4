"""`argosy opinion` over a monitor in memory, in both languages."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from argosy.core.errors import MissingError, ProjectError
from argosy.core.language import translator
from argosy.core.opinion import HOUR, SENTIMENTS, About, Correction, Kept, Opinion, Post, Story
from argosy.core.watch import Alarm, Finding
from argosy.project.opining import backfilling, forgetting
from argosy.project.opining.backfilling import Filled
from argosy.serve.pages import opinion_paper
from argosy.ui.cli import main

pytest.importorskip("duckdb", reason="what a monitor keeps is read by packages of the extra opinion")

Ask = Callable[..., Any]
NOW = 1_795_000_000_000_000
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
TEXTS = ("Acme is awful.", "=1+1 is fine", "Prices rose again", "The weather")
SURE = (0.95, 0.4, 0.6, 0.7)


def kept(number: int) -> Kept:
    """A text; the first speaks of an entity, and some are surer than others."""
    sure = SURE[number]
    post = Post(source="news", key=str(number), text=TEXTS[number], at=NOW - number * HOUR, received=NOW)
    chances = {"negative": sure, "neutral": (1 - sure) / 2, "positive": (1 - sure) / 2}
    about = (About(entity="Acme Corp", chances=chances, spans=((0, 4),)),) if number == 0 else ()
    opinion = Opinion(
        post=post, text=TEXTS[number], language="en", chances=chances, topic="prices", sure=0.9, about=about
    )
    return Kept(id=post.id, opinion=opinion, story=post.id, first=True)


class Log:
    """What the verbs ask of a log."""

    def __init__(self) -> None:
        self.texts = [kept(number) for number in range(len(TEXTS))]
        self.said: list[Correction] = []

    def between(self, start: int, end: int, *, topic: str = "", first: bool = False, most: int = 10_000) -> list[Kept]:
        """All of them."""
        assert first
        return self.texts[:most]

    def text(self, id_: str) -> Kept | None:
        """One."""
        return next((one for one in self.texts if one.id == id_), None)

    def correct(self, correction: Correction) -> "Future[None]":
        """Keep it."""
        self.said.append(correction)
        done: Future[None] = Future()
        done.set_result(None)
        return done

    def corrections(self, since: int = 0) -> list[Correction]:
        """All."""
        return self.said


class Monitor:
    """A monitor that knows four texts, two sources and a surge."""

    zone = "Asia/Shanghai"

    def __init__(self) -> None:
        self.log = Log()
        finding = Finding(
            model="market",
            signal="negative",
            slice="topic=prices",
            direction="up",
            since=NOW - 3 * HOUR,
            at=NOW,
            value=18.0,
            usual=6.0,
            size=4.0,
            severity="high",
        )
        self.surges = {"alm_1": Alarm(id="alm_1", finding=finding, opened=NOW)}
        self.quiet = False
        self.looked = 0

    def drain(self, tell: Callable[[str, Mapping[str, int]], object]) -> Mapping[str, Mapping[str, int]]:
        """The same each time."""
        counts = {"read": 40, "new": 30, "reposts": 20, "refused": 2}
        tell("news", counts)
        return {"news": counts, "blog": dict.fromkeys(counts, 0)}

    def look(self, now: int) -> Sequence[Alarm]:
        """The surge."""
        self.looked += 1
        return list(self.surges.values())

    def check(self) -> list[Mapping[str, Any]]:
        """One that answers, and one that does not where it is not quiet."""
        usual = {"kind": "feed", "reason": "", "posts": 5, "more": True, "refused": {"no_time": 2}, "sample": "Acme"}
        bad = {"reachable": False, "reason": "refused", "posts": 0, "more": False, "refused": {}, "sample": ""}
        good = {"name": "news", "reachable": True, **usual}
        return [good] if self.quiet else [good, {**good, **bad, "name": "blog"}]

    def overview(self, hours: int) -> Mapping[str, Any]:
        """A topic that is validated, an entity that is not."""
        row: dict[str, Any] = {"texts": 40, "stories": 12, "negative": 0.4, "low": 0.3, "high": 0.5, "raw": 0.35}
        row["change"] = {"value": 0.1, "low": 0.02, "high": 0.18, "certain": True}
        nothing = dict.fromkeys(row) | {"texts": 0, "stories": 0, "change": dict.fromkeys(row["change"])}
        return {
            "topics": [{"name": "prices", "validated": True, **row}, {"name": "other", "validated": True, **nothing}],
            "entities": [{"name": "Acme Corp", "validated": False, **row}],
            "sources": [{"name": "blog", "heard": 0, "last": None, "silent": True, "since": NOW - 9 * HOUR}],
            "emerging": [
                {
                    "id": "e",
                    "name": "recall, brakes",
                    "words": [],
                    "texts": 9,
                    "stories": 4,
                    "first": NOW,
                    "growth": 3.0,
                }
            ],
            "alarms": ["alm_1"],
            "texts": 40,
            "stories": 12,
            "through": NOW,
        }

    def trend(self, topic: str, entity: str, hours: int) -> Mapping[str, Any]:
        """An hour that was heard, and one that was not."""
        point = {"start": NOW, "texts": 9, "stories": 4, "negative": 0.5, "low": 0.2, "high": 0.8, "missing": False}
        gap = {**point, "negative": None, "low": None, "high": None, "expected": None, "upper": None, "missing": True}
        return {"points": [{**point, "expected": 2.0, "upper": 5}, gap]}

    def stories(self, topic: str, entity: str, sentiment: str, hours: int, most: int = 50) -> Sequence[Story]:
        """One for each text, of a sentiment only where it is that."""
        return [self.story(one.id)[0] for one in self.log.texts if sentiment in {"", one.opinion.sentiment}][:most]

    def story(self, story: str) -> tuple[Story, Sequence[Kept]]:
        """A story of one text."""
        found = self.log.text(story)
        if found is None:
            raise MissingError("There is no story {id!r}.", id=story)
        opinion, at = found.opinion, found.opinion.post.at
        told = Story(
            id=story,
            first=at,
            last=at,
            reach=7,
            sources=2,
            topic=opinion.topic,
            sentiment=opinion.sentiment,
            language="en",
            title="",
            text=opinion.text,
        )
        return told, [found]

    def explanation(self, text: str) -> Mapping[str, Any]:
        """That of its words."""
        found = self.log.text(text)
        if found is None:
            raise MissingError("There is no text {id!r}.", id=text)
        return self.explain(found.opinion.text)

    def explain(self, text: str) -> Mapping[str, Any]:
        """Its first word speaks for what is said, its last against it."""
        words = text.split()
        chances = dict(zip(SENTIMENTS, (0.7, 0.2, 0.1), strict=True))
        return {
            "text": text,
            "language": "en",
            "chances": chances,
            "topic": "prices",
            "sure": 0.9,
            "about": [{"entity": "Acme Corp", "chances": chances, "spans": [[0, 4]]}],
            "words": [
                {"word": words[0], "begin": 0, "end": len(words[0]), "weight": 0.5},
                {"word": words[-1], "begin": 0, "end": 0, "weight": -0.2},
            ],
            "models": {"sentiment": "abc"},
        }

    def alarms(self, *, still: bool = False, most: int = 200) -> Sequence[Alarm]:
        """Those that are open, or all."""
        return [one for one in self.surges.values() if not still or one.closed is None]

    def alarm(self, alarm: str) -> Mapping[str, Any]:
        """With the story of the first text as its cause."""
        if alarm not in self.surges:
            raise MissingError("There is no alarm {id!r}.", id=alarm)
        story, texts = self.story(self.log.texts[0].id)
        return {
            "alarm": self.surges[alarm].to_json(),
            "stories": [story.to_json()],
            "texts": [{"id": one.id, "text": one.opinion.text, "at": one.opinion.post.at} for one in texts],
            "messages": [{"kind": "opened", "target": "json#1", "tries": 1, "due": NOW, "sent": NOW, "error": ""}],
        }

    def acknowledge(self, alarm: str, by: str, *, usual: bool = False) -> Alarm:
        """Seen."""
        return self._changed(alarm, acknowledged=NOW, by=by, usual=usual, closed=NOW if usual else None)

    def assign(self, alarm: str, owner: str, by: str) -> Alarm:
        """Given to somebody."""
        return self._changed(alarm, owner=owner)

    def close(self, alarm: str, by: str) -> Alarm:
        """Closed."""
        return self._changed(alarm, closed=NOW)

    def correct(self, text: str, by: str, *, sentiment: str = "", topic: str = "", entity: str = "") -> None:
        """As the protocol says."""
        found = self.log.text(text)
        if found is None:
            raise MissingError("There is no text {id!r}.", id=text)
        if topic and topic not in self.topics():
            raise ProjectError("There is no topic {topic!r}.", topic=topic)
        told = {"sentiment": sentiment, "topic": topic, "entity": entity, "by": by}
        self.log.correct(Correction(id=text, text=found.opinion.text, language="en", **told))

    def topics(self) -> Sequence[str]:
        """Two."""
        return ["prices", "other"]

    def entities(self) -> Sequence[str]:
        """One."""
        return ["Acme Corp"]

    def brief(self, day: str, language: str) -> Mapping[str, Any]:
        """A headline with the day."""
        said = {"kind": "whole", "about": "", "text": "40 stories were heard."}
        return {"day": day, "language": language, "headline": "As usual", "sentences": [said], "notes": ["A note."]}

    def _changed(self, alarm: str, **values: Any) -> Alarm:
        if alarm not in self.surges:
            raise MissingError("There is no alarm {id!r}.", id=alarm)
        self.surges[alarm] = replace(self.surges[alarm], **values)
        return self.surges[alarm]


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
