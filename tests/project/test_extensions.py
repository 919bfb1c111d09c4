"""Extensions: what a module beside the project brings reads, cleans, measures and decides like what is built in."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from extending import MODULE, close_extensions, closing, write_module

from argosy.config import file
from argosy.core.errors import ArgosyError, DataError, MissingError, ProjectError
from argosy.core.extension import open_extensions
from argosy.data.clean import clean_text
from argosy.evaluate.metrics import of_labels
from argosy.evaluate.tasks.measure import measured
from argosy.infer.folder import describe, told
from argosy.infer.folder import write as write_description
from argosy.project.building import build as building
from argosy.project.building.plan import read_lock
from argosy.project.using import columns
from argosy.project.using.scoring import score

PROJECT = """
name = "toy"
task = "classify"
languages = ["en"]
extensions = ["{module}"]
[data]
path = "rows.pipes"
text = "text"
numeric = ["size"]
steps = ["no_shout"]
[gate]
metric = "kept"
"""


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    with closing():
        yield


def write_project(folder: Path) -> str:
    """A project whose rows, steps and metric are an extension's; the module's name."""
    module, chance = write_module(folder), random.Random(3)
    rows = ["text|size|label"]
    for number in range(160):
        label = ("bad", "good")[number % 2]
        words = " ".join(chance.choices(("film", "food", "very", "day", "again", "much"), k=5))
        rows.append(f"{label if chance.random() < 0.9 else ''} {words}! {number}|{chance.random():.3f}|{label}")
    (folder / "rows.pipes").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "argosy.toml").write_text(PROJECT.format(module=module), encoding="utf-8")
    return module


def built(folder: Path) -> Any:
    """A finished build."""
    return building.build(file.load(folder), folder, lambda news: None)


def said(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What the command line says of a project in a process of its own, which began elsewhere."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": ""}
    command = [sys.executable, "-m", "argosy", *(word.replace("DIR", str(folder)) for word in words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder.anchor, env=environment)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A built project whose rows, steps and deciding metric are an extension's."""
    pytest.importorskip("skl2onnx", reason="an install that serves fits nothing")
    folder = tmp_path_factory.mktemp("扩展 extended")
    with closing():
        write_project(folder)
        built(folder)
    return folder


def test_a_metric_decides_and_is_told_with_its_interval_and_its_test(project: Path) -> None:
    """Like a built-in one: every rung has it, the served one is held against the best baseline by it."""
    results = building.results(project)
    figure = results["metrics"]["kept"]
    assert results["choice"]["metric"] == "kept"
    assert figure["low"] <= figure["value"] <= figure["high"]
    assert {"accuracy", "macro_f1", "kept"} <= results["metrics"].keys()
    assert all("kept" in rung for rung in results["baselines"].values())
    assert results["versus_best_baseline"]["metric"] == "kept"
    assert 0 <= results["versus_best_baseline"]["p"] <= 1
    html = said("report", "DIR", folder=project)
    assert html.returncode == 0, html.stderr


def test_the_model_names_the_extension_and_reads_texts_behind_its_step(project: Path) -> None:
    """In a process that knows the project alone; the same text with and without what the step takes out."""
    needed = told(project / "model")["extensions"]
    (module,) = needed
    assert needed[module]["version"] == needed[module]["digest"][:12]
    (project / "new.csv").write_text("text,size\ngood film,0.5\ngood film!!!,0.5\n", encoding="utf-8")
    done = said("predict", "DIR", "DIR/new.csv", "--out", "DIR/out.csv", folder=project)
    assert done.returncode == 0, done.stderr
    answers = pl.read_csv(project / "out.csv")
    first, second = answers.select(pl.exclude("text")).rows()
    assert first == second


def test_a_model_is_refused_where_its_extension_is_not(project: Path) -> None:
    """The message names the module and its version, and how to bring it back."""
    (module,) = told(project / "model")["extensions"]
    with pytest.raises(MissingError, match=f"stands behind the extension '{module}' .*\n.*Put {module}.py"):
        columns.load((project / "model").resolve())
    assert columns.load(project).engine.labels == ("bad", "good")


