"""Checkpoints: the same bits afterwards, refused where they are of something else, never lost."""

import json
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from argosy.core.errors import ArgosyError, DataError, MachineError, ProjectError, StoppedError  # noqa: E402
from argosy.train.batches import Batch, Rows  # noqa: E402
from argosy.train.checkpoints import Checkpoints  # noqa: E402
from argosy.train.curve import StepRecord  # noqa: E402
from argosy.train.loop import Schedule, State, train  # noqa: E402

STEPS = 18  # three epochs of six


class Killed(Exception):
    """Stands for the end of the process."""


class _Points:
    """Six batches of eight points an epoch."""

    def order(self, epoch: int) -> list[Rows]:
        return [tuple(range(8 * number, 8 * number + 8)) for number in range(6)]

    def batch(self, rows: Rows, epoch: int) -> Batch:
        inputs = torch.stack([torch.randn(4, generator=torch.Generator().manual_seed(row)) for row in rows])
        return Batch(rows=rows, tensors={"inputs": inputs, "targets": (inputs[:, 0] > 0).long()}, units=len(rows))


def _loss(model: "torch.nn.Module", batch: Batch) -> "torch.Tensor":
    logits = model(batch.tensors["inputs"])
    return torch.nn.functional.cross_entropy(logits, batch.tensors["targets"], reduction="sum")


def _model() -> "torch.nn.Sequential":
    torch.manual_seed(0)
    layers = [torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 2)]
    return torch.nn.Sequential(*layers)


def _score(model: "torch.nn.Module") -> float:
    """It draws, as a score may."""
    return float(torch.rand(()) - model[0].weight.detach().abs().sum())


@dataclass
class _Run:
    """One start of a training; ``at`` maps a step to what happens right after it."""

    folder: Path
    objective: Callable[..., "torch.Tensor"] = _loss
    score: Callable[..., float] = _score
    at: dict[int, Callable[[], object]] = field(default_factory=dict)
    inexact: bool = False
    every: int = 4
    rate: float = 0.05
    config: dict[str, object] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def go(self) -> tuple[State, list[float]]:
        """The state, and every weight and buffer at the end."""
        model = _model()
        schedule = Schedule(epochs=3, learning_rate=self.rate, ema=0.8)
        keep = Checkpoints(self.folder, every=self.every, inexact=self.inexact, config=self.config)
        tell = lambda share, note: self.told.append(note)  # noqa: E731 - a list of what was told
        state = train(model, self.objective, _Points(), self.score, schedule, tell, keep=keep, log=self._log)
        return state, torch.cat([value.flatten().double() for value in model.state_dict().values()]).tolist()

    def killed(self, step: int) -> None:
        """A start that ends right after ``step``."""
        self.at = {step: _die}
        with pytest.raises(Killed):
            self.go()
        self.at = {}

    def _log(self, record: object) -> None:
        if isinstance(record, StepRecord):
            self.at.get(record.step, bool)()


def _die() -> None:
    raise Killed


def _weights_and_history(run: _Run) -> object:
    state, weights = run.go()
    return weights, state.history, state.best_step


def _allocate() -> None:
    torch.empty(1 << 60, dtype=torch.uint8)


@pytest.mark.parametrize("step", [1, 6, 11, STEPS])
def test_a_stopped_training_ends_with_the_same_bits(tmp_path: Path, step: int) -> None:
    """Before the first checkpoint, at the end of an epoch, in the middle of one, and after the last step."""
    _Run(tmp_path / "b").killed(step)
    assert _weights_and_history(_Run(tmp_path / "b")) == _weights_and_history(_Run(tmp_path / "a"))


def test_a_finished_training_is_finished_again_at_once(tmp_path: Path) -> None:
    """Its last checkpoint is of before the last evaluation."""
    first = _weights_and_history(_Run(tmp_path))
    again = _Run(tmp_path)
    assert _weights_and_history(again) == first
    assert again.told == ["going on from step 18"]


def test_only_the_last_checkpoint_stays_and_unchanged_best_weights_are_not_written_again(tmp_path: Path) -> None:
    """The file of the best weights is linked from one checkpoint to the next."""
    seen = set()

    def look() -> None:
        (kept,) = tmp_path.glob("step-*")
        seen.add((kept.name, (kept / "best.safetensors").stat().st_ino))

    _Run(tmp_path, every=1, at={8: look, 9: look, 10: look}).go()
    assert [name for name, _ in sorted(seen)] == [f"step-{step:09}" for step in (7, 8, 9)]
    assert len({number for _, number in seen}) == 1


