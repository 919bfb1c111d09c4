"""Which operators a graph's time goes to."""

from pathlib import Path

import pytest
from token_table import write

from argosy.infer.batches import batches
from argosy.infer.operators import profile

pytest.importorskip("onnx")


def test_each_kind_of_operator_is_told_with_its_share(tmp_path: Path) -> None:
    """Every call is counted, the shares add up, the most costly comes first, and no file is left behind."""
    graph = write(tmp_path / "sum.onnx", tokens=50, labels=3)
    rows = [[1, 5, 6, 2], [1, 2]]
    found = profile(graph, list(batches(rows, pad=0, tokens=4)), threads=1)
    calls = {operator.name: operator.calls for operator in found}
    assert calls["Gather"] == calls["ReduceSum"] == 2
    assert sum(operator.share for operator in found) == pytest.approx(1)
    assert [one.share for one in found] == sorted((one.share for one in found), reverse=True)
    assert [path.name for path in tmp_path.iterdir()] == ["sum.onnx"]
