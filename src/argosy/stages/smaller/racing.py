"""Times several engines in turn, so that what disturbs the machine disturbs all of them alike."""

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from argosy.infer.load import LogitClassifier

_ROUNDS = 5
_BATCH = 256  # texts, a round
_SINGLES = 50  # texts asked alone, a round
_WARM = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Texts a second in batches (the median round), and milliseconds that a single text takes."""

    texts_per_s: float
    p50_ms: float
    p99_ms: float


def race(engines: Mapping[str, LogitClassifier], texts: Sequence[str]) -> dict[str, Pace]:
    """The pace of each engine on the same texts, from text to logits, round by round and in another order each time."""
    batch = texts[:_BATCH]
    rates: dict[str, list[float]] = {name: [] for name in engines}
    waits: dict[str, list[float]] = {name: [] for name in engines}
    for engine in engines.values():
        engine.logits(texts[:_WARM])
    names = list(engines)
    for turn in range(_ROUNDS):
        singles = [texts[(turn * _SINGLES + place) % len(texts)] for place in range(_SINGLES)]
        for name in names if turn % 2 else reversed(names):
            rates[name].append(len(batch) / _seconds(engines[name], batch))
            waits[name] += [1000 * _seconds(engines[name], [text]) for text in singles]
    return {
        name: Pace(
            texts_per_s=statistics.median(rates[name]),
            p50_ms=float(np.quantile(waits[name], 0.5)),
            p99_ms=float(np.quantile(waits[name], 0.99)),
        )
        for name in engines
    }


def _seconds(engine: LogitClassifier, texts: Sequence[str]) -> float:
    start = time.perf_counter()
    engine.logits(texts)
    return time.perf_counter() - start
