"""Stage *evaluate* of a language model: the test documents are opened, once; bits per byte of every candidate."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from argosy.compress import gguf
from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.metrics import Floats
from argosy.evaluate.tasks.measure import Sheet, measure, measure_slices, plain
from argosy.infer.processor import multiplies_bf16
from argosy.report.text_verdict import MODEL, UNTUNED
from argosy.stages import origin
from argosy.stages.data import dialogue, split
from argosy.stages.site import Site
from argosy.stages.text import base, baselines, quantise, train
from argosy.stages.text.baselines import METRIC, TASK

FIGURES = "figures.json"
SURPRISES = "surprises.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Whether answers are measured behind their questions, bf16 arithmetic, and the seed of the bootstrap."""

    dialogue: bool
    bf16: bool
    seed: int


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    bf16 = multiplies_bf16()
    params = Params(dialogue=project.data.answer is not None, bf16=bf16, seed=project.seed)
    packages = ("numpy", "scipy", "torch", "transformers")
    inputs = ("split", "base", "baselines", "train", "quantise")
    return Stage(name="evaluate", params=params, run=run, inputs=inputs, packages=packages, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Measure every candidate, whole and by language, the trained model against each baseline, and what is served."""
    test = list(split.load_test(inputs["split"]))
    answers = [dialogue.parted(row)[1] for row in test]
    said, seconds = baselines.surprises(inputs, test)
    folders = {MODEL: inputs["train"] / train.CHECKPOINT}
    if base.shape(inputs["base"]) is None:
        folders = {UNTUNED: inputs["base"] / origin.MODEL, **folders}
    pairs = [dialogue.parted(row) for row in test]
    for number, (name, folder) in enumerate(folders.items(), start=1):
        tell(number / (1 + len(folders)), name)
        start = time.perf_counter()
        said[name] = quantise.surprises(folder, pairs, dialogue=params.dialogue, bf16=params.bf16)
        seconds[name] = time.perf_counter() - start
    best = baselines.facts(inputs["baselines"])["best"]
    sheets = measure(TASK, answers, said, best=best, seed=params.seed)
    languages = np.array([str(row.meta["language"]) for row in test])
    masks = {str(language): languages == language for language in np.unique(languages)}
    own = {name: nats for name, nats in said.items() if name != baselines.XZ}  # xz has one figure for them all
    parts = measure_slices(TASK, answers, own, masks, best=baselines.KNESER_NEY, seed=params.seed)
    figures = {
        **_shape(sheets),
        "detectable": dict(sheets[MODEL].detectable),
        "undefined": dict(sheets[MODEL].undefined),
        "versus_best_baseline": {"metric": METRIC, "rung": MODEL, **_versus(sheets[MODEL])},
        "against": {name: _against(name, answers, said, params.seed) for name in said if name != MODEL},
        "slices": {name: {"rows": some[MODEL].units, **_shape(some)} for name, some in parts.items()},
        "serving": _serving(params, inputs, pairs, said[MODEL]),
        "engines": {name: {"texts_per_s": len(test) / taken} for name, taken in seconds.items()},
        "test_bytes": sum(len(answer.encode()) for answer in answers),
    }
    (out / FIGURES).write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    with (out / SURPRISES).open("w", encoding="utf-8") as file:
        for number, row in enumerate(test):
            told = {name: round(float(nats[number]), 4) for name, nats in said.items()}
            line = {"id": row.id, "bytes": len(answers[number].encode()), "nats": told}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _shape(sheets: Mapping[str, Sheet]) -> dict[str, Any]:
    """The trained model's figures, and every candidate's."""
    return {
        "metrics": plain(sheets[MODEL]),
        "baselines": {name: plain(sheet) for name, sheet in sheets.items()},
    }


def _serving(params: Params, inputs: Inputs, pairs: list[tuple[str, str]], exact: Floats) -> dict[str, Any]:
    """Which engine serves, and where its weights are smaller what they cost on the test documents."""
    found = quantise.read(inputs["quantise"])
    told = {"engine": found["served"], "limit": found["limit"], "skipped": found["skipped"]}
    file = quantise.served_file(inputs["quantise"])
    if file is None:
        return told
    with TemporaryDirectory() as place:
        gguf.dequantised(file, inputs["train"] / train.CHECKPOINT, Path(place))
        nats = quantise.surprises(Path(place), pairs, dialogue=params.dialogue, bf16=params.bf16)
    answers = [answer for _, answer in pairs]
    sheet = measure(TASK, answers, {MODEL: exact, "served": nats}, best=MODEL, seed=params.seed)["served"]
    return {**told, METRIC: plain(sheet).get(METRIC), "loss": _versus(sheet)}


def _versus(sheet: Sheet) -> dict[str, Any]:
    versus = sheet.figures[METRIC].versus if METRIC in sheet.figures else None
    return asdict(versus) if versus else {}


def _against(name: str, answers: list[str], said: Mapping[str, Floats], seed: int) -> dict[str, Any]:
    """The trained model's figure less another candidate's, on the same documents."""
    pair = {name: said[name], MODEL: said[MODEL]}
    return _versus(measure(TASK, answers, pair, best=name, seed=seed)[MODEL])
