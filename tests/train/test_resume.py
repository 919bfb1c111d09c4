"""A training that is killed at any step, and started again, ends with the bits of one that was not."""

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("peft")
pytestmark = [pytest.mark.torch, pytest.mark.timeout(900)]

SCRIPT = Path(__file__).parents[1] / "killable_training.py"
METHODS = ("full", "lora", "adversarial", "continual", "scratch")
STEPS = 22


class Nursery:
    """The process that forks the trainings."""

    def __init__(self) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        self.first_step = 0
        self._process = subprocess.Popen(
            [sys.executable, str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert self._line() == ["ready"]

    def train(self, method: str, folder: Path, kill_after: int | None) -> str | None:
        """The hash at the end; None when the training was killed after that many steps of this start.

        ``first_step`` is the first one that it announced.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(f"{method} {folder}\n")
        self._process.stdin.flush()
        told, steps, process, self.first_step = None, 0, 0, 0
        while (line := self._line())[0] != "over":
            if line[0] == "pid":
                process = int(line[1])
            elif line[0] == "sha256":
                told = line[1]
            else:
                steps += 1
                self.first_step = self.first_step or int(line[1])
            if process and kill_after is not None and steps >= kill_after:
                os.kill(process, signal.SIGKILL)
                kill_after = None
        return told

    def close(self) -> None:
        """End it."""
        self._process.communicate("")

    def _line(self) -> list[str]:
        assert self._process.stdout is not None
        return self._process.stdout.readline().split()


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
