"""One training is the same in one process, in two, and after it was stopped; what goes wrong in any of them is told."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import tiny_bases

pytest.importorskip("torch")
pytestmark = [pytest.mark.torch]

from argosy.core.errors import DataError, ProjectError  # noqa: E402 - after the skip
from argosy.stages.classify.finetuning import Job, Trained, finetune  # noqa: E402
from argosy.train.recipe import Recipe  # noqa: E402

GOOD, BAD = "good 好", "bad 坏"
TEXTS = [(f"{word} {mark} film 电影", label) for word in ("the", "one", "red", "blue", "two", "三") * 4
         for mark, label in ((GOOD, "good"), (BAD, "bad"))]  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder with random weights."""
    return tiny_bases.write_encoder(tmp_path_factory.mktemp("base"), layers=2)


def _job(base: Path, folder: Path, **changes: object) -> Job:
    recipe = Recipe(epochs=3, batch_size=6, learning_rate=3e-3, max_length=16, dropout=0.0)
    facts = {"rows": {"train": TEXTS, "validation": TEXTS[:12]}, "threads": 1, **changes}
    return Job(
        folder=folder,
        base=base,
        curves=folder / "curves",
        labels=["bad", "good"],
        recipe=recipe,
        metric="accuracy",
        **facts,
    )


def _silent(share: float, note: str) -> None:
    """Nobody listens."""


def _digest(trained: Trained) -> str:
    return hashlib.sha256((trained.folder / "model" / "model.safetensors").read_bytes()).hexdigest()


def test_two_processes_learn_as_one(base: Path, tmp_path: Path) -> None:
    """Equal global batches give the same losses, figures and answers, but for the order of sums in float32."""
    alone = finetune(_job(base, tmp_path / "alone"), _silent)
    together = finetune(_job(base, tmp_path / "together", processes=2), _silent)
    assert [loss for loss, _ in together.outcome.history] == pytest.approx(
        [loss for loss, _ in alone.outcome.history], rel=1e-4
    )
    assert together.figures == alone.figures
    np.testing.assert_allclose(together.said, alone.said, atol=1e-3)


def test_a_training_that_is_done_is_not_run_again(base: Path, tmp_path: Path) -> None:
    """The second call reads what the first one told, figure by figure."""
    first = finetune(_job(base, tmp_path / "job"), _silent)
    told: list[float] = []
    again = finetune(_job(base, tmp_path / "job"), lambda share, note: told.append(share))
    assert not told
    assert (again.outcome, dict(again.figures)) == (first.outcome, dict(first.figures))
    assert len(first.figures) == len(first.outcome.history) == 3
    assert first.best.value == max(figure.value for figure in first.figures.values())


@pytest.mark.slow
def test_what_one_of_the_processes_raises_is_told(base: Path, tmp_path: Path) -> None:
    """A label that was never seen is the same clear error as in one process."""
    rows = {"train": TEXTS, "validation": [("good film", "wonderful")]}
    with pytest.raises(DataError, match="wonderful"):
        finetune(_job(base, tmp_path / "job", rows=rows, processes=2), _silent)


def test_curves_go_where_the_project_wants_them(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorBoard reads every step and evaluation back; MLflow without a store is refused in plain words."""
    loader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    job = _job(base, tmp_path / "job", log=("tensorboard",), threads=0)
    trained = finetune(job, _silent)
    events = loader.EventAccumulator(str(job.curves)).Reload()
    assert [one.step for one in events.Scalars("validation/score")] == list(trained.figures)
    assert len(events.Scalars("training/loss")) == max(trained.figures)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(ProjectError, match="MLFLOW_TRACKING_URI"):
        finetune(_job(base, tmp_path / "other", log=("mlflow",)), _silent)


SCRIPT = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[3]]
from test_finetuning import _job
from argosy.core.errors import StoppedError
from argosy.stages.classify.finetuning import finetune
def tell(share, note):
    print("step", flush=True)
try:
    finetune(_job(Path(sys.argv[1]), Path(sys.argv[2]), processes=int(sys.argv[4])), tell)
except StoppedError as error:
    print("stopped", error, flush=True)
"""


def test_a_stopped_training_ends_with_the_same_bits(base: Path, tmp_path: Path) -> None:
    """Told to stop in the middle of an epoch, it goes on to the weights and figures of one undisturbed."""
    whole = finetune(_job(base, tmp_path / "whole"), _silent)
    command = [sys.executable, "-c", SCRIPT, base, tmp_path / "job", Path(__file__).parent, "1"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        for _ in range(11):
            assert process.stdout.readline() == "step\n"
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert not (tmp_path / "job" / "outcome.json").exists()
    assert "the training is saved" in rest
    gone_on = finetune(_job(base, tmp_path / "job"), _silent)
    assert _digest(gone_on) == _digest(whole)
    assert (gone_on.figures, gone_on.outcome.history) == (whole.figures, whole.outcome.history)


@pytest.mark.slow
def test_ctrl_c_stops_two_processes(base: Path, tmp_path: Path) -> None:
    """The starter passes it on once, waits until the training is saved, and says so."""
    command = [sys.executable, "-c", SCRIPT, base, tmp_path / "job", Path(__file__).parent, "2"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        journal = tmp_path / "job" / "journal.jsonl"
        waiting = threading.Event()
        while process.poll() is None and not journal.is_file():
            waiting.wait(0.01)
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        said = process.stdout.read()
    assert (tmp_path / "job" / "outcome.json").exists() or "the training is saved" in said
