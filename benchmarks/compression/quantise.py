"""Every 8-bit graph against its own fp32 graph, on the same engine, batching and texts, in turn.

    make demo
    python -m benchmarks.compression.quantise [--quick] [PROJECT]

PROJECT is a built project (examples/reviews by default). The candidates are built anew from its fp32 graph and its
training texts, beside ONNX Runtime's own dynamic quantisation with a step for each column, and are asked about the test
rows; each round times all of them, and a ratio is the median over the rounds. Flips are texts of which the label
depends on the company they are asked in.
"""

import csv
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from benchmarks.measuring import arguments, note, tell
from onnxruntime.quantization import QuantType, quantize_dynamic

from argosy.compress.quantise import CANDIDATES, Calibration
from argosy.evaluate.parity import company
from argosy.infer.engines.onnx import open_onnx
from argosy.infer.engines.transformer import TransformerClassifier
from argosy.infer.folder import describe
from argosy.infer.load import FP32
from argosy.infer.tokens import Tokenizer

COMPANY = 300
DYNAMIC = "onnx-dynamic"


def dynamic(fp32: Path, _calibration: Calibration, out: Path) -> None:
    """ONNX Runtime's own quantisation, whose scales are measured over each batch while serving."""
    kinds = {"DefaultTensorType": onnx.TensorProto.FLOAT}
    quantize_dynamic(
        fp32, out, op_types_to_quantize=["MatMul"], per_channel=True, weight_type=QuantType.QInt8, extra_options=kinds
    )


def texts_of(path: Path, count: int) -> list[str]:
    """The first texts of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file)][:count]


def seconds(engine: TransformerClassifier, texts: list[str]) -> float:
    """Wall time of the whole way from raw text to logits."""
    start = time.perf_counter()
    engine.logits(texts)
    return time.perf_counter() - start


def main(project: Path, *, rounds: int, count: int) -> None:
    """Build, then alternate."""
    model = describe(project / "model")
    texts, training = texts_of(project / "test.csv", count), texts_of(project / "train.csv", 500)
    tokenizer = Tokenizer.load(model.path, max_length=model.max_length)
    graph = model.engines[FP32].file
    assert graph is not None, "every model has its fp32 graph"  # noqa: S101 - a fact of the format
    with tempfile.TemporaryDirectory() as place:
        files, took = {FP32: graph}, {}
        for name, build in {**CANDIDATES, DYNAMIC: dynamic}.items():
            note(f"building {name}")
            files[name] = Path(place) / f"{name}.onnx"
            start = time.perf_counter()
            build(graph, Calibration(model.path, training, model.max_length), files[name])
            took[name] = round(time.perf_counter() - start, 1)
        engines = {
            name: open_onnx(file, name=name, tokenizer=tokenizer, labels=model.labels, text_steps=model.text_steps)
            for name, file in files.items()
        }
        logits = {name: engine.logits(texts) for name, engine in engines.items()}
        times = [{name: seconds(engine, texts) for name, engine in engines.items()} for _ in range(rounds)]
        sizes = {name: round(file.stat().st_size / 1e6, 1) for name, file in files.items()}
        flips = {
            name: len(company(engine.logits, texts[:COMPANY], gate=name, seed=1).failed)
            for name, engine in engines.items()
        }
    table: dict[str, dict[str, Any]] = {
        name: {
            "ratio": round(statistics.median(one[FP32] / one[name] for one in times), 2),
            "texts_per_s": round(len(texts) / statistics.median(one[name] for one in times), 1),
            "agreement": float(np.mean(logits[name].argmax(axis=1) == logits[FP32].argmax(axis=1))),
            "flips_in_company": flips[name],
            "size_mb": sizes[name],
            "built_in_s": took.get(name, 0.0),
        }
        for name in engines
    }
    first = next(iter(CANDIDATES))
    tell(
        "quantise",
        {
            **{key: table[first][key] for key in ("ratio", "agreement", "flips_in_company", "size_mb")},
            "dynamic": table[DYNAMIC],
            "texts": len(texts),
            "candidates": table,
        },
        packages=("onnxruntime", "onnx"),
    )


if __name__ == "__main__":
    chosen = arguments(__doc__, project=True)
    main(chosen.project, rounds=1 if chosen.quick else 3, count=200 if chosen.quick else 1000)
