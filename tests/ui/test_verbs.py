"""The verbs that explain an answer and that score predictions, as they stand in a terminal."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import toy_model
from rich.console import Console

from argosy.core.errors import DataError, MissingError, ProjectError
from argosy.evaluate.doubts.explain import Explanation, Faithfulness, Token
from argosy.project.using.scoring import score
from argosy.ui.cli import main
from argosy.ui.sheets import sheets
from argosy.ui.verbs import explain as explaining


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small linear model of both languages."""
    pytest.importorskip("skl2onnx")
    return toy_model.write(tmp_path_factory.mktemp("模型 model"))


@pytest.fixture
def predictions(tmp_path: Path) -> Path:
    """Two columns of predicted labels, of which the second is better."""
    path = tmp_path / "said 预测.csv"
    rows = [f"{'好' if n % 2 else '坏'},坏,{'好' if n % 2 and n % 7 else '坏'}" for n in range(80)]
    path.write_text("\n".join(["label,dull,model", *rows]), encoding="utf-8")
    return path


@pytest.mark.parametrize(("text", "named"), [("the  camera broke at once", "broke"), ("这个相机很难用", "难")])
def test_an_answer_is_explained(model: Path, text: str, named: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The strongest token is named first, and the deletion test is told."""
    assert main(["explain", str(model), text]) == 0
    said = capsys.readouterr().out
    assert said.startswith("bad  ")
    assert named in said
    assert "faithful" in said


def test_lines_are_explained_and_told_as_json(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One object a line of standard input, whose tokens are pieces of the text."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("the screen works great\n\n屏幕很好用\n"))
    assert main(["explain", str(model), "--label", "good", "--method", "exact", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["text"] for one in told] == ["the screen works great", "屏幕很好用"]
    for one in told:
        assert (one["label"], one["method"]) == ("good", "exact")
        assert one["faithful"].keys() == {"faithful", "p", "drop", "random", "draws"}
        assert all(one["text"][token["start"] : token["end"]] == token["piece"] for token in one["tokens"])


def test_what_cannot_be_explained_is_told(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No such label, no such method, no model."""
    assert main(["explain", str(model), "x", "--label", "god"]) == ProjectError.exit_code
    assert main(["explain", str(model), "x", "--method", "attention"]) == ProjectError.exit_code
    assert "exact" in capsys.readouterr().err
    assert main(["explain", str(tmp_path), "x"]) == MissingError.exit_code


def explanation(*, faithful: bool, draws: int = 59) -> Explanation:
    """A text with a token for its label and one against it."""
    text = "good [b]but dear[/b] 好"
    tokens = [Token(start=0, end=4, piece="good", score=0.8), Token(start=12, end=16, piece="dear", score=-0.5)]
    test = Faithfulness(faithful=faithful, p=0.017 if faithful else 0.4, drop=0.3, random=0.1, draws=draws)
    return Explanation(text=text, label="yes", probability=0.9, method="lime", tokens=tuple(tokens), faithful=test)


@pytest.mark.parametrize("faithful", [True, False])
def test_an_unfaithful_explanation_is_not_shown_as_a_good_one(
    *, faithful: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Colours by sign and names of tokens stand only where the test was passed; the text is shown as it is."""
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, color_system="standard", width=100)
    monkeypatch.setattr(explaining, "out", console)
    monkeypatch.setattr(explaining, "say", lambda line: console.print(line, markup=False))
    explaining._show(explanation(faithful=faithful))
    said = written.getvalue()
    green, red = "\x1b[1;32mgood", "\x1b[1;31mdear"
    assert (green in said, red in said, "against" in said) == (faithful, faithful, faithful)
    assert ("not faithful" in said) is not faithful
    assert "[b]" in said
    explaining._show(explanation(faithful=False, draws=0))
    assert "too short" in written.getvalue()


def test_predictions_are_scored(predictions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table and the JSON: each figure with its interval and its paired test."""
    words = ["evaluate", str(predictions), "--task", "classify", "--truth", "label", "--prediction", "dull"]
    assert main([*words, "--prediction", "model", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["predictions"]["model"]["metrics"]["accuracy"]["versus"]["low"] > 0
    assert main([*words, "--prediction", "model", "--best", "model"]) == 0
    said = capsys.readouterr().out
    assert "best baseline: model" in said
    assert "against model" in said
    assert "could show" in said
    assert "undefined" in said


def test_a_wrong_column_or_task_is_told(predictions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the exit code of its kind and the nearest name."""
    words = ["evaluate", str(predictions), "--task"]
    assert main([*words, "classify", "--truth", "lable", "--prediction", "dull"]) == DataError.exit_code
    assert "'label'" in capsys.readouterr().err
    assert main([*words, "clasify"]) == ProjectError.exit_code
    assert "'classify'" in capsys.readouterr().err


@pytest.mark.parametrize("width", [80, 100])
def test_the_table_fits_the_terminal(predictions: Path, width: int) -> None:
    """No line is longer than the terminal, and no figure is cut."""
    told = score("classify", predictions, truth="label", predictions=["dull", "model"]).to_json()["predictions"]
    console = Console(width=width, file=io.StringIO())
    with console.capture() as said:
        console.print(sheets(told, "dull", str))
    assert max(map(len, said.get().splitlines())) <= width
    assert "…" not in said.get()


@pytest.mark.parametrize("verb", ["compare", "explain", "evaluate"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_help_is_told_in_both_languages(verb: str, language: str) -> None:
    """The verb's sentence and its options."""
    code = "from argosy.ui.cli import main; main()"
    words = [sys.executable, "-c", code, verb, "--help", "--lang", language]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert "--json" in said
