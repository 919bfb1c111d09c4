"""Smaller, faster graphs of one model, each an ordinary ONNX file; which of them serves is decided by measurement.

All of them are static: every scale is fixed from training texts, so the answer for a text cannot depend on the texts
beside it (a scale that is measured while serving, over a whole batch, does). What is done to a matrix product y = xW:

- *smoothing* (after Xiao et al., 2023, arXiv:2211.10438): x is divided and W multiplied, channel by channel, by
  m = max|x|^α / max|W|^(1-α), with the α that loses least on the calibration texts;
- *outliers apart* (after Dettmers et al., 2022, arXiv:2208.07339): the few channels with the largest max|x|·max|W| are
  left to a small product in fp32, or they alone would set the steps of all others;
- x becomes unsigned and W signed 8-bit integers, W with a step for each column; products of the same x share its
  integers.

Attention, normalisation, activations and the classifying head stay in fp32; tables of embeddings get a step a row.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from argosy.compress.fuse import MICROSOFT
from argosy.core.errors import DataError
from argosy.infer.batches import Batch, batches
from argosy.infer.session import session_of
from argosy.infer.tokens import Tokenizer

Floats = NDArray[np.float32]

_ALPHAS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_OUTLIERS = 4  # channels left in fp32; 8 and 16 gave no more
_SAMPLE = 3_000  # rows of activations that plans are judged on
_TEXTS = 256  # calibration texts; twice as many gave the same
_PROBES = 64  # texts that the harm of each layer is measured on
_HARM = 0.25  # of the error is what the mixed graph may keep
_SMALLEST = 64  # channels: below this a product is not worth it
_TABLE = 1_024  # rows: below this a table is not worth it
_TINY = 1e-5


@dataclass(frozen=True, slots=True)
class Calibration:
    """The checkpoint's folder and cleaned training texts to calibrate on."""

    folder: Path
    texts: Sequence[str]
    max_length: int

    def batches(self, texts: int = _TEXTS) -> list[Batch]:
        """The first ``texts`` of them as the engine would run them; raises DataError when there is none."""
        if not self.texts:
            raise DataError(
                "There is no text to fix the scales of an 8-bit graph from.",
                where=str(self.folder),
                mend="Give it training texts; one works, some hundred work well.",
            )
        tokenizer = Tokenizer.load(self.folder, max_length=self.max_length)
        return list(batches(tokenizer.encode(self.texts[:texts]), pad=tokenizer.pad))


def int8(fp32: Path, calibration: Calibration, out: Path) -> None:
    """All large products in 8 bits, with outliers apart where a product narrows, which is where they do harm."""
    _Draft.of(fp32, calibration, _narrowing).write(out)


def int8_apart(fp32: Path, calibration: Calibration, out: Path) -> None:
    """All large products in 8 bits, with outliers apart everywhere."""
    _Draft.of(fp32, calibration, _everywhere).write(out)


def int8_mixed(fp32: Path, calibration: Calibration, out: Path) -> None:
    """As ``int8_apart``, with the products that do three quarters of the harm left in fp32."""
    draft = _Draft.of(fp32, calibration, _everywhere)
    draft.write(out, without=_harmful(draft, calibration.batches(_PROBES)))


CANDIDATES: Mapping[str, Callable[[Path, Calibration, Path], None]] = MappingProxyType(
    {"onnx-int8": int8, "onnx-int8-apart": int8_apart, "onnx-int8-mixed": int8_mixed}
)
"""Engine name → what builds its graph from the fp32 graph; fastest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    """Products of one ``source`` with constant matrices: ``weight`` [inputs, outputs] side by side, their ``bias``.

    ``nodes`` are the numbers of all nodes they replace, ``results`` and ``widths`` what they yield.
    """

    source: str
    nodes: tuple[int, ...]
    results: tuple[str, ...]
    widths: tuple[int, ...]
    weight: Floats
    bias: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What passed a layer's source: the range of each channel [inputs], and some of the rows [rows, inputs]."""

    low: Floats
    high: Floats
    rows: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """x/step + zero, rounded, times ``weight``, times ``scale``, is the product without the ``apart`` channels."""

    step: Floats
    zero: int
    weight: NDArray[np.int8]
    scale: Floats
    apart: NDArray[np.int64]
    error: float


