"""Questions, summaries and translations by a prompt: parts that share nothing, and answers better than a look-up."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

FOLDER = Path(__file__).parents[2] / "examples" / "pairs"
NAMES = ("question_answer", "summary", "translate")


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A file of the folder as a module, by its name."""
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


@pytest.mark.parametrize("name", NAMES)
def test_what_is_measured_was_not_learnt(example: Any, name: str) -> None:
    """No pair is in two parts; of summaries and translations no answer is. Both languages are in each part."""
    made = list(example(name).pairs())
    written = example("written")
    parts = (written.parted if name == "question_answer" else written.parted_by_answer)(made)
    shared = [0] if name == "question_answer" else [0, 1]
    for column in shared:
        found = [{pair[column] for pair in part} for part in parts]
        assert sum(map(len, found)) == len(set.union(*found))
    for part in parts:
        assert any(text.isascii() for text, _ in part)
        assert any(not text.isascii() for text, _ in part)


def test_a_look_up_finds_the_likest_text(example: Any) -> None:
    """By shared pairs of characters."""
    known = [("what is the price?", "12"), ("多少钱？", "12元")]
    assert [example("written").nearest(text, known) for text in ("the price?", "这个多少钱")] == ["12", "12元"]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_it_answers_better_than_a_look_up(
    example: Any, name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On pairs that were held out, by the intervals that it prints."""
    example(name).main(tmp_path)
    told = dict(re.findall(r"^(nearest known text|fitted): (.*)$", capsys.readouterr().out, re.MULTILINE))
    known, fitted = (
        re.search(r"exact_match \S+ \[(\S+), (\S+)\]", told[who]) for who in ("nearest known text", "fitted")
    )
    assert known
    assert fitted
    assert float(fitted[1]) > float(known[2])
