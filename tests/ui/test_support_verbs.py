"""`argosy support` in a project with a built assistant and a log, in both languages."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from typing import Any

import polars as pl
import pytest
from assistants import write
from desks import entries

from argosy.config import file
from argosy.core.knowledge import Entry
from argosy.core.language import translator
from argosy.core.support import Asked
from argosy.project.selling.shop import Shop
from argosy.project.supporting.live import Live, live_of
from argosy.ui.cli import main

pytest.importorskip("lxml", reason="documents are read by packages of the extra support")

Ask = Callable[..., Any]
ASKED = Asked(id="m1", channel="webhook", peer="p", text="What does shipping cost?")
PROJECT = """
name = "shop"
task = "support"
languages = ["en", "zh"]

[data]
path = "dialogues.csv"

[support]
documents = []
"""
DIALOGUES = """dialogue,speaker,text
d1,customer,What does shipping cost?
d1,agent,Shipping costs 3 EUR.
d2,customer,Do you sell tea?
d2,agent,"Yes, green tea and black tea."
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with a built model and raw dialogues."""
    place = tmp_path / "my shop 店"
    write(place / "model", entries())
    (place / "argosy.toml").write_text(PROJECT, encoding="utf-8")
    (place / "dialogues.csv").write_text(DIALOGUES, encoding="utf-8")
    return place


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """What a verb says in JSON."""

    def ask(*words: str | Path, code: int = 0) -> Any:
        capsys.readouterr()
        assert main(["support", *map(str, words), "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return ask


def logged(folder: Path, act: Callable[[Live], object]) -> None:
    """Let something be logged."""
    with live_of(Shop(project=file.load(folder), folder=folder), folder / "model") as live:
        act(live)


def test_one_question_at_the_terminal(folder: Path, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    """Its answer on standard output, its source beside it; nothing is logged."""
    assert ask("ask", "怎么退货？", "--in", folder)["text"] == "十五天内可以退货。"
    assert main(["support", "ask", ASKED.text, "--in", str(folder)]) == 0
    said = capsys.readouterr()
    assert said.out == "Shipping costs 3 EUR.\n"
    assert "answers/fee" in said.err
    assert ask("numbers", folder)["conversations"] == 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_verb_speaks(folder: Path, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In both languages, over an empty log and one with something in it."""
    words = translator(language)
    for name in ("talk", "answers", "replay", "numbers"):
        monkeypatch.setattr(f"argosy.ui.verbs.supporting.{name}.t", words)
    place = str(folder)
    verbs = (
        ["ask", ASKED.text, "--in", place],
        ["queue", place],
        ["numbers", place],
        ["replay", place],
        ["replay", place, "--exact"],
        ["answers", "list", place],
    )
    for verb in verbs:
        assert main(["support", *verb]) == 0

    def act(live: Live) -> None:
        said = live.desk.ask(ASKED)
        live.desk.correct(said.id, "Shipping costs 9 EUR.", "ann")
        live.desk.say(live.desk.ask(replace(ASKED, id="m2", text="I want a human agent")).conversation, "Yes?", "ann")

    logged(folder, act)
    for verb in verbs:
        assert main(["support", *verb]) == 0


def test_who_waits_is_listed(folder: Path, ask: Ask) -> None:
    """With the reason and what the customer wanted."""
    logged(folder, lambda live: live.desk.ask(replace(ASKED, text="Let me talk to a human agent please")))
    (found,) = ask("queue", folder)["conversations"]
    assert found["state"] == "waiting"
    assert "human agent" in found["summary"]


def test_answers_are_decided_on_before_they_serve_and_while_they_do(folder: Path, ask: Ask) -> None:
    """One by one, and in a table; what serves follows where it knows the answer."""
    ask("answers", "approve", "fee", "--in", folder, "--text", "Shipping costs 4 EUR.")
    ask("answers", "refuse", "tui", "--in", folder)
    assert [one["id"] for one in ask("answers", "list", folder)["answers"]] == ["ship"]
    assert [one["text"] for one in ask("answers", "list", folder, "--approved")["answers"]] == ["Shipping costs 4 EUR."]
    logged(folder, lambda live: live.desk.ask(ASKED))
    assert ask("ask", ASKED.text, "--in", folder)["text"] == "Shipping costs 4 EUR."
    table = folder / "answers.csv"
    assert ask("answers", "sheet", folder, "--out", table)["rows"] == 1
    frame = pl.read_csv(table, infer_schema=False)
    frame.with_columns(pl.lit("通过").alias("decision"), pl.lit("Tomorrow.").alias("new text")).write_csv(table)
    assert ask("answers", "take", table, folder) == {"approved": 1, "refused": 0, "wrong": 0}
    texts: list[str] = []
    logged(
        folder, lambda live: texts.append(live.desk.ask(replace(ASKED, id="m9", text="When is my parcel sent?")).text)
    )
    assert texts == ["Tomorrow."]
    assert "error" in ask("answers", "approve", "none", "--in", folder, code=5)


def test_a_sheet_with_a_wrong_row_gives_the_others(folder: Path, ask: Ask) -> None:
    """The decisions that can be read count; the rest is told with its row."""
    table = folder / "answers.csv"
    table.write_text("id,decision\nfee,approve\nnone,approve\n", encoding="utf-8")
    assert main(["support", "answers", "take", str(table), str(folder)]) == 4
    assert [one["id"] for one in ask("answers", "list", folder, "--approved")["answers"]] == ["fee"]