def test_a_checkpoint_of_other_settings_is_refused_with_what_differs(tmp_path: Path) -> None:
    """Those of the schedule and those that the caller describes; the checkpoint stays."""
    _Run(tmp_path, config={"base": "a"}).killed(9)
    with pytest.raises(ProjectError, match=r"learning_rate: 0.05 → 0.1, base: a → b\."):
        _Run(tmp_path, rate=0.1, config={"base": "b"}, inexact=True).go()
    _Run(tmp_path, config={"base": "a"}).go()


def test_a_checkpoint_on_another_base_or_of_other_rows_is_refused(tmp_path: Path) -> None:
    """Frozen weights are not stored, so they must be those of before; so must the rows."""
    frozen = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Linear(4, 2))
    frozen[0].requires_grad_(requires_grad=False)
    schedule = Schedule(epochs=1, learning_rate=0.01)

    def go(source: object) -> State:
        return train(frozen, _loss, source, lambda _: 0.0, schedule, lambda *_: None, keep=Checkpoints(tmp_path))

    go(_Points())
    with torch.no_grad():
        frozen[0].weight[0, 0] += 1
    with pytest.raises(ProjectError, match=r"frozen: 20 weights \(.*\) → 20 weights \(.*\)\."):
        go(_Points())
    with torch.no_grad():
        frozen[0].weight[0, 0] -= 1

    class Fewer(_Points):
        def order(self, epoch: int) -> list[Rows]:
            return super().order(epoch)[:-1]

    with pytest.raises(ProjectError, match=r"data: 48 rows in 6 batches \(.*\) → 40 rows in 5 batches"):
        go(Fewer())


def test_other_arithmetic_is_refused_or_noted(tmp_path: Path) -> None:
    """Threads give other bits; who goes on all the same finds it in the notes."""
    _Run(tmp_path).killed(9)
    state = next(tmp_path.glob("step-*/state.json"))
    told = json.loads(state.read_text(encoding="utf-8"))
    told["arithmetic"] |= {"threads": 64, "torch": "2.0"}
    state.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(MachineError, match=r"(?s)torch: 2.0 → .*, threads: 64 → .*--inexact"):
        _Run(tmp_path).go()
    found, _ = _Run(tmp_path, inexact=True).go()
    assert (found.notes[0]["note"], found.notes[0]["step"]) == ("inexact", 8)
    assert "torch: 2.0 → " in str(found.notes[0]["different"])


def test_a_damaged_checkpoint_is_told(tmp_path: Path) -> None:
    """A file that was cut by somebody else."""
    _Run(tmp_path).killed(9)
    os.truncate(next(tmp_path.glob("step-*/tensors.safetensors")), 900)
    with pytest.raises(DataError, match="damaged"):
        _Run(tmp_path).go()


@contextmanager
def _full_disk(folder: Path) -> Iterator[None]:
    """The folder on a file system with room for one checkpoint."""
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)], check=False)
    if made.returncode:
        pytest.skip("mounting needs the right to do so")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(shutil.which("mount") is None or os.geteuid() != 0, reason="mounting needs the right to do so")
def test_a_full_disk_leaves_the_last_checkpoint(tmp_path: Path) -> None:
    """The training ends with plain words, and goes on when there is room."""
    folder = tmp_path / "full"
    folder.mkdir()
    expected = _weights_and_history(_Run(tmp_path / "a"))
    with _full_disk(folder):
        _Run(folder).killed(5)
        (folder / "other").write_bytes(bytes(os.statvfs(folder).f_bavail * 4096))
        with pytest.raises(MachineError, match="The disk is full"):
            _Run(folder).go()
        assert [path.name for path in folder.glob("*step*")] == ["step-000000004"]
        assert list(folder.glob(".aside-*")) == []
        (folder / "other").unlink()
        assert _weights_and_history(_Run(folder)) == expected


def test_a_refused_write_leaves_the_last_checkpoint(tmp_path: Path) -> None:
    """The system's own limit on the size of a file."""
    _Run(tmp_path).killed(5)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        with pytest.raises(MachineError, match="File too large"):
            _Run(tmp_path).go()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in tmp_path.iterdir()] == ["step-000000004"]


