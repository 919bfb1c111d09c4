"""Which cluster of questions a question belongs to, and whether it belongs to any: linear models in numpy and ONNX.

The folder holds ``intents.json``, ``linear.onnx`` (character n-grams) and, where questions are embedded, ``head.npz``:
a linear layer over the vectors, and the vectors of the questions it learnt from.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import MissingError
from argosy.infer.engines.linear import LinearClassifier, log_softmax

Floats: TypeAlias = NDArray[np.float32]
Embed: TypeAlias = Callable[[Sequence[str]], Floats]
"""Texts to vectors of length 1, float32 [texts, width]."""

CARD, LINEAR, HEAD = "intents.json", "linear.onnx", "head.npz"
FORMAT = 1
NEIGHBOURS = 5
FEATURES = ("chance", "margin", "energy", "nearest", "nearby")
SPREAD = 1e-6
_PIECE = 8_192  # numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read: ``ids`` name the columns of ``probabilities`` [texts, ids]; ``known`` [texts] are chances."""

    ids: tuple[str, ...]
    probabilities: Floats
    known: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A layer over vectors: ``weights`` [ids, width], ``bias`` [ids], and the ``keys`` [questions, width] it learnt."""

    weights: Floats
    bias: Floats
    keys: Floats

    def scores(self, vectors: Floats) -> Floats:
        """Logits [texts, ids]."""
        return products(vectors, self.weights) + self.bias


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """How the models' scores become chances.

    ``weight`` is the head's share of the log-linear mixture, ``sharpness`` what the mixture is multiplied by; ``known``
    are the bias and the factors of a logistic over ``FEATURES`` of the head, else of the linear model.
    """

    ids: tuple[str, ...]
    weight: float = 0.0
    sharpness: float = 1.0
    known: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)

    def to_json(self) -> str:
        """As text."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """What ``to_json`` told."""
        return cls(
            ids=tuple(told["ids"]),
            weight=told["weight"],
            sharpness=told["sharpness"],
            known=tuple(told["known"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentModel:
    """Tells the intents of questions; several threads may call it."""

    card: Card
    linear: Callable[[Sequence[str]], Floats]
    head: Head | None = None
    embed: Embed | None = None

    def read(self, texts: Sequence[str]) -> Read:
        """The chances of each intent, and that a text has any of them."""
        if not texts:
            empty = np.empty((0, len(self.card.ids)), dtype=np.float32)
            return Read(ids=self.card.ids, probabilities=empty, known=np.empty(0, dtype=np.float32))
        vectors = self.embed(texts) if self.embed and self.head else None
        scores = self.head.scores(vectors) if self.head and vectors is not None else None
        mixed = mixture(self.linear(texts), scores, self.card.weight)
        judged = mixed if scores is None else scores
        seen = features(judged, vectors, self.head.keys if self.head else None)
        known = logistic(seen @ np.array(self.card.known[1:]) + self.card.known[0])
        chances = np.exp(log_softmax(self.card.sharpness * mixed))
        return Read(ids=self.card.ids, probabilities=chances, known=known)


def open_intents(folder: Path, embed: Embed | None = None, *, threads: int | None = None) -> IntentModel:
    """The model in a folder; ``embed`` gives the vectors it was fitted over.

    Raises MissingError where the folder holds none, is of another format, lacks a part, or needs vectors that nobody
    gives.
    """
    file = folder / CARD
    told = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    if told.get("format") != FORMAT:
        raise MissingError(
            "There is no model of intents here that this version reads.",
            where=str(folder),
            mend="Build the assistant again: argosy run",
        )
    head = _head(folder / HEAD)
    if head is not None and embed is None:
        raise MissingError(
            "The model of intents reads vectors, and there is no encoder to make them.",
            where=str(folder),
            mend="Put the folder `encoder` back beside it, or build the assistant again: argosy run",
        )
    linear = LinearClassifier(folder / LINEAR, text_steps=(), threads=threads)
    return IntentModel(card=Card.from_json(told), linear=linear.logits, head=head, embed=embed)


def mixture(linear: Floats, head: Floats | None, weight: float) -> Floats:
    """The log-linear mixture [texts, ids] of a linear model's log-probabilities and a head's logits."""
    return linear if head is None else np.asarray((1 - weight) * linear + weight * head, dtype=np.float32)


def features(scores: Floats, vectors: Floats | None, keys: Floats | None) -> Floats:
    """``FEATURES`` [texts, 5] by which what belongs to no intent is told, from scores [texts, ids].

    The likeliest intent's log-odds, its distance to the next one, the log of the summed scores (Liu et al. 2020), the
    cosine of the nearest learnt question and the mean of the nearest few (Sun et al. 2022); 0 for what is not there.
    """
    logs = np.sort(log_softmax(scores), axis=1)[:, ::-1]
    top = scores.max(axis=1)
    energy = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
    near = np.zeros((len(scores), 1), dtype=np.float32)
    if vectors is not None and keys is not None and keys.size:
        cosines, most = products(vectors, keys), min(NEIGHBOURS, len(keys))
        near = np.sort(np.partition(cosines, -most, axis=1)[:, -most:], axis=1)
    sure = np.exp(logs[:, 0]).clip(SPREAD, 1 - SPREAD)
    second = logs[:, min(1, logs.shape[1] - 1)]
    columns = [np.log(sure / (1 - sure)), logs[:, 0] - second, energy, near[:, -1], near.mean(axis=1)]
    return np.stack(columns, axis=1).astype(np.float32)


def products(vectors: Floats, rows: Floats) -> Floats:
    """``vectors`` [texts, width] times ``rows`` [rows, width]: [texts, rows].

    In pieces too small for BLAS to share among threads: its threads keep a processor busy while they wait, which more
    than doubled the time of a question on a busy machine, and their number would change the last bits.
    """
    width = rows.shape[1]
    size = max(1, _PIECE // width)
    whole = len(rows) // size * size
    pieces = rows[:whole].reshape(-1, size, width)
    out = np.empty((len(vectors), len(rows)), dtype=np.float32)
    for said, vector in zip(out, vectors, strict=True):
        said[:whole] = (pieces @ vector).ravel()
        said[whole:] = rows[whole:] @ vector
    return out


def logistic(scores: NDArray[np.floating]) -> Floats:
    """Chances of scores, without overflow."""
    return np.asarray(np.exp(-np.logaddexp(0, -scores.astype(np.float64))), dtype=np.float32)


def _head(file: Path) -> Head | None:
    if not file.is_file():
        return None
    with np.load(file) as kept:
        return Head(weights=kept["weights"], bias=kept["bias"], keys=kept["keys"].astype(np.float32))
