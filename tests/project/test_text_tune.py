"""Pretrained models that are tuned to write: on texts, and on questions with their answers."""

import csv
from pathlib import Path

import pytest
import text_project
import tiny_llama

from argosy.config import file
from argosy.project.building import build as building

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

SHORT = ("epochs = 2", "max_length = 64", "learning_rate = 1e-3")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small pretrained model."""
    return tiny_llama.write(tmp_path_factory.mktemp("base") / "llama")


def test_a_pretrained_model_is_tuned_on_texts_with_adapters(base: Path, tmp_path: Path) -> None:
    """LoRA by default; the base as it came is a candidate too, and the tuned model beats it on its own kind of text."""
    folder = text_project.project(tmp_path, *SHORT, base=str(base))
    building.build(file.load(folder), folder, lambda news: None)
    record = building.results(folder)
    assert list(record["baselines"]) == ["xz", "kneser_ney", "untuned", "language_model"]
    assert record["settings"]["trains"] == "lora"
    assert 0 < record["training"]["trained"] < record["training"]["parameters"] / 4
    assert record["against"]["untuned"]["high"] < 0
    assert not (folder / "model" / "adapter").exists()
    card = (folder / "model" / "README.md").read_text(encoding="utf-8")
    assert "the base, untuned" in card


def test_answers_alone_are_learnt_and_measured(base: Path, tmp_path: Path) -> None:
    """Questions with their answers: the bytes that count are those of the answers, and a question is answered."""
    with (tmp_path / "faq.csv").open("w", encoding="utf-8", newline="") as out:
        pairs = [(text.splitlines()[0], text.splitlines()[1]) for text in text_project.texts(30)]
        csv.writer(out).writerows([("question", "reply"), *pairs, ("Why?", "")])
    data = 'path = "faq.csv"\ntext = "question"\nanswer = "reply"'
    folder = text_project.project(tmp_path, *SHORT, base=str(base), data=data)
    building.build(file.load(folder), folder, lambda news: None)
    record = building.results(folder)
    answers = {answer for _, answer in pairs}
    assert record["data"]["dropped"]["unanswered"] == 1
    assert record["test_bytes"] < sum(len(answer.encode()) for answer in answers) / 2
    assert record["against"]["untuned"]["high"] < 0
    assert record["training"]["history"][-1]["validation"]["low"] > 0
    questions = {question for question, _ in pairs}
    assert all(one["opening"] in questions for one in record["samples"]["shown"])
