"""Stage *samples*: what the model writes, how varied it is, and whether it is the training text, word for word."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.engine import Generator
from argosy.core.records import Example, Message, Settings
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.doubts.copies import as_long, audit, distinct
from argosy.evaluate.intervals import around
from argosy.evaluate.metrics import Ratios
from argosy.evaluate.paired import difference
from argosy.infer.text import whole
from argosy.stages.data import dialogue, split
from argosy.stages.site import Site
from argosy.stages.text import quantise
from argosy.stages.text.openings import opening

SAMPLES = "samples.json"
_SHOWN = 6
_GRAMS = (1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """How many continuations of how many tokens are drawn, and the seed of the first one."""

    dialogue: bool
    count: int
    tokens: int
    seed: int


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    count, tokens = {"tiny": (8, 48), "small": (32, 128)}.get(project.size, (64, 256))
    params = Params(dialogue=project.data.answer is not None, count=count, tokens=tokens, seed=project.seed)
    packages = ("torch", "transformers", "tokenizers", "numpy")
    return Stage(
        name="samples", params=params, run=run, inputs=("split", "train", "quantise"), packages=packages, machine=True
    )


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Go on from openings of validation documents, or answer their questions, each by its seed, with what serves."""
    parts = split.load(inputs["split"])
    validation = list(parts["validation"])
    generator = quantise.open_served(inputs)
    drawn: list[dict[str, Any]] = []
    start, written = time.perf_counter(), 0
    for number in range(params.count):
        row = validation[number % len(validation)]
        sample, tokens = _sample(generator, row, params, params.seed + number)
        written += tokens
        drawn.append(sample)
        tell((number + 1) / params.count, sample["text"][:40])
    seconds = time.perf_counter() - start
    texts = [one["text"] for one in drawn]
    rest = [row.text[len(opening(row)) :] for row in validation]
    facts = {
        "shown": drawn[:_SHOWN],
        "count": params.count,
        "tokens_per_s": written / seconds,
        **_looked_at(texts, [row.text for row in parts["train"]], rest, params.seed),
    }
    (out / SAMPLES).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """What ``run`` found."""
    return dict(json.loads((folder / SAMPLES).read_text(encoding="utf-8")))


def _sample(generator: Generator, row: Example, params: Params, seed: int) -> tuple[dict[str, Any], int]:
    """A continuation with its opening and seed, and the tokens it took."""
    question = dialogue.parted(row)[0]
    opened = question if params.dialogue else opening(row)
    prompt: str | list[Message] = opened
    if params.dialogue and generator.chat:
        prompt = [Message(role="user", content=question)]
    answer = whole(generator.generate(prompt, Settings(max_tokens=params.tokens, seed=seed)))
    return {"opening": opened, "text": answer.text, "seed": seed, "finish": answer.finish}, answer.tokens


def _looked_at(texts: Sequence[str], training: Sequence[str], held_out: Sequence[str], seed: int) -> dict[str, Any]:
    """distinct-n of the samples and of real text as long, and the audit for copies; None where nothing was written."""
    if not any(texts):
        return {"distinct": {}, "copies": None}
    pieces = as_long(held_out, texts)
    varied = {
        str(n): {"samples": _figure(distinct(texts, n), seed), "text": _figure(distinct(pieces, n), seed)}
        for n in _GRAMS
    }
    found = audit(texts, training, held_out)
    gap = None
    if found.copied.units == found.expected.units and _measurable(found.copied) and _measurable(found.expected):
        gap = asdict(difference(found.copied, found.expected, seed=seed))
    copies = {
        "copied": _figure(found.copied, seed),
        "expected": _figure(found.expected, seed),
        "difference": gap,
        "suspicious": gap is not None and gap["low"] > 0,
        "longest": found.longest.text,
        "longest_expected": found.longest_expected.text,
    }
    return {"distinct": varied, "copies": copies}


def _figure(measured: Ratios, seed: int) -> dict[str, float] | None:
    """A share with its interval; None where nothing could be counted."""
    return asdict(around(measured, seed=seed)) if _measurable(measured) else None


def _measurable(measured: Ratios) -> bool:
    return measured.units > 1 and bool(measured.under.sum() > 0)
