"""The engine of models over columns of numbers (and a text beside them): a card in JSON, and a graph in ONNX.

The card says how numbers become features: less the column's mean, divided by its spread, in double precision, since
single precision loses what matters in a column of large numbers that differ little. The graph holds the layers behind
them, as skl2onnx writes them. A constant answer and a Bayesian network need no graph.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import DataError, MissingError
from argosy.core.records import Prediction
from argosy.data.clean import clean_text
from argosy.infer.answers import AS_TRAINED, Calibration, answers
from argosy.infer.engines.linear import Card as Words
from argosy.infer.engines.linear import Vocabulary
from argosy.infer.engines.network import Network
from argosy.infer.session import open_session

FEATURES = "features"
ANSWER = "answer"
FORMAT = 1
_BATCH = 64  # rows: with 65,536 n-grams × 8 bytes 34 MB
_LEAST = 1e-300  # a probability whose logarithm is still a number
_FARTHEST = 1e6  # standard deviations: what lies farther off is a mistake, and single precision loses it
_AGAIN = "Build the model again with `argosy run`."

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Columns to features: ``(x - mean) / spread``, one of each a column."""

    means: tuple[float, ...]
    spreads: tuple[float, ...]

    def apply(self, numbers: Floats) -> Floats:
        """Features [rows, columns] of numbers of the same shape."""
        return np.asarray((numbers - np.array(self.means)) / np.array(self.spreads))

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The scale of plain values."""
        return cls(means=tuple(kept["means"]), spreads=tuple(kept["spreads"]))

    def undo(self, features: Floats) -> Floats:
        """The numbers that ``apply`` made features of."""
        return np.asarray(features * np.array(self.spreads) + np.array(self.means))


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a model needs beside its graph: ``constant`` and ``network`` stand in for one where they are set.

    ``labels`` are those of a classifier, and ``target`` is the scale of the number that a regression predicts.
    """

    rung: str
    numeric: tuple[str, ...]
    labels: tuple[str, ...] = ()
    scale: Scale
    target: Scale | None = None
    text_steps: tuple[str, ...] = ()
    vocabulary: Vocabulary | None = None
    constant: tuple[float, ...] = ()
    network: Network | None = None

    def features(self, numbers: Floats, texts: Sequence[str]) -> Floats:
        """Float64 [rows, columns + n-grams] of numbers [rows, columns] and cleaned texts."""
        scaled = self.scale.apply(numbers)
        if self.vocabulary is None:
            return scaled
        sparse = self.vocabulary.weigh(texts)
        words = np.zeros((len(texts), len(self.vocabulary)))
        words[sparse.rows, sparse.columns] = sparse.values
        return np.concatenate([scaled, words], axis=1)

    def to_json(self) -> dict[str, Any]:
        """The card as plain values."""
        words = Words(labels=(), vocabulary=self.vocabulary).to_json() if self.vocabulary else None
        return {
            "format": FORMAT,
            "rung": self.rung,
            "numeric": list(self.numeric),
            "labels": list(self.labels),
            "scale": asdict(self.scale),
            "target": asdict(self.target) if self.target else None,
            "text_steps": list(self.text_steps),
            "words": words,
            "constant": list(self.constant),
            "network": self.network.to_json() if self.network else None,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The card that ``to_json`` told."""
        words, target = kept["words"], kept["target"]
        return cls(
            rung=str(kept["rung"]),
            numeric=tuple(kept["numeric"]),
            labels=tuple(kept["labels"]),
            scale=Scale.from_json(kept["scale"]),
            target=Scale.from_json(target) if target else None,
            text_steps=tuple(kept["text_steps"]),
            vocabulary=Words.from_json(words).vocabulary if words else None,
            constant=tuple(kept["constant"]),
            network=Network.from_json(kept["network"]) if kept["network"] else None,
        )


class TabularModel:
    """A model over columns, from a card and the graph of the same name; raises MissingError where they are no model.

    ``calibration`` is that of a classifier: ``predict`` applies it, ``answers`` does not.
    """

    def __init__(self, file: Path, *, threads: int | None = None, calibration: Calibration = AS_TRAINED) -> None:
        self.card = read_card(file)
        self.name = self.card.rung
        self.calibration = calibration
        self._forward = _open(self.card, file.with_suffix(".onnx"), threads)

    @property
    def numeric(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return self.card.numeric

    @property
    def labels(self) -> tuple[str, ...]:
        """The label of each column of ``answers``; none for a regression."""
        return self.card.labels

    @property
    def reads_text(self) -> bool:
        """Whether a text stands beside the columns."""
        return self.card.vocabulary is not None

    def answers(self, numbers: Floats, texts: Sequence[str] = ()) -> Floats:
        """Probabilities [rows, labels], or predicted numbers [rows, 1], of numbers [rows, columns] and raw texts.

        A row's answer does not depend on the rows beside it. Raises DataError for another number of columns or texts,
        and for what is no finite number.
        """
        _check(numbers, texts, self.card)
        clean = [clean_text(text, self.card.text_steps) for text in texts] if self.reads_text else []
        parts = [
            self._forward(numbers[at : at + _BATCH], clean[at : at + _BATCH]) for at in range(0, len(numbers), _BATCH)
        ]
        return np.concatenate([np.empty((0, len(self.labels) or 1)), *parts])

    def predict(self, numbers: Floats, texts: Sequence[str] = ()) -> list[Prediction]:
        """One prediction a row, of a classifier."""
        shares = self.answers(numbers, texts)
        return answers(logs_of(shares), self.labels, self.calibration)


def logs_of(shares: Floats) -> Floats:
    """The logits of probabilities [rows, labels], finite where one of them is 0."""
    return np.asarray(np.log(np.maximum(shares, _LEAST)))


def write_card(card: Card, file: Path) -> None:
    """Write the card as ``TabularModel`` reads it; its graph, if it needs one, is ``file`` ending in ``.onnx``."""
    file.write_text(json.dumps(card.to_json(), ensure_ascii=False), encoding="utf-8")


def _open(card: Card, graph: Path, threads: int | None) -> Callable[[Floats, Sequence[str]], Floats]:
    if card.constant:
        return lambda numbers, _: np.tile(np.array(card.constant), (len(numbers), 1))
    network = card.network
    if network:
        return lambda numbers, _: network.probabilities(numbers)
    session = open_session(graph, threads=threads)

    def forward(numbers: Floats, texts: Sequence[str]) -> Floats:
        features = card.features(numbers, texts).astype(np.float32)
        (found,) = session.run([ANSWER], {FEATURES: features})
        answer = np.asarray(found, dtype=np.float64).reshape(len(numbers), -1)
        return card.target.undo(answer) if card.target else answer / answer.sum(axis=1, keepdims=True)

    return forward


def read_card(file: Path) -> Card:
    """The card in a file; raises MissingError where there is none."""
    if not file.is_file():
        raise MissingError("The model is not there.", where=str(file), mend=_AGAIN)
    try:
        return Card.from_json(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MissingError(
            "This is no model over columns: {reason}.", where=str(file), mend=_AGAIN, reason=repr(error)
        ) from error


def _check(numbers: Floats, texts: Sequence[str], card: Card) -> None:
    if numbers.ndim != 2 or numbers.shape[1] != len(card.numeric):  # noqa: PLR2004 - rows and columns
        raise DataError(
            "The model takes {expected} numbers a row ({names}), found an array of shape {found}.",
            mend="Give the columns in this order.",
            expected=len(card.numeric),
            names=", ".join(card.numeric) or "…",
            found=numbers.shape,
        )
    if card.vocabulary is not None and len(texts) != len(numbers):
        raise DataError(
            "The model takes a text for each row: {rows} rows, {texts} texts.",
            mend="Give one text a row, beside the numbers.",
            rows=len(numbers),
            texts=len(texts),
        )
    _check_numbers(numbers, card)


def _check_numbers(numbers: Floats, card: Card) -> None:
    if not np.isfinite(numbers).all():
        row, column = (int(place) for place in np.argwhere(~np.isfinite(numbers))[0])
        raise DataError(
            "The column {column!r} has no finite number in row {row} (counted from 1).",
            mend="Fill it in, or leave the row out.",
            column=card.numeric[column],
            row=row + 1,
        )
    far = np.abs(card.scale.apply(numbers)) > _FARTHEST
    if far.any():
        row, column = (int(place) for place in np.argwhere(far)[0])
        raise DataError(
            "{found:g} in the column {column!r}, row {row} (counted from 1), lies {times:.0e} standard deviations from "
            "the rows that the model knows.",
            mend="Check its unit, or leave the row out: the model has seen nothing like it.",
            found=float(numbers[row, column]),
            column=card.numeric[column],
            row=row + 1,
            times=float(np.abs(card.scale.apply(numbers))[row, column]),
        )
