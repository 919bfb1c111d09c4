"""An encoder from nothing but the project's texts, as the base of a classifier."""

import csv
import json
from pathlib import Path

import pytest
import text_project

from argosy.config import file
from argosy.config.places import STORE
from argosy.project.building import build as building
from argosy.project.building.run import Done

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

PROJECT = """
name = "toy"
size = "tiny"
languages = ["zh", "en"]
[data]
path = "rows.csv"
near = 0
licence = "CC-BY-4.0"
[base]
model = "scratch"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """A project built up to its base."""
    folder = tmp_path_factory.mktemp("toy")
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as out:
        rows = [(f"{text} {number}", "bird" if "bird" in text else "other") for number, text in enumerate(texts())]
        csv.writer(out).writerows([("text", "label"), *rows])
    (folder / "argosy.toml").write_text(PROJECT, encoding="utf-8")
    done = building.build(file.load(folder), folder, lambda news: None, until="base")
    assert isinstance(done, Done)
    return folder, done


def texts() -> list[str]:
    """Texts in two languages."""
    return [text.replace("\n", " ") for text in text_project.texts(30)]


def test_the_encoder_learns_to_fill_gaps_and_opens_as_a_classifier(made: tuple[Path, Done]) -> None:
    """The loss of held-out words falls, every weight learns, and transformers puts a head on the folder."""
    from argosy.models.checkpoint import load_classifier

    folder = made[1].artifacts["base"].path
    origin = json.loads((folder / "origin.json").read_text(encoding="utf-8"))
    scores = [score for _, score in origin["training"]["history"]]
    assert scores[-1] > scores[0]
    assert origin["training"]["trained"] == origin["training"]["parameters"]
    assert (origin["name"], origin["licence"]) == ("scratch", "CC-BY-4.0")
    model = load_classifier(folder / "model", ["bird", "other"])
    assert model.config.num_labels == 2


def test_the_same_base_is_not_made_twice(made: tuple[Path, Done]) -> None:
    """The stage stands, and nothing is left beside the artifacts."""
    folder, first = made
    again = building.build(file.load(folder), folder, lambda news: None, until="base")
    assert isinstance(again, Done)
    assert "base" in again.hits
    assert again.artifacts["base"].digest == first.artifacts["base"].digest
    assert not list((folder / STORE).glob(".aside-*"))
