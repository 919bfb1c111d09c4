"""Stage *quantise* of a language model: its weights in fewer bits, each kind measured; the smallest that passes serves.

Bits per byte are those of torch with the numbers that the blocks stand for, on validation texts; greedy tokens are
compared to show that llama.cpp computes the same. Where nothing passes, or the packages are absent, torch serves.
"""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from argosy.compress import gguf, gguf_gate
from argosy.config.schema import Project
from argosy.core.engine import Generator
from argosy.core.errors import ArgosyError, MissingError
from argosy.core.records import Example, Message
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.intervals import around
from argosy.evaluate.metrics import Measured, Undefined, mean
from argosy.evaluate.paired import difference
from argosy.evaluate.tasks.measure import measured
from argosy.infer.load import TORCH
from argosy.stages.data import dialogue, split
from argosy.stages.site import Site
from argosy.stages.text import train
from argosy.stages.text.baselines import METRIC, TASK
from argosy.stages.text.openings import opening

if TYPE_CHECKING:
    from argosy.infer.chat import Script
    from argosy.infer.engines.gguf import GgufGenerator

FACTS = "engines.json"
_SUFFIX = ".gguf"
_CONTEXT = 2_048  # tokens that are read at once at most
_LOSS = 0.01  # of the bits per byte in fp32, where the project names no loss itself
_KINDS = {"tiny": ("q8_0", "q4_0")}
_CHARACTERS = {"tiny": 10_000}  # of validation texts; paired differences need few
_PROMPTS = {"tiny": (4, 16)}  # how many, and the tokens behind each
_TIMED = 2  # prompts
_ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Which kinds are tried on how much, and the loss of bits per byte that is allowed (None: 1 % of those in fp32)."""

    kinds: tuple[str, ...]
    characters: int
    prompts: int
    tokens: int
    max_loss: float | None
    dialogue: bool
    seed: int


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    prompts, tokens = _PROMPTS.get(project.size, (6, 24))
    params = Params(
        kinds=_KINDS.get(project.size, tuple(gguf.KINDS)),
        characters=_CHARACTERS.get(project.size, 20_000),
        prompts=prompts,
        tokens=tokens,
        max_loss=project.target.max_quality_loss if project.target else None,
        dialogue=project.data.answer is not None,
        seed=project.seed,
    )
    packages = ("torch", "transformers", *gguf.PACKAGES)
    return Stage(name="quantise", params=params, run=run, inputs=("split", "train"), packages=packages, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Write and measure every kind, keep the file of the one that is to serve, and store what was found."""
    try:
        _require()
        facts = _Trial.of(params, inputs, out).run(tell)
    except ArgosyError as error:  # an architecture that has no place in such a file, or no package to run one
        facts = {"served": TORCH, "skipped": error.to_json(), "limit": None, "engines": {}}
    for file in out.glob(f"*{_SUFFIX}"):
        if file.name != facts.get("file"):
            file.unlink()
    (out / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """What ``run`` found."""
    return dict(json.loads((folder / FACTS).read_text(encoding="utf-8")))


def served_file(folder: Path) -> Path | None:
    """The GGUF file that is to serve; None where torch is."""
    name = read(folder).get("file")
    return folder / name if name else None


def open_served(inputs: Inputs) -> Generator:
    """The engine that serves, over what ``run`` and the training left."""
    from argosy.infer.engines.torch_text import open_torch_text

    folder, file = inputs["train"] / train.CHECKPOINT, served_file(inputs["quantise"])
    return open_torch_text(folder) if file is None else _in_llama_cpp(file, folder)


def _in_llama_cpp(file: Path, folder: Path) -> "GgufGenerator":
    """As many threads as torch has, so that the two can be compared."""
    import torch

    from argosy.infer.chat import Script
    from argosy.infer.engines.gguf import open_gguf

    return open_gguf(file, script=Script.load(folder), context=_CONTEXT, threads=torch.get_num_threads())


def _require() -> None:
    missing = gguf.missing_packages()
    if missing:
        raise MissingError(
            "Smaller weights need {missing}, which this install does not have.",
            mend="pip install 'argosy[gguf]'",
            missing=", ".join(missing),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """What every candidate is measured on: texts with the surprise of the fp32 model, and prompts in tokens."""

    params: Params
    folder: Path
    out: Path
    rows: Sequence[tuple[str, str]]
    exact: Measured
    prompts: Sequence[Sequence[int]]

    @classmethod
    def of(cls, params: Params, inputs: Inputs, out: Path) -> "_Trial":
        from argosy.infer.chat import Script

        folder = inputs["train"] / train.CHECKPOINT
        script = Script.load(folder)
        validation = list(split.load(inputs["split"])["validation"])
        rows = [dialogue.parted(row) for row in train.shortened(validation, params.seed, params.characters)]
        opened = [_opened(row, script, params) for row in validation[: params.prompts]]
        room = _context(folder) - params.tokens - 1
        exact = _measured(folder, rows, params)
        prompts = [ids[: max(1, min(len(ids), room))] for ids in opened]
        return cls(params=params, folder=folder, out=out, rows=rows, exact=exact, prompts=prompts)

    def run(self, tell: Tell) -> dict[str, Any]:
        """The figures of every engine, and which is to serve."""
        limit = self.params.max_loss if self.params.max_loss is not None else _LOSS * self.exact.value
        engines, candidates, torch_speeds = {}, {}, list[float]()
        for number, kind in enumerate(self.params.kinds):
            tell(number / len(self.params.kinds), kind)
            candidate, figures, speeds = self._try(kind)
            torch_speeds += speeds
            figures["reasons"] = [problem.to_json() for problem in gguf_gate.refusals(candidate, limit)]
            candidates[candidate.name], engines[candidate.name] = candidate, figures
        chosen = gguf_gate.smallest(list(candidates.values()), limit)
        in_torch = {
            METRIC: asdict(around(self.exact, seed=self.params.seed)),
            "tokens_per_s": statistics.median(torch_speeds),
            "size_mb": sum(file.stat().st_size for file in self.folder.glob("*.safetensors")) / 1e6,
        }
        return {
            "served": chosen.name if chosen else TORCH,
            "file": engines[chosen.name]["file"] if chosen else None,
            "skipped": None,
            "limit": limit,
            "texts": len(self.rows),
            "engines": {TORCH: in_torch, **engines},
        }

    def _try(self, kind: str) -> tuple[gguf_gate.Candidate, dict[str, Any], list[float]]:
        """One kind of weights: what it is judged by, its figures, and torch's speed in turn with it."""
        from argosy.infer.engines.torch_text import open_torch_text

        name, file = f"gguf-{kind}", self.out / f"model-{kind}{_SUFFIX}"
        gguf.write(self.folder, file, kind)
        with TemporaryDirectory(dir=self.out) as place:
            gguf.dequantised(file, self.folder, Path(place))
            lossy = _measured(Path(place), self.rows, self.params)
            reference = open_torch_text(Path(place))
        engine = _in_llama_cpp(file, self.folder)
        alike = gguf_gate.alike(reference, engine, self.prompts, self.params.tokens)
        pair: dict[str, gguf_gate.Follower] = {TORCH: reference, name: engine}
        speeds = gguf_gate.speeds(pair, self.prompts[:_TIMED], self.params.tokens, _ROUNDS)
        memory = engine.memory_mb
        engine.close()
        loss = difference(lossy, self.exact, seed=self.params.seed)
        size = file.stat().st_size / 1e6
        figures = {
            "file": file.name,
            METRIC: asdict(around(lossy, seed=self.params.seed)),
            "loss": asdict(loss),
            "agreement": asdict(around(mean(np.array(alike, dtype=np.float64)), seed=self.params.seed)),
            "tokens_per_s": statistics.median(speeds[name]),
            "size_mb": size,
            "memory_mb": memory,
        }
        share = sum(alike) / len(alike)
        return gguf_gate.Candidate(name=name, size_mb=size, agreement=share, loss=loss), figures, speeds[TORCH]


def surprises(folder: Path, rows: Sequence[tuple[str, str]], *, dialogue: bool, bf16: bool) -> NDArray[np.float64]:
    """What a model in a transformers folder finds surprising in each text, or in each answer, in nats [rows]."""
    from argosy.train.language.surprise import nats

    return nats(folder, rows, dialogue=dialogue, context=_CONTEXT, bf16=bf16)


def _measured(folder: Path, rows: Sequence[tuple[str, str]], params: Params) -> Measured:
    """Bits per byte; raises MissingError where the texts have no bytes."""
    found = surprises(folder, rows, dialogue=params.dialogue, bf16=False)
    metric = measured(TASK, [answer for _, answer in rows], found, rung=TORCH)[METRIC]
    if isinstance(metric, Undefined):
        raise MissingError("There is no validation text to measure smaller weights on: {reason}", reason=metric.reason)
    return metric


def _opened(row: Example, script: "Script", params: Params) -> list[int]:
    """The tokens of an opening, or of a question as the model wants it written."""
    if params.dialogue and script.template is not None:
        return script.encode([Message(role="user", content=dialogue.parted(row)[0])])
    return script.encode(opening(row))


def _context(folder: Path) -> int:
    """The tokens that the model reads, as far as it is asked to here."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return min(_CONTEXT, int(config.get("max_position_embeddings") or _CONTEXT))