def test_a_model_is_refused_behind_other_code(project: Path) -> None:
    """A step that was changed would read texts otherwise than the model was trained and measured behind."""
    (module,) = told(project / "model")["extensions"]
    path = project / f"{module}.py"
    before = path.read_text(encoding="utf-8")
    try:
        path.write_text(before.replace('"！", ""', '"！", "."'), encoding="utf-8")
        (project / "new.csv").write_text("text,size\ngood,0.5\n", encoding="utf-8")
        done = said("predict", "DIR", "DIR/new.csv", folder=project)
        assert "is not what the model was built with" in done.stderr
    finally:
        path.write_text(before, encoding="utf-8")


def test_the_code_of_an_extension_counts_in_the_stages_that_use_it(tmp_path: Path) -> None:
    """A changed module runs its stages again; the rows that were read by it are read again too."""
    pytest.importorskip("skl2onnx", reason="an install that serves builds nothing")
    module = write_project(tmp_path)
    building.build(file.load(tmp_path), tmp_path, lambda news: None, until="clean")
    before = read_lock(tmp_path)
    close_extensions([module])
    del sys.modules[module]
    (tmp_path / f"{module}.py").write_text(MODULE + "\nMORE = 1\n", encoding="utf-8")
    building.build(file.load(tmp_path), tmp_path, lambda news: None, until="clean")
    after = read_lock(tmp_path)
    assert {name for name in before if before[name].key != after[name].key} == {"read", "clean"}


def test_code_that_changes_under_a_process_is_refused(tmp_path: Path) -> None:
    """What was built would count as made by the new code, and a model of the new code be asked behind the old."""
    module = write_project(tmp_path)
    file.load(tmp_path)
    file.load(tmp_path)
    (tmp_path / f"{module}.py").write_text(MODULE + "\nMORE = 1\n", encoding="utf-8")
    with pytest.raises(ProjectError, match="other code now"):
        file.load(tmp_path)


def test_models_behind_steps_of_one_name_are_not_served_together(tmp_path: Path) -> None:
    """The texts of one would be read by the step of the other."""
    first, second = write_module(tmp_path), write_module(tmp_path)
    open_extensions([first], tmp_path)
    write_description(tmp_path, {"text_steps": ["no_shout"]})
    open_extensions([second], tmp_path)
    with pytest.raises(ProjectError, match=f"'no_shout' is given twice in steps: by {first} and by {second}"):
        describe(tmp_path)


def test_a_rebuilt_model_names_the_code_that_it_was_built_with(tmp_path: Path) -> None:
    """Though a change that changes no result leaves every other artifact as it was."""
    pytest.importorskip("skl2onnx", reason="an install that serves fits nothing")
    module = write_project(tmp_path)
    for text in (MODULE, MODULE + "\n# the same\n"):
        (tmp_path / f"{module}.py").write_text(text, encoding="utf-8")
        built(tmp_path)
        assert columns.load(tmp_path).engine.labels == ("bad", "good")
        close_extensions([module])
        del sys.modules[module]


def test_a_source_says_which_row_is_wrong(tmp_path: Path) -> None:
    """In the file's own numbering."""
    write_project(tmp_path)
    with (tmp_path / "rows.pipes").open("a", encoding="utf-8") as rows:
        rows.write("only one\n")
    with pytest.raises(DataError, match=r"rows\.pipes, row 162"):
        building.check(file.load(tmp_path), tmp_path, lambda news: None)


def test_a_source_that_fails_is_told_as_what_it_is(tmp_path: Path) -> None:
    """With the file and the extension to check."""
    module = write_module(tmp_path, MODULE.replace("head, *rows =", "1 / 0\n    head, *rows ="))
    open_extensions([module], tmp_path)
    (tmp_path / "rows.pipes").write_text("a|b\n", encoding="utf-8")
    from argosy.data.files.read import read_table

    with pytest.raises(DataError, match=f"ZeroDivisionError: .*\n.*argosy extension check {module}"):
        read_table(tmp_path / "rows.pipes")


