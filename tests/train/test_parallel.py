"""Several processes train as one: the same losses, scores and weights, each with its share of rows or of weights."""

import json
import os
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.timeout(300)]

SCRIPT = Path(__file__).parents[1] / "parallel_training.py"
TOLERANCE = 1e-6  # absolute: sums over processes are taken in another order
STEPS = 18


def _launch(folder: Path, kinds: str, count: int) -> dict[str, Any]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    folder.mkdir()
    subprocess.run([sys.executable, str(SCRIPT), kinds, str(folder), str(count)], check=True, env=environment)
    names = [(kind, rank) for kind in kinds.split(",") for rank in range(count)]
    return {f"{kind} {rank}": json.loads((folder / kind / f"{rank}.json").read_text("utf-8")) for kind, rank in names}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one process makes of it."""
    told: dict[str, Any] = _launch(tmp_path_factory.mktemp("parallel") / "one", "plain", 1)["plain 0"]
    return told


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What two real processes make of it, connected by gloo."""
    return _launch(tmp_path_factory.mktemp("parallel") / "two", "plain,stopped,sharded,hungry", 2)


@pytest.mark.parametrize("kind", ["plain", "stopped", "sharded", "hungry"])
def test_two_processes_train_as_one(alone: dict[str, Any], together: dict[str, Any], kind: str) -> None:
    """The loss of every step, every score and weight; though batches are odd and one has a single row."""
    first, second = together[f"{kind} 0"], together[f"{kind} 1"]
    assert len(first["losses"]) == STEPS
    assert first["losses"] == pytest.approx(alone["losses"], abs=TOLERANCE)
    assert list(chain(*first["history"])) == pytest.approx(list(chain(*alone["history"])), rel=TOLERANCE)
    assert first["weights"] == pytest.approx(alone["weights"], abs=TOLERANCE)
    assert second["weights"] == first["weights"]
    assert second["history"] == first["history"]


def test_the_first_process_alone_speaks(together: dict[str, Any]) -> None:
    """One curve, not two."""
    assert together["plain 1"]["losses"] == []


def test_a_stopped_training_of_two_goes_on_to_the_same_bits(together: dict[str, Any]) -> None:
    """A request to terminate that reaches one process stops both, once they have saved."""
    assert together["stopped 0"] == together["plain 0"]


def test_what_is_decided_once_is_decided_by_the_first(together: dict[str, Any]) -> None:
    """A speed that each would measure differently, for example."""
    assert [together[f"plain {rank}"]["speed"] for rank in (0, 1)] == [0.5, 0.5]


def test_memory_that_runs_out_in_one_process_halves_what_all_compute(together: dict[str, Any]) -> None:
    """They agree, so none waits for another."""
    assert [together[f"{kind} {rank}"]["parts"] for kind in ("plain", "hungry") for rank in (0, 1)] == [1, 1, 2, 2]


def test_sharded_each_process_holds_half_of_the_weights(together: dict[str, Any]) -> None:
    """The whole never fits where it need not."""
    assert [together[f"sharded {rank}"]["held"] for rank in (0, 1)] == pytest.approx([0.5, 0.5], abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("launcher", ["torch.distributed.run", "accelerate.commands.launch"])
def test_the_usual_launchers_start_it(alone: dict[str, Any], tmp_path: Path, launcher: str) -> None:
    """Both tell each process its rank by the environment; nothing of them is needed besides.

    Without ``--multi_gpu`` accelerate starts one process on a machine without GPUs, unless MPI is installed.
    """
    pytest.importorskip(launcher.partition(".")[0])
    words = {
        "torch.distributed.run": ["--standalone", "--nproc-per-node", "2"],
        "accelerate.commands.launch": [
            "--multi_gpu",
            "--num_processes",
            "2",
            "--num_machines",
            "1",
            "--mixed_precision",
            "no",
        ],
    }[launcher]
    command = [sys.executable, "-m", launcher, *words, str(SCRIPT), "plain", str(tmp_path)]
    subprocess.run(command, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True)
    told = json.loads((tmp_path / "0.json").read_text("utf-8"))
    assert told["weights"] == pytest.approx(alone["weights"], abs=TOLERANCE)
    assert (tmp_path / "1.json").is_file()


@pytest.mark.parametrize("world", range(1, 6))
def test_every_row_is_in_one_share(world: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many pieces in every process; those without rows don't count."""
    from argosy.train import parallel

    monkeypatch.setattr(parallel, "world", lambda: world)
    for length in range(1, 12):
        rows = tuple(range(100, 100 + length))
        for parts in (1, 2, 3, 16):
            found = []
            counts = set()
            for rank in range(world):
                monkeypatch.setattr(parallel, "rank", lambda rank=rank: rank)
                pieces = parallel.pieces(rows, parts)
                counts.add(len(pieces))
                found += [row for piece, is_real in pieces if is_real for row in piece]
                assert all(piece for piece, _ in pieces)
            assert found == list(rows)
            assert len(counts) == 1
