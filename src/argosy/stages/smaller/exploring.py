"""Makes smaller models of one classifier, each once: what was made before a stop is there when the same is asked again.

Every model has a folder: ``checkpoint``, its fp32 graph, the smaller graphs that were made of it and what each answers
to the validation rows; ``made.json`` is written last.
"""

import json
import re
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from argosy.core.artifact import write_atomically
from argosy.core.errors import ArgosyError, GateError, ProjectError
from argosy.core.stage import Tell
from argosy.evaluate.parity import compare_logits
from argosy.infer.engines.onnx import open_onnx
from argosy.infer.folder import ONNXRUNTIME, OPENVINO, files_of
from argosy.infer.load import FP32, LogitClassifier
from argosy.infer.tokens import Tokenizer
from argosy.stages.smaller.judging import Floats, Judge, Judged

if TYPE_CHECKING:
    from argosy.compress.quantise import Calibration

CHECKPOINT = "checkpoint"
GRAPH = "model.onnx"
LATE, FAILED = "late", "failed"  # why a model was not made
_MADE = "made.json"
Build = Callable[[Path, "Calibration", Path], None]
_EXPORTED = 64  # texts that an export is compared on
_OVERRUN = 1.5  # times the budget after which nothing more is begun


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A model to make: ``make`` writes ``checkpoint`` and its fp32 graph into a folder, in about so many ``seconds``.

    ``steps`` say what is done to the model before, and over how many ``epochs`` it learns; ``smaller`` names the
    smaller graphs to try, None: all there are; ``torch`` says that transformers can load the checkpoint.
    """

    name: str
    steps: tuple[str, ...]
    seconds: float
    make: Callable[[Path, Tell], None]
    epochs: int = 0
    smaller: tuple[str, ...] | None = None
    torch: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One engine of a model that was made: its graph is ``file``; ``reasons`` say why it may not serve."""

    model: str
    steps: tuple[str, ...]
    folder: Path
    engine: str
    runtime: str
    file: str
    seconds: float
    torch: bool
    reasons: Sequence[Mapping[str, Any]]

    @property
    def name(self) -> str:
        """The point's name, such as ``6 layers, onnx-int8``."""
        return f"{self.model}, {self.engine}"

    @property
    def logits(self) -> Floats:
        """What it answers to the validation rows [rows, labels]."""
        return np.asarray(np.load(self.folder / f"{self.engine}.npy"))

    @property
    def size_mb(self) -> float:
        """Megabytes (10⁶ bytes) of the graph and the tokenizer."""
        files = [*files_of(self.folder / self.file), self.folder / CHECKPOINT / "tokenizer.json"]
        return sum(path.stat().st_size for path in files) / 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Explorer:
    """Makes candidates in ``place`` and holds each of their engines to the gates."""

    place: Path
    judge: Judge
    text_steps: tuple[str, ...]
    max_length: int

    def explore(
        self, candidates: Sequence[Candidate], seconds: float, tell: Tell
    ) -> tuple[list[Made], list[dict[str, Any]]]:
        """What was made, and what was not: since the time was up, or since it cannot be (with the ``error``)."""
        made: list[Made] = []
        left: list[dict[str, Any]] = []
        for number, candidate in enumerate(candidates):
            spent = sum({one.model: one.seconds for one in made}.values())
            if spent > _OVERRUN * seconds:
                left.append({"name": candidate.name, "reason": LATE})
                continue
            try:
                made += self._of(candidate, _part(tell, number, len(candidates), candidate.name))
            except (ProjectError, GateError) as error:
                left.append({"name": candidate.name, "reason": FAILED, "error": error.to_json()})
        return made, left

    def open(self, made: Made) -> LogitClassifier:
        """The engine, ready to answer clean or raw texts."""
        return self._open(made.folder, made.engine, made.file, made.runtime)

    def _of(self, candidate: Candidate, tell: Tell) -> list[Made]:
        folder = self.place / slug(f"{candidate.name} {candidate.epochs}")
        if not (folder / _MADE).is_file():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            start = time.perf_counter()
            candidate.make(folder, tell)
            engines = self._engines(folder, candidate)
            facts = {"seconds": time.perf_counter() - start, "engines": engines}
            write_atomically(folder / _MADE, json.dumps(facts, ensure_ascii=False, indent=1))
        facts = json.loads((folder / _MADE).read_text(encoding="utf-8"))
        return [
            Made(
                model=candidate.name,
                steps=candidate.steps,
                folder=folder,
                seconds=facts["seconds"],
                torch=candidate.torch,
                **engine,
            )
            for engine in facts["engines"]
        ]

    def _engines(self, folder: Path, candidate: Candidate) -> list[dict[str, Any]]:
        """Every engine of a model: fp32, then by each runtime the smaller graphs, fastest first, until one passes."""
        from argosy.compress.quantise import Calibration  # onnx, which an install that only serves has not

        fp32 = self._ask(folder, FP32, GRAPH, None)
        exported = self._exported(folder, fp32.logits) if candidate.torch and candidate.steps else ()
        found = [_told(FP32, GRAPH, ONNXRUNTIME, exported)]
        calibration = Calibration(folder / CHECKPOINT, self.judge.calibration, max_length=self.max_length)
        for runtime, builders in _builders(candidate).items():
            for name, build in builders.items():
                file = f"{name}.onnx"
                if not (folder / file).is_file():
                    build(folder / GRAPH, calibration, folder / file)
                tried = self._ask(folder, name, file, fp32.logits, runtime)
                found.append(_told(name, file, runtime, [*exported, *tried.problems]))
                if not tried.problems:
                    break
        return found

    def _exported(self, folder: Path, logits: Floats) -> Sequence[ArgosyError]:
        """Where the graph answers otherwise than the model it was made of."""
        from argosy.infer.engines.torch_engine import open_torch

        tokenizer = Tokenizer.load(folder / CHECKPOINT, max_length=self.max_length)
        engine = open_torch(
            folder / CHECKPOINT, tokenizer=tokenizer, labels=self.judge.labels, text_steps=self.text_steps
        )
        some = self.judge.texts[:_EXPORTED]
        tolerance = self.judge.gates.tolerance
        return compare_logits(
            some, engine.logits(some), logits[: len(some)], gate="torch = onnx-fp32", tolerance=tolerance
        ).problems

    def _ask(self, folder: Path, name: str, file: str, reference: Floats | None, runtime: str = ONNXRUNTIME) -> Judged:
        judged = self.judge.ask(self._open(folder, name, file, runtime), reference=reference)
        np.save(folder / f"{name}.npy", self.judge.of_validation(judged.logits))
        return judged

    def _open(self, folder: Path, name: str, file: str, runtime: str = ONNXRUNTIME) -> LogitClassifier:
        tokenizer = Tokenizer.load(folder / CHECKPOINT, max_length=self.max_length)
        labels, steps = self.judge.labels, self.text_steps
        if runtime != OPENVINO:
            return open_onnx(folder / file, name=name, tokenizer=tokenizer, labels=labels, text_steps=steps)
        from argosy.infer.engines.openvino import open_openvino

        return open_openvino(folder / file, name=name, tokenizer=tokenizer, labels=labels, text_steps=steps)