def _narrowing(layer: _Layer) -> int:
    inputs, outputs = layer.weight.shape
    return _OUTLIERS if inputs > outputs else 0


def _everywhere(_: _Layer) -> int:
    return _OUTLIERS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """The fp32 graph and a plan for each of its layers."""

    model: onnx.ModelProto
    layers: Sequence[_Layer]
    plans: Sequence[_Plan]

    @classmethod
    def of(cls, fp32: Path, calibration: Calibration, outliers: Callable[[_Layer], int]) -> "_Draft":
        model = onnx.load(fp32)
        layers = _layers(model.graph)
        seen = _observe(model, [layer.source for layer in layers], calibration.batches())
        plans = [_plan(seen[layer.source], layer.weight, outliers(layer)) for layer in layers]
        return cls(model=model, layers=layers, plans=plans)

    def build(self, without: Collection[int] = ()) -> onnx.ModelProto:
        """The graph with every layer in 8 bits but for those ``without``."""
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        begins: dict[int, list[onnx.NodeProto]] = {}
        gone: set[int] = set()
        for number, (layer, plan) in enumerate(zip(self.layers, self.plans, strict=True)):
            if number not in without:
                begins[layer.nodes[0]] = _nodes(model.graph, f"int8_{number}", layer, plan)
                gone.update(layer.nodes)
        kept: list[onnx.NodeProto] = []
        for number, node in enumerate(self.model.graph.node):
            kept.extend(begins.get(number, ()))
            if number not in gone:
                kept.extend(_table(model.graph, node) or (node,))
        return _close(model, kept)

    def write(self, out: Path, without: Collection[int] = ()) -> None:
        """Save the graph."""
        onnx.save(self.build(without), out)


def _layers(graph: onnx.GraphProto) -> list[_Layer]:
    """The products worth quantising, in the order of the graph."""
    constants = {tensor.name: tensor for tensor in graph.initializer}
    users: dict[str, list[int]] = {}
    for number, node in enumerate(graph.node):
        for name in node.input:
            users.setdefault(name, []).append(number)
    sources: dict[str, list[int]] = {}
    for number, node in enumerate(graph.node):
        if node.op_type == "MatMul" and _is_matrix(constants.get(node.input[1]), _SMALLEST, _SMALLEST):
            sources.setdefault(node.input[0], []).append(number)
    return [_layer(graph, constants, users, source, products) for source, products in sources.items()]


def _layer(
    graph: onnx.GraphProto,
    constants: Mapping[str, onnx.TensorProto],
    users: Mapping[str, Sequence[int]],
    source: str,
    products: Sequence[int],
) -> _Layer:
    nodes, results, weights, biases = [], [], [], []
    for number in products:
        product = graph.node[number]
        weights.append(_values(constants[product.input[1]]))
        addition, bias = _bias(graph, constants, users[product.output[0]])
        nodes += [number] if addition is None else [number, addition]
        results.append(graph.node[nodes[-1]].output[0])
        biases.append(np.zeros(weights[-1].shape[1], dtype=np.float32) if bias is None else bias)
    return _Layer(
        source=source,
        nodes=tuple(nodes),
        results=tuple(results),
        widths=tuple(weight.shape[1] for weight in weights),
        weight=np.concatenate(weights, axis=1),
        bias=np.concatenate(biases),
    )


def _bias(
    graph: onnx.GraphProto, constants: Mapping[str, onnx.TensorProto], users: Sequence[int]
) -> tuple[int, Floats] | tuple[None, None]:
    """The addition of a constant vector that alone uses a product, and the vector."""
    if len(users) == 1 and graph.node[users[0]].op_type == "Add":
        for name in graph.node[users[0]].input:
            if name in constants and len(constants[name].dims) == 1:
                return users[0], _values(constants[name])
    return None, None


