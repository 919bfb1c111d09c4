"""Two models on the same rows: projects, models and commits, and what is refused."""

import csv
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from argosy.config import file
from argosy.config.places import STORE
from argosy.core.artifact import MANIFEST
from argosy.core.errors import DataError, MissingError, ProjectError
from argosy.project.building import build as building
from argosy.project.building.compare import compare
from argosy.ui.cli import main

ROWS = 300
PROJECT = """
name = "toy"
task = "{task}"

[data]
path = "rows.csv"
label = "{label}"
numeric = [{numeric}]
"""
Alter = Callable[[dict[str, Any]], None]


def git(folder: Path, *words: str) -> str:
    """What git says."""
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "init.defaultBranch=main")
    said = subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True)
    return said.stdout.strip()


def write(folder: Path, rows: int = ROWS, seed: int = 3, name: str = "rows.csv", large: str = "大") -> None:
    """Rows of a, b, and c, which is noise: y is a line in a and b, and kind says whether it is large."""
    rng = np.random.default_rng(seed)
    a, b, c = rng.normal(5, 2, (3, rows))
    y = 2 * a - 3 * b + rng.normal(0, 1, rows)
    with (folder / name).open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["a", "b", "c", "y", "kind"])
        for one in np.column_stack([a, b, c, y]).round(4).tolist():
            writer.writerow([*one, large if one[3] > -5 else "small"])


def project(folder: Path, *numeric: str, task: str = "regress", label: str = "y") -> Path:
    """A project file over some columns."""
    folder.mkdir(parents=True, exist_ok=True)
    named = ", ".join(f'"{name}"' for name in numeric)
    (folder / "argosy.toml").write_text(PROJECT.format(task=task, label=label, numeric=named), encoding="utf-8")
    return folder


def built(folder: Path) -> str:
    """The folder, built."""
    building.build(file.load(folder), folder, lambda news: None)
    return str(folder)


def variant(project: Path, name: str, alter: Alter) -> str:
    """A model beside the newest one of a project, with an altered description: a model's own folder."""
    model = (project / "model").resolve()
    other = model.with_name(f"model-{name}")
    shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(model, other, symlinks=True, copy_function=os.link)
    described = json.loads((model / "argosy.json").read_text(encoding="utf-8"))
    alter(described)
    for changed in ("argosy.json", MANIFEST):  # which would tell that the other is not what it was
        (other / changed).unlink()
    (other / "argosy.json").write_text(json.dumps(described), encoding="utf-8")
    return str(other)


