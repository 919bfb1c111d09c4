"""A product outside the package: installed as a stranger's package, it is begun, checked, run and asked by its name."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[2] / "examples" / "plugin"

pytest.importorskip("skl2onnx", reason="an install that serves fits nothing")
pytest.importorskip("hatchling", reason="the package is built by it")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the plug-in's package is installed into, from a copy, without an index."""
    folder = tmp_path_factory.mktemp("plug in")
    shutil.copytree(PLUGIN, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    words = ["--no-index", "--no-build-isolation", "--no-deps", "--quiet", "--target", str(folder / "site")]
    subprocess.run([sys.executable, "-m", "pip", "install", *words, str(folder / "source")], check=True)
    return folder / "site"


def said(installed: Path, *words: str, module: str = "argosy") -> str:
    """What a command prints where the plug-in is installed."""
    environment = os.environ | {"PYTHONPATH": str(installed), "PYTHONWARNINGS": "ignore", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_product_of_a_plug_in_is_one_like_others(installed: Path, tmp_path: Path) -> None:
    """It is listed, its sample begins a project that checks clean and runs, and its model answers."""
    folder = str(tmp_path / "inbox")
    assert "urgency" in said(installed, "init", "--list")
    said(installed, "extension", "check", "urgency")
    assert "message, hours" in said(installed, "init", folder, "--template", "urgency")
    checked = json.loads(said(installed, "check", folder, "--json"))
    assert (checked["data"]["read"], checked["alarms"]) == (300, [])
    told = json.loads(said(installed, "run", folder, "--json"))
    assert (told["product"], [number["name"] for number in told["numbers"]]) == ("urgency", ["mae", "spearman"])
    assert "words" in told["timings"]
    assert said(installed, "run", folder, "words") == ""  # its own stage, by name, stands
    (tmp_path / "new.csv").write_text("message\nOnce more: the shop is down.\n", encoding="utf-8")
    said(installed, "predict", folder, str(tmp_path / "new.csv"), "--out", str(tmp_path / "out.csv"))
    assert "the shop is down" in (tmp_path / "out.csv").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_plug_in_passes_its_own_tests(installed: Path) -> None:
    """They run as its author would run them."""
    tests = str(installed.parent / "source" / "tests")
    said(
        installed,
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        "--import-mode=importlib",
        tests,
        module="pytest",
    )
