"""Ids that the ledger charges by: no two processes make the same."""

import subprocess
import sys

import pytest

FORKING = """
import os
from argosy.core.ids import new_id
from multiprocessing import get_context
with get_context("fork").Pool(2, maxtasksperchild=5) as pool:
    theirs = pool.starmap(new_id, [()] * 30, chunksize=1)
ours = [new_id() for _ in range(30)]
print(len({*theirs, *ours}))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not fork")
def test_forks_make_ids_of_their_own() -> None:
    """A server that forks its workers would else charge two events by one id: the second would count as a retry."""
    done = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["60"]
