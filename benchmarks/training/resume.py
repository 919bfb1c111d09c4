"""Trainings of every method, killed at random steps, against undisturbed ones: the same bits or not.

Each is killed 50 times by SIGKILL, in the middle of epochs too, and started again; a training that is done is begun
anew until the kills are spent. What is compared is the SHA-256 of all weights and of the scores on the way.
"""

import random
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measuring import ROOT, arguments, note, tell

sys.path.insert(0, str(ROOT / "tests"))  # the trainings are those of the tests
from killing import Nursery

METHODS = ("full", "lora", "adversarial", "continual", "scratch")
STEPS = 22


def main() -> None:
    """Kill, and compare."""
    kills = 5 if arguments(__doc__).quick else 50
    nursery = Nursery()
    with tempfile.TemporaryDirectory() as folder:
        told = {method: strike(nursery, method, Path(folder) / method, kills) for method in METHODS}
    nursery.close()
    equal = all(one["equal"] for one in told.values())
    figures = {"kills": kills, "methods": told, "passed": equal}
    tell("resume", figures, packages=("torch", "numpy", "transformers", "peft"))
    sys.exit(not equal)


def strike(nursery: Nursery, method: str, folder: Path, kills: int) -> dict[str, Any]:
    """The hash of the undisturbed training, and how the killed ones compare."""
    note(method)
    expected = nursery.train(method, folder / "whole", None)
    moments, left, done, resumed = random.Random(method), kills, [], 0
    while left or not done:
        reached = nursery.train(method, folder / "killed", moments.randrange(STEPS // 2) if left else None)
        resumed += nursery.first_step > 1
        if reached is None:
            left -= 1
        else:
            done.append(reached)
            shutil.rmtree(folder / "killed")
    return {"sha256": expected, "finished": len(done), "resumed": resumed, "equal": set(done) == {expected}}


if __name__ == "__main__":
    main()