def _observe(model: onnx.ModelProto, names: Sequence[str], given: Sequence[Batch]) -> dict[str, _Seen]:
    """What passes the tensors ``names`` while the graph runs; padding is left out."""
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    watched.graph.output.extend(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names)
    session = session_of(watched.SerializeToString())
    draw = np.random.default_rng(0)
    each = -(-_SAMPLE // len(given))
    found: dict[str, list[_Seen]] = {name: [] for name in names}
    for batch in given:
        values = session.run(list(names), {"input_ids": batch.ids, "attention_mask": batch.mask})
        inside = batch.mask.astype(bool)
        for name, value in zip(names, values, strict=True):
            whole = value[inside] if value.shape[1] == inside.shape[1] else value.reshape(-1, value.shape[-1])
            rows = whole[draw.permutation(len(whole))[:each]]
            found[name].append(_Seen(low=whole.min(axis=0), high=whole.max(axis=0), rows=rows))
    return {name: _joined(parts) for name, parts in found.items()}


def _joined(parts: Sequence[_Seen]) -> _Seen:
    return _Seen(
        low=np.min([part.low for part in parts], axis=0),
        high=np.max([part.high for part in parts], axis=0),
        rows=np.concatenate([part.rows for part in parts]),
    )


def _plan(seen: _Seen, weight: Floats, outliers: int) -> _Plan:
    """The plan that loses least on the rows seen."""
    width = np.maximum(np.maximum(seen.high, -seen.low), _TINY)
    tall = np.maximum(np.abs(weight).max(axis=1), _TINY)
    apart = np.sort(np.argsort(-width * tall, kind="stable")[:outliers])
    inside = np.ones(len(width), dtype=bool)
    inside[apart] = False
    rest = weight * inside[:, None]
    wanted = seen.rows @ rest
    plans = (_smoothed(seen, rest, wanted, (width**alpha / tall ** (1 - alpha), inside, apart)) for alpha in _ALPHAS)
    return min(plans, key=lambda plan: plan.error)


def _smoothed(
    seen: _Seen, weight: Floats, wanted: Floats, shape: tuple[Floats, NDArray[np.bool_], NDArray[np.int64]]
) -> _Plan:
    relative, inside, apart = shape
    low = min(float((seen.low / relative)[inside].min()), 0.0)
    high = max(float((seen.high / relative)[inside].max()), 0.0)
    unit = max(high - low, _TINY) / 255
    zero = round(-low / unit)
    step = (relative * unit).astype(np.float32)
    scaled = weight * step[:, None]
    scale = np.maximum(np.abs(scaled).max(axis=0), np.finfo(np.float32).tiny * 127) / 127
    integers = np.rint(scaled / scale)
    rows = np.clip(np.rint(seen.rows / step) + zero, 0, 255) - zero
    error = float(np.square(rows @ integers * scale - wanted).mean())
    return _Plan(
        step=step,
        zero=zero,
        weight=integers.astype(np.int8),
        scale=scale.astype(np.float32),
        apart=apart,
        error=error,
    )


def _nodes(graph: onnx.GraphProto, name: str, layer: _Layer, plan: _Plan) -> list[onnx.NodeProto]:
    """What replaces a layer's nodes; its constants are added to the graph."""

    def constant(suffix: str, value: NDArray[np.generic]) -> str:
        graph.initializer.append(numpy_helper.from_array(value, f"{name}.{suffix}"))
        return f"{name}.{suffix}"

    one, zero = constant("one", np.array(1, np.float32)), constant("zero", np.array(plan.zero, np.uint8))
    nodes = [
        helper.make_node("Mul", [layer.source, constant("inverse", 1 / plan.step)], [f"{name}.smooth"]),
        helper.make_node("QuantizeLinear", [f"{name}.smooth", one, zero], [f"{name}.integers"]),
    ]
    if len(plan.apart):
        nodes.append(
            helper.make_node("Gather", [layer.source, constant("apart", plan.apart)], [f"{name}.few"], axis=-1)
        )
    stops = np.cumsum(layer.widths)
    for place, (result, stop, width) in enumerate(zip(layer.results, stops, layer.widths, strict=True)):
        columns = slice(stop - width, stop)
        main = f"{name}.main{place}" if len(plan.apart) else result
        weight = constant(f"weight{place}", plan.weight[:, columns])
        scale, bias = constant(f"scale{place}", plan.scale[columns]), constant(f"bias{place}", layer.bias[columns])
        given = [f"{name}.integers", weight, one, scale, zero, "", bias]
        nodes.append(helper.make_node("MatMulIntegerToFloat", given, [main], domain=MICROSOFT))
        if len(plan.apart):
            rest = constant(f"rest{place}", layer.weight[plan.apart, columns])
            nodes += [
                helper.make_node("MatMul", [f"{name}.few", rest], [f"{name}.side{place}"]),
                helper.make_node("Add", [main, f"{name}.side{place}"], [result]),
            ]
    return nodes


def _table(graph: onnx.GraphProto, node: onnx.NodeProto) -> list[onnx.NodeProto]:
    """What replaces the look-up in a large table: the same in 8 bits, with a step a row; nothing for other nodes."""
    if node.op_type != "Gather":
        return []
    tensor = next((tensor for tensor in graph.initializer if tensor.name == node.input[0]), None)
    if tensor is None or not _is_matrix(tensor, _TABLE, _SMALLEST):
        return []
    values = _values(tensor)
    scale = np.maximum(np.abs(values).max(axis=1, keepdims=True), _TINY) / 127
    name, rows = f"{node.output[0]}.int8", node.input[1]
    graph.initializer.append(numpy_helper.from_array(np.rint(values / scale).astype(np.int8), f"{name}.table"))
    graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), f"{name}.scale"))
    return [
        helper.make_node("Gather", [f"{name}.table", rows], [f"{name}.row"]),
        helper.make_node("Gather", [f"{name}.scale", rows], [f"{name}.step"]),
        helper.make_node("Cast", [f"{name}.row"], [f"{name}.float"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Mul", [f"{name}.float", f"{name}.step"], [node.output[0]]),
    ]


def _close(model: onnx.ModelProto, nodes: Sequence[onnx.NodeProto]) -> onnx.ModelProto:
    """The model with these nodes and only the constants they use."""
    used = {name for node in nodes for name in node.input}
    constants = [tensor for tensor in model.graph.initializer if tensor.name in used]
    graph = onnx.GraphProto()
    graph.name = model.graph.name
    graph.input.extend(model.graph.input)
    graph.output.extend(model.graph.output)
    graph.node.extend(nodes)
    graph.initializer.extend(constants)
    model.graph.CopyFrom(graph)
    if all(one.domain != MICROSOFT for one in model.opset_import):
        model.opset_import.append(helper.make_opsetid(MICROSOFT, 1))
    return model


def _harmful(draft: _Draft, probes: Sequence[Batch]) -> set[int]:
    """The layers that, each quantised alone, shift the logits most, up to all but ``_HARM`` of the sum of squares."""
    everything = set(range(len(draft.layers)))
    reference = _logits(draft.build(everything), probes)
    harm = [_shift(_logits(draft.build(everything - {number}), probes), reference) for number in sorted(everything)]
    left, chosen = sum(harm), set()
    for number in sorted(everything, key=lambda number: -harm[number]):
        if left <= _HARM * sum(harm):
            break
        chosen.add(number)
        left -= harm[number]
    return chosen


def _logits(model: onnx.ModelProto, given: Sequence[Batch]) -> Floats:
    session = session_of(model.SerializeToString())
    feeds = ({"input_ids": batch.ids, "attention_mask": batch.mask} for batch in given)
    return np.concatenate([session.run(["logits"], feed)[0] for feed in feeds])


def _shift(logits: Floats, reference: Floats) -> float:
    """The mean square of what moves labels against each other."""
    moved = logits - reference
    return float(np.square(moved - moved.mean(axis=1, keepdims=True)).mean())


def _is_matrix(tensor: onnx.TensorProto | None, rows: int, columns: int) -> bool:
    return (
        tensor is not None
        and tensor.data_type == onnx.TensorProto.FLOAT
        and len(tensor.dims) == 2  # noqa: PLR2004 (a matrix)
        and tensor.dims[0] >= rows
        and tensor.dims[1] >= columns
    )


def _values(tensor: onnx.TensorProto) -> Floats:
    values: Floats = numpy_helper.to_array(tensor)
    return values
