"""A short measured trial of how many threads an engine uses and how many tokens make a batch, on a project's own texts.

What differs by less than noise is left as it was, so that two builds on one machine choose alike.
"""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from argosy.core.engine import Reading
from argosy.infer.batches import TOKENS, run
from argosy.infer.engines.transformer import TransformerClassifier

SIZES = (TOKENS, TOKENS // 2, 2 * TOKENS, 4 * TOKENS)
"""Tokens of a batch that are tried, the default first."""

_ENOUGH = 2 * max(SIZES)  # tokens: two batches of the largest size
_ROUNDS = 5
_WARM = 32  # texts
_GAIN = 1.1  # below that a difference is noise on a shared machine

Open = Callable[[int], TransformerClassifier]
"""Opens the engine with so many threads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """What a trial chose; None leaves the choice to the runtime and to the machine that serves.

    ``texts_per_s`` is the speed so, ``gain`` how many times that of the defaults it is.
    """

    threads: int | None
    tokens: int | None
    texts_per_s: float
    gain: float


def tune(
    open_engine: Open,
    texts: Sequence[str],
    *,
    cores: int,
    seconds: float = 10.0,
    clock: Callable[[], float] = time.perf_counter,
) -> Tuned:
    """Try threads, then tokens with the threads chosen; each is given half of ``seconds``, and one round at least.

    ``open_engine`` is called once for each number of threads. Only what is at least 1.1 times as fast as the default,
    in the median of rounds that time all of them in turn, takes its place.
    """
    engines = {threads: open_engine(threads) for threads in _thread_counts(cores)}
    readings = _sample(engines[cores], texts)
    trial = _Trial(readings=readings, seconds=seconds / 2, clock=clock)
    by_threads = trial.times({threads: (engine, TOKENS) for threads, engine in engines.items()})
    threads, faster = choose(by_threads)
    by_tokens = trial.times({tokens: (engines[threads], tokens) for tokens in SIZES})
    tokens, larger = choose(by_tokens)
    return Tuned(
        threads=None if threads == cores else threads,
        tokens=None if tokens == TOKENS else tokens,
        texts_per_s=len(readings) / statistics.median(by_tokens[tokens]),
        gain=faster * larger,
    )


def choose(times: Mapping[int, Sequence[float]]) -> tuple[int, float]:
    """The fastest value and how many times the first one's speed it has; the first one, and 1, within the noise.

    ``times`` holds the seconds of each value by rounds; the first value is the default.

    >>> choose({2: [1.0, 1.1], 1: [0.97, 1.0]})
    (2, 1.0)
    >>> choose({2: [1.0, 1.1], 1: [0.5, 0.55]})
    (1, 2.0)
    """
    default, *others = times
    gains = {
        value: statistics.median(slow / fast for slow, fast in zip(times[default], times[value], strict=True))
        for value in others
    }
    best = max(gains, key=lambda value: gains[value], default=default)
    return (best, gains[best]) if gains.get(best, 0.0) >= _GAIN else (default, 1.0)


def _thread_counts(cores: int) -> list[int]:
    """All cores first, then halves of them down to one.

    >>> _thread_counts(6)
    [6, 3, 1]
    """
    counts = [cores]
    while counts[-1] > 1:
        counts.append(counts[-1] // 2)
    return counts


def _sample(engine: TransformerClassifier, texts: Sequence[str]) -> list[Reading]:
    """So many of the texts that the largest batches are filled, from all over them."""
    step = max(1, len(texts) // _ENOUGH)
    readings: list[Reading] = []
    tokens = 0
    for reading in engine.read(texts[::step][:_ENOUGH]):
        readings.append(reading)
        tokens += reading.tokens
        if tokens >= _ENOUGH:
            break
    return readings


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    readings: Sequence[Reading]
    seconds: float
    clock: Callable[[], float]

    def times(self, ways: Mapping[int, tuple[TransformerClassifier, int]]) -> dict[int, list[float]]:
        """The seconds that each engine takes in batches of so many tokens, by rounds, after one that warms up."""
        times: dict[int, list[float]] = {value: [] for value in ways}
        start = self.clock()
        for engine, tokens in ways.values():
            self._run(engine, tokens, self.readings[:_WARM])
        for _ in range(_ROUNDS):
            for value, (engine, tokens) in ways.items():
                begin = self.clock()
                self._run(engine, tokens, self.readings)
                times[value].append(self.clock() - begin)
            if self.clock() - start >= self.seconds:
                break
        return times

    def _run(self, engine: TransformerClassifier, tokens: int, readings: Sequence[Reading]) -> None:
        rows = [reading.ids for reading in readings]
        run(engine.forward, rows, pad=engine.tokenizer.pad, width=len(engine.labels), tokens=tokens)
