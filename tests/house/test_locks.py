"""The locks mean the same on every machine, and the check that says so works."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
HASH = "0" * 64


@pytest.fixture(scope="module")
def check_locks() -> ModuleType:
    """scripts/check_locks.py as a module."""
    spec = importlib.util.spec_from_file_location("check_locks", ROOT / "scripts" / "check_locks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_committed_locks_are_sound(check_locks: ModuleType) -> None:
    """Every line is a comment, a pin or a hash, and names no place."""
    locks = sorted((ROOT / "requirements").glob("*.lock"))
    names = {"build", "dev", "models", "postgres", "serve", "test", "torch", "torch-cuda"}
    assert {lock.stem for lock in locks} == names
    assert [line for lock in locks for line in check_locks.foreign_lines(lock)] == []


@pytest.mark.parametrize(
    "line",
    [
        "torch==2.13.0+cpu \\",
        "torch @ file:///wheels/torch.whl \\",
        "torch==2.13.0 --find-links /wheels \\",
        "--index-url mirror",
        "-e .",
        "./wheels/torch.whl",
        "torch>=2 \\",
        "torch==2.13.0",
        "    # via -r /srv/requirements.in",
        "    # https:" + "//mirror",
    ],
)
def test_a_line_of_one_machine_is_refused(check_locks: ModuleType, line: str) -> None:
    """A build, a path, an index, a range or a pin without a hash is told."""
    assert not check_locks.is_sound(line)


@pytest.mark.parametrize(
    "line",
    [
        "torch==2.13.0 \\",
        "triton==3.7.1 ; python_full_version < '3.15' and sys_platform == 'linux' \\",
        f"    --hash=sha256:{HASH}",
        f"    --hash=sha256:{HASH} \\",
        "    #   argosy (pyproject.toml:train)",
    ],
)
def test_a_pin_with_its_hashes_passes(check_locks: ModuleType, line: str) -> None:
    """What uv writes is understood."""
    assert check_locks.is_sound(line)


def test_hashes_belong_to_the_package_above_them(check_locks: ModuleType) -> None:
    """The hashes of one package are not taken for those of another."""
    text = (
        f"a==1 \\\n    --hash=sha256:{HASH}\nb==2 \\\n    --hash=sha256:{'1' * 64} \\\n    --hash=sha256:{'2' * 64}\n"
    )
    assert check_locks.locked_hashes(text) == {"a": {HASH}, "b": {"1" * 64, "2" * 64}}


def test_serving_is_locked_without_torch() -> None:
    """The install that serves has nothing that trains."""
    names = {
        line.split("==")[0] for line in (ROOT / "requirements" / "serve.lock").read_text().splitlines() if "==" in line
    }
    assert not names & {"torch", "transformers", "onnx", "onnxscript", "skl2onnx", "safetensors"}


@pytest.mark.parametrize("name", ["serve", "test", "postgres"])
def test_both_installs_have_the_same_versions(name: str) -> None:
    """What is tested to serve is what was developed with; on which systems it is needed may differ."""
    part, whole = (
        {line.split()[0] for line in (ROOT / "requirements" / f"{lock}.lock").read_text().splitlines() if "==" in line}
        for lock in (name, "dev")
    )
    assert part <= whole
