"""A model's folder is described in full or refused with what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from argosy.core.errors import MissingError
from argosy.infer.folder import describe
from argosy.infer.load import load

WHOLE: dict[str, Any] = {
    "format": 1,
    "name": "reviews",
    "labels": ["bad", "good"],
    "text_steps": ["space"],
    "max_length": 64,
    "served": "onnx-fp32",
    "engines": {"onnx-fp32": {"file": "model.onnx"}, "torch": {}},
    "lineage": {"more": "may follow"},
}


def write(folder: Path, **changes: object) -> Path:
    """A folder with the description and an empty graph."""
    (folder / "argosy.json").write_text(json.dumps(WHOLE | changes), encoding="utf-8")
    (folder / "model.onnx").touch()
    return folder


def test_a_whole_folder_is_described(tmp_path: Path) -> None:
    """Paths are under the folder; an engine without a file has none."""
    found = describe(write(tmp_path))
    assert (found.name, found.labels, found.text_steps, found.max_length) == (
        "reviews",
        ("bad", "good"),
        ("space",),
        64,
    )
    assert {name: graph.file for name, graph in found.engines.items()} == {
        "onnx-fp32": tmp_path / "model.onnx",
        "torch": None,
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 2}, "format 2"),
        ({"labels": None}, "no description"),
        ({"max_length": "long"}, "no description"),
        ({"served": "gguf"}, "gguf"),
        ({"engines": []}, "no description"),
        ({"engines": {"onnx-fp32": {"file": "gone.onnx"}}}, "gone.onnx"),
    ],
)
def test_what_is_not_whole_is_refused(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    """A newer format, a missing or wrong entry, and a missing file are errors that say what to do."""
    with pytest.raises(MissingError, match=words) as caught:
        describe(write(tmp_path, **changes))
    assert caught.value.mend


@pytest.mark.parametrize("text", [None, "", "[]", '{"format": 1}', "{"])
def test_no_description_is_refused(tmp_path: Path, text: str | None) -> None:
    """A folder without ``argosy.json``, or with another file of that name, is no model."""
    if text is not None:
        (tmp_path / "argosy.json").write_text(text, encoding="utf-8")
    with pytest.raises(MissingError, match=r"argosy\.json"):
        describe(tmp_path)


def test_an_unknown_engine_is_refused_with_those_there_are(tmp_path: Path) -> None:
    """The error names the engines of this model and the one that serves."""
    with pytest.raises(MissingError, match="onnx-fp32, torch") as caught:
        load(write(tmp_path), engine="onnx-int8")
    assert "onnx-fp32" in str(caught.value)


def test_a_damaged_graph_is_refused_with_its_path(tmp_path: Path) -> None:
    """A file that is no graph is an error that names the file, not a crash inside the runtime."""
    write(tmp_path)
    (tmp_path / "tokenizer.json").write_text('{"model": {"type": "WordLevel", "vocab": {}, "unk_token": "?"}}')
    (tmp_path / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(MissingError, match=r"model\.onnx"):
        load(tmp_path)