def test_a_source_that_fails_row_by_row_is_told_as_what_it_is(tmp_path: Path) -> None:
    """A large file too."""
    broken = "def rows(*_):\n    yield ('1', '2')\n    1 / 0\n\n\nEXTENSION ="
    text = MODULE.replace("EXTENSION =", broken).replace(
        "table=pipes, ", "table=pipes, rows=Rows(cells=rows, names=rows), "
    )
    module = write_module(tmp_path, text.replace("import Source", "import Rows, Source"))
    open_extensions([module], tmp_path)
    (tmp_path / "rows.pipes").write_text("a|b\n", encoding="utf-8")
    from argosy.data.files.read import cells

    with pytest.raises(ProjectError, match=f"'.pipes' of the extension '{module}' fails: ZeroDivisionError"):
        list(cells(tmp_path / "rows.pipes", "rows.pipes", ["a"], large=1))


def test_a_task_scores_a_file_of_predictions(tmp_path: Path) -> None:
    """By its own metrics and with intervals, its columns read like those of the task that it is like."""
    open_extensions([write_module(tmp_path)], tmp_path)
    lines = "".join(f"{number},{number + number % 3},{number + 2}\n" for number in range(40))
    (tmp_path / "said.csv").write_text("truth,one,two\n" + lines, encoding="utf-8")
    found = score("grades", tmp_path / "said.csv", predictions=["one", "two"])
    figure = found.sheets["two"].figures["off_by"]
    assert figure.value == 2
    assert figure.versus is not None
    assert figure.versus.low > 0
    more = score("regress", tmp_path / "said.csv", predictions=["one"]).sheets["one"].figures
    assert more["within_one"].value == pytest.approx(27 / 40)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('extensions = ["nowhere_at_all"]', "There is no module 'nowhere_at_all'"),
        ('extensions = ["json"]', "The module 'json' has no EXTENSION"),
        ('gate = { metric = "kep" }', "The metric 'kep' is none of the task 'classify'; there are macro_f1, accuracy"),
        ('data = { path = "a.csv", steps = ["spice"] }', "no 'spice' among the steps; the nearest name is 'space'"),
    ],
)
def test_what_is_not_there_is_told_with_the_nearest_name(tmp_path: Path, line: str, error: str) -> None:
    """And with what to do."""
    values = {"name": "a", "languages": ["en"], "base": {"model": "scratch"}, "data": {"path": "a.csv"}}
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items() if not line.startswith(key)]
    text = "\n".join(lines).replace('{"model": ', "{model = ").replace('{"path": ', "{path = ")
    (tmp_path / "argosy.toml").write_text(f"{text}\n{line}\n", encoding="utf-8")
    with pytest.raises(ArgosyError, match=error):
        file.load(tmp_path)


def test_a_name_that_is_given_twice_names_both_owners(tmp_path: Path) -> None:
    """Of two extensions, and of one and what is built in."""
    first, second = write_module(tmp_path), write_module(tmp_path)
    open_extensions([first, second], tmp_path)
    with pytest.raises(ProjectError, match=f"'.pipes' is given twice in sources: by {first} and by {second}"):
        score("grades", tmp_path / "none.csv")
    close_extensions([first, second])
    third = write_module(tmp_path, MODULE.replace('{"no_shout": no_shout}', '{"space": no_shout}'))
    open_extensions([third], tmp_path)
    from argosy.project.extensions import given

    with pytest.raises(ProjectError, match=f"'space' is given twice in steps: by argosy and by {third}"):
        given()


