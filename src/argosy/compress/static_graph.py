"""The table of a static classifier: how texts read it, in NumPy and as an ONNX graph of integers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

_FACTOR = 2_654_435_761  # odd and large: spreads the first piece of a pair (Knuth 1998, section 6.4)
_MOST = 2**15 - 1
_OPSET = 17
_IR = 10
_TINY = 1e-12
_ARRAYS = ("places", "values", "bias")
_NUMBERS = ("seen", "pairs")
_INPUTS = ("input_ids", "attention_mask")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What is read for a text: a row for each of its pieces and, if there are ``pairs``, for every two in a row.

    ``places`` [vocabulary] is the row of each piece. Rows stand in this order: the pieces that training texts use, so
    many as ``seen`` says, and the others; one of zeros for tokens that stand for no text; ``pairs`` rows for pairs. The
    logits are the sum of ``values`` [rows, labels] over the root of the number of rows that are read but for the one of
    zeros, plus ``bias`` [labels].
    """

    places: Integers
    seen: int
    pairs: int
    values: Floats
    bias: Floats

    @property
    def nothing(self) -> int:
        """The row of zeros."""
        return len(self.values) - self.pairs - 1

    def read(self, ids: Sequence[int]) -> Integers:
        """The rows that a text of these tokens reads."""
        alone = self.places[np.asarray(ids, dtype=np.int64)]
        return np.concatenate([alone, pairs_of(alone, seen=self.seen, nothing=self.nothing, pairs=self.pairs)])

    def logits(self, texts: Sequence[Sequence[int]]) -> Floats:
        """Float32 [texts, labels] of token numbers, each summed in double precision without regard to the others."""
        out = np.empty((len(texts), len(self.bias)), dtype=np.float32)
        for number, ids in enumerate(texts):
            rows = self.read(ids)
            root = np.sqrt(max(np.sum(rows != self.nothing), 1))
            out[number] = self.values[rows].sum(axis=0, dtype=np.float64) / root + self.bias
        return out

    def save(self, file: Path) -> None:
        """Write the table in full precision."""
        from safetensors.numpy import save_file

        weights = {name: getattr(self, name) for name in _ARRAYS}
        save_file(weights, file, metadata={name: str(getattr(self, name)) for name in _NUMBERS})

    @classmethod
    def load(cls, file: Path) -> Self:
        """What ``save`` wrote."""
        from safetensors import safe_open

        with safe_open(file, framework="np") as opened:
            kept: dict[str, Any] = {name: int(opened.metadata()[name]) for name in _NUMBERS}
            return cls(**kept, **{name: opened.get_tensor(name) for name in _ARRAYS})


def pairs_of(alone: Integers, *, seen: int, nothing: int, pairs: int) -> Integers:
    """The rows for every two of a text's pieces, whose own rows are ``alone``; a piece never seen has no pairs."""
    if not pairs:
        return alone[:0]
    left, right = alone[:-1], alone[1:]
    hashed = (left * _FACTOR + right) % pairs + nothing + 1
    return np.where((left < seen) & (right < seen), hashed, nothing)


def write_graph(table: Table, out: Path) -> None:
    """Write the table as a graph: 16-bit integers with a step a column, summed as integers."""
    steps = np.maximum(np.abs(table.values).max(axis=0), _TINY) / _MOST
    constants = {
        "table": np.rint(table.values / steps).astype(np.int16),
        "steps": steps.astype(np.float32),
        "places": table.places.astype(np.int32),
        "bias": table.bias,
        "nothing": np.array(table.nothing, np.int64),
        "seen": np.array(table.seen, np.int64),
        "base": np.array(table.nothing + 1, np.int64),
        "pairs": np.array(max(table.pairs, 1), np.int64),
        "factor": np.array(_FACTOR, np.int64),
        "least": np.array(1, np.float32),
        "zero": np.array([0], np.int64),
        "one": np.array([1], np.int64),
        "last": np.array([-1], np.int64),
        "end": np.array([np.iinfo(np.int64).max], np.int64),
    }
    nodes = _rows_of_pieces("rows" if not table.pairs else "alone")
    if table.pairs:
        nodes += _rows_of_pairs()
    nodes += _sums()
    used = {name for node in nodes for name in node.input}
    graph = helper.make_graph(
        nodes,
        "static",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["rows", "length"]) for name in _INPUTS],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["rows", len(table.bias)])],
        [numpy_helper.from_array(value, name) for name, value in constants.items() if name in used],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)
    onnx.checker.check_model(model)
    onnx.save(model, out)


def _rows_of_pieces(out: str) -> list[onnx.NodeProto]:
    return [
        helper.make_node("Gather", ["places", "input_ids"], ["narrow"]),
        helper.make_node("Cast", ["narrow"], ["place"], to=TensorProto.INT64),
        helper.make_node("Cast", ["attention_mask"], ["stands"], to=TensorProto.BOOL),
        helper.make_node("Where", ["stands", "place", "nothing"], [out]),
    ]


def _rows_of_pairs() -> list[onnx.NodeProto]:
    return [
        helper.make_node("Slice", ["alone", "zero", "last", "one"], ["left"]),
        helper.make_node("Slice", ["alone", "one", "end", "one"], ["right"]),
        helper.make_node("Mul", ["left", "factor"], ["spread"]),
        helper.make_node("Add", ["spread", "right"], ["joined"]),
        helper.make_node("Mod", ["joined", "pairs"], ["hashed"]),
        helper.make_node("Add", ["hashed", "base"], ["shared"]),
        helper.make_node("Less", ["left", "seen"], ["left_seen"]),
        helper.make_node("Less", ["right", "seen"], ["right_seen"]),
        helper.make_node("And", ["left_seen", "right_seen"], ["both_seen"]),
        helper.make_node("Where", ["both_seen", "shared", "nothing"], ["two"]),
        helper.make_node("Concat", ["alone", "two"], ["rows"], axis=1),
    ]


def _sums() -> list[onnx.NodeProto]:
    return [
        helper.make_node("Gather", ["table", "rows"], ["read"]),
        helper.make_node("Cast", ["read"], ["wide"], to=TensorProto.INT32),
        helper.make_node("ReduceSum", ["wide", "one"], ["total"], keepdims=0),
        helper.make_node("Cast", ["total"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["float", "steps"], ["evidence"]),
        helper.make_node("Equal", ["rows", "nothing"], ["skipped"]),
        helper.make_node("Not", ["skipped"], ["counted"]),
        helper.make_node("Cast", ["counted"], ["ones"], to=TensorProto.INT32),
        helper.make_node("ReduceSum", ["ones", "one"], ["count"], keepdims=1),
        helper.make_node("Cast", ["count"], ["number"], to=TensorProto.FLOAT),
        helper.make_node("Max", ["number", "least"], ["positive"]),
        helper.make_node("Sqrt", ["positive"], ["root"]),
        helper.make_node("Div", ["evidence", "root"], ["mean"]),
        helper.make_node("Add", ["mean", "bias"], ["logits"]),
    ]
