"""Where a request's time goes, asked of a real server."""

import json
from pathlib import Path

import pytest
import toy_model

from argosy.config.places import STORE
from argosy.core.errors import DataError, MissingError
from argosy.core.records import Example
from argosy.project.building.plan import Entry, write_lock
from argosy.project.using import profiling
from argosy.project.using.profiling import profile
from argosy.stages.data import rows
from argosy.ui.cli import main

pytest.importorskip("skl2onnx")
PARTS = ["parse", "tokenize", "queue", "compute", "encode", "rest"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy model, whole as a server wants it."""
    return toy_model.write_whole(tmp_path_factory.mktemp("模型 model"))


def write(folder: Path, texts: list[str]) -> Path:
    """A file of texts."""
    path = folder / "texts 文本.jsonl"
    path.write_text("\n".join(json.dumps({"review": text}, ensure_ascii=False) for text in texts), encoding="utf-8")
    return path


def test_the_parts_add_up_to_what_the_client_waits(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Alone and in a crowd, over texts of both languages; blank ones are left out; then the table of the verb."""
    source = write(tmp_path, toy_model.texts(40))
    found = profile(model, source, "review", 30, 4)
    assert found.texts == 30
    for phase, connections in ((found.alone, 1), (found.crowd, 4)):
        assert (phase.requests, phase.connections) == (30, connections)
        assert list(phase.ms) == list(phase.share) == PARTS
        assert all(spent >= 0 for spent in phase.ms.values())
        assert phase.ms["compute"] > 0
        assert sum(phase.share.values()) == pytest.approx(1, abs=1e-3)
        assert 0 < phase.p50_ms <= phase.p99_ms
    assert found.operators == []
    assert main(["profile", str(model), str(source), "--column", "review", "--count", "5"]) == 0
    said = capsys.readouterr().out
    assert all(part in said for part in [*PARTS, "p99", "one at a time"])
    assert max(map(len, said.splitlines())) <= 100


def test_what_cannot_be_asked_is_told(model: Path, tmp_path: Path) -> None:
    """No file beside a model's folder, no such column, no text in it, no model."""
    with pytest.raises(MissingError, match="argosy profile DIR FILE"):
        profile(model, None, "text", 5)
    with pytest.raises(DataError, match="'review'"):
        profile(model, write(tmp_path, ["good"]), "reviw", 5)
    with pytest.raises(DataError, match="holds no text"):
        profile(model, write(tmp_path, [" ", ""]), "review", 5)
    with pytest.raises(MissingError, match="argosy run"):
        profile(tmp_path, None, "text", 5)


def test_a_projects_own_texts_are_its_validation_rows(tmp_path: Path) -> None:
    """As they stood in the user's file; the test rows stay closed."""
    place = tmp_path / STORE / "split-0"
    place.mkdir(parents=True)
    for part in ("train", "validation", "test"):
        raw = [f"{part} {number}" for number in range(3)] + [" "]
        rows.save([Example(id=text, text=text.upper(), meta={"raw": text}) for text in raw], place / part)
    write_lock(tmp_path, {"split": Entry(key="", artifact="split-0", digest="", seconds=0)}, ["split"])
    assert profiling._of_project(tmp_path, 9) == ["validation 0", "validation 1", "validation 2"]
