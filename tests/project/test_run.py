"""A run makes what does not stand, survives being killed, and never shares a project."""

import random
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import toy_project as toy

from argosy.config.places import LOCK, STORE
from argosy.core.artifact import damaged_files
from argosy.core.errors import BusyError, ProjectError
from argosy.project.building.plan import key, read_lock
from argosy.project.building.run import alone, run

HOLDER = """
import signal, sys
from pathlib import Path
from argosy.project.building.run import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    signal.pause()
"""


def _texts(folder: Path) -> dict[str, str]:
    done = toy.build(folder, toy.stages("a", "b", "c"))
    assert all(damaged_files(artifact) == [] for artifact in done.artifacts.values())
    return {name: (artifact.path / "out.txt").read_text() for name, artifact in done.artifacts.items()}


def test_a_second_run_makes_nothing(tmp_path: Path) -> None:
    """Every stage whose key stands is a hit, and the lock is the same file."""
    toy.build(tmp_path, toy.stages("a", "b"))
    lock = (tmp_path / LOCK).read_bytes()
    assert toy.build(tmp_path, toy.stages("a", "b")).hits == {"stage0", "stage1"}
    assert (tmp_path / LOCK).read_bytes() == lock


def test_a_changed_parameter_runs_that_stage_and_those_behind_it(tmp_path: Path) -> None:
    """What stands before it is not made again."""
    toy.build(tmp_path, toy.stages("a", "b", "c"))
    assert toy.build(tmp_path, toy.stages("a", "x", "c")).hits == {"stage0"}


def test_a_changed_file_runs_the_stage_that_reads_it(tmp_path: Path) -> None:
    """The digest counts, not the date."""
    source = tmp_path / "source.csv"
    source.write_text("one")
    toy.build(tmp_path, toy.stages("a", source=source))
    source.write_text("one")
    assert toy.build(tmp_path, toy.stages("a", source=source)).hits == {"stage0"}
    source.write_text("two")
    assert toy.build(tmp_path, toy.stages("a", source=source)).hits == frozenset()


def test_a_lost_artifact_is_made_again(tmp_path: Path) -> None:
    """A folder without its manifest does not stand."""
    done = toy.build(tmp_path, toy.stages("a"))
    path = done.artifacts["stage0"].path
    for file in path.iterdir():
        file.unlink()
    path.rmdir()
    assert toy.build(tmp_path, toy.stages("a")).hits == frozenset()


def test_the_key_counts_package_versions_and_the_machine() -> None:
    """Another dependency or another instruction set is another key."""
    (stage,) = toy.stages("a")
    keys = {
        key(stage, {}),
        key(replace(stage, packages=("numpy",)), {}),
        key(replace(stage, machine=True), {}),
        key(stage, {"x": "1"}),
    }
    assert len(keys) == 4


def test_an_unknown_stage_is_told(tmp_path: Path) -> None:
    """The stages there are are named."""
    with pytest.raises(ProjectError, match="stage0, stage1"):
        run(tmp_path, toy.stages("a", "b"), lambda news: None, until="tarin")


def test_killed_at_random_moments_a_run_goes_on_and_ends_the_same(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """SIGKILL leaves no half artifact; the next run starts from the last whole stage and the results are equal."""
    reference, folder = tmp_path / "reference", tmp_path / "killed"
    reference.mkdir()
    folder.mkdir()
    whole = _texts(reference)
    moments = random.Random(11)
    for _ in range(pytestconfig.getoption("kills")):
        if len(read_lock(folder)) == len(whole):
            assert _texts(folder) == whole
            shutil.rmtree(folder)
            folder.mkdir()
        with subprocess.Popen([sys.executable, toy.__file__, str(folder)]) as process:
            _wait_for_work(folder, process, moments.random())
            process.send_signal(signal.SIGKILL)
        for entry in read_lock(folder).values():
            assert (folder / STORE / entry.artifact / "manifest.json").is_file()
    assert _texts(folder) == whole
    assert list((folder / STORE).glob(".aside-*")) == []


def _wait_for_work(folder: Path, process: "subprocess.Popen[bytes]", share: float) -> None:
    """Until the process has written some share of a draft, or has ended."""
    wanted = int(share * 40_000)
    while process.poll() is None:
        written = sum(path.stat().st_size for path in folder.glob(f"{STORE}/.aside-*/out.txt") if path.exists())
        if written >= wanted:
            return


def test_two_runs_at_once_the_second_is_refused_or_waits(tmp_path: Path) -> None:
    """One that does not wait is told; the lock goes with its holder."""
    with alone(tmp_path), pytest.raises(BusyError, match="Another"):
        toy.build(tmp_path, toy.stages("a"), wait=0)
    assert toy.build(tmp_path, toy.stages("a"), wait=0).hits == frozenset()


def test_a_killed_holder_frees_the_project(tmp_path: Path) -> None:
    """The lock is the process's: nobody has to clean up after a crash."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        with pytest.raises(BusyError):
            toy.build(tmp_path, toy.stages("a"), wait=0)
        holder.kill()
    assert toy.build(tmp_path, toy.stages("a"), wait=10).hits == frozenset()
