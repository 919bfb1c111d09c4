"""A small training in one process or several, which writes what came of it; run by a launcher, or forked here.

parallel_training.py KIND FOLDER       under torchrun or accelerate launch: this process's part
parallel_training.py KIND FOLDER N     forks N processes as a launcher would
"""

import json
import os
import socket
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from argosy.train import parallel
from argosy.train.batches import Batch, Rows
from argosy.train.checkpoints import Checkpoints
from argosy.train.curve import StepRecord
from argosy.train.loop import Objective, Schedule, train

ROWS, BATCH, WIDTH = 46, 9, 16  # the batches are odd, the last of an epoch is a single row


@dataclass(frozen=True, slots=True)
class Texts:
    """Rows of as many tokens as the row's number says; each token has a target, so units are tokens."""

    def order(self, epoch: int) -> list[Rows]:
        """Every row once, turned by the epoch."""
        turned = [(row + 11 * epoch) % ROWS for row in range(ROWS)]
        return [tuple(turned[start : start + BATCH]) for start in range(0, ROWS, BATCH)]

    def batch(self, rows: Rows, epoch: int) -> Batch:
        """``inputs`` [tokens, 8] and ``targets`` [tokens]."""
        inputs = torch.cat([torch.randn(1 + row % 5, 8, generator=torch.Generator().manual_seed(row)) for row in rows])
        return Batch(
            rows=rows, tensors={"inputs": inputs, "targets": (inputs[:, :2].sum(dim=1) > 0).long()}, units=len(inputs)
        )


class Net(nn.Module):
    """Layers of one kind, as a Transformer has them; ``unused`` gets no gradient."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(8, WIDTH)
        self.layers = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.last = nn.Linear(WIDTH, 2)
        self.unused = nn.Linear(WIDTH, WIDTH)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Logits [tokens, 2]."""
        states = self.first(inputs)
        for layer in self.layers:
            states = states + torch.tanh(layer(states))
        return self.last(states)


def loss(model: nn.Module, batch: Batch) -> torch.Tensor:
    """Cross entropy summed over the tokens."""
    logits = model(batch.tensors["inputs"])
    return nn.functional.cross_entropy(logits, batch.tensors["targets"], reduction="sum")


def hungry(model: nn.Module, batch: Batch) -> torch.Tensor:
    """The same, where the second process has no memory for more than two rows."""
    if parallel.rank() == 1 and len(batch.rows) > 2:
        torch.empty(1 << 60, dtype=torch.uint8)
    return loss(model, batch)


def score(model: nn.Module) -> float:
    """Minus the loss on rows that are not trained on."""
    with torch.no_grad():
        return -float(loss(model, Texts().batch(tuple(range(100, 130)), 0)))


def run(kind: str, folder: Path) -> None:
    """Train as ``kind`` says ("plain"; "hungry"; "stopped" and gone on with; "sharded" too) and write ``RANK.json``."""
    torch.manual_seed(5)
    model = Net()
    whole = sum(weight.numel() for weight in model.parameters())
    if kind == "sharded":
        parallel.shard(model)
    local = [weight.to_local() if hasattr(weight, "to_local") else weight for weight in model.parameters()]
    losses: list[float] = []
    schedule = Schedule(epochs=3, learning_rate=1e-2, ema=0.5, weight_decay=0.1)
    keep = Checkpoints(folder / "kept", every=4)
    for stop in (7, 11, None) if kind in {"stopped", "sharded"} else (None,):
        keep = Checkpoints(folder / "kept", every=4)

        def log(record: object, stop: int | None = stop) -> None:
            if isinstance(record, StepRecord):
                losses[record.step - 1 :] = [record.loss]
                if record.step == stop:
                    os.kill(os.getpid(), 15)  # in the first process alone

        state = _train_until_stopped(model, hungry if kind == "hungry" else loss, schedule, keep, log)
    weights = torch.cat([parallel.whole(weight).detach().flatten() for weight in model.parameters()])
    told = {
        "speed": keep.once("speed", lambda: parallel.rank() + 0.5),
        "parts": state.parts,
        "losses": losses,
        "history": state.history,
        "weights": weights.tolist(),
        "held": sum(part.numel() for part in local) / whole,
    }
    (folder / f"{parallel.rank()}.json").write_text(json.dumps(told), encoding="utf-8")


def _train_until_stopped(
    model: nn.Module, objective: Objective, schedule: Schedule, keep: Checkpoints, log: object
) -> object:
    from argosy.core.errors import StoppedError

    try:
        return train(model, objective, Texts(), score, schedule, lambda share, note: None, keep=keep, log=log)
    except StoppedError:
        return None


def launch(kinds: Sequence[str], folder: Path, count: int) -> None:
    """Fork as many processes as wanted for each kind, with the environment that a launcher gives them."""
    for kind in kinds:
        place = folder / kind
        place.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        children = [_fork(kind, place, rank, count, port) for rank in range(count)]
        codes = [os.waitpid(child, 0)[1] for child in children]
        if any(codes):
            sys.exit(f"{kind}: {codes}")


def _fork(kind: str, folder: Path, rank: int, count: int, port: int) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.environ |= {"RANK": str(rank), "WORLD_SIZE": str(count), "LOCAL_RANK": str(rank)}
            os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
            parallel.join()
            run(kind, folder)
            parallel.leave()
            code = 0
        finally:
            traceback.print_exc() if code else None
            os._exit(code)
    return child


if __name__ == "__main__":
    if len(sys.argv) == 4:
        launch(sys.argv[1].split(","), Path(sys.argv[2]), int(sys.argv[3]))
    else:
        parallel.join()
        run(sys.argv[1], Path(sys.argv[2]))
        parallel.leave()
