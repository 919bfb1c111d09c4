"""How much of what this machine's processor can do batch inference reaches.

    make demo
    python -m benchmarks.inference.roofline [--quick] [PROJECT]

PROJECT is a built project (examples/reviews by default). The roof is measured, not looked up: matrix products of the
model's own shapes with 1,024 rows, in 8 bits and fp32, nothing else beside them. What is reached counts the
multiplications and additions that the real tokens of the test rows need (no padding; in the last layer keys and values
for every token, the rest for the first token alone) over the time from raw text to logits.
"""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.compression.quantise import texts_of
from benchmarks.measuring import arguments, note, tell
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from argosy.infer.folder import describe
from argosy.infer.load import FP32, load
from argosy.infer.session import session_of
from argosy.infer.tokens import Tokenizer

ROWS = 1_024
Shape = tuple[int, int]
Run = Callable[[], object]


def shapes(config: Mapping[str, Any]) -> dict[Shape, int]:
    """Shape of a weight matrix → how often a token meets it, in one layer."""
    wide, inner = int(config["hidden_size"]), int(config["intermediate_size"])
    return {(wide, wide): 4, (wide, inner): 1, (inner, wide): 1}


def useful(config: Mapping[str, Any], tokens: int, texts: int) -> float:
    """Operations of the products that ``tokens`` real tokens of ``texts`` texts need."""
    wide, inner, layers = (int(config[key]) for key in ("hidden_size", "intermediate_size", "num_hidden_layers"))
    layer = 4 * wide**2 + 2 * wide * inner
    return 2.0 * ((layers - 1) * layer * tokens + 2 * wide**2 * tokens + (layer - 2 * wide**2) * texts)


def product(shape: Shape, *, eight_bits: bool) -> Run:
    """A product of ROWS rows with a matrix of this shape in ONNX Runtime."""
    inner, outer = shape
    draw = np.random.default_rng(0)
    if eight_bits:
        kind, given = TensorProto.UINT8, draw.integers(0, 255, (ROWS, inner), dtype=np.uint8)
        constants: dict[str, NDArray[Any]] = {
            "w": draw.integers(-127, 128, shape, dtype=np.int8),
            "one": np.array(1, np.float32),
            "steps": np.ones(outer, np.float32),
            "zero": np.array(128, np.uint8),
        }
        node = helper.make_node("MatMulIntegerToFloat", ["x", *constants], ["y"], domain="com.microsoft")
    else:
        kind, given = TensorProto.FLOAT, draw.normal(size=(ROWS, inner)).astype(np.float32)
        constants = {"w": draw.normal(size=shape).astype(np.float32)}
        node = helper.make_node("MatMul", ["x", "w"], ["y"])
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("x", kind, [ROWS, inner])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [ROWS, outer])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    versions = [helper.make_opsetid("", 23), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=versions, ir_version=10)
    session = session_of(model.SerializeToString())
    return lambda: session.run(["y"], {"x": given})


def fastest(work: Run, rounds: int) -> float:
    """The least seconds of some rounds, after one that warms up."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def roof(config: Mapping[str, Any], rounds: int, *, eight_bits: bool) -> float:
    """Operations a second of a layer's products, back to back."""
    times = {shape: fastest(product(shape, eight_bits=eight_bits), rounds) for shape in shapes(config)}
    operations = sum(2 * ROWS * inner * outer * count for (inner, outer), count in shapes(config).items())
    return operations / sum(times[shape] * count for shape, count in shapes(config).items())


def bandwidth(rounds: int) -> float:
    """Bytes a second read and written by a copy that no cache holds."""
    values = np.ones(2**26, np.float32)
    target = np.empty_like(values)
    return 2 * values.nbytes / fastest(lambda: np.copyto(target, values), rounds)


def main(project: Path, *, rounds: int, count: int) -> None:
    """Measure the roofs, then the engine."""
    folder = project / "model"
    described = describe(folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    engine = load(folder)
    texts = texts_of(project / "test.csv", count)
    tokenizer = Tokenizer.load(folder, max_length=described.max_length)
    tokens = sum(map(len, tokenizer.encode(texts)))
    engine.logits(texts[:64])
    bits = 32 if described.served == FP32 else 8
    roofs: dict[int, list[float]] = {8: [], 32: []}
    reached = []
    for number in range(rounds):  # in turn, since others may use the machine
        for width, seen in roofs.items():
            seen.append(roof(config, 10, eight_bits=width == 8))  # noqa: PLR2004 - bits
        reached.append(useful(config, tokens, len(texts)) / fastest(lambda: engine.logits(texts), 1))
        note(f"round {number + 1}: {reached[-1] / 1e9:.0f} of {roofs[bits][-1] / 1e9:.0f} Gop/s")
    tell(
        "roofline",
        {
            "ratio": round(max(reached) / max(roofs[bits]), 3),
            "engine": described.served,
            "reached_gops": round(max(reached) / 1e9, 1),
            "roof_gops": round(max(roofs[bits]) / 1e9, 1),
            "fp32_roof_gflops": round(max(roofs[32]) / 1e9, 1),
            "memory_gb_s": round(bandwidth(5) / 1e9, 1),
            "tokens_a_text": round(tokens / len(texts), 1),
            "texts": len(texts),
        },
        packages=("onnxruntime", "tokenizers"),
    )


if __name__ == "__main__":
    chosen = arguments(__doc__, project=True)
    main(chosen.project, rounds=2 if chosen.quick else 5, count=200 if chosen.quick else 1000)
