"""Ways to train that are tried beside the plain one, and a model that learns on: kept where the test says so."""

import csv
import json
import random
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import tiny_bases

pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.timeout(300)]

from argosy.config import file  # noqa: E402
from argosy.core.errors import ProjectError  # noqa: E402 - after the skip
from argosy.project.building.build import build  # noqa: E402
from argosy.project.building.run import Done  # noqa: E402
from argosy.project.building.site import site_of  # noqa: E402 - after the skip
from argosy.stages.classify import adapt, beside, forgetting, train  # noqa: E402
from argosy.stages.data import split  # noqa: E402
from argosy.stages.smaller import pick  # noqa: E402

ENGLISH, CHINESE = ("the", "film", "food", "was", "very", "red", "blue", "one", "two"), "电影菜很是一二三北京上海的"
PROJECT = """
name = "ways"
languages = ["zh", "en"]
size = "tiny"
[data]
path = "rows.csv"
near = 0
[base]
model = "base"
trim = false
[train]
frozen = 0
learning_rate = 0.003
epochs = 16
max_length = 24
"""


def _texts(count: int, marks: dict[str, tuple[str, str]], seed: int) -> list[tuple[str, str]]:
    """Texts in both languages whose label is told by one word."""
    draw = random.Random(seed)
    rows = []
    for number in range(count):
        label = draw.choice(list(marks))
        english = number % 2 == 0
        words = draw.sample(ENGLISH, 3) if english else draw.sample(CHINESE, 4)
        words.insert(draw.randrange(3), marks[label][0 if english else 1])
        rows.append(((" " if english else "").join(words), label))
    return rows


def _write(path: Path, rows: list[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("text", "label"), *rows])


MARKS = {"good": ("good", "好"), "bad": ("bad", "坏")}


def _folder(path: Path) -> Path:
    path.mkdir()
    tiny_bases.write_encoder(_made(path / "base"), layers=2)
    (path / "base" / "README.md").write_text("---\nlicense: apache-2.0\n---\n", encoding="utf-8")
    _write(path / "rows.csv", _texts(240, MARKS, 1))
    (path / "argosy.toml").write_text(PROJECT, encoding="utf-8")
    return path


def _made(path: Path) -> Path:
    path.mkdir()
    return path


def _as_picked(checkpoint: Path, place: Path) -> Path:
    """The folder of the stage *pick* where the tuned model is to serve, as far as torch reads it."""
    _made(place)
    (place / pick.CHECKPOINT).symlink_to(checkpoint, target_is_directory=True)
    chosen = pick.Chosen(model="tuned", name="onnx-fp32", file=None, runtime="onnxruntime", torch=True, linear="")
    (place / pick.TABLE).write_text(json.dumps(asdict(chosen)), encoding="utf-8")
    return place


def _trained(folder: Path, *overrides: str) -> Done:
    done = build(file.load(folder, overrides), folder, lambda news: None, until="train", cache=folder / "cache")
    assert isinstance(done, Done)
    return done


def _outcome(done: Done) -> dict[str, Any]:
    return dict(json.loads((done.artifacts["train"].path / train.OUTCOME).read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """A project that was trained in the plain way."""
    folder = _folder(tmp_path_factory.mktemp("ways") / "first 一")
    return folder, _trained(folder)


def test_a_plain_training_tries_nothing(plain: tuple[Path, Done]) -> None:
    """It learns, every figure has its interval, and its checkpoints are gone once it stands."""
    folder, done = plain
    outcome = _outcome(done)
    assert (outcome["kept"], outcome["tried"]) == ("plain", {})
    assert max(one["validation"]["value"] for one in outcome["history"]) > 0.9
    assert adapt.model(done.artifacts["adapt"].path) is None
    assert not (folder / ".argosy" / "training").exists()


@pytest.mark.slow
def test_what_is_tried_is_trained_as_often_and_judged(tmp_path: Path) -> None:
    """An adapted base and self-training get three trainings each, and a claim over them with its interval."""
    folder = _folder(tmp_path / "tried")
    _write(folder / "box.csv", _texts(120, MARKS, 2))
    wishes = ("train.adapt=true", "train.self_train=true", "data.unlabelled=box.csv", "gate.error=0.2")
    done = _trained(folder, *wishes)
    outcome = _outcome(done)
    assert set(outcome["tried"]) == {"adapted", "self_trained"}
    for claim in outcome["tried"].values():
        assert claim["low"] <= claim["difference"] <= claim["high"]
        assert claim["helps"] == (claim["low"] > 0)
    assert outcome["kept"] in {"plain", *(name for name, claim in outcome["tried"].items() if claim["helps"])}
    assert len(outcome["seeds"]) == len(train.checkpoints(done.artifacts["train"].path)) == 3
    told = adapt.read(done.artifacts["adapt"].path)
    assert told is not None
    assert told["loss"]["after"]["value"] < told["loss"]["before"]["value"]
    assert told["texts"] > len(split.load(done.artifacts["split"].path)["train"])


@pytest.mark.parametrize("method", ["replay", "ewc", "l2_sp"])
def test_a_model_learns_on_and_forgetting_is_measured(plain: tuple[Path, Done], tmp_path: Path, method: str) -> None:
    """New words for the same labels are learnt from the old model's weights; old rows are asked before and after."""
    folder = _folder(tmp_path / method)
    _write(folder / "rows.csv", _texts(160, {"good": ("fine", "红"), "bad": ("poor", "蓝")}, 3))
    _write(folder / "old.csv", _texts(160, MARKS, 4))
    old = plain[1].artifacts["train"].path / train.CHECKPOINT
    done = _trained(folder, f"base.model={old}", "continual.old=old.csv", f"continual.method={method}")
    inputs = {name: artifact.path for name, artifact in done.artifacts.items()}
    stage = forgetting.stage(file.load(folder, [f"base.model={old}", "continual.old=old.csv"]), site_of(folder))
    inputs["pick"] = _as_picked(done.artifacts["train"].path / train.CHECKPOINT, tmp_path / "pick")
    forgetting.run(stage.params, inputs, tmp_path, lambda share, note: None)
    told = forgetting.read(tmp_path)
    assert told is not None
    assert told["old"]["old"]["units"] == len(beside.load(inputs["beside"], beside.OLD_TEST)) > 20
    before, after = (told["old"]["old"]["figures"]["macro_f1"][when] for when in ("before", "after"))
    assert before["value"] > 0.9
    assert after["low"] <= after["value"] <= after["high"]
    assert told["gain"]["low"] > 0
    if method == "replay":
        assert after["value"] > 0.9


def test_a_base_that_never_learnt_labels_cannot_learn_on(tmp_path: Path) -> None:
    """The mistake is told before anything is trained."""
    folder = _folder(tmp_path / "bare")
    _write(folder / "old.csv", _texts(80, MARKS, 4))
    with pytest.raises(ProjectError, match="classifier of your own"):
        _trained(folder, "continual.old=old.csv")
