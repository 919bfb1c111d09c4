"""A process that forks small trainings (``killable_training.py``), and kills them where it is told to."""

import os
import signal
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("killable_training.py")


class Nursery:
    """Torch is imported once; ``first_step`` is the first step that the last training announced."""

    def __init__(self) -> None:
        self.first_step = 0
        self._process = subprocess.Popen(
            [sys.executable, str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        if self._line() != ["ready"]:
            raise RuntimeError(SCRIPT)

    def train(self, method: str, folder: Path, kill_after: int | None) -> str | None:
        """The hash at the end; None when the training was killed after that many steps of this start."""
        if self._process.stdin is None:
            raise RuntimeError(SCRIPT)
        self._process.stdin.write(f"{method} {folder}\n")
        self._process.stdin.flush()
        told, steps, process, self.first_step = None, 0, 0, 0
        while (line := self._line())[0] != "over":
            if line[0] == "pid":
                process = int(line[1])
            elif line[0] == "sha256":
                told = line[1]
            else:
                steps += 1
                self.first_step = self.first_step or int(line[1])
            if process and kill_after is not None and steps >= kill_after:
                os.kill(process, signal.SIGKILL)
                kill_after = None
        return told

    def close(self) -> None:
        """End it."""
        self._process.communicate("")

    def _line(self) -> list[str]:
        return self._process.stdout.readline().split() if self._process.stdout else []
