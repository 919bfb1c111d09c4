"""A trial finds what is clearly faster, and leaves the defaults where nothing is."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tiny_bert

from argosy.infer.batches import TOKENS, Batch, Floats
from argosy.infer.engines.transformer import TransformerClassifier
from argosy.infer.tokens import Tokenizer
from argosy.infer.trial import Open, Tuned, choose, tune

Cost = Callable[[int, int], float]


class Machine:
    """Engines that take the time they are told to: a clock that runs while they work, and what was opened."""

    def __init__(self, folder: Path, cost: Cost) -> None:
        tiny_bert.tokenizer().save(str(folder / "tokenizer.json"))
        self.tokenizer = Tokenizer.load(folder, max_length=tiny_bert.MAX_LENGTH)
        self.cost = cost
        self.now = 0.0
        self.opened: list[int] = []
        self.sizes: set[int] = set()

    def open(self, threads: int) -> TransformerClassifier:
        """An engine whose batches cost ``cost(threads, tokens)`` seconds."""
        self.opened.append(threads)

        def forward(batch: Batch) -> Floats:
            self.now += self.cost(threads, batch.ids.size)
            self.sizes.add(batch.ids.size)
            return np.zeros((len(batch.rows), 2), np.float32)

        return TransformerClassifier(
            name="timed", labels=("a", "b"), text_steps=(), tokenizer=self.tokenizer, forward=forward
        )

    def tuned(self, *, cores: int = 4, seconds: float = 10.0) -> Tuned:
        """What a trial on this machine chooses."""
        opened: Open = self.open
        return tune(opened, tiny_bert.texts(1_500), cores=cores, seconds=seconds, clock=lambda: self.now)


def test_defaults_stay_where_the_difference_is_noise(tmp_path: Path) -> None:
    """Three per cent are no reason: all cores and the usual batch, said as "no choice"."""
    tuned = Machine(tmp_path, lambda threads, size: size * (1e-6 if threads == 4 else 0.97e-6)).tuned()
    assert (tuned.threads, tuned.tokens, tuned.gain) == (None, None, 1.0)


def test_fewer_threads_are_chosen_where_they_are_faster(tmp_path: Path) -> None:
    """A machine whose cores get in each other's way is served by one."""
    tuned = Machine(tmp_path, lambda threads, size: size * threads * 1e-6).tuned()
    assert tuned.threads == 1
    assert tuned.gain == pytest.approx(4)


def test_larger_batches_are_chosen_where_each_costs_a_start(tmp_path: Path) -> None:
    """Where a run costs much beside its tokens, the largest batch wins, and was measured filled."""
    machine = Machine(tmp_path, lambda threads, size: 1e-2 / threads + size * 1e-9)
    tuned = machine.tuned()
    assert tuned.threads is None
    assert tuned.tokens == 4 * TOKENS
    assert max(machine.sizes) > 0.9 * 4 * TOKENS


def test_a_slow_machine_is_asked_once_each(tmp_path: Path) -> None:
    """When the time is up after a round, that round decides; no engine is opened twice."""
    machine = Machine(tmp_path, lambda threads, size: size * (1e-2 if threads == 1 else 1e-1))
    tuned = machine.tuned(cores=2, seconds=1.0)
    assert machine.opened == [2, 1]
    assert tuned.threads == 1


def test_one_core_and_few_texts_are_enough(tmp_path: Path) -> None:
    """One core leaves nothing to choose among threads; a handful of texts still gives an answer."""
    machine = Machine(tmp_path, lambda _threads, size: size * 1e-6)
    tuned = tune(machine.open, ["w1 w2", "w3"], cores=1, clock=lambda: machine.now)
    assert (tuned.threads, tuned.tokens) == (None, None)
    assert tuned.texts_per_s > 0


def test_the_median_round_decides() -> None:
    """One disturbed round changes nothing."""
    assert choose({1024: [1.0, 9.0, 1.0], 512: [1.0, 1.0, 1.0]}) == (1024, 1.0)
