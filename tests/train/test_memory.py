"""Memory that really runs out, in a process with a limit of its own."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("torch")
pytestmark = pytest.mark.torch

SCRIPT = """
import resource
from pathlib import Path

import torch

from argosy.train.batches import Batch
from argosy.train.loop import Schedule, train


class Wide:
    def order(self, epoch):
        return [tuple(range(64))] * 2

    def batch(self, rows, epoch):
        inputs = torch.randn(len(rows), 512, 128, generator=torch.Generator().manual_seed(rows[0]))
        return Batch(rows=rows, tensors={"inputs": inputs}, units=len(rows))


def objective(model, batch):
    return model(batch.tensors["inputs"]).square().mean(dim=(1, 2)).sum()


layers = [torch.nn.Linear(128, 1024), torch.nn.GELU(), torch.nn.Linear(1024, 128)]
model = torch.nn.Sequential(*layers)
objective(model, Wide().batch((0,), 0)).backward()
pages = int(Path("/proc/self/statm").read_text().split()[0])
limit = pages * resource.getpagesize() + 300 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
state = train(model, objective, Wide(), lambda _: 0.0, Schedule(epochs=1, learning_rate=1e-3), lambda *_: None)
print(state.step, state.parts, len(state.notes))
"""


def test_a_process_with_little_memory_finishes_in_smaller_parts() -> None:
    """The allocator's own refusal is met, more than once."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, env=environment)
    steps, parts, notes = map(int, done.stdout.split())
    assert steps == 2
    assert parts == 2**notes >= 2