def test_a_replay_tells_better_from_worse(folder: Path, ask: Ask) -> None:
    """What a correction and a rating said is right is held against the newest model; --strict ends with code 1."""

    def act(live: Live) -> None:
        wrong = live.desk.ask(ASKED)
        live.desk.correct(wrong.id, "Shipping costs 9 EUR.", "ann")
        good = live.desk.ask(replace(ASKED, id="m2", peer="q", text="怎么退货？"))
        live.desk.rate(good.id, helped=True)
        live.desk.ask(replace(ASKED, id="m3", peer="r", text="When is my parcel sent?"))

    logged(folder, act)
    table = folder / "replay.csv"
    found = ask("replay", folder, "--strict", "--out", table)
    assert found["verdicts"] == {"better": 1, "worse": 0, "even": 1, "unjudged": 1}
    assert found["outcomes"] == {"same": 2, "changed": 1, "answered": 0, "silent": 0, "first": 0}
    assert found["difference"]["n"] == 2
    assert pl.read_csv(table).height == 3
    for path in sorted((folder / "model").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (folder / "model").rmdir()
    write(folder / "model", [one for one in entries() if one.id == "fee"])
    found = ask("replay", folder, "--strict", code=1)
    assert found["verdicts"]["worse"] == 1
    assert found["outcomes"]["silent"] == 2
    ask("replay", folder, "--strict", "--allowed", "1")
    ask("replay", folder)


def test_documents_are_read_as_they_are_now(folder: Path, ask: Ask) -> None:
    """Without a server too: the model's copy of a document that was changed or deleted is not quoted."""
    returns = folder / "docs" / "returns.md"
    settings = folder / "argosy.toml"
    settings.write_text(PROJECT.replace("documents = []", 'documents = ["docs/*.md"]'), encoding="utf-8")
    said, name = "Returns are free for thirty days.", "docs/returns.md"
    built = Entry(
        id="piece-1",
        kind="piece",
        text=said,
        keys=("Returns",),
        document=name,
        title="Returns",
        end=len(said),
        language="en",
    )
    rmtree(folder / "model")
    write(folder / "model", [*entries(), built])
    assert "thirty days" in ask("ask", "Returns", "--in", folder)["text"]
    returns.parent.mkdir()
    returns.write_text("# Returns\n\nReturns are free for sixty days.\n", encoding="utf-8")
    (folder / "docs" / "other.md").write_text("# Other\n\nWe sell tea.\n", encoding="utf-8")
    assert "sixty days" in ask("ask", "Returns", "--in", folder)["text"]
    returns.unlink()
    assert "days" not in ask("ask", "Returns", "--in", folder)["text"]


def test_people_answers_in_dialogues_are_asked_too(folder: Path, ask: Ask) -> None:
    """What nobody's log has: how many of the questions that people answered are answered alike."""
    found = ask("replay", folder, "--dialogues")
    assert found["questions"] == 2
    assert (found["right"]["count"], found["right"]["n"]) == (1, 2)
    assert (found["outcomes"]["first"], found["right_of_answered"]["n"]) == (2, 1)


def test_an_exact_replay_says_every_byte_again(folder: Path, ask: Ask) -> None:
    """Over corrections and decisions since; what was purged is told, and so is another version."""

    def act(live: Live) -> None:
        said = live.desk.ask(ASKED)
        live.desk.correct(said.id, "Shipping costs 9 EUR.", "ann")
        live.desk.ask(replace(ASKED, id="m2"))
        live.desk.ask(replace(ASKED, id="m3", text="😀"))
        live.assistant.reckon(0.1)
        live.desk.ask(replace(ASKED, id="m4", peer="q", text="怎么退货？"))

    logged(folder, act)
    assert ask("replay", folder, "--exact", "--strict") == {"replies": 4, "same": 4, "different_turns": []}
    ask("forget", folder, "--document", "answers/fee")
    found = ask("replay", folder, "--exact")
    assert found["same"] + found["purged"] == 4
    assert "different" not in found
    write(folder / "other", [one for one in entries() if one.id != "tui"])
    (folder / "model").rename(folder / "before")
    (folder / "other").rename(folder / "model")
    assert ask("replay", folder, "--exact")["other_version"] == 4


def test_what_is_forgotten_is_gone(folder: Path, ask: Ask) -> None:
    """A conversation; what is not there, and what is not named, are told."""
    names: list[str] = []
    logged(folder, lambda live: names.append(live.desk.ask(ASKED).conversation))
    assert ask("forget", folder, "--conversation", names[0]) == {"removed": 1}
    assert "error" in ask("forget", folder, "--conversation", names[0], code=5)
    assert "error" in ask("forget", folder, code=3)


def test_another_project_has_no_assistant(tmp_path: Path, ask: Ask) -> None:
    """It is told how one begins."""
    (tmp_path / "argosy.toml").write_text(
        'name = "m"\nlanguages = ["en"]\n[data]\npath = "a.csv"\n[base]\nmodel = "package:x"\n', encoding="utf-8"
    )
    assert "error" in ask("queue", tmp_path, code=3)
