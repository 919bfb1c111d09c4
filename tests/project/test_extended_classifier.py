"""A classifier behind an extension: tuned behind its step, judged by its metric, made smaller by its compressor."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny_bases
from extending import MODULE, closing, write_module

pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.slow, pytest.mark.timeout(600)]

from argosy.config import file  # noqa: E402 - after the skip
from argosy.config.places import STORE  # noqa: E402
from argosy.infer.folder import told  # noqa: E402
from argosy.project.building import build as building  # noqa: E402
from argosy.project.building.plan import read_lock  # noqa: E402
from argosy.stages.smaller import frontier  # noqa: E402

PROJECT = """
name = "toy"
languages = ["en"]
size = "tiny"
extensions = ["{module}"]
[data]
path = "rows.pipes"
near = 0
steps = ["no_shout"]
[base]
model = "base"
trim = false
[gate]
texts = 40
metric = "kept"
[train]
frozen = 0
learning_rate = 0.003
epochs = 4
max_length = 24
"""
COMPRESSOR = """

def again(work):
    \"\"\"The table of words, under another name.\"\"\"
    from dataclasses import replace
    from argosy.stages.smaller.students import COMPRESSORS

    return [replace(one, name="again") for one in COMPRESSORS["static"](work)]


EXTENSION = replace(EXTENSION, compressors={"again": again})
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built project, whose frontier was explored."""
    folder = tmp_path_factory.mktemp("分类 classifier")
    (folder / "base").mkdir()
    tiny_bases.write_encoder(folder / "base", layers=2, width=64)
    (folder / "base" / "README.md").write_text("---\nlicense: apache-2.0\n---\n", encoding="utf-8")
    module = write_module(folder, "from dataclasses import replace\n" + MODULE + COMPRESSOR)
    (folder / "argosy.toml").write_text(PROJECT.format(module=module), encoding="utf-8")
    chance, rows = random.Random(2), ["text|label"]
    for _ in range(160):
        label = chance.choice(["good", "bad"])
        words = chance.choices(["the", "film", "food", "was", "very", "one", "two", "three", "red", "blue"], k=4)
        rows.append(f"{' '.join(words)} {label}! {chance.choice(words)}|{label}")
    (folder / "rows.pipes").write_text("\n".join(dict.fromkeys(rows)) + "\n", encoding="utf-8")
    with closing():
        project = file.load(folder)
        building.build(project, folder, lambda news: None, cache=folder / "cache")
        building.explore(project, folder, lambda news: None, 0.5, cache=folder / "cache")
    return folder


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    """Whatever a test opens is closed again: its names would be there for the tests after it."""
    with closing():
        yield


def test_the_metric_decides_and_the_model_names_its_extension(folder: Path) -> None:
    """What serves was asked over HTTP by a server in a process of its own, which opened the extension."""
    results = building.results(folder)
    assert results["choice"]["metric"] == results["versus_best_baseline"]["metric"] == "kept"
    assert all("kept" in rung for rung in results["baselines"].values())
    assert results["metrics"]["kept"]["versus"] is not None
    assert len(told(folder / "model")["extensions"]) == 1


def test_another_process_reads_texts_behind_the_step(folder: Path) -> None:
    """What the step takes out changes no answer."""
    command = [sys.executable, "-m", "argosy", "predict", str(folder), "--json"]
    command += ["--text", "the film was good", "--text", "the film! was good!!"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": ""}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("probab") >= 1
    assert "good!!" not in done.stderr


def test_the_compressor_makes_a_model_that_is_measured(folder: Path) -> None:
    """Beside the built-in ones, with its figures in the deciding metric."""
    points = frontier.read(folder / STORE / read_lock(folder)["frontier"].artifact)["points"]
    made = {point["model"] for point in points}
    assert "again" in made, made
    assert all(point["quality"]["low"] <= point["quality"]["value"] for point in points)
