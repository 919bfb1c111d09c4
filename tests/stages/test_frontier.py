"""Compression as a project asks for it: what is tried, picked and served, and that a stop costs nothing."""

import csv
import json
import random
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import tiny_bases

pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.timeout(300)]

from argosy.compress.material import Material  # noqa: E402 - after the skip
from argosy.config import file  # noqa: E402
from argosy.config.places import STORE  # noqa: E402
from argosy.config.schema import Cost, Target  # noqa: E402
from argosy.core.errors import ProjectError  # noqa: E402
from argosy.core.stage import Tell  # noqa: E402
from argosy.infer.batches import Floats  # noqa: E402
from argosy.infer.folder import describe  # noqa: E402
from argosy.infer.load import load  # noqa: E402
from argosy.project.building import build as building  # noqa: E402
from argosy.project.building.plan import read_lock  # noqa: E402
from argosy.project.building.site import site_of  # noqa: E402
from argosy.report import record  # noqa: E402
from argosy.stages.classify import calibrate, pack, select  # noqa: E402
from argosy.stages.data import split  # noqa: E402
from argosy.stages.smaller import frontier, pick  # noqa: E402
from argosy.stages.smaller.teacher import Teacher  # noqa: E402

PROJECT = """
name = "toy"
languages = ["zh", "en"]
size = "tiny"
[data]
path = "rows.csv"
near = 0
[base]
model = "base"
trim = false
[gate]
texts = 40
[train]
frozen = 0
learning_rate = 0.003
epochs = 8
max_length = 24
"""
MINUTES = 0.5  # time for the static table, and for no student


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose frontier was explored once: the tuned model, the static table and the linear model."""
    folder = tmp_path_factory.mktemp("frontier") / "toy 玩具"
    (folder / "base").mkdir(parents=True)
    tiny_bases.write_encoder(folder / "base", layers=2, width=64)
    (folder / "base" / "README.md").write_text("---\nlicense: apache-2.0\n---\n", encoding="utf-8")
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("text", "label"), *_rows(160, seed=1)])
    (folder / "argosy.toml").write_text(PROJECT, encoding="utf-8")
    building.explore(file.load(folder), folder, lambda news: None, MINUTES, cache=folder / "cache")
    return folder


def test_the_points_are_the_tuned_model_the_students_and_the_linear_model(toy: Path) -> None:
    """Each with its figures; what the minutes did not allow is listed with that reason."""
    found = frontier.read(_artifacts(toy)["frontier"])
    names = [point["name"] for point in found["points"]]
    assert names[0] == "tuned, onnx-fp32"
    assert {"static, onnx-fp32", "linear"} <= set(names)
    for point in found["points"]:
        assert point["quality"]["low"] <= point["quality"]["value"] <= point["quality"]["high"]
        assert point["loss"]["low"] <= point["loss"]["difference"] <= point["loss"]["high"]
        assert min(point[key] for key in ("texts_per_s", "p50_ms", "p99_ms", "size_mb")) > 0
    assert {"1 layer": "budget"}.items() <= {one["name"]: one["reason"] for one in found["not_tried"]}.items()


def test_without_a_target_what_serves_is_what_training_made(toy: Path, tmp_path: Path) -> None:
    """The same files, linked and not copied."""
    made = _artifacts(toy)
    out = _picked(toy, tmp_path, None)
    chosen = pick.chosen(out)
    assert (chosen.model, chosen.torch, chosen.linear) == ("tuned", True, "")
    assert (out / pick.GRAPH).samefile(made["export"] / "model.onnx")
    assert (out / pick.CHECKPOINT / "model.safetensors").samefile(made["train"] / "checkpoint" / "model.safetensors")
    assert (out / pick.VALIDATION).samefile(made["quantise"] / "validation.npy")
    assert pick.read(out)["pick"] is None


def test_a_target_that_the_static_table_meets_serves_it(toy: Path, tmp_path: Path) -> None:
    """The pack holds it alone, without weights for torch, and answers as it answered when it was measured."""
    made = _artifacts(toy)
    linear = _point(toy, "linear")
    out = _picked(toy, tmp_path, Target(size_mb=_point(toy, "static, onnx-fp32")["size_mb"] + 1e-6), slow=linear)
    assert (pick.chosen(out).model, pick.chosen(out).torch) == ("static", False)
    inputs = {**made, "pick": out}
    for stage in (select, calibrate, pack):
        _run(toy, stage, inputs, tmp_path)
    texts = [row.text for row in split.load(made["split"])["validation"]]
    engine = load(tmp_path / "pack", "onnx-fp32")
    np.testing.assert_allclose(engine.logits(texts), np.load(out / pick.VALIDATION), atol=1e-5)
    assert "torch" not in describe(tmp_path / "pack").engines


def test_a_target_that_picks_the_linear_model_has_it_served(toy: Path, tmp_path: Path) -> None:
    """Whatever the usual rule says, and for the reason that the target names it."""
    out = _picked(toy, tmp_path, Target(max_quality_loss=0.9))
    assert pick.read(out)["pick"]["name"] == "linear"
    assert pick.chosen(out).linear == "picked"
    _run(toy, select, {**_artifacts(toy), "pick": out}, tmp_path)
    choice = json.loads((tmp_path / "select" / select.CHOICE).read_text(encoding="utf-8"))
    assert (choice["name"], choice["reason"]) == ("linear", "target")


def test_an_unreachable_target_serves_what_would_be_served_without_one(toy: Path, tmp_path: Path) -> None:
    """And the record says so, with the nearest point and what it misses."""
    out = _picked(toy, tmp_path, Target(p99_ms=1e-6))
    found = pick.read(out)["pick"]
    assert (found["name"], found["reason"]) == (None, "unreachable")
    assert [miss["wish"] for miss in found["missed"]] == ["p99_ms"]
    assert pick.chosen(out).model == "tuned"
    assert (out / pick.GRAPH).samefile(_artifacts(toy)["export"] / "model.onnx")


def test_a_point_below_the_interval_is_refused_unless_that_loss_is_allowed(toy: Path) -> None:
    """The reason names both figures."""
    explored = frontier.read(_artifacts(toy)["frontier"])
    explored["points"][1] |= {
        "quality": {"value": 0.1, "low": 0.0, "high": 0.2},
        "loss": {"difference": 0.9, "low": 0.8, "high": 1.0, "p": 0.0},
    }
    for target, refused in ((Target(p99_ms=50), 1), (Target(max_quality_loss=0.95), 0)):
        told = record.told(explored, target, Cost(), lambda one, other: False)
        assert len(told["points"][1]["refused"]) == refused


def test_what_was_made_before_a_stop_is_not_made_again(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while the points are timed; the next run makes nothing, and what is of other rows is swept away."""
    from argosy.compress import static

    made: list[Path] = []
    make = static.static

    def counted(model: Path, material: Material, out: Path, tell: Tell) -> None:
        made.append(out)
        make(model, material, out, tell)

    monkeypatch.setattr(static, "static", counted)
    store = tmp_path / ".argosy" / "artifacts"
    (store / "out").mkdir(parents=True)
    (store.parent / "compression" / "of other rows").mkdir(parents=True)

    def stop(share: float, note: str) -> None:
        if share >= 0.9 and not note:
            raise KeyboardInterrupt

    params = frontier.stage(file.load(toy), site_of(toy, explore=MINUTES)).params
    with pytest.raises(KeyboardInterrupt):
        frontier.run(params, _artifacts(toy), store / "out", stop)
    (store / "again").mkdir()
    frontier.run(params, _artifacts(toy), store / "again", lambda share, note: None)
    assert len(made) == 1
    assert len(frontier.read(store / "again")["points"]) == len(frontier.read(_artifacts(toy)["frontier"])["points"])
    assert len(list((store.parent / "compression").iterdir())) == 1


