"""How well documents answer a query, each read together with it by a graph in ONNX Runtime, without torch."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.core.errors import GateError, MissingError
from argosy.infer.answers import softmax
from argosy.infer.batches import TOKENS, Batch, Floats, run
from argosy.infer.folder import FORMAT, NAME, ONNXRUNTIME
from argosy.infer.intact import refuse_damaged
from argosy.infer.room import check_room
from argosy.infer.session import open_session
from argosy.infer.tokens import Tokenizer

KIND = "rerank"
GRAPH = "reranker.onnx"
LABELS = ("wrong", "right")
"""What the two logits of a pair stand for, in their order."""
_TOLERANCE = 1e-3  # of a relevance, which other kernels do not reach by far
_TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "config.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnnxReranker:
    """A Reranker around ``forward``, which maps a batch of pairs to logits [rows, 2]; several threads may call it."""

    name: str
    tokenizer: Tokenizer
    forward: Callable[[Batch], Floats]
    run_tokens: int = TOKENS

    @property
    def longest(self) -> int:
        """The tokens that a query and a document have together at most; of the longer one the beginning is read."""
        return self.tokenizer.max_length

    def relevance(self, query: str, documents: Sequence[str]) -> Floats:
        """Float32 [documents], the chance from 0 to 1 that each answers the query, in their order."""
        if not documents:
            return np.empty(0, dtype=np.float32)
        rows = [row.ids for row in self.tokenizer.pairs([(query, document) for document in documents])]
        logits = run(self.forward, rows, pad=self.tokenizer.pad, width=len(LABELS), tokens=self.run_tokens)
        return softmax(logits)[:, LABELS.index("right")].astype(np.float32)

    def count(self, query: str, document: str) -> int:
        """The number of tokens that the model reads of both."""
        (row,) = self.tokenizer.pairs([(query, document)])
        return len(row.ids)


def is_reranker(folder: Path) -> bool:
    """Whether the folder holds a model that reads a query and a document together."""
    file = folder / NAME
    return file.is_file() and json.loads(file.read_text(encoding="utf-8")).get("kind") == KIND


def open_reranker(folder: Path, threads: int | None = None) -> OnnxReranker:
    """The reranker of a model's folder; ``threads`` None uses every core.

    Raises MissingError when the folder is no such model or of another format, GateError when a file is not what was
    built or its probes are answered otherwise here, MachineError when memory is short.
    """
    refuse_damaged(folder, [folder / NAME])
    kept = _kept(folder)
    graph = folder / GRAPH
    refuse_damaged(folder, [graph, *(folder / name for name in _TOKENIZER)])
    session = open_session(graph, threads=threads)
    check_room([graph], ONNXRUNTIME)

    def forward(batch: Batch) -> Floats:
        (logits,) = session.run(["logits"], {"input_ids": batch.ids, "attention_mask": batch.mask})
        return np.asarray(logits, dtype=np.float32)

    engine = OnnxReranker(
        name="cross-encoder",
        tokenizer=Tokenizer.load(folder, max_length=int(kept["max_length"])),
        forward=forward,
    )
    _check_probes(folder, engine, kept["probes"])
    return engine


def _kept(folder: Path) -> dict[str, Any]:
    file = folder / NAME
    kept = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if kept.get("kind") != KIND or kept.get("format") != FORMAT:
        raise MissingError(
            "There is no model here that reads a query and a document together.",
            where=str(folder),
            mend='A project with task = "support" and a [base] makes one: argosy run',
        )
    return dict(kept)


def _check_probes(folder: Path, engine: OnnxReranker, probes: Sequence[Mapping[str, Any]]) -> None:
    """Raise GateError when a probe's relevance is not that of the build."""
    gaps = [abs(float(engine.relevance(one["query"], [one["document"]])[0]) - one["relevance"]) for one in probes]
    gap = max(gaps, default=0.0)  # none while it is being built
    if not gap <= _TOLERANCE:
        raise GateError(
            "The model judges otherwise here than where it was built: a relevance is off by {gap}.",
            where=str(folder),
            mend="Build it again on this machine: argosy run",
            gap=round(gap, 4),
        )