def test_a_metric_that_a_task_has_already_is_refused(tmp_path: Path) -> None:
    """One that decides before anything is built, and another before it stands in a table."""
    known = MODULE.replace('"within_one": M', '"mae": M')
    (tmp_path / "argosy.toml").write_text(
        'name = "a"\ntask = "regress"\ndata = { path = "a.csv", numeric = ["b"] }\ngate = { metric = "mae" }\n'
        f'extensions = ["{(module := write_module(tmp_path, known))}"]\n',
        encoding="utf-8",
    )
    with pytest.raises(ProjectError, match=f"'mae' is given twice in metrics: by argosy and by {module}"):
        file.load(tmp_path)
    close_extensions([module])
    module = write_module(tmp_path, MODULE.replace('"within_one": M', '"rmse": M'))
    open_extensions([module], tmp_path)
    with pytest.raises(ProjectError, match=f"has a metric 'rmse' already, and the extension '{module}'"):
        measured("regress", np.arange(9.0), np.ones(9), rung="mine")


def test_what_an_extension_does_wrong_is_told_as_its_own(tmp_path: Path) -> None:
    """By the name of the step or metric, and with the module to check: it is no fault of Argosy."""
    broken = MODULE.replace('return text.replace("!", "")', "return text[1000]").replace(
        "mean(np.abs(truth - said) <", "(1 / 0 <"
    )
    module = write_module(tmp_path, broken.replace("weight = ", "weight = 1 / 0 * "))
    open_extensions([module], tmp_path)
    told = rf"'{{}}' of the extension '{module}' fails: {{}}: .*\n.*argosy extension check {module}"
    with pytest.raises(ProjectError, match=told.format("no_shout", "IndexError")):
        clean_text("so", ["no_shout"])
    with pytest.raises(ProjectError, match=told.format("within_one", "ZeroDivisionError")):
        measured("regress", np.arange(9.0), np.ones(9), rung="mine", more=["within_one"])
    with pytest.raises(ProjectError, match=told.format("kept", "ZeroDivisionError")):
        of_labels("kept", np.arange(2), np.arange(2), 2)


@pytest.mark.parametrize(
    ("given", "told"),
    [("0.5", "float"), ("mean(np.ones(8))", r"1 \(8\)"), ("mean(np.full(9, np.nan))", r"nan \(9\)")],
)
def test_a_metric_that_gives_no_figure_of_the_rows_is_refused(tmp_path: Path, given: str, told: str) -> None:
    """No row may be missing in a figure that decides, nor the figure itself."""
    module = write_module(tmp_path, MODULE.replace("mean(np.abs(truth - said) <= 1)", given))
    open_extensions([module], tmp_path)
    with pytest.raises(
        ProjectError, match=rf"'within_one' gives {told} on 9 units.*\n.*argosy extension check {module}"
    ):
        measured("regress", np.arange(9.0), np.ones(9), rung="mine", more=["within_one"])


def test_a_module_that_fails_is_told_as_what_it_is(tmp_path: Path) -> None:
    """An error of its own, or a package that it needs and that is not installed."""
    for line, reason in (("1 / 0", "ZeroDivisionError"), ("import no_such_package", "no_such_package")):
        module = write_module(tmp_path, f"{line}\n{MODULE}")
        with pytest.raises(MissingError, match=f"'{module}' cannot be imported: .*{reason}"):
            open_extensions([module], tmp_path)


def test_a_step_that_is_not_open_is_refused() -> None:
    """Nothing is cleaned otherwise in silence."""
    with pytest.raises(ProjectError, match="no 'no_shout' among the steps"):
        clean_text("a!", ["no_shout"])


@pytest.mark.parametrize("change", ['text.replace(".", ";") if "." in text else text.replace(";", ".")', 'text + "."'])
def test_steps_that_never_rest_are_refused(tmp_path: Path, change: str) -> None:
    """A step that undoes what it did, or adds to it without end, ends the work with an error instead of never."""
    text = "from argosy.core.extension import Extension\n"
    text += f"EXTENSION = Extension(name='NAME', steps={{'restless': lambda text: {change}}})\n"
    open_extensions([write_module(tmp_path, text)], tmp_path)
    with pytest.raises(ProjectError, match="restless"):
        clean_text("so; so", ["space", "restless"])
    assert clean_text("a" * 300 + "b" * 300, ["remove=ab"]) == ""