def test_a_project_over_columns_has_no_frontier(tmp_path: Path) -> None:
    """It is said before any work."""
    text = 'name = "n"\ntask = "regress"\n[data]\npath = "rows.csv"\nlabel = "y"\nnumeric = ["x"]\n'
    (tmp_path / "argosy.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match="Transformer"):
        building.explore(file.load(tmp_path), tmp_path, lambda news: None, 1.0)
    with pytest.raises(ProjectError, match=r"\[target\]"):
        file.load(tmp_path, ["target.p99_ms=5"])


def test_the_teacher_is_asked_once_a_text(tmp_path: Path) -> None:
    """In this run and the next; several models are averaged."""
    asked: list[str] = []

    def model(texts: Sequence[str]) -> Floats:
        asked.extend(texts)
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)

    def other(texts: Sequence[str]) -> Floats:
        return np.zeros((len(texts), 2), dtype=np.float32)

    first = Teacher(tmp_path, [model, other])(["好", "good", "好"])
    np.testing.assert_array_equal(first, [[0.5, 0.5], [2.0, 0.5], [0.5, 0.5]])
    np.testing.assert_array_equal(Teacher(tmp_path, [model, other])(["good", "new", "好"])[0], [2.0, 0.5])
    assert asked == ["好", "good", "new"]


def _rows(count: int, seed: int) -> list[tuple[str, str]]:
    """Texts in both languages whose label is told by one word."""
    draw, rows = random.Random(seed), []
    for number in range(count):
        label = draw.choice(["good", "bad"])
        words = draw.sample(["the", "film", "food", "was", "very", "red", "one"], 3)
        if number % 2:
            words = [*draw.sample("电影菜很是一二三北京上海的", 4), {"good": "好", "bad": "坏"}[label]]
        rows.append(("".join(words) if number % 2 else " ".join([*words, label]), label))
    return rows


def _artifacts(folder: Path) -> dict[str, Path]:
    return {name: folder / STORE / entry.artifact for name, entry in read_lock(folder).items()}


def _run(folder: Path, module: ModuleType, inputs: dict[str, Path], place: Path) -> None:
    """Run one stage of the project, and put its folder among the inputs."""
    stage = module.stage(file.load(folder), site_of(folder))
    (place / stage.name).mkdir()
    module.run(stage.params, inputs, place / stage.name, lambda share, note: None)
    inputs[stage.name] = place / stage.name


def _point(folder: Path, name: str) -> dict[str, Any]:
    return record.point(frontier.read(_artifacts(folder)["frontier"]), name)


def _picked(folder: Path, place: Path, target: Target | None, slow: Mapping[str, Any] | None = None) -> Path:
    """The stage's folder for a target; the point ``slow`` is made too large to be picked."""
    inputs = _artifacts(folder)
    if slow is not None:
        shutil.copytree(inputs["frontier"], place / "frontier")
        facts = frontier.read(place / "frontier")
        record.point(facts, slow["name"])["size_mb"] = 1000.0
        (place / "frontier" / frontier.FACTS).write_text(json.dumps(facts), encoding="utf-8")
        inputs["frontier"] = place / "frontier"
    project = file.load(folder).model_copy(update={"target": target})
    (place / "pick").mkdir()
    pick.run(pick.stage(project, site_of(folder)).params, inputs, place / "pick", lambda share, note: None)
    return place / "pick"