def serving(engine: str) -> Alter:
    """A model that answers with another of its engines."""

    def alter(described: dict[str, Any]) -> None:
        described |= {"served": engine, "probes": []}

    return alter


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Two built projects over the same columns, which choose by different metrics."""
    pytest.importorskip("skl2onnx")
    folder = tmp_path_factory.mktemp("numbers")
    for name in ("one", "two"):
        write(project(folder / name, "a", "b", "c"))
    with (folder / "two" / "argosy.toml").open("a", encoding="utf-8") as text:
        text.write('[gate]\nmetric = "r2"\n')
    return built(folder / "one"), built(folder / "two")


def test_numbers_are_compared_on_the_common_test_rows(numbers: tuple[str, str]) -> None:
    """Two models that are alike are not shown to differ, and every figure has its interval."""
    found = compare(*numbers)
    assert (found.task, found.metric, found.verdict) == ("regress", "mae", "not shown")
    assert found.rows == building.results(Path(numbers[0]))["data"]["splits"]["test"]
    assert (found.left_out, found.disputed, found.unknown, found.methods) == (0, 0, (), None)
    told = found.to_json()
    json.dumps(told)
    figures = told["models"][numbers[0]]["metrics"]
    assert figures["mae"]["versus"]["low"] <= 0 <= figures["mae"]["versus"]["high"]
    assert all(figure["versus"] is None for figure in told["models"][numbers[1]]["metrics"].values())


def test_less_is_better_where_it_is_an_error(numbers: tuple[str, str], tmp_path: Path) -> None:
    """A model that knows both columns beats one that knows one of them, and the other way round is worse."""
    poor = project(tmp_path / "poor", "a")
    write(poor)
    write(tmp_path, 90, seed=11, name="fresh.csv")
    fresh = tmp_path / "fresh.csv"
    found = compare(numbers[0], built(poor), folder=poor, on=fresh)
    assert (found.verdict, found.rows) == ("better", 90)
    versus = found.sheets[numbers[0]].figures["mae"].versus
    assert versus is not None
    assert versus.high < 0
    assert found.sheets[numbers[0]].detectable["mae"] > 0
    assert compare(str(poor), numbers[0], folder=poor, on=fresh).verdict == "worse"
    with pytest.raises(ProjectError, match=r"(?s)different columns: b, c stand.*--on"):
        compare(numbers[0], str(poor))


def test_rows_that_a_model_learnt_from_are_left_out_of_a_file(numbers: tuple[str, str], tmp_path: Path) -> None:
    """A file that holds the training rows too is no fresh test."""
    project = Path(numbers[0])
    found = compare(*numbers, folder=project, on=project / "rows.csv")
    splits = building.results(project)["data"]["splits"]
    assert (found.rows, found.left_out) == (splits["test"], splits["train"] + splits["validation"])
    write(tmp_path, 12, seed=5)
    with pytest.raises(DataError, match="Only 12 labelled rows"):
        compare(*numbers, folder=project, on=tmp_path / "rows.csv")


def test_what_answers_another_question_is_refused(numbers: tuple[str, str], tmp_path: Path) -> None:
    """A number and a label; other labels; a metric of another task; a model against itself."""
    kinds = project(tmp_path / "kinds", "a", "b", task="classify", label="kind")
    write(kinds)
    with pytest.raises(ProjectError, match="different questions"):
        compare(numbers[0], built(kinds))
    other = project(tmp_path / "other", "a", "b", task="classify", label="kind")
    write(other, large="large")
    with pytest.raises(ProjectError, match="different labels: large, 大"):
        compare(str(kinds), built(other))
    with pytest.raises(ProjectError, match="Both sides are"):
        compare(str(kinds), str(kinds))
    with pytest.raises(ProjectError, match="no metric 'macro_f1'"):
        compare(*numbers, metric="macro_f1")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in a folder of a git repository: a commit that knows one column, and one that knows both.

    git keeps the project file and a labelled row of the second commit, not the data, which lie beside the repository.
    """
    pytest.importorskip("skl2onnx")
    outside = tmp_path_factory.mktemp("outside 数据")
    write(outside)
    top = outside / "repo"
    folder = project(top / "shop 店", "a", "c", task="classify", label="kind")
    text = (folder / "argosy.toml").read_text(encoding="utf-8").replace('"rows.csv"', '"../../rows.csv"')
    (folder / "argosy.toml").write_text(text, encoding="utf-8")
    git(outside, "init", "-q", "repo")
    (top / ".gitignore").write_text(".argosy/\nmodel\nargosy.lock\n", encoding="utf-8")
    git(top, "add", "-A")
    git(top, "commit", "-qm", "one column")
    (folder / "argosy.toml").write_text(text.replace('"c"', '"b", "c"'), encoding="utf-8")
    (folder / "labels").mkdir()
    (folder / "labels" / "more.csv").write_text("a,b,c,kind\n5.5,1.25,3,大\n", encoding="utf-8")
    git(top, "add", "-A")
    git(top, "commit", "-qm", "both columns")
    return folder


