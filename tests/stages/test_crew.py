"""Several processes do what one does: the same results, in the same order, the same errors."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from argosy.core.errors import DataError, MachineError
from argosy.stages.data import crew

SCRIPT = """
from argosy.stages.data.crew import spread
import crew_work
print([answer["n"] for answer in spread(crew_work.double, ({"n": n} for n in range(9)), workers=2)])
"""


@pytest.fixture
def on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers find the functions of these tests."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))


@pytest.mark.usefixtures("on_path")
@pytest.mark.parametrize("count", [0, 1, 2, 3, 25])
def test_results_come_in_order_whatever_the_number_of_workers(count: int) -> None:
    """One, two, or more than there are tasks."""
    import crew_work

    expected = [{"n": 2 * n, "text": "好\n"} for n in range(count)]
    for workers in (1, 2, 5):
        tasks: Iterator[dict[str, Any]] = ({"n": n} for n in range(count))
        assert list(crew.spread(crew_work.double, tasks, workers=workers)) == expected


@pytest.mark.usefixtures("on_path")
@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_worker_is_raised_as_it_was(workers: int) -> None:
    """With its place, its mend and its figures."""
    import crew_work

    with pytest.raises(DataError, match=r"a\.csv, row 7: 7 is too many"):
        list(crew.spread(crew_work.refuse, ({"n": n} for n in range(20)), workers=workers))


@pytest.mark.usefixtures("on_path")
def test_a_worker_that_dies_is_told() -> None:
    """Killed by the system, say, for want of memory."""
    import crew_work

    with pytest.raises(MachineError, match="ended with code 3"):
        list(crew.spread(crew_work.die, ({"n": n} for n in range(20)), workers=2))


@pytest.mark.usefixtures("on_path")
def test_a_script_without_a_guard_may_use_it() -> None:
    """Workers do not run the caller's program again."""
    said = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert said.stdout == f"{[2 * n for n in range(9)]}\n"