def slug(name: str) -> str:
    """A folder's name for what is called ``name``.

    >>> slug("6 layers, half as wide 3")
    '6-layers-half-as-wide-3'
    """
    return re.sub(r"\W+", "-", name).strip("-")


def _builders(candidate: Candidate) -> dict[str, dict[str, Build]]:
    """What makes the smaller graphs of a model, by runtime; OpenVINO where it is installed."""
    from argosy.compress.quantise import CANDIDATES

    wanted = CANDIDATES if candidate.smaller is None else candidate.smaller
    found = {ONNXRUNTIME: {name: build for name, build in CANDIDATES.items() if name in wanted}}
    if candidate.torch and find_spec("openvino") is not None:
        from argosy.compress import openvino
        from argosy.infer.engines.openvino import has_bf16

        usable = {name: build for name, build in openvino.CANDIDATES.items() if "bf16" not in name or has_bf16()}
        found[OPENVINO] = usable
    return found


def _told(engine: str, file: str, runtime: str, problems: Sequence[ArgosyError]) -> dict[str, Any]:
    reasons = [problem.to_json() for problem in problems]
    return {"engine": engine, "runtime": runtime, "file": file, "reasons": reasons}


def _part(tell: Tell, number: int, count: int, name: str) -> Tell:
    """``tell`` for the candidate with this number out of ``count``."""
    return lambda share, note: tell((number + share) / count, f"{name} {note}".strip())
