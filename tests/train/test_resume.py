"""A training that is killed at any step, and started again, ends with the bits of one that was not."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from killing import Nursery

pytest.importorskip("torch")
pytest.importorskip("peft")
pytestmark = [pytest.mark.torch, pytest.mark.timeout(900)]

METHODS = (
    "full",
    *(pytest.param(name, marks=pytest.mark.slow) for name in ("lora", "adversarial", "continual", "scratch")),
)
STEPS = 22


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """One for all methods: torch is imported once."""
    made = Nursery()
    yield made
    made.close()


@pytest.mark.parametrize("method", METHODS)
def test_a_killed_training_ends_with_the_same_bits(
    nursery: Nursery, method: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """SIGKILL at random steps, in the middle of an epoch too; SHA-256 of the weights and the scores."""
    expected = nursery.train(method, tmp_path / "whole", None)
    assert expected is not None
    moments, kills, folder, went_on = random.Random(11), 0, tmp_path / "killed", 0
    while kills < pytestconfig.getoption("kills"):
        reached = nursery.train(method, folder, moments.randrange(STEPS // 2))
        went_on += nursery.first_step > 1
        if reached is None:
            kills += 1
        else:
            assert reached == expected
            shutil.rmtree(folder)
    assert nursery.train(method, folder, None) == expected
    assert went_on > 0
