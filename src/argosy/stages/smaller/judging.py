"""Judges smaller graphs on the rows that choose: agreement with their own fp32 graph, metrics, and their company."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import ArgosyError
from argosy.evaluate.intervals import Interval, interval, wilson
from argosy.evaluate.metrics import METRICS, Integers, of_labels
from argosy.evaluate.parity import company, quantised
from argosy.infer.load import LogitClassifier
from argosy.stages.data import rows, split

_COMPANY = 300  # texts asked alone, by length and in random company
_CALIBRATION = 500  # training texts

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """The share of labels that must be equal, what a logit may differ by in company, how many texts, and the seed."""

    agreement: float
    tolerance: float
    texts: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of one graph: its logits of the validation texts and then of training texts, and its problems."""

    logits: Floats
    texts_per_s: float
    agreement: Interval
    problems: tuple[ArgosyError, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """What every graph is judged on: validation texts first (``truth`` is theirs), then training texts."""

    gates: Gates
    labels: Sequence[str]
    texts: Sequence[str]
    truth: Integers
    calibration: Sequence[str]

    @classmethod
    def load(cls, folder: Path, gates: Gates) -> "Judge":
        """The judge over the rows of the stage *split*."""
        labels = split.labels(folder)
        parts = split.load(folder)
        texts, columns = rows.as_arrays(parts["validation"], labels)
        training = [example.text for example in parts["train"]]
        return cls(
            gates=gates,
            labels=labels,
            texts=[*texts, *training[: max(0, gates.texts - len(texts))]],
            truth=np.array(columns),
            calibration=training[-_CALIBRATION:],
        )

    def ask(self, engine: LogitClassifier, *, reference: Floats | None) -> Judged:
        """Answers, speed and, against the reference's logits, the gates of one graph."""
        engine.logits(self.texts[:64])
        start = time.perf_counter()
        logits = engine.logits(self.texts)
        speed = len(self.texts) / (time.perf_counter() - start)
        same = np.ones(len(logits)) if reference is None else logits.argmax(axis=1) == reference.argmax(axis=1)
        return Judged(
            logits=logits,
            texts_per_s=speed,
            agreement=wilson(int(np.sum(same)), len(same)),
            problems=() if reference is None else self._problems(engine, reference, logits),
        )

    def of_validation(self, logits: Floats) -> Floats:
        """The logits of the validation texts alone."""
        return logits[: len(self.truth)]

    def _problems(self, engine: LogitClassifier, reference: Floats, logits: Floats) -> tuple[ArgosyError, ...]:
        gates = self.gates
        gate = quantised(
            self.texts,
            reference,
            logits,
            gate=engine.name,
            intervals=self._intervals(reference),
            figures=self._figures(logits),
            least=gates.agreement,
        )
        some = self.texts[:_COMPANY]
        alone = company(engine.logits, some, gate=engine.name, seed=gates.seed, tolerance=gates.tolerance)
        return (*gate.problems, *alone.problems)

    def _intervals(self, logits: Floats) -> Mapping[str, Interval]:
        said, labels, seed = self._said(logits), len(self.labels), self.gates.seed
        return {name: interval(name, self.truth, said, labels, seed=seed) for name in METRICS}

    def _said(self, logits: Floats) -> Integers:
        return np.asarray(self.of_validation(logits).argmax(axis=1))

    def _figures(self, logits: Floats) -> Mapping[str, float]:
        said = self._said(logits)
        return {name: of_labels(name, self.truth, said, len(self.labels)).value for name in METRICS}
