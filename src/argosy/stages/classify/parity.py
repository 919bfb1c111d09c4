"""Stage *parity*: from raw text, torch, ONNX, the served engine and HTTP must answer alike, or the build fails."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy.config.schema import Project
from argosy.core.errors import raise_all
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.evaluate.intervals import wilson
from argosy.evaluate.parity import ParityReport, company, compare_logits, quantised
from argosy.infer.folder import Description, describe, files_of
from argosy.infer.load import FP32, LINEAR, TORCH, load
from argosy.stages.classify import baselines, over_http
from argosy.stages.data import split
from argosy.stages.site import Serving, Site

FACTS = "parity.json"
HTTP = "http"
_SINGLE = 100  # requests of one text that are timed
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """How many raw texts go through, what may differ, the seed of the random company, and how a model is served."""

    texts: int
    tolerance: float
    agreement: float
    seed: int
    serving: Serving = field(metadata=UNKEYED)


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    gate = project.gate
    params = Params(
        texts=gate.texts, tolerance=gate.tolerance, agreement=gate.agreement, seed=project.seed, serving=site.serving
    )
    packages = ("torch", "onnxruntime", "tokenizers", "fastapi", "uvicorn")
    return Stage(
        name="parity", params=params, run=run, inputs=("split", "baselines", "pack"), packages=packages, machine=True
    )


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Put the raw texts through every engine, compare, and time each; raises GateError with the texts that differ."""
    texts = split.raw_texts(inputs["split"], params.texts)
    model = describe(inputs["pack"])
    engines = {name: load(inputs["pack"], name) for name in model.engines}
    logits: dict[str, Floats] = {}
    figures: dict[str, dict[str, Any]] = {}
    for share, (name, engine) in enumerate(engines.items()):
        tell(share / (len(engines) + 2), name)
        logits[name], seconds = _timed(engine.logits, texts)
        figures[name] = _speed(engine.logits, texts, seconds) | {"size_mb": _size(model, name)}
    tell(len(engines) / (len(engines) + 2), "company")
    reference = logits.get(TORCH, logits[FP32])  # a static model knows no torch
    export = (
        compare_logits(texts, logits[TORCH], logits[FP32], gate="torch = onnx-fp32", tolerance=params.tolerance)
        if TORCH in engines
        else None
    )
    gates = [
        *([export] if export else []),
        *(
            quantised(texts, reference, logits[name], gate=name, least=params.agreement)
            for name in engines.keys() - {TORCH, FP32, LINEAR}
        ),
        company(engines[model.served].logits, texts, gate=model.served, seed=params.seed),
    ]
    tell((len(engines) + 1) / (len(engines) + 2), HTTP)
    answers, figures[HTTP] = _over_http(params.serving, model, texts)
    warmth = model.calibrations[model.served].temperature
    gates.append(_http_gate(texts, logits[model.served] / warmth, answers))
    figures[HTTP]["agreement"] = _agreement(answers, logits[model.served])
    for name in engines.keys() - {LINEAR}:
        figures[name]["agreement"] = _agreement(logits[name], reference)
    figures[LINEAR]["agreement"] = baselines.agreement(inputs["baselines"])
    told = _told(texts, export, gates, figures) | {"served": model.served}
    (out / FACTS).write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    raise_all([problem for gate in gates for problem in gate.problems])


def _agreement(scores: NDArray[np.floating], reference: NDArray[np.floating]) -> dict[str, float]:
    """The share of texts that get the same label from both, with its interval."""
    same = scores.argmax(axis=1) == reference.argmax(axis=1)
    return asdict(wilson(int(same.sum()), len(same)))


def _timed(engine: Callable[[Sequence[str]], Floats], texts: Sequence[str]) -> tuple[Floats, float]:
    engine(texts[:32])
    start = time.perf_counter()
    logits = engine(texts)
    return logits, time.perf_counter() - start


def _speed(engine: Callable[[Sequence[str]], Floats], texts: Sequence[str], seconds: float) -> dict[str, float]:
    """Texts a second in batches, and the latency of single texts in milliseconds."""
    return {"texts_per_s": len(texts) / seconds, **_latency(lambda text: engine([text]), texts)}


def _latency(ask: Callable[[str], object], texts: Sequence[str]) -> dict[str, float]:
    spent = []
    for text in texts[:_SINGLE]:
        start = time.perf_counter()
        ask(text)
        spent.append(1000 * (time.perf_counter() - start))
    return {"p50_ms": float(np.quantile(spent, 0.5)), "p99_ms": float(np.quantile(spent, 0.99))}


def _over_http(
    serving: Serving, model: Description, texts: Sequence[str]
) -> tuple[NDArray[np.float64], dict[str, float]]:
    """The server's probabilities [texts, labels], and its speed."""
    with serving(model.path) as address:
        over_http.classify(address, texts[:32])
        start = time.perf_counter()
        answers = over_http.classify(address, texts)
        seconds = time.perf_counter() - start
        latency = _latency(lambda text: over_http.classify(address, [text]), texts)
    table = np.array([[answer["probabilities"][label] for label in model.labels] for answer in answers])
    return table, {"texts_per_s": len(texts) / seconds, **latency, "size_mb": _size(model, model.served)}


def _http_gate(texts: Sequence[str], logits: Floats, answers: NDArray[np.float64]) -> ParityReport:
    """HTTP sends probabilities: their logarithms are the logits but for a constant a text, which is taken off both."""
    log = np.log(np.maximum(answers, np.finfo(np.float64).tiny))
    return compare_logits(texts, _centred(logits), _centred(log), gate="http", tolerance=1e-3)


def _centred(logits: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    wide = logits.astype(np.float64)
    return np.asarray(wide - wide.max(axis=1, keepdims=True))


def _size(model: Description, name: str) -> float:
    """Megabytes (10⁶ bytes) of the files that hold the engine's weights."""
    graph = model.engines[name].file
    files = files_of(graph) if graph else [model.path / "model.safetensors"]
    return sum(file.stat().st_size for file in files) / 1e6


def _told(
    texts: Sequence[str],
    export: ParityReport | None,
    gates: Sequence[ParityReport],
    figures: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    *_, company_gate, _ = gates
    return {
        "texts": len(texts),
        "largest_difference": export.gap if export else None,
        "excepted": [odd.text for odd in export.excepted] if export else [],
        "flips_in_company": len(company_gate.failed),
        "http_agreement": figures[HTTP]["agreement"],
        "gates": [gate.to_json() for gate in gates],
        "engines": figures,
    }
