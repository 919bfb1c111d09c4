"""A graph for the tests of this room: to export one takes seconds, so it is made once."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model's folder, and its graph in ``model.onnx``; whoever writes beside them takes a copy."""
    pytest.importorskip("torch")
    import tiny_bert

    from argosy.compress.export import export

    path = tiny_bert.write(tmp_path_factory.mktemp("bert") / "a model 模型")
    assert export(path, path / "model.onnx") == path / "model.onnx"
    return path
