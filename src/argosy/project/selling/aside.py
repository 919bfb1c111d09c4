"""A server of one model in a process of its own, for the parity gate and for timing."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from argosy.core.errors import GateError


@contextmanager
def serving(model: Path) -> Iterator[str]:
    """The address of a server that answers for ``model`` while the block runs; raises GateError when it won't start."""
    command = [sys.executable, "-m", "argosy.project.selling.serving", str(model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            address = process.stdout.readline().strip() if process.stdout else ""
            if not address:
                reason = process.stderr.read().strip().splitlines()[-1:] if process.stderr else []
                raise GateError("The server did not start: {reason}", where=str(model), reason=" ".join(reason))
            yield address
        finally:
            process.terminate()
            process.communicate(timeout=60)
