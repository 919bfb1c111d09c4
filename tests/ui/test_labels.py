"""`argosy labels` in a project with captured texts, in both languages."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from persons import project_in

from argosy.core.captured import Captured
from argosy.infer.folder import FORMAT, NAME
from argosy.project.improving.queue import queue_of
from argosy.ui.cli import main

Ask = Callable[..., Any]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project with twenty captured texts that a model was unsure of."""
    folder = project_in(tmp_path / "my shop 店", "legitimate_interests")
    now = time.time_ns() // 1000
    with queue_of(folder) as queue:
        queue.captures.keep(
            [
                Captured(
                    tenant="ten_a",
                    subject="",
                    event=f"e{number}",
                    model="shop",
                    version="1",
                    at=now - 1_000_000,
                    asked={"input": [f"包裹 {number * 7919} went to {number * 104729}, who never saw it"]},
                    answer={"data": [{"index": 0, "label": "good", "probabilities": {"good": 0.6, "bad": 0.4}}]},
                )
                for number in range(20)
            ]
        )
    return folder


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """What a verb says in JSON."""

    def ask(*words: str | Path, code: int = 0) -> Any:
        capsys.readouterr()
        assert main(["labels", *map(str, words), "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return ask


def filled(path: Path, *labels: str) -> int:
    """Fill a table with these labels in turn; its rows."""
    frame = pl.read_csv(path, infer_schema=False)
    column = [labels[at % len(labels)] for at in range(frame.height)]
    frame.with_columns(pl.Series("label", column)).write_csv(path)
    return frame.height


def test_texts_go_out_to_two_people_and_come_back(ask: Ask, shop: Path, tmp_path: Path) -> None:
    """Asked for, labelled by two who differ, and decided by the owner; nobody is handed a text again."""
    ann, bo, owner = tmp_path / "ann 表.csv", tmp_path / "bo.csv", tmp_path / "owner.csv"
    added = ask("ask", shop, "--count", "15")
    assert (added["asked"], added["random"], added["twice"]) == (15, 3, 3)
    assert ask("sheet", shop, "-o", ann)["rows"] == filled(ann, "good") == 15
    told = ask("take", ann, shop, "--by", "ann")
    assert (told["taken"], told["done"], told["open"]) == (15, 12, 3)
    assert ask("sheet", shop, "-o", bo, "--by", "ann")["rows"] == 0
    assert ask("sheet", shop, "-o", bo, "--by", "bo")["rows"] == filled(bo, "bad", "good", "good") == 3
    assert ask("take", bo, shop, "--by", "bo")["disputed"] == 1
    found = ask("agreement", shop)
    assert (found["units"], found["labels"], found["differ"]) == (3, 6, 1)
    assert found["alpha"]["low"] < found["alpha"]["value"] < found["alpha"]["high"]
    assert found["by_label"]["good"]["alpha"] == found["alpha"]
    (disputed,) = ask("disputes", shop)["disputed"]
    assert disputed["votes"] == {"ann": "good", "bo": "bad"}
    assert "who never saw it" in disputed["text"]
    assert ask("sheet", shop, "--disputed", "-o", owner)["rows"] == filled(owner, "lost") == 1
    assert ask("take", owner, shop, "--by", "ann", "--decide")["done"] == 1
    assert ask("disputes", shop)["disputed"] == []


def test_labels_that_the_model_does_not_know_are_asked_about(ask: Ask, shop: Path, tmp_path: Path) -> None:
    """They stand only where somebody says that they are new."""
    (shop / "model").mkdir()
    (shop / "model" / NAME).write_text(json.dumps({"format": FORMAT, "labels": ["good", "bad"]}), encoding="utf-8")
    sheet = tmp_path / "sheet.csv"
    ask("ask", shop, "--count", "4")
    ask("sheet", shop, "-o", sheet)
    assert sheet.read_text(encoding="utf-8-sig").startswith("id,text,label,good | bad\n")
    filled(sheet, "lost")
    told = ask("take", sheet, shop, "--by", "ann", code=4)["error"]["message"]
    assert told.count("'lost'") == 4
    assert "row 5" in told
    assert "Nobody is named" in ask("take", sheet, shop, "--by", " ", code=3)["error"]["message"]
    assert ask("take", sheet, shop, "--by", "ann", "--new")["taken"] == 4


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_verbs_speak_to_people(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    """Each verb tells what it did and what comes next, in either language; before there is anything too."""
    sheet = str(tmp_path / "sheet.csv")

    def told(*words: str) -> str:
        capsys.readouterr()
        assert main(["--lang", language, "labels", *words]) == 0
        said = capsys.readouterr()
        return said.out + said.err

    assert told("agreement", str(shop))
    assert "sheet" in told("ask", str(shop), "--count", "10")
    assert "take" in told("sheet", str(shop), "-o", sheet)
    filled(Path(sheet), "good", "bad")
    assert "10" in told("take", sheet, str(shop), "--by", "ann")
    filled(Path(sheet), "bad", "good")
    assert told("take", sheet, str(shop), "--by", "bo")
    assert "ann: " in told("disputes", str(shop))
    assert "[" in told("agreement", str(shop))
