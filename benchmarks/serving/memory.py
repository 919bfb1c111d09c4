"""Memory and start-up of the serving process: ``argosy serve`` against the same service on torch and transformers.

    make demo
    python -m benchmarks.serving.memory [--quick] [PROJECT]

PROJECT is a built one (examples/reviews by default). The peer is FastAPI around the transformers pipeline. Memory is
the proportional set size of the processes after 100 answers to test rows; start-up is the time from the start of the
process to its first answer over HTTP, with warm files. Both are medians over rounds in which the two take turns.
"""

import csv
import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from benchmarks.measuring import arguments, note, tell
from benchmarks.serving.serving import awake, running

NAMES = ("argosy", "pipeline")
ANSWERS = 100
MB = 1_000_000


def measured(name: str, project: Path, texts: list[str]) -> tuple[float, float]:
    """The memory in MB, and the seconds to the first answer."""
    with TemporaryDirectory() as shelf, running(name, project, Path(shelf)) as server, awake(server):
        for text in texts[:ANSWERS]:
            server.ask(text)
        parent = psutil.Process(server.group)
        family = [parent, *parent.children(recursive=True)]
        return sum(one.memory_full_info().pss for one in family) / MB, server.seconds


def main(project: Path, rounds: int) -> None:
    """Each in turn; the first round warms the files."""
    with (project / "test.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file) if row["text"].strip()]
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in NAMES}
    for number in range(rounds + 1):
        for name in NAMES:
            memory, seconds = measured(name, project, texts)
            note(f"round {number}: {name} {memory:.0f} MB, {seconds:.2f} s")
            if number:
                found[name].append((memory, seconds))
    (mb, startup), (peer_mb, peer_startup) = (
        tuple(statistics.median(figures) for figures in zip(*found[name], strict=True)) for name in NAMES
    )
    tell(
        "memory",
        {
            "ratio": round(peer_mb / mb, 2),
            "startup_ratio": round(peer_startup / startup, 2),
            "mb": round(mb, 1),
            "peer_mb": round(peer_mb, 1),
            "startup_s": round(startup, 2),
            "peer_startup_s": round(peer_startup, 2),
            "rounds_ratio": [
                round(peer / own, 2) for (own, _), (peer, _) in zip(found["argosy"], found["pipeline"], strict=True)
            ],
        },
        packages=("fastapi", "onnxruntime", "torch", "transformers"),
    )


if __name__ == "__main__":
    chosen = arguments(__doc__, project=True)
    main(chosen.project, 1 if chosen.quick else 5)
