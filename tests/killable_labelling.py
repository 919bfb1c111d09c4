"""Label a file in slices of 64 rows, and die by SIGKILL after so many characters: MODEL SOURCE TARGET CHARACTERS."""

import os
import signal
import sys
from pathlib import Path

from argosy.project.using import labelling


class Assassin:
    """Kills its own process when enough was labelled."""

    def __init__(self, characters: int) -> None:
        self.left = characters

    def look(self) -> None:
        """Nothing is shown."""

    def begin(self, rows: int, characters: int, standing: int, changed: str | None) -> None:
        """Nothing is shown."""

    def advance(self, characters: int) -> None:
        """Count down."""
        self.left -= characters
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    labelling.ROWS = 64
    labelling._BLOCK = 16
    model, source, target = map(Path, sys.argv[1:4])
    labelling.label_file(model, source, "text", target, Assassin(int(sys.argv[4])))
