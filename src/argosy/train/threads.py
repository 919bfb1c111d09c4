"""How many threads a training should have, measured in a process of its own before the first tensor is made.

Cores that share their units, or that others use, can make more threads slower; and another count gives other bits, so
the answer is stored with the training (``Checkpoints.once``) and used again when it goes on.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from argosy.core.errors import MachineError

_ROUNDS = 7
_GAIN = 0.95  # more threads must take less than this share of the time of fewer
_PATIENCE = 120.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The work of one step: ``tokens`` of ``width``, and the ``inner`` width of the layers' larger matrices."""

    tokens: int
    width: int
    inner: int
    bf16: bool


def choose(shape: Shape, *, cores: int | None = None) -> int:
    """The number of threads that is fastest for ``shape``; the smaller one where the gain is under 5 %.

    ``cores`` left out are those this process may use. Raises MachineError when the trial fails.
    """
    counts = candidates(available() if cores is None else cores)
    return fastest(_tried(shape, counts)) if len(counts) > 1 else 1


def available() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def candidates(cores: int) -> tuple[int, ...]:
    """The counts worth a trial: powers of two and all.

    >>> candidates(1), candidates(6)
    ((1,), (1, 2, 4, 6))
    """
    return tuple(sorted({*(2**power for power in range(cores.bit_length()) if 2**power <= cores), cores}))


def fastest(seconds: Mapping[int, float]) -> int:
    """The count with the least seconds; fewer where the next gains too little.

    >>> fastest({1: 1.0, 2: 0.97, 4: 0.8})
    4
    >>> fastest({1: 1.0, 2: 0.97})
    1
    """
    best, *more = sorted(seconds)
    for count in more:
        best = count if seconds[count] < _GAIN * seconds[best] else best
    return best


def _tried(shape: Shape, counts: tuple[int, ...]) -> dict[int, float]:
    """Seconds with each count, from a process of its own."""
    asked = json.dumps({"shape": asdict(shape), "counts": counts})
    command = [sys.executable, "-m", __name__, asked]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE)
    if done.returncode:
        raise MachineError(
            "The trial of how many threads are fastest failed: {reason}",
            mend="Set the number of threads yourself.",
            reason=(done.stderr.strip().splitlines() or [str(done.returncode)])[-1],
        )
    return {int(count): seconds for count, seconds in json.loads(done.stdout).items()}


def _measured(shape: Shape, counts: tuple[int, ...]) -> dict[int, float]:
    """The least seconds of four steps with each count, tried in turn: what else runs for a moment decides nothing."""
    import torch

    torch.manual_seed(0)
    states = torch.randn(shape.tokens, shape.width)
    weights = [torch.nn.Linear(shape.width, shape.inner), torch.nn.Linear(shape.inner, shape.width)]
    step = torch.nn.Sequential(weights[0], torch.nn.GELU(), weights[1], torch.nn.LayerNorm(shape.width))
    found: dict[int, list[float]] = {count: [] for count in counts}
    for _ in range(1 + _ROUNDS):  # the first is for warming up
        for count in counts:
            torch.set_num_threads(count)
            begun = time.perf_counter()
            for _ in range(4):
                with torch.autocast("cpu", dtype=torch.bfloat16, enabled=shape.bf16):
                    step(states).float().sum().backward()
            found[count].append(time.perf_counter() - begun)
    return {count: min(seconds[1:]) for count, seconds in found.items()}


def main(asked: str) -> None:
    """Measure what ``asked`` says, in JSON, and answer in JSON."""
    told = json.loads(asked)
    sys.stdout.write(json.dumps(_measured(Shape(**told["shape"]), tuple(told["counts"]))))


if __name__ == "__main__":
    main(sys.argv[1])
