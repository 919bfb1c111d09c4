"""Time to the first word: ``argosy --help`` against the help of the transformers command line, run in turn.

    python -m benchmarks.project.startup [--quick]

Both are whole processes with warm files; the figure is the median of 21 runs each (5 with ``--quick``). Goal: 0.5 s.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.measuring import arguments, tell

OURS = (Path(sys.executable).with_name("argosy"), "--help")
PEER = (Path(sys.executable).with_name("transformers"), "--help")


def seconds(command: tuple[str | Path, ...]) -> float:
    """Wall time of a whole process."""
    start = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    return time.perf_counter() - start


def main(runs: int) -> None:
    """Run both in turn."""
    seconds(OURS), seconds(PEER)
    pairs = [(seconds(OURS), seconds(PEER)) for _ in range(runs)]
    ours, peer = (statistics.median(times) for times in zip(*pairs, strict=True))
    tell(
        "startup",
        {
            "seconds": round(ours, 3),
            "peer_seconds": round(peer, 3),
            "ratio": round(peer / ours, 1),
            "runs": runs,
        },
        packages=("typer", "transformers"),
    )


if __name__ == "__main__":
    main(5 if arguments(__doc__).quick else 21)
