"""A test that fails now and then is named with the seeds that make it fail."""

import runpy
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "flaky.py"
SAMPLE = """
def test_fails_at_odd_seeds(pytestconfig):
    assert pytestconfig.getoption("randomly_seed") % 2 == 0, "odd"

def test_passes():
    pass
"""


def test_a_flaky_test_is_named_with_its_seeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of two runs with seeds that follow each other one fails; whoever runs it with that seed sees why."""
    (tmp_path / "test_sample.py").write_text(SAMPLE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    words = ["--times", "2", "--seed", "7", "--numprocesses", "0", "test_sample.py"]
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *words])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(SCRIPT), run_name="__main__")
    said = capsys.readouterr().out.splitlines()
    assert ended.value.code == 1
    assert said[:2] == ["seed 7: 1 failed", "seed 8: 0 failed"]
    assert said[3].endswith("test_sample::test_fails_at_odd_seeds")
    assert said[4:] == ["  failed in 1 of 2 runs, with seeds 7", "  AssertionError: odd"]