def test_two_commits_are_built_and_compared(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit that knows the column which decides is better; what the user has at hand is not touched."""
    monkeypatch.chdir(repository)
    (repository / "argosy.toml").write_text("what I am writing just now", encoding="utf-8")
    write(repository.parents[1], 120, seed=21, name="fresh.csv")
    before = git(repository, "status", "--porcelain"), git(repository, "rev-parse", "HEAD")
    fresh = repository.parents[1] / "fresh.csv"
    at = repository / ".argosy" / "commits" / git(repository, "rev-parse", "HEAD") / repository.name
    found = compare("HEAD", "HEAD~1", on=fresh)
    assert (found.verdict, found.metric, found.rows) == ("better", "macro_f1", 120)
    assert (git(repository, "status", "--porcelain"), git(repository, "rev-parse", "HEAD")) == before
    assert (at / "labels" / "more.csv").is_file()
    old = repository / ".argosy" / "commits" / git(repository, "rev-parse", "HEAD~1") / repository.name
    assert not (old / "labels").exists()
    git(repository, "checkout", "-q", "--", "argosy.toml")


def test_a_commit_that_was_built_stands(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time nothing is built; a branch and a tag are names of commits too."""
    monkeypatch.chdir(repository)
    news: list[Any] = []
    git(repository, "tag", "first", "HEAD~1")
    write(repository.parents[1], 60, seed=22, name="fresh.csv")
    compare("main", "first", on=repository.parents[1] / "fresh.csv", tell=lambda one: None)
    compare("main", "first", on=repository.parents[1] / "fresh.csv", tell=news.append)
    assert news
    assert all(one.hit for one in news)


def test_a_word_that_is_nothing_is_told(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No such commit; no repository at all; no git on this machine."""
    monkeypatch.chdir(repository)
    for word in ("HEAD~9", "--all", "nothing"):
        with pytest.raises(MissingError, match=r"(?s)no commit '.*git log"):
            compare("HEAD", word)
    with pytest.raises(MissingError, match="in no git repository"):
        compare("one", "two", folder=tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingError, match="needs git"):
        compare("HEAD", "HEAD~1")


def test_engines_of_one_model_are_compared(tiny_project: Path) -> None:
    """A model's own folder in the project's store: its rows are known, and its answers are those of its engine."""
    linear = variant(tiny_project, "linear", serving("linear"))
    tuned = variant(tiny_project, "tuned", serving("onnx-fp32"))
    found = compare(linear, tuned)
    record = building.results(tiny_project)
    assert found.rows == record["data"]["splits"]["test"]
    assert found.unknown == ()
    for name, figures in ((linear, record["baselines"]["linear"]), (tuned, record["model"])):
        assert found.sheets[name].figures["accuracy"].value == pytest.approx(figures["accuracy"]["value"])


def test_a_model_without_its_project_needs_a_file(tiny_project: Path, tmp_path: Path) -> None:
    """What it learnt from is not known; a file serves, and the doubt is told."""
    lone = shutil.copytree(variant(tiny_project, "lone", serving("linear")), tmp_path / "lone 模型")
    with pytest.raises(MissingError, match="not known which rows"):
        compare(str(tiny_project), str(lone))
    found = compare(str(tiny_project), str(lone), on=tiny_project / "tweets.csv", folder=tiny_project)
    assert found.unknown == (str(lone),)
    data = building.results(tiny_project)["data"]
    assert found.rows >= data["splits"]["test"]
    assert found.left_out >= data["splits"]["train"] + data["splits"]["validation"]


def test_methods_are_compared_over_three_trainings_of_each(tiny_project: Path) -> None:
    """The claim stands on the checkpoints that were kept; the same trainings are not shown to differ."""

    def trained_often(described: dict[str, Any]) -> None:
        train = described["lineage"]["train"]
        often = tiny_project / STORE / "train-often"
        (often / "seeds").mkdir(parents=True, exist_ok=True)
        for name in ("checkpoint", "seeds/8", "seeds/9"):
            if not (often / name).exists():
                (often / name).symlink_to((tiny_project / STORE / train / "checkpoint").resolve())
        described["lineage"]["train"] = often.name

    one, other = (variant(tiny_project, name, trained_often) for name in ("often", "often-too"))
    claim = compare(one, other).methods
    assert claim is not None
    assert (claim.trainings, claim.difference, claim.verdict) == ((3, 3), 0.0, "not shown")


def test_a_metric_that_one_side_cannot_have_is_told(numbers: tuple[str, str]) -> None:
    """A model that answers the mean everywhere is worse, and has no rank correlation to compare."""
    card = json.loads((Path(numbers[0]) / "model" / "tabular" / "mean.json").read_text(encoding="utf-8"))

    def answer_the_mean(described: dict[str, Any]) -> None:
        checks = [{**check, "answer": card["constant"]} for check in described["checks"]]
        described |= {"served": "mean", "checks": checks}

    dull = variant(Path(numbers[0]), "mean", answer_the_mean)
    assert compare(dull, numbers[0]).verdict == "worse"
    with pytest.raises(DataError, match="spearman cannot be measured"):
        compare(numbers[0], dull, metric="spearman")


@pytest.mark.parametrize("words", [("--json",), ()])
def test_the_command_tells_power_before_the_verdict(
    numbers: tuple[str, str], words: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """And speaks of the trained models, not of the methods."""
    assert main(["compare", *numbers, *words]) == 0
    said = capsys.readouterr().out
    if words:
        assert json.loads(said)["verdict"] == "not shown"
        return
    assert said.index("could show") < said.index("do not show that")
    assert "trained models" in said
    assert "equal" not in said
