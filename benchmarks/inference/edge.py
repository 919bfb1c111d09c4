"""The exported program in 512 MB on one processor, against the transformers pipeline in a process of its own.

    make demo
    python -m benchmarks.inference.edge [--quick] [MODEL]

MODEL is a built project (examples/reviews by default); the texts are its test rows, one at a time. The program runs
with one thread on one processor and RLIMIT_AS at 512 MB (2²⁰ bytes), which bounds its whole address space: libraries,
the graph and everything else. The pipeline has one thread on the same processor, and no limit. Memory is the peak of
what was resident; ``ratio`` is the pipeline's over the program's.
"""

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measuring import arguments, note, tell

from argosy.project.using.edge import export_edge

LIMIT = 512  # MB of 2²⁰ bytes
_PEER = """
import json, sys, time
import torch
from transformers import pipeline
from transformers.utils import logging
logging.disable_progress_bar()
torch.set_num_threads(1)
ask = pipeline("text-classification", sys.argv[1], truncation=True, max_length=128)
texts, spent = [json.loads(line) for line in sys.stdin], []
for text in [*texts[:5], *texts]:
    start = time.perf_counter()
    ask(text)
    spent.append(1000 * (time.perf_counter() - start))
spent = sorted(spent[5:])
words = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
print(json.dumps({"p50_ms": spent[len(spent) // 2], "p99_ms": spent[int(len(spent) * 0.99)],
    "peak_mb": int(words["VmHWM"].split()[0]) * 1024 / 1e6}))
"""


def bounded(limit: int | None) -> None:
    """Run on one processor, within ``limit`` MB of addresses; called in the new process."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    if limit is not None:
        resource.setrlimit(resource.RLIMIT_AS, (limit * 2**20, limit * 2**20))


def figures(command: list[str], texts: list[str], limit: int | None) -> dict[str, Any]:
    """What a program says last, asked these texts."""
    ran = subprocess.run(
        command,
        input="".join(json.dumps(text) + "\n" for text in texts),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        preexec_fn=partial(bounded, limit),
    )
    return dict(json.loads(ran.stdout.splitlines()[-1]))


def main(project: Path, count: int) -> None:
    """Export both engines, run them bounded, then the peer."""
    with (project / "test.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)][:count]
    found, platforms, served = {}, {}, ""
    with tempfile.TemporaryDirectory() as place:
        for name in ("linear", None):
            out = Path(place) / f"edge-{name}"
            done = export_edge(project, out, name)
            command = [sys.executable, "-I", "-B", str(out / "run.py"), "--json", "--bench"]
            found[done.engine] = {"size_mb": done.size_mb, "gap": done.gap, **figures(command, texts, LIMIT)}
            note(f"{done.engine}: {found[done.engine]}")
            served, platforms = done.engine, dict(done.platforms)
    peer = figures([sys.executable, "-W", "ignore", "-c", _PEER, str(project / "model")], texts[: count // 4], None)
    note(f"pipeline: {peer}")
    ours = found[served]
    tell(
        "edge",
        {
            "ratio": round(peer["peak_mb"] / ours["peak_mb"], 2),
            "engine": served,
            "size_mb": ours["size_mb"],
            "p50_ms": ours["p50_ms"],
            "p99_ms": ours["p99_ms"],
            "peak_mb": ours["peak_mb"],
            "limit_mb": LIMIT,
            "bounded": "RLIMIT_AS",
            "load_s": ours["load_s"],
            "engines": found,
            "peer_p50_ms": round(peer["p50_ms"], 2),
            "peer_peak_mb": round(peer["peak_mb"], 1),
            "platforms": platforms,
        },
        packages=("onnxruntime", "tokenizers", "transformers", "torch"),
    )


if __name__ == "__main__":
    chosen = arguments(__doc__, project=True)
    main(chosen.project, 100 if chosen.quick else 400)