def test_a_batch_too_large_is_computed_in_parts_and_so_again_after_a_kill(tmp_path: Path) -> None:
    """The second start, which would have room for whole batches, takes the parts of the first, and ends the same."""
    steps = iter(range(100))

    def hungry(model: "torch.nn.Module", batch: Batch) -> "torch.Tensor":
        loss = _loss(model, batch)  # draws and changes buffers before memory runs out
        if next(steps) >= 9 and batch.units > 2:
            _allocate()
        return loss

    first = _Run(tmp_path / "a", hungry)
    state, weights = first.go()
    assert (state.parts, len(state.notes)) == (4, 2)
    assert "Memory ran out at step 10: batches are computed in 4 parts from there." in first.told
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    shutil.rmtree(next((tmp_path / "b").glob("step-*")))
    state, replayed = _Run(tmp_path / "b").go()
    assert (state.parts, replayed) == (4, weights)
    steps = iter(range(100))
    _Run(tmp_path / "c", hungry).killed(11)
    assert _Run(tmp_path / "c").go()[1] == weights


def test_a_row_that_does_not_fit_is_told(tmp_path: Path) -> None:
    """No endless halving; a checkpoint stays."""
    fits = iter([True] * 7)

    def hungry(model: "torch.nn.Module", batch: Batch) -> "torch.Tensor":
        if not next(fits, False):
            _allocate()
        return _loss(model, batch)

    with pytest.raises(MachineError, match="a single row at step 8"):
        _Run(tmp_path, hungry).go()
    assert [path.name for path in tmp_path.glob("step-*")] == ["step-000000006"]


def test_another_fault_is_not_taken_for_memory(tmp_path: Path) -> None:
    """It is raised as it is."""

    def faulty(model: "torch.nn.Module", batch: Batch) -> "torch.Tensor":
        return model(batch.tensors["inputs"][:, :2]).sum()

    with pytest.raises(RuntimeError, match="shapes"):
        _Run(tmp_path, faulty).go()


def test_an_evaluation_without_memory_loses_nothing(tmp_path: Path) -> None:
    """The checkpoint is of the step before it."""

    def hungry(model: "torch.nn.Module") -> float:
        _allocate()
        return 0.0

    with pytest.raises(MachineError, match="while evaluating after step 6"):
        _Run(tmp_path / "b", score=hungry).go()
    assert _weights_and_history(_Run(tmp_path / "b")) == _weights_and_history(_Run(tmp_path / "a"))


def test_ctrl_c_saves_after_the_step_and_says_how_to_go_on(tmp_path: Path) -> None:
    """The same command ends with the same bits; signals are as before."""
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(StoppedError, match=r"(?s)after step 8 of 18; the training is saved.*same command"):
        _Run(tmp_path / "b", at={8: lambda: os.kill(os.getpid(), signal.SIGINT)}, every=0).go()
    assert signal.getsignal(signal.SIGINT) is before
    assert _weights_and_history(_Run(tmp_path / "b")) == _weights_and_history(_Run(tmp_path / "a"))


def test_ctrl_c_twice_stops_at_once(tmp_path: Path) -> None:
    """In the middle of the step."""

    def interrupted(model: "torch.nn.Module", batch: Batch) -> "torch.Tensor":
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
        return _loss(model, batch)

    with pytest.raises(KeyboardInterrupt):
        _Run(tmp_path, interrupted).go()


def test_a_loss_that_explodes_leaves_the_last_checkpoint(tmp_path: Path) -> None:
    """Five steps far above what the loss was end it, with the rows of the batch."""
    _Run(tmp_path).killed(5)
    calls = iter(range(100))

    def rising(model: "torch.nn.Module", batch: Batch) -> "torch.Tensor":
        return _loss(model, batch) * (1000 if next(calls) > 2 else 1)

    with pytest.raises(ArgosyError, match=r"(?s)step 12, epoch 2: The loss exploded .* rows 40, .*47"):
        _Run(tmp_path, rising, every=0).go()
    assert [path.name for path in tmp_path.glob("step-*")] == ["step-000000006"]


def test_decisions_outlive_the_process(tmp_path: Path) -> None:
    """Chosen once; a line that a fault cut counts for nothing, and does not spoil the next."""
    assert Checkpoints(tmp_path).once("threads", lambda: 2) == 2
    assert Checkpoints(tmp_path).once("threads", lambda: 1) == 2
    with (tmp_path / "decisions.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"name": "kernel", "va')
    assert Checkpoints(tmp_path).once("kernel", lambda: "线") == "线"
    kept = Checkpoints(tmp_path)
    assert (kept.decided("threads", 0), kept.decided("kernel", ""), kept.decided("other", 5)) == (2, "线", 5)
    kept.remove()
    assert not tmp_path.exists()


def test_a_checkpoint_is_due_by_steps_and_by_time(tmp_path: Path) -> None:
    """Neither is so by default."""
    assert not any(Checkpoints(tmp_path).due(step) for step in range(50))
    assert [step for step in range(10) if Checkpoints(tmp_path, every=4).due(step)] == [4, 8]
    assert Checkpoints(tmp_path, seconds=1e-9).due(0)
