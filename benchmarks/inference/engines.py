"""Every engine of one model on the same texts, in turn: torch, ONNX Runtime and OpenVINO, in fp32, bf16 and 8 bits.

    make demo
    python -m benchmarks.inference.engines [--quick] [MODEL]

MODEL is a built project (examples/reviews by default). The graphs for OpenVINO are made of its checkpoint and rows of
its training data; agreement with fp32 is counted on its test rows, and no label may change with the texts beside it.
"""

import csv
import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell

from argosy.compress.openvino import CANDIDATES, openvino_fp32
from argosy.compress.quantise import Calibration
from argosy.core.errors import ArgosyError
from argosy.data.clean import clean_text
from argosy.evaluate.intervals import wilson
from argosy.evaluate.parity import company
from argosy.infer.engines.openvino import open_openvino
from argosy.infer.folder import Description, describe, files_of
from argosy.infer.load import FP32, TORCH, LogitClassifier, load
from argosy.infer.tokens import Tokenizer
from argosy.stages.smaller.racing import race

_CALIBRATION = 500  # training rows
_COMPANY = 300  # texts
_SEED = 7


def size(graph: Path) -> int:
    """Bytes, those beside the graph included."""
    return sum(file.stat().st_size for file in files_of(graph))


def main(project: Path, *, quick: bool) -> None:
    """Make the graphs, ask each engine for everything, and race them."""
    folder = (project / "model").resolve()
    model = describe(folder)
    texts = rows(project / "test.csv")[: 200 if quick else 1_000]
    engines: dict[str, LogitClassifier] = {name: load(folder, name) for name in model.engines}
    sizes = {name: size(graph.file or folder / "model.safetensors") for name, graph in model.engines.items()}
    refused: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as place:
        for name, build in {"openvino-fp32": openvino_fp32, **CANDIDATES}.items():
            note(name)
            file = Path(place) / f"{name}.onnx"
            try:
                build(model.engines[FP32].file, calibration(model, project), file)
                engines[name] = opened(model, name, file)
                sizes[name] = size(file)
            except ArgosyError as error:
                refused[name] = str(error)
        figures = measured(engines, texts, sizes)
    served = figures[model.served]
    names = [name for name in figures if name.startswith("openvino")] or [model.served]
    fastest = max(names, key=lambda name: pace(figures, name))
    tell(
        "engines",
        {
            "ratio": round(figures[fastest]["texts_per_s"] / served["texts_per_s"], 2),
            "agreement": figures[fastest]["agreement"],
            "engines": figures,
            "refused": refused,
            "texts": len(texts),
        },
        packages=("torch", "onnxruntime", "openvino", "tokenizers"),
    )


def rows(file: Path) -> list[str]:
    """The texts of a table."""
    with file.open(encoding="utf-8", newline="") as lines:
        return [row["text"] for row in csv.DictReader(lines)]


def calibration(model: Description, project: Path) -> Calibration:
    """Cleaned training rows, as the build calibrates on."""
    known = rows(project / "train.csv")[-_CALIBRATION:]
    return Calibration(model.path, [clean_text(text, model.text_steps) for text in known], max_length=model.max_length)


def opened(model: Description, name: str, file: Path) -> LogitClassifier:
    """One of the graphs made here."""
    tokenizer = Tokenizer.load(model.path, max_length=model.max_length)
    return open_openvino(file, name=name, tokenizer=tokenizer, labels=model.labels, text_steps=model.text_steps)


def measured(engines: dict[str, LogitClassifier], texts: list[str], sizes: dict[str, int]) -> dict[str, dict[str, Any]]:
    """The figures of each engine."""
    reference = engines[FP32].logits(texts).argmax(axis=1)
    paces = race(engines, texts)
    found = {}
    for name, engine in engines.items():
        same = int(np.sum(engine.logits(texts).argmax(axis=1) == reference))
        flips = [] if name == TORCH else company(engine.logits, texts[:_COMPANY], gate=name, seed=_SEED).failed
        found[name] = {
            **{key: round(value, 2) for key, value in asdict(paces[name]).items()},
            "agreement": asdict(wilson(same, len(texts))),
            "flips_in_company": len(flips),
            "size_mb": round(sizes[name] / 1e6, 1),
        }
        note(f"{name}: {json.dumps(found[name])}")
    return found


def pace(figures: dict[str, dict[str, Any]], name: str) -> float:
    """Texts a second in batches."""
    return float(figures[name]["texts_per_s"])


if __name__ == "__main__":
    chosen = arguments(__doc__, project=True)
    main(chosen.project, quick=chosen.quick)
